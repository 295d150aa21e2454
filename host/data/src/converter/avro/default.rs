//! Defaults between Connect's values and the JSON of an Avro schema.

use super::json::Json;
use super::kinds::{has_text_keys, is_union};
use super::names::scrubbed;
use super::schema::{AvroSchema, Id, Shape};
use super::settings::AvroSettings;
use crate::error::DataError;
use crate::logical::{self, Logical};
use crate::schema::{Schema, Type};
use crate::value::Value;

/// A Connect default as JSON (`defaultValueFromConnect`).
pub(super) fn to_json(schema: &Schema, value: &Value, settings: &AvroSettings) -> Result<Json, DataError> {
    if value.is_null() {
        return Ok(Json::Null);
    }
    let wrong = || {
        DataError::new(format!(
            "Invalid type used for default value of {} field: class {}",
            schema.ty,
            value.java_class()
        ))
    };
    Ok(match (schema.ty, value) {
        (Type::Bytes, Value::Decimal(decimal)) => latin1(logical::decimal_bytes(schema, decimal)?),
        (Type::Int32 | Type::Int64, Value::Date(millis)) => {
            let kind = Logical::of(schema).ok_or_else(wrong)?;
            Json::Integer(logical::date_to_integer(kind, *millis)?)
        }
        (Type::Int8, Value::Int8(n)) => Json::Integer(i64::from(*n)),
        (Type::Int16, Value::Int16(n)) => Json::Integer(i64::from(*n)),
        (Type::Int32, Value::Int32(n)) => Json::Integer(i64::from(*n)),
        (Type::Int64, Value::Int64(n)) => Json::Integer(*n),
        (Type::Float32, Value::Float32(n)) => Json::Float(*n),
        (Type::Float64, Value::Float64(n)) => Json::Double(*n),
        (Type::Boolean, Value::Boolean(flag)) => Json::Boolean(*flag),
        (Type::String, Value::String(text)) => Json::text(text),
        (Type::Bytes, Value::Bytes(bytes)) => latin1(bytes),
        (Type::Array, Value::Array(items)) => {
            let inner = schema.value_schema.as_ref().ok_or_else(wrong)?;
            Json::Array(items.iter().map(|item| to_json(inner, item, settings)).collect::<Result<_, _>>()?)
        }
        (Type::Map, Value::Map(entries)) => {
            let (key_schema, inner) = schema.key_schema.as_ref().zip(schema.value_schema.as_ref()).ok_or_else(wrong)?;
            if has_text_keys(schema, settings) {
                let mut fields = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let key = key.as_str().ok_or_else(wrong)?;
                    fields.push((key.to_owned(), to_json(inner, value, settings)?));
                }
                Json::Object(fields)
            } else {
                let mut pairs = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let pair = vec![to_json(key_schema, key, settings)?, to_json(inner, value, settings)?];
                    pairs.push(Json::Array(pair));
                }
                Json::Array(pairs)
            }
        }
        (Type::Struct, Value::Struct(values)) => {
            let mut fields = Vec::with_capacity(values.len());
            for (field, value) in schema.fields.iter().zip(values) {
                let shown = match (&field.schema.default, value) {
                    (Some(default), Value::Null) => default,
                    _ => value,
                };
                let json = to_json(&field.schema, shown, settings)?;
                if is_union(schema) {
                    return Ok(json);
                }
                fields.push((scrubbed(&field.name, settings.scrub), json));
            }
            Json::Object(fields)
        }
        _ => return Err(wrong()),
    })
}

fn latin1(bytes: &[u8]) -> Json {
    Json::Text(bytes.iter().map(|byte| char::from(*byte)).collect())
}

/// Whether Avro takes JSON for a default of a type (`Schema.isValidDefault`).
pub(super) fn is_valid(avro: &AvroSchema, id: Id, json: &Json) -> bool {
    match &avro.node(id).shape {
        Shape::Null => *json == Json::Null,
        Shape::Boolean => matches!(json, Json::Boolean(_)),
        Shape::Int => matches!(json, Json::Integer(n) if i32::try_from(*n).is_ok()),
        Shape::Long => matches!(json, Json::Integer(_)),
        Shape::Float | Shape::Double => matches!(json, Json::Integer(_) | Json::Float(_) | Json::Double(_)),
        Shape::String | Shape::Bytes | Shape::Fixed { .. } | Shape::Enum { .. } => matches!(json, Json::Text(_)),
        Shape::Array(items) => match json {
            Json::Array(all) => all.iter().all(|item| is_valid(avro, *items, item)),
            _ => false,
        },
        Shape::Map(values) => match json {
            Json::Object(all) => all.iter().all(|(_, value)| is_valid(avro, *values, value)),
            _ => false,
        },
        Shape::Union(branches) => branches.iter().any(|branch| is_valid(avro, *branch, json)),
        Shape::Record { fields, .. } => {
            matches!(json, Json::Object(_))
                && fields.iter().all(|field| {
                    json.get(&field.name)
                        .or(field.default.as_ref())
                        .is_some_and(|value| is_valid(avro, field.schema, value))
                })
        }
    }
}

