//! Sends its task number as key and a sequence number as value.

use std::collections::VecDeque;

use watertight_sdk::{
    Acknowledgements, Class, Config, ConfigKey, Datum, Failure, Kind, Message, PollLimits, Position, Primitive, Result,
    Scalar, SchemaId, SchemaNode, Shape, SourceBatch, SourceConnector, SourceRecord, SourceTask, Value, ValueNode, ids,
    info, runtime,
};

use crate::pace::Pace;
use crate::{VERSION, now_ms, number, numbered, quoted};

const THROUGHPUT: ConfigKey = ConfigKey::new("throughput", Kind::Long);

#[derive(Default)]
pub struct VerifiableSourceConnector {
    config: Config,
}

impl SourceConnector for VerifiableSourceConnector {
    type Task = VerifiableSourceTask;
    // Kafka's declares no keys, so a misspelt one is found by the task, not by validation.
    const CLASS: Class = Class::new("org.apache.kafka.connect.tools.VerifiableSourceConnector", VERSION)
        .aliases(&["VerifiableSource", "VerifiableSourceConnector"])
        .task_class("org.apache.kafka.connect.tools.VerifiableSourceTask")
        .features(&["acknowledge"]);

    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(numbered(&self.config, max_tasks))
    }
}

#[derive(Default)]
pub struct VerifiableSourceTask {
    name: String,
    id: i32,
    topic: String,
    next: i64,
    pace: Option<Pace>,
    complete: Option<SchemaId>,
    /// Sequence numbers not yet acknowledged, in the order of the polls.
    sent: VecDeque<i64>,
}

impl VerifiableSourceTask {
    fn partition(&self) -> Position {
        vec![("id".to_owned(), Scalar::from(self.id))]
    }

    fn print(&self, seqno: i64, committed: bool) {
        let committed = if committed { ",\"committed\":true" } else { "" };
        println!(
            "{{\"name\":{},\"task\":{},\"topic\":{},\"time_ms\":{},\"seqno\":{seqno}{committed}}}",
            quoted(&self.name),
            self.id,
            quoted(&self.topic),
            now_ms()
        );
    }

    fn value(&self, seqno: i64) -> Datum {
        match self.complete {
            None => Datum::of(ids::INT64, seqno),
            Some(schema) => Datum::of(
                schema,
                Value::Tape(vec![
                    ValueNode::Fields(5),
                    ValueNode::Text(self.name.clone()),
                    ValueNode::Integer(self.id.into()),
                    ValueNode::Text(self.topic.clone()),
                    ValueNode::Integer(now_ms()),
                    ValueNode::Integer(seqno),
                ]),
            ),
        }
    }
}

fn complete_schema() -> Result<SchemaId> {
    let node = |shape| SchemaNode {
        shape,
        optional: false,
        name: None,
        version: None,
        doc: None,
        parameters: Vec::new(),
        default_value: None,
    };
    let names = ["name", "task", "topic", "time_ms", "seqno"];
    let kinds = [Primitive::Text, Primitive::Int32, Primitive::Text, Primitive::Int64, Primitive::Int64];
    let mut schema = vec![node(Shape::StructOf(names.iter().map(|&name| name.to_owned()).collect()))];
    schema.extend(kinds.map(|kind| node(Shape::Primitive(kind))));
    runtime::define_schema(&schema).map_err(|reason| Failure::new("schema", reason))
}

impl SourceTask for VerifiableSourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.name = config.get("name").unwrap_or_default().to_owned();
        self.id = number(config, "id")?;
        self.topic = config.get("topic").unwrap_or_default().to_owned();
        let throughput = config.long(&THROUGHPUT)?;
        if config.get("complete.record.data").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            self.complete = Some(complete_schema()?);
        }
        self.next = match runtime::stored_offset(&self.partition())?.as_deref() {
            Some([(_, Scalar::Integer(last))]) => last + 1,
            _ => 0,
        };
        self.pace = Some(Pace::new(throughput as f64));
        info!(
            "Started VerifiableSourceTask {}-{} producing to topic {} resuming from seqno {}",
            self.name, self.id, self.topic, self.next
        );
        Ok(())
    }

    fn poll(&mut self, limits: &PollLimits) -> Result<SourceBatch> {
        let due = self.pace.as_ref().map_or(0, Pace::due);
        let count = usize::try_from(due).unwrap_or(usize::MAX).min(limits.max_records).min(500);
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            let seqno = self.next;
            self.next += 1;
            self.print(seqno, false);
            self.sent.push_back(seqno);
            let mut message = Message::new(0, self.value(seqno));
            message.key = Datum::of(ids::INT32, self.id);
            records.push(SourceRecord::at(message, vec![Scalar::Integer(seqno)]));
        }
        let Some(pace) = &mut self.pace else {
            return Ok(SourceBatch::wait(1000));
        };
        pace.went(count);
        let wait = pace.wait_ms();
        let mut batch = SourceBatch::single(self.topic.as_str(), self.partition(), &["seqno"], records);
        batch.wait_ms = Some(wait);
        Ok(batch)
    }

    fn acknowledge(&mut self, done: &Acknowledgements) -> Result<()> {
        for run in &done.runs {
            for _ in 0..run.count {
                // Runs come in order of acknowledgement; with one partition in front of one producer that is ours.
                if let Some(seqno) = self.sent.pop_front() {
                    self.print(seqno, true);
                }
            }
        }
        Ok(())
    }
}
