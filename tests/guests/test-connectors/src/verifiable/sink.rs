//! Prints each record when it comes, and again when it is flushed.

use std::collections::HashMap;

use watertight_sdk::{
    Class, CommitReport, Config, PutReport, Result, SinkBatch, SinkConnector, SinkTask, TopicOffset, Value,
};

use crate::{VERSION, now_ms, number, numbered, quoted};

#[derive(Default)]
pub struct VerifiableSinkConnector {
    config: Config,
}

impl SinkConnector for VerifiableSinkConnector {
    type Task = VerifiableSinkTask;
    const CLASS: Class = Class::new("org.apache.kafka.connect.tools.VerifiableSinkConnector", VERSION)
        .aliases(&["VerifiableSink", "VerifiableSinkConnector"])
        .task_class("org.apache.kafka.connect.tools.VerifiableSinkTask")
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
pub struct VerifiableSinkTask {
    name: String,
    id: i32,
    /// What was printed once and not yet flushed, without its time.
    unflushed: HashMap<(String, i32), Vec<String>>,
}

fn json(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => quoted(text),
        Value::Json(text) => text.clone(),
        Value::Bytes(bytes) => quoted(&String::from_utf8_lossy(bytes)),
        Value::Tape(nodes) => quoted(&format!("{nodes:?}")),
    }
}

impl SinkTask for VerifiableSinkTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.name = config.get("name").unwrap_or_default().to_owned();
        self.id = number(config, "id")?;
        Ok(())
    }

    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        let now = now_ms();
        for record in &batch.records {
            let topic = batch.topics.get(record.message.topic as usize).map_or("", String::as_str);
            let line = format!(
                "\"name\":{},\"task\":{},\"sinkTask\":{},\"topic\":{},\"seqno\":{},\"offset\":{}",
                quoted(&self.name),
                json(&record.message.key.value),
                self.id,
                quoted(topic),
                json(&record.message.value.value),
                record.offset
            );
            println!("{{{line},\"time_ms\":{now}}}");
            if let Some(origin) = batch.origins.get(record.origin as usize) {
                self.unflushed.entry((origin.topic.clone(), origin.partition)).or_default().push(line);
            }
        }
        Ok(PutReport::all(batch.records.len()))
    }

    fn pre_commit(&mut self, offsets: Vec<TopicOffset>) -> Result<CommitReport> {
        let now = now_ms();
        for offset in &offsets {
            let key = (offset.origin.topic.clone(), offset.origin.partition);
            for line in self.unflushed.remove(&key).unwrap_or_default() {
                println!("{{{line},\"time_ms\":{now},\"flushed\":true}}");
            }
        }
        Ok(CommitReport { offsets, rejected: Vec::new() })
    }
}
