//! `/connectors/{name}/pause|resume|stop|restart`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use watertight_worker::entities::{RestartRequest, TargetState};

use crate::App;
use crate::error::ApiResult;
use crate::path::{Name, Parameters};
use crate::shapes::StateShape;

/// `PUT .../pause`: accepted; the tasks follow.
pub(crate) async fn pause(State(app): State<App>, Name(name): Name) -> ApiResult<StatusCode> {
    app.herder.set_target_state(&name, TargetState::Paused).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `PUT .../resume`: accepted; the tasks follow.
pub(crate) async fn resume(State(app): State<App>, Name(name): Name) -> ApiResult<StatusCode> {
    app.herder.set_target_state(&name, TargetState::Started).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `PUT .../stop`: done when it answers.
pub(crate) async fn stop(State(app): State<App>, Name(name): Name) -> ApiResult<StatusCode> {
    app.herder.set_target_state(&name, TargetState::Stopped).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST .../restart`: 204 for the connector alone, done when it answers; 202 with the plan where a flag
/// asks for more or less.
pub(crate) async fn restart(State(app): State<App>, Name(name): Name, parameters: Parameters) -> ApiResult<Response> {
    let request = RestartRequest {
        include_tasks: parameters.flag("includeTasks", false),
        only_failed: parameters.flag("onlyFailed", false),
    };
    Ok(match app.herder.restart(&name, request).await? {
        Some(plan) => (StatusCode::ACCEPTED, Json(StateShape::from(&plan))).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}
