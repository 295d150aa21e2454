//! A database that remembers what it was told, and fails as it is told.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_rows;
mod configuration;
mod faults;
mod model;
mod rows;
mod tables;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use watertight_sdk::sql::{Column, Fault, Result as SqlResult, Table, TableName};
use watertight_sdk::testing::sql::{Database, install};
use watertight_sdk::testing::{Context, context};
use watertight_sdk::{
    Config, Datum, Message, Primitive, PutReport, Result, SchemaId, SchemaNode, Shape, SinkBatch, SinkRecord, SinkTask,
    TimestampType, TopicPartition, Value, ValueNode, runtime, tape,
};

use super::task::JdbcSinkTask;

/// What happens instead of a statement: looks at the statement and its values.
type Reaction = Box<dyn Fn(&str, &[ValueNode]) -> SqlResult<()>>;

/// The database of a test.
pub struct Fake {
    product: &'static str,
    pub parameters: Cell<usize>,
    pub bytes: Cell<usize>,
    /// Table and its columns; those that end in `@` have a time zone.
    pub tables: RefCell<Vec<(String, Vec<String>)>>,
    /// Everything that was done.
    pub log: RefCell<Vec<String>>,
    pub reaction: RefCell<Option<Reaction>>,
    pub opens: RefCell<Vec<Fault>>,
    pub kind: Cell<&'static str>,
    pub loads: Cell<bool>,
    pub commits: RefCell<Vec<Fault>>,
}

impl Fake {
    /// In the place of this thread's database.
    pub fn install(product: &'static str, tables: &[(&str, &[&str])]) -> Rc<Self> {
        context(|context| *context = Context::default());
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let fake = Rc::new(Self {
            product,
            parameters: Cell::new(1_000),
            bytes: Cell::new(1 << 20),
            tables: RefCell::new(tables.iter().map(|(name, columns)| ((*name).to_owned(), owned(columns))).collect()),
            log: RefCell::default(),
            reaction: RefCell::default(),
            opens: RefCell::default(),
            kind: Cell::new("TABLE"),
            loads: Cell::new(false),
            commits: RefCell::default(),
        });
        install(Rc::<Self>::clone(&fake));
        fake
    }

    pub fn react(&self, reaction: impl Fn(&str, &[ValueNode]) -> SqlResult<()> + 'static) {
        *self.reaction.borrow_mut() = Some(Box::new(reaction));
    }

    /// What was done since the last look.
    pub fn done(&self) -> Vec<String> {
        self.log.take()
    }

    fn say(&self, what: String) {
        self.log.borrow_mut().push(what);
    }

    fn wish(&self, sql: &str, values: &[ValueNode]) -> SqlResult<()> {
        match &*self.reaction.borrow() {
            Some(reaction) => reaction(sql, values),
            None => Ok(()),
        }
    }
}

pub fn show(values: &[ValueNode]) -> String {
    let one = |node: &ValueNode| match node {
        ValueNode::Null => "null".to_owned(),
        ValueNode::Boolean(value) => value.to_string(),
        ValueNode::Integer(value) => value.to_string(),
        ValueNode::Float(value) => value.to_string(),
        ValueNode::Text(text) => text.clone(),
        ValueNode::Bytes(bytes) => format!("{bytes:?}"),
        other => format!("{other:?}"),
    };
    values.iter().map(one).collect::<Vec<_>>().join(" ")
}

