//! What another worker answered, and what that means: Kafka's rules for forwarded requests.

use axum::http::{HeaderValue, StatusCode, header};
use bytes::Bytes;
use futures::StreamExt as _;
use hyper::body::{Body as _, Incoming};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::SendError;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<HeaderValue>,
    pub(crate) body: Bytes,
}

/// What it comes to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It was done, and there is nothing to say.
    Silent,
    /// It was done; JSON.
    Done(StatusCode, Option<HeaderValue>, Bytes),
    /// It was not: the other worker's words, and the same in JSON.
    Refused(StatusCode, String, Bytes),
}

#[derive(Deserialize)]
struct ErrorMessage {
    #[serde(rename = "error_code")]
    _code: i32,
    message: Option<String>,
}

impl Reply {
    /// The error is for a person.
    pub(super) async fn read(
        response: hyper::Response<Incoming>,
        mut has_room: impl FnMut(usize) -> bool,
    ) -> Result<Self, String> {
        let (mut parts, body) = response.into_parts();
        let declared = body.size_hint().lower();
        let mut room = |length: usize| {
            let has_room = has_room(length);
            has_room.then_some(()).ok_or_else(|| format!("there is no room for a body of {length} bytes"))
        };
        room(usize::try_from(declared).unwrap_or(usize::MAX))?;
        let mut stream = axum::body::Body::new(body).into_data_stream();
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| format!("its body broke off: {error}"))?;
            room(bytes.len() + chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        let location = parts.headers.remove(header::LOCATION);
        Ok(Reply { status: parts.status, location, body: bytes.into() })
    }

    /// By status, and by whether the body is what belongs to it.
    pub(crate) fn outcome(self) -> Result<Outcome, SendError> {
        let Reply { status, location, body } = self;
        let unreadable = |what: &str, error: serde_json::Error| {
            SendError::Io(format!("the other worker answered {} with what is not {what}: {error}", status.as_u16()))
        };
        if status == StatusCode::NO_CONTENT {
            return Ok(Outcome::Silent);
        }
        if status.is_client_error() || status.is_server_error() {
            let error: ErrorMessage =
                serde_json::from_slice(&body).map_err(|error| unreadable("Kafka's error message", error))?;
            return Ok(Outcome::Refused(status, error.message.unwrap_or_default(), body));
        }
        if status.is_success() {
            serde_json::from_slice::<IgnoredAny>(&body).map_err(|error| unreadable("JSON", error))?;
            return Ok(Outcome::Done(status, location, body));
        }
        Err(SendError::Unexpected(status.as_u16()))
    }
}
