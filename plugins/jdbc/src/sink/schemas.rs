//! Schemas by their numbers.

use watertight_sdk::{Primitive, Schema, SchemaId, SchemaNode, Shape, ids, runtime};

const PRIMITIVES: [Primitive; 9] = [
    Primitive::Boolean,
    Primitive::Int8,
    Primitive::Int16,
    Primitive::Int32,
    Primitive::Int64,
    Primitive::Float32,
    Primitive::Float64,
    Primitive::Text,
    Primitive::Bytes,
];

const LOGICAL: [(&str, Primitive); 3] =
    [("Date", Primitive::Int32), ("Time", Primitive::Int32), ("Timestamp", Primitive::Int64)];

/// What a number stands for; nothing for a value without schema.
pub fn of(id: SchemaId) -> Option<Schema> {
    match id {
        ids::NATURAL | ids::NONE => None,
        ids::BOOLEAN..=ids::BYTES => primitive(id - ids::BOOLEAN).map(|node| vec![node]),
        11..=19 => primitive(id - 11).map(|node| vec![node.optional()]),
        ids::DATE..=ids::TIMESTAMP => logical(id - ids::DATE).map(|node| vec![node]),
        23..=25 => logical(id - 23).map(|node| vec![node.optional()]),
        _ => runtime::schema(id),
    }
}

fn primitive(index: SchemaId) -> Option<SchemaNode> {
    PRIMITIVES.get(index as usize).copied().map(SchemaNode::primitive)
}

fn logical(index: SchemaId) -> Option<SchemaNode> {
    let (name, primitive) = LOGICAL.get(index as usize)?;
    let name = format!("org.apache.kafka.connect.data.{name}");
    Some(SchemaNode { name: Some(name), version: Some(1), ..SchemaNode::primitive(*primitive) })
}

/// Connect's word for what a schema describes.
pub fn word(schema: Option<&Schema>) -> &'static str {
    match schema.and_then(|nodes| nodes.first()).map(|node| &node.shape) {
        None => "null",
        Some(Shape::ArrayOf) => "ARRAY",
        Some(Shape::MapOf) => "MAP",
        Some(Shape::StructOf(_)) => "STRUCT",
        Some(Shape::Primitive(primitive)) => match primitive {
            Primitive::Boolean => "BOOLEAN",
            Primitive::Int8 => "INT8",
            Primitive::Int16 => "INT16",
            Primitive::Int32 => "INT32",
            Primitive::Int64 => "INT64",
            Primitive::Float32 => "FLOAT32",
            Primitive::Float64 => "FLOAT64",
            Primitive::Text => "STRING",
            Primitive::Bytes => "BYTES",
        },
    }
}

/// Whether it describes a struct.
pub fn is_struct(schema: Option<&Schema>) -> bool {
    matches!(schema.and_then(|nodes| nodes.first()).map(|node| &node.shape), Some(Shape::StructOf(_)))
}

/// Whether it describes a single value.
pub fn is_scalar(schema: Option<&Schema>) -> bool {
    matches!(schema.and_then(|nodes| nodes.first()).map(|node| &node.shape), Some(Shape::Primitive(_)))
}
