//! A fetch from beyond the end of a partition is an error.
//!
//! Kafka answers OFFSET_OUT_OF_RANGE, and the consumer starts again where `auto.offset.reset` says. The
//! engine, made for several brokers on one storage, answers that nothing has come yet: a consumer whose
//! topic was deleted and created again would skip every record up to its old position, and say
//! nothing. One broker knows its ends, so here Kafka's answer is the right one.

use nisshi_sans_io::{ErrorCode, FetchRequest, FetchResponse, fetch_response::PartitionData};

/// The positions of a fetch, topic by topic, in the order of the request and of its answer.
#[derive(Debug)]
pub struct Positions(Vec<Vec<(i32, i64)>>);

impl Positions {
    /// Of this request.
    pub fn of(request: &FetchRequest) -> Self {
        let topics = request.topics.iter().flatten().map(|topic| {
            let partitions = topic.partitions.iter().flatten();
            partitions.map(|partition| (partition.partition, partition.fetch_offset)).collect()
        });
        Self(topics.collect())
    }

    /// Turns the engine's silence about positions beyond the end into Kafka's error.
    pub fn check(&self, answer: &mut FetchResponse) {
        for (asked, topic) in self.0.iter().zip(answer.responses.iter_mut().flatten()) {
            for partition in topic.partitions.iter_mut().flatten() {
                let position = asked.iter().find(|(index, _)| *index == partition.partition_index);
                if position.is_some_and(|(_, offset)| is_beyond(*offset, partition)) {
                    refuse(partition);
                }
            }
        }
    }
}

/// An end the engine did not read in time is -1.
fn is_beyond(offset: i64, partition: &PartitionData) -> bool {
    partition.error_code == i16::from(ErrorCode::None)
        && partition.high_watermark >= 0
        && offset > partition.high_watermark
        && partition.records.is_none()
}

/// Kafka sends no ends with this error.
fn refuse(partition: &mut PartitionData) {
    partition.error_code = ErrorCode::OffsetOutOfRange.into();
    partition.high_watermark = -1;
    partition.last_stable_offset = Some(-1);
    partition.log_start_offset = Some(-1);
}
