//! Where source connectors have got to. Keys and values are Kafka Connect's: JSON `["connector",{partition}]`
//! and `{offset}`, compared as bytes by compaction, so field order and escaping are part of the format.

pub mod file;
pub mod position;

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

/// Durable offsets of all source connectors of a worker.
#[async_trait::async_trait]
pub trait OffsetStore: Send + Sync {
    /// In the order asked.
    async fn get(&self, connector: &str, partitions: &[Offset]) -> Result<Vec<Option<Offset>>, OffsetError>;
    /// Durable when it returns.
    async fn put(&self, connector: &str, entries: Vec<Stored>) -> Result<(), OffsetError>;
    /// Everything known of a connector, deletions left out.
    async fn all(&self, connector: &str) -> Result<Vec<Stored>, OffsetError>;
}
