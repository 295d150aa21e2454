//! `GET /health` (KIP-1017)

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use watertight_worker::entities::{Health, HealthState};

use crate::{App, openapi};

/// Kafka's words for a herder that does not answer.
const SILENT: &str = "Worker was unable to handle this request and may be unable to handle other requests.";

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WorkerStatus")]
pub(crate) struct HealthShape<'a> {
    #[schemars(schema_with = "openapi::status")]
    status: &'static str,
    message: &'a str,
}

/// Never in the shape of an error, whatever the status.
pub(crate) async fn health(State(app): State<App>) -> Response {
    let asked = tokio::time::timeout(app.options.health_timeout, app.herder.health()).await;
    let Health { state, message } = asked.unwrap_or_else(|_| {
        let message = format!("{SILENT} {}", app.herder.stage());
        Health { state: HealthState::Unhealthy, message: message.trim_end().to_owned() }
    });
    let (code, status) = match state {
        HealthState::Healthy => (StatusCode::OK, "healthy"),
        HealthState::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        HealthState::Unhealthy => (StatusCode::INTERNAL_SERVER_ERROR, "unhealthy"),
    };
    (code, Json(HealthShape { status, message: &message })).into_response()
}
