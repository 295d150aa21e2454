//! Structures as tapes: values and schemas in pre-order, each node saying how many follow.
//!
//! A transform that changes one field of a struct needs no tree: it finds where the field stands and replaces what
//! is there. [`Tree`] is for those that want one.

use std::ops::Range;

use crate::{Datum, Failure, Primitive, Result, SchemaNode, Shape, Value, ValueNode};

/// Where the value that begins at `at` ends.
pub fn end_of(nodes: &[ValueNode], at: usize) -> usize {
    let mut at = at;
    let mut open = 1_usize;
    while open > 0 {
        open -= 1;
        match nodes.get(at) {
            Some(ValueNode::Elements(count) | ValueNode::Fields(count)) => open += *count as usize,
            Some(ValueNode::Entries(count)) => open += 2 * *count as usize,
            Some(_) => {}
            None => return nodes.len(),
        }
        at += 1;
    }
    at
}

/// Where the values inside the array, map or struct at the front stand: of a map, keys and values in turn.
pub fn parts(nodes: &[ValueNode]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 1;
    std::iter::from_fn(move || {
        let begun = at;
        if begun >= nodes.len() {
            return None;
        }
        at = end_of(nodes, begun);
        Some(begun..at)
    })
}

/// Where the schema that begins at `at` ends.
pub fn end_of_schema(nodes: &[SchemaNode], at: usize) -> usize {
    let mut at = at;
    let mut open = 1_usize;
    while open > 0 {
        open -= 1;
        match nodes.get(at).map(|node| &node.shape) {
            Some(Shape::ArrayOf) => open += 1,
            Some(Shape::MapOf) => open += 2,
            Some(Shape::StructOf(names)) => open += names.len(),
            Some(Shape::Primitive(_)) => {}
            None => return nodes.len(),
        }
        at += 1;
    }
    at
}

/// The fields of a struct's schema, each with its own; nothing for any other schema.
pub fn fields(nodes: &[SchemaNode]) -> Vec<(&str, &[SchemaNode])> {
    let Some(Shape::StructOf(names)) = nodes.first().map(|node| &node.shape) else {
        return Vec::new();
    };
    let mut at = 1;
    let place = |_| {
        let begun = at;
        at = end_of_schema(nodes, begun);
        begun..at
    };
    let places: Vec<Range<usize>> = names.iter().map(place).collect();
    names.iter().zip(places).map(|(name, place)| (name.as_str(), nodes.get(place).unwrap_or_default())).collect()
}

impl SchemaNode {
    /// A required schema of this shape with nothing else said.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            optional: false,
            name: None,
            version: None,
            doc: None,
            parameters: Vec::new(),
            default_value: None,
        }
    }

    /// A required primitive.
    pub fn primitive(primitive: Primitive) -> Self {
        Self::new(Shape::Primitive(primitive))
    }

    /// The same, null allowed.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// A struct's schema: `node` with these fields instead of its own.
pub fn structure(node: &SchemaNode, fields: &[(&str, &[SchemaNode])]) -> Vec<SchemaNode> {
    let names = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut nodes = vec![SchemaNode { shape: Shape::StructOf(names), default_value: None, ..node.clone() }];
    for (_, schema) in fields {
        nodes.extend_from_slice(schema);
    }
    nodes
}

/// A value with what is in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// Nothing.
    Null,
    /// True or false.
    Boolean(bool),
    /// Any integer, and the logical types over integers.
    Integer(i64),
    /// Either float.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes, and decimals.
    Bytes(Vec<u8>),
    /// Elements.
    Array(Vec<Tree>),
    /// Pairs.
    Map(Vec<(Tree, Tree)>),
    /// Values in the order of the schema's fields.
    Struct(Vec<Tree>),
}

impl Tree {
    /// Of a value. JSON text is not taken apart: declare the feature `json` only with a parser of your own.
    pub fn of(value: Value) -> Result<Self> {
        Ok(match value {
            Value::Null => Self::Null,
            Value::Boolean(v) => Self::Boolean(v),
            Value::Integer(v) => Self::Integer(v),
            Value::Float(v) => Self::Float(v),
            Value::Text(v) => Self::Text(v),
            Value::Bytes(v) => Self::Bytes(v),
            Value::Json(_) => return Err(Failure::unsupported("JSON text is not a tree")),
            Value::Tape(nodes) => Self::read(&mut nodes.into_iter())?,
        })
    }

