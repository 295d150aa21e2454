//! `GET /`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::error::ApiResult;
use crate::shapes::ServerInfoShape;

/// Release, commit and cluster.
pub(crate) async fn server_info(State(app): State<App>) -> ApiResult<Response> {
    let info = app.herder.server_info().await?;
    Ok(Json(ServerInfoShape::from(&info)).into_response())
}
