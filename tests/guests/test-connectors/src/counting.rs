//! `watertight.test.CountingSinkConnector`: looks for gaps and repetitions in what arrives.
//!
//! Counts per source partition of Kafka, by offset, and logs a line at each commit:
//! `counted records=5 repeated=0 gaps=0`. The same numbers are metrics.

use std::collections::HashMap;

use watertight_sdk::{
    Class, CommitReport, Config, PutReport, Result, SinkBatch, SinkConnector, SinkTask, TopicOffset, TopicPartition,
    info, runtime::metrics,
};

use crate::{VERSION, numbered};

#[derive(Default)]
pub struct CountingSinkConnector {
    config: Config,
}

impl SinkConnector for CountingSinkConnector {
    type Task = CountingSinkTask;
    const CLASS: Class = Class::new("watertight.test.CountingSinkConnector", VERSION)
        .aliases(&["CountingSink", "CountingSinkConnector"])
        .documentation("Counts what arrives, by offset")
        .features(&["json"]);

    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(numbered(&self.config, max_tasks))
    }
}

#[derive(Default)]
pub struct CountingSinkTask {
    expected: HashMap<(String, i32), i64>,
    records: u64,
    repeated: u64,
    gaps: u64,
}

impl SinkTask for CountingSinkTask {
    fn start(&mut self, _config: &Config) -> Result<()> {
        Ok(())
    }

    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        for record in &batch.records {
            let Some(origin) = batch.origins.get(record.origin as usize) else {
                continue;
            };
            self.records += 1;
            let key = (origin.topic.clone(), origin.partition);
            let expected = self.expected.entry(key).or_insert(record.offset);
            if record.offset < *expected {
                self.repeated += 1;
            } else {
                self.gaps += u64::from(record.offset > *expected);
                *expected = record.offset + 1;
            }
        }
        Ok(PutReport::all(batch.records.len()))
    }

    fn pre_commit(&mut self, offsets: Vec<TopicOffset>) -> Result<CommitReport> {
        info!("counted records={} repeated={} gaps={}", self.records, self.repeated, self.gaps);
        metrics::set("counted-records", self.records as f64);
        metrics::set("counted-repeated", self.repeated as f64);
        metrics::set("counted-gaps", self.gaps as f64);
        Ok(CommitReport { offsets, rejected: Vec::new() })
    }

    fn close(&mut self, partitions: &[TopicPartition], _lost: bool) -> Result<()> {
        for one in partitions {
            self.expected.remove(&(one.topic.clone(), one.partition));
        }
        Ok(())
    }
}
