//! Everything here is JSON. A client that accepts none of it is told so before anything changes.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;

/// Answers 406 unless the request takes JSON.
pub(crate) async fn json_only(request: Request, next: Next) -> Response {
    if accepts_json(request.headers()) {
        next.run(request).await
    } else {
        ApiError::bare(StatusCode::NOT_ACCEPTABLE).into_response()
    }
}

/// No `Accept` at all means anything will do.
fn accepts_json(headers: &HeaderMap) -> bool {
    let mut said_something = false;
    for value in headers.get_all(header::ACCEPT) {
        for range in value.to_str().unwrap_or_default().split(',') {
            let range = media_type(range);
            if is_json_range(range) {
                return true;
            }
            said_something |= !range.is_empty();
        }
    }
    !said_something
}

/// The part of a header before its parameters.
pub(crate) fn media_type(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

/// Whether `application/json` lies in this media range.
pub(crate) fn is_json_range(range: &str) -> bool {
    ["application/json", "application/*", "*/*", "*"].iter().any(|ours| range.eq_ignore_ascii_case(ours))
}
