//! The source: the numbers from the stored offset up to `count`; then nothing more.

use watertight_sdk::{
    Class, Config, ConfigKey, Datum, Failure, Importance, Kind, Message, PollLimits, Position, Result, Scalar,
    SourceBatch, SourceConnector, SourceRecord, SourceTask, ids, runtime,
};

use super::{answer, listed, tell};
use crate::{VERSION, number, numbered};

const TOPIC: ConfigKey =
    ConfigKey::new("topic", Kind::String).importance(Importance::High).documentation("Where the numbers go");
const COUNT: ConfigKey =
    ConfigKey::new("count", Kind::Long).default_value("10").documentation("How many for each task");

#[derive(Default)]
pub struct OffsetsSourceConnector {
    config: Config,
}

impl SourceConnector for OffsetsSourceConnector {
    type Task = OffsetsSourceTask;
    const CLASS: Class = Class::new("watertight.test.OffsetsSourceConnector", VERSION)
        .aliases(&["OffsetsSource", "OffsetsSourceConnector"])
        .documentation("A few numbers, and an opinion of offsets")
        .config(&[TOPIC, COUNT]);

    fn alter_offsets(&self, config: &Config, offsets: &[(Position, Option<Position>)]) -> Result<bool> {
        let told = |(partition, offset): &(Position, Option<Position>)| {
            (tell(partition), offset.as_ref().map_or_else(|| "null".to_owned(), tell))
        };
        answer(config, || listed(offsets.iter().map(told).collect()))
    }
    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(numbered(&self.config, max_tasks))
    }
}

#[derive(Default)]
pub struct OffsetsSourceTask {
    partition: Position,
    topic: String,
    next: i64,
    count: i64,
}

impl SourceTask for OffsetsSourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        let name = config.get("name").unwrap_or_default();
        let id: i32 = number(config, "id")?;
        self.partition = vec![("task.id".to_owned(), Scalar::from(format!("{name}-{id}").as_str()))];
        self.topic = config.string(&TOPIC)?.to_owned();
        self.count = config.long(&COUNT)?;
        match runtime::stored_offset(&self.partition)?.as_deref() {
            None => {}
            Some([(_, Scalar::Integer(saved))]) => self.next = *saved,
            Some(other) => return Err(Failure::data(format!("no number is saved: {other:?}"))),
        }
        Ok(())
    }

    fn poll(&mut self, limits: &PollLimits) -> Result<SourceBatch> {
        let left = usize::try_from(self.count - self.next).unwrap_or(0).min(limits.max_records);
        if left == 0 {
            return Ok(SourceBatch::wait(50));
        }
        let mut records = Vec::with_capacity(left);
        for _ in 0..left {
            self.next += 1;
            let message = Message::new(0, Datum::of(ids::STRING, self.next.to_string()));
            records.push(SourceRecord::at(message, vec![Scalar::Integer(self.next)]));
        }
        Ok(SourceBatch::single(self.topic.as_str(), self.partition.clone(), &["saved"], records))
    }
}
