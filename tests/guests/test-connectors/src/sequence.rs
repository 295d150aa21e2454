//! `watertight.test.SequenceSourceConnector`: the numbers from 0, per task, at a stated rate.
//!
//! Record n of task t has the key `t` and the value `t-n`, padded to `size` bytes. The offset is the next number, so a
//! restart goes on exactly behind the last stored one. With a `dir`, the value is `t-n-i`: it is the i-th task of its
//! number that was ever started, and [`Diary`] keeps what it does.
//!
//! `watertight.test.SequenceSinkConnector` writes down in its diary what it gets.

use watertight_sdk::{
    Class, Config, ConfigKey, Datum, Importance, Kind, Message, PollLimits, Position, Result, Scalar, SourceBatch,
    SourceConnector, SourceRecord, SourceTask, ids, runtime,
};

use crate::diary::{DIR, Diary};
use crate::pace::Pace;
use crate::{VERSION, now_ms, number, numbered};

const TOPIC: ConfigKey = ConfigKey::new("topic", Kind::String)
    .importance(Importance::High)
    .attributes(&[("non-empty", "")])
    .documentation("Where the numbers go");
const RATE: ConfigKey = ConfigKey::new("rate", Kind::Double)
    .default_value("1000")
    .documentation("Records per second and task; 0 for as fast as possible");
const COUNT: ConfigKey =
    ConfigKey::new("count", Kind::Long).default_value("-1").documentation("How many numbers per task; -1 for no end");
const SIZE: ConfigKey = ConfigKey::new("size", Kind::Int)
    .default_value("0")
    .attributes(&[("min", "0")])
    .documentation("Values are padded with dots to so many bytes");

#[derive(Default)]
pub struct SequenceSourceConnector {
    config: Config,
}

impl SourceConnector for SequenceSourceConnector {
    type Task = SequenceSourceTask;
    const CLASS: Class = Class::new("watertight.test.SequenceSourceConnector", VERSION)
        .aliases(&["SequenceSource", "SequenceSourceConnector"])
        .task_class("watertight.test.SequenceSourceTask")
        .documentation("The numbers from 0 at a stated rate")
        .config(&[TOPIC, RATE, COUNT, SIZE, DIR]);

    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(numbered(&self.config, max_tasks))
    }
}

#[derive(Default)]
pub struct SequenceSourceTask {
    id: i32,
    topic: String,
    next: i64,
    count: i64,
    size: usize,
    pace: Option<Pace>,
    diary: Option<Diary>,
}

impl SequenceSourceTask {
    fn partition(&self) -> Position {
        vec![("task".to_owned(), Scalar::from(self.id))]
    }
}

impl SourceTask for SequenceSourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.id = number(config, "id")?;
        self.topic = config.string(&TOPIC)?.to_owned();
        self.count = match config.long(&COUNT)? {
            count if count < 0 => i64::MAX,
            count => count,
        };
        self.size = usize::try_from(config.int(&SIZE)?).unwrap_or(0);
        if let Some([(_, Scalar::Integer(next))]) = runtime::stored_offset(&self.partition())?.as_deref() {
            self.next = *next;
        }
        self.pace = Some(Pace::new(config.double(&RATE)?));
        self.diary = Diary::open(config, self.id)?;
        Ok(())
    }

    fn poll(&mut self, limits: &PollLimits) -> Result<SourceBatch> {
        let due = self.pace.as_ref().map_or(0, Pace::due);
        let left = u64::try_from(self.count - self.next).unwrap_or(0);
        let by_bytes = limits.max_bytes / (self.size + 32) + 1;
        let count = usize::try_from(due.min(left)).unwrap_or(usize::MAX).min(limits.max_records).min(by_bytes);
        let timestamp = Some(now_ms());
        if let Some(diary) = self.diary.as_mut().filter(|_| count > 0) {
            diary.write(&format!("poll {} {}", now_ms(), self.next))?;
        }
        let incarnation = self.diary.as_ref().map_or(String::new(), |diary| format!("-{}", diary.incarnation()));
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            let mut text = format!("{}-{}{incarnation}", self.id, self.next);
            text.extend(std::iter::repeat_n('.', self.size.saturating_sub(text.len())));
            self.next += 1;
            let mut message = Message::new(0, Datum::of(ids::STRING, text));
            message.key = Datum::of(ids::STRING, self.id.to_string());
            message.timestamp = timestamp;
            records.push(SourceRecord::at(message, vec![Scalar::Integer(self.next)]));
        }
        let done = self.next >= self.count;
        let Some(pace) = &mut self.pace else {
            return Ok(SourceBatch::wait(1000));
        };
        pace.went(count);
        let wait = if done { 1000 } else { pace.wait_ms() };
        let mut batch = SourceBatch::single(self.topic.as_str(), self.partition(), &["next"], records);
        batch.wait_ms = Some(wait);
        Ok(batch)
    }

    fn stop(&mut self) {
        if let Some(diary) = &mut self.diary {
            diary.stop();
        }
    }
}
