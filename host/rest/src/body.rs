//! Request bodies: bounded in size and time, and JSON of the right shape, or refused with the reason and the place.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::App;
use crate::error::{ApiError, ApiResult};

/// How much of a body that is too large is still read, so that the client gets to see the answer instead of
/// a broken connection.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;
/// And for how long.
const DRAIN_TIME: Duration = Duration::from_secs(2);

/// A body read and understood.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        let limit = app.options.max_body_bytes;
        let read = read(declared_length(request.headers()), request.into_body(), limit);
        match tokio::time::timeout(app.options.body_timeout, read).await {
            Ok(bytes) => parse(&bytes?).map(JsonBody),
            Err(_) => Err(ApiError::bare(StatusCode::REQUEST_TIMEOUT)),
        }
    }
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Everything, or 413 as soon as it is known to be too much.
async fn read(declared: Option<usize>, body: Body, limit: usize) -> ApiResult<Bytes> {
    let mut stream = body.into_data_stream();
    let mut bytes = BytesMut::new();
    let mut too_large = declared.is_some_and(|declared| declared > limit);
    while !too_large {
        let Some(chunk) = stream.next().await else {
            return Ok(bytes.freeze());
        };
        let chunk =
            chunk.map_err(|error| ApiError::bad_request(format!("The request's body could not be read: {error}")))?;
        too_large = bytes.len() + chunk.len() > limit;
        if !too_large {
            bytes.extend_from_slice(&chunk);
        }
    }
    drop(bytes);
    let drain = async {
        let mut drained = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            drained += chunk.len();
            if drained > DRAIN_BYTES {
                break;
            }
        }
    };
    // However the draining ends, the answer is the same.
    let _ = tokio::time::timeout(DRAIN_TIME, drain).await;
    Err(ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("The request's body is larger than the {limit} bytes that 'rest.max.body.bytes' allows"),
    ))
}

/// serde_json's message ends with line and column. Some editors put a mark at the start of a file.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        let message = match error.classify() {
            Category::Data => error.to_string(),
            Category::Eof if bytes.trim_ascii().is_empty() => {
                "The request has no body: JSON is expected".to_owned()
            }
            Category::Syntax | Category::Eof | Category::Io => format!("Malformed JSON: {error}"),
        };
        ApiError::bad_request(message)
    })
}
