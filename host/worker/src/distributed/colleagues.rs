//! Asking another worker of the cluster. How that is done, with TLS and time limits, is the REST crate's business.

use async_trait::async_trait;

/// One internal request (KIP-507, KIP-618).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// `POST` or `PUT`.
    pub method: &'static str,
    /// Where the other worker's REST interface is: `http://host:8083/`.
    pub url: String,
    /// From there, percent-encoded, without a slash in front: `connectors/c/tasks`.
    pub path: String,
    /// JSON; none for an empty body.
    pub body: Option<Vec<u8>>,
    /// What proves that a worker of the cluster asks; none where the group protocol does without.
    pub signature: Option<Signature>,
}

/// A message authentication code of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Such as `HmacSHA256`.
    pub algorithm: String,
    /// In base64.
    pub code: String,
}

/// Why another worker did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Its HTTP status; none where it could not be asked.
    pub status: Option<u16>,
    /// Its own words, or what went wrong on the way.
    pub message: String,
}

/// The other workers.
#[async_trait]
pub trait Colleagues: Send + Sync {
    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// When the other worker refused or could not be reached.
    async fn ask(&self, question: Question) -> Result<(), Refusal>;
}
