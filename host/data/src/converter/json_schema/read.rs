//! The payload's JSON to values.

use super::names;
use super::settings::JsonSchemaSettings;
use crate::error::DataError;
use crate::java::hash;
use crate::java::json::{Node, decode_base64};
use crate::logical::{self, Logical};
use crate::schema::{Schema, Type};
use crate::validate;
use crate::value::{Decimal, Value};

/// `None` is a property that is not there.
pub(super) fn value(
    schema: Option<&Schema>,
    node: Option<&Node<'_>>,
    settings: &JsonSchemaSettings,
) -> Result<Value, DataError> {
    let Some(schema) = schema else {
        return schemaless(node);
    };
    let node = match node {
        None | Some(Node::Null | Node::Missing) => {
            return match &schema.default {
                Some(default) if settings.replace_null_with_default => Ok(default.clone()),
                _ if schema.optional => Ok(Value::Null),
                _ => Err(DataError::new(format!("Invalid null value for required {} field", schema.ty))),
            };
        }
        Some(node) => node,
    };
    if let Some(kind) = Logical::of(schema) {
        return logical(kind, schema, node);
    }
    Ok(match schema.ty {
        Type::Boolean => Value::Boolean(matches!(node, Node::Boolean(true))),
        Type::Int8 => Value::Int8(node.long() as i8),
        Type::Int16 => Value::Int16(node.long() as i16),
        Type::Int32 => Value::Int32(node.long() as i32),
        Type::Int64 => Value::Int64(node.long()),
        Type::Float32 => Value::Float32(match special(node) {
            Some(special) => special as f32,
            None => node.float(),
        }),
        Type::Float64 => Value::Float64(special(node).unwrap_or_else(|| node.double())),
        Type::String => Value::String(match node {
            Node::String(text) => text.to_string(),
            other => {
                return Err(DataError::new(format!("Invalid type for STRING: a JSON {}", other.kind())));
            }
        }),
        Type::Bytes => {
            let bytes = node.text().and_then(decode_base64);
            Value::Bytes(bytes.ok_or_else(|| DataError::new("Invalid bytes field"))?)
        }
        Type::Array => {
            let Node::Array(elements) = node else {
                return Err(DataError::new(format!(
                    "Arrays should be encoded as JSON arrays, but found {}",
                    node.kind()
                )));
            };
            let element = schema.value_schema.as_deref();
            let elements = elements.iter().map(|child| value(element, Some(child), settings));
            Value::Array(elements.collect::<Result<_, _>>()?)
        }
        Type::Map => map(schema, node, settings)?,
        Type::Struct if names::is_union(schema) => union(schema, node, settings)?,
        Type::Struct => structure(schema, node, settings)?,
    })
}

fn schemaless(node: Option<&Node<'_>>) -> Result<Value, DataError> {
    Ok(match node {
        None | Some(Node::Null | Node::Missing) => Value::Null,
        Some(Node::Boolean(flag)) => Value::Boolean(*flag),
        Some(number @ (Node::Integer(_) | Node::BigInteger(_))) => Value::Int64(number.long()),
        Some(number @ Node::Decimal(_)) => Value::Float64(number.double()),
        Some(Node::String(text)) => Value::String(text.to_string()),
        Some(Node::Array(elements)) => {
            Value::Array(elements.iter().map(|child| schemaless(Some(child))).collect::<Result<_, _>>()?)
        }
        Some(Node::Object(members)) => {
            let mut entries = Vec::with_capacity(members.len());
            for (name, child) in members {
                entries.push((Value::String(name.to_string()), schemaless(Some(child))?));
            }
            hash::value_map_order(&mut entries);
            Value::Map(entries)
        }
    })
}

