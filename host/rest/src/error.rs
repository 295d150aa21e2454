//! Every failure in Kafka's shape: `{"error_code":404,"message":"..."}`, the code being the HTTP status.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use watertight_worker::herder::HerderError;

use crate::forward::Elsewhere;

/// What a client reads when a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ErrorMessage")]
pub struct ErrorBody {
    /// The HTTP status again.
    pub error_code: u16,
    /// For a person.
    pub message: String,
}

/// A refusal on its way to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    status: StatusCode,
    message: String,
    /// Another worker may answer the request.
    elsewhere: Option<Elsewhere>,
    /// It stands in the log already.
    is_logged: bool,
}

/// Shorthand of the handlers.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A message of our own, or one of Kafka's that no herder gives.
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        ApiError { status, message: message.into(), elsewhere: None, is_logged: false }
    }

    /// One that the log has already.
    pub(crate) fn told(status: StatusCode, message: impl Into<String>) -> Self {
        ApiError { is_logged: true, ..Self::new(status, message) }
    }

    /// 400
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 404
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 500
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// A status without more to say, in the words of JAX-RS: `HTTP 404 Not Found`.
    pub(crate) fn bare(status: StatusCode) -> Self {
        let reason = status.canonical_reason().unwrap_or("Unknown");
        Self::new(status, format!("HTTP {} {reason}", status.as_u16()))
    }
}

impl From<HerderError> for ApiError {
    fn from(error: HerderError) -> Self {
        let (status, message) = match error {
            HerderError::BadRequest(message) => (StatusCode::BAD_REQUEST, message),
            HerderError::Forbidden(message) => (StatusCode::FORBIDDEN, message),
            HerderError::NotFound(message) => (StatusCode::NOT_FOUND, message),
            HerderError::Conflict(message) => (StatusCode::CONFLICT, message),
            HerderError::Internal(message) => (StatusCode::INTERNAL_SERVER_ERROR, message),
            HerderError::Unavailable(message) => (StatusCode::SERVICE_UNAVAILABLE, message),
            HerderError::Elsewhere { url, message } => {
                let error = ApiError::new(StatusCode::CONFLICT, message);
                return ApiError { elsewhere: Some(Elsewhere(url)), ..error };
            }
        };
        ApiError::new(status, message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        // That there is no room is no news for each who is told.
        if self.status.is_server_error() && self.status != StatusCode::SERVICE_UNAVAILABLE && !self.is_logged {
            tracing::error!("REST request failed: {}", self.message);
        }
        let body = ErrorBody { error_code: self.status.as_u16(), message: self.message };
        let mut response = (self.status, Json(body)).into_response();
        if let Some(elsewhere) = self.elsewhere {
            response.extensions_mut().insert(elsewhere);
        }
        response
    }
}

/// For paths that lead nowhere.
pub(crate) async fn no_such_path() -> ApiError {
    ApiError::bare(StatusCode::NOT_FOUND)
}
