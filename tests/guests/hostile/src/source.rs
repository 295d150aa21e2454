//! The source class.

use watertight_sdk::{
    Acknowledgements, Checkup, Class, Config, Datum, KeyReport, Message, PollLimits, Position, Result, Scalar,
    SourceBatch, SourceConnector, SourceRecord, SourceTask, runtime,
};

use crate::attacks::{self, Answer};
use crate::{
    ADDRESS, ATTACK, DATABASE_PASSWORD, DURING, OTHER_PASSWORD, OTHER_URL, PASSWORD, PATH, TEXT, TOPIC, URL, USER,
};

#[derive(Default)]
pub struct HostileSourceConnector {
    config: Config,
}

impl SourceConnector for HostileSourceConnector {
    type Task = HostileSourceTask;

    const CLASS: Class = Class::new("watertight.hostile.HostileSourceConnector", env!("CARGO_PKG_VERSION"))
        .aliases(&["HostileSource", "HostileSourceConnector"])
        .documentation("Attacks the worker as a source")
        .config(&[
            ATTACK,
            DURING,
            TOPIC,
            PATH,
            ADDRESS,
            TEXT,
            PASSWORD,
            URL,
            USER,
            DATABASE_PASSWORD,
            OTHER_URL,
            OTHER_PASSWORD,
        ])
        .features(&["acknowledge", "committed"]);

    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        attacks::strike(config, "validate")?;
        Ok(Vec::new())
    }
    fn alter_offsets(&self, config: &Config, _offsets: &[(Position, Option<Position>)]) -> Result<bool> {
        attacks::strike(config, "alter-offsets")?;
        Ok(true)
    }
    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        attacks::strike(config, "connector-start")
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        attacks::strike(&self.config, "task-configs")?;
        let config = match self.config.get("attack") {
            // Under names for which its own settings hold no reference.
            Some("rename-what-it-was-told") => {
                let text = self.config.get("text").unwrap_or_default().to_owned();
                let password = self.config.get("password").unwrap_or_default().to_owned();
                self.config.clone().with("another.name", text).with("yet.another.name", password)
            }
            // `address` holds the text of a reference with `$` left out, so that nobody resolves it on the way here.
            Some("make-up-references") => {
                let made_up = format!("${}", self.config.get("address").unwrap_or_default());
                self.config.clone().with("made.up", made_up.clone()).with("text", made_up)
            }
            // The connector's password, for another database or another way to it.
            Some("sql-open-what-is-not-granted") if self.config.get("path") == Some("by-its-task") => {
                let changes = self.config.get("text").unwrap_or_default().to_owned();
                changes.lines().fold(self.config.clone(), |config, change| match change.split_once('=') {
                    Some((name, value)) => config.with(name, value),
                    None => without(&config, change),
                })
            }
            _ => self.config.clone(),
        };
        let count = if self.config.get("attack") == Some("too-many-tasks") { max_tasks * 1000 } else { 1 };
        Ok(vec![config; count])
    }
    fn check(&mut self) -> Result<Checkup> {
        attacks::strike(&self.config, "check")?;
        let busy = self.config.get("attack") == Some("reconfigure-without-end");
        Ok(Checkup { reconfigure_tasks: busy, again_after_ms: if busy { Some(0) } else { None } })
    }
    fn stop(&mut self) {
        let _ = attacks::strike(&self.config, "connector-stop");
    }
}

fn without(config: &Config, name: &str) -> Config {
    let kept = config.settings().iter().filter(|setting| setting.name != name);
    kept.map(|setting| (setting.name.as_str(), setting.value.as_str())).collect()
}

#[derive(Default)]
pub struct HostileSourceTask {
    config: Config,
    polls: i64,
}

impl SourceTask for HostileSourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        attacks::strike(config, "start")
    }

    fn poll(&mut self, limits: &PollLimits) -> Result<SourceBatch> {
        attacks::strike(&self.config, "poll")?;
        self.polls += 1;
        if let Some(Answer::Batch(batch)) = attacks::answer(&self.config, limits)? {
            return Ok(batch);
        }
        let told = ["made.up", "another.name", "yet.another.name"].iter().find_map(|name| self.config.get(name));
        let text = match told.filter(|_| self.config.get("attack") == Some("make-up-references")) {
            Some(told) => format!("made up: {told}"),
            None => format!("harmless record {}", self.polls),
        };
        let mut batch = self.batch_of(vec![SourceRecord::at(
            Message::new(0, Datum::natural(text)),
            vec![Scalar::Integer(self.polls)],
        )])?;
        batch.wait_ms = Some(1000);
        Ok(batch)
    }

    fn acknowledge(&mut self, _done: &Acknowledgements) -> Result<()> {
        attacks::strike(&self.config, "acknowledge")
    }
    fn committed(&mut self) -> Result<()> {
        attacks::strike(&self.config, "committed")
    }
    fn stop(&mut self) {
        let _ = attacks::strike(&self.config, "stop");
    }
}

impl HostileSourceTask {
    fn batch_of(&self, records: Vec<SourceRecord>) -> Result<SourceBatch> {
        let task = runtime::fact("task").unwrap_or_default();
        let partition = vec![("task".to_owned(), Scalar::from(task))];
        Ok(SourceBatch::single(self.config.string(&TOPIC)?, partition, &["polls"], records))
    }
}
