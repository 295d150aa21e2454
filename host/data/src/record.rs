//! A record between connector and converter: Java's `ConnectRecord`, which is what transforms and predicates see.

use std::sync::Arc;

use crate::value::SchemaAndValue;

/// `SourceRecord` and `SinkRecord` without what belongs to one of them alone (source offsets stay with the task).
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where it goes, or where it came from.
    pub topic: Arc<str>,
    /// Asked for by a source; known in a sink.
    pub partition: Option<i32>,
    /// Its key.
    pub key: SchemaAndValue,
    /// Its value; null without a schema is a tombstone.
    pub value: SchemaAndValue,
    /// In order; names may repeat.
    pub headers: Vec<RecordHeader>,
    /// Milliseconds since the epoch.
    pub timestamp: Option<i64>,
    /// Whose it is.
    pub origin: Origin,
}

/// One header.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordHeader {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: SchemaAndValue,
}

/// Which way a record travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From a source: it has no offset yet.
    Source,
    /// To a sink.
    Sink {
        /// Its offset in Kafka.
        offset: i64,
        /// Who set its timestamp.
        timestamp_type: TimestampType,
    },
}

/// Who set a timestamp (`org.apache.kafka.common.record.TimestampType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampType {
    /// Nobody.
    NoTimestampType,
    /// The producer.
    CreateTime,
    /// The broker.
    LogAppendTime,
}

impl TimestampType {
    /// Java's `toString`.
    pub fn as_str(self) -> &'static str {
        match self {
            TimestampType::NoTimestampType => "NoTimestampType",
            TimestampType::CreateTime => "CreateTime",
            TimestampType::LogAppendTime => "LogAppendTime",
        }
    }
}
