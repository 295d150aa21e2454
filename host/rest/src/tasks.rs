//! `/connectors/{name}/tasks`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::error::ApiResult;
use crate::path::{ConnectorName, TaskPath};
use crate::shapes::{InstanceShape, TaskShape};

/// `GET .../tasks`
pub(crate) async fn list(State(app): State<App>, ConnectorName(name): ConnectorName) -> ApiResult<Response> {
    let tasks = app.herder.tasks(&name).await?;
    let shapes: Vec<_> = tasks.iter().map(TaskShape::from).collect();
    Ok(Json(shapes).into_response())
}

/// `GET .../tasks/{task}/status`
pub(crate) async fn status(State(app): State<App>, path: TaskPath) -> ApiResult<Response> {
    let state = app.herder.task_status(&path.connector, path.task).await?;
    Ok(Json(InstanceShape::task(path.task, &state)).into_response())
}

/// `POST .../tasks/{task}/restart`
pub(crate) async fn restart(State(app): State<App>, path: TaskPath) -> ApiResult<StatusCode> {
    app.herder.restart_task(&path.connector, path.task).await?;
    Ok(StatusCode::NO_CONTENT)
}
