//! `/connectors`, `/connectors/{name}`, its config and its status.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use watertight_worker::entities::ConnectorInfo;

use crate::App;
use crate::body::JsonBody;
use crate::error::{ApiError, ApiResult};
use crate::path::{ConnectorName, Parameters};
use crate::request::{ConfigError, CreateConnector, FlatConfig};
use crate::shapes::{ConnectorShape, Expanded, StateShape};

/// What may stand in one segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl From<ConfigError> for ApiError {
    fn from(error: ConfigError) -> Self {
        ApiError::bad_request(error.to_string())
    }
}

/// `GET /connectors`: names, or with `expand` what was asked for of each.
pub(crate) async fn list(State(app): State<App>, parameters: Parameters) -> ApiResult<Response> {
    let names = app.herder.connectors().await?;
    if parameters.all("expand").next().is_none() {
        return Ok(Json(names).into_response());
    }
    let mut all = Expanded::new();
    for name in names {
        match expand(&app, &name, &parameters).await {
            Ok(expansions) => all.insert(name, expansions),
            // Deleted meanwhile, or too young to have a status: left out, as in Kafka.
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error),
        };
    }
    Ok(Json(all).into_response())
}

/// An expansion that nobody knows is passed over.
async fn expand(app: &App, name: &str, parameters: &Parameters) -> ApiResult<indexmap::IndexMap<&'static str, Value>> {
    let mut expansions = indexmap::IndexMap::new();
    for what in parameters.all("expand") {
        match what {
            "status" => {
                let status = app.herder.status(name).await?;
                expansions.insert("status", to_value(StateShape::from(&status))?);
            }
            "info" => {
                let info = app.herder.connector(name).await?;
                expansions.insert("info", to_value(ConnectorShape::from(&info))?);
            }
            _ => {}
        }
    }
    Ok(expansions)
}

fn to_value(shape: impl serde::Serialize) -> ApiResult<Value> {
    serde_json::to_value(shape).map_err(|error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// `POST /connectors`
pub(crate) async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<CreateConnector>,
) -> ApiResult<Response> {
    let CreateConnector { name, config, initial_state, unknown } = request;
    if let Some(field) = unknown.first() {
        return Err(ApiError::bad_request(format!(
            "Unrecognized field \"{field}\": a new connector has \"name\", \"config\" and \"initial_state\""
        )));
    }
    let Some(config) = config else {
        return Err(ApiError::bad_request("The request has no \"config\": an object of settings is expected"));
    };
    let name = name.unwrap_or_default().trim().to_owned();
    let config = config.into_config(&name)?;
    let put = app.herder.put_config(&name, config, initial_state, false).await?;
    Ok(created(&headers, &put.info))
}

/// `GET /connectors/{name}`
pub(crate) async fn info(State(app): State<App>, ConnectorName(name): ConnectorName) -> ApiResult<Response> {
    let info = app.herder.connector(&name).await?;
    Ok(Json(ConnectorShape::from(&info)).into_response())
}

/// `DELETE /connectors/{name}`
pub(crate) async fn delete(State(app): State<App>, ConnectorName(name): ConnectorName) -> ApiResult<StatusCode> {
    app.herder.delete(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /connectors/{name}/config`
pub(crate) async fn config(State(app): State<App>, ConnectorName(name): ConnectorName) -> ApiResult<Response> {
    let info = app.herder.connector(&name).await?;
    Ok(Json(info.config).into_response())
}

/// `PUT /connectors/{name}/config`: creates or replaces.
pub(crate) async fn put_config(
    State(app): State<App>,
    ConnectorName(name): ConnectorName,
    headers: HeaderMap,
    JsonBody(config): JsonBody<FlatConfig>,
) -> ApiResult<Response> {
    let config = config.into_config(&name)?;
    let put = app.herder.put_config(&name, config, None, true).await?;
    Ok(if put.created { created(&headers, &put.info) } else { Json(ConnectorShape::from(&put.info)).into_response() })
}

/// `GET /connectors/{name}/status`
pub(crate) async fn status(State(app): State<App>, ConnectorName(name): ConnectorName) -> ApiResult<Response> {
    let status = app.herder.status(&name).await?;
    Ok(Json(StateShape::from(&status)).into_response())
}

/// 201 and where to find it: absolute, as the client addressed us.
fn created(headers: &HeaderMap, info: &ConnectorInfo) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let base = host.map(|host| format!("http://{host}")).unwrap_or_default();
    let location = format!("{base}/connectors/{}", utf8_percent_encode(&info.name, SEGMENT));
    let mut response = (StatusCode::CREATED, Json(ConnectorShape::from(info))).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
