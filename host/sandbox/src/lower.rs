//! From the worker's words to the guest's. Scalars go without a tape, structures as one.

use std::sync::Arc;

use watertight_data::schema::{Schema, Type};
use watertight_data::value::{SchemaAndValue, Value};

use crate::bindings::watertight::types::data as wit;
use crate::catalogue::PluginClass;
use crate::exact;
use crate::lift::LiftError;
use crate::schemas::SchemaTable;

/// Number 1: Connect's null schema.
pub(crate) const NO_SCHEMA: u32 = 1;

/// The reserved number of a plain schema, if it has one.
pub fn reserved_id(schema: &Schema) -> Option<u32> {
    let plain = schema.doc.is_none() && schema.parameters.is_empty() && schema.default.is_none();
    if !plain {
        return None;
    }
    if let Some(name) = &schema.name {
        let base = match (name.as_str(), schema.ty, schema.version) {
            ("org.apache.kafka.connect.data.Date", Type::Int32, Some(1)) => 20,
            ("org.apache.kafka.connect.data.Time", Type::Int32, Some(1)) => 21,
            ("org.apache.kafka.connect.data.Timestamp", Type::Int64, Some(1)) => 22,
            _ => return None,
        };
        return Some(if schema.optional { base + 3 } else { base });
    }
    if schema.version.is_some() {
        return None;
    }
    let base = match schema.ty {
        Type::Boolean => 2,
        Type::Int8 => 3,
        Type::Int16 => 4,
        Type::Int32 => 5,
        Type::Int64 => 6,
        Type::Float32 => 7,
        Type::Float64 => 8,
        Type::String => 9,
        Type::Bytes => 10,
        Type::Array | Type::Map | Type::Struct => return None,
    };
    Some(if schema.optional { base + 9 } else { base })
}

/// What a class says of the data that it is handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Feature `json`: schemaless structures go as JSON text.
    pub json: bool,
    /// Feature `exact-to-2^53`: a record with a larger integer fails ([`exact`]).
    pub exact: bool,
}

impl Options {
    /// As the class declares.
    pub fn of(class: &PluginClass) -> Self {
        Self { json: class.has("json"), exact: class.has(exact::FEATURE) }
    }
}

impl From<bool> for Options {
    fn from(json: bool) -> Self {
        Self { json, exact: false }
    }
}

/// One datum for a guest.
pub fn datum(
    datum: SchemaAndValue,
    table: &mut SchemaTable,
    options: impl Into<Options>,
) -> Result<wit::Datum, LiftError> {
    let Options { json, exact } = options.into();
    if exact {
        exact::outgoing(&datum)?;
    }
    let SchemaAndValue { schema, value } = datum;
    let id = match &schema {
        Some(schema) => table.number_of(schema)?,
        None => NO_SCHEMA,
    };
    let value = match value {
        Value::Null => wit::Value::Null,
        Value::Boolean(v) => wit::Value::Boolean(v),
        Value::Int8(v) => wit::Value::Integer(v.into()),
        Value::Int16(v) => wit::Value::Integer(v.into()),
        Value::Int32(v) => wit::Value::Integer(v.into()),
        Value::Int64(v) => wit::Value::Integer(v),
        Value::Float32(v) => wit::Value::Float(v.into()),
        Value::Float64(v) => wit::Value::Float(v),
        Value::String(v) => wit::Value::Text(v),
        Value::Bytes(v) => wit::Value::Bytes(v),
        logical @ (Value::Decimal(_) | Value::Date(_)) => match encoded(logical, schema.as_ref())? {
            wit::ValueNode::Integer(v) => wit::Value::Integer(v),
            wit::ValueNode::Bytes(v) => wit::Value::Bytes(v),
            node => wit::Value::Tape(vec![node]),
        },
        structured => {
            if json
                && schema.is_none()
                && let Some(text) = crate::json::text(&structured)
            {
                wit::Value::Json(text)
            } else {
                let mut tape = Vec::new();
                push(structured, schema.as_ref(), &mut tape)?;
                wit::Value::Tape(tape)
            }
        }
    };
    Ok(wit::Datum { schema: id, value })
}

