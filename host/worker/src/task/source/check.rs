//! Whether a batch is one that the contract and the limits allow, before anything of it is used.

use watertight_sandbox::batch::size_of_datum;
use watertight_sandbox::bindings::exports::watertight::source::source_task::SourceBatch;
use watertight_sandbox::bindings::watertight::types::data::Message;
use watertight_sandbox::error::{Call, GuestError};
use watertight_sandbox::limits::{Limits, key};

use crate::failure::Failure;

/// Counts, bytes and marks of a batch. What is wrong by the contract comes back as text.
pub(super) fn batch(batch: &SourceBatch, limits: &Limits) -> Result<Result<(), String>, Failure> {
    let SourceBatch { topics: _, source_partitions: _, records, marks, wait_ms: _ } = batch;
    let over =
        |key, what| GuestError::Limit { call: Call::Poll.name(), key, limit: limits.get(key), what, trace: None };
    if records.len() as u64 > limits.get(key::BATCH_RECORDS) {
        return Err(over(key::BATCH_RECORDS, format!("it returned {} records at once", records.len())).into());
    }
    let bytes: u64 = records.iter().map(|record| size_of_message(&record.message)).sum();
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
pub(super) fn topic(topic: &str) -> Result<(), Failure> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if topic.is_empty() || topic.len() > 249 || topic == "." || topic == ".." || !topic.chars().all(legal) {
        return Err(Failure::caused(
            "Unrecoverable exception trying to send",
            format!("org.apache.kafka.common.errors.InvalidTopicException: Invalid topics: [{topic}]"),
        ));
    }
    Ok(())
}

/// Bytes of texts and byte strings, which is what makes a record large.
fn size_of_message(message: &Message) -> u64 {
    let headers: u64 =
        message.headers.iter().map(|header| header.name.len() as u64 + size_of_datum(&header.value)).sum();
    size_of_datum(&message.key) + size_of_datum(&message.value) + headers
}
