//! A JSON Schema as a Connect schema: ours with all its annotations, and anybody's as far as Connect has a
//! word for it.
//!
//! The text comes from the registry, so nothing about it is trusted: depth and number of schemas are bounded
//! (references can double a schema at each step), and a schema that contains itself is refused, since Connect
//! has none.

use std::collections::HashSet;

use super::document::{Documents, Place};
use super::names;
use super::read;
use super::settings::JsonSchemaSettings;
use crate::error::DataError;
use crate::java::json::Node;
use crate::logical::{self, DECIMAL};
use crate::schema::{Field, Schema, Type};

/// Deepest nesting of a schema that is read.
const MAX_DEPTH: usize = 100;
/// Most schemas that one document may become.
const MAX_SCHEMAS: usize = 50_000;

/// None is the schema that says nothing.
pub(super) fn read(documents: &Documents<'_>, settings: &JsonSchemaSettings) -> Result<Option<Schema>, DataError> {
    let mut reader = Reader { documents, settings, open: Vec::new(), count: 0, unions: 0 };
    reader.schema(documents.root(), false, 0)
}

struct Reader<'d, 'a> {
    documents: &'d Documents<'a>,
    settings: &'d JsonSchemaSettings,
    /// Where the references that are being followed lead.
    open: Vec<usize>,
    count: usize,
    unions: usize,
}

impl<'d, 'a> Reader<'d, 'a> {
    fn schema(&mut self, place: Place<'d, 'a>, optional: bool, depth: usize) -> Result<Option<Schema>, DataError> {
        self.count += 1;
        if depth > MAX_DEPTH || self.count > MAX_SCHEMAS {
            return Err(DataError::new(format!(
                "JSON Schema is too large: more than {MAX_DEPTH} levels or {MAX_SCHEMAS} schemas"
            )));
        }
        let node = place.node;
        match node {
            Node::Boolean(true) => return Ok(None),
            Node::Object(_) => {}
            other => return Err(unsupported(&format!("a {} in place of a schema", other.kind()))),
        }
        if let Some(reference) = node.get("$ref").and_then(Node::text) {
            return self.follow(place, reference, optional, depth);
        }
        let Some(mut schema) = self.base(place, depth)? else {
            return Ok(None);
        };
        schema.optional |= optional;
        if let Some(name) = node.get("title").and_then(Node::text) {
            schema.name = Some(name.to_owned());
        }
        if let Some(doc) = node.get("description").and_then(Node::text) {
            schema.doc = Some(doc.to_owned());
        }
        if let Some(version) = node.get(names::CONNECT_VERSION) {
            schema.version = i32::try_from(version.long()).ok();
        }
        if let Some(Node::Object(parameters)) = node.get(names::CONNECT_PARAMETERS) {
            for (name, value) in parameters {
                let text = value.text().map_or_else(|| scalar(value), str::to_owned);
                schema.parameters.insert(name.to_string(), text);
            }
        }
        if let Some(default) = node.get("default").filter(|default| **default != Node::Null) {
            let default = read::value(Some(&schema), Some(default), self.settings)?;
            schema = schema.with_default(default);
        }
        Ok(Some(schema))
    }

    fn follow(
        &mut self,
        place: Place<'d, 'a>,
        reference: &str,
        optional: bool,
        depth: usize,
    ) -> Result<Option<Schema>, DataError> {
        let found = self.documents.resolve(place.document, reference).ok_or_else(|| {
            DataError::new(format!(
                "JSON Schema refers to {reference}, which is neither in it nor among the references that the registry lists for it"
            ))
        })?;
        let key = std::ptr::from_ref(found.node) as usize;
        if self.open.contains(&key) {
            return Err(DataError::new(format!(
                "JSON Schema contains itself through {reference}; Connect has no recursive schemas"
            )));
        }
        self.open.push(key);
        let schema = self.schema(found, optional, depth + 1);
        self.open.pop();
        schema
    }

    /// Everything but what stands beside the type: names, defaults, parameters.
    fn base(&mut self, place: Place<'d, 'a>, depth: usize) -> Result<Option<Schema>, DataError> {
        let node = place.node;
        for word in ["oneOf", "anyOf"] {
            if let Some(Node::Array(alternatives)) = node.get(word) {
                let places: Vec<_> = alternatives.iter().map(|node| Place { document: place.document, node }).collect();
                return self.choice(&places, depth);
            }
        }
        if let Some(Node::Array(parts)) = node.get("allOf") {
            return self.all_of(place, parts, depth);
        }
        let ty = match node.get("type") {
            Some(Node::String(ty)) => ty.as_ref(),
            Some(Node::Array(types)) => return self.typed_choice(place, types, depth),
            _ if node.get("properties").is_some() => "object",
            _ if node.get("items").is_some() => "array",
            _ => match node.get("const").or_else(|| node.get("enum").and_then(first)) {
                Some(value) => json_type(value),
                None if is_empty(node) => return Ok(None),
                None => return Err(unsupported("a schema without a type")),
            },
        };
        self.typed(place, ty, depth).map(Some)
    }

