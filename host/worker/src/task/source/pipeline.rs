//! What a poll returned, on its way to the producer: lifted out of the guest's words, through the transforms,
//! through the converters. Chunk by chunk, so that a large batch is not held in every form at once.

use std::collections::VecDeque;
use std::sync::Arc;

use watertight_data::{Origin, Record, RecordHeader, SchemaAndValue};
use watertight_sandbox::bindings::exports::watertight::source::source_task::{
    Checkpoint, SourceBatch, SourceRecord, TransactionMark,
};
use watertight_sandbox::bindings::watertight::types::data::{self as wit, Header, Message};
use watertight_sandbox::error::Call;
use watertight_sandbox::{exact, lift};

use super::super::{Order, TaskContext};
use super::{Running, WINDOW, check, text};
use crate::chain::{Attempts, Slot};
use crate::converters::Sending;
use crate::errors::{About, Settled};
use crate::failure::Failure;

/// Records that take each step together.
const CHUNK: usize = 500;

/// What a record leaves behind in the offsets once it is done.
pub(super) struct Place {
    pub(super) shape: u32,
    pub(super) checkpoint: Checkpoint,
}

/// What the records of a batch refer to.
struct Tables {
    topics: Vec<Arc<str>>,
    /// Number and count of offset fields.
    shapes: Vec<(u32, usize)>,
}

impl Running {
    /// Sends what a poll returned, as far as the task is not told to stop. Whether that was all of it.
    pub(super) async fn send_all(&mut self, batch: SourceBatch, context: &mut TaskContext) -> Result<bool, Failure> {
        if let Err(what) = check::batch(&batch, &self.limits)? {
            return Err(self.broken(what));
        }
        let SourceBatch { topics, source_partitions, records, marks, wait_ms: _ } = batch;
        self.run.errors.counts.records_in.many(records.len() as u64);
        let tables = Tables {
            topics: topics.into_iter().map(Arc::from).collect(),
            shapes: self.tracker.shapes(source_partitions),
        };
        let mut marks = self.marks(marks);
        let mut records = records.into_iter();
        let mut done = 0;
        loop {
            while let Some(mark) = marks.pop_front_if(|mark| mark.after as usize <= done) {
                self.obey(mark.boundary).await?;
            }
            let until_mark = marks.front().map_or(usize::MAX, |mark| mark.after as usize - done);
            let count = records.len().min(CHUNK).min(until_mark);
            let mut slots = Vec::with_capacity(count);
            let mut places = Vec::with_capacity(count);
            for record in records.by_ref().take(count) {
                let (record, place) = self.lift(record, &tables)?;
                slots.push(Slot::Live(record));
                places.push(place);
            }
            done += count;
            if slots.is_empty() {
                return Ok(true);
            }
            if !self.send_chunk(slots, places, context).await? {
                return Ok(false);
            }
        }
    }

    /// Where the transaction ends within a batch, in order.
    fn marks(&self, mut marks: Vec<TransactionMark>) -> VecDeque<TransactionMark> {
        if !self.follows_marks() {
            return VecDeque::new();
        }
        marks.sort_by_key(|mark| mark.after);
        marks.into()
    }

    fn lift(&mut self, record: SourceRecord, tables: &Tables) -> Result<(Record, Place), Failure> {
        let SourceRecord { message, source_partition, checkpoint } = record;
        let Message { topic, partition, key, value, headers, timestamp } = message;
        let Some(topic) = tables.topics.get(topic as usize) else {
            let count = tables.topics.len();
            return Err(self.broken(format!("a record's topic is number {topic}, the batch lists {count}")));
        };
        let Some(&(shape, fields)) = tables.shapes.get(source_partition as usize) else {
            let count = tables.shapes.len();
            let what = format!("a record's source partition is number {source_partition}, the batch lists {count}");
            return Err(self.broken(what));
        };
        if let Checkpoint::At(values) = &checkpoint
            && values.len() != fields
        {
            let count = values.len();
            let what = format!("an offset has {count} values where its source partition names {fields} fields");
            return Err(self.broken(what));
        }
        let key = self.datum(key, "key")?;
        let value = self.datum(value, "value")?;
        let mut lifted = Vec::with_capacity(headers.len());
        for Header { name, value } in headers {
            lifted.push(RecordHeader { key: name, value: self.datum(value, "header")? });
        }
        let topic = Arc::clone(topic);
        let record = Record { topic, partition, key, value, headers: lifted, timestamp, origin: Origin::Source };
        Ok((record, Place { shape, checkpoint }))
    }

    fn datum(&mut self, datum: wit::Datum, what: &str) -> Result<SchemaAndValue, Failure> {
        let mut lifted = lift::datum(datum, &self.guest.guest.state().schemas);
        if self.exact
            && let Ok(value) = &lifted
            && let Err(error) = exact::incoming(value)
        {
            lifted = Err(error);
        }
        lifted.map_err(|error| self.broken(format!("the {what} of a record: {error}")))
    }

    /// One chunk through transforms, converters and out. False: told to stop before all of it was.
    async fn send_chunk(
        &mut self,
        mut slots: Vec<Slot>,
        places: Vec<Place>,
        context: &mut TaskContext,
    ) -> Result<bool, Failure> {
        let originals = self.originals(&slots);
        let counts = Arc::clone(&self.run.errors.counts);
        let mut attempts = Attempts { policy: self.run.errors.policy, counts: &counts, context };
        self.run.chain.apply(&mut slots, &mut attempts).await?;
        let sendings = self.run.converters.outgoing(slots, &mut attempts).await?;
        for (index, (sending, place)) in sendings.into_iter().zip(places).enumerate() {
            match sending {
                // What comes behind a record that was not sent is not sent either: order is kept over the restart.
                Sending::Ready(record) => {
                    if !self.produce(&record, place, context).await? {
                        return Ok(false);
                    }
                }
                Sending::Dropped => self.pass_over(place),
                Sending::Failed(problem) => {
                    let position = self.tracker.position(place.shape, &place.checkpoint);
                    let text = originals.get(index).map(|record| text::source_record(record, position));
                    let about = text.as_deref().map_or(About::Unknown, About::Source);
                    if self.run.errors.settle(&problem, about).await? == Settled::Stopped {
                        return Ok(false);
                    }
                    self.pass_over(place);
                }
                Sending::Unfinished => return Ok(false),
            }
            if self.tracker.len() >= WINDOW && context.order() == Order::Stop {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The records as they came, where the log is to print those that fail: they are changed from here on.
    fn originals(&self, slots: &[Slot]) -> Vec<Record> {
        if !self.run.errors.logging.is_some_and(|logging| logging.include_records) {
            return Vec::new();
        }
        let live = |slot: &Slot| match slot {
            Slot::Live(record) => Some(record.clone()),
            Slot::Dropped | Slot::Failed(_) | Slot::Unfinished => None,
        };
        slots.iter().filter_map(live).collect()
    }

    /// A record that will not be sent: what is behind it may be stored all the same.
    fn pass_over(&mut self, Place { shape, checkpoint }: Place) {
        let number = self.tracker.next_number();
        self.tracker.push(shape, checkpoint);
        self.tracker.acknowledge(number);
        self.dropped.push(number);
    }

    fn broken(&mut self, what: String) -> Failure {
        self.guest.guest.condemn(Call::Poll, what).into()
    }
}
