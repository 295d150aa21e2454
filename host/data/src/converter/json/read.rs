//! JSON to values (`convertToConnect`).

use super::settings::JsonSettings;
use crate::error::DataError;
use crate::java::hash;
use crate::java::json::{Node, decode_base64};
use crate::logical::{self, Logical};
use crate::schema::{Schema, Type};
use crate::validate;
use crate::value::{Decimal, Value};

/// `None` is a field that is not there.
pub(super) fn value(
    schema: Option<&Schema>,
    node: Option<&Node<'_>>,
    settings: &JsonSettings,
) -> Result<Value, DataError> {
    let Some(schema) = schema else {
        return schemaless(node);
    };
    let node = match node {
        None | Some(Node::Null) => {
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
        Type::Float32 => Value::Float32(node.float()),
        Type::Float64 => Value::Float64(node.double()),
        Type::String => node.text().map_or(Value::Null, Value::from),
        Type::Bytes => match node.text() {
            None => Value::Null,
            Some(text) => Value::Bytes(decode_base64(text).ok_or_else(|| DataError::new("Invalid bytes field"))?),
        },
        Type::Array => array(schema, node, settings)?,
        Type::Map => map(schema, node, settings)?,
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
        Some(Node::Object(fields)) => {
            let mut entries = Vec::with_capacity(fields.len());
            for (name, child) in fields {
                entries.push((Value::String(name.to_string()), schemaless(Some(child))?));
            }
            hash::value_map_order(&mut entries);
            Value::Map(entries)
        }
    })
}

/// Java walks the children of whatever it gets; a scalar has none.
fn array(schema: &Schema, node: &Node<'_>, settings: &JsonSettings) -> Result<Value, DataError> {
    let element = schema.value_schema.as_deref();
    let convert = |child| value(element, Some(child), settings);
    Ok(Value::Array(match node {
        Node::Array(elements) => elements.iter().map(convert).collect::<Result<_, _>>()?,
        Node::Object(fields) => fields.iter().map(|(_, child)| convert(child)).collect::<Result<_, _>>()?,
        _ => Vec::new(),
    }))
}

fn map(schema: &Schema, node: &Node<'_>, settings: &JsonSettings) -> Result<Value, DataError> {
    let key_schema = schema.key_schema.as_deref();
    let value_schema = schema.value_schema.as_deref();
    let mut entries: Vec<(Value, Value)> = Vec::new();
    if key_schema.is_none_or(|schema| schema.ty == Type::String) {
        let Node::Object(fields) = node else {
            return Err(DataError::new(format!(
                "Maps with string fields should be encoded as JSON objects, but found {}",
                node.kind()
            )));
        };
        for (name, child) in fields {
            entries.push((Value::String(name.to_string()), value(value_schema, Some(child), settings)?));
        }
    } else {
        let Node::Array(pairs) = node else {
            return Err(DataError::new(format!(
                "Maps with non-string fields should be encoded as JSON array of tuples, but found {}",
                node.kind()
            )));
        };
        let mut seen = Seen::default();
        for pair in pairs {
            let Node::Array(pair) = pair else {
                return Err(DataError::new(format!("Found invalid map entry instead of array tuple: {}", pair.kind())));
            };
            let [key, child] = pair.as_slice() else {
                return Err(DataError::new(format!(
                    "Found invalid map entry, expected length 2 but found :{}",
                    pair.len()
                )));
            };
            let key = value(key_schema, Some(key), settings)?;
            let child = value(value_schema, Some(child), settings)?;
            match seen.place(&entries, &key) {
                Some(place) => entries[place].1 = child,
                None => entries.push((key, child)),
            }
        }
    }
    hash::value_map_order(&mut entries);
    Ok(Value::Map(entries))
}

/// Finds keys that are already there, by their hash.
#[derive(Default)]
struct Seen(std::collections::HashMap<i32, Vec<usize>>);

impl Seen {
    /// Where the key stands, or notes that it comes next.
    fn place(&mut self, entries: &[(Value, Value)], key: &Value) -> Option<usize> {
        let places = self.0.entry(hash::value_hash(key)).or_default();
        let found = places.iter().copied().find(|place| entries[*place].0 == *key);
        if found.is_none() {
            places.push(entries.len());
        }
        found
    }
}

fn structure(schema: &Schema, node: &Node<'_>, settings: &JsonSettings) -> Result<Value, DataError> {
    if !matches!(node, Node::Object(_)) {
        return Err(DataError::new(format!("Structs should be encoded as JSON objects, but found {}", node.kind())));
    }
    let mut values = Vec::with_capacity(schema.fields.len());
    for (index, field) in schema.fields.iter().enumerate() {
        let child = value(Some(&field.schema), node.get_near(index, &field.name), settings)?;
        // arrays and maps may hold what their schema does not allow; a struct was checked when it was made
        match child {
            Value::Array(_) | Value::Map(_) => validate::field(&field.name, &field.schema, &child)?,
            _ => validate::not_null(&field.name, &field.schema, &child)?,
        }
        values.push(child);
    }
    Ok(Value::Struct(values))
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
                return Ok(Value::Decimal(Decimal::of(&unscaled, logical::scale(schema).map_err(|_| invalid())?)));
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
