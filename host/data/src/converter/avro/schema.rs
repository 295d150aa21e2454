//! Avro's schemas, as far as data needs them.
//!
//! A model of our own and not a library's, for one reason: Connect's types live in *properties* of Avro's
//! (`{"type":"int","connect.type":"int16"}`), also of primitive ones, and registries compare schemas by their
//! text, in which the order of properties counts. Nodes lie in one list and refer to each other by number, so
//! that a record may refer to itself.

use std::collections::HashMap;

use super::json::{Json, push_text};
use super::names::Name;

/// A node's number.
pub(super) type Id = usize;

/// A schema and all that it needs.
#[derive(Debug, Clone, Default)]
pub(super) struct AvroSchema {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Id,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) shape: Shape,
    pub(super) doc: Option<String>,
    pub(super) props: Vec<(String, Json)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Fixed { name: Name, size: usize },
    Enum { name: Name, symbols: Vec<String>, default: Option<String> },
    Array(Id),
    Map(Id),
    Union(Vec<Id>),
    Record { name: Name, fields: Vec<AvroField> },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct AvroField {
    pub(super) name: String,
    pub(super) schema: Id,
    pub(super) doc: Option<String>,
    pub(super) default: Option<Json>,
}

impl Node {
    pub(super) fn new(shape: Shape) -> Self {
        Self { shape, doc: None, props: Vec::new() }
    }

    pub(super) fn prop(&self, name: &str) -> Option<&Json> {
        self.props.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(super) fn text_prop(&self, name: &str) -> Option<&str> {
        self.prop(name)?.as_text()
    }

    /// Adds a property; one that is there stays.
    pub(super) fn set_prop(&mut self, name: &str, value: Json) {
        if self.prop(name).is_none() {
            self.props.push((name.to_owned(), value));
        }
    }

    /// Of a named type.
    pub(super) fn name(&self) -> Option<&Name> {
        match &self.shape {
            Shape::Fixed { name, .. } | Shape::Enum { name, .. } | Shape::Record { name, .. } => Some(name),
            _ => None,
        }
    }

    /// `Schema.Type.getName()`.
    pub(super) fn type_name(&self) -> &'static str {
        match &self.shape {
            Shape::Null => "null",
            Shape::Boolean => "boolean",
            Shape::Int => "int",
            Shape::Long => "long",
            Shape::Float => "float",
            Shape::Double => "double",
            Shape::Bytes => "bytes",
            Shape::String => "string",
            Shape::Fixed { .. } => "fixed",
            Shape::Enum { .. } => "enum",
            Shape::Array(_) => "array",
            Shape::Map(_) => "map",
            Shape::Union(_) => "union",
            Shape::Record { .. } => "record",
        }
    }
}

