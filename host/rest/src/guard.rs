//! Around every request: a deadline, an access-log line, and a task of its own.
//!
//! Of its own, because a client that hangs up drops the future that serves it, wherever that stands. A
//! connector half created because someone pressed Ctrl-C in curl would be our fault, not theirs. It also
//! keeps a panic to the request that caused it.
//!
//! What changes nothing is not worth finishing when nobody waits for it.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::task::JoinHandle;

use crate::App;
use crate::budget::Load;
use crate::connections::UnderWay;
use crate::error::ApiError;
use crate::forward::{Hops, Trip};
use crate::serve::Peer;

/// Runs the request to its end, or answers for it when it takes too long.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip().to_string());
    let line = format!("{} {} {:?}", request.method(), request.uri(), request.version());

    let hops = Hops::of(request.uri());
    let mut work = Work::of(request, next, app.options.client.is_some());
    let mut done = tokio::time::timeout(app.options.request_timeout, &mut work.task).await;
    if done.is_err() && work.trip.is_elsewhere() {
        done = tokio::time::timeout(hops.grace(app.options.hop_grace), &mut work.task).await;
    }
    let response = match done {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => internal("Internal Server Error"),
        Err(_) => internal(&timed_out(&app.herder.stage())),
    };
    let (peer, status, ms) = (peer.as_deref().unwrap_or("-"), response.status(), started.elapsed());
    tracing::info!(target: "watertight_rest::access", "{peer} \"{line}\" {} {}", status.as_u16(), ms.as_millis());
    response
}

/// A request's work, with or without somebody who waits for it.
struct Work {
    trip: Trip,
    task: JoinHandle<Response>,
    is_change: bool,
}

impl Work {
    /// What the request's body takes is given back when the work is done and its answer written.
    fn of(mut request: Request, next: Next, may_be_elsewhere: bool) -> Self {
        let is_change = is_change(&request);
        let trip = Trip::default();
        if may_be_elsewhere {
            request.extensions_mut().insert(trip.clone());
        }
        let load = Load::default();
        request.extensions_mut().insert(load.clone());
        let under_way = request.extensions().get::<UnderWay>().cloned();
        let task = tokio::spawn(async move {
            let mut response = next.run(request).await;
            response.extensions_mut().insert(load);
            drop(under_way);
            response
        });
        Work { trip, task, is_change }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if !self.is_change {
            self.task.abort();
        }
    }
}

/// By the route that was found, as there are other ways to write a path.
fn is_change(request: &Request) -> bool {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let is_question =
        request.method() == Method::PUT && route.trim_end_matches('/') == "/connector-plugins/{name}/config/validate";
    !(request.method().is_safe() || is_question)
}

/// In Kafka's words, with what the worker was doing meanwhile.
fn timed_out(stage: &str) -> String {
    if stage.is_empty() { "Request timed out".to_owned() } else { format!("Request timed out. {stage}") }
}

fn internal(message: &str) -> Response {
    ApiError::internal(message).into_response()
}
