//! `InsertField`: fields with a record's coordinates, or with a fixed text.

use std::sync::Arc;

use super::cache::SchemaCache;
use super::hash_map::HashMap;
use super::{Side, Transformation, require, settings, structs};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings};
use crate::error::{ConfigError, DataError};
use crate::logical;
use crate::record::Record;
use crate::schema::{INT32, INT64, OPTIONAL_INT32, OPTIONAL_INT64, OPTIONAL_STRING, STRING, Schema, Type};
use crate::value::Value;

const PURPOSE: &str = "field insertion";

pub(super) fn definition() -> ConfigDef {
    let key = |name: &str, documentation: &str| {
        ConfigKey::optional(name, Kind::String, Importance::Medium).documented(documentation)
    };
    let field = |name: &str, what: &str| {
        key(name, &format!("The field for {what}. With ! at its end it is required, with ? or neither optional."))
    };
    ConfigDef::new([
        field("topic.field", "the record's topic"),
        field("partition.field", "the record's partition"),
        field("offset.field", "the record's offset, which only sink connectors have"),
        field("timestamp.field", "the record's timestamp"),
        field("static.field", "the text of static.value"),
        key("static.value", "The text for static.field."),
        settings::replace_null_key(),
    ])
}

/// What a field is filled with, in the order in which fields are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Topic,
    Partition,
    Offset,
    Timestamp,
    Static,
}

struct Insertion {
    source: Source,
    name: String,
    schema: Arc<Schema>,
}

pub(super) struct InsertField {
    side: Side,
    insertions: Vec<Insertion>,
    static_value: String,
    replaces_null: bool,
    schemas: SchemaCache<Arc<Schema>>,
}

impl InsertField {
    pub(super) fn new(side: Side, settings: &Settings) -> Result<Self, ConfigError> {
        let known = [
            ("topic.field", Source::Topic),
            ("partition.field", Source::Partition),
            ("offset.field", Source::Offset),
            ("timestamp.field", Source::Timestamp),
            ("static.field", Source::Static),
        ];
        let insertions: Vec<Insertion> =
            known.iter().filter_map(|(key, source)| Some(Insertion::new(*source, settings.text(key)?))).collect();
        if insertions.is_empty() {
            return Err(ConfigError::new("No field insertion configured"));
        }
        let static_value = settings.text("static.value");
        if static_value.is_none() && settings.text("static.field").is_some() {
            // Kafka prints the identity of an object where the field's name should be
            let name = insertions.last().map(|insertion| insertion.name.as_str()).unwrap_or_default();
            return Err(ConfigError::invalid(
                "static.value",
                "null",
                format_args!("No value specified for static field: {name}"),
            ));
        }
        Ok(Self {
            side,
            insertions,
            static_value: static_value.unwrap_or_default().to_owned(),
            replaces_null: settings::replaces_null(settings),
            schemas: SchemaCache::default(),
        })
    }
}

impl Insertion {
    fn new(source: Source, text: &str) -> Self {
        let (name, optional) = match (text.strip_suffix('?'), text.strip_suffix('!')) {
            (Some(name), _) => (name, true),
            (None, Some(name)) => (name, false),
            (None, None) => (text, true),
        };
        let schema = match (source, optional) {
            (Source::Topic | Source::Static, true) => OPTIONAL_STRING().clone(),
            (Source::Topic | Source::Static, false) => STRING().clone(),
            (Source::Partition, true) => OPTIONAL_INT32().clone(),
            (Source::Partition, false) => INT32().clone(),
            (Source::Offset, true) => OPTIONAL_INT64().clone(),
            (Source::Offset, false) => INT64().clone(),
            (Source::Timestamp, optional) => logical::timestamp().with_optional(optional).shared(),
        };
        Self { source, name: name.to_owned(), schema }
    }
}

/// What the record has for it; null if nothing.
fn inserted(source: Source, record: &Record, static_value: &str, with_schema: bool) -> Result<Value, DataError> {
    Ok(match source {
        Source::Topic => Value::from(&*record.topic),
        Source::Partition => record.partition.map_or(Value::Null, Value::Int32),
        Source::Offset => Value::Int64(require::sink_offset(record, PURPOSE)?),
        Source::Timestamp if with_schema => record.timestamp.map_or(Value::Null, Value::Date),
        Source::Timestamp => record.timestamp.map_or(Value::Null, Value::Int64),
        Source::Static => Value::from(static_value),
    })
}

impl Transformation for InsertField {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let datum = self.side.of(&mut record);
        let value = std::mem::take(&mut datum.value);
        if value.is_null() {
            return Ok(Some(record));
        }
        let Some(schema) = &datum.schema else {
            let mut map = HashMap::copy_of(require::map(value, PURPOSE)?);
            for insertion in &self.insertions {
                let value = inserted(insertion.source, &record, &self.static_value, false)?;
                if !value.is_null() {
                    map.put_text(&insertion.name, value);
                }
            }
            self.side.of(&mut record).value = map.into_value();
            return Ok(Some(record));
        };
        let mut values = require::structure(schema, value, PURPOSE)?;
        let made = self.schemas.get(schema, || {
            let mut made = structs::copy_basics(schema, Schema::new(Type::Struct));
            made.fields.clone_from(&schema.fields);
            for insertion in &self.insertions {
                structs::add_field(&mut made, &insertion.name, &insertion.schema)?;
            }
            Ok(made.shared())
        })?;
        for (field, value) in schema.fields.iter().zip(&mut values) {
            structs::pass(field, value, self.replaces_null)?;
        }
        values.reserve_exact(self.insertions.len());
        for insertion in &self.insertions {
            values.push(inserted(insertion.source, &record, &self.static_value, true)?);
        }
        let datum = self.side.of(&mut record);
        datum.value = Value::Struct(values);
        datum.schema = Some(made.clone());
        Ok(Some(record))
    }
}
