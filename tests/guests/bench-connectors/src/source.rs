//! The source: as many records as the worker wants, at once, each with an offset.

use watertight_sdk::{
    Class, Config, Datum, Failure, Message, PollLimits, Position, Primitive, Result, Scalar, SchemaId, SchemaNode,
    Shape as Node, SourceBatch, SourceConnector, SourceRecord, SourceTask, Value, ValueNode, ids, runtime,
};

use crate::{RECORDS, SHAPE, Shape, TOPIC, WIDTH};

const FILLER: &str =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL";

/// One task, always.
#[derive(Default)]
pub struct BenchSourceConnector {
    config: Config,
}

impl SourceConnector for BenchSourceConnector {
    type Task = BenchSourceTask;
    const CLASS: Class = Class::new("watertight.bench.BenchSourceConnector", "0.1.0")
        .documentation("Records out of nothing, as fast as they are asked for")
        .config(&[SHAPE, RECORDS, TOPIC]);

    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, _max_tasks: usize) -> Result<Vec<Config>> {
        Ok(vec![self.config.clone()])
    }
}

/// Makes records.
#[derive(Default)]
pub struct BenchSourceTask {
    shape: Shape,
    schema: SchemaId,
    topic: String,
    next: i64,
    /// Negative: no end.
    most: i64,
}

impl SourceTask for BenchSourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.shape = Shape::of(config)?;
        self.most = config.long(&RECORDS)?;
        config.string(&TOPIC)?.clone_into(&mut self.topic);
        self.schema = match self.shape {
            Shape::Text => ids::STRING,
            Shape::Row => define()?,
        };
        Ok(())
    }

    fn poll(&mut self, limits: &PollLimits) -> Result<SourceBatch> {
        let left = if self.most < 0 { i64::MAX } else { self.most - self.next };
        let count = limits.max_records.min(usize::try_from(left).unwrap_or(0));
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            self.next += 1;
            let value = match self.shape {
                Shape::Text => Value::Text(FILLER[..WIDTH].to_owned()),
                Shape::Row => Value::Tape(row(self.next)),
            };
            let message = Message::new(0, Datum::of(self.schema, value));
            records.push(SourceRecord::at(message, vec![Scalar::Integer(self.next)]));
        }
        let partition: Position = vec![("source".to_owned(), Scalar::from("nothing"))];
        Ok(SourceBatch::single(&self.topic, partition, &["position"], records))
    }
}

fn row(n: i64) -> Vec<ValueNode> {
    vec![
        ValueNode::Fields(10),
        ValueNode::Integer(n),
        ValueNode::Integer(n & 0xffff),
        ValueNode::Integer(7),
        ValueNode::Integer(-n),
        ValueNode::Float(0.5),
        ValueNode::Float(n as f64),
        ValueNode::Boolean(true),
        ValueNode::Boolean(n & 1 == 0),
        ValueNode::Text(FILLER[..20].to_owned()),
        ValueNode::Text(FILLER[20..40].to_owned()),
    ]
}

fn define() -> Result<SchemaId> {
    let node = |shape| SchemaNode {
        shape,
        optional: false,
        name: None,
        version: None,
        doc: None,
        parameters: Vec::new(),
        default_value: None,
    };
    let fields = [
        Primitive::Int64,
        Primitive::Int32,
        Primitive::Int32,
        Primitive::Int64,
        Primitive::Float64,
        Primitive::Float64,
        Primitive::Boolean,
        Primitive::Boolean,
        Primitive::Text,
        Primitive::Text,
    ];
    let names = (0..fields.len()).map(|i| format!("field{i}")).collect();
    let root = node(Node::StructOf(names));
    let kinds = fields.map(|kind| node(Node::Primitive(kind)));
    let schema = std::iter::once(root).chain(kinds).collect();
    runtime::define_schema(&schema).map_err(|reason| Failure::new("schema", reason))
}
