//! Whether a batch is one that the contract and the limits allow, before anything of it is used.

use watertight_data::DataError;
use watertight_sandbox::batch::size_of_datum;
use watertight_sandbox::bindings::exports::watertight::source::source_task::{
    Checkpoint, SourceBatch, SourcePartition, SourceRecord,
};
use watertight_sandbox::bindings::watertight::types::data::{Message, Scalar};
use watertight_sandbox::error::{Call, GuestError};
use watertight_sandbox::limits::{Limits, key};

use crate::failure::Failure;

/// Counts, bytes and marks of a batch. What is wrong by the contract comes back as text.
pub(super) fn batch(batch: &SourceBatch, limits: &Limits) -> Result<Result<(), String>, Failure> {
    let SourceBatch { topics: _, source_partitions, records, marks, wait_ms: _ } = batch;
    let over =
        |key, what| GuestError::Limit { call: Call::Poll.name(), key, limit: limits.get(key), what, trace: None };
    if records.len() as u64 > limits.get(key::BATCH_RECORDS) {
        return Err(over(key::BATCH_RECORDS, format!("it returned {} records at once", records.len())).into());
    }
    let names: u64 = source_partitions.iter().map(size_of_partition).sum();
    let bytes: u64 = names + records.iter().map(size_of_record).sum::<u64>();
    // One record may always come: a limit below its size would stop the task for good.
    if bytes > limits.get(key::BATCH_BYTES) && records.len() > 1 {
        return Err(over(key::BATCH_BYTES, format!("it returned {bytes} bytes at once")).into());
    }
    Ok(match marks.iter().find(|mark| mark.after as usize > records.len()) {
        Some(mark) => Err(format!("a transaction ends after record {} of a batch of {}", mark.after, records.len())),
        None => Ok(()),
    })
}

/// Kafka's rule for topic names, checked here because a producer would wait for such a topic for ever.
pub(super) fn topic(topic: &str) -> Result<(), DataError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if topic.is_empty() || topic.len() > 249 || topic == "." || topic == ".." || !topic.chars().all(legal) {
        let error = DataError::new(format!("Invalid topics: [{topic}]"));
        return Err(error.with_class("org.apache.kafka.common.errors.InvalidTopicException"));
    }
    Ok(())
}

/// Bytes of texts and byte strings, which is what makes a record large.
fn size_of_message(message: &Message) -> u64 {
    let headers: u64 =
        message.headers.iter().map(|header| header.name.len() as u64 + size_of_datum(&header.value)).sum();
    size_of_datum(&message.key) + size_of_datum(&message.value) + headers
}

fn size_of_record(record: &SourceRecord) -> u64 {
    let place = match &record.checkpoint {
        Checkpoint::Keep | Checkpoint::Forget => 0,
        Checkpoint::At(values) => values.iter().map(size_of_scalar).sum(),
    };
    size_of_message(&record.message) + place
}

fn size_of_partition(partition: &SourcePartition) -> u64 {
    let values: u64 = partition.partition.iter().map(|(name, value)| name.len() as u64 + size_of_scalar(value)).sum();
    values + partition.offset_fields.iter().map(|name| name.len() as u64).sum::<u64>()
}

fn size_of_scalar(scalar: &Scalar) -> u64 {
    match scalar {
        Scalar::Text(text) => text.len() as u64,
        Scalar::Null | Scalar::Boolean(_) | Scalar::Integer(_) | Scalar::Float(_) => 8,
    }
}
