//! The calls of a consumer that block. All of them wait for librdkafka's main thread, some for a
//! broker; so all of them run on blocking threads.

use std::ffi::CStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::bindings;

use super::queue::RecordQueue;
use crate::native::client::take_error;
use crate::native::partitions::Element;
use crate::native::{Client, Kind, PartitionList, code};
use crate::settings::ClientSettings;
use crate::{KafkaError, TopicPartition};

/// An offset to assign: the partition's beginning.
pub const EARLIEST: i64 = -2;

/// An offset to assign: the partition's end.
pub const LATEST: i64 = -1;

/// How long a broker may take to answer.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
const CALL_TIMEOUT_MS: i32 = 30_000;

pub(super) struct Inner {
    /// Goes before the client does.
    pub(super) records: RecordQueue,
    pub(super) client: Client,
    /// One of the topics it was made for.
    topic: String,
    /// `group.instance.id` is set.
    stays_member: bool,
    /// `group.protocol=consumer`: members choose their ids and keep them.
    keeps_id: bool,
    /// Which partitions the group asked to take, until the answer is given.
    asked: Mutex<Option<PartitionList>>,
}

/// Runs a blocking call away from the async threads.
pub(super) async fn blocking<T: Send + 'static>(
    action: &'static str,
    call: impl FnOnce() -> Result<T, KafkaError> + Send + 'static,
) -> Result<T, KafkaError> {
    tokio::task::spawn_blocking(call).await.unwrap_or(Err(KafkaError::ShuttingDown(action)))
}

fn check(action: &'static str, result: i32) -> Result<(), KafkaError> {
    if result == code::NO_ERROR { Ok(()) } else { Err(KafkaError::from_code(action, result)) }
}

impl Inner {
    pub(super) fn subscribe(settings: &ClientSettings, topics: &[String]) -> Result<Self, KafkaError> {
        let client = Client::new(Kind::Consumer, settings)?;
        let inner = Self {
            records: RecordQueue::new(&client, settings)?,
            client,
            topic: topics.first().cloned().unwrap_or_default(),
            stays_member: settings.get("group.instance.id").is_some(),
            keeps_id: settings.get("group.protocol").is_some_and(|name| name.eq_ignore_ascii_case("consumer")),
            asked: Mutex::default(),
        };
        inner.set_subscription(topics)?;
        Ok(inner)
    }

    pub(super) fn set_subscription(&self, topics: &[String]) -> Result<(), KafkaError> {
        const ACTION: &str = "subscribing";
        let wanted: Vec<_> = topics.iter().map(|t| TopicPartition::new(t.as_str(), -1)).collect();
        let list = PartitionList::new(ACTION, wanted.iter().map(|p| (p, 0)))?;
        // SAFETY: live handle and list; the list is copied.
        check(ACTION, unsafe { bindings::rd_kafka_subscribe(self.client.ptr(), list.ptr()) } as i32)
    }

    pub(super) fn unsubscribe(&self) {
        // SAFETY: a live handle.
        unsafe { bindings::rd_kafka_unsubscribe(self.client.ptr()) };
    }

    pub(super) fn assignment_lost(&self) -> bool {
        // SAFETY: a live handle.
        unsafe { bindings::rd_kafka_assignment_lost(self.client.ptr()) != 0 }
    }

    /// Whether its place in the group is kept for it until the session's time is over.
    pub(super) fn stays_member(&self) -> bool {
        self.stays_member
    }

    /// Whether it is a member of its group, or about to be.
    pub(super) fn is_member(&self) -> bool {
        // SAFETY: a live handle; the string is ours to free, and null or ending in zero.
        unsafe {
            let id = bindings::rd_kafka_memberid(self.client.ptr());
            if id.is_null() {
                return false;
            }
            let is_empty = CStr::from_ptr(id).is_empty();
            bindings::rd_kafka_mem_free(self.client.ptr(), id.cast());
            !is_empty
        }
    }

    /// Whether the farewell to the coordinator is written, as far as that can be seen.
    pub(super) fn has_left(&self) -> bool {
        self.keeps_id || !self.is_member()
    }

    /// Some partition that a question may name.
    pub(super) fn any_partition(&self) -> TopicPartition {
        TopicPartition::new(self.topic.as_str(), 0)
    }

    pub(super) fn is_cooperative(&self) -> bool {
        // SAFETY: a live handle; the answer is null or a static string.
        let protocol = unsafe {
            let name = bindings::rd_kafka_rebalance_protocol(self.client.ptr());
            if name.is_null() { c"NONE" } else { CStr::from_ptr(name) }
        };
        protocol == c"COOPERATIVE"
    }

    /// The partitions that are assigned now, as librdkafka sees it.
    pub(super) fn assignment(&self) -> Option<PartitionList> {
        let mut list = std::ptr::null_mut();
        // SAFETY: a live handle; the list becomes ours.
        unsafe { bindings::rd_kafka_assignment(self.client.ptr(), &mut list) };
        PartitionList::owned(list)
    }

