//! One topic of offsets.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use watertight_kafka::InRecord;

use super::cache::Cache;
use crate::offsets::position::Offset;
use crate::offsets::{OffsetError, OffsetStore, Stored};
use crate::storage::StorageError;
use crate::storage::log::{Apply, Log, LogTrouble, Pair};

/// Reading to the end waits for other producers' open transactions, and those may take as long as brokers let them: a
/// quarter of an hour, unless somebody allows more.
const READ: Duration = Duration::from_secs(16 * 60);

/// Offsets in a topic. Clones are the same; with the last one it stops.
#[derive(Clone)]
pub struct OffsetLog {
    cache: Arc<Mutex<Cache>>,
    log: Arc<dyn Log>,
    /// Others who read this topic find it as long as this lives.
    #[allow(dead_code, reason = "held, not read")]
    kept: Option<Arc<OnceCell<OffsetLog>>>,
}

impl OffsetLog {
    /// Reads what is there.
    pub(super) async fn build<F>(start: impl FnOnce(Apply) -> F) -> Result<Self, StorageError>
    where
        F: Future<Output = Result<Arc<dyn Log>, StorageError>>,
    {
        let cache: Arc<Mutex<Cache>> = Arc::default();
        let applying = Arc::clone(&cache);
        let apply = move |record: InRecord| applying.lock().unwrap_or_else(PoisonError::into_inner).apply(record);
        let log = start(Box::new(apply)).await?;
        Ok(Self { cache, log, kept: None })
    }

    /// The same, which can be found in `cell` as long as it lives.
    pub(super) fn kept_in(self, cell: Arc<OnceCell<OffsetLog>>) -> Self {
        Self { kept: Some(cell), ..self }
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records of what is to be written, for who writes them himself.
    pub fn records(&self, connector: &str, entries: &[Stored]) -> Vec<Pair> {
        self.cache().records(connector, entries)
    }

    async fn read(&self) -> Result<(), OffsetError> {
        self.log.read_to_end(READ).await.map_err(failed)
    }

    /// Ends reading and writing.
    pub async fn stop(&self) {
        self.log.stop().await;
    }
}

fn failed(trouble: LogTrouble) -> OffsetError {
    OffsetError(trouble.text)
}

#[async_trait::async_trait]
impl OffsetStore for OffsetLog {
    async fn get(&self, connector: &str, partitions: &[Offset]) -> Result<Vec<Option<Offset>>, OffsetError> {
        self.read().await?;
        let cache = self.cache();
        Ok(partitions.iter().map(|partition| cache.get(connector, partition)).collect())
    }

    async fn put(&self, connector: &str, entries: Vec<Stored>) -> Result<(), OffsetError> {
        let records = self.records(connector, &entries);
        if records.is_empty() {
            return Ok(());
        }
        self.log.send(records).await.map_err(failed)
    }

    async fn all(&self, connector: &str) -> Result<Vec<Stored>, OffsetError> {
        self.read().await?;
        Ok(self.cache().all(connector))
    }
}
