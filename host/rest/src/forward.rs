//! Requests that another worker of the cluster answers: the leader, or who runs the instance. A client may ask any
//! worker; whoever cannot answer asks there, and passes on what it hears.
//!
//! The query parameter `forward`, which clients do not use, says how often that happened. Without it a request is forwarded
//! with `forward=true`, that one with `forward=false`, and that one not at all: so it goes from any worker to the
//! leader and from there to the owner, and two workers that take each other for the leader do not keep it for ever.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Query, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use percent_encoding::percent_decode_str;

use crate::App;
use crate::body::MOST_VALUES;
use crate::budget::Load;
use crate::client::{ALGORITHM, Outcome, Outgoing, Reply, SIGNATURE, SendError, WorkerClient};
use crate::error::ApiError;
use crate::location::Place;

const FORWARD: &str = "forward";
const NOBODY_KNOWS: &str =
    "Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.";
const TOO_OFTEN: &str = "Cannot complete request because of a conflicting operation (e.g. worker rebalance)";

/// Kafka's client copies the first. The others are of requests among workers, which are worth nothing without them.
const COPIED: [HeaderName; 3] = [header::AUTHORIZATION, SIGNATURE, ALGORITHM];

/// In a response: another worker answers this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Elsewhere(pub(crate) Option<String>);

/// What has to be known of a request so that it can be sent again; in its extensions, where it can be sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trip(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    body: Mutex<Option<Bytes>>,
    is_elsewhere: AtomicBool,
}

impl Trip {
    /// This was its body.
    pub(crate) fn keep(&self, body: Bytes) {
        *self.0.body.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
    }

    /// Whether another worker was asked.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.0.is_elsewhere.load(Ordering::Relaxed)
    }

    fn body(&self) -> Option<Bytes> {
        self.0.body.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// How often a request may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hops {
    Two,
    One,
    None,
}

impl Hops {
    /// As the parameter says.
    pub(crate) fn of(uri: &Uri) -> Self {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default();
        match pairs.iter().find(|(key, _)| key == FORWARD).map(|(_, value)| value.as_str()) {
            None => Hops::Two,
            Some(word) if word.eq_ignore_ascii_case("true") => Hops::One,
            Some(_) => Hops::None,
        }
    }

    /// Each worker that is asked answers within its own time, and that answer has to get through.
    pub(crate) fn grace(self, each: Duration) -> Duration {
        match self {
            Hops::Two => each * 2,
            Hops::One => each,
            Hops::None => Duration::ZERO,
        }
    }
}

/// Around everything that asks the herder.
pub(crate) async fn forward(State(app): State<App>, request: Request, next: Next) -> Response {
    let (Some(client), Some(trip)) = (&app.options.client, request.extensions().get::<Trip>().cloned()) else {
        return next.run(request).await;
    };
    let load = request.extensions().get::<Load>().cloned().unwrap_or_default();
    let (mut parts, body) = request.into_parts();
    let Ok(place) = Place::from_request_parts(&mut parts, &()).await;
    let again = Again {
        method: parts.method.clone(),
        uri: parts.uri.clone(),
        headers: COPIED.iter().filter_map(|name| Some((name.clone(), parts.headers.get(name)?.clone()))).collect(),
    };
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let Some(Elsewhere(url)) = response.extensions_mut().remove() else {
        return response;
    };
    again.ask(client, url, &trip, &app, &load).await.map_or_else(ApiError::into_response, |answer| answer.at(&place))
}

