//! What a guest is to be given, laid out without copying it.
//!
//! All tapes of a batch lie in one list: a transform of small records would otherwise spend its time in the
//! allocator. Views into that list can be made only once it has stopped growing, so that a datum is planned first
//! and becomes a view afterwards.

use std::ops::Range;
use std::sync::Arc;

use watertight_data::logical::{self, Logical};
use watertight_data::record::{Origin, Record};
use watertight_data::schema::Schema;
use watertight_data::value::{SchemaAndValue, Value};

use super::wire;
use super::{RECORDS, refused};
use crate::bindings::watertight::types::common::Failure;
use crate::exact;
use crate::lift::LiftError;
use crate::limits::{Limits, key};
use crate::lower::{NO_SCHEMA, Options};
use crate::schemas::SchemaTable;

/// A value to encode.
#[derive(Debug, Clone, Copy)]
pub struct FromItem<'a> {
    /// Where the record goes.
    pub topic: &'a str,
    /// Of the header that is converted; empty for keys and values.
    pub header_name: &'a str,
    /// What is converted.
    pub datum: &'a SchemaAndValue,
}

/// Bytes to decode.
#[derive(Debug, Clone, Copy)]
pub struct ToItem<'a> {
    /// Where the record comes from.
    pub topic: &'a str,
    /// Of the header that is converted; empty for keys and values.
    pub header_name: &'a str,
    /// What is converted; none is null.
    pub bytes: Option<&'a [u8]>,
    /// The record's headers as they came.
    pub headers: &'a [(String, Option<Vec<u8>>)],
}

/// How much goes in one call.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    bytes: usize,
}

impl Room {
    /// A guest holds what it is given and what it answers at once, and works with it; a quarter of what it may
    /// answer and an eighth of its memory leave it that.
    pub(crate) fn of(limits: &Limits) -> Self {
        let answer = limits.size(key::HOSTCALL).min(limits.size(key::BATCH_BYTES)) / 4;
        Self { bytes: answer.min(limits.size(key::MEMORY) / 8) }
    }

    pub(super) fn is_full(self, records: usize, bytes: usize) -> bool {
        records >= RECORDS || bytes >= self.bytes
    }
}

/// Tapes and JSON texts of a batch.
#[derive(Default)]
pub(crate) struct Arena<'a> {
    nodes: Vec<wire::Node<'a>>,
    texts: Vec<String>,
    pub(super) bytes: usize,
}

enum Planned<'a> {
    Scalar(wire::Value<'a>),
    Tape(Range<usize>),
    Json(usize),
}

pub(super) struct PlannedDatum<'a> {
    schema: u32,
    value: Planned<'a>,
}

struct PlannedMessage<'a> {
    topic: u32,
    record: &'a Record,
    key: PlannedDatum<'a>,
    value: PlannedDatum<'a>,
    headers: Range<usize>,
}

/// A batch on its way into a guest.
pub(crate) struct Plan<'a> {
    arena: Arena<'a>,
    messages: Vec<PlannedMessage<'a>>,
    headers: Vec<(&'a str, PlannedDatum<'a>)>,
    /// Without duplicates.
    pub(crate) topics: Vec<&'a Arc<str>>,
    offsets: Vec<i64>,
}

/// Part of a batch: as much as fits into a call.
pub(crate) struct Chunk<'a> {
    pub(crate) plan: Plan<'a>,
    /// What cannot be said to this guest, by index into the chunk, in order; all other records are in the plan.
    pub(crate) failed: Vec<(usize, Failure)>,
    /// How many records it covers.
    pub(crate) count: usize,
}

/// Plans as many of the records as fit into a call, at least one.
pub(crate) fn plan<'a>(records: &'a [Record], table: &mut SchemaTable, options: Options, room: Room) -> Chunk<'a> {
    let expected = records.len().min(RECORDS);
    let mut plan = Plan {
        arena: Arena::default(),
        messages: Vec::with_capacity(expected),
        headers: Vec::new(),
        topics: Vec::new(),
        offsets: Vec::new(),
    };
    let mut failed = Vec::new();
    let mut count = 0;
    for record in records {
        if let Err((part, error)) = plan.push(record, table, options) {
            failed.push((count, refused(format!("The {part} of the record cannot be handed to the plugin: {error}"))));
        }
        count += 1;
        if room.is_full(plan.messages.len(), plan.arena.bytes) {
            break;
        }
    }
    Chunk { plan, failed, count }
}

