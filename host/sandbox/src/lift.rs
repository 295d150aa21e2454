//! From the guest's words to the worker's: every datum that a guest sends is checked here against the schema
//! it claims, before anything else looks at it. Tapes cannot be cyclic or point anywhere; what is left to
//! check is that they end where their counts say, how deep they are, and that each value fits its schema.

use std::sync::{Arc, LazyLock};

use watertight_data::logical as types;
use watertight_data::schema::{self as schemas, Field, Schema, Type};
use watertight_data::value::{SchemaAndValue, Value};

use crate::bindings::watertight::types::data as wit;
use crate::schemas::SchemaTable;

/// Deepest nesting of a value or schema. Each level costs host stack.
pub const DEPTH: usize = 64;

/// Why a datum or schema was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum LiftError {
    #[error("schema {0} was never defined, or was forgotten")]
    UnknownSchema(u32),
    #[error("more than {0} schemas are defined (setting sandbox.schemas)")]
    TooManySchemas(usize),
    #[error("the value is nested deeper than {DEPTH} levels")]
    TooDeep,
    #[error("the tape ends before its counts say")]
    TooShort,
    #[error("the tape goes on after its end: {0} nodes too many")]
    TooLong(usize),
    #[error("a {found} does not fit the schema {expected}")]
    Mismatch { expected: String, found: &'static str },
    #[error("{value} is out of the range of {ty}")]
    Range { value: i64, ty: &'static str },
    #[error("null where the schema {0} is required")]
    Null(String),
    #[error("a struct has {found} values where its schema has {expected} fields")]
    Fields { expected: usize, found: usize },
    #[error("schemaless values hold no structs: use entries")]
    SchemalessStruct,
    #[error("a decimal without a schema has no place for its scale")]
    SchemalessDecimal,
    #[error("the JSON text cannot be read: {0}")]
    Json(String),
    #[error("the schema cannot be: {0}")]
    Schema(String),
    #[error("the integer {0} is beyond 2^53: the plugin's language (feature exact-to-2^53) would round it")]
    Inexact(i64),
}

/// The schema behind a reserved number: always the same one, for converters know schemas by their address.
pub fn reserved(id: u32) -> Result<Option<Arc<Schema>>, LiftError> {
    let schema = match id {
        1 => return Ok(None),
        2 => schemas::BOOLEAN(),
        3 => schemas::INT8(),
        4 => schemas::INT16(),
        5 => schemas::INT32(),
        6 => schemas::INT64(),
        7 => schemas::FLOAT32(),
        8 => schemas::FLOAT64(),
        9 => schemas::STRING(),
        10 => schemas::BYTES(),
        11 => schemas::OPTIONAL_BOOLEAN(),
        12 => schemas::OPTIONAL_INT8(),
        13 => schemas::OPTIONAL_INT16(),
        14 => schemas::OPTIONAL_INT32(),
        15 => schemas::OPTIONAL_INT64(),
        16 => schemas::OPTIONAL_FLOAT32(),
        17 => schemas::OPTIONAL_FLOAT64(),
        18 => schemas::OPTIONAL_STRING(),
        19 => schemas::OPTIONAL_BYTES(),
        20..=25 => {
            static LOGICAL: LazyLock<[Arc<Schema>; 6]> = LazyLock::new(|| {
                let optional = |schema: Schema| schema.with_optional(true).shared();
                [
                    types::date().shared(),
                    types::time().shared(),
                    types::timestamp().shared(),
                    optional(types::date()),
                    optional(types::time()),
                    optional(types::timestamp()),
                ]
            });
            LOGICAL.get(id as usize - 20).ok_or(LiftError::UnknownSchema(id))?
        }
        id => return Err(LiftError::UnknownSchema(id)),
    };
    Ok(Some(Arc::clone(schema)))
}

/// One datum. Texts and bytes are moved, not copied.
pub fn datum(datum: wit::Datum, table: &SchemaTable) -> Result<SchemaAndValue, LiftError> {
    let wit::Datum { schema: id, value } = datum;
    if id == 0 {
        return natural(value);
    }
    let schema = table.get(id)?;
    let value = match (value, &schema) {
        (wit::Value::Json(text), None) => json(&text)?,
        (wit::Value::Json(_), Some(schema)) => return Err(mismatch(schema, "JSON text")),
        (wit::Value::Tape(tape), schema) => {
            let mut nodes = tape.into_iter();
            let value = node(&mut nodes, schema.as_ref(), 0)?;
            match nodes.len() {
                0 => value,
                left => return Err(LiftError::TooLong(left)),
            }
        }
        (wit::Value::Null, schema) => scalar(wit::ValueNode::Null, schema.as_ref())?,
        (wit::Value::Boolean(v), schema) => scalar(wit::ValueNode::Boolean(v), schema.as_ref())?,
        (wit::Value::Integer(v), schema) => scalar(wit::ValueNode::Integer(v), schema.as_ref())?,
        (wit::Value::Float(v), schema) => scalar(wit::ValueNode::Float(v), schema.as_ref())?,
        (wit::Value::Text(v), schema) => scalar(wit::ValueNode::Text(v), schema.as_ref())?,
        (wit::Value::Bytes(v), schema) => scalar(wit::ValueNode::Bytes(v), schema.as_ref())?,
    };
    Ok(SchemaAndValue { schema, value })
}

/// Number 0: the schema that the value itself suggests.
fn natural(value: wit::Value) -> Result<SchemaAndValue, LiftError> {
    let with = |schema: &Arc<Schema>, value| SchemaAndValue { schema: Some(Arc::clone(schema)), value };
    Ok(match value {
        wit::Value::Null => SchemaAndValue { schema: None, value: Value::Null },
        wit::Value::Boolean(v) => with(schemas::BOOLEAN(), Value::Boolean(v)),
        wit::Value::Integer(v) => with(schemas::INT64(), Value::Int64(v)),
        wit::Value::Float(v) => with(schemas::FLOAT64(), Value::Float64(v)),
        wit::Value::Text(v) => with(schemas::STRING(), Value::String(v)),
        wit::Value::Bytes(v) => with(schemas::BYTES(), Value::Bytes(v)),
        wit::Value::Json(text) => SchemaAndValue { schema: None, value: json(&text)? },
        wit::Value::Tape(tape) => {
            let mut nodes = tape.into_iter();
            let value = node(&mut nodes, None, 0)?;
            match nodes.len() {
                0 => SchemaAndValue { schema: None, value },
                left => return Err(LiftError::TooLong(left)),
            }
        }
    })
}

fn json(text: &str) -> Result<Value, LiftError> {
    let converter = crate::json::schemaless().ok_or_else(|| LiftError::Json("there is no JSON converter".into()))?;
    match converter.to_connect("", Some(text.as_bytes())) {
        Ok(datum) if is_within(&datum.value, DEPTH) => Ok(datum.value),
        Ok(_) => Err(LiftError::TooDeep),
        Err(error) => Err(LiftError::Json(error.to_string())),
    }
}

/// Whether a value has at most so many levels.
fn is_within(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else {
        return false;
    };
    match value {
        Value::Array(items) => items.iter().all(|item| is_within(item, below)),
        Value::Map(pairs) => pairs.iter().all(|(key, item)| is_within(key, below) && is_within(item, below)),
        _ => true,
    }
}

type Nodes = std::vec::IntoIter<wit::ValueNode>;

fn node(nodes: &mut Nodes, schema: Option<&Arc<Schema>>, depth: usize) -> Result<Value, LiftError> {
    if depth >= DEPTH {
        return Err(LiftError::TooDeep);
    }
    let head = nodes.next().ok_or(LiftError::TooShort)?;
    match head {
        wit::ValueNode::Elements(count) => {
            let element = match schema {
                None => None,
                Some(schema) if schema.ty == Type::Array => schema.value_schema.as_ref(),
                Some(schema) => return Err(mismatch(schema, "array")),
            };
            let mut items = Vec::with_capacity(room(count, nodes));
            for _ in 0..count {
                items.push(node(nodes, element, depth + 1)?);
            }
            Ok(Value::Array(items))
        }
        wit::ValueNode::Entries(count) => {
            let (key, value) = match schema {
                None => (None, None),
                Some(schema) if schema.ty == Type::Map => (schema.key_schema.as_ref(), schema.value_schema.as_ref()),
                Some(schema) => return Err(mismatch(schema, "map")),
            };
            let mut pairs = Vec::with_capacity(room(count, nodes) / 2);
            for _ in 0..count {
                let name = node(nodes, key, depth + 1)?;
                pairs.push((name, node(nodes, value, depth + 1)?));
            }
            Ok(Value::Map(pairs))
        }
        wit::ValueNode::Fields(count) => {
            let schema = schema.ok_or(LiftError::SchemalessStruct)?;
            if schema.ty != Type::Struct {
                return Err(mismatch(schema, "struct"));
            }
            if schema.fields.len() != count as usize {
                return Err(LiftError::Fields { expected: schema.fields.len(), found: count as usize });
            }
            let mut values = Vec::with_capacity(schema.fields.len());
            for field in &schema.fields {
                values.push(node(nodes, Some(&field.schema), depth + 1)?);
            }
            Ok(Value::Struct(values))
        }
        head => scalar(head, schema),
    }
}

/// A count is the guest's word; what is really there bounds the allocation.
fn room(count: u32, nodes: &Nodes) -> usize {
    (count as usize).min(nodes.len())
}

fn scalar(head: wit::ValueNode, schema: Option<&Arc<Schema>>) -> Result<Value, LiftError> {
    let Some(schema) = schema else {
        return Ok(match head {
            wit::ValueNode::Null => Value::Null,
            wit::ValueNode::Boolean(v) => Value::Boolean(v),
            wit::ValueNode::Integer(v) => Value::Int64(v),
            wit::ValueNode::Float(v) => Value::Float64(v),
            wit::ValueNode::Text(v) => Value::String(v),
            wit::ValueNode::Bytes(v) => Value::Bytes(v),
            wit::ValueNode::Elements(_) | wit::ValueNode::Entries(_) | wit::ValueNode::Fields(_) => {
                return Err(LiftError::TooShort);
            }
        });
    };
    match (head, schema.ty) {
        (wit::ValueNode::Null, _) => {
            if schema.optional || schema.default.is_some() {
                Ok(Value::Null)
            } else {
                Err(LiftError::Null(name_of(schema)))
            }
        }
        (head, _) if schema.name.is_some() => logical(head, schema),
        (head, _) => plain(head, schema),
    }
}

/// Logical types are Java objects of their own in Connect, and plain primitives on the wire.
fn logical(head: wit::ValueNode, schema: &Arc<Schema>) -> Result<Value, LiftError> {
    let encoded = plain(head, schema)?;
    types::from_encoded(schema, encoded).map_err(|error| LiftError::Schema(error.to_string()))
}

fn plain(head: wit::ValueNode, schema: &Arc<Schema>) -> Result<Value, LiftError> {
    match (head, schema.ty) {
        (wit::ValueNode::Boolean(v), Type::Boolean) => Ok(Value::Boolean(v)),
        (wit::ValueNode::Integer(v), Type::Int8) => Ok(Value::Int8(v.try_into().map_err(|_| range(v, "INT8"))?)),
        (wit::ValueNode::Integer(v), Type::Int16) => Ok(Value::Int16(v.try_into().map_err(|_| range(v, "INT16"))?)),
        (wit::ValueNode::Integer(v), Type::Int32) => Ok(Value::Int32(v.try_into().map_err(|_| range(v, "INT32"))?)),
        (wit::ValueNode::Integer(v), Type::Int64) => Ok(Value::Int64(v)),
        #[allow(clippy::cast_possible_truncation)]
        (wit::ValueNode::Float(v), Type::Float32) => Ok(Value::Float32(v as f32)),
        (wit::ValueNode::Float(v), Type::Float64) => Ok(Value::Float64(v)),
        (wit::ValueNode::Text(v), Type::String) => Ok(Value::String(v)),
        (wit::ValueNode::Bytes(v), Type::Bytes) => Ok(Value::Bytes(v)),
        (head, _) => Err(mismatch(schema, kind_of(&head))),
    }
}

fn range(value: i64, ty: &'static str) -> LiftError {
    LiftError::Range { value, ty }
}

fn mismatch(schema: &Schema, found: &'static str) -> LiftError {
    LiftError::Mismatch { expected: name_of(schema), found }
}

fn name_of(schema: &Schema) -> String {
    match &schema.name {
        Some(name) => format!("{name} ({})", schema.ty.as_str()),
        None => schema.ty.as_str().to_owned(),
    }
}

fn kind_of(node: &wit::ValueNode) -> &'static str {
    match node {
        wit::ValueNode::Null => "null",
        wit::ValueNode::Boolean(_) => "boolean",
        wit::ValueNode::Integer(_) => "integer",
        wit::ValueNode::Float(_) => "float",
        wit::ValueNode::Text(_) => "text",
        wit::ValueNode::Bytes(_) => "bytes",
        wit::ValueNode::Elements(_) => "array",
        wit::ValueNode::Entries(_) => "map",
        wit::ValueNode::Fields(_) => "struct",
    }
}

