//! What a transform works out once for each schema, and what values are called in Kafka's messages.

use watertight_sdk::{Failure, Result, Schema, SchemaId, Value, ValueNode, ids, runtime};

/// Schemas come in few kinds; a transform that meets more than this many begins anew.
const KEPT: usize = 64;

/// Plans by schema.
#[derive(Debug)]
pub struct Plans<P> {
    known: Vec<(SchemaId, P)>,
}

impl<P> Default for Plans<P> {
    fn default() -> Self {
        Self { known: Vec::new() }
    }
}

impl<P> Plans<P> {
    /// The plan for a schema, made if it is new.
    pub fn of(&mut self, id: SchemaId, make: impl FnOnce(&Schema) -> Result<P>) -> Result<&P> {
        let at = match self.known.iter().position(|(known, _)| *known == id) {
            Some(at) => at,
            None => {
                let schema = runtime::schema(id)
                    .ok_or_else(|| Failure::data(format!("the worker does not know schema {id}")))?;
                let plan = make(&schema)?;
                if self.known.len() >= KEPT {
                    self.known.clear();
                }
                self.known.push((id, plan));
                self.known.len() - 1
            }
        };
        match self.known.get(at) {
            Some((_, plan)) => Ok(plan),
            None => Err(Failure::new("illegal-state", "a plan that was just made is gone")),
        }
    }
}

/// A number for a schema that a plan makes.
pub fn define(schema: &Schema) -> Result<SchemaId> {
    runtime::define_schema(schema).map_err(|reason| Failure::new("schema", reason))
}

/// The tape of a struct with a schema, or of a map without one.
pub enum Row<'a> {
    /// Nothing to do for null.
    Null,
    /// Its first node says how many fields follow.
    Struct(&'a mut Vec<ValueNode>),
    /// Its first node says how many pairs follow.
    Map(&'a mut Vec<ValueNode>),
}

impl<'a> Row<'a> {
    /// Or Kafka's refusal.
    pub fn of(schema: SchemaId, value: &'a mut Value, purpose: &str) -> Result<Self> {
        let schemaless = schema == ids::NONE;
        let found = match value {
            Value::Null => return Ok(Self::Null),
            Value::Tape(nodes) => match (nodes.first(), schemaless) {
                (Some(ValueNode::Fields(_)), false) => return Ok(Self::Struct(nodes)),
                (Some(ValueNode::Entries(_)), true) => return Ok(Self::Map(nodes)),
                (first, _) => first.map_or("null", class_of),
            },
            Value::Boolean(_) => "java.lang.Boolean",
            Value::Integer(_) => "java.lang.Long",
            Value::Float(_) => "java.lang.Double",
            Value::Text(_) | Value::Json(_) => "java.lang.String",
            Value::Bytes(_) => "[B",
        };
        Err(Failure::data(if schemaless {
            format!("Only Map objects supported in absence of schema for [{purpose}], found: {found}")
        } else {
            format!("Only Struct objects supported for [{purpose}], found: {found}")
        }))
    }
}

/// What Java would hold.
pub fn class_of(node: &ValueNode) -> &'static str {
    match node {
        ValueNode::Null => "null",
        ValueNode::Boolean(_) => "java.lang.Boolean",
        ValueNode::Integer(_) => "java.lang.Long",
        ValueNode::Float(_) => "java.lang.Double",
        ValueNode::Text(_) => "java.lang.String",
        ValueNode::Bytes(_) => "[B",
        ValueNode::Elements(_) => "java.util.ArrayList",
        ValueNode::Entries(_) => "java.util.HashMap",
        ValueNode::Fields(_) => "org.apache.kafka.connect.data.Struct",
    }
}

/// Fields that read as their default where they are null, by index.
pub fn defaults(fields: &[(&str, &[watertight_sdk::SchemaNode])]) -> Vec<Option<Vec<ValueNode>>> {
    fields.iter().map(|(_, schema)| schema.first().and_then(|node| node.default_value.clone())).collect()
}
