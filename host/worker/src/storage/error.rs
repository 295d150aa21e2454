//! Why the worker's state could not be read or written.

use watertight_kafka::{KafkaError, RawError};

/// What went wrong with one of the three topics.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The topic, or what is said about it in the worker's settings, cannot be meant: the worker must not start.
    #[error("{0}")]
    Config(String),
    /// Another worker has taken the leader's right to write, or the transaction failed. The right has been given up:
    /// claim it again and write again.
    #[error("{0}")]
    Fenced(String),
    /// The record may or may not be in the topic. Kafka's words, and what came of the request.
    #[error("{doing}: {reason}")]
    Write {
        /// Such as `Error writing target state to Kafka`.
        doing: String,
        /// What the broker or the client said.
        reason: String,
    },
    /// The topic's end was not reached in time.
    #[error("{0}")]
    TimedOut(String),
    /// The topic could not be read.
    #[error("{0}")]
    Read(String),
    /// A client could not be made.
    #[error(transparent)]
    Client(#[from] KafkaError),
    /// The cluster could not be asked.
    #[error(transparent)]
    Cluster(#[from] RawError),
}
