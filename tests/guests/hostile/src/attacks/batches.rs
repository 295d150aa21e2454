//! Answers of `poll` that break the rules of a batch.

use watertight_sdk::{
    Boundary, Checkpoint, Datum, Message, PollLimits, Scalar, SourceBatch, SourceRecord, TransactionMark,
};

fn record(number: i64) -> SourceRecord {
    SourceRecord::at(Message::new(0, Datum::natural(format!("record {number}"))), vec![Scalar::Integer(number)])
}

/// A good batch with these records.
pub fn batch(records: Vec<SourceRecord>) -> SourceBatch {
    let mut batch = SourceBatch::single("hostile", vec![("p".to_owned(), Scalar::from(0_i64))], &["n"], records);
    batch.wait_ms = Some(1000);
    batch
}

fn changed(change: impl FnOnce(&mut SourceRecord)) -> SourceBatch {
    let mut one = record(0);
    change(&mut one);
    batch(vec![one])
}

pub fn too_many_records(limits: &PollLimits) -> SourceBatch {
    let count = i64::try_from(limits.max_records).unwrap_or(i64::MAX).saturating_add(1).max(10_001);
    batch((0..count).map(record).collect())
}

/// Too many for a batch, but not for the copying of one call: that limit is another one.
pub fn too_many_bytes(_limits: &PollLimits) -> SourceBatch {
    let text = "x".repeat(1 << 20);
    batch(
        (0..20)
            .map(|_| SourceRecord::at(Message::new(0, Datum::natural(text.as_str())), vec![Scalar::Integer(0)]))
            .collect(),
    )
}

/// More than one call may copy.
pub fn one_giant_record(_limits: &PollLimits) -> SourceBatch {
    batch(vec![SourceRecord::at(Message::new(0, Datum::natural("x".repeat(40 << 20))), vec![Scalar::Integer(0)])])
}

/// Without a wait: a busy loop that involves the host each time.
pub fn empty_batches_for_ever(_limits: &PollLimits) -> SourceBatch {
    SourceBatch { wait_ms: None, ..SourceBatch::wait(0) }
}

pub fn topic_index_out_of_range(_limits: &PollLimits) -> SourceBatch {
    changed(|record| record.message.topic = 1)
}

pub fn source_partition_out_of_range(_limits: &PollLimits) -> SourceBatch {
    changed(|record| record.source_partition = u32::MAX)
}

pub fn wrong_offset_fields_count(_limits: &PollLimits) -> SourceBatch {
    changed(|record| record.checkpoint = Checkpoint::At(vec![Scalar::Integer(1), Scalar::Integer(2)]))
}

pub fn invalid_topic_name(_limits: &PollLimits) -> SourceBatch {
    let mut batch = batch(vec![record(0)]);
    batch.topics = vec!["no such / topic\n".to_owned()];
    batch
}

pub fn negative_partition(_limits: &PollLimits) -> SourceBatch {
    changed(|record| record.message.partition = Some(-5))
}

pub fn mark_beyond_the_batch(_limits: &PollLimits) -> SourceBatch {
    let mut batch = batch(vec![record(0)]);
    batch.marks = vec![TransactionMark { after: 1000, boundary: Boundary::Commit }];
    batch
}

/// Never stops, as nobody asks it again.
pub fn wait_for_ever(_limits: &PollLimits) -> SourceBatch {
    SourceBatch::wait(u64::MAX)
}
