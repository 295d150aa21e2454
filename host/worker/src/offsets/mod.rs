//! Where source connectors have got to. Keys and values are Kafka Connect's: JSON `["connector",{partition}]`
//! and `{offset}`, compared as bytes by compaction, so field order and escaping are part of the format.

pub mod file;
pub mod position;

use std::sync::Arc;

use crate::entities::ConfigMap;
use crate::offsets::position::Offset;

/// Why offsets could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OffsetError(pub String);

/// One stored pair of a connector.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The connector's source partition.
    pub partition: Offset,
    /// None: stored as deleted.
    pub offset: Option<Offset>,
}

/// Records of an offsets topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetRecords {
    /// The topic, on the cluster of the connector's producer.
    pub topic: String,
    /// Keys and values; no value deletes.
    pub records: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// Durable offsets of all source connectors of a worker.
#[async_trait::async_trait]
pub trait OffsetStore: Send + Sync {
    /// In the order asked.
    async fn get(&self, connector: &str, partitions: &[Offset]) -> Result<Vec<Option<Offset>>, OffsetError>;
    /// Durable when it returns.
    async fn put(&self, connector: &str, entries: Vec<Stored>) -> Result<(), OffsetError>;
    /// Everything known of a connector, deletions left out.
    async fn all(&self, connector: &str) -> Result<Vec<Stored>, OffsetError>;
    /// The records that [`put`](Self::put) would write, for a task that writes them in transactions of its own; none
    /// where offsets are in no topic.
    fn records(&self, _connector: &str, _entries: &[Stored]) -> Option<OffsetRecords> {
        None
    }
    /// To be done before such records are written.
    async fn before_records(&self, _connector: &str, _entries: &[Stored]) -> Result<(), OffsetError> {
        Ok(())
    }
    /// To be done when they have been. Nobody waits for what becomes of it.
    fn after_records(&self, _connector: &str, _entries: &[Stored]) {}
}

/// Which store a source connector's offsets lie in.
#[async_trait::async_trait]
pub trait OffsetStores: Send + Sync {
    /// The store of one connector, by its settings, which are ready for use.
    ///
    /// # Errors
    /// When it cannot be had, such as a topic that cannot be made.
    async fn of(&self, connector: &str, settings: &ConfigMap) -> Result<Arc<dyn OffsetStore>, OffsetError>;
}

/// One store for all.
pub struct SharedOffsets(pub Arc<dyn OffsetStore>);

#[async_trait::async_trait]
impl OffsetStores for SharedOffsets {
    async fn of(&self, _: &str, _: &ConfigMap) -> Result<Arc<dyn OffsetStore>, OffsetError> {
        Ok(Arc::clone(&self.0))
    }
}
