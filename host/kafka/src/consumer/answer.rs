//! Answers to the group, and whether to fetch.

use super::{SinkConsumer, TopicPartition};
use crate::KafkaError;
use crate::native::PartitionList;

impl SinkConsumer {
    /// Answers [`Event::Assigned`](super::Event::Assigned): takes the partitions, each from the
    /// offset given ([`EARLIEST`](super::EARLIEST) and [`LATEST`](super::LATEST) are offsets too),
    /// and resumes them. Pause afterwards what should stay paused.
    ///
    /// # Errors
    /// When the assignment is out of date; the next event says what holds now.
    pub async fn assign(&mut self, offsets: &[(TopicPartition, i64)]) -> Result<(), KafkaError> {
        let list = list("taking assigned partitions", offsets)?;
        self.blocking("taking assigned partitions", move |inner| inner.assign(&list)).await
    }

    /// Answers [`Event::Revoked`](super::Event::Revoked): lets the partitions go.
    ///
    /// # Errors
    /// When the assignment is out of date; the next event says what holds now.
    pub async fn unassign(&mut self, partitions: &[TopicPartition]) -> Result<(), KafkaError> {
        let list = unplaced("giving up revoked partitions", partitions)?;
        self.blocking("giving up revoked partitions", move |inner| inner.unassign(&list)).await
    }

    /// Stops fetching. What was fetched already is thrown away and fetched again later.
    ///
    /// # Errors
    /// When a partition is not assigned.
    pub async fn pause(&self, partitions: &[TopicPartition]) -> Result<(), KafkaError> {
        if partitions.is_empty() {
            return Ok(());
        }
        let list = unplaced("pausing", partitions)?;
        self.blocking("pausing", move |inner| inner.pause(&list)).await
    }

    /// Fetches again, from the last record delivered.
    ///
    /// # Errors
    /// When a partition is not assigned.
    pub async fn resume(&self, partitions: &[TopicPartition]) -> Result<(), KafkaError> {
        if partitions.is_empty() {
            return Ok(());
        }
        let list = unplaced("resuming", partitions)?;
        self.blocking("resuming", move |inner| inner.resume(&list)).await
    }
}

pub(super) fn list(action: &'static str, offsets: &[(TopicPartition, i64)]) -> Result<PartitionList, KafkaError> {
    PartitionList::new(action, offsets.iter().map(|(partition, offset)| (partition, *offset)))
}

pub(super) fn unplaced(action: &'static str, partitions: &[TopicPartition]) -> Result<PartitionList, KafkaError> {
    let invalid = crate::native::partitions::OFFSET_INVALID;
    PartitionList::new(action, partitions.iter().map(|partition| (partition, invalid)))
}
