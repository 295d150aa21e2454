//! One event of a client's queue.

use std::ptr::NonNull;

use rdkafka::bindings;

use super::client::lossy;
use super::{PartitionList, code};
use crate::{KafkaError, TopicPartition};

/// An event, and with it what it carries: messages live exactly as long as their event.
pub(crate) struct NativeEvent(NonNull<bindings::rd_kafka_event_t>);

/// An event's kind, as far as we ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    Fetch,
    Deliveries,
    Rebalance,
    OffsetCommit,
    Error,
    Other,
}

impl NativeEvent {
    pub(crate) fn from_ptr(native: *mut bindings::rd_kafka_event_t) -> Option<Self> {
        NonNull::new(native).map(Self)
    }

    pub(crate) fn kind(&self) -> EventKind {
        // SAFETY: a live event.
        match unsafe { bindings::rd_kafka_event_type(self.0.as_ptr()) } {
            bindings::RD_KAFKA_EVENT_FETCH => EventKind::Fetch,
            bindings::RD_KAFKA_EVENT_DR => EventKind::Deliveries,
            bindings::RD_KAFKA_EVENT_REBALANCE => EventKind::Rebalance,
            bindings::RD_KAFKA_EVENT_OFFSET_COMMIT => EventKind::OffsetCommit,
            bindings::RD_KAFKA_EVENT_ERROR => EventKind::Error,
            _ => EventKind::Other,
        }
    }

    /// The event's next message, or null. Good while the event lives.
    pub(crate) fn next_message(&self) -> *const bindings::rd_kafka_message_t {
        // SAFETY: a live event; librdkafka keeps the place inside it.
        unsafe { bindings::rd_kafka_event_message_next(self.0.as_ptr()) }
    }

    pub(crate) fn error_code(&self) -> i32 {
        // SAFETY: a live event.
        unsafe { bindings::rd_kafka_event_error(self.0.as_ptr()) as i32 }
    }

    pub(crate) fn is_fatal(&self) -> bool {
        // SAFETY: a live event.
        unsafe { bindings::rd_kafka_event_error_is_fatal(self.0.as_ptr()) != 0 }
    }

    /// The error the event reports.
    pub(crate) fn error(&self, action: &'static str) -> KafkaError {
        // SAFETY: a live event; the string lives as long as it.
        let text = unsafe { lossy(bindings::rd_kafka_event_error_string(self.0.as_ptr())) };
        KafkaError::with_text(action, self.error_code(), text)
    }

    /// Success, or the first error in it.
    pub(crate) fn commit_result(&self, action: &'static str) -> Result<(), KafkaError> {
        let code = self.error_code();
        if code != code::NO_ERROR && code != code::NO_OFFSET {
            return Err(KafkaError::from_code(action, code));
        }
        self.partitions().map_or(Ok(()), |list| list.first_error(action))
    }

    /// The partition that an error is about, and the offset where it is.
    pub(crate) fn partition(&self) -> Option<(TopicPartition, i64)> {
        // SAFETY: a live event; the partition is ours to free, and its topic ends in zero.
        unsafe {
            let found = bindings::rd_kafka_event_topic_partition(self.0.as_ptr());
            if found.is_null() {
                return None;
            }
            let partition = (TopicPartition::new(lossy((*found).topic), (*found).partition), (*found).offset);
            bindings::rd_kafka_topic_partition_destroy(found);
            Some(partition)
        }
    }

    /// A copy of the partitions which a rebalance or a commit is about.
    pub(crate) fn partitions(&self) -> Option<PartitionList> {
        // SAFETY: a live event; the list belongs to it and is copied.
        unsafe {
            let list = bindings::rd_kafka_event_topic_partition_list(self.0.as_ptr());
            PartitionList::copy_of(list)
        }
    }
}

impl Drop for NativeEvent {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { bindings::rd_kafka_event_destroy(self.0.as_ptr()) };
    }
}