/// A schema that a guest defines.
pub fn schema(nodes: &[wit::SchemaNode], _table: &SchemaTable) -> Result<Schema, LiftError> {
    let mut rest = nodes.iter();
    let schema = schema_node(&mut rest, 0)?;
    match rest.len() {
        0 => Ok(schema),
        left => Err(LiftError::TooLong(left)),
    }
}

fn schema_node(nodes: &mut std::slice::Iter<'_, wit::SchemaNode>, depth: usize) -> Result<Schema, LiftError> {
    if depth >= DEPTH {
        return Err(LiftError::TooDeep);
    }
    let wit::SchemaNode { shape, optional, name, version, doc, parameters, default_value } =
        nodes.next().ok_or(LiftError::TooShort)?;
    let mut schema = match shape {
        wit::Shape::Primitive(primitive) => Schema::new(type_of(*primitive)),
        wit::Shape::ArrayOf => Schema::array(schema_node(nodes, depth + 1)?.shared()),
        wit::Shape::MapOf => {
            let key = schema_node(nodes, depth + 1)?.shared();
            Schema::map(key, schema_node(nodes, depth + 1)?.shared())
        }
        wit::Shape::StructOf(names) => {
            let mut fields = Vec::with_capacity(names.len().min(nodes.len()));
            for name in names {
                fields.push(Field::new(name.clone(), schema_node(nodes, depth + 1)?.shared()));
            }
            Schema::structure(fields).map_err(|error| LiftError::Schema(error.to_string()))?
        }
    };
    schema.optional = *optional;
    schema.name = name.clone();
    schema.version = *version;
    schema.doc = doc.clone();
    schema.parameters = parameters.iter().cloned().collect();
    if let Some(tape) = default_value {
        let mut values = tape.clone().into_iter();
        let shared = Arc::new(schema.clone());
        let value = node(&mut values, Some(&shared), depth)?;
        if values.len() > 0 {
            return Err(LiftError::TooLong(values.len()));
        }
        schema.default = Some(value);
    }
    Ok(schema)
}

