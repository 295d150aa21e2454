//! The sink: takes everything and keeps nothing.

use watertight_sdk::{Class, Config, PutReport, Result, SinkBatch, SinkConnector, SinkTask, TopicPartition};

use super::{answer, listed};
use crate::VERSION;

#[derive(Default)]
pub struct OffsetsSinkConnector {
    config: Config,
}

impl SinkConnector for OffsetsSinkConnector {
    type Task = OffsetsSinkTask;
    const CLASS: Class = Class::new("watertight.test.OffsetsSinkConnector", VERSION)
        .aliases(&["OffsetsSink", "OffsetsSinkConnector"])
        .documentation("Keeps nothing, and has an opinion of offsets");

    fn alter_offsets(&self, config: &Config, offsets: &[(TopicPartition, Option<i64>)]) -> Result<bool> {
        let told = |(at, offset): &(TopicPartition, Option<i64>)| {
            let offset = offset.map_or_else(|| "null".to_owned(), |offset| offset.to_string());
            (format!("{}-{}", at.topic, at.partition), offset)
        };
        answer(config, || listed(offsets.iter().map(told).collect()))
    }
    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(vec![self.config.clone(); max_tasks])
    }
}

#[derive(Default)]
pub struct OffsetsSinkTask;

impl SinkTask for OffsetsSinkTask {
    fn start(&mut self, _config: &Config) -> Result<()> {
        Ok(())
    }
    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        Ok(PutReport::all(batch.records.len()))
    }
}
