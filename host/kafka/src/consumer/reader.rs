//! Reading a topic without a group: for a person who looks into it, and for the worker's own state.
//!
//! librdkafka's older interface, partition by partition: a consumer with a group would ask for its coordinator, need
//! permission for the group, and show up in lists. This one leaves nothing behind.

use std::collections::HashSet;
use std::ffi::CString;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::bindings;

use super::queue::Trouble;
use super::record::{self, InRecord, Topics};
use super::{Event, error_event};
use crate::native::event::EventKind;
use crate::native::{Client, Kind, NativeEvent, code};
use crate::settings::ClientSettings;
use crate::{KafkaError, TopicPartition};

/// What [`TopicReader::next`] brings.
#[derive(Debug)]
pub enum Reading {
    /// Records, in order within each partition; never empty.
    Records(Vec<InRecord>),
    /// Everything that was there has been read of this partition. Comes again after further records, and after what
    /// is not shown: the marks and the aborted records of transactions.
    End {
        /// The partition.
        partition: TopicPartition,
        /// The offset that comes next, whatever was left out before it.
        offset: i64,
    },
    /// Nothing came within the timeout, or somebody has ended the waiting.
    Idle,
    /// Something to tell and go on.
    Warning(String),
    /// It cannot go on.
    Failed(KafkaError),
}

/// Reads partitions from given offsets, with [`reader_settings`](crate::settings::reader_settings). Its calls block.
pub struct TopicReader {
    queue: NonNull<bindings::rd_kafka_queue_t>,
    started: Vec<(NonNull<bindings::rd_kafka_topic_t>, i32)>,
    topics: Topics,
    warned: HashSet<String>,
    /// What came behind records.
    kept: Option<NativeEvent>,
    /// Last: all the others belong to it.
    client: Client,
}

impl TopicReader {
    /// Starts reading these partitions at these offsets.
    ///
    /// # Errors
    /// When librdkafka refuses the settings or a partition.
    pub fn start(settings: &ClientSettings, from: &[(TopicPartition, i64)]) -> Result<Self, KafkaError> {
        const ACTION: &str = "reading a topic";
        let client = Client::new(Kind::Reader, settings)?;
        // SAFETY: a live handle; the queue is ours.
        let queue = NonNull::new(unsafe { bindings::rd_kafka_queue_new(client.ptr()) })
            .ok_or_else(|| KafkaError::Creation("no memory for a queue".to_owned()))?;
        // What is wrong with the client itself is told here too, so that one place has to be watched.
        // SAFETY: live queues.
        unsafe { bindings::rd_kafka_queue_forward(client.queue(), queue.as_ptr()) };
        let mut reader =
            Self { queue, started: Vec::new(), topics: Topics::default(), warned: HashSet::new(), kept: None, client };
        for (partition, offset) in from {
            let name =
                CString::new(partition.topic.as_str()).map_err(|_| KafkaError::from_code(ACTION, code::INVALID_ARG))?;
            // SAFETY: a live handle and a string that ends in zero; the topic is ours.
            let topic =
                unsafe { bindings::rd_kafka_topic_new(reader.client.ptr(), name.as_ptr(), std::ptr::null_mut()) };
            let Some(topic) = NonNull::new(topic) else {
                // SAFETY: reads a number of this thread.
                return Err(KafkaError::from_code(ACTION, unsafe { bindings::rd_kafka_last_error() } as i32));
            };
            // SAFETY: live topic and queue.
            let result = unsafe {
                bindings::rd_kafka_consume_start_queue(topic.as_ptr(), partition.partition, *offset, queue.as_ptr())
            };
            if result != 0 {
                // SAFETY: reads a number of this thread; the topic is ours and was not started.
                let code = unsafe { bindings::rd_kafka_last_error() } as i32;
                unsafe { bindings::rd_kafka_topic_destroy(topic.as_ptr()) };
                return Err(KafkaError::from_code(ACTION, code));
            }
            reader.started.push((topic, partition.partition));
        }
        Ok(reader)
    }