impl AvroSchema {
    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id]
    }

    pub(super) fn top(&self) -> &Node {
        &self.nodes[self.root]
    }

    pub(super) fn add(&mut self, node: Node) -> Id {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Java's `Schema.toString()`.
    ///
    /// # Errors
    /// When two different types have one name.
    pub(super) fn text(&self) -> Result<String, String> {
        let mut writer = Writer { schema: self, known: HashMap::new(), space: None, out: Vec::new() };
        writer.node(self.root)?;
        String::from_utf8(writer.out).map_err(|cause| cause.to_string())
    }

    /// Whether two nodes have the same binary form and names, so that one may stand for the other. Both are trees
    /// when this is asked: they come from Connect, which has no schemas within themselves.
    fn same(&self, one: Id, two: Id) -> bool {
        if one == two {
            return true;
        }
        let (a, b) = (self.node(one), self.node(two));
        match (&a.shape, &b.shape) {
            (Shape::Array(a), Shape::Array(b)) | (Shape::Map(a), Shape::Map(b)) => self.same(*a, *b),
            (Shape::Union(a), Shape::Union(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.same(*a, *b)),
            (Shape::Record { name: an, fields: a }, Shape::Record { name: bn, fields: b }) => {
                an == bn
                    && a.len() == b.len()
                    && a.iter().zip(b).all(|(a, b)| a.name == b.name && self.same(a.schema, b.schema))
            }
            (a, b) => a == b,
        }
    }
}

struct Writer<'a> {
    schema: &'a AvroSchema,
    known: HashMap<String, Id>,
    space: Option<String>,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn node(&mut self, id: Id) -> Result<(), String> {
        let schema = self.schema;
        let node = schema.node(id);
        if let Some(name) = node.name() {
            let full = name.full();
            match self.known.get(&full) {
                Some(known) if schema.same(*known, id) => {
                    push_text(&mut self.out, &name.within(self.space.as_deref()));
                    return Ok(());
                }
                Some(_) => return Err(format!("Can't redefine: {full}")),
                None => self.known.insert(full, id),
            };
        }
        if let Shape::Union(branches) = &node.shape {
            self.out.push(b'[');
            for (place, branch) in branches.iter().enumerate() {
                self.comma(place);
                self.node(*branch)?;
            }
            self.out.push(b']');
            return Ok(());
        }
        let primitive = !matches!(node.shape, Shape::Array(_) | Shape::Map(_)) && node.name().is_none();
        if primitive && node.props.is_empty() {
            push_text(&mut self.out, node.type_name());
            return Ok(());
        }
        self.out.extend_from_slice(b"{\"type\":");
        push_text(&mut self.out, node.type_name());
        let outer = self.space.clone();
        if let Some(name) = node.name() {
            self.key("name");
            push_text(&mut self.out, &name.name);
            if name.space != self.space {
                self.key("namespace");
                push_text(&mut self.out, name.space.as_deref().unwrap_or_default());
            }
            if matches!(node.shape, Shape::Record { .. }) {
                self.space.clone_from(&name.space);
            }
        }
        if let Some(doc) = &node.doc {
            self.key("doc");
            push_text(&mut self.out, doc);
        }
        self.inside(node)?;
        self.space = outer;
        for (name, value) in &node.props {
            self.key(name);
            value.push(&mut self.out);
        }
        self.out.push(b'}');
        Ok(())
    }

    fn inside(&mut self, node: &Node) -> Result<(), String> {
        match &node.shape {
            Shape::Fixed { size, .. } => {
                self.key("size");
                self.out.extend_from_slice(size.to_string().as_bytes());
            }
            Shape::Enum { symbols, default, .. } => {
                self.key("symbols");
                Json::Array(symbols.iter().map(Json::text).collect()).push(&mut self.out);
                if let Some(default) = default {
                    self.key("default");
                    push_text(&mut self.out, default);
                }
            }
            Shape::Array(items) => {
                self.key("items");
                self.node(*items)?;
            }
            Shape::Map(values) => {
                self.key("values");
                self.node(*values)?;
            }
            Shape::Record { fields, .. } => {
                self.key("fields");
                self.out.push(b'[');
                for (place, field) in fields.iter().enumerate() {
                    self.comma(place);
                    self.field(field)?;
                }
                self.out.push(b']');
            }
            _ => {}
        }
        Ok(())
    }

    fn field(&mut self, field: &AvroField) -> Result<(), String> {
        self.out.extend_from_slice(b"{\"name\":");
        push_text(&mut self.out, &field.name);
        self.key("type");
        self.node(field.schema)?;
        if let Some(doc) = &field.doc {
            self.key("doc");
            push_text(&mut self.out, doc);
        }
        if let Some(default) = &field.default {
            self.key("default");
            default.push(&mut self.out);
        }
        self.out.push(b'}');
        Ok(())
    }

    fn key(&mut self, name: &str) {
        self.out.push(b',');
        push_text(&mut self.out, name);
        self.out.push(b':');
    }

    fn comma(&mut self, place: usize) {
        if place > 0 {
            self.out.push(b',');
        }
    }
}
