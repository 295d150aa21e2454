//! From the consumer's bytes to what the guest is given.

use std::sync::Arc;

use watertight_kafka::{InRecord, TimestampType, TopicPartition};
use watertight_sandbox::bindings::exports::watertight::sink::sink_task::{self as wit, SinkBatch, SinkRecord};
use watertight_sandbox::bindings::watertight::types::data::{Header, Message, TopicPartition as GuestPartition};
use watertight_sandbox::lower;

use super::Running;
use crate::failure::Failure;

impl Running {
    pub(super) fn convert(&mut self, records: Vec<InRecord>) -> Result<SinkBatch, Failure> {
        let mut batch =
            SinkBatch { topics: Vec::new(), origins: Vec::new(), records: Vec::with_capacity(records.len()) };
        let mut last: Option<(Arc<str>, i32, u32, u32)> = None;
        for record in records {
            let (topic, origin) = match &last {
                Some((name, partition, topic, origin))
                    if *partition == record.partition && Arc::ptr_eq(name, &record.topic) =>
                {
                    (*topic, *origin)
                }
                Some(_) | None => {
                    let topic = index_of(&mut batch.topics, record.topic.to_string());
                    let place = GuestPartition { topic: record.topic.to_string(), partition: record.partition };
                    let origin = index_of(&mut batch.origins, place);
                    last = Some((Arc::clone(&record.topic), record.partition, topic, origin));
                    (topic, origin)
                }
            };
            let offset = record.offset;
            match self.convert_one(record, topic, origin) {
                Ok(converted) => batch.records.push(converted),
                Err(failure) if self.run.tolerant => {
                    tracing::warn!("a record is skipped (errors.tolerance=all): {failure}");
                    let place = place_of(&batch, origin);
                    self.skipped.push((place, offset + 1));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(batch)
    }

    fn convert_one(&mut self, record: InRecord, topic: u32, origin: u32) -> Result<SinkRecord, Failure> {
        let InRecord { topic: name, partition, offset, timestamp, timestamp_type, key, value, headers } = record;
        let failed = |stage: &str, error: &dyn std::fmt::Display| {
            Failure::caused(
                "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler",
                format!("{stage} of the record at {name}-{partition}, offset {offset}: {error}"),
            )
        };
        let json = self.wants_json;
        let converters = &self.run.converters;
        let table = &mut self.guest.guest.state_mut().schemas;
        let key = converters.key.to_connect_owned(&name, key).map_err(|error| failed("KEY_CONVERTER", &error))?;
        let key = lower::datum(key, table, json).map_err(|error| failed("KEY_CONVERTER", &error))?;
        let value =
            converters.value.to_connect_owned(&name, value).map_err(|error| failed("VALUE_CONVERTER", &error))?;
        let value = lower::datum(value, table, json).map_err(|error| failed("VALUE_CONVERTER", &error))?;
        let mut list = Vec::with_capacity(headers.len());
        for (header, bytes) in headers {
            let value = converters
                .header
                .to_connect_header(&name, &header, bytes.as_deref())
                .map_err(|error| failed("HEADER_CONVERTER", &error))?;
            let value = lower::datum(value, table, json).map_err(|error| failed("HEADER_CONVERTER", &error))?;
            list.push(Header { name: header, value });
        }
        let timestamp_type = match timestamp_type {
            TimestampType::NoTimestampType => wit::TimestampType::Absent,
            TimestampType::CreateTime => wit::TimestampType::CreateTime,
            TimestampType::LogAppendTime => wit::TimestampType::LogAppendTime,
        };
        let message = Message { topic, partition: Some(partition), key, value, headers: list, timestamp };
        Ok(SinkRecord { message, timestamp_type, origin, offset })
    }
}

/// The partition of an origin of the batch.
fn place_of(batch: &SinkBatch, origin: u32) -> TopicPartition {
    match batch.origins.get(origin as usize) {
        Some(place) => TopicPartition::new(place.topic.clone(), place.partition),
        None => TopicPartition::new("", -1),
    }
}

fn index_of<T: PartialEq>(list: &mut Vec<T>, item: T) -> u32 {
    match list.iter().position(|known| *known == item) {
        Some(index) => index as u32,
        None => {
            list.push(item);
            list.len() as u32 - 1
        }
    }
}

/// Adds a batch behind another.
pub(super) fn append(into: &mut SinkBatch, batch: SinkBatch) {
    let SinkBatch { topics, origins, records } = batch;
    let topics: Vec<u32> = topics.into_iter().map(|topic| index_of(&mut into.topics, topic)).collect();
    let origins: Vec<u32> = origins.into_iter().map(|origin| index_of(&mut into.origins, origin)).collect();
    into.records.extend(records.into_iter().map(|mut record| {
        record.message.topic = topics.get(record.message.topic as usize).copied().unwrap_or_default();
        record.origin = origins.get(record.origin as usize).copied().unwrap_or_default();
        record
    }));
}
