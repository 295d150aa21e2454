//! `/connector-plugins`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::error::ApiResult;
use crate::path::Parameters;
use crate::shapes::PluginShape;

/// `GET /connector-plugins`: connectors, or with `connectorsOnly=false` every plugin.
pub(crate) async fn list(State(app): State<App>, parameters: Parameters) -> ApiResult<Response> {
    let plugins = app.herder.plugins(parameters.flag("connectorsOnly", true)).await?;
    let shapes: Vec<_> = plugins.iter().map(PluginShape::from).collect();
    Ok(Json(shapes).into_response())
}
