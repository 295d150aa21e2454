//! Data without a schema: a record with one optional field for each of Java's types, which may hold itself.

use super::read::{self, Fault, Input, blocks, hashed};
use super::write::{push_bytes, push_long};
use crate::error::DataError;
use crate::java::text::MAX_DEPTH;
use crate::value::Value;

/// The schema that stands for having none, as Avro's Java library writes it.
pub(super) const SCHEMA: &str = concat!(
    r#"{"type":"record","name":"Anything","namespace":"io.confluent.connect.avro","fields":["#,
    r#"{"name":"boolean","type":["null","boolean"],"default":null},"#,
    r#"{"name":"bytes","type":["null","bytes"],"default":null},"#,
    r#"{"name":"double","type":["null","double"],"default":null},"#,
    r#"{"name":"float","type":["null","float"],"default":null},"#,
    r#"{"name":"int","type":["null","int"],"default":null},"#,
    r#"{"name":"long","type":["null","long"],"default":null},"#,
    r#"{"name":"string","type":["null","string"],"default":null},"#,
    r#"{"name":"array","type":["null",{"type":"array","items":"Anything"}],"default":null},"#,
    r#"{"name":"map","type":["null",{"type":"array","items":{"type":"record","name":"MapEntry","fields":["#,
    r#"{"name":"key","type":"Anything"},{"name":"value","type":"Anything"}]}}],"default":null}]}"#,
);

pub(super) const NAME: &str = "io.confluent.connect.avro.Anything";

const FIELDS: usize = 9;
const INT: usize = 4;
const LONG: usize = 5;
const STRING: usize = 6;
const ARRAY: usize = 7;
const MAP: usize = 8;

/// Only one field is set; the others are null.
fn push(
    out: &mut Vec<u8>,
    field: usize,
    value: impl FnOnce(&mut Vec<u8>) -> Result<(), DataError>,
) -> Result<(), DataError> {
    out.extend(std::iter::repeat_n(0, field));
    out.push(2);
    value(out)?;
    out.extend(std::iter::repeat_n(0, FIELDS - 1 - field));
    Ok(())
}

/// Appends a value.
pub(super) fn write(out: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), DataError> {
    if depth > MAX_DEPTH {
        return Err(DataError::new(format!("The value is nested deeper than {MAX_DEPTH}.")));
    }
    let number = |out: &mut Vec<u8>, field: usize, n: i64| {
        push(out, field, |out| {
            push_long(out, n);
            Ok(())
        })
    };
    match value {
        Value::Null => out.extend([0; FIELDS]),
        Value::Boolean(flag) => push(out, 0, |out| {
            out.push(u8::from(*flag));
            Ok(())
        })?,
        Value::Float64(n) => push(out, 2, |out| {
            out.extend(n.to_le_bytes());
            Ok(())
        })?,
        Value::Float32(n) => push(out, 3, |out| {
            out.extend(n.to_le_bytes());
            Ok(())
        })?,
        Value::Int8(n) => number(out, INT, i64::from(*n))?,
        Value::Int16(n) => number(out, INT, i64::from(*n))?,
        Value::Int32(n) => number(out, INT, i64::from(*n))?,
        Value::Int64(n) => number(out, LONG, *n)?,
        Value::String(text) => push(out, STRING, |out| {
            push_bytes(out, text.as_bytes());
            Ok(())
        })?,
        Value::Array(items) => push(out, ARRAY, |out| {
            if !items.is_empty() {
                push_long(out, items.len() as i64);
            }
            for item in items {
                write(out, item, depth + 1)?;
            }
            out.push(0);
            Ok(())
        })?,
        Value::Map(entries) => push(out, MAP, |out| {
            if !entries.is_empty() {
                push_long(out, entries.len() as i64);
            }
            for (key, value) in entries {
                write(out, key, depth + 1)?;
                write(out, value, depth + 1)?;
            }
            out.push(0);
            Ok(())
        })?,
        Value::Bytes(_) | Value::Struct(_) | Value::Decimal(_) | Value::Date(_) => {
            return Err(DataError::new(format!("Unknown Java type for schemaless data: class {}", value.java_class())));
        }
    }
    Ok(())
}

/// Reads a value: the first field that is set.
pub(super) fn read(input: &mut Input<'_>, depth: usize) -> Result<Value, Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::data(DataError::new(format!("The value is nested deeper than {MAX_DEPTH}."))));
    }
    let mut found = Value::Null;
    for field in 0..FIELDS {
        match read::int(input)? {
            0 => continue,
            1 => {}
            place => {
                return Err(Fault::Avro(format!(
                    "org.apache.avro.AvroRuntimeException: no branch {place} in the union"
                )));
            }
        }
        let value = match field {
            0 => Value::Boolean(read::boolean(input)?),
            1 => Value::Bytes(read::bytes(input)?.to_vec()),
            2 => Value::Float64(read::double(input)?),
            3 => Value::Float32(read::float(input)?),
            INT => Value::Int32(read::int(input)?),
            LONG => Value::Int64(read::long(input)?),
            STRING => Value::String(read::text(input)?),
            ARRAY => {
                let mut items = Vec::new();
                blocks(input, |input, _| {
                    items.push(read(input, depth + 1)?);
                    Ok(())
                })?;
                Value::Array(items)
            }
            _ => {
                let mut entries = Vec::new();
                blocks(input, |input, _| {
                    entries.push((read(input, depth + 1)?, read(input, depth + 1)?));
                    Ok(())
                })?;
                Value::Map(hashed(entries))
            }
        };
        if found.is_null() {
            found = value;
        }
    }
    Ok(found)
}