fn push(value: Value, schema: Option<&Arc<Schema>>, tape: &mut Vec<wit::ValueNode>) -> Result<(), LiftError> {
    tape.push(match value {
        Value::Null => wit::ValueNode::Null,
        Value::Boolean(v) => wit::ValueNode::Boolean(v),
        Value::Int8(v) => wit::ValueNode::Integer(v.into()),
        Value::Int16(v) => wit::ValueNode::Integer(v.into()),
        Value::Int32(v) => wit::ValueNode::Integer(v.into()),
        Value::Int64(v) => wit::ValueNode::Integer(v),
        Value::Float32(v) => wit::ValueNode::Float(v.into()),
        Value::Float64(v) => wit::ValueNode::Float(v),
        Value::String(v) => wit::ValueNode::Text(v),
        Value::Bytes(v) => wit::ValueNode::Bytes(v),
        logical @ (Value::Decimal(_) | Value::Date(_)) => encoded(logical, schema)?,
        Value::Array(items) => {
            tape.push(wit::ValueNode::Elements(items.len() as u32));
            let element = schema.and_then(|schema| schema.value_schema.as_ref());
            for item in items {
                push(item, element, tape)?;
            }
            return Ok(());
        }
        Value::Map(pairs) => {
            tape.push(wit::ValueNode::Entries(pairs.len() as u32));
            let key = schema.and_then(|schema| schema.key_schema.as_ref());
            let element = schema.and_then(|schema| schema.value_schema.as_ref());
            for (name, item) in pairs {
                push(name, key, tape)?;
                push(item, element, tape)?;
            }
            return Ok(());
        }
        Value::Struct(values) => {
            tape.push(wit::ValueNode::Fields(values.len() as u32));
            for (index, item) in values.into_iter().enumerate() {
                push(item, schema.and_then(|schema| schema.fields.get(index)).map(|field| &field.schema), tape)?;
            }
            return Ok(());
        }
    });
    Ok(())
}

/// Logical types as the primitives they travel as.
fn encoded(value: Value, schema: Option<&Arc<Schema>>) -> Result<wit::ValueNode, LiftError> {
    let value = match schema {
        Some(schema) => {
            watertight_data::logical::to_encoded(schema, value).map_err(|error| LiftError::Schema(error.to_string()))?
        }
        None => value,
    };
    match value {
        Value::Int32(v) => Ok(wit::ValueNode::Integer(v.into())),
        Value::Int64(v) | Value::Date(v) => Ok(wit::ValueNode::Integer(v)),
        Value::Bytes(v) => Ok(wit::ValueNode::Bytes(v)),
        Value::Decimal(_) => Err(LiftError::SchemalessDecimal),
        other => Err(LiftError::Schema(format!("a logical type that is none: {other:?}"))),
    }
}

/// A schema as the guest reads it.
pub fn schema(schema: &Arc<Schema>) -> Vec<wit::SchemaNode> {
    let mut nodes = Vec::new();
    push_schema(schema, &mut nodes);
    nodes
}

fn push_schema(schema: &Arc<Schema>, nodes: &mut Vec<wit::SchemaNode>) {
    let shape = match schema.ty {
        Type::Boolean => wit::Shape::Primitive(wit::Primitive::Boolean),
        Type::Int8 => wit::Shape::Primitive(wit::Primitive::Int8),
        Type::Int16 => wit::Shape::Primitive(wit::Primitive::Int16),
        Type::Int32 => wit::Shape::Primitive(wit::Primitive::Int32),
        Type::Int64 => wit::Shape::Primitive(wit::Primitive::Int64),
        Type::Float32 => wit::Shape::Primitive(wit::Primitive::Float32),
        Type::Float64 => wit::Shape::Primitive(wit::Primitive::Float64),
        Type::String => wit::Shape::Primitive(wit::Primitive::Text),
        Type::Bytes => wit::Shape::Primitive(wit::Primitive::Bytes),
        Type::Array => wit::Shape::ArrayOf,
        Type::Map => wit::Shape::MapOf,
        Type::Struct => wit::Shape::StructOf(schema.fields.iter().map(|field| field.name.clone()).collect()),
    };
    nodes.push(wit::SchemaNode {
        shape,
        optional: schema.optional,
        name: schema.name.clone(),
        version: schema.version,
        doc: schema.doc.clone(),
        parameters: schema.parameters.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        default_value: schema.default.clone().and_then(|value| {
            let mut tape = Vec::new();
            push(value, Some(schema), &mut tape).ok().map(|()| tape)
        }),
    });
    for child in [&schema.key_schema, &schema.value_schema].into_iter().flatten() {
        push_schema(child, nodes);
    }
    for field in &schema.fields {
        push_schema(&field.schema, nodes);
    }
}