    /// What comes next; records that are there come together, up to `max`.
    pub fn next(&mut self, max: usize, timeout: Duration) -> Reading {
        let deadline = Instant::now() + timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(event) = self.poll(i32::try_from(left.as_millis()).unwrap_or(i32::MAX)) else {
                return Reading::Idle;
            };
            match event.kind() {
                EventKind::Fetch => {
                    let mut records = Vec::new();
                    record::read(&event, &mut self.topics, &mut records);
                    self.more(max, &mut records);
                    if !records.is_empty() {
                        return Reading::Records(records);
                    }
                }
                EventKind::Error => {
                    if let Some(reading) = self.trouble(&event) {
                        return reading;
                    }
                }
                EventKind::Deliveries | EventKind::Rebalance | EventKind::OffsetCommit | EventKind::Other => {}
            }
        }
    }

    /// What is there without waiting, as long as it is records.
    fn more(&mut self, max: usize, records: &mut Vec<InRecord>) {
        while records.len() < max {
            // SAFETY: a live queue.
            if unsafe { bindings::rd_kafka_queue_length(self.queue.as_ptr()) } == 0 {
                return;
            }
            let Some(event) = self.poll(0) else { return };
            match event.kind() {
                EventKind::Fetch => record::read(&event, &mut self.topics, records),
                _ => {
                    self.kept = Some(event);
                    return;
                }
            }
        }
    }

    fn poll(&mut self, millis: i32) -> Option<NativeEvent> {
        if let Some(event) = self.kept.take() {
            return Some(event);
        }
        // SAFETY: a live queue; the event is ours.
        NativeEvent::from_ptr(unsafe { bindings::rd_kafka_queue_poll(self.queue.as_ptr(), millis) })
    }

    fn trouble(&mut self, event: &NativeEvent) -> Option<Reading> {
        if event.error_code() == code::PARTITION_EOF {
            return event.partition().map(|(partition, offset)| Reading::End { partition, offset });
        }
        match error_event(Trouble::of(event), &mut self.warned)? {
            Event::Failed(error) => Some(Reading::Failed(error)),
            Event::Warning(text) => Some(Reading::Warning(text)),
            _ => None,
        }
    }
}

impl Drop for TopicReader {
    fn drop(&mut self) {
        self.kept = None;
        // SAFETY: all of these are ours, and the client still lives.
        unsafe {
            for (topic, partition) in &self.started {
                bindings::rd_kafka_consume_stop(topic.as_ptr(), *partition);
            }
            for (topic, _) in &self.started {
                bindings::rd_kafka_topic_destroy(topic.as_ptr());
            }
            bindings::rd_kafka_queue_forward(self.client.queue(), std::ptr::null_mut());
            bindings::rd_kafka_queue_destroy(self.queue.as_ptr());
        }
    }
}

/// Ends the waiting of a [`TopicReader`] on another thread.
#[derive(Default)]
pub(crate) struct Waker(Mutex<Option<Place>>);

struct Place(NonNull<bindings::rd_kafka_queue_t>);

// SAFETY: librdkafka's queues may be used from any thread.
unsafe impl Send for Place {}

/// As long as it lives, the reader can be woken.
pub(crate) struct Wakeable<'a>(&'a Waker);

impl Waker {
    /// Has the reader woken from now on. What this answers has to go before the reader does.
    pub(crate) fn attach<'a>(&'a self, reader: &TopicReader) -> Wakeable<'a> {
        *lock(&self.0) = Some(Place(reader.queue));
        Wakeable(self)
    }

    /// Ends the waiting, or else the next.
    pub(crate) fn wake(&self) {
        if let Some(place) = &*lock(&self.0) {
            // SAFETY: the reader's queue lives while it is attached.
            unsafe { bindings::rd_kafka_queue_yield(place.0.as_ptr()) };
        }
    }
}

impl Drop for Wakeable<'_> {
    fn drop(&mut self) {
        *lock(&self.0.0) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
