//! `Requirements`: what a transform can work on, and what it says of anything else.

use std::sync::Arc;

use crate::error::DataError;
use crate::record::{Origin, Record};
use crate::schema::{Schema, Type};
use crate::value::Value;

/// The entries of a map, taken out.
pub(super) fn map(value: Value, purpose: &str) -> Result<Vec<(Value, Value)>, DataError> {
    match value {
        Value::Map(entries) => Ok(entries),
        other => Err(no_map(&other, purpose)),
    }
}

/// The entries of a map, looked at.
pub(super) fn map_ref<'a>(value: &'a Value, purpose: &str) -> Result<&'a [(Value, Value)], DataError> {
    match value {
        Value::Map(entries) => Ok(entries),
        other => Err(no_map(other, purpose)),
    }
}

fn no_map(value: &Value, purpose: &str) -> DataError {
    DataError::new(format!(
        "Only Map objects supported in absence of schema for [{purpose}], found: {}",
        value.java_class()
    ))
}

/// The fields of a struct, taken out: as many as its schema has.
pub(super) fn structure(schema: &Schema, value: Value, purpose: &str) -> Result<Vec<Value>, DataError> {
    match value {
        Value::Struct(values) if values.len() == schema.fields.len() => Ok(values),
        Value::Struct(_) => Err(DataError::new("Struct schemas do not match.")),
        other => Err(no_struct(&other, purpose)),
    }
}

/// The same, looked at.
pub(super) fn structure_ref<'a>(schema: &Schema, value: &'a Value, purpose: &str) -> Result<&'a [Value], DataError> {
    match value {
        Value::Struct(values) if values.len() == schema.fields.len() => Ok(values),
        Value::Struct(_) => Err(DataError::new("Struct schemas do not match.")),
        other => Err(no_struct(other, purpose)),
    }
}

fn no_struct(value: &Value, purpose: &str) -> DataError {
    DataError::new(format!("Only Struct objects supported for [{purpose}], found: {}", value.java_class()))
}

/// A schema.
pub(super) fn schema<'a>(schema: Option<&'a Arc<Schema>>, purpose: &str) -> Result<&'a Arc<Schema>, DataError> {
    schema.ok_or_else(|| DataError::new(format!("Schema required for [{purpose}]")))
}

/// A sink's record, of which it gives the offset.
pub(super) fn sink_offset(record: &Record, purpose: &str) -> Result<i64, DataError> {
    match record.origin {
        Origin::Sink { offset, .. } => Ok(offset),
        Origin::Source => Err(DataError::new(format!(
            "Only SinkRecord supported for [{purpose}], found: org.apache.kafka.connect.source.SourceRecord"
        ))),
    }
}

/// A schema whose fields can be listed (`ConnectSchema.fields`).
pub(super) fn fields(schema: &Schema) -> Result<(), DataError> {
    if schema.ty == Type::Struct { Ok(()) } else { Err(DataError::new("Cannot list fields on non-struct type")) }
}
