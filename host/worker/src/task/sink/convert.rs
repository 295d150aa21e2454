//! From the consumer's bytes to what the guest is given: through converters, transforms, and into its words.

use std::collections::HashMap;
use std::sync::Arc;

use watertight_data::{DataError, Record, RecordHeader};
use watertight_kafka::{InRecord, TimestampType, TopicPartition};
use watertight_sandbox::bindings::exports::watertight::sink::sink_task::{self as wit, SinkBatch, SinkRecord};
use watertight_sandbox::bindings::watertight::types::data::{Header, Message, TopicPartition as GuestPartition};
use watertight_sandbox::{lift, lower};

use super::super::TaskContext;
use super::Running;
use crate::chain::{Attempts, Slot};
use crate::converters::Incoming;
use crate::errors::{About, Problem, Settled, Stage};
use crate::failure::Failure;

/// Who takes records from Kafka, as Kafka's worker names it to reporters.
pub(super) const TAKER: &str = "org.apache.kafka.connect.sink.SinkTask";

impl Running {
    /// A batch for the guest. If the task is told to stop meanwhile, it ends before the first record that is neither
    /// done nor failed.
    pub(super) async fn convert(
        &mut self,
        records: Vec<InRecord>,
        context: &mut TaskContext,
    ) -> Result<SinkBatch, Failure> {
        let counts = Arc::clone(&self.run.errors.counts);
        counts.records_in.many(records.len() as u64);
        let keep = self.run.errors.dead_letters.is_some();
        let mut attempts = Attempts { policy: self.run.errors.policy, counts: &counts, context };
        let incoming = self.run.converters.incoming(records, keep, &mut attempts).await?;
        let (raws, mut slots): (Vec<InRecord>, Vec<Slot>) =
            incoming.into_iter().map(|Incoming { raw, slot }| (raw, slot)).unzip();
        self.note_topics(&slots);
        self.run.chain.apply(&mut slots, &mut attempts).await?;
        let mut batch = SinkBatch { topics: Vec::new(), origins: Vec::new(), records: Vec::with_capacity(slots.len()) };
        let mut places = Places::default();
        let mut passed = Passed(None);
        for (raw, slot) in raws.into_iter().zip(slots) {
            let problem = match slot {
                Slot::Live(record) => match self.lower(record, &raw, &mut batch, &mut places) {
                    Ok(record) => {
                        batch.records.push(record);
                        None
                    }
                    Err(error) => Some(Box::new(Problem::new(Stage::TaskPut, &TAKER.into(), error))),
                },
                Slot::Dropped => {
                    passed.pass(&raw, &mut self.skipped);
                    continue;
                }
                Slot::Failed(problem) => Some(problem),
                Slot::Unfinished => break,
            };
            if let Some(problem) = problem {
                if self.run.errors.settle(&problem, About::Consumed(&raw)).await? == Settled::Stopped {
                    break;
                }
                passed.pass(&raw, &mut self.skipped);
            } else if self.run.errors.has_reporter() {
                self.retained.keep(raw);
            }
        }
        passed.write(&mut self.skipped);
        counts.records_out.many(batch.records.len() as u64);
        Ok(batch)
    }

    /// A sink uses a topic when a record of it was converted, before any transform gave it another name.
    fn note_topics(&mut self, slots: &[Slot]) {
        let resets = self.run.in_use.resets();
        if self.noted.1 != resets {
            self.noted = (None, resets);
        }
        for slot in slots {
            let Slot::Live(record) = slot else { continue };
            if self.noted.0.as_ref().is_none_or(|noted| !Arc::ptr_eq(noted, &record.topic)) {
                self.run.in_use.note(&self.run.errors.id, &record.topic);
                self.noted.0 = Some(Arc::clone(&record.topic));
            }
        }
    }

    fn lower(
        &mut self,
        record: Record,
        raw: &InRecord,
        batch: &mut SinkBatch,
        places: &mut Places,
    ) -> Result<SinkRecord, DataError> {
        let Record { topic, partition, key, value, headers, timestamp, origin: _ } = record;
        let refused = |error: lift::LiftError| DataError::new(error.to_string());
        let options = self.options;
        let table = &mut self.guest.guest.state_mut().schemas;
        let key = lower::datum(key, table, options).map_err(refused)?;
        let value = lower::datum(value, table, options).map_err(refused)?;
        let mut list = Vec::with_capacity(headers.len());
        for RecordHeader { key: name, value } in headers {
            list.push(Header { name, value: lower::datum(value, table, options).map_err(refused)? });
        }
        let timestamp_type = match raw.timestamp_type {
            TimestampType::NoTimestampType => wit::TimestampType::Absent,
            TimestampType::CreateTime => wit::TimestampType::CreateTime,
            TimestampType::LogAppendTime => wit::TimestampType::LogAppendTime,
        };
        let topic = places.topic(batch, &topic);
        let origin = places.origin(batch, raw);
        let message = Message { topic, partition, key, value, headers: list, timestamp };
        Ok(SinkRecord { message, timestamp_type, origin, offset: raw.offset })
    }
}

/// The last topic and origin of a batch: mostly the next record's too.
#[derive(Default)]
struct Places {
    topic: Option<(Arc<str>, u32)>,
    origin: Option<(Arc<str>, i32, u32)>,
}

impl Places {
    fn topic(&mut self, batch: &mut SinkBatch, name: &Arc<str>) -> u32 {
        if let Some((last, index)) = &self.topic
            && Arc::ptr_eq(last, name)
        {
            return *index;
        }
        let index = index_of(&mut batch.topics, name.to_string());
        self.topic = Some((Arc::clone(name), index));
        index
    }

    fn origin(&mut self, batch: &mut SinkBatch, raw: &InRecord) -> u32 {
        if let Some((last, partition, index)) = &self.origin
            && *partition == raw.partition
            && Arc::ptr_eq(last, &raw.topic)
        {
            return *index;
        }
        let place = GuestPartition { topic: raw.topic.to_string(), partition: raw.partition };
        let index = index_of(&mut batch.origins, place);
        self.origin = Some((Arc::clone(&raw.topic), raw.partition, index));
        index
    }
}

/// The partition of the record passed over last, and where to go on behind it: written down when another comes.
struct Passed(Option<(Arc<str>, i32, i64)>);

impl Passed {
    fn pass(&mut self, raw: &InRecord, skipped: &mut HashMap<TopicPartition, i64>) {
        match &mut self.0 {
            Some((topic, partition, next)) if *partition == raw.partition && Arc::ptr_eq(topic, &raw.topic) => {
                *next = raw.offset + 1;
            }
            Some(_) | None => {
                self.write(skipped);
                self.0 = Some((Arc::clone(&raw.topic), raw.partition, raw.offset + 1));
            }
        }
    }

    fn write(&mut self, skipped: &mut HashMap<TopicPartition, i64>) {
        if let Some((topic, partition, next)) = self.0.take() {
            skipped.insert(TopicPartition::new(topic.to_string(), partition), next);
        }
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