impl<'a> Plan<'a> {
    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    fn push(
        &mut self,
        record: &'a Record,
        table: &mut SchemaTable,
        options: Options,
    ) -> Result<(), (&'static str, LiftError)> {
        let begun = self.headers.len();
        let planned = self.message(record, table, options);
        match planned {
            Ok(message) => {
                if let Origin::Sink { offset, .. } = record.origin {
                    self.offsets.push(offset);
                }
                self.messages.push(message);
                self.arena.bytes += MESSAGE;
                Ok(())
            }
            Err(error) => {
                self.headers.truncate(begun);
                Err(error)
            }
        }
    }

    fn message(
        &mut self,
        record: &'a Record,
        table: &mut SchemaTable,
        options: Options,
    ) -> Result<PlannedMessage<'a>, (&'static str, LiftError)> {
        if options.exact
            && let Some(timestamp) = record.timestamp
        {
            exact::integer(timestamp).map_err(|error| ("timestamp", error))?;
        }
        let begun = self.headers.len();
        let key = self.arena.datum(&record.key, table, options).map_err(|error| ("key", error))?;
        let value = self.arena.datum(&record.value, table, options).map_err(|error| ("value", error))?;
        for header in &record.headers {
            let datum = self.arena.datum(&header.value, table, options).map_err(|error| ("header", error))?;
            self.arena.bytes += header.key.len() + HEADER;
            self.headers.push((&header.key, datum));
        }
        let topic = self.topic(&record.topic);
        Ok(PlannedMessage { topic, record, key, value, headers: begun..self.headers.len() })
    }

    fn topic(&mut self, name: &'a Arc<str>) -> u32 {
        index_of(&mut self.topics, name, |one, other| Arc::ptr_eq(one, other) || one == other)
    }

    /// What messages refer to.
    pub(crate) fn views(&self) -> Views<'_> {
        let topics = self.topics.iter().map(|topic| &***topic).collect();
        let headers: Vec<wire::Header<'_>> =
            self.headers.iter().map(|(name, datum)| wire::Header { name, value: self.arena.view(datum) }).collect();
        Views { topics, headers }
    }

    /// Messages over their headers.
    pub(crate) fn messages<'b>(&'b self, views: &'b Views<'b>) -> Vec<wire::Message<'b>> {
        let messages = self.messages.iter().map(|message| wire::Message {
            topic: message.topic,
            partition: message.record.partition,
            key: self.arena.view(&message.key),
            value: self.arena.view(&message.value),
            headers: views.headers.get(message.headers.clone()).unwrap_or_default(),
            timestamp: message.record.timestamp,
        });
        messages.collect()
    }

    /// The batch.
    pub(crate) fn batch<'b>(
        &'b self,
        views: &'b Views<'b>,
        messages: &'b [wire::Message<'b>],
    ) -> wire::MessageBatch<'b> {
        wire::MessageBatch { topics: &views.topics, messages, offsets: &self.offsets }
    }
}

/// Views of a batch that messages refer to.
pub(crate) struct Views<'b> {
    topics: Vec<&'b str>,
    headers: Vec<wire::Header<'b>>,
}

/// What a message, a header, a node cost beside their texts, about.
const MESSAGE: usize = 96;
pub(super) const HEADER: usize = 40;
const NODE: usize = 16;

pub(super) fn index_of<T: Copy>(list: &mut Vec<T>, item: T, same: impl Fn(T, T) -> bool) -> u32 {
    // Nearly all batches are of one topic, or of one after the other.
    match list.iter().rposition(|known| same(*known, item)) {
        Some(index) => index as u32,
        None => {
            list.push(item);
            list.len() as u32 - 1
        }
    }
}

