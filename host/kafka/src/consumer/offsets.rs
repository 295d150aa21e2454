//! Committed offsets, and moving about.

use super::answer::{list, unplaced};
use super::{SinkConsumer, TopicPartition};
use crate::KafkaError;

impl SinkConsumer {
    /// The group's committed offset of each partition, in the order asked.
    ///
    /// # Errors
    /// When the coordinator does not answer within 30 seconds, or refuses.
    pub async fn committed(&self, partitions: &[TopicPartition]) -> Result<Vec<Option<i64>>, KafkaError> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let list = unplaced("reading committed offsets", partitions)?;
        let elements = self.blocking("reading committed offsets", move |inner| inner.committed(&list)).await?;
        Ok(partitions
            .iter()
            .map(|wanted| {
                elements
                    .iter()
                    .find(|element| element.partition == *wanted)
                    .map(|element| element.offset)
                    .filter(|offset| *offset >= 0)
            })
            .collect())
    }

    /// Commits these offsets, each being that of the *next* record to read, and waits for the
    /// coordinator. An empty list is nothing to do. One at a time, please: answers of overlapping
    /// commits come in any order.
    ///
    /// # Errors
    /// When the coordinator refuses (the member was expelled, say) or does not answer within 30
    /// seconds; then the commit may still happen.
    pub async fn commit(&self, offsets: &[(TopicPartition, i64)]) -> Result<(), KafkaError> {
        if offsets.is_empty() {
            return Ok(());
        }
        let list = list("committing offsets", offsets)?;
        self.blocking("committing offsets", move |inner| inner.commit(&list)).await
    }

    /// Goes on from these offsets. Records fetched before are not delivered any more.
    ///
    /// # Errors
    /// Retriable with `_STATE` while a partition is not being fetched yet; to start somewhere, put
    /// the offset into [`assign`](Self::assign) instead.
    pub async fn seek(&mut self, offsets: &[(TopicPartition, i64)]) -> Result<(), KafkaError> {
        if offsets.is_empty() {
            return Ok(());
        }
        let list = list("seeking", offsets)?;
        self.blocking("seeking", move |inner| inner.seek(&list)).await
    }
}