    fn typed(&mut self, place: Place<'d, 'a>, ty: &str, depth: usize) -> Result<Schema, DataError> {
        let node = place.node;
        let word = node.get(names::CONNECT_TYPE).and_then(Node::text).and_then(names::type_of);
        Ok(match ty {
            "boolean" => Schema::new(Type::Boolean),
            "integer" => Schema::new(word.unwrap_or(Type::Int64)),
            "number" if word == Some(Type::Bytes) => decimal(node)?,
            "number" => Schema::new(word.unwrap_or(Type::Float64)),
            "string" if word == Some(Type::Bytes) => Schema::new(Type::Bytes),
            "string" => self.text(node),
            "null" => Schema::optional(Type::String),
            "array" if word == Some(Type::Map) => self.entries(place, depth)?,
            "array" => {
                let element = match node.get("items") {
                    Some(Node::Array(tuple)) => tuple.first(),
                    other => other,
                };
                let element = element.ok_or_else(|| unsupported("an array that does not say what its items are"))?;
                Schema::array(self.child(Place { node: element, ..place }, depth)?.shared())
            }
            "object" if word == Some(Type::Map) => {
                let value = node
                    .get("additionalProperties")
                    .ok_or_else(|| unsupported("a map without additionalProperties"))?;
                let value = self.child(Place { node: value, ..place }, depth)?;
                Schema::map(crate::schema::STRING().clone(), value.shared())
            }
            "object" => self.structure(place, depth)?,
            other => return Err(unsupported(&format!("type {other}"))),
        })
    }

    fn child(&mut self, place: Place<'d, 'a>, depth: usize) -> Result<Schema, DataError> {
        self.schema(place, false, depth + 1)?.ok_or_else(|| unsupported("an element or property without a type"))
    }

    fn text(&self, node: &Node<'_>) -> Schema {
        let mut schema = Schema::new(Type::String);
        if let Some(Node::Array(allowed)) = node.get("enum") {
            let name = if self.settings.generalized_sum_type { names::GENERAL_ENUM } else { names::ENUM };
            schema.parameters.insert(name.to_owned(), String::new());
            for (index, value) in allowed.iter().filter_map(Node::text).enumerate() {
                let meaning = if self.settings.generalized_sum_type { index.to_string() } else { value.to_owned() };
                schema.parameters.insert(format!("{name}.{value}"), meaning);
            }
        }
        schema
    }

    /// A map whose keys are no text.
    fn entries(&mut self, place: Place<'d, 'a>, depth: usize) -> Result<Schema, DataError> {
        let entry = place.node.get("items").and_then(|items| items.get("properties"));
        let (Some(key), Some(value)) =
            (entry.and_then(|entry| entry.get("key")), entry.and_then(|entry| entry.get("value")))
        else {
            return Err(unsupported("a map whose items do not have the properties key and value"));
        };
        let key = self.child(Place { node: key, ..place }, depth)?;
        let value = self.child(Place { node: value, ..place }, depth)?;
        Ok(Schema::map(key.shared(), value.shared()))
    }

    fn structure(&mut self, place: Place<'d, 'a>, depth: usize) -> Result<Schema, DataError> {
        let required: HashSet<&str> = match place.node.get("required") {
            Some(Node::Array(names)) => names.iter().filter_map(Node::text).collect(),
            _ => HashSet::new(),
        };
        let Some(Node::Object(properties)) = place.node.get("properties") else {
            return Schema::structure(Vec::new());
        };
        let mut order: Vec<_> = properties.iter().map(|(name, node)| (index_of(node), name.as_ref(), node)).collect();
        order.sort_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1)));
        let mut fields = Vec::with_capacity(order.len());
        for (_, name, node) in order {
            let optional = self.settings.optional_for_nonrequired && !required.contains(name);
            let schema = self
                .schema(Place { node, ..place }, optional, depth + 1)?
                .ok_or_else(|| unsupported(&format!("property {name} without a type")))?;
            fields.push(Field::new(name, schema.shared()));
        }
        Schema::structure(fields)
    }

    fn typed_choice(
        &mut self,
        place: Place<'d, 'a>,
        types: &[Node<'a>],
        depth: usize,
    ) -> Result<Option<Schema>, DataError> {
        let all: Vec<&str> = types.iter().filter_map(Node::text).collect();
        let optional = all.contains(&"null");
        let mut schemas = Vec::new();
        for ty in all.iter().filter(|ty| **ty != "null") {
            schemas.push(self.typed(place, ty, depth + 1)?);
        }
        self.union(schemas, optional)
    }

    fn choice(&mut self, places: &[Place<'d, 'a>], depth: usize) -> Result<Option<Schema>, DataError> {
        let mut optional = false;
        let mut schemas = Vec::new();
        let mut order: Vec<_> = places.iter().collect();
        order.sort_by_key(|place| index_of(place.node));
        for place in order {
            if place.node.get("type").and_then(Node::text) == Some("null") {
                optional = true;
            } else {
                schemas.push(self.child(*place, depth)?);
            }
        }
        self.union(schemas, optional)
    }

    fn union(&mut self, mut schemas: Vec<Schema>, optional: bool) -> Result<Option<Schema>, DataError> {
        if schemas.is_empty() {
            return Ok(Some(Schema::optional(Type::String)));
        }
        if schemas.len() == 1
            && (optional || self.settings.flatten_singleton_unions)
            && let Some(only) = schemas.pop()
        {
            let optional = optional || only.optional;
            return Ok(Some(only.with_optional(optional)));
        }
        let general = self.settings.generalized_sum_type;
        let mut fields = Vec::with_capacity(schemas.len());
        for (index, schema) in schemas.into_iter().enumerate() {
            let name = if general {
                format!("{}_field_{index}", names::GENERAL_UNION_NAME)
            } else {
                format!("{}.field.{index}", names::ONE_OF)
            };
            fields.push(Field::new(name, schema.with_optional(true).shared()));
        }
        let union = Schema::structure(fields)?.with_optional(optional);
        Ok(Some(if general {
            let name = format!("{}_{}", names::GENERAL_UNION_NAME, self.unions);
            self.unions += 1;
            union.with_parameter(names::GENERAL_UNION, &name).with_name(name)
        } else {
            union.with_name(names::ONE_OF)
        }))
    }

    /// One part with a type, or several objects whose properties come together.
    fn all_of(
        &mut self,
        place: Place<'d, 'a>,
        parts: &'d [Node<'a>],
        depth: usize,
    ) -> Result<Option<Schema>, DataError> {
        let mut merged: Option<Schema> = None;
        let own = place.node.get("properties").is_some().then_some(place);
        let own = own.map(|place| self.structure(place, depth + 1)).transpose()?;
        for part in parts.iter().filter(|part| !is_empty(part)) {
            let Some(next) = self.schema(Place { node: part, ..place }, false, depth + 1)? else {
                continue;
            };
            merged = Some(match merged {
                None => next,
                Some(before) => join(before, next)?,
            });
        }
        match (merged, own) {
            (Some(merged), Some(own)) => join(merged, own).map(Some),
            (merged, own) => Ok(merged.or(own)),
        }
    }
}