impl<'a> Arena<'a> {
    pub(super) fn datum(
        &mut self,
        datum: &'a SchemaAndValue,
        table: &mut SchemaTable,
        options: Options,
    ) -> Result<PlannedDatum<'a>, LiftError> {
        if options.exact {
            exact::outgoing(datum)?;
        }
        let schema = datum.schema.as_ref();
        let id = match schema {
            Some(schema) => table.number_of(schema)?,
            None => NO_SCHEMA,
        };
        let value = match &datum.value {
            Value::Array(_) | Value::Map(_) | Value::Struct(_) => {
                match options
                    .json
                    .then(|| schema.is_none().then(|| crate::json::text(&datum.value)))
                    .flatten()
                    .flatten()
                {
                    Some(text) => {
                        self.bytes += text.len();
                        self.texts.push(text);
                        Planned::Json(self.texts.len() - 1)
                    }
                    None => {
                        let begun = self.nodes.len();
                        if let Err(error) = self.tape(&datum.value, schema) {
                            self.nodes.truncate(begun);
                            return Err(error);
                        }
                        Planned::Tape(begun..self.nodes.len())
                    }
                }
            }
            scalar => Planned::Scalar(match self.scalar(scalar, schema)? {
                wire::Node::Boolean(v) => wire::Value::Boolean(v),
                wire::Node::Integer(v) => wire::Value::Integer(v),
                wire::Node::Float(v) => wire::Value::Float(v),
                wire::Node::Text(v) => wire::Value::Text(v),
                wire::Node::Bytes(v) => wire::Value::Bytes(v),
                wire::Node::Null | wire::Node::Elements(_) | wire::Node::Entries(_) | wire::Node::Fields(_) => {
                    wire::Value::Null
                }
            }),
        };
        Ok(PlannedDatum { schema: id, value })
    }

    fn tape(&mut self, value: &'a Value, schema: Option<&'a Arc<Schema>>) -> Result<(), LiftError> {
        match value {
            Value::Array(items) => {
                self.count(wire::Node::Elements(items.len() as u32));
                let element = schema.and_then(|schema| schema.value_schema.as_ref());
                items.iter().try_for_each(|item| self.tape(item, element))
            }
            Value::Map(pairs) => {
                self.count(wire::Node::Entries(pairs.len() as u32));
                let key = schema.and_then(|schema| schema.key_schema.as_ref());
                let element = schema.and_then(|schema| schema.value_schema.as_ref());
                pairs.iter().try_for_each(|(name, item)| {
                    self.tape(name, key)?;
                    self.tape(item, element)
                })
            }
            Value::Struct(values) => {
                let schema = schema.ok_or(LiftError::SchemalessStruct)?;
                if values.len() != schema.fields.len() {
                    return Err(LiftError::Fields { expected: schema.fields.len(), found: values.len() });
                }
                self.count(wire::Node::Fields(values.len() as u32));
                let fields = schema.fields.iter().map(|field| &field.schema);
                values.iter().zip(fields).try_for_each(|(item, schema)| self.tape(item, Some(schema)))
            }
            scalar => {
                let node = self.scalar(scalar, schema)?;
                self.count(node);
                Ok(())
            }
        }
    }

    fn count(&mut self, node: wire::Node<'a>) {
        self.bytes += NODE;
        self.nodes.push(node);
    }

    fn scalar(&mut self, value: &'a Value, schema: Option<&'a Arc<Schema>>) -> Result<wire::Node<'a>, LiftError> {
        Ok(match value {
            Value::Null | Value::Array(_) | Value::Map(_) | Value::Struct(_) => wire::Node::Null,
            Value::Boolean(v) => wire::Node::Boolean(*v),
            Value::Int8(v) => wire::Node::Integer((*v).into()),
            Value::Int16(v) => wire::Node::Integer((*v).into()),
            Value::Int32(v) => wire::Node::Integer((*v).into()),
            Value::Int64(v) => wire::Node::Integer(*v),
            Value::Float32(v) => wire::Node::Float((*v).into()),
            Value::Float64(v) => wire::Node::Float(*v),
            Value::String(v) => {
                self.bytes += v.len();
                wire::Node::Text(v)
            }
            Value::Bytes(v) => {
                self.bytes += v.len();
                wire::Node::Bytes(v)
            }
            Value::Decimal(decimal) => wire::Node::Bytes(match schema {
                Some(schema) => logical::decimal_bytes(schema, decimal).map_err(unsayable)?,
                None => return Err(LiftError::SchemalessDecimal),
            }),
            Value::Date(millis) => wire::Node::Integer(match schema.and_then(|schema| Logical::of(schema)) {
                Some(kind) => logical::date_to_integer(kind, *millis).map_err(unsayable)?,
                None => *millis,
            }),
        })
    }

    pub(super) fn view(&self, datum: &PlannedDatum<'a>) -> wire::Datum<'_> {
        let value = match &datum.value {
            Planned::Scalar(value) => *value,
            Planned::Tape(range) => wire::Value::Tape(self.nodes.get(range.clone()).unwrap_or_default()),
            Planned::Json(index) => wire::Value::Json(self.texts.get(*index).map_or("", String::as_str)),
        };
        wire::Datum { schema: datum.schema, value }
    }
}

fn unsayable(error: watertight_data::DataError) -> LiftError {
    LiftError::Schema(error.to_string())
}