    fn read(nodes: &mut impl Iterator<Item = ValueNode>) -> Result<Self> {
        let node = nodes.next().ok_or_else(|| Failure::data("the tape ends before its counts say"))?;
        Ok(match node {
            ValueNode::Null => Self::Null,
            ValueNode::Boolean(v) => Self::Boolean(v),
            ValueNode::Integer(v) => Self::Integer(v),
            ValueNode::Float(v) => Self::Float(v),
            ValueNode::Text(v) => Self::Text(v),
            ValueNode::Bytes(v) => Self::Bytes(v),
            ValueNode::Elements(count) => Self::Array((0..count).map(|_| Self::read(nodes)).collect::<Result<_>>()?),
            ValueNode::Fields(count) => Self::Struct((0..count).map(|_| Self::read(nodes)).collect::<Result<_>>()?),
            ValueNode::Entries(count) => {
                let pair = |_| Ok((Self::read(nodes)?, Self::read(nodes)?));
                Self::Map((0..count).map(pair).collect::<Result<_>>()?)
            }
        })
    }

    /// As it travels.
    pub fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(v) => Value::Boolean(v),
            Self::Integer(v) => Value::Integer(v),
            Self::Float(v) => Value::Float(v),
            Self::Text(v) => Value::Text(v),
            Self::Bytes(v) => Value::Bytes(v),
            composite @ (Self::Array(_) | Self::Map(_) | Self::Struct(_)) => {
                let mut nodes = Vec::new();
                composite.write(&mut nodes);
                Value::Tape(nodes)
            }
        }
    }

    fn write(self, nodes: &mut Vec<ValueNode>) {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        match self {
            Self::Null => nodes.push(ValueNode::Null),
            Self::Boolean(v) => nodes.push(ValueNode::Boolean(v)),
            Self::Integer(v) => nodes.push(ValueNode::Integer(v)),
            Self::Float(v) => nodes.push(ValueNode::Float(v)),
            Self::Text(v) => nodes.push(ValueNode::Text(v)),
            Self::Bytes(v) => nodes.push(ValueNode::Bytes(v)),
            Self::Array(items) => {
                nodes.push(ValueNode::Elements(count(items.len())));
                items.into_iter().for_each(|item| item.write(nodes));
            }
            Self::Struct(values) => {
                nodes.push(ValueNode::Fields(count(values.len())));
                values.into_iter().for_each(|value| value.write(nodes));
            }
            Self::Map(pairs) => {
                nodes.push(ValueNode::Entries(count(pairs.len())));
                for (key, value) in pairs {
                    key.write(nodes);
                    value.write(nodes);
                }
            }
        }
    }
}

impl Datum {
    /// A tree under this schema.
    pub fn of_tree(schema: crate::SchemaId, tree: Tree) -> Self {
        Self { schema, value: tree.into_value() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_becomes_a_tape_and_a_tree_again() {
        let tree = Tree::Struct(vec![
            Tree::Map(vec![(Tree::Text("k".into()), Tree::Array(vec![Tree::Integer(1), Tree::Null]))]),
            Tree::Float(0.5),
        ]);
        let value = tree.clone().into_value();
        let Value::Tape(nodes) = &value else { panic!("a struct is a tape") };
        assert_eq!(nodes.len(), 7);
        assert_eq!(parts(nodes).collect::<Vec<_>>(), [1..6, 6..7]);
        assert_eq!(Tree::of(value).unwrap(), tree);
    }

    #[test]
    fn a_tape_that_promises_more_than_it_holds_ends_where_it_ends() {
        assert_eq!(end_of(&[ValueNode::Elements(u32::MAX), ValueNode::Null], 0), 2);
        assert!(Tree::of(Value::Tape(vec![ValueNode::Fields(1)])).is_err());
    }

    #[test]
    fn a_struct_is_taken_apart_and_put_together() {
        let text = [SchemaNode::primitive(Primitive::Text)];
        let list = [SchemaNode::new(Shape::ArrayOf).optional(), SchemaNode::primitive(Primitive::Int64)];
        let root = SchemaNode::new(Shape::StructOf(Vec::new()));
        let schema = structure(&root, &[("a", &text), ("b", &list), ("c", &text)]);
        assert_eq!(fields(&schema), [("a", &text[..]), ("b", &list[..]), ("c", &text[..])]);
    }
}
