//! A Connect schema as the text of a JSON Schema (draft 7).

use super::names;
use super::settings::JsonSchemaSettings;
use super::write;
use crate::error::DataError;
use crate::java::json::{push_integer, push_string};
use crate::logical::DECIMAL;
use crate::schema::{Schema, Type};

/// Deepest schema that is written.
const MAX_DEPTH: usize = 200;

/// The text to register. No schema is the schema that allows everything.
pub(super) fn text(schema: Option<&Schema>, settings: &JsonSchemaSettings) -> Result<String, DataError> {
    let mut writer = Writer { out: Vec::new(), settings };
    match schema {
        Some(schema) => writer.schema(schema, None, true, 0)?,
        None => writer.out.extend_from_slice(b"{}"),
    }
    String::from_utf8(writer.out).map_err(|_| DataError::new("The schema is not UTF-8"))
}

struct Writer<'a> {
    out: Vec<u8>,
    settings: &'a JsonSchemaSettings,
}

impl Writer<'_> {
    /// `nullable` is false where a property that may be missing takes the place of null.
    fn schema(&mut self, schema: &Schema, index: Option<usize>, nullable: bool, depth: usize) -> Result<(), DataError> {
        if depth > MAX_DEPTH {
            return Err(DataError::new(format!("Schema is nested deeper than {MAX_DEPTH} levels")));
        }
        let mut object = Object::open(&mut self.out);
        if schema.optional && nullable && !names::is_union(schema) {
            self.default_of(&mut object, schema)?;
            object.raw(&mut self.out, "oneOf", b"[{\"type\":\"null\"},");
            let mut inner = Object::open(&mut self.out);
            self.base(&mut inner, schema, depth)?;
            inner.close(&mut self.out);
            self.out.push(b']');
        } else {
            self.base(&mut object, schema, depth)?;
            self.default_of(&mut object, schema)?;
        }
        if let Some(index) = index {
            object.key(&mut self.out, names::CONNECT_INDEX);
            push_integer(&mut self.out, index as i64);
        }
        object.close(&mut self.out);
        Ok(())
    }

    fn default_of(&mut self, object: &mut Object, schema: &Schema) -> Result<(), DataError> {
        if let Some(default) = &schema.default {
            object.key(&mut self.out, "default");
            write::value(&mut self.out, Some(schema), default, self.settings, 0)?;
        }
        Ok(())
    }

    fn base(&mut self, object: &mut Object, schema: &Schema, depth: usize) -> Result<(), DataError> {
        if names::is_union(schema) {
            return self.union(object, schema, depth);
        }
        if let Some(name) = &schema.name {
            object.text(&mut self.out, "title", name);
        }
        if let Some(doc) = &schema.doc {
            object.text(&mut self.out, "description", doc);
        }
        let mut word = None;
        match schema.ty {
            Type::Int8 | Type::Int16 | Type::Int32 | Type::Int64 => {
                object.text(&mut self.out, "type", "integer");
                word = Some(schema.ty);
            }
            Type::Float32 | Type::Float64 => {
                object.text(&mut self.out, "type", "number");
                word = Some(schema.ty);
            }
            Type::Boolean => object.text(&mut self.out, "type", "boolean"),
            Type::String => {
                object.text(&mut self.out, "type", "string");
                self.allowed(object, schema);
            }
            Type::Bytes => {
                object.text(&mut self.out, "type", if schema.is_named(DECIMAL) { "number" } else { "string" });
                word = Some(schema.ty);
            }
            Type::Array => {
                object.text(&mut self.out, "type", "array");
                object.key(&mut self.out, "items");
                self.child(schema.value_schema.as_deref(), None, depth)?;
            }
            Type::Map => {
                self.map(object, schema, depth)?;
                word = Some(schema.ty);
            }
            Type::Struct => self.structure(object, schema, depth)?,
        }
        if let Some(version) = schema.version {
            object.key(&mut self.out, names::CONNECT_VERSION);
            push_integer(&mut self.out, i64::from(version));
        }
        if let Some(ty) = word {
            object.text(&mut self.out, names::CONNECT_TYPE, names::type_word(ty));
        }
        if !schema.parameters.is_empty() {
            object.key(&mut self.out, names::CONNECT_PARAMETERS);
            let mut inner = Object::open(&mut self.out);
            for (name, value) in &schema.parameters {
                inner.text(&mut self.out, name, value);
            }
            inner.close(&mut self.out);
        }
        Ok(())
    }

    fn child(&mut self, schema: Option<&Schema>, index: Option<usize>, depth: usize) -> Result<(), DataError> {
        match schema {
            Some(schema) => self.schema(schema, index, true, depth + 1),
            None => {
                self.out.extend_from_slice(b"{}");
                Ok(())
            }
        }
    }

    fn allowed(&mut self, object: &mut Object, schema: &Schema) {
        let Some(parameter) = names::enum_parameter(schema) else {
            return;
        };
        let prefix = format!("{parameter}.");
        object.raw(&mut self.out, "enum", b"[");
        let values = schema.parameters.keys().filter_map(|name| name.strip_prefix(&prefix));
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            push_string(&mut self.out, value);
        }
        self.out.push(b']');
    }

    fn map(&mut self, object: &mut Object, schema: &Schema, depth: usize) -> Result<(), DataError> {
        if schema.key_schema.as_deref().is_none_or(names::is_object_key) {
            object.text(&mut self.out, "type", "object");
            object.key(&mut self.out, "additionalProperties");
            return self.child(schema.value_schema.as_deref(), None, depth);
        }
        object.text(&mut self.out, "type", "array");
        object.key(&mut self.out, "items");
        let mut items = Object::open(&mut self.out);
        items.text(&mut self.out, "type", "object");
        items.key(&mut self.out, "properties");
        let mut properties = Object::open(&mut self.out);
        properties.key(&mut self.out, "key");
        self.child(schema.key_schema.as_deref(), Some(0), depth)?;
        properties.key(&mut self.out, "value");
        self.child(schema.value_schema.as_deref(), Some(1), depth)?;
        properties.close(&mut self.out);
        items.close(&mut self.out);
        Ok(())
    }

    fn structure(&mut self, object: &mut Object, schema: &Schema, depth: usize) -> Result<(), DataError> {
        object.text(&mut self.out, "type", "object");
        object.key(&mut self.out, "properties");
        let mut properties = Object::open(&mut self.out);
        for (index, field) in schema.fields.iter().enumerate() {
            properties.key(&mut self.out, &field.name);
            self.schema(&field.schema, Some(index), !self.settings.optional_for_nonrequired, depth + 1)?;
        }
        properties.close(&mut self.out);
        if self.settings.optional_for_nonrequired {
            let mut required = schema.fields.iter().filter(|field| !field.schema.optional).peekable();
            if required.peek().is_some() {
                object.raw(&mut self.out, "required", b"[");
                for (index, field) in required.enumerate() {
                    if index > 0 {
                        self.out.push(b',');
                    }
                    push_string(&mut self.out, &field.name);
                }
                self.out.push(b']');
            }
        }
        if !self.settings.additional_properties {
            object.raw(&mut self.out, "additionalProperties", b"false");
        }
        Ok(())
    }

    fn union(&mut self, object: &mut Object, schema: &Schema, depth: usize) -> Result<(), DataError> {
        object.raw(&mut self.out, "oneOf", b"[");
        if schema.optional {
            self.out.extend_from_slice(b"{\"type\":\"null\"}");
        }
        for (index, field) in schema.fields.iter().enumerate() {
            if index > 0 || schema.optional {
                self.out.push(b',');
            }
            // an alternative is optional as a field, but as a value it is there or is not chosen
            self.schema(&field.schema, Some(index), false, depth + 1)?;
        }
        self.out.push(b']');
        Ok(())
    }
}

