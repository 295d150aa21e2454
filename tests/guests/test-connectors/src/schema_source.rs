//! `SchemaSourceConnector`: structs under one schema, or under two in turn.

use watertight_sdk::{
    Class, Config, Datum, Failure, Message, PollLimits, Position, Primitive, Result, Scalar, SchemaId, SchemaNode,
    Shape, SourceBatch, SourceConnector, SourceRecord, SourceTask, Value, ValueNode, ids, info, runtime,
};

use crate::pace::Pace;
use crate::{VERSION, number, numbered};

#[derive(Default)]
pub struct SchemaSourceConnector {
    config: Config,
}

impl SourceConnector for SchemaSourceConnector {
    type Task = SchemaSourceTask;
    const CLASS: Class = Class::new("org.apache.kafka.connect.tools.SchemaSourceConnector", VERSION)
        .aliases(&["SchemaSource", "SchemaSourceConnector"])
        .task_class("org.apache.kafka.connect.tools.SchemaSourceTask");

    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(numbered(&self.config, max_tasks))
    }
}

#[derive(Default)]
pub struct SchemaSourceTask {
    id: i32,
    topic: String,
    next: i64,
    sent: i64,
    most: i64,
    partitions: i64,
    pace: Option<Pace>,
    schemas: Vec<SchemaId>,
}

const FIELDS: [(&str, Primitive); 8] = [
    ("boolean", Primitive::Boolean),
    ("int", Primitive::Int32),
    ("long", Primitive::Int64),
    ("float", Primitive::Float32),
    ("double", Primitive::Float64),
    ("partitioning", Primitive::Int32),
    ("id", Primitive::Int32),
    ("seqno", Primitive::Int64),
];
/// Where the second schema has its additional field.
const STRING_AT: usize = 6;

fn define(version: i32) -> Result<SchemaId> {
    let node = |shape| SchemaNode {
        shape,
        optional: false,
        name: None,
        version: None,
        doc: None,
        parameters: Vec::new(),
        default_value: None,
    };
    let mut names: Vec<String> = FIELDS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut fields: Vec<SchemaNode> = FIELDS.iter().map(|&(_, kind)| node(Shape::Primitive(kind))).collect();
    if version == 2 {
        names.insert(STRING_AT, "string".to_owned());
        let default_value = Some(vec![ValueNode::Text("abc".to_owned())]);
        fields.insert(STRING_AT, SchemaNode { default_value, ..node(Shape::Primitive(Primitive::Text)) });
    }
    let root = SchemaNode { name: Some("record".to_owned()), version: Some(version), ..node(Shape::StructOf(names)) };
    let schema = std::iter::once(root).chain(fields).collect();
    runtime::define_schema(&schema).map_err(|reason| Failure::new("schema", reason))
}

impl SchemaSourceTask {
    fn partition(&self) -> Position {
        vec![("id".to_owned(), Scalar::from(self.id))]
    }

    fn value(&self, second: bool) -> Value {
        let mut nodes = vec![
            ValueNode::Boolean(true),
            ValueNode::Integer(12),
            ValueNode::Integer(12),
            ValueNode::Float(f64::from(12.2_f32)),
            ValueNode::Float(12.2),
            ValueNode::Integer(self.next % self.partitions),
            ValueNode::Integer(self.id.into()),
            ValueNode::Integer(self.next),
        ];
        if second {
            nodes.insert(STRING_AT, ValueNode::Text("def".to_owned()));
        }
        nodes.insert(0, ValueNode::Fields(u32::try_from(nodes.len()).unwrap_or(u32::MAX)));
        Value::Tape(nodes)
    }
}

impl SourceTask for SchemaSourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.id = number(config, "id")?;
        self.topic = config.get("topic").unwrap_or_default().to_owned();
        self.most = number(config, "num.messages")?;
        self.partitions = match config.get("partition.count") {
            Some(_) => number::<i64>(config, "partition.count")?.max(1),
            None => 1,
        };
        let throughput: i64 = number(config, "throughput")?;
        self.schemas = vec![define(1)?];
        if config.get("multiple.schema").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            self.schemas.push(define(2)?);
        }
        self.next = match runtime::stored_offset(&self.partition())?.as_deref() {
            Some([(_, Scalar::Integer(last))]) => last + 1,
            _ => 0,
        };
        self.pace = Some(Pace::new(throughput as f64));
        info!(
            "Started SchemaSourceTask {} producing to topic {} resuming from seqno {}",
            self.id, self.topic, self.next
        );
        Ok(())
    }

    fn poll(&mut self, limits: &PollLimits) -> Result<SourceBatch> {
        let due = self.pace.as_ref().map_or(0, Pace::due);
        let left = u64::try_from(self.most - self.sent).unwrap_or(0);
        let count = usize::try_from(due.min(left)).unwrap_or(usize::MAX).min(limits.max_records).min(500);
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            let which = usize::try_from(self.sent).unwrap_or(0) % self.schemas.len();
            let mut message = Message::new(0, Datum::of(self.schemas[which], self.value(which == 1)));
            message.key = Datum::of(ids::STRING, "key");
            // Kafka's sends to the partition with the task's number.
            message.partition = Some(self.id);
            println!("{{\"task\": {}, \"seqno\": {}}}", self.id, self.next);
            records.push(SourceRecord::at(message, vec![Scalar::Integer(self.next)]));
            self.next += 1;
            self.sent += 1;
        }
        let done = self.sent >= self.most;
        let Some(pace) = &mut self.pace else {
            return Ok(SourceBatch::wait(1000));
        };
        pace.went(count);
        let wait = if done { 1000 } else { pace.wait_ms() };
        let mut batch = SourceBatch::single(self.topic.as_str(), self.partition(), &["seqno"], records);
        batch.wait_ms = Some(wait);
        Ok(batch)
    }
}
