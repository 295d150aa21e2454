//! A value as Java's `toString` writes it: what Kafka's file sink puts in a line.
//!
//! Text goes as it is, even if it holds line ends, as in Kafka. Bytes go as they are too, where Java would write the
//! address of an array. Times are written in UTC, where Java takes the zone of its machine.

mod numbers;
mod times;
mod trees;

use std::collections::HashMap;

use watertight_sdk::{Schema, SchemaId, SinkRecord, Value, ids, runtime};

/// Schemas that the worker sent, by number: a number is never used twice.
#[derive(Debug, Default)]
pub struct Schemas(HashMap<SchemaId, Schema>);

impl Schemas {
    /// Empty where there is no schema or it is not known: the value is then written by what it looks like.
    fn get(&mut self, id: SchemaId) -> &[watertight_sdk::SchemaNode] {
        self.0.entry(id).or_insert_with(|| runtime::schema(id).unwrap_or_default())
    }
}

const FIRST_DEFINED: SchemaId = 64;

/// Appends the record's value and a line end.
pub fn write_line(record: &SinkRecord, schemas: &mut Schemas, out: &mut Vec<u8>) {
    let datum = &record.message.value;
    match &datum.value {
        Value::Text(text) | Value::Json(text) => out.extend_from_slice(text.as_bytes()),
        Value::Bytes(bytes) => out.extend_from_slice(bytes),
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Integer(value) => match datum.schema {
            ids::DATE | 23 => times::write(value.saturating_mul(times::DAY_MS), out),
            ids::TIME | ids::TIMESTAMP | 24 | 25 => times::write(*value, out),
            id if id >= FIRST_DEFINED => trees::write_integer(*value, schemas.get(id).first(), out),
            _ => out.extend_from_slice(value.to_string().as_bytes()),
        },
        Value::Float(value) => {
            let single = match datum.schema {
                id if id >= FIRST_DEFINED => trees::is_single(schemas.get(id).first()),
                id => id == ids::FLOAT32 || id == ids::optional(ids::FLOAT32),
            };
            numbers::write(*value, single, out);
        }
        Value::Tape(tape) => {
            let schema = if datum.schema >= FIRST_DEFINED { schemas.get(datum.schema) } else { &[] };
            trees::write(tape, schema, out);
        }
    }
    out.push(b'\n');
}
