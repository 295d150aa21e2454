//! `/connectors/{name}/topics` (KIP-558)

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::App;
use crate::error::ApiResult;
use crate::path::Name;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ActiveTopics")]
pub(crate) struct TopicsShape {
    topics: Vec<String>,
}

/// `GET .../topics`: under the connector's name, which may be one that nobody knows.
pub(crate) async fn list(State(app): State<App>, Name(name): Name) -> ApiResult<Response> {
    let topics = app.herder.active_topics(&name).await?;
    Ok(Json(BTreeMap::from([(name, TopicsShape { topics })])).into_response())
}

/// `PUT .../topics/reset`
pub(crate) async fn reset(State(app): State<App>, Name(name): Name) -> ApiResult<StatusCode> {
    app.herder.reset_active_topics(&name).await?;
    Ok(StatusCode::ACCEPTED)
}
