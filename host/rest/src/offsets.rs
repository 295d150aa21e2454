//! `/connectors/{name}/offsets`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::error::ApiResult;
use crate::path::ConnectorName;
use crate::shapes::OffsetsShape;

/// `GET .../offsets`: in any state, a stopped connector's too.
pub(crate) async fn list(State(app): State<App>, ConnectorName(name): ConnectorName) -> ApiResult<Response> {
    let offsets = app.herder.offsets(&name).await?;
    Ok(Json(OffsetsShape::from(offsets.as_slice())).into_response())
}
