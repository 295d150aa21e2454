//! `/connectors/{name}/offsets` (KIP-875)

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::App;
use crate::body::JsonBody;
use crate::error::{ApiError, ApiResult};
use crate::path::Name;
use crate::request::offsets::AlterOffsets;
use crate::shapes::OffsetsShape;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub(crate) struct MessageShape {
    message: String,
}

/// `GET .../offsets`: in any state, a stopped connector's too.
pub(crate) async fn list(State(app): State<App>, Name(name): Name) -> ApiResult<Response> {
    let offsets = app.herder.offsets(&name).await?;
    Ok(Json(OffsetsShape::from(offsets.as_slice())).into_response())
}

/// `PATCH .../offsets`: whether the connector is there is asked after whether there is anything to do, as in Kafka.
pub(crate) async fn alter(
    State(app): State<App>,
    Name(name): Name,
    JsonBody(AlterOffsets(offsets)): JsonBody<AlterOffsets>,
) -> ApiResult<Response> {
    if offsets.is_empty() {
        return Err(ApiError::bad_request("Partitions / offsets need to be provided for an alter offsets request"));
    }
    let message = app.herder.alter_offsets(&name, offsets).await?;
    Ok(Json(MessageShape { message }).into_response())
}

/// `DELETE .../offsets`
pub(crate) async fn reset(State(app): State<App>, Name(name): Name) -> ApiResult<Response> {
    let message = app.herder.reset_offsets(&name).await?;
    Ok(Json(MessageShape { message }).into_response())
}