/// A request that is to be sent again.
struct Again {
    method: Method,
    uri: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The other worker's answer, as it is passed on.
struct Passed {
    status: StatusCode,
    location: Option<HeaderValue>,
    body: Option<Bytes>,
}

impl Again {
    async fn ask(
        self,
        client: &WorkerClient,
        url: Option<String>,
        trip: &Trip,
        app: &App,
        load: &Load,
    ) -> Result<Passed, ApiError> {
        let hops = Hops::of(&self.uri);
        let line = format!("{} {}", self.method, self.uri.path());
        let is_last = match hops {
            Hops::Two => false,
            Hops::One => true,
            Hops::None => {
                tracing::error!("{line} did not find the worker that answers it within two hops between workers");
                return Err(ApiError::new(StatusCode::CONFLICT, TOO_OFTEN));
            }
        };
        let url = url.ok_or_else(|| ApiError::new(StatusCode::CONFLICT, NOBODY_KNOWS))?;
        trip.0.is_elsewhere.store(true, Ordering::Relaxed);
        tracing::debug!("{line} is forwarded to {url}");
        let body = trip.body();
        // So much of an answer is reckoned with already.
        let foreseen = body.as_ref().map_or(0, Bytes::len);
        let outgoing =
            Outgoing { method: self.method, url: target(&url, &self.uri, !is_last), headers: self.headers, body };
        let time = app.options.request_timeout + hops.grace(app.options.hop_grace) * 2;
        let largest = app.options.max_body_bytes.saturating_mul(2);
        let mut share = app.options.bodies.share(app.options.max_body_bytes, MOST_VALUES);
        let reply = client
            .send(outgoing, time, |length| length <= largest && share.grow_to(length.saturating_sub(foreseen)))
            .await;
        load.carry(share);
        let outcome = reply.and_then(Reply::outcome).map_err(|error: SendError| {
            tracing::error!("{line} could not be forwarded to {url}: {error}");
            ApiError::told(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
        })?;
        Ok(match outcome {
            Outcome::Silent => Passed { status: StatusCode::NO_CONTENT, location: None, body: None },
            Outcome::Done(status, location, body) => Passed { status, location, body: Some(body) },
            Outcome::Refused(status, message, body) => {
                tracing::debug!("{line} was refused by {url}: {message}");
                Passed { status, location: None, body: Some(body) }
            }
        })
    }
}

impl Passed {
    /// Where a new connector is, is told by the address that the client used.
    fn at(self, place: &Place) -> Response {
        let mut response = self.status.into_response();
        if let Some(body) = self.body {
            *response.body_mut() = Body::from(body);
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let location = self.location.and_then(|location| place.translate(&location));
        if let Some(location) = location {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// The same path and query at another worker.
fn target(url: &str, uri: &Uri, forward: bool) -> String {
    let others = uri.query().unwrap_or_default().split('&').filter(|pair| {
        let key = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && percent_decode_str(key).decode_utf8_lossy() != FORWARD
    });
    let base = url.trim_end_matches('/');
    others.fold(format!("{base}{}?{FORWARD}={forward}", uri.path()), |all, pair| all + "&" + pair)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn the_parameter_says_how_often_a_request_may_go_on() {
        for (query, hops) in [
            ("", Hops::Two),
            ("?a=b", Hops::Two),
            ("?forward=", Hops::None),
            ("?forward=true", Hops::One),
            ("?a=b&forward=TRUE", Hops::One),
            ("?%66orward=true", Hops::One),
            ("?forward=false", Hops::None),
            ("?forward=1&forward=true", Hops::None),
        ] {
            assert_eq!(Hops::of(&uri(&format!("/connectors{query}"))), hops, "{query}");
        }
    }

    #[test]
    fn path_and_query_stay_as_they_were_written() {
        let to = |url, path| target(url, &uri(path), true);
        assert_eq!(to("http://a:1/", "/connectors"), "http://a:1/connectors?forward=true");
        assert_eq!(
            to("https://[::1]:2", "/connectors/a%2Fb/stop/"),
            "https://[::1]:2/connectors/a%2Fb/stop/?forward=true"
        );
        let restart = "/connectors/a/restart?%66orward=false&includeTasks=true&onlyFailed&forward&&x=%20";
        let told = "http://a:1/connectors/a/restart?forward=true&includeTasks=true&onlyFailed&x=%20";
        assert_eq!(to("http://a:1/", restart), told);
    }
}
