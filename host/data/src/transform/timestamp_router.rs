//! `TimestampRouter`: the record's timestamp in the name of its topic.

use super::{Transformation, exception, settings};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings};
use crate::error::{ConfigError, DataError};
use crate::java::date_format::DateFormat;
use crate::java::text;
use crate::record::Record;
use crate::value::SchemaAndValue;

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([
        ConfigKey::defaulted("topic.format", Kind::String, "${topic}-${timestamp}", Importance::High)
            .documented("The new topic; ${topic} and ${timestamp} stand for the old one and the timestamp."),
        ConfigKey::defaulted("timestamp.format", Kind::String, "yyyyMMdd", Importance::High)
            .documented("How the timestamp is written, as java.text.SimpleDateFormat has it; always in UTC."),
    ])
}

pub(super) struct TimestampRouter {
    topic_format: String,
    /// A pattern that is none is only found out when a record comes.
    timestamp_format: Result<DateFormat, String>,
}

impl TimestampRouter {
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            topic_format: settings::text(settings, "topic.format"),
            timestamp_format: DateFormat::new(&settings::text(settings, "timestamp.format")),
        })
    }
}

impl Transformation for TimestampRouter {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let Some(timestamp) = record.timestamp else {
            return Err(DataError::new(format!("Timestamp missing on record: {}", shown(&record))));
        };
        let format = match &self.timestamp_format {
            Ok(format) => format,
            Err(message) => return Err(exception::illegal_argument(message.as_str())),
        };
        let named = self.topic_format.replace("${topic}", &record.topic);
        record.topic = named.replace("${timestamp}", &format.format(timestamp)).into();
        Ok(Some(record))
    }
}

/// `ConnectRecord.toString`; what a source or sink puts before it is not known here.
fn shown(record: &Record) -> String {
    let text = |datum: &SchemaAndValue| {
        text::to_string(datum.schema.as_deref(), &datum.value).unwrap_or_else(|error| error.to_string())
    };
    let schema = |datum: &SchemaAndValue| datum.schema.as_ref().map_or("null".to_owned(), ToString::to_string);
    let number = |number: Option<i64>| number.map_or("null".to_owned(), |n| n.to_string());
    let headers: Vec<String> = record
        .headers
        .iter()
        .map(|one| format!("ConnectHeader(key={}, value={}, schema={})", one.key, text(&one.value), schema(&one.value)))
        .collect();
    format!(
        "ConnectRecord{{topic='{}', kafkaPartition={}, key={}, keySchema={}, value={}, valueSchema={}, timestamp={}, \
         headers=ConnectHeaders(headers={})}}",
        record.topic,
        number(record.partition.map(i64::from)),
        text(&record.key),
        schema(&record.key),
        text(&record.value),
        schema(&record.value),
        number(record.timestamp),
        if headers.is_empty() { String::new() } else { format!("[{}]", headers.join(", ")) },
    )
}
