//! `/connectors/{name}/tasks`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::error::{ApiError, ApiResult};
use crate::path::{Name, TaskPath};
use crate::shapes::{InstanceShape, TaskShape};

/// `GET .../tasks`
pub(crate) async fn list(State(app): State<App>, Name(name): Name) -> ApiResult<Response> {
    let tasks = app.herder.tasks(&name).await?;
    let shapes: Vec<_> = tasks.iter().map(TaskShape::from).collect();
    Ok(Json(shapes).into_response())
}

/// `GET .../tasks/{task}/status`
pub(crate) async fn status(State(app): State<App>, path: TaskPath) -> ApiResult<Response> {
    let TaskPath { connector, task } = path;
    let Ok(task) = u32::try_from(task) else {
        return Err(ApiError::not_found(format!("No status found for task {connector}-{task}")));
    };
    let state = app.herder.task_status(&connector, task).await?;
    Ok(Json(InstanceShape::task(task, &state)).into_response())
}

/// `POST .../tasks/{task}/restart`
pub(crate) async fn restart(State(app): State<App>, path: TaskPath) -> ApiResult<StatusCode> {
    let TaskPath { connector, task } = path;
    let Ok(task) = u32::try_from(task) else {
        app.herder.connector(&connector).await?;
        return Err(ApiError::not_found(format!("Task {connector}-{task} not found")));
    };
    app.herder.restart_task(&connector, task).await?;
    Ok(StatusCode::NO_CONTENT)
}
