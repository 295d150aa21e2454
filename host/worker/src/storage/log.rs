//! What the stores need of a topic that is read to its end, so that they can be tried without a broker.

use std::time::Duration;

use super::StorageError;
use watertight_kafka::InRecord;

/// One record to write; no value deletes the key.
pub(crate) type Pair = (Vec<u8>, Option<Vec<u8>>);

/// Takes what was read, in order.
pub(crate) type Apply = Box<dyn FnMut(InRecord) + Send>;

/// Why a topic could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub(crate) struct LogTrouble {
    /// The same again may succeed.
    pub(crate) retriable: bool,
    /// Nothing went wrong, as far as one knows; it only took too long.
    pub(crate) timed_out: bool,
    /// What happened.
    pub(crate) text: String,
}

impl LogTrouble {
    /// As what the reader of a topic is told.
    pub(crate) fn reading(self) -> StorageError {
        if self.timed_out { StorageError::TimedOut(self.text) } else { StorageError::Read(self.text) }
    }

    pub(crate) fn late(text: impl Into<String>) -> Self {
        Self { retriable: true, timed_out: true, text: text.into() }
    }
}

/// A topic whose records are all applied, in order, as they come.
#[async_trait::async_trait]
pub(crate) trait Log: Send + Sync {
    /// Returns when everything that is in the topic now has been applied.
    async fn read_to_end(&self, limit: Duration) -> Result<(), LogTrouble>;
    /// Returns when all of them are acknowledged.
    async fn send(&self, records: Vec<Pair>) -> Result<(), LogTrouble>;
    /// How many the topic has.
    fn partitions(&self) -> usize;
    /// Drops what was given to write and is not acknowledged.
    fn purge(&self);
    /// Ends reading and writing.
    async fn stop(&self);
}
