//! A schema's text to the model.

use std::collections::HashMap;

use super::json::Json;
use super::names::{Name, fault};
use super::schema::{AvroField, AvroSchema, Id, Node, Shape};
use crate::java::json::{self, Node as Text};

/// What `Schema.Parser` takes for its own and not for a property.
const RESERVED: [&str; 10] =
    ["doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"];

/// Reads texts one after the other; a later one may use what an earlier one defined.
#[derive(Debug, Default)]
pub(super) struct Parser {
    schema: AvroSchema,
    known: HashMap<String, Id>,
}

impl Parser {
    /// Reads one text; the last one read is the schema.
    ///
    /// # Errors
    /// When it is no schema.
    pub(super) fn add(&mut self, text: &str) -> Result<(), String> {
        let trimmed = text.trim();
        // a bare name is what registries give for a primitive type, with or without quotes
        let id = if trimmed.starts_with(['{', '[', '"']) {
            let document = json::parse(trimmed.as_bytes()).map_err(|cause| cause.to_string())?;
            self.node(&document, None)?
        } else {
            self.named(trimmed, None)?
        };
        self.schema.root = id;
        Ok(())
    }

    pub(super) fn finish(self) -> AvroSchema {
        self.schema
    }

    fn node(&mut self, text: &Text<'_>, space: Option<&str>) -> Result<Id, String> {
        match text {
            Text::String(name) => self.named(name, space),
            Text::Array(branches) => {
                let branches = branches.iter().map(|branch| self.node(branch, space)).collect::<Result<_, _>>()?;
                Ok(self.schema.add(Node::new(Shape::Union(branches))))
            }
            Text::Object(_) => self.object(text, space),
            other => Err(format!("a schema cannot be {}", other.kind())),
        }
    }

    fn named(&mut self, name: &str, space: Option<&str>) -> Result<Id, String> {
        if let Some(shape) = primitive(name) {
            return Ok(self.schema.add(Node::new(shape)));
        }
        let full = Name::new(name, space).full();
        match self.known.get(&full).or_else(|| self.known.get(name)) {
            Some(id) => Ok(*id),
            None => Err(format!("\"{name}\" is not a defined name.")),
        }
    }

    fn object(&mut self, text: &Text<'_>, space: Option<&str>) -> Result<Id, String> {
        let ty = text.get("type").ok_or("No type: a schema has no \"type\"")?;
        let Some(word) = ty.text() else {
            // {"type": {...}} is the inner schema
            return self.node(ty, space);
        };
        let part = |name: &str| text.get(name).ok_or_else(|| format!("a schema of type {word} has no \"{name}\""));
        let id = match word {
            "array" => {
                let items = self.node(part("items")?, space)?;
                self.schema.add(Node::new(Shape::Array(items)))
            }
            "map" => {
                let values = self.node(part("values")?, space)?;
                self.schema.add(Node::new(Shape::Map(values)))
            }
            "record" | "error" => {
                let name = self.name(text, space)?;
                let shape = Shape::Record { name: name.clone(), fields: Vec::new() };
                let id = self.define(&name, shape)?;
                let Text::Array(listed) = part("fields")? else {
                    return Err(format!("the fields of {name} are no list"));
                };
                let mut fields = Vec::with_capacity(listed.len());
                for field in listed {
                    fields.push(self.field(field, &name)?);
                }
                self.schema.nodes[id].shape = Shape::Record { name, fields };
                id
            }
            "enum" => {
                let name = self.name(text, space)?;
                let Text::Array(listed) = part("symbols")? else {
                    return Err(format!("the symbols of {name} are no list"));
                };
                let symbols = listed.iter().filter_map(|symbol| symbol.text().map(str::to_owned)).collect();
                let default = text.get("default").and_then(|default| default.text().map(str::to_owned));
                self.define(&name.clone(), Shape::Enum { name, symbols, default })?
            }
            "fixed" => {
                let name = self.name(text, space)?;
                let size = match part("size")? {
                    Text::Integer(size) => usize::try_from(*size).ok(),
                    _ => None,
                };
                let size = size.ok_or_else(|| format!("Invalid or no size: of {name}"))?;
                self.define(&name.clone(), Shape::Fixed { name, size })?
            }
            other => match primitive(other) {
                Some(shape) => self.schema.add(Node::new(shape)),
                // a name in an object: what else stands there is left out, as Avro leaves it out
                None => return self.named(other, space),
            },
        };
        let named = matches!(word, "record" | "error" | "enum" | "fixed");
        let node = &mut self.schema.nodes[id];
        if named {
            node.doc = text.get("doc").and_then(|doc| doc.text().map(str::to_owned));
        }
        if let Text::Object(members) = text {
            for (name, value) in members {
                let own = RESERVED.contains(&name.as_ref()) || word == "enum" && name == "default";
                if !own {
                    node.props.push((name.clone().into_owned(), Json::of(value)));
                }
            }
        }
        Ok(id)
    }

