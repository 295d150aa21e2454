//! `SetSchemaMetadata`: another name or version for a schema.

use std::sync::Arc;

use super::cache::SchemaCache;
use super::{Side, Transformation, require, settings, structs};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings};
use crate::error::{ConfigError, DataError};
use crate::record::Record;
use crate::schema::Schema;
use crate::value::Value;

const PURPOSE: &str = "updating schema metadata";

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([
        ConfigKey::optional("schema.name", Kind::String, Importance::High).documented("The schema's new name."),
        ConfigKey::optional("schema.version", Kind::Int, Importance::High).documented("The schema's new version."),
        settings::replace_null_key(),
    ])
}

pub(super) struct SetSchemaMetadata {
    side: Side,
    name: Option<String>,
    version: Option<i32>,
    replaces_null: bool,
    schemas: SchemaCache<Arc<Schema>>,
}

impl SetSchemaMetadata {
    pub(super) fn new(side: Side, settings: &Settings) -> Result<Self, ConfigError> {
        let name = settings.text("schema.name").map(str::to_owned);
        let version = settings.integer("schema.version").map(|version| version as i32);
        if name.is_none() && version.is_none() {
            return Err(ConfigError::new("Neither schema name nor version configured"));
        }
        Ok(Self {
            side,
            name,
            version,
            replaces_null: settings::replaces_null(settings),
            schemas: SchemaCache::default(),
        })
    }
}

impl Transformation for SetSchemaMetadata {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let datum = self.side.of(&mut record);
        if datum.schema.is_none() && datum.value.is_null() {
            return Ok(Some(record));
        }
        let schema = require::schema(datum.schema.as_ref(), PURPOSE)?;
        let made = self.schemas.get(schema, || {
            // Kafka asks any schema for its fields here, and only a struct's has some
            require::fields(schema)?;
            let mut made = Schema::clone(schema);
            if let Some(name) = &self.name {
                made.name = Some(name.clone());
            }
            made.version = self.version.or(made.version);
            Ok(made.shared())
        })?;
        if let Value::Struct(values) = &mut datum.value {
            for (field, value) in made.fields.iter().zip(values) {
                structs::pass(field, value, self.replaces_null)?;
            }
        }
        datum.schema = Some(made.clone());
        Ok(Some(record))
    }
}
