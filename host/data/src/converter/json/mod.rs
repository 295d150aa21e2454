//! `org.apache.kafka.connect.json.JsonConverter`, to the byte.
//!
//! Speed: a schema's JSON is made once per schema object, and the schema of an incoming envelope is not parsed
//! again while it is the same text. Values are written straight into the output, without a tree.

mod cache;
mod fast;
pub(super) mod read;
mod schema;
mod settings;
pub(super) mod write;

use std::sync::Arc;

use indexmap::IndexMap;

pub use settings::{DecimalFormat, JsonSettings};

use self::cache::Caches;
use super::Converter;
use crate::error::{ConfigError, DataError};
use crate::java::json::{self, Node};
use crate::schema::Schema;
use crate::value::{SchemaAndValue, Value};

const NOT_AN_ENVELOPE: &str = "JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields and may \
     not contain additional fields. If you are trying to deserialize plain JSON data, set schemas.enable=false in \
     your converter configuration.";

const NOT_JSON: &str = "Converting byte[] to Kafka Connect data failed due to serialization error: ";

fn not_json(cause: json::Error) -> DataError {
    DataError::caused_by(NOT_JSON, format_args!("org.apache.kafka.common.errors.SerializationException: {cause}"))
}

/// The converter.
#[derive(Debug)]
pub struct JsonConverter {
    settings: JsonSettings,
    caches: Caches,
}

impl JsonConverter {
    /// From its settings, prefix removed.
    ///
    /// # Errors
    /// When one of them is not acceptable.
    pub fn new(settings: &IndexMap<String, String>) -> Result<Self, ConfigError> {
        let settings = JsonSettings::parse(settings)?;
        Ok(Self { caches: Caches::new(settings.cache_size), settings })
    }

    /// A schema in the form that it has in an envelope (`asConnectSchema`).
    ///
    /// # Errors
    /// When it is none.
    pub fn read_schema(&self, text: &[u8]) -> Result<Arc<Schema>, DataError> {
        let node = json::parse(text).map_err(not_json)?;
        schema::read(&node, &self.settings).map(Schema::shared)
    }

    fn open_envelope(&self, bytes: &[u8]) -> Result<SchemaAndValue, DataError> {
        if let Some((schema, start)) = self.caches.known_envelope(bytes) {
            let mut parser = json::Parser::new(bytes);
            parser.skip(start);
            if let Some(value) = fast::value(&mut parser, &schema, &self.settings)
                && parser.eat(b'}')
            {
                return Ok(SchemaAndValue::new(Some(schema), value));
            }
        }
        let mut parser = json::Parser::new(bytes);
        if parser.peek() != Some(b'{') {
            json::parse(bytes).map_err(not_json)?;
            return Err(DataError::new(NOT_AN_ENVELOPE));
        }
        let mut schema = None;
        let mut payload = None;
        let mut other = false;
        parser
            .members(|parser, name| {
                match name.as_ref() {
                    "schema" => {
                        if let Some((known, length)) = self.caches.known_prefix(parser.rest()) {
                            parser.skip(length);
                            schema = Some(Found::Known(known));
                        } else {
                            let start = parser.offset();
                            let node = parser.value()?;
                            schema = Some(Found::New(node, parser.since(start)));
                        }
                    }
                    "payload" => payload = Some(parser.value()?),
                    _ => {
                        parser.value()?;
                        other = true;
                    }
                }
                Ok(())
            })
            .map_err(not_json)?;
        let (Some(schema), Some(payload), false) = (schema, payload, other) else {
            return Err(DataError::new(NOT_AN_ENVELOPE));
        };
        let schema = match schema {
            Found::Known(schema) => Some(schema),
            Found::New(Node::Null, _) => None,
            Found::New(node, text) => Some(match self.caches.parsed(text) {
                Some(schema) => schema,
                None => {
                    let schema = schema::read(&node, &self.settings)?.shared();
                    self.caches.remember_parsed(text, &schema);
                    schema
                }
            }),
        };
        let value = read::value(schema.as_deref(), Some(&payload), &self.settings)?;
        Ok(SchemaAndValue::new(schema, value))
    }
}

