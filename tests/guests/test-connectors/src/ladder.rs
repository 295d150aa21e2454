//! `watertight.test.LadderSourceConnector`: does what files in the directory `dir` say, so that a case can make it fail,
//! hang or ask for other tasks at the moment it wants. `hang-*` lasts for as long as the file is there.
//!
//! Its version stands in the component's bytes once and for all, so that a case can write a second version of it.

use std::path::PathBuf;
use std::time::Duration;

use watertight_sdk::{
    Checkup, Class, Config, ConfigKey, Datum, Failure, Importance, Kind, Message, PollLimits, Result, Scalar,
    SourceBatch, SourceConnector, SourceRecord, SourceTask, ids,
};

use crate::numbered;

const VERSION: &str = "1.0.0-ladder";
const DIR: ConfigKey =
    ConfigKey::new("dir", Kind::String).importance(Importance::High).documentation("Where the files are");
const TOPIC: ConfigKey =
    ConfigKey::new("topic", Kind::String).default_value("").documentation("Where a record goes every 100 ms");

#[derive(Default)]
struct Signs(PathBuf);

impl Signs {
    fn of(config: &Config) -> Self {
        Self(config.get("dir").unwrap_or_default().into())
    }

    fn wait_while(&self, hang: &str) {
        while self.0.join(hang).exists() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn heed(&self, fail: &str) -> Result<()> {
        if self.0.join(fail).exists() {
            return Err(Failure::new("java.lang.RuntimeException", format!("there is a file {fail}")));
        }
        Ok(())
    }

    fn take(&self, sign: &str) -> bool {
        std::fs::remove_file(self.0.join(sign)).is_ok()
    }
}

#[derive(Default)]
pub struct LadderSourceConnector {
    config: Config,
    signs: Signs,
}

impl SourceConnector for LadderSourceConnector {
    type Task = LadderSourceTask;
    const CLASS: Class = Class::new("watertight.test.LadderSourceConnector", VERSION)
        .aliases(&["LadderSource", "LadderSourceConnector"])
        .task_class("watertight.test.LadderSourceTask")
        .config(&[DIR, TOPIC]);

    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        self.signs = Signs::of(config);
        self.signs.wait_while("hang-start");
        self.signs.heed("fail-start")
    }

    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        self.signs.wait_while("hang-configs");
        self.signs.heed("fail-configs")?;
        let count = std::fs::read_to_string(self.signs.0.join("count")).ok();
        Ok(numbered(&self.config, count.and_then(|text| text.trim().parse().ok()).unwrap_or(max_tasks)))
    }

    fn check(&mut self) -> Result<Checkup> {
        if self.signs.take("raise") {
            return Err(Failure::new("java.lang.RuntimeException", "there was a file raise"));
        }
        Ok(Checkup { reconfigure_tasks: self.signs.take("reconfigure"), again_after_ms: Some(50) })
    }

    fn stop(&mut self) {
        self.signs.wait_while("hang-stop");
    }
}

#[derive(Default)]
pub struct LadderSourceTask {
    id: String,
    topic: String,
    signs: Signs,
}

impl SourceTask for LadderSourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.id = config.get("id").unwrap_or_default().to_owned();
        self.topic = config.get("topic").unwrap_or_default().to_owned();
        self.signs = Signs::of(config);
        self.signs.wait_while(&format!("hang-task-{}", self.id));
        self.signs.heed(&format!("fail-task-{}", self.id))
    }

    fn poll(&mut self, _limits: &PollLimits) -> Result<SourceBatch> {
        self.signs.heed(&format!("fail-poll-{}", self.id))?;
        if self.topic.is_empty() {
            return Ok(SourceBatch::wait(50));
        }
        let record = SourceRecord::at(Message::new(0, Datum::of(ids::STRING, "step")), vec![Scalar::Integer(1)]);
        let partition = vec![("id".to_owned(), Scalar::from(self.id.as_str()))];
        let mut batch = SourceBatch::single(self.topic.as_str(), partition, &["step"], vec![record]);
        batch.wait_ms = Some(100);
        Ok(batch)
    }

    fn stop(&mut self) {
        self.signs.wait_while("hang-task-stop");
    }
}