/// An object being written: where its commas go.
struct Object {
    first: bool,
}

impl Object {
    fn open(out: &mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { first: true }
    }

    fn key(&mut self, out: &mut Vec<u8>, name: &str) {
        if !self.first {
            out.push(b',');
        }
        self.first = false;
        push_string(out, name);
        out.push(b':');
    }

    fn text(&mut self, out: &mut Vec<u8>, name: &str, text: &str) {
        self.key(out, name);
        push_string(out, text);
    }

    fn raw(&mut self, out: &mut Vec<u8>, name: &str, json: &[u8]) {
        self.key(out, name);
        out.extend_from_slice(json);
    }

    fn close(self, out: &mut Vec<u8>) {
        out.push(b'}');
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::logical;
    use crate::schema::{Field, INT32, OPTIONAL_STRING, STRING};
    use crate::value::Value;

    fn written(schema: &Schema, settings: &[(&str, &str)]) -> String {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        text(Some(schema), &JsonSchemaSettings::parse(&settings).unwrap()).unwrap()
    }

    #[test]
    fn types_that_json_does_not_have_are_annotated() {
        for (schema, wanted) in [
            (Schema::new(Type::Int8), r#"{"type":"integer","connect.type":"int8"}"#),
            (Schema::new(Type::Float32), r#"{"type":"number","connect.type":"float32"}"#),
            (Schema::new(Type::Boolean), r#"{"type":"boolean"}"#),
            (Schema::optional(Type::String), r#"{"oneOf":[{"type":"null"},{"type":"string"}]}"#),
            (
                logical::decimal(2),
                r#"{"title":"org.apache.kafka.connect.data.Decimal","type":"number","connect.version":1,"connect.type":"bytes","connect.parameters":{"scale":"2"}}"#,
            ),
            (
                Schema::map(STRING().clone(), INT32().clone()),
                r#"{"type":"object","additionalProperties":{"type":"integer","connect.type":"int32"},"connect.type":"map"}"#,
            ),
            (
                Schema::map(OPTIONAL_STRING().clone(), STRING().clone()),
                r#"{"type":"array","items":{"type":"object","properties":{"key":{"oneOf":[{"type":"null"},{"type":"string"}],"connect.index":0},"value":{"type":"string","connect.index":1}}},"connect.type":"map"}"#,
            ),
        ] {
            assert_eq!(written(&schema, &[]), wanted);
        }
    }

    #[test]
    fn settings_decide_how_a_missing_field_is_said() {
        let fields = vec![Field::new("a", INT32().clone()), Field::new("b", OPTIONAL_STRING().clone())];
        let schema = Schema::structure(fields).unwrap().with_name("n.R");
        assert_eq!(
            written(&schema, &[]),
            r#"{"title":"n.R","type":"object","properties":{"a":{"type":"integer","connect.type":"int32","connect.index":0},"b":{"oneOf":[{"type":"null"},{"type":"string"}],"connect.index":1}}}"#
        );
        assert_eq!(
            written(&schema, &[("use.optional.for.nonrequired", "true"), ("object.additional.properties", "false")]),
            r#"{"title":"n.R","type":"object","properties":{"a":{"type":"integer","connect.type":"int32","connect.index":0},"b":{"type":"string","connect.index":1}},"required":["a"],"additionalProperties":false}"#
        );
    }

    #[test]
    fn defaults_are_written_as_values() {
        let schema = Schema::new(Type::Bytes).with_default(Value::Bytes(vec![1]));
        assert_eq!(written(&schema, &[]), r#"{"type":"string","connect.type":"bytes","default":"AQ=="}"#);
    }
}