/// Both of them at once.
fn join(one: Schema, other: Schema) -> Result<Schema, DataError> {
    match (one.ty, other.ty) {
        (Type::Struct, Type::Struct) => {
            let mut fields = one.fields.clone();
            for field in other.fields {
                match fields.iter_mut().find(|known| known.name == field.name) {
                    Some(known) => *known = field,
                    None => fields.push(field),
                }
            }
            Ok(Schema { fields, ..one })
        }
        (first, second) if first == second => {
            Ok(Schema { parameters: one.parameters.into_iter().chain(other.parameters).collect(), ..other })
        }
        (first, second) => Err(unsupported(&format!("allOf of {first} and {second}"))),
    }
}

/// Properties without an index come last.
fn index_of(node: &Node<'_>) -> i64 {
    node.get(names::CONNECT_INDEX).map_or(i64::MAX, Node::long)
}

fn decimal(node: &Node<'_>) -> Result<Schema, DataError> {
    if node.get("title").and_then(Node::text) != Some(DECIMAL) {
        return Ok(Schema::new(Type::Bytes));
    }
    let scale = node.get(names::CONNECT_PARAMETERS).and_then(|parameters| parameters.get(logical::SCALE));
    let scale = match scale {
        None => 0,
        Some(scale) => match scale.text() {
            Some(text) => text.parse().map_err(|_| unsupported(&format!("a decimal of scale {text}")))?,
            None => i32::try_from(scale.long()).map_err(|_| unsupported("a decimal of a scale beyond 32 bits"))?,
        },
    };
    Ok(Schema { version: None, ..logical::decimal(scale) })
}

fn first<'d, 'a>(node: &'d Node<'a>) -> Option<&'d Node<'a>> {
    match node {
        Node::Array(elements) => elements.first(),
        _ => None,
    }
}

fn json_type(node: &Node<'_>) -> &'static str {
    match node {
        Node::Boolean(_) => "boolean",
        Node::Integer(_) | Node::BigInteger(_) => "integer",
        Node::Decimal(_) => "number",
        Node::String(_) => "string",
        Node::Array(_) => "array",
        Node::Object(_) => "object",
        Node::Null | Node::Missing => "null",
    }
}

/// Whether a schema has no word in it that restricts anything.
fn is_empty(node: &Node<'_>) -> bool {
    match node {
        Node::Object(members) => members.iter().all(|(name, _)| {
            ["$schema", "$id", "id", "title", "description", "$comment", "definitions", "$defs", "default", "required"]
                .contains(&name.as_ref())
                || name.starts_with("connect.")
        }),
        _ => false,
    }
}

fn scalar(node: &Node<'_>) -> String {
    match node {
        Node::Integer(n) => n.to_string(),
        Node::BigInteger(text) | Node::Decimal(text) => (*text).to_owned(),
        Node::Boolean(flag) => flag.to_string(),
        _ => String::new(),
    }
}

fn unsupported(what: &str) -> DataError {
    DataError::new(format!("Unsupported schema type: {what} has no Connect schema"))
}
