//! `/connector-plugins`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::body::JsonBody;
use crate::error::ApiResult;
use crate::path::{Name, Parameters};
use crate::request::FlatConfig;
use crate::shapes::PluginShape;
use crate::validation::{KeyShape, ValidationShape};

/// `GET /connector-plugins`: connectors, or with `connectorsOnly=false` every plugin.
pub(crate) async fn list(State(app): State<App>, parameters: Parameters) -> ApiResult<Response> {
    let plugins = app.herder.plugins(parameters.flag("connectorsOnly", true)).await?;
    let shapes: Vec<_> = plugins.iter().map(PluginShape::from).collect();
    Ok(Json(shapes).into_response())
}

/// `GET /connector-plugins/{plugin}/config`: of the version that is asked for, else of the latest.
pub(crate) async fn config(State(app): State<App>, Name(plugin): Name, parameters: Parameters) -> ApiResult<Response> {
    let keys = app.herder.plugin_config(&plugin, parameters.all("version").next()).await?;
    let shapes: Vec<_> = keys.iter().map(KeyShape::from).collect();
    Ok(Json(shapes).into_response())
}

/// `PUT /connector-plugins/{plugin}/config/validate`: 200 however much is wrong with the settings.
pub(crate) async fn validate(
    State(app): State<App>,
    Name(plugin): Name,
    JsonBody(FlatConfig(config)): JsonBody<FlatConfig>,
) -> ApiResult<Response> {
    let validation = app.herder.validate(&plugin, config).await?;
    Ok(Json(ValidationShape::from(&validation)).into_response())
}
