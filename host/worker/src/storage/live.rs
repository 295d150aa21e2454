//! The topics of a living cluster.

use std::sync::Arc;
use std::time::Duration;

use watertight_kafka::{ClientSettings, KeyValue, LogError, LogSettings, LogWriter, TopicLog};

use super::log::{Apply, Log, LogTrouble, Pair};
use super::{StorageError, StorageParts};

/// Reads a topic to its end and goes on reading.
pub(super) async fn start(
    topic: &str,
    reader: ClientSettings,
    writer: Option<ClientSettings>,
    parts: &StorageParts,
    apply: Apply,
) -> Result<Arc<dyn Log>, StorageError> {
    let settings = LogSettings { topic: topic.to_owned(), reader, writer, admin: Arc::clone(&parts.admin) };
    let log = TopicLog::start(settings, apply).await.map_err(|error| StorageError::Read(error.to_string()))?;
    Ok(Arc::new(log))
}

impl From<LogError> for LogTrouble {
    fn from(error: LogError) -> Self {
        let timed_out = matches!(error, LogError::TimedOut { .. });
        Self { retriable: error.is_retriable(), timed_out, text: error.to_string() }
    }
}

/// As the log wants them.
pub(super) fn records(pairs: Vec<Pair>) -> Vec<KeyValue> {
    pairs.into_iter().map(|(key, value)| (Some(key), value)).collect()
}

#[async_trait::async_trait]
impl Log for TopicLog {
    async fn read_to_end(&self, limit: Duration) -> Result<(), LogTrouble> {
        Ok(TopicLog::read_to_end(self, limit).await?)
    }

    async fn send(&self, pairs: Vec<Pair>) -> Result<(), LogTrouble> {
        Ok(self.send_all(records(pairs)).await?)
    }

    fn partitions(&self) -> usize {
        TopicLog::partitions(self)
    }

    fn purge(&self) {
        TopicLog::purge(self);
    }

    async fn stop(&self) {
        TopicLog::stop(self).await;
    }
}

/// A leader's writer, each of whose sends is a transaction.
#[async_trait::async_trait]
pub(super) trait Privileged: Send + Sync {
    /// All of them, or none.
    async fn send(&self, pairs: Vec<Pair>) -> Result<(), LogTrouble>;
}

#[async_trait::async_trait]
impl Privileged for LogWriter {
    async fn send(&self, pairs: Vec<Pair>) -> Result<(), LogTrouble> {
        Ok(self.send_all(records(pairs)).await?)
    }
}
