//! The store of a connector that keeps its offsets in a topic of its own (KIP-618). The worker's topic is kept up to
//! date beside it, so that the connector can be told to do without its own topic one day; and where the connector's
//! says nothing of a partition, the worker's counts.
//!
//! Deletions go to the worker's topic first: were they to fail there after they are done in the connector's, an offset
//! that somebody took away would come back.

use super::OffsetLog;
use crate::offsets::position::Offset;
use crate::offsets::{OffsetError, OffsetRecords, OffsetStore, Stored};

/// Offsets in a topic of a connector's own, and in the worker's behind it.
#[derive(Clone)]
pub struct ConnectorOffsets {
    /// What counts, with its name.
    pub(super) topic: String,
    pub(super) own: OffsetLog,
    /// None where the connector's topic is the worker's.
    pub(super) workers: Option<OffsetLog>,
}

impl ConnectorOffsets {
    /// Deletions, to be written to the worker's topic before anything else.
    async fn delete_behind(&self, connector: &str, entries: &[Stored]) -> Result<(), OffsetError> {
        let Some(workers) = &self.workers else { return Ok(()) };
        let deleted: Vec<Stored> = entries.iter().filter(|entry| entry.offset.is_none()).cloned().collect();
        if deleted.is_empty() { Ok(()) } else { workers.put(connector, deleted).await }
    }

    /// The rest, for which nobody waits.
    fn write_behind(&self, connector: &str, entries: &[Stored]) {
        let Some(workers) = self.workers.clone() else { return };
        let kept: Vec<Stored> = entries.iter().filter(|entry| entry.offset.is_some()).cloned().collect();
        if kept.is_empty() {
            return;
        }
        let connector = connector.to_owned();
        tokio::spawn(async move {
            if let Err(error) = workers.put(&connector, kept).await {
                tracing::warn!("Failed to write offsets of {connector} to secondary backing store: {error}");
            }
        });
    }
}

#[async_trait::async_trait]
impl OffsetStore for ConnectorOffsets {
    async fn get(&self, connector: &str, partitions: &[Offset]) -> Result<Vec<Option<Offset>>, OffsetError> {
        let Some(workers) = &self.workers else { return self.own.get(connector, partitions).await };
        let (behind, own) = tokio::join!(workers.get(connector, partitions), self.own.get(connector, partitions));
        Ok(own?.into_iter().zip(behind?).map(|(own, behind)| own.or(behind)).collect())
    }

    async fn put(&self, connector: &str, entries: Vec<Stored>) -> Result<(), OffsetError> {
        self.delete_behind(connector, &entries).await?;
        self.own.put(connector, entries.clone()).await?;
        self.write_behind(connector, &entries);
        Ok(())
    }

    async fn all(&self, connector: &str) -> Result<Vec<Stored>, OffsetError> {
        let Some(workers) = &self.workers else { return self.own.all(connector).await };
        let (behind, own) = tokio::join!(workers.all(connector), self.own.all(connector));
        let mut stored = own?;
        let known: std::collections::HashSet<String> =
            stored.iter().map(|entry| crate::offsets::position::canonical(&entry.partition)).collect();
        let news = |entry: &Stored| !known.contains(&crate::offsets::position::canonical(&entry.partition));
        stored.extend(behind?.into_iter().filter(news));
        Ok(stored)
    }

    fn records(&self, connector: &str, entries: &[Stored]) -> Option<OffsetRecords> {
        Some(OffsetRecords { topic: self.topic.clone(), records: self.own.records(connector, entries) })
    }

    async fn before_records(&self, connector: &str, entries: &[Stored]) -> Result<(), OffsetError> {
        self.delete_behind(connector, entries).await
    }

    fn after_records(&self, connector: &str, entries: &[Stored]) {
        self.write_behind(connector, entries);
    }
}
