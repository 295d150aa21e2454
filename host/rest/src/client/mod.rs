//! Requests to other workers of the cluster: those that a client sent to the wrong one, and what workers ask of each
//! other. One client for both, which keeps connections for the next request.
//!
//! As Kafka's, it follows no redirects, says that it is `kafka-connect`, and trusts and shows what the listeners' TLS
//! settings name.

mod colleagues;
mod reply;
mod socket;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderName, HeaderValue, Method, Request};
use bytes::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;
use watertight_worker::entities::ConfigMap;

use socket::Connector;

pub(crate) use colleagues::{ALGORITHM, SIGNATURE};
pub(crate) use reply::{Outcome, Reply};

/// Shorter than any worker bears silence, so that a kept connection is one that works.
const KEPT_FOR: Duration = Duration::from_secs(15);
/// Of each worker's. A burst that needs more opens more.
const KEPT: usize = 8;
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const WHO_ASKS: HeaderValue = HeaderValue::from_static("kafka-connect");

/// What a worker asks other workers with. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub struct WorkerClient(Arc<Client<Connector, Body>>);

impl fmt::Debug for WorkerClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkerClient")
    }
}

/// A request on its way out.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: String,
    /// Beside those that every request has.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// JSON.
    pub(crate) body: Option<Bytes>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendError {
    #[error("Failed to start RestClient: {0}")]
    Setup(String),
    #[error("IO Error trying to forward REST request: {0}")]
    Io(String),
    #[error("Error trying to forward REST request: {0}")]
    Request(String),
    #[error("Unexpected status code when handling forwarded request: {0}")]
    Unexpected(u16),
}

impl SendError {
    /// What the other worker answered, if that is what is wrong.
    fn status(&self) -> Option<u16> {
        match self {
            SendError::Unexpected(status) => Some(*status),
            SendError::Setup(_) | SendError::Io(_) | SendError::Request(_) => None,
        }
    }
}

impl WorkerClient {
    /// With the certificates that the worker's properties name for its listeners, which are read when the first worker
    /// is asked over https: as in Kafka, whoever does not need them need not have them in order.
    pub fn from_properties(properties: &ConfigMap) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEPT_FOR)
            .pool_max_idle_per_host(KEPT)
            .build(Connector::new(properties.clone()));
        WorkerClient(Arc::new(client))
    }

    /// Sends it and reads the answer, within the time; `has_room` is asked for each length of the answer's body.
    pub(crate) async fn send(
        &self,
        outgoing: Outgoing,
        time: Duration,
        has_room: impl FnMut(usize) -> bool,
    ) -> Result<Reply, SendError> {
        let url = outgoing.url.clone();
        match timeout(time, self.exchange(outgoing, has_room)).await {
            Ok(reply) => reply,
            Err(_) => Err(SendError::Io(format!("{url} did not answer within {} ms", time.as_millis()))),
        }
    }

    async fn exchange(&self, outgoing: Outgoing, has_room: impl FnMut(usize) -> bool) -> Result<Reply, SendError> {
        let Outgoing { method, url, headers, body } = outgoing;
        let mut request = Request::builder().method(method).uri(&url).header(ACCEPT, JSON).header(USER_AGENT, WHO_ASKS);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = match body {
            Some(body) => request.header(CONTENT_TYPE, JSON).body(Body::from(body)),
            None => request.body(Body::empty()),
        };
        let request = request.map_err(|error| SendError::Request(format!("{url}: {error}")))?;
        let response = self.0.request(request).await.map_err(|error| socket::in_words(&error, &url))?;
        Reply::read(response, has_room).await.map_err(|why| SendError::Io(format!("the answer of {url}: {why}")))
    }
}
