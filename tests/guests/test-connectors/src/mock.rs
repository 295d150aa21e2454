//! `MockSourceConnector` and `MockSinkConnector`: fail after a while, in the connector or in the task.

use std::time::Instant;

use watertight_sdk::{
    Checkup, Class, Config, Failure, PollLimits, PutReport, Result, SinkBatch, SinkConnector, SinkTask, SourceBatch,
    SourceConnector, SourceTask, debug,
};

use crate::{VERSION, number};

const MODE: &str = "mock_mode";
const DELAY_MS: &str = "delay_ms";
const CONNECTOR_FAILURE: &str = "connector-failure";
const TASK_FAILURE: &str = "task-failure";
const DEFAULT_FAILURE_DELAY_MS: u64 = 15_000;

/// When to fail, if at all.
#[derive(Default)]
struct Fuse(Option<(Instant, u64)>);

impl Fuse {
    fn lit_if(config: &Config, mode: &str) -> Result<Self> {
        if config.get(MODE) != Some(mode) {
            return Ok(Self(None));
        }
        let delay = match config.get(DELAY_MS) {
            Some(_) => number(config, DELAY_MS)?,
            None => DEFAULT_FAILURE_DELAY_MS,
        };
        debug!("failure scheduled in {delay} ms");
        Ok(Self(Some((Instant::now(), delay))))
    }

    /// Milliseconds left; a failure once they are over.
    fn left(&self) -> Result<Option<u64>> {
        let Some((lit, delay)) = self.0 else {
            return Ok(None);
        };
        let passed = u64::try_from(lit.elapsed().as_millis()).unwrap_or(u64::MAX);
        if passed > delay {
            debug!("triggering failure");
            return Err(Failure::new("java.lang.RuntimeException", "java.lang.RuntimeException"));
        }
        Ok(Some(delay + 1 - passed))
    }
}

#[derive(Default)]
struct Mock {
    config: Config,
    fuse: Fuse,
}

impl Mock {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        self.fuse = Fuse::lit_if(config, CONNECTOR_FAILURE)?;
        Ok(())
    }
    fn check(&self) -> Result<Checkup> {
        Ok(Checkup { reconfigure_tasks: false, again_after_ms: self.fuse.left()? })
    }
}

#[derive(Default)]
pub struct MockSourceConnector(Mock);

impl SourceConnector for MockSourceConnector {
    type Task = MockSourceTask;
    const CLASS: Class = Class::new("org.apache.kafka.connect.tools.MockSourceConnector", VERSION)
        .aliases(&["MockSource", "MockSourceConnector"])
        .task_class("org.apache.kafka.connect.tools.MockSourceTask");

    fn start(&mut self, config: &Config) -> Result<()> {
        self.0.start(config)
    }
    fn task_configs(&mut self, _max_tasks: usize) -> Result<Vec<Config>> {
        Ok(vec![self.0.config.clone()])
    }
    fn check(&mut self) -> Result<Checkup> {
        self.0.check()
    }
}

#[derive(Default)]
pub struct MockSourceTask(Fuse);

impl SourceTask for MockSourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.0 = Fuse::lit_if(config, TASK_FAILURE)?;
        Ok(())
    }
    fn poll(&mut self, _limits: &PollLimits) -> Result<SourceBatch> {
        Ok(SourceBatch::wait(self.0.left()?.unwrap_or(1000).min(1000)))
    }
}

#[derive(Default)]
pub struct MockSinkConnector(Mock);

impl SinkConnector for MockSinkConnector {
    type Task = MockSinkTask;
    const CLASS: Class = Class::new("org.apache.kafka.connect.tools.MockSinkConnector", VERSION)
        .aliases(&["MockSink", "MockSinkConnector"])
        .task_class("org.apache.kafka.connect.tools.MockSinkTask")
        .features(&["idle-put"]);

    fn start(&mut self, config: &Config) -> Result<()> {
        self.0.start(config)
    }
    fn task_configs(&mut self, _max_tasks: usize) -> Result<Vec<Config>> {
        Ok(vec![self.0.config.clone()])
    }
    fn check(&mut self) -> Result<Checkup> {
        self.0.check()
    }
}

#[derive(Default)]
pub struct MockSinkTask(Fuse);

impl SinkTask for MockSinkTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.0 = Fuse::lit_if(config, TASK_FAILURE)?;
        Ok(())
    }
    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        let call_within_ms = self.0.left()?.map(|left| left.min(250));
        Ok(PutReport { call_within_ms, ..PutReport::all(batch.records.len()) })
    }
}
