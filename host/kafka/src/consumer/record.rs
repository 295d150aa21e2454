//! Records out of librdkafka.

use std::ffi::CStr;
use std::os::raw::{c_char, c_void};
use std::ptr;
use std::sync::Arc;

use rdkafka::bindings::{self, rd_kafka_timestamp_type_t as T};

use crate::native::{NativeEvent, code};

/// One record, copied: a borrowed one would pin its whole fetch response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InRecord {
    /// The topic's name; all records of a topic share it.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Milliseconds since 1970, where the record has a time.
    pub timestamp: Option<i64>,
    /// Who set the time.
    pub timestamp_type: TimestampType,
    /// The key; none and empty differ.
    pub key: Option<Vec<u8>>,
    /// The value; none is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Headers in order, duplicates kept. A name that is not UTF-8 is mended as Java does it, with
    /// replacement characters; one that holds a zero byte ends there.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// Java's `TimestampType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampType {
    /// The record has no time.
    NoTimestampType,
    /// The producer set it.
    CreateTime,
    /// The broker set it.
    LogAppendTime,
}

impl TimestampType {
    /// Java's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoTimestampType => "NoTimestampType",
            Self::CreateTime => "CreateTime",
            Self::LogAppendTime => "LogAppendTime",
        }
    }
}

/// Names of topics seen so far. Compared by name, not by librdkafka's address, which may be used
/// again for another topic.
#[derive(Default)]
pub(super) struct Topics(Vec<Arc<str>>);

impl Topics {
    fn get(&mut self, name: &[u8]) -> Arc<str> {
        if let Some(last) = self.0.last()
            && last.as_bytes() == name
        {
            return last.clone();
        }
        if let Some(at) = self.0.iter().position(|known| known.as_bytes() == name) {
            let last = self.0.len() - 1;
            self.0.swap(at, last);
            return self.0[last].clone();
        }
        let topic: Arc<str> = String::from_utf8_lossy(name).into();
        self.0.push(topic.clone());
        topic
    }
}

/// Copies a fetch event's records to the end of `into`.
pub(super) fn read(event: &NativeEvent, topics: &mut Topics, into: &mut Vec<InRecord>) {
    loop {
        let message = event.next_message();
        if message.is_null() {
            return;
        }
        // SAFETY: the message lives as long as the event. The code is read as a number.
        unsafe {
            if ptr::addr_of!((*message).err).cast::<i32>().read() == code::NO_ERROR {
                push(message, topics, into);
            }
        }
    }
}

/// Copies a record to the end of `into`.
///
/// # Safety
/// `message` must be live, and no error.
pub(super) unsafe fn push(message: *const bindings::rd_kafka_message_t, topics: &mut Topics, into: &mut Vec<InRecord>) {
    let mut kind = T::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    // SAFETY: by the caller's promise; the bytes and the topic's name live as long as the message.
    unsafe {
        let time = bindings::rd_kafka_message_timestamp(message, &mut kind);
        let timestamp_type = match kind {
            T::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE => TimestampType::NoTimestampType,
            T::RD_KAFKA_TIMESTAMP_CREATE_TIME => TimestampType::CreateTime,
            T::RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME => TimestampType::LogAppendTime,
        };
        let name = CStr::from_ptr(bindings::rd_kafka_topic_name((*message).rkt));
        into.push(InRecord {
            topic: topics.get(name.to_bytes()),
            partition: (*message).partition,
            offset: (*message).offset,
            timestamp: (time >= 0 && timestamp_type != TimestampType::NoTimestampType).then_some(time),
            timestamp_type,
            key: copied((*message).key, (*message).key_len),
            value: copied((*message).payload, (*message).len),
            headers: headers(message),
        });
    }
}

/// # Safety
/// `bytes` must be null or good for `len` bytes.
unsafe fn copied(bytes: *const c_void, len: usize) -> Option<Vec<u8>> {
    if bytes.is_null() {
        return None;
    }
    // SAFETY: by the caller's promise.
    Some(unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), len) }.to_vec())
}

/// # Safety
/// `message` must be live.
unsafe fn headers(message: *const bindings::rd_kafka_message_t) -> Vec<(String, Option<Vec<u8>>)> {
    let mut list = ptr::null_mut();
    let mut out = Vec::new();
    // SAFETY: the list and what it points to live as long as the message; names end in zero.
    unsafe {
        if bindings::rd_kafka_message_headers(message, &mut list) as i32 != code::NO_ERROR {
            return out;
        }
        for at in 0.. {
            let mut name: *const c_char = ptr::null();
            let mut value: *const c_void = ptr::null();
            let mut len = 0usize;
            let found = bindings::rd_kafka_header_get_all(list, at, &mut name, &mut value, &mut len) as i32;
            if found != code::NO_ERROR {
                break;
            }
            out.push((CStr::from_ptr(name).to_string_lossy().into_owned(), copied(value, len)));
        }
    }
    out
}
