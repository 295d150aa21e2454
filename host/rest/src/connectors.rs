//! `/connectors`, `/connectors/{name}`, its config and its status.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use watertight_worker::entities::ConfigMap;
use watertight_worker::validate::refusal;

use crate::App;
use crate::body::JsonBody;
use crate::error::{ApiError, ApiResult};
use crate::expand::{Expanded, Wanted};
use crate::location::{Place, check_length};
use crate::path::{Name, Parameters};
use crate::request::{ConfigError, CreateConnector, FlatConfig};
use crate::shapes::{ConnectorShape, StateShape};

impl From<ConfigError> for ApiError {
    fn from(error: ConfigError) -> Self {
        ApiError::bad_request(error.to_string())
    }
}

/// `GET /connectors`: names, or with `expand` what was asked for of each.
pub(crate) async fn list(State(app): State<App>, parameters: Parameters) -> ApiResult<Response> {
    let mut expansions = parameters.all("expand").peekable();
    if expansions.peek().is_none() {
        return Ok(Json(app.herder.connectors().await?).into_response());
    }
    let wanted = Wanted::of(expansions);
    Ok(Json(Expanded::ask(app.herder.as_ref(), wanted).await?).into_response())
}

/// `POST /connectors`
pub(crate) async fn create(
    State(app): State<App>,
    place: Place,
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
    // Java's `trim`, which takes control characters too.
    let name = name.unwrap_or_default().trim_matches(|c| c <= ' ').to_owned();
    check_length(&name)?;
    let config = settings(&app, &name, config).await?;
    let put = app.herder.put_config(&name, config, initial_state, false).await?;
    Ok(place.created(&put.info))
}

/// What a client gave, with the name. A null is told together with whatever else is wrong, as in Kafka: so validation
/// is asked, which nothing with a null gets past.
async fn settings(app: &App, name: &str, given: FlatConfig) -> ApiResult<ConfigMap> {
    let has_nulls = given.0.values().any(Option::is_none);
    let whole = if has_nulls { Some(given.clone()) } else { None };
    let nulls = match (given.into_config(name), whole) {
        (Err(ConfigError::NullValues(count)), Some(FlatConfig(mut whole))) => {
            whole.insert("name".to_owned(), Some(name.to_owned()));
            let class = whole.get("connector.class").cloned().flatten().unwrap_or_default();
            let validation = app.herder.validate(&class, whole).await?;
            if validation.error_count() > 0 {
                return Err(ApiError::bad_request(refusal(&validation)));
            }
            ConfigError::NullValues(count)
        }
        (Err(error), _) => error,
        (Ok(config), _) => return Ok(config),
    };
    Err(nulls.into())
}

/// `GET /connectors/{name}`
pub(crate) async fn info(State(app): State<App>, Name(name): Name) -> ApiResult<Response> {
    let info = app.herder.connector(&name).await?;
    Ok(Json(ConnectorShape::from(&info)).into_response())
}

/// `DELETE /connectors/{name}`
pub(crate) async fn delete(State(app): State<App>, Name(name): Name) -> ApiResult<StatusCode> {
    app.herder.delete(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /connectors/{name}/config`
pub(crate) async fn config(State(app): State<App>, Name(name): Name) -> ApiResult<Response> {
    let info = app.herder.connector(&name).await?;
    Ok(Json(info.config).into_response())
}

/// `PUT /connectors/{name}/config`: creates or replaces.
pub(crate) async fn put_config(
    State(app): State<App>,
    Name(name): Name,
    place: Place,
    JsonBody(config): JsonBody<FlatConfig>,
) -> ApiResult<Response> {
    let config = settings(&app, &name, config).await?;
    let put = app.herder.put_config(&name, config, None, true).await?;
    Ok(if put.created { place.created(&put.info) } else { Json(ConnectorShape::from(&put.info)).into_response() })
}

/// `PATCH /connectors/{name}/config` (KIP-477): null takes a setting away.
pub(crate) async fn patch_config(
    State(app): State<App>,
    Name(name): Name,
    JsonBody(FlatConfig(patch)): JsonBody<FlatConfig>,
) -> ApiResult<Response> {
    let info = app.herder.patch_config(&name, patch).await?;
    Ok(Json(ConnectorShape::from(&info)).into_response())
}

/// `GET /connectors/{name}/status`
pub(crate) async fn status(State(app): State<App>, Name(name): Name) -> ApiResult<Response> {
    let status = app.herder.status(&name).await?;
    Ok(Json(StateShape::from(&status)).into_response())
}
