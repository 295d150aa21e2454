//! What stands in a URL: connector names, percent-encoded (slashes, spaces, any script), task numbers, queries.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;

use crate::error::{ApiError, ApiResult};

/// `{name}` of a connector, a plugin or a logger, decoded.
pub(crate) struct Name(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let Path(name) = Path::<String>::from_request_parts(parts, state).await.map_err(undecodable)?;
        Ok(Name(not_empty(name)?))
    }
}

/// `{name}/tasks/{task}`. What is no number leads nowhere, as any other unknown path. Below zero it is a number that no
/// task has.
pub(crate) struct TaskPath {
    pub(crate) connector: String,
    pub(crate) task: i32,
}

impl<S: Send + Sync> FromRequestParts<S> for TaskPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((connector, task)) = path.map_err(undecodable)?;
        let task = task.parse().map_err(|_| ApiError::bare(StatusCode::NOT_FOUND))?;
        Ok(TaskPath { connector: not_empty(connector)?, task })
    }
}

/// `/connectors//status` leads nowhere; it is not the status of a connector without a name.
fn not_empty(name: String) -> ApiResult<String> {
    if name.is_empty() { Err(ApiError::bare(StatusCode::NOT_FOUND)) } else { Ok(name) }
}

/// Only names that are not UTF-8 after decoding end here.
fn undecodable<E: std::fmt::Display>(error: E) -> ApiError {
    ApiError::bad_request(format!("The name in the URL cannot be decoded: {error}"))
}

/// What follows the `?`. A key may come more than once.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// As Java reads a boolean: `true` in any case is true, whatever else is there is false. Nothing is the default.
    pub(crate) fn flag(&self, key: &str, default: bool) -> bool {
        self.all(key)
            .next()
            .filter(|value| !value.is_empty())
            .map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }

    /// Every value of a key, in order.
    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let Query(pairs) = Query::from_request_parts(parts, state)
            .await
            .map_err(|error| ApiError::bad_request(format!("The query of the URL cannot be read: {error}")))?;
        Ok(Parameters(pairs))
    }
}
