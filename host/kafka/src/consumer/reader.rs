//! Reading a topic without a group: for a person who looks into it.
//!
//! librdkafka's older interface, partition by partition: a consumer with a group would ask for its coordinator, need
//! permission for the group, and show up in lists. This one leaves nothing behind.

use std::collections::HashSet;
use std::ffi::CString;
use std::ptr::NonNull;
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
    /// Everything that was there has been read of this partition. Comes again after further records.
    End(TopicPartition),
    /// Nothing came within the timeout.
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
            if let Some(trouble) = self.client.poll(0).filter(|event| event.kind() == EventKind::Error)
                && let Some(reading) = self.trouble(&trouble)
            {
                return reading;
            }
            let left = deadline.saturating_duration_since(Instant::now()).min(Duration::from_millis(100));
            let Some(event) = self.poll(i32::try_from(left.as_millis()).unwrap_or(0)) else {
                if Instant::now() >= deadline {
                    return Reading::Idle;
                }
                continue;
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
            return event.partition().map(Reading::End);
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
            bindings::rd_kafka_queue_destroy(self.queue.as_ptr());
        }
    }
}