enum Found<'a> {
    Known(Arc<Schema>),
    New(Node<'a>, &'a [u8]),
}

impl Converter for JsonConverter {
    fn from_connect(
        &self,
        _topic: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        if schema.is_none() && value.is_null() {
            return Ok(None);
        }
        let mut out = Vec::new();
        if self.settings.schemas_enable {
            match schema {
                None => out.extend_from_slice(b"{\"schema\":null"),
                Some(schema) => {
                    let text = match self.caches.written(schema) {
                        Some(text) => text,
                        None => {
                            let mut text = Vec::new();
                            schema::write(&mut text, schema, None, &self.settings, 0)?;
                            self.caches.remember_written(schema, text)
                        }
                    };
                    out.reserve(text.len() + 256);
                    out.extend_from_slice(b"{\"schema\":");
                    out.extend_from_slice(&text);
                }
            }
            out.extend_from_slice(b",\"payload\":");
            write::value(&mut out, schema.map(|schema| &**schema), &value, &self.settings, 0)?;
            out.push(b'}');
        } else {
            out.reserve(256);
            write::value(&mut out, schema.map(|schema| &**schema), &value, &self.settings, 0)?;
        }
        Ok(Some(out))
    }

    fn to_connect(&self, _topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        let Some(bytes) = bytes else {
            return Ok(SchemaAndValue::NULL);
        };
        if self.settings.schemas_enable && self.settings.schema_content.is_none() {
            return self.open_envelope(bytes);
        }
        let mut parser = json::Parser::new(bytes);
        // a number or word at the top may be followed by what is no JSON
        if matches!(parser.peek(), Some(b'{' | b'['))
            && !self.settings.schemas_enable
            && let Some(value) = fast::schemaless(&mut parser, 0)
        {
            return Ok(SchemaAndValue::new(None, value));
        }
        let node = json::parse(bytes).map_err(not_json)?;
        let schema = if self.settings.schemas_enable { self.settings.schema_content.clone() } else { None };
        let value = read::value(schema.as_deref(), Some(&node), &self.settings)?;
        Ok(SchemaAndValue::new(schema, value))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::schema::{Field, INT32, STRING, Type};

    fn with(settings: &[(&str, &str)]) -> JsonConverter {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        JsonConverter::new(&settings).unwrap()
    }

    fn written(converter: &JsonConverter, schema: Option<&Arc<Schema>>, value: Value) -> Result<String, DataError> {
        converter.from_connect("t", schema, value).map(|bytes| String::from_utf8(bytes.unwrap()).unwrap())
    }

    #[test]
    fn small_integers_without_a_schema_are_numbers() {
        let plain = with(&[("schemas.enable", "false")]);
        let all = Value::Array(vec![
            Value::Int8(-1),
            Value::Int16(2),
            Value::Int32(3),
            Value::Float32(0.1),
            Value::Bytes(vec![1]),
        ]);
        assert_eq!(written(&plain, None, all).unwrap(), "[-1,2,3,0.1,\"AQ==\"]");
    }

    #[test]
    fn maps_with_other_keys_are_pairs() {
        let plain = with(&[("schemas.enable", "false")]);
        let map = Value::Map(vec![(Value::Int32(1), "a".into()), ("b".into(), Value::Null)]);
        assert_eq!(written(&plain, None, map).unwrap(), "[[1,\"a\"],[\"b\",null]]");
    }

    #[test]
    fn values_that_do_not_fit_are_refused_in_kafkas_words() {
        let converter = with(&[]);
        for (schema, value, message) in [
            (Schema::new(Type::Int32), Value::Int64(1), "Invalid type for INT32: class java.lang.Long"),
            (Schema::new(Type::Bytes), Value::from("x"), "Invalid type for bytes type: class java.lang.String"),
            (
                crate::logical::date(),
                Value::Int32(1),
                "Invalid type for Date, expected Date but was class java.lang.Integer",
            ),
            (
                crate::logical::date(),
                Value::Date(5),
                "Kafka Connect Date type should not have any time fields set to non-zero values.",
            ),
            (
                crate::logical::decimal(2),
                Value::Bytes(vec![1]),
                "Invalid type for Decimal, expected BigDecimal but was class [B",
            ),
            (
                Schema::new(Type::String),
                Value::Null,
                "Conversion error: null value for field that is required and has no default value",
            ),
        ] {
            assert_eq!(written(&converter, Some(&schema.shared()), value).unwrap_err().message(), message);
        }
        let bare = written(&converter, None, Value::Date(1)).unwrap_err();
        assert_eq!(bare.message(), "Java class class java.util.Date does not have corresponding schema type.");
    }

    #[test]
    fn a_schema_is_recognised_again_however_many_there_are() {
        for size in ["0", "1", "1000"] {
            let converter = with(&[("schemas.cache.size", size)]);
            let texts = ["int32", "int64", "int32", "int32", "int64"];
            for ty in texts {
                let text = format!("{{\"schema\":{{\"type\":\"{ty}\"}},\"payload\":5}}");
                let read = converter.to_connect("t", Some(text.as_bytes())).unwrap();
                let back = written(&converter, read.schema.as_ref(), read.value).unwrap();
                assert_eq!(back, format!("{{\"schema\":{{\"type\":\"{ty}\",\"optional\":false}},\"payload\":5}}"));
            }
        }
    }

    #[test]
    fn a_known_schema_still_needs_good_json_around_it() {
        let converter = with(&[]);
        let good = br#"{"schema":{"type":"int32"},"payload":5}"#;
        assert!(converter.to_connect("t", Some(good)).is_ok());
        assert!(converter.to_connect("t", Some(good)).is_ok());
        for bad in [
            &br#"{"schema":{"type":"int32"}"payload":5}"#[..],
            br#"{"schema":{"type":"int32"}x,"payload":5}"#,
            br#"{"schema":{"type":"int32"}}"#,
        ] {
            assert!(converter.to_connect("t", Some(bad)).is_err());
        }
    }

    #[test]
    fn hostile_nesting_is_an_error() {
        let plain = with(&[("schemas.enable", "false")]);
        assert!(plain.to_connect("t", Some("[".repeat(100_000).as_bytes())).is_err());
        let deep = (0..2000).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(plain.from_connect("t", None, deep).is_err());
    }

    #[test]
    fn settings_are_read_as_kafka_reads_them() {
        let refusal = |key: &str, value: &str| {
            JsonConverter::new(&IndexMap::from([(key.to_owned(), value.to_owned())])).unwrap_err().message().to_owned()
        };
        assert_eq!(
            refusal("schemas.enable", "maybe"),
            "Invalid value maybe for configuration schemas.enable: Expected value to be either true or false"
        );
        assert_eq!(
            refusal("decimal.format", "x"),
            "Invalid value x for configuration decimal.format: String must be one of (case insensitive): NUMERIC, BASE64"
        );
        assert_eq!(
            refusal("schemas.cache.size", "x"),
            "Invalid value x for configuration schemas.cache.size: Not a number of type INT"
        );
        assert!(refusal("schema.content", "{").starts_with("Failed to parse schema in converter config due to"));
    }

    #[test]
    fn a_struct_of_another_shape_is_refused() {
        let fields = vec![Field::new("a", INT32().clone()), Field::new("b", STRING().clone())];
        let schema = Schema::structure(fields).unwrap().shared();
        let refused = written(&with(&[]), Some(&schema), Value::Struct(vec![Value::Int32(1)])).unwrap_err();
        assert_eq!(refused.message(), "Mismatching schema.");
    }
}
