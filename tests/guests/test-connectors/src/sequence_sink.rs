//! `watertight.test.SequenceSinkConnector`: see [`crate::sequence`].

use std::fmt::Write as _;

use watertight_sdk::{Class, Config, PutReport, Result, SinkBatch, SinkConnector, SinkTask, TopicPartition, Value};

use crate::diary::{DIR, Diary};
use crate::{VERSION, number, numbered};

#[derive(Default)]
pub struct SequenceSinkConnector {
    config: Config,
}

impl SinkConnector for SequenceSinkConnector {
    type Task = SequenceSinkTask;
    const CLASS: Class = Class::new("watertight.test.SequenceSinkConnector", VERSION)
        .aliases(&["SequenceSink", "SequenceSinkConnector"])
        .task_class("watertight.test.SequenceSinkTask")
        .documentation("Writes down what it gets")
        .config(&[DIR]);

    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(numbered(&self.config, max_tasks))
    }
}

#[derive(Default)]
pub struct SequenceSinkTask {
    diary: Option<Diary>,
}

impl SequenceSinkTask {
    fn note(&mut self, what: &str, partitions: &[TopicPartition]) -> Result<()> {
        let Some(diary) = &mut self.diary else { return Ok(()) };
        let lines: Vec<String> = partitions.iter().map(|at| format!("{what} {} {}", at.topic, at.partition)).collect();
        if lines.is_empty() { Ok(()) } else { diary.write(&lines.join("\n")) }
    }
}

impl SinkTask for SequenceSinkTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.diary = Diary::open(config, number(config, "id")?)?;
        Ok(())
    }

    fn open(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.note("open", partitions)
    }

    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        let mut lines = String::new();
        for record in &batch.records {
            let (Some(origin), Value::Text(value)) =
                (batch.origins.get(record.origin as usize), &record.message.value.value)
            else {
                continue;
            };
            let value = value.trim_end_matches('.');
            let _ = writeln!(lines, "put {} {} {} {value}", origin.topic, origin.partition, record.offset);
        }
        if let Some(diary) = self.diary.as_mut().filter(|_| !lines.is_empty()) {
            diary.write(lines.trim_end())?;
        }
        Ok(PutReport::all(batch.records.len()))
    }

    fn close(&mut self, partitions: &[TopicPartition], lost: bool) -> Result<()> {
        self.note(if lost { "lost" } else { "close" }, partitions)
    }

    fn stop(&mut self) {
        if let Some(diary) = &mut self.diary {
            diary.stop();
        }
    }
}
