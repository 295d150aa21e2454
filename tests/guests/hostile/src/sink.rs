//! The sink class.

use watertight_sdk::{
    Class, CommitReport, Config, Failure, KeyReport, PutReport, Rejection, Result, SinkBatch, SinkConnector, SinkTask,
    TopicOffset, TopicPartition, runtime::sink_context,
};

use crate::attacks;
use crate::{ADDRESS, ATTACK, DURING, PASSWORD, PATH, TEXT};

#[derive(Default)]
pub struct HostileSinkConnector {
    config: Config,
}

impl SinkConnector for HostileSinkConnector {
    type Task = HostileSinkTask;

    const CLASS: Class = Class::new("watertight.hostile.HostileSinkConnector", env!("CARGO_PKG_VERSION"))
        .aliases(&["HostileSink", "HostileSinkConnector"])
        .documentation("Attacks the worker as a sink")
        .config(&[ATTACK, DURING, PATH, ADDRESS, TEXT, PASSWORD]);

    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        attacks::strike(config, "validate")?;
        Ok(Vec::new())
    }
    fn alter_offsets(&self, config: &Config, _offsets: &[(TopicPartition, Option<i64>)]) -> Result<bool> {
        attacks::strike(config, "alter-offsets")?;
        Ok(true)
    }
    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        attacks::strike(config, "connector-start")
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        attacks::strike(&self.config, "task-configs")?;
        Ok(vec![self.config.clone(); max_tasks])
    }
    fn stop(&mut self) {
        let _ = attacks::strike(&self.config, "connector-stop");
    }
}

#[derive(Default)]
pub struct HostileSinkTask {
    config: Config,
}

impl HostileSinkTask {
    fn is(&self, attack: &str) -> bool {
        self.config.get("attack") == Some(attack)
    }
}

fn nowhere() -> TopicPartition {
    TopicPartition { topic: "nobody-gave-me-this".to_owned(), partition: 7 }
}

impl SinkTask for HostileSinkTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        attacks::strike(config, "start")
    }
    fn open(&mut self, _partitions: &[TopicPartition]) -> Result<()> {
        attacks::strike(&self.config, "open")
    }

    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        attacks::strike(&self.config, "put")?;
        let count = batch.records.len();
        if self.is("take-more-than-given") {
            return Ok(PutReport::all(count + 1));
        }
        if self.is("take-nothing-for-ever") {
            return Ok(PutReport::some(0, None));
        }
        if self.is("reject-what-was-not-given") {
            let cause = Failure::data("a record that never was");
            let rejected = vec![Rejection { origin: nowhere(), offset: i64::MAX, cause }];
            return Ok(PutReport { rejected, ..PutReport::all(count) });
        }
        if self.is("reject-with-the-settings") {
            let settings = attacks::settings(&self.config);
            let cause = || Failure::data(format!("rejected with {settings}"));
            let origin = |at: u32| batch.origins.get(at as usize).cloned().unwrap_or_else(nowhere);
            let reject = batch.records.iter().map(|record| (origin(record.origin), record.offset));
            let rejected = reject.map(|(origin, offset)| Rejection { origin, offset, cause: cause() }).collect();
            return Ok(PutReport { rejected, ..PutReport::all(count) });
        }
        if self.is("seek-in-what-is-not-assigned") {
            sink_context::seek(&[(nowhere(), 0)])?;
        }
        if self.is("pause-what-is-not-assigned") {
            sink_context::pause(&[nowhere()])?;
        }
        if self.is("request-commits-without-end") {
            (0..1_000_000).for_each(|_| sink_context::request_commit());
        }
        Ok(PutReport::all(count))
    }

    fn pre_commit(&mut self, mut offsets: Vec<TopicOffset>) -> Result<CommitReport> {
        attacks::strike(&self.config, "pre-commit")?;
        if self.is("commit-beyond-what-was-given") {
            offsets.iter_mut().for_each(|one| one.offset += 1_000_000);
        }
        if self.is("commit-what-is-not-assigned") {
            offsets.push(TopicOffset { origin: nowhere(), offset: 1, metadata: None });
        }
        Ok(CommitReport { offsets, rejected: Vec::new() })
    }

    fn close(&mut self, _partitions: &[TopicPartition], _lost: bool) -> Result<()> {
        attacks::strike(&self.config, "close")
    }
    fn stop(&mut self) {
        let _ = attacks::strike(&self.config, "stop");
    }
}
