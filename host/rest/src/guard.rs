//! Around every request: a deadline, an access-log line, and a task of its own.
//!
//! Of its own, because a client that hangs up drops the future that serves it, wherever that stands. A
//! connector half created because someone pressed Ctrl-C in curl would be our fault, not theirs. It also
//! keeps a panic to the request that caused it.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::error::ApiError;
use crate::serve::Peer;

/// Runs the request to its end, or answers for it when it takes too long.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip().to_string());
    let line = format!("{} {} {:?}", request.method(), request.uri(), request.version());

    let work = tokio::spawn(next.run(request));
    let response = match tokio::time::timeout(app.options.request_timeout, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => internal("Internal Server Error"),
        Err(_) => internal("Request timed out"),
    };
    let (peer, status, ms) = (peer.as_deref().unwrap_or("-"), response.status(), started.elapsed());
    tracing::info!(target: "watertight_rest::access", "{peer} \"{line}\" {} {}", status.as_u16(), ms.as_millis());
    response
}

fn internal(message: &str) -> Response {
    ApiError::internal(message).into_response()
}
