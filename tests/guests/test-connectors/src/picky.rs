//! `watertight.test.PickySinkConnector`: takes texts, and rejects `bad` at once and `late` at the next commit. Each text
//! that it takes is a line in the log: `picked TEXT`.

use watertight_sdk::{
    Class, CommitReport, Config, Failure, PutReport, Rejection, Result, SinkBatch, SinkConnector, SinkTask,
    TopicOffset, TopicPartition, Value, info,
};

use crate::{VERSION, numbered};

#[derive(Default)]
pub struct PickySinkConnector {
    config: Config,
}

impl SinkConnector for PickySinkConnector {
    type Task = PickySinkTask;
    const CLASS: Class = Class::new("watertight.test.PickySinkConnector", VERSION)
        .documentation("Rejects `bad` at once and `late` at the next commit");

    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(numbered(&self.config, max_tasks))
    }
}

#[derive(Default)]
pub struct PickySinkTask {
    /// Taken, and not wanted after all.
    late: Vec<(TopicPartition, i64)>,
}

fn rejection(origin: TopicPartition, offset: i64, why: &str) -> Rejection {
    let cause = Failure::new("com.example.PickyException", why);
    Rejection { origin, offset, cause }
}

impl SinkTask for PickySinkTask {
    fn start(&mut self, _config: &Config) -> Result<()> {
        Ok(())
    }

    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        let mut rejected = Vec::new();
        for record in &batch.records {
            let Some(origin) = batch.origins.get(record.origin as usize).cloned() else { continue };
            match &record.message.value.value {
                Value::Text(text) if text == "bad" => rejected.push(rejection(origin, record.offset, "not this one")),
                Value::Text(text) if text == "late" => self.late.push((origin, record.offset)),
                Value::Text(text) => info!("picked {text}"),
                _ => {}
            }
        }
        Ok(PutReport { rejected, ..PutReport::all(batch.records.len()) })
    }

    fn pre_commit(&mut self, offsets: Vec<TopicOffset>) -> Result<CommitReport> {
        let late = self.late.drain(..).map(|(origin, offset)| rejection(origin, offset, "not this one either"));
        Ok(CommitReport { rejected: late.collect(), offsets })
    }
}