impl Database for Fake {
    fn open(&self, prefix: &str) -> SqlResult<()> {
        assert_eq!(prefix, "connection.");
        match self.opens.borrow_mut().pop() {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }
    fn fact(&self, name: &str) -> Option<String> {
        match name {
            "product" => Some(self.product.to_owned()),
            "parameters.max" => Some(self.parameters.get().to_string()),
            "bytes.max" => Some(self.bytes.get().to_string()),
            "schema" if self.product == "postgresql" => Some("public".to_owned()),
            _ => None,
        }
    }
    fn tables(&self, _: Option<&str>, _: Option<&str>, _: &[String]) -> SqlResult<Vec<Table>> {
        let named = |(name, _): &(String, Vec<String>)| Table {
            name: TableName::new(name.as_str()),
            kind: self.kind.get().to_owned(),
        };
        Ok(self.tables.borrow().iter().map(named).collect())
    }
    fn columns(&self, name: &TableName) -> SqlResult<Option<Vec<Column>>> {
        self.say(format!("columns {}", crate::dialect::shown(name)));
        let column = |name: &String| Column {
            name: name.trim_end_matches('@').to_owned(),
            type_name: String::new(),
            form: String::new(),
            nullable: None,
            precision: None,
            scale: None,
            details: if name.ends_with('@') { vec![("zone".into(), "true".into())] } else { Vec::new() },
        };
        let tables = self.tables.borrow();
        let found = tables.iter().find(|(have, _)| *have == crate::dialect::shown(name));
        Ok(found.map(|(_, columns)| columns.iter().map(column).collect()))
    }
    fn execute(&self, sql: &str, forms: &[String], times: u32, values: &[ValueNode]) -> SqlResult<Vec<u64>> {
        let times_said = if times == 1 { String::new() } else { format!(" x{times}") };
        let forms = if forms.is_empty() { String::new() } else { format!(" ({})", forms.join(",")) };
        self.say(format!("{sql}{times_said}{forms} <- {}", show(values)).trim_end_matches(" <- ").to_owned());
        self.wish(sql, values)?;
        Ok(vec![1; times as usize])
    }
    fn load(&self, name: &TableName, columns: &[String], forms: &[String], values: &[ValueNode]) -> SqlResult<u64> {
        if !self.loads.get() {
            return Err(Fault::new("unsupported", "no COPY"));
        }
        let table = crate::dialect::shown(name);
        self.say(format!("load {table} {} ({}) {} values", columns.join(","), forms.join(","), values.len()));
        self.wish("COPY", values)?;
        Ok(0)
    }
    fn transaction(&self, step: &str) -> SqlResult<()> {
        self.say(step.to_owned());
        match step {
            "commit" => self.commits.borrow_mut().pop().map_or(Ok(()), Err),
            _ => Ok(()),
        }
    }
}

pub fn fault(code: &str, state: &str, message: &str) -> Fault {
    Fault { sqlstate: Some(state.to_owned()), ..Fault::new(code, message) }
}

pub fn task(settings: &[(&str, &str)]) -> JdbcSinkTask {
    let mut task = JdbcSinkTask::default();
    let quick = [("connection.attempts", "1"), ("connection.backoff.ms", "0")];
    let config: Config = settings.iter().copied().chain(quick).collect();
    task.start(&config).unwrap();
    task
}

pub fn int() -> Vec<SchemaNode> {
    vec![SchemaNode::primitive(Primitive::Int64)]
}

pub fn text() -> Vec<SchemaNode> {
    vec![SchemaNode::primitive(Primitive::Text).optional()]
}

pub fn schema(fields: &[(&str, &[SchemaNode])]) -> SchemaId {
    runtime::define_schema(&tape::structure(&SchemaNode::new(Shape::StructOf(Vec::new())), fields)).unwrap()
}

pub fn row(values: &[ValueNode]) -> Value {
    let mut nodes = vec![ValueNode::Fields(u32::try_from(values.len()).unwrap())];
    nodes.extend_from_slice(values);
    Value::Tape(nodes)
}

/// `{id, name}`.
pub fn person(id: i64, name: &str) -> Datum {
    let schema = schema(&[("id", &int()), ("name", &text())]);
    Datum::of(schema, row(&[ValueNode::Integer(id), ValueNode::Text(name.to_owned())]))
}

/// Records of the topic `t`, partition 3, offsets from 10 on.
pub fn batch(records: Vec<(Datum, Datum)>) -> SinkBatch {
    batch_of("t", records)
}

pub fn batch_of(topic: &str, records: Vec<(Datum, Datum)>) -> SinkBatch {
    let record = |(index, (key, value)): (usize, (Datum, Datum))| SinkRecord {
        message: Message { key, partition: Some(3), ..Message::new(0, value) },
        timestamp_type: TimestampType::Absent,
        origin: 0,
        offset: 10 + i64::try_from(index).unwrap(),
    };
    SinkBatch {
        topics: vec![topic.to_owned()],
        origins: vec![TopicPartition { topic: topic.to_owned(), partition: 3 }],
        records: records.into_iter().enumerate().map(record).collect(),
    }
}

pub fn values(records: Vec<Datum>) -> SinkBatch {
    batch(records.into_iter().map(|value| (Datum::NULL, value)).collect())
}

pub fn put(task: &mut JdbcSinkTask, batch: SinkBatch) -> Result<PutReport> {
    task.put(batch)
}

pub fn with_reporter() {
    context(|context| context.facts.insert("errors.reporter".to_owned(), "true".to_owned()));
}
