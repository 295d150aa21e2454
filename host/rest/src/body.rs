//! Request bodies: bounded in size and time, and JSON of the right shape, or refused with the reason and the place.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use futures::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::App;
use crate::budget::{Load, Share};
use crate::error::{ApiError, ApiResult};
use crate::forward::Trip;
use crate::received::ReceiveError;

/// How much of a body that is too large is still read, so that the client gets to see the answer instead of
/// a broken connection.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;
/// And for how long.
const DRAIN_TIME: Duration = Duration::from_secs(2);
/// What may stand in a body. Two bytes of JSON can become a hundred in memory.
pub(crate) const MOST_VALUES: usize = 250_000;
/// Of a body that ought to be there.
pub(crate) const MISSING: &str = "The request has no body: JSON is expected";
const BUSY: &str = "Too many large request bodies are on their way to this worker at once: try again later";

/// A body that said it is JSON, read and understood.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        let has_type = request.headers().contains_key(header::CONTENT_TYPE);
        let load = request.extensions().get::<Load>().cloned();
        let mut share = app.options.bodies.share(app.options.max_body_bytes, MOST_VALUES);
        let trip = request.extensions().get::<Trip>().cloned();
        let bytes = read_in_time(request, app, &mut share).await?;
        if !has_type && !bytes.is_empty() {
            return Err(ApiError::bare(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = without_mark(bytes);
        let parsed = parse(&bytes, &mut share, trip.is_some())?;
        if let Some(trip) = trip {
            trip.keep(bytes);
        }
        if let Some(load) = load {
            load.carry(share);
        }
        Ok(JsonBody(parsed))
    }
}

/// A body as it came, for who looks at it byte by byte. It need not say what it is.
pub(crate) struct RawBody(pub(crate) Bytes);

impl FromRequest<App> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        let load = request.extensions().get::<Load>().cloned();
        let trip = request.extensions().get::<Trip>().cloned();
        let mut share = app.options.bodies.share(app.options.max_body_bytes, MOST_VALUES);
        let bytes = read_in_time(request, app, &mut share).await?;
        settle(&bytes, &mut share, true)?;
        if let Some(load) = load {
            load.carry(share);
        }
        if let Some(trip) = trip.filter(|_| !bytes.is_empty()) {
            trip.keep(bytes.clone());
        }
        Ok(RawBody(bytes))
    }
}

async fn read_in_time(request: Request, app: &App, share: &mut Share) -> ApiResult<Bytes> {
    let limit = app.options.max_body_bytes;
    let declared = declared_length(request.headers());
    // Who asks first has sent nothing yet, and to read would be to say yes.
    if declared.is_some_and(|declared| declared > limit) && asks_first(request.headers()) {
        return Err(over_the_limit(limit));
    }
    let read = read(declared, request.into_body(), limit, share);
    match tokio::time::timeout(app.options.body_timeout, read).await {
        Ok(bytes) => bytes,
        Err(_) => Err(ApiError::bare(StatusCode::REQUEST_TIMEOUT)),
    }
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn asks_first(headers: &HeaderMap) -> bool {
    headers.get(header::EXPECT).is_some_and(|expected| expected.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

fn over_the_limit(limit: usize) -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("The request's body is larger than the {limit} bytes that 'rest.max.body.bytes' allows"),
    )
}

/// Everything, or 413 as soon as it is known to be too much.
async fn read(declared: Option<usize>, body: Body, limit: usize, share: &mut Share) -> ApiResult<Bytes> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut too_large = declared.is_some_and(|declared| declared > limit);
    while !too_large {
        let Some(chunk) = stream.next().await else {
            return Ok(bytes.into());
        };
        let chunk = chunk.map_err(unreadable)?;
        let length = bytes.len() + chunk.len();
        too_large = length > limit;
        if !too_large {
            make_room(&mut bytes, length, limit, share)?;
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
    Err(over_the_limit(limit))
}

fn unreadable(error: axum::Error) -> ApiError {
    match error.into_inner().downcast::<ReceiveError>().map(|error| *error) {
        Ok(error @ ReceiveError::Dismissed(_)) => ApiError::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
        Ok(ReceiveError::Broken(error)) => broken(&error),
        Err(error) => broken(&error),
    }
}

fn broken(error: &dyn std::fmt::Display) -> ApiError {
    ApiError::bad_request(format!("The request's body could not be read: {error}"))
}

fn busy() -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, BUSY)
}

/// What counts is what is allocated.
fn make_room(bytes: &mut Vec<u8>, length: usize, limit: usize, share: &mut Share) -> ApiResult<()> {
    if length > bytes.capacity() {
        let room = (length + length / 4).min(limit);
        if !share.grow_to(room) {
            return Err(busy());
        }
        bytes.reserve_exact(room - bytes.len());
    }
    Ok(())
}

/// Some editors put a mark at the start of a file.
fn without_mark(bytes: Bytes) -> Bytes {
    if bytes.starts_with(b"\xef\xbb\xbf") { bytes.slice(3..) } else { bytes }
}

/// Whether there is room for what will be made of it.
fn settle(bytes: &[u8], share: &mut Share, stays: bool) -> ApiResult<()> {
    let values = count_values(bytes);
    if values > MOST_VALUES {
        return Err(ApiError::bad_request(format!("The request's body has more than {MOST_VALUES} values in it")));
    }
    if share.settle(bytes.len(), values, stays) { Ok(()) } else { Err(busy()) }
}

/// serde_json's message ends with line and column.
fn parse<T: DeserializeOwned>(bytes: &[u8], share: &mut Share, stays: bool) -> ApiResult<T> {
    settle(bytes, share, stays)?;
    serde_json::from_slice(bytes).map_err(|error| {
        let message = match error.classify() {
            Category::Data => error.to_string(),
            Category::Eof if bytes.trim_ascii().is_empty() => MISSING.to_owned(),
            Category::Syntax | Category::Eof | Category::Io => format!("Malformed JSON: {error}"),
        };
        ApiError::bad_request(message)
    })
}

/// Counts what begins or separates values, outside of texts, until there are too many.
fn count_values(bytes: &[u8]) -> usize {
    let (mut values, mut in_text, mut is_escaped) = (0, false, false);
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_text,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => values += 1,
            _ => {}
        }
        if values > MOST_VALUES {
            break;
        }
    }
    values
}
