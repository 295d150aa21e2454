//! The hot path: one record into librdkafka.
//!
//! rdkafka's `BaseProducer::send` makes a C string of the topic's name for each record, and
//! librdkafka then looks the name up in a linked list under a lock. A task writes to few topics, so
//! it keeps their handles and passes those.

use std::collections::HashMap;
use std::ffi::CString;
use std::os::raw::{c_char, c_void};
use std::ptr::{self, NonNull};
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, Ordering};

use rdkafka::bindings::{self, rd_kafka_vtype_t as V};

use super::shared::Shared;
use super::slot::{Slot, Weight, lock, pack};
use crate::KafkaError;
use crate::native::code;

/// How long a question about a topic may take.
const METADATA_TIMEOUT_MS: i32 = 30_000;

/// A record to write. Everything is borrowed; librdkafka copies.
#[derive(Debug, Clone, Copy)]
pub struct OutRecord<'a> {
    /// The topic's name.
    pub topic: &'a str,
    /// The partition, or none to let the partitioner choose.
    pub partition: Option<i32>,
    /// The key; none and empty differ.
    pub key: Option<&'a [u8]>,
    /// The value; none is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Headers in order, duplicates allowed.
    pub headers: &'a [(String, Option<Vec<u8>>)],
    /// Milliseconds since 1970, or none for now.
    pub timestamp: Option<i64>,
}

/// Why a record was not taken. It will not be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The task's window or the producer's queue is full: wait for acknowledgements.
    #[error("too many records on their way: the window of the task or buffer.memory of its producer is full")]
    QueueFull,
    /// The topic or the partition does not exist, as far as the producer knows. Retriable:
    /// [`refresh_topic`](super::ProducerLease::refresh_topic), then send again.
    #[error("{0} does not exist")]
    UnknownTopic(String),
    /// The record is larger than `max.request.size`.
    #[error(
        "The message is {size} bytes when serialized which is larger than {limit}, which is the value of the max.request.size configuration."
    )]
    TooLarge {
        /// Bytes of key, value and headers, roughly.
        size: usize,
        /// The limit in force.
        limit: usize,
    },
    /// The record cannot be written whatever the broker does.
    #[error("{0}")]
    Invalid(String),
    /// Anything else, such as a producer that failed for good.
    #[error(transparent)]
    Other(#[from] KafkaError),
}

/// A topic handle of librdkafka, kept by one task.
struct Topic {
    name: Box<str>,
    native: NonNull<bindings::rd_kafka_topic_t>,
}

/// A task's topics. The last one used is found by one comparison.
#[derive(Default)]
pub(super) struct Topics {
    /// Points into `all`, whose entries are boxed and leave only in `clear`.
    last: AtomicPtr<Topic>,
    all: Mutex<HashMap<Box<str>, Box<Topic>>>,
}

// SAFETY: topic handles may be used from any thread.
unsafe impl Send for Topic {}
// SAFETY: as above.
unsafe impl Sync for Topic {}

impl Topics {
    fn get(&self, producer: &Shared, name: &str) -> Result<*mut bindings::rd_kafka_topic_t, SendError> {
        let last = self.last.load(Ordering::Acquire);
        // SAFETY: null, or an entry of `all`, which is emptied only with exclusive access.
        if let Some(topic) = unsafe { last.as_ref() }
            && *topic.name == *name
        {
            return Ok(topic.native.as_ptr());
        }
        let mut all = lock(&self.all);
        if !all.contains_key(name) {
            let native = open(producer, name)?;
            all.insert(name.into(), Box::new(Topic { name: name.into(), native }));
        }
        let Some(topic) = all.get_mut(name) else {
            return Err(SendError::UnknownTopic(name.to_owned()));
        };
        self.last.store(ptr::from_mut(topic.as_mut()), Ordering::Release);
        Ok(topic.native.as_ptr())
    }

    /// Gives the handles back; before the producer goes.
    pub(super) fn clear(&mut self) {
        self.last.store(ptr::null_mut(), Ordering::Release);
        for (_, topic) in lock(&self.all).drain() {
            // SAFETY: the handle is ours, and the producer still lives.
            unsafe { bindings::rd_kafka_topic_destroy(topic.native.as_ptr()) };
        }
    }
}

fn open(producer: &Shared, name: &str) -> Result<NonNull<bindings::rd_kafka_topic_t>, SendError> {
    let invalid = || SendError::Invalid(format!("Invalid topics: [{name}]"));
    if !is_topic_name(name) {
        return Err(invalid());
    }
    let text = CString::new(name).map_err(|_| invalid())?;
    // SAFETY: a live handle and a string that ends in zero; null takes the default settings.
    let native = unsafe { bindings::rd_kafka_topic_new(producer.client.ptr(), text.as_ptr(), ptr::null_mut()) };
    NonNull::new(native).ok_or_else(invalid)
}