    fn name(&self, text: &Text<'_>, space: Option<&str>) -> Result<Name, String> {
        let own = text.get("namespace").and_then(|space| space.text());
        let name = text.get("name").and_then(|name| name.text()).ok_or("No name in schema")?;
        let name = Name::new(name, own.or(space));
        match fault(&name.name) {
            Some(fault) => Err(fault),
            None => Ok(name),
        }
    }

    fn define(&mut self, name: &Name, shape: Shape) -> Result<Id, String> {
        let id = self.schema.add(Node::new(shape));
        match self.known.insert(name.full(), id) {
            Some(_) => Err(format!("Can't redefine: {name}")),
            None => Ok(id),
        }
    }

    fn field(&mut self, text: &Text<'_>, record: &Name) -> Result<AvroField, String> {
        let name = text.get("name").and_then(|name| name.text());
        let name = name.ok_or_else(|| format!("a field of {record} has no name"))?.to_owned();
        let ty = text.get("type").ok_or_else(|| format!("No field type: {name}"))?;
        Ok(AvroField {
            schema: self.node(ty, record.space.as_deref())?,
            doc: text.get("doc").and_then(|doc| doc.text().map(str::to_owned)),
            default: text.get("default").map(Json::of),
            name,
        })
    }
}

fn primitive(word: &str) -> Option<Shape> {
    Some(match word {
        "null" => Shape::Null,
        "boolean" => Shape::Boolean,
        "int" => Shape::Int,
        "long" => Shape::Long,
        "float" => Shape::Float,
        "double" => Shape::Double,
        "bytes" => Shape::Bytes,
        "string" => Shape::String,
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn again(text: &str) -> String {
        let mut parser = Parser::default();
        parser.add(text).unwrap();
        parser.finish().text().unwrap()
    }

    #[test]
    fn texts_come_back_as_java_writes_them() {
        for text in [
            r#""int""#,
            r#"{"type":"int","connect.type":"int16"}"#,
            r#"["null",{"type":"array","items":"string"}]"#,
            r#"{"type":"record","name":"A","namespace":"x.y","doc":"d","fields":[{"name":"a","type":{"type":"enum","name":"E","symbols":["P","Q"],"default":"P"},"doc":"f","default":"P"},{"name":"b","type":["null","E"],"default":null},{"name":"c","type":{"type":"fixed","name":"F","namespace":"z","size":4}},{"name":"d","type":"z.F"}],"connect.name":"x.y.A"}"#,
        ] {
            assert_eq!(again(text), text);
        }
        assert_eq!(again("string"), "\"string\"");
    }

    #[test]
    fn a_record_may_refer_to_itself() {
        let mut parser = Parser::default();
        parser.add(r#"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}"#).unwrap();
    }

    #[test]
    fn a_later_text_may_use_an_earlier_one() {
        let mut parser = Parser::default();
        parser.add(r#"{"type":"fixed","name":"a.F","size":2}"#).unwrap();
        parser.add(r#"{"type":"array","items":"a.F"}"#).unwrap();
        assert_eq!(
            parser.finish().text().unwrap(),
            r#"{"type":"array","items":{"type":"fixed","name":"F","namespace":"a","size":2}}"#
        );
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        for bad in
            ["{", "5", r#"{"type":"record","name":"A"}"#, r#""no.Such""#, r#"{"type":"fixed","name":"1","size":2}"#]
        {
            let mut parser = Parser::default();
            assert!(parser.add(bad).is_err(), "{bad}");
        }
    }
}
