//! The payload's JSON to values. As JsonConverter's, but stricter, and with unions and floats that are no numbers.

use super::names;
use super::settings::JsonSchemaSettings;
pub(super) use crate::converter::json::read::value;
use crate::converter::json::read::{Dialect, object, pairs, structure};
use crate::error::DataError;
use crate::java::json::{Node, decode_base64};
use crate::logical::Logical;
use crate::schema::{Schema, Type};
use crate::validate;
use crate::value::Value;

impl Dialect for JsonSchemaSettings {
    fn replaces_null_with_default(&self) -> bool {
        self.replace_null_with_default
    }

    fn is_null(node: &Node<'_>) -> bool {
        matches!(node, Node::Null | Node::Missing)
    }

    fn float32(node: &Node<'_>) -> f32 {
        special(node).map_or_else(|| node.float(), |special| special as f32)
    }

    fn float64(node: &Node<'_>) -> f64 {
        special(node).unwrap_or_else(|| node.double())
    }

    fn string(node: &Node<'_>) -> Result<Value, DataError> {
        match node {
            Node::String(text) => Ok(Value::String(text.to_string())),
            other => Err(DataError::new(format!("Invalid type for STRING: a JSON {}", other.kind()))),
        }
    }

    fn bytes(node: &Node<'_>) -> Result<Value, DataError> {
        let bytes = node.text().and_then(decode_base64);
        bytes.map(Value::Bytes).ok_or_else(|| DataError::new("Invalid bytes field"))
    }

    fn array(&self, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError> {
        let Node::Array(elements) = node else {
            return Err(DataError::new(format!("Arrays should be encoded as JSON arrays, but found {}", node.kind())));
        };
        let element = schema.value_schema.as_deref();
        let elements = elements.iter().map(|child| value(element, Some(child), self));
        Ok(Value::Array(elements.collect::<Result<_, _>>()?))
    }

    fn map(&self, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError> {
        let (Some(key_schema), Some(_)) = (&schema.key_schema, &schema.value_schema) else {
            return Err(DataError::new("Map schema without key or value schema"));
        };
        if names::is_object_key(key_schema) {
            return object(schema, node, self);
        }
        pairs(schema, node, "objects", self, |pair| match pair {
            Node::Object(_) => Ok((pair.get("key"), pair.get("value"))),
            other => Err(DataError::new(format!("Found invalid map entry instead of object: {}", other.kind()))),
        })
    }

    fn structure(&self, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError> {
        if names::is_union(schema) {
            return union(schema, node, self);
        }
        structure(schema, node, self, |field, child| validate::not_null(&field.name, &field.schema, child))
    }
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