/// JSON as a value of a Connect schema made from an Avro one (`defaultValueFromAvro`). `annotated` is that it
/// stood at `connect.default`; else it is Avro's own default of a field.
pub(super) fn from_json(
    schema: &Schema,
    avro: &AvroSchema,
    id: Id,
    json: &Json,
    annotated: bool,
) -> Result<Value, DataError> {
    let plain = plain(schema, avro, id, json, annotated)?;
    if plain.is_null() {
        return Ok(plain);
    }
    match (Logical::of(schema), plain) {
        (None, value) => Ok(value),
        (Some(Logical::Decimal), Value::Bytes(bytes)) => super::read::decimal(&bytes, logical::scale(schema)?),
        (Some(kind), Value::Int32(n)) => Ok(Value::Date(logical::integer_to_date(kind, i64::from(n))?)),
        (Some(kind), Value::Int64(n)) => Ok(Value::Date(logical::integer_to_date(kind, n)?)),
        (Some(_), other) => Ok(other),
    }
}

fn plain(schema: &Schema, avro: &AvroSchema, id: Id, json: &Json, annotated: bool) -> Result<Value, DataError> {
    if *json == Json::Null {
        return Ok(Value::Null);
    }
    let invalid = |what: &str| Err(DataError::new(format!("Invalid JSON for {what} default value")));
    Ok(match &avro.node(id).shape {
        Shape::Null => Value::Null,
        Shape::Boolean => Value::Boolean(*json == Json::Boolean(true)),
        Shape::Int => match schema.ty {
            Type::Int8 => Value::Int8(json.long() as i8),
            Type::Int16 => Value::Int16(json.long() as i16),
            Type::Int32 => Value::Int32(json.long() as i32),
            _ => Value::Null,
        },
        Shape::Long => Value::Int64(json.long()),
        Shape::Float => Value::Float32(json.double() as f32),
        Shape::Double => Value::Float64(json.double()),
        Shape::String | Shape::Enum { .. } => match json {
            Json::Text(text) => Value::String(text.clone()),
            Json::Array(_) | Json::Object(_) => Value::String(String::new()),
            other => Value::String(other.java_text()),
        },
        Shape::Bytes | Shape::Fixed { .. } => match json.as_text() {
            Some(text) => Value::Bytes(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()),
            None => return invalid("binary"),
        },
        Shape::Array(items) => {
            let Json::Array(all) = json else {
                return invalid("array");
            };
            match (schema.ty, &schema.value_schema, &schema.key_schema) {
                (Type::Array, Some(inner), _) => {
                    let mut values = Vec::with_capacity(all.len());
                    for item in all {
                        values.push(from_json(inner, avro, *items, item, annotated)?);
                    }
                    Value::Array(values)
                }
                _ => return invalid("array"),
            }
        }
        Shape::Map(inner_id) => {
            let (Json::Object(all), Some(inner)) = (json, &schema.value_schema) else {
                return invalid("map");
            };
            let mut entries = Vec::with_capacity(all.len());
            for (key, value) in all {
                entries.push((Value::from(key.as_str()), from_json(inner, avro, *inner_id, value, annotated)?));
            }
            crate::java::hash::sized_hash_map_order(&mut entries, |(key, _)| crate::java::hash::value_hash(key));
            Value::Map(entries)
        }
        Shape::Record { fields, .. } => {
            let Json::Object(_) = json else {
                return invalid("record");
            };
            let mut values = Vec::with_capacity(fields.len());
            for (avro_field, field) in fields.iter().zip(&schema.fields) {
                let value = match json.get(&avro_field.name) {
                    Some(value) => from_json(&field.schema, avro, avro_field.schema, value, annotated)?,
                    None => field.schema.default.clone().unwrap_or_default(),
                };
                crate::validate::field(&field.name, &field.schema, &value)?;
                values.push(value);
            }
            Value::Struct(values)
        }
        Shape::Union(branches) => {
            // an optional type, or a struct of which the first branch is set
            let some = branches.iter().find(|branch| avro.node(**branch).shape != Shape::Null);
            if !is_union(schema) {
                // Java looks only at the first type of a union here, and for a field where there is none
                let first_is_null = branches.first().is_some_and(|first| avro.node(*first).shape == Shape::Null);
                return match some {
                    Some(_) if annotated && first_is_null => Ok(Value::Null),
                    Some(_) if annotated => Err(DataError::new("Cannot look up fields on non-struct type")),
                    Some(branch) => from_json(schema, avro, *branch, json, annotated),
                    None => Ok(Value::Null),
                };
            }
            match (branches.first(), schema.fields.first()) {
                (Some(first), Some(field)) if avro.node(*first).shape != Shape::Null => {
                    let mut values = vec![Value::Null; schema.fields.len()];
                    values[0] = from_json(&field.schema, avro, *first, json, annotated)?;
                    Value::Struct(values)
                }
                _ => Value::Null,
            }
        }
    })
}
