//! librdkafka's list of partitions with offsets.

use std::ffi::CString;
use std::ptr::NonNull;

use rdkafka::bindings;

use super::client::lossy;
use super::code;
use crate::{KafkaError, TopicPartition};

/// librdkafka's mark for "no offset".
pub(crate) const OFFSET_INVALID: i64 = -1001;

pub(crate) struct PartitionList(NonNull<bindings::rd_kafka_topic_partition_list_t>);

// SAFETY: a plain list on the heap, owned by this value.
unsafe impl Send for PartitionList {}

/// An element as plain values.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) partition: TopicPartition,
    pub(crate) offset: i64,
    pub(crate) error: i32,
}

impl PartitionList {
    /// A list of partitions with offsets; names that hold a zero byte cannot exist in Kafka and
    /// are an error.
    pub(crate) fn new<'a>(
        action: &'static str,
        entries: impl IntoIterator<Item = (&'a TopicPartition, i64)>,
    ) -> Result<Self, KafkaError> {
        let entries = entries.into_iter();
        // SAFETY: plain construction; each element is written right after it was added.
        unsafe {
            let room = i32::try_from(entries.size_hint().0).unwrap_or(0);
            let list = bindings::rd_kafka_topic_partition_list_new(room);
            let Some(list) = NonNull::new(list).map(Self) else {
                return Err(KafkaError::from_code(action, code::INVALID_ARG));
            };
            for (partition, offset) in entries {
                let Ok(topic) = CString::new(partition.topic.as_str()) else {
                    let text = format!("a zero byte in the topic name {:?}", partition.topic);
                    return Err(KafkaError::with_text(action, code::INVALID_ARG, text));
                };
                let element =
                    bindings::rd_kafka_topic_partition_list_add(list.0.as_ptr(), topic.as_ptr(), partition.partition);
                (*element).offset = offset;
            }
            Ok(list)
        }
    }

    /// # Safety
    /// `list` must be null or a live list.
    pub(crate) unsafe fn copy_of(list: *const bindings::rd_kafka_topic_partition_list_t) -> Option<Self> {
        if list.is_null() {
            return None;
        }
        // SAFETY: by the caller's promise.
        NonNull::new(unsafe { bindings::rd_kafka_topic_partition_list_copy(list) }).map(Self)
    }

    /// Takes over a list which librdkafka gave away.
    pub(crate) fn owned(list: *mut bindings::rd_kafka_topic_partition_list_t) -> Option<Self> {
        NonNull::new(list).map(Self)
    }

    pub(crate) fn ptr(&self) -> *mut bindings::rd_kafka_topic_partition_list_t {
        self.0.as_ptr()
    }

    pub(crate) fn is_empty(&self) -> bool {
        // SAFETY: a live list.
        unsafe { (*self.0.as_ptr()).cnt == 0 }
    }

    pub(crate) fn elements(&self) -> Vec<Element> {
        // SAFETY: a live list of `cnt` elements whose topics end in zero. The code is read as a number.
        unsafe {
            let list = self.0.as_ptr();
            let count = usize::try_from((*list).cnt).unwrap_or(0);
            (0..count)
                .map(|at| {
                    let element = (*list).elems.add(at);
                    Element {
                        partition: TopicPartition::new(lossy((*element).topic), (*element).partition),
                        offset: (*element).offset,
                        error: std::ptr::addr_of!((*element).err).cast::<i32>().read(),
                    }
                })
                .collect()
        }
    }

    pub(crate) fn partitions(&self) -> Vec<TopicPartition> {
        self.elements().into_iter().map(|e| e.partition).collect()
    }

    /// The first element's error, named with its partition.
    pub(crate) fn first_error(&self, action: &'static str) -> Result<(), KafkaError> {
        let failed = self.elements().into_iter().find(|e| e.error != code::NO_ERROR);
        match failed {
            None => Ok(()),
            Some(element) => Err(KafkaError::with_text(
                action,
                element.error,
                format!("{}: {}", element.partition, code::text(element.error)),
            )),
        }
    }
}

impl Drop for PartitionList {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { bindings::rd_kafka_topic_partition_list_destroy(self.0.as_ptr()) };
    }
}
