//! `/admin/loggers` (KIP-495, KIP-976)

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use watertight_worker::entities::LoggerLevel;
use watertight_worker::loggers::Level;

use crate::body::JsonBody;
use crate::error::{ApiError, ApiResult};
use crate::path::{Name, Parameters};
use crate::request::FlatConfig;
use crate::{App, openapi};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LoggerLevel")]
pub(crate) struct LevelShape<'a> {
    #[schemars(schema_with = "openapi::level")]
    level: &'a str,
    last_modified: Option<i64>,
}

impl<'a> From<&'a LoggerLevel> for LevelShape<'a> {
    fn from(level: &'a LoggerLevel) -> Self {
        let LoggerLevel { level, last_modified } = level;
        LevelShape { level, last_modified: *last_modified }
    }
}

struct AllLevels(Vec<(String, LoggerLevel)>);

impl Serialize for AllLevels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, level)| (name, LevelShape::from(level))))
    }
}

/// `GET /admin/loggers`
pub(crate) async fn list(State(app): State<App>) -> ApiResult<Response> {
    Ok(Json(AllLevels(app.herder.loggers().await?)).into_response())
}

/// `GET /admin/loggers/{logger}`
pub(crate) async fn get(State(app): State<App>, Name(name): Name) -> ApiResult<Response> {
    match app.herder.logger(&name).await? {
        Some(level) => Ok(Json(LevelShape::from(&level)).into_response()),
        None => Err(ApiError::not_found(format!("Logger {name} not found."))),
    }
}

/// `PUT /admin/loggers/{logger}`: with the loggers that changed, or for the whole cluster without any. A scope that
/// nobody knows means this worker.
pub(crate) async fn set(
    State(app): State<App>,
    Name(name): Name,
    parameters: Parameters,
    JsonBody(FlatConfig(body)): JsonBody<FlatConfig>,
) -> ApiResult<Response> {
    let Some(Some(word)) = body.get("level") else {
        return Err(ApiError::bad_request("Desired 'level' parameter was not specified in request."));
    };
    let Some(level) = Level::parse(word).map(Level::as_str) else {
        return Err(ApiError::not_found(format!("invalid log level '{word}'.")));
    };
    if parameters.all("scope").next().is_some_and(|scope| scope.eq_ignore_ascii_case("cluster")) {
        app.herder.set_cluster_logger(&name, level).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Json(app.herder.set_logger(&name, level).await?).into_response())
}