/// What JSON has no word for is written in quotes.
fn special(node: &Node<'_>) -> Option<f64> {
    match node.text()? {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn map(schema: &Schema, node: &Node<'_>, settings: &JsonSchemaSettings) -> Result<Value, DataError> {
    let (Some(key_schema), Some(value_schema)) = (schema.key_schema.as_deref(), schema.value_schema.as_deref()) else {
        return Err(DataError::new("Map schema without key or value schema"));
    };
    let mut entries: Vec<(Value, Value)> = Vec::new();
    if names::is_object_key(key_schema) {
        let Node::Object(members) = node else {
            return Err(DataError::new(format!(
                "Maps with string fields should be encoded as JSON objects, but found {}",
                node.kind()
            )));
        };
        for (name, child) in members {
            entries.push((Value::String(name.to_string()), value(Some(value_schema), Some(child), settings)?));
        }
    } else {
        let Node::Array(pairs) = node else {
            return Err(DataError::new(format!(
                "Maps with non-string fields should be encoded as JSON array of objects, but found {}",
                node.kind()
            )));
        };
        let mut places: std::collections::HashMap<i32, Vec<usize>> = std::collections::HashMap::new();
        for pair in pairs {
            if !matches!(pair, Node::Object(_)) {
                return Err(DataError::new(format!("Found invalid map entry instead of object: {}", pair.kind())));
            }
            let key = value(Some(key_schema), pair.get("key"), settings)?;
            let child = value(Some(value_schema), pair.get("value"), settings)?;
            let same = places.entry(hash::value_hash(&key)).or_default();
            match same.iter().copied().find(|place| entries[*place].0 == key) {
                Some(place) => entries[place].1 = child,
                None => {
                    same.push(entries.len());
                    entries.push((key, child));
                }
            }
        }
    }
    hash::value_map_order(&mut entries);
    Ok(Value::Map(entries))
}

fn structure(schema: &Schema, node: &Node<'_>, settings: &JsonSchemaSettings) -> Result<Value, DataError> {
    if !matches!(node, Node::Object(_)) {
        return Err(DataError::new(format!("Structs should be encoded as JSON objects, but found {}", node.kind())));
    }
    let mut values = Vec::with_capacity(schema.fields.len());
    for (index, field) in schema.fields.iter().enumerate() {
        let child = value(Some(&field.schema), node.get_near(index, &field.name), settings)?;
        validate::not_null(&field.name, &field.schema, &child)?;
        values.push(child);
    }
    Ok(Value::Struct(values))
}

/// The alternative that the value looks most like.
fn union(schema: &Schema, node: &Node<'_>, settings: &JsonSchemaSettings) -> Result<Value, DataError> {
    let mut best: Option<(usize, usize)> = None;
    for (place, field) in schema.fields.iter().enumerate() {
        if let Some(likeness) = likeness(&field.schema, node)
            && best.is_none_or(|(_, before)| likeness > before)
        {
            best = Some((place, likeness));
        }
    }
    let Some((chosen, _)) = best else {
        return Err(DataError::new(format!("Did not find matching oneof field for data: a JSON {}", node.kind())));
    };
    let mut values = vec![Value::Null; schema.fields.len()];
    values[chosen] = value(Some(&schema.fields[chosen].schema), Some(node), settings)?;
    Ok(Value::Struct(values))
}

/// Not at all, or how much; a struct the more, the more of its fields are there.
fn likeness(schema: &Schema, node: &Node<'_>) -> Option<usize> {
    let fits = match (schema.ty, node) {
        (Type::Boolean, Node::Boolean(_)) => true,
        (Type::Int8, Node::Integer(n)) => i8::try_from(*n).is_ok(),
        (Type::Int16, Node::Integer(n)) => i16::try_from(*n).is_ok(),
        (Type::Int32, Node::Integer(n)) => i32::try_from(*n).is_ok(),
        (Type::Int64, Node::Integer(_)) => true,
        (Type::Float32 | Type::Float64, Node::Integer(_) | Node::BigInteger(_) | Node::Decimal(_)) => true,
        (Type::Bytes, Node::Integer(_) | Node::BigInteger(_) | Node::Decimal(_)) => {
            Logical::of(schema) == Some(Logical::Decimal)
        }
        (Type::String, Node::String(text)) => names::enum_parameter(schema)
            .is_none_or(|parameter| schema.parameters.contains_key(&format!("{parameter}.{text}"))),
        (Type::Bytes, Node::String(text)) => decode_base64(text).is_some(),
        (Type::Array, Node::Array(_)) => true,
        (Type::Map, Node::Object(_)) => schema.key_schema.as_deref().is_some_and(names::is_object_key),
        (Type::Map, Node::Array(_)) => !schema.key_schema.as_deref().is_some_and(names::is_object_key),
        (Type::Struct, Node::Object(members)) if !names::is_union(schema) => {
            let missing = |field: &crate::schema::Field| {
                node.get(&field.name).is_none() && !field.schema.optional && field.schema.default.is_none()
            };
            if schema.fields.iter().any(missing) {
                return None;
            }
            return Some(1 + members.iter().filter(|(name, _)| schema.field(name).is_some()).count());
        }
        (Type::Struct, _) if names::is_union(schema) => {
            return schema.fields.iter().filter_map(|field| likeness(&field.schema, node)).max();
        }
        _ => false,
    };
    fits.then_some(1)
}

fn logical(kind: Logical, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError> {
    let refuse = |name: &str, wanted: &str| {
        DataError::new(format!(
            "Invalid type for {name}, underlying representation should be {wanted} but was {}",
            node.kind()
        ))
    };
    match kind {
        Logical::Decimal => {
            let invalid = || DataError::new("Invalid bytes for Decimal field");
            if let Some(text) = node.text() {
                let unscaled = decode_base64(text).filter(|bytes| !bytes.is_empty()).ok_or_else(invalid)?;
                let unscaled = num_bigint::BigInt::from_signed_bytes_be(&unscaled);
                return Ok(Value::Decimal(Decimal::of(&unscaled, logical::scale(schema)?)));
            }
            node.decimal().map(Value::Decimal).ok_or_else(|| refuse("Decimal", "numeric or bytes"))
        }
        Logical::Date | Logical::Time => match node {
            Node::Integer(n) if i32::try_from(*n).is_ok() => Ok(Value::Date(logical::integer_to_date(kind, *n)?)),
            _ => Err(refuse(if kind == Logical::Date { "Date" } else { "Time" }, "integer")),
        },
        Logical::Timestamp if node.is_integral() => Ok(Value::Date(node.long())),
        Logical::Timestamp => Err(refuse("Timestamp", "integral")),
    }
}