    /// Remembers a question that only taking partitions answers.
    pub(super) fn was_asked_to_take(&self, partitions: Option<PartitionList>) {
        *self.asked() = partitions;
    }

    /// The partitions of a question without an answer.
    pub(super) fn unanswered(&self) -> Option<PartitionList> {
        self.asked().take()
    }

    fn asked(&self) -> MutexGuard<'_, Option<PartitionList>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes partitions, from explicit offsets.
    pub(super) fn assign(&self, list: &PartitionList) -> Result<(), KafkaError> {
        const ACTION: &str = "taking assigned partitions";
        *self.asked() = None;
        // Before: else the first records would come through the main queue.
        self.records.lead_here(list);
        // SAFETY: live handle and list; the list is copied.
        unsafe {
            if self.is_cooperative() {
                take_error(ACTION, bindings::rd_kafka_incremental_assign(self.client.ptr(), list.ptr()))?;
            } else {
                check(ACTION, bindings::rd_kafka_assign(self.client.ptr(), list.ptr()) as i32)?;
            }
        }
        if list.is_empty() {
            return Ok(());
        }
        // A pause survives revocation and re-assignment, and would silence the partition for ever.
        let resumed = self.resume(list);
        // And after: should an earlier letting go have been on its way still, it has undone the
        // first. It is over now, for resuming waits in the same line.
        self.records.lead_here(list);
        resumed
    }

    /// Lets partitions go; all of them, unless the group rebalances incrementally.
    pub(super) fn unassign(&self, list: &PartitionList) -> Result<(), KafkaError> {
        const ACTION: &str = "giving up revoked partitions";
        // SAFETY: live handle and list; null means "none any more".
        unsafe {
            if self.is_cooperative() {
                take_error(ACTION, bindings::rd_kafka_incremental_unassign(self.client.ptr(), list.ptr()))
            } else {
                check(ACTION, bindings::rd_kafka_assign(self.client.ptr(), std::ptr::null()) as i32)
            }
        }
    }

    pub(super) fn committed(&self, list: &PartitionList) -> Result<Vec<Element>, KafkaError> {
        self.committed_within(list, CALL_TIMEOUT)
    }

    pub(super) fn committed_within(&self, list: &PartitionList, timeout: Duration) -> Result<Vec<Element>, KafkaError> {
        const ACTION: &str = "reading committed offsets";
        let millis = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: live handle and list; the list is filled in.
        let result = unsafe { bindings::rd_kafka_committed(self.client.ptr(), list.ptr(), millis) };
        check(ACTION, result as i32)?;
        list.first_error(ACTION)?;
        Ok(list.elements())
    }

    /// Commits and waits for the coordinator, but not for ever: the answer goes to a queue of its own.
    pub(super) fn commit(&self, list: &PartitionList) -> Result<(), KafkaError> {
        const ACTION: &str = "committing offsets";
        // SAFETY: live handle and list; the queue is ours, and librdkafka counts its references,
        // so that an answer which comes too late finds it.
        unsafe {
            let queue = bindings::rd_kafka_queue_new(self.client.ptr());
            let asked =
                bindings::rd_kafka_commit_queue(self.client.ptr(), list.ptr(), queue, None, std::ptr::null_mut())
                    as i32;
            let answer = if asked == code::NO_ERROR {
                crate::native::NativeEvent::from_ptr(bindings::rd_kafka_queue_poll(queue, CALL_TIMEOUT_MS))
            } else {
                None
            };
            bindings::rd_kafka_queue_destroy(queue);
            check(ACTION, asked)?;
            answer.map_or_else(
                || Err(KafkaError::from_code(ACTION, code::TIMED_OUT)),
                |event| event.commit_result(ACTION),
            )
        }
    }

    pub(super) fn seek(&self, list: &PartitionList) -> Result<(), KafkaError> {
        const ACTION: &str = "seeking";
        // SAFETY: live handle and list; errors are written into the list's elements.
        unsafe {
            take_error(ACTION, bindings::rd_kafka_seek_partitions(self.client.ptr(), list.ptr(), CALL_TIMEOUT_MS))?;
        }
        list.first_error(ACTION)
    }

    pub(super) fn pause(&self, list: &PartitionList) -> Result<(), KafkaError> {
        const ACTION: &str = "pausing";
        // SAFETY: live handle and list.
        check(ACTION, unsafe { bindings::rd_kafka_pause_partitions(self.client.ptr(), list.ptr()) } as i32)?;
        list.first_error(ACTION)
    }

    pub(super) fn resume(&self, list: &PartitionList) -> Result<(), KafkaError> {
        const ACTION: &str = "resuming";
        // SAFETY: live handle and list.
        check(ACTION, unsafe { bindings::rd_kafka_resume_partitions(self.client.ptr(), list.ptr()) } as i32)?;
        list.first_error(ACTION)
    }
}
