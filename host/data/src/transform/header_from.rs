//! `HeaderFrom`: fields as headers, moved or copied.

use std::sync::Arc;

use super::cache::SchemaCache;
use super::hash_map::{self, HashMap};
use super::{Side, Transformation, exception, require, settings, structs};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings, Validator};
use crate::error::{ConfigError, DataError};
use crate::record::{Record, RecordHeader};
use crate::schema::{Schema, Type};
use crate::value::{SchemaAndValue, Value};

pub(super) fn definition() -> ConfigDef {
    let list = |name: &str, documentation: &str| {
        ConfigKey::required(name, Kind::List, Importance::High)
            .documented(documentation)
            .checked(settings::non_empty_list())
    };
    ConfigDef::new([
        list("fields", "The fields whose values become headers."),
        list("headers", "The names of the headers, in the order of the fields."),
        ConfigKey::required("operation", Kind::String, Importance::High)
            .documented("move, if the fields go away, or copy, if they stay.")
            .checked(Validator::one_of(&["move", "copy"])),
        settings::replace_null_key(),
    ])
}

pub(super) struct HeaderFrom {
    side: Side,
    /// Field and header.
    pairs: Vec<(String, String)>,
    moves: bool,
    replaces_null: bool,
    schemas: SchemaCache<Arc<Schema>>,
}

impl HeaderFrom {
    pub(super) fn new(side: Side, settings: &Settings) -> Result<Self, ConfigError> {
        let (fields, headers) = (settings::list(settings, "fields"), settings::list(settings, "headers"));
        if fields.len() != headers.len() {
            return Err(ConfigError::new("'fields' config must have the same number of elements as 'headers' config."));
        }
        Ok(Self {
            side,
            pairs: fields.into_iter().zip(headers).collect(),
            moves: settings.text("operation") == Some("move"),
            replaces_null: settings::replaces_null(settings),
            schemas: SchemaCache::default(),
        })
    }

    fn purpose(&self) -> &'static str {
        if self.moves { "header move" } else { "header copy" }
    }

    fn schemaless(&self, value: Value) -> Result<(Value, Vec<SchemaAndValue>), DataError> {
        let entries = require::map(value, self.purpose())?;
        let found: Vec<_> = self
            .pairs
            .iter()
            .map(|(field, _)| SchemaAndValue::new(None, hash_map::get(&entries, field).clone()))
            .collect();
        let mut map = HashMap::copy_of(entries);
        if self.moves {
            for (field, _) in &self.pairs {
                map.remove(field);
            }
        }
        Ok((map.into_value(), found))
    }

    fn found(&self, schema: &Schema, values: &[Value]) -> Result<Vec<SchemaAndValue>, DataError> {
        let mut found = Vec::with_capacity(self.pairs.len());
        for (name, _) in &self.pairs {
            let Some((index, field)) = schema.field(name) else {
                return Err(exception::null_pointer(
                    "Cannot invoke \"org.apache.kafka.connect.data.Field.schema()\" because the return value of \
                     \"org.apache.kafka.connect.data.Schema.field(String)\" is null",
                ));
            };
            let value = structs::get(field, &values[index], self.replaces_null).clone();
            if value.is_null() && !field.schema.optional {
                let schema = &field.schema;
                return Err(DataError::new(format!("A null value requires an optional schema but was {schema}")));
            }
            found.push(SchemaAndValue::new(Some(field.schema.clone()), value));
        }
        Ok(found)
    }
}

impl Transformation for HeaderFrom {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let datum = self.side.of(&mut record);
        let value = std::mem::take(&mut datum.value);
        let Some(schema) = datum.schema.take() else {
            let (rest, found) = self.schemaless(value)?;
            datum.value = rest;
            self.add(&mut record, found);
            return Ok(Some(record));
        };
        let mut values = require::structure(&schema, value, self.purpose())?;
        let pairs = &self.pairs;
        let moved = |name: &str| pairs.iter().any(|(field, _)| field == name);
        let mut kept = None;
        if self.moves {
            let rest = self.schemas.get(&schema, || {
                let mut made = structs::copy_basics(&schema, Schema::new(Type::Struct));
                for field in schema.fields.iter().filter(|field| !moved(&field.name)) {
                    structs::add_field(&mut made, &field.name, &field.schema)?;
                }
                Ok(made.shared())
            })?;
            for (field, value) in schema.fields.iter().zip(&mut values).filter(|(field, _)| !moved(&field.name)) {
                structs::pass(field, value, self.replaces_null)?;
            }
            kept = Some(rest.clone());
        }
        let found = self.found(&schema, &values)?;
        match kept {
            Some(rest) => {
                let fields = schema.fields.iter().zip(values);
                datum.value = Value::Struct(fields.filter(|(field, _)| !moved(&field.name)).map(|(_, v)| v).collect());
                datum.schema = Some(rest);
            }
            None => {
                datum.value = Value::Struct(values);
                datum.schema = Some(schema);
            }
        }
        self.add(&mut record, found);
        Ok(Some(record))
    }
}

impl HeaderFrom {
    fn add(&self, record: &mut Record, found: Vec<SchemaAndValue>) {
        let headers = self.pairs.iter().zip(found).map(|((_, key), value)| RecordHeader { key: key.clone(), value });
        record.headers.extend(headers);
    }
}