fn type_of(primitive: wit::Primitive) -> Type {
    match primitive {
        wit::Primitive::Boolean => Type::Boolean,
        wit::Primitive::Int8 => Type::Int8,
        wit::Primitive::Int16 => Type::Int16,
        wit::Primitive::Int32 => Type::Int32,
        wit::Primitive::Int64 => Type::Int64,
        wit::Primitive::Float32 => Type::Float32,
        wit::Primitive::Float64 => Type::Float64,
        wit::Primitive::Text => Type::String,
        wit::Primitive::Bytes => Type::Bytes,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::lower;
    use wit::ValueNode as Node;

    fn tape(schema: u32, nodes: Vec<Node>) -> Result<SchemaAndValue, LiftError> {
        datum(wit::Datum { schema, value: wit::Value::Tape(nodes) }, &SchemaTable::new(10))
    }

    #[test]
    fn a_text_needs_no_schema() {
        let lifted =
            datum(wit::Datum { schema: 0, value: wit::Value::Text("x".into()) }, &SchemaTable::new(1)).unwrap();
        assert_eq!(lifted, SchemaAndValue::new(Some(schemas::STRING().clone()), Value::String("x".into())));
    }

    #[test]
    fn a_tape_ends_exactly_where_its_counts_say() {
        assert_eq!(tape(1, vec![Node::Elements(2), Node::Null]), Err(LiftError::TooShort));
        assert_eq!(tape(1, vec![Node::Null, Node::Null]), Err(LiftError::TooLong(1)));
        assert_eq!(tape(1, vec![Node::Elements(u32::MAX)]), Err(LiftError::TooShort));
        assert!(tape(1, vec![Node::Entries(1), Node::Text("k".into()), Node::Integer(1)]).is_ok());
    }

    #[test]
    fn a_tape_is_only_so_deep() {
        let nest = |depth: usize| {
            let mut nodes = vec![Node::Elements(1); depth];
            nodes.push(Node::Null);
            nodes
        };
        assert!(tape(1, nest(DEPTH - 1)).is_ok());
        assert_eq!(tape(1, nest(DEPTH)), Err(LiftError::TooDeep));
    }

    #[test]
    fn json_text_is_only_so_deep() {
        let nest = |depth: usize| format!("{}null{}", "[".repeat(depth), "]".repeat(depth));
        let lift = |text| datum(wit::Datum { schema: 0, value: wit::Value::Json(text) }, &SchemaTable::new(1));
        assert!(lift(nest(DEPTH - 1)).is_ok());
        assert_eq!(lift(nest(DEPTH)), Err(LiftError::TooDeep));
    }

    #[test]
    fn a_value_fits_its_schema_or_is_refused() {
        let scalar =
            |schema, value| datum(wit::Datum { schema, value }, &SchemaTable::new(1)).map(|lifted| lifted.value);
        assert_eq!(scalar(3, wit::Value::Integer(127)), Ok(Value::Int8(127)));
        assert_eq!(scalar(3, wit::Value::Integer(128)), Err(LiftError::Range { value: 128, ty: "INT8" }));
        assert!(matches!(scalar(3, wit::Value::Text("x".into())), Err(LiftError::Mismatch { .. })));
        assert!(matches!(scalar(3, wit::Value::Null), Err(LiftError::Null(_))));
        assert_eq!(scalar(12, wit::Value::Null), Ok(Value::Null));
        assert_eq!(scalar(99, wit::Value::Null), Err(LiftError::UnknownSchema(99)));
    }

    #[test]
    fn what_is_lowered_is_lifted_again() {
        let mut table = SchemaTable::new(10);
        let inner = Schema::array(schemas::INT64().clone()).shared();
        let fields = vec![
            Field::new("list", inner),
            Field::new("text", schemas::OPTIONAL_STRING().clone()),
            Field::new("day", watertight_data::logical::date().shared()),
        ];
        let schema = Schema::structure(fields).unwrap().shared();
        let value = Value::Struct(vec![
            Value::Array(vec![Value::Int64(1), Value::Int64(-2)]),
            Value::Null,
            Value::Date(-86_400_000),
        ]);
        let sent = SchemaAndValue::new(Some(schema), value);
        let lowered = lower::datum(sent.clone(), &mut table, false).unwrap();
        assert_eq!(datum(lowered, &table).unwrap(), sent);
    }
}
