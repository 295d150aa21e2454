//! `SchemaProjector`: a value of one schema as a value of another that is compatible with it. How a sink reads
//! old and new records with one schema.

use std::sync::Arc;

use crate::error::DataError;
use crate::java::hash;
use crate::schema::{Schema, Type};
use crate::validate;
use crate::value::Value;

/// What is thrown for schemas that do not fit.
pub const SCHEMA_PROJECTOR_EXCEPTION: &str = "org.apache.kafka.connect.errors.SchemaProjectorException";

fn refuse(message: String) -> DataError {
    DataError::new(message).with_class(SCHEMA_PROJECTOR_EXCEPTION)
}

/// The value as one of `target`.
///
/// # Errors
/// With Kafka's words, when the schemas are not compatible.
pub fn project(source: &Arc<Schema>, value: Value, target: &Arc<Schema>) -> Result<Value, DataError> {
    maybe_compatible(source, target)?;
    if source.optional && !target.optional {
        let Some(default) = &target.default else {
            return Err(refuse(
                "Writer schema is optional, however, target schema does not provide a default value.".to_owned(),
            ));
        };
        return if value.is_null() { Ok(default.clone()) } else { present(source, value, target) };
    }
    if value.is_null() { Ok(value) } else { present(source, value, target) }
}

/// The order in which numbers widen.
fn width(ty: Type) -> Option<u8> {
    Some(match ty {
        Type::Int8 => 1,
        Type::Int16 => 2,
        Type::Int32 => 3,
        Type::Int64 => 4,
        Type::Float32 => 5,
        Type::Float64 => 6,
        Type::Boolean | Type::String | Type::Bytes | Type::Array | Type::Map | Type::Struct => return None,
    })
}

fn maybe_compatible(source: &Schema, target: &Schema) -> Result<(), DataError> {
    let wider = matches!((width(source.ty), width(target.ty)), (Some(from), Some(to)) if from <= to);
    if source.ty != target.ty && !wider {
        return Err(refuse(format!("Schema type mismatch. source type: {} and target type: {}", source.ty, target.ty)));
    }
    let shown = |name: &Option<String>| name.clone().unwrap_or_else(|| "null".to_owned());
    if source.name != target.name {
        return Err(refuse(format!(
            "Schema name mismatch. source name: {} and target name: {}",
            shown(&source.name),
            shown(&target.name)
        )));
    }
    if source.parameters != target.parameters {
        return Err(refuse(format!(
            "Schema parameters not equal. source parameters: {} and target parameters: {}",
            parameters(source),
            parameters(target)
        )));
    }
    Ok(())
}

fn parameters(schema: &Schema) -> String {
    if schema.parameters.is_empty() {
        return "null".to_owned();
    }
    let all: Vec<String> = schema.parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{{{}}}", all.join(", "))
}

fn present(source: &Arc<Schema>, value: Value, target: &Arc<Schema>) -> Result<Value, DataError> {
    Ok(match (target.ty, value) {
        (Type::Struct, Value::Struct(values)) => structure(source, values, target)?,
        (Type::Array, Value::Array(elements)) => {
            let (Some(from), Some(to)) = (&source.value_schema, &target.value_schema) else {
                return Ok(Value::Array(elements));
            };
            Value::Array(elements.into_iter().map(|element| project(from, element, to)).collect::<Result<_, _>>()?)
        }
        (Type::Map, Value::Map(entries)) => map(source, entries, target)?,
        (to, number) => widened(number, to),
    })
}

fn widened(value: Value, to: Type) -> Value {
    match (&value, to) {
        (Value::Float32(n), Type::Float64) => Value::Float64(f64::from(*n)),
        (Value::Int8(_) | Value::Int16(_) | Value::Int32(_) | Value::Int64(_), to) => {
            let n = value.as_i64().unwrap_or_default();
            match to {
                Type::Int16 => Value::Int16(n as i16),
                Type::Int32 => Value::Int32(n as i32),
                Type::Int64 => Value::Int64(n),
                Type::Float32 => Value::Float32(n as f32),
                Type::Float64 => Value::Float64(n as f64),
                _ => value,
            }
        }
        _ => value,
    }
}

fn map(source: &Schema, entries: Vec<(Value, Value)>, target: &Schema) -> Result<Value, DataError> {
    let (Some(from_key), Some(to_key)) = (&source.key_schema, &target.key_schema) else {
        return Ok(Value::Map(entries));
    };
    let (Some(from_value), Some(to_value)) = (&source.value_schema, &target.value_schema) else {
        return Ok(Value::Map(entries));
    };
    let mut projected = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        projected.push((project(from_key, key, to_key)?, project(from_value, value, to_value)?));
    }
    hash::value_map_order(&mut projected);
    Ok(Value::Map(projected))
}

fn structure(source: &Schema, mut values: Vec<Value>, target: &Schema) -> Result<Value, DataError> {
    let mut projected = Vec::with_capacity(target.fields.len());
    for field in &target.fields {
        let found = source.field(&field.name).and_then(|(index, from)| Some((from, values.get_mut(index)?)));
        let Some((from, value)) = found else {
            projected.push(match &field.schema.default {
                _ if field.schema.optional => Value::Null,
                Some(default) => default.clone(),
                None => {
                    return Err(refuse(format!(
                        "Required field `{}` is missing from source schema: {source}",
                        field.name
                    )));
                }
            });
            continue;
        };
        let value = match (std::mem::take(value), &from.schema.default) {
            (Value::Null, Some(default)) => default.clone(),
            (value, _) => value,
        };
        let value = project(&from.schema, value, &field.schema).map_err(|cause| {
            if cause.class() == SCHEMA_PROJECTOR_EXCEPTION {
                let own = format!("Error projecting {}", from.name);
                DataError::caused_by(&own, format!("{}: {cause}", cause.class())).with_class(SCHEMA_PROJECTOR_EXCEPTION)
            } else {
                cause
            }
        })?;
        validate::field(&field.name, &field.schema, &value)?;
        projected.push(value);
    }
    Ok(Value::Struct(projected))
}