/// Kafka's rule. librdkafka lets other names pass, and would ask for them for ever.
fn is_topic_name(name: &str) -> bool {
    (1..=249).contains(&name.len())
        && name != "."
        && name != ".."
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

pub(super) fn send(
    producer: &Shared,
    topics: &Topics,
    slot: &Slot,
    number: u16,
    record: &OutRecord<'_>,
    seq: u64,
) -> Result<(), SendError> {
    let opaque =
        pack(number, seq).ok_or_else(|| SendError::Invalid(format!("sequence number {seq} has more than 48 bits")))?;
    let timestamp = match record.timestamp {
        None => 0,
        Some(at) if at >= 0 => at,
        Some(at) => {
            return Err(SendError::Invalid(format!(
                "Invalid timestamp: {at}. Timestamp should always be non-negative or null."
            )));
        }
    };
    let topic = topics.get(producer, record.topic)?;
    let (value, value_len) = parts(record.value);
    let (key, key_len) = parts(record.key);
    let headers = headers(record.headers)?;
    let weight = Weight::of(value_len + key_len);
    // Counted before: the report may be served by a neighbour before this call returns.
    slot.sent(weight);
    // SAFETY: the types are those the tags ask for; key and value are copied before the call
    // returns; the headers become librdkafka's exactly when it succeeds.
    let result = unsafe {
        bindings::rd_kafka_producev(
            producer.client.ptr(),
            V::RD_KAFKA_VTYPE_RKT,
            topic,
            V::RD_KAFKA_VTYPE_PARTITION,
            record.partition.unwrap_or(-1),
            V::RD_KAFKA_VTYPE_MSGFLAGS,
            bindings::RD_KAFKA_MSG_F_COPY,
            V::RD_KAFKA_VTYPE_VALUE,
            value,
            value_len,
            V::RD_KAFKA_VTYPE_KEY,
            key,
            key_len,
            V::RD_KAFKA_VTYPE_OPAQUE,
            opaque as *mut c_void,
            V::RD_KAFKA_VTYPE_TIMESTAMP,
            timestamp,
            V::RD_KAFKA_VTYPE_HEADERS,
            headers,
            V::RD_KAFKA_VTYPE_END,
        ) as i32
    };
    if result == code::NO_ERROR {
        return Ok(());
    }
    slot.not_sent(weight);
    if !headers.is_null() {
        // SAFETY: the call failed, so they are still ours.
        unsafe { bindings::rd_kafka_headers_destroy(headers) };
    }
    Err(refused(producer, record, result, value_len + key_len))
}

fn refused(producer: &Shared, record: &OutRecord<'_>, error: i32, payload: usize) -> SendError {
    match error {
        code::QUEUE_FULL => SendError::QueueFull,
        code::UNKNOWN_TOPIC | code::UNKNOWN_TOPIC_OR_PART => SendError::UnknownTopic(format!("topic {}", record.topic)),
        code::UNKNOWN_PARTITION => SendError::UnknownTopic(match record.partition {
            Some(partition) => format!("partition {}-{partition}", record.topic),
            None => format!("topic {}", record.topic),
        }),
        code::MSG_SIZE_TOO_LARGE => {
            let headers: usize =
                record.headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len)).sum();
            SendError::TooLarge { size: payload + headers, limit: producer.settings.max_request_size() }
        }
        code::INVALID_ARG => {
            SendError::Invalid(format!("the record for topic {} is invalid: {}", record.topic, code::text(error)))
        }
        _ => SendError::Other(producer.broken().unwrap_or_else(|| KafkaError::from_code("sending a record", error))),
    }
}

/// Pointer and length; an empty slice's pointer is not null, which is how null and empty differ.
fn parts(bytes: Option<&[u8]>) -> (*mut c_void, usize) {
    bytes.map_or((ptr::null_mut(), 0), |b| (b.as_ptr().cast_mut().cast(), b.len()))
}

fn headers(headers: &[(String, Option<Vec<u8>>)]) -> Result<*mut bindings::rd_kafka_headers_t, SendError> {
    if headers.is_empty() {
        return Ok(ptr::null_mut());
    }
    // SAFETY: plain construction; names and values are copied.
    unsafe {
        let list = bindings::rd_kafka_headers_new(headers.len());
        for (name, value) in headers {
            let (value, len) = parts(value.as_deref());
            let result = bindings::rd_kafka_header_add(
                list,
                name.as_ptr().cast::<c_char>(),
                name.len() as isize,
                value,
                len as isize,
            ) as i32;
            if result != code::NO_ERROR {
                bindings::rd_kafka_headers_destroy(list);
                return Err(SendError::Invalid(format!("header {name:?}: {}", code::text(result))));
            }
        }
        Ok(list)
    }
}

/// Partitions of a topic by the brokers' word. Blocks.
pub(super) fn ask_about(producer: &Shared, topic: &str) -> Result<Option<usize>, KafkaError> {
    const ACTION: &str = "asking about a topic";
    let topic = open(producer, topic).map_err(|e| KafkaError::with_text(ACTION, code::INVALID_ARG, e.to_string()))?;
    let mut answer = ptr::null();
    // SAFETY: live handles; the answer is read before it is freed, the topic given back after.
    unsafe {
        let result =
            bindings::rd_kafka_metadata(producer.client.ptr(), 0, topic.as_ptr(), &mut answer, METADATA_TIMEOUT_MS)
                as i32;
        bindings::rd_kafka_topic_destroy(topic.as_ptr());
        if result != code::NO_ERROR {
            return Err(KafkaError::from_code(ACTION, result));
        }
        let topics = &*answer;
        let found = if topics.topic_cnt > 0 {
            let first = &raw const *topics.topics;
            let error = ptr::addr_of!((*first).err).cast::<i32>().read();
            (error == code::NO_ERROR).then(|| usize::try_from((*first).partition_cnt).unwrap_or(0))
        } else {
            None
        };
        bindings::rd_kafka_metadata_destroy(answer);
        Ok(found.filter(|count| *count > 0))
    }
}
