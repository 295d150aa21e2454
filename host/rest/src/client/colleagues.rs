//! What workers ask of each other (KIP-507, KIP-618), for the herder.

use std::time::Duration;

use async_trait::async_trait;
use axum::http::{HeaderName, HeaderValue, Method};
use watertight_worker::distributed::colleagues::{Colleagues, Question, Refusal, Signature};

use super::{Outcome, Outgoing, SendError, WorkerClient};

/// Kafka's `X-Connect-Authorization`.
pub(crate) const SIGNATURE: HeaderName = HeaderName::from_static("x-connect-authorization");
/// Kafka's `X-Connect-Request-Signature-Algorithm`.
pub(crate) const ALGORITHM: HeaderName = HeaderName::from_static("x-connect-request-signature-algorithm");

/// Longer than the other worker takes at most, as it says more than that it was slow.
const TIME: Duration = Duration::from_secs(100);
/// Of an answer to such a question, which is an error message at most.
const LONGEST: usize = 8 * 1024 * 1024;

#[async_trait]
impl Colleagues for WorkerClient {
    async fn ask(&self, question: Question) -> Result<(), Refusal> {
        let unreachable = |error: SendError| Refusal { status: error.status(), message: error.to_string() };
        let outgoing = outgoing(question).map_err(unreachable)?;
        let reply = self.send(outgoing, TIME, |length| length <= LONGEST).await.map_err(unreachable)?;
        match reply.outcome().map_err(unreachable)? {
            Outcome::Silent | Outcome::Done(..) => Ok(()),
            Outcome::Refused(status, message, _) => Err(Refusal { status: Some(status.as_u16()), message }),
        }
    }
}

fn outgoing(question: Question) -> Result<Outgoing, SendError> {
    let Question { method, url, path, body, signature } = question;
    let method = Method::from_bytes(method.as_bytes()).map_err(|error| SendError::Request(error.to_string()))?;
    let url = format!("{}/{path}", url.trim_end_matches('/'));
    let headers = match signature {
        None => Vec::new(),
        Some(Signature { algorithm, code }) => vec![(SIGNATURE, value(&code)?), (ALGORITHM, value(&algorithm)?)],
    };
    Ok(Outgoing { method, url, headers, body: body.map(Into::into) })
}

fn value(text: &str) -> Result<HeaderValue, SendError> {
    HeaderValue::from_str(text).map_err(|error| SendError::Request(error.to_string()))
}
