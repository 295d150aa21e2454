//! `ValueToKey`: a key made of fields of the value.

use std::sync::Arc;

use super::cache::SchemaCache;
use super::hash_map::{self, HashMap};
use super::{Transformation, require, settings, structs};
use crate::config::{ConfigDef, Importance, Settings};
use crate::error::{ConfigError, DataError};
use crate::record::Record;
use crate::schema::{Schema, Type};
use crate::validate;
use crate::value::{SchemaAndValue, Value};

const PURPOSE: &str = "copying fields from value to key";

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([
        settings::distinct_list("fields", Importance::High).documented("The fields of the value that make the key."),
        settings::replace_null_key(),
    ])
}

pub(super) struct ValueToKey {
    fields: Vec<String>,
    replaces_null: bool,
    plans: SchemaCache<(Arc<Schema>, Vec<usize>)>,
}

impl ValueToKey {
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            fields: settings::list(settings, "fields"),
            replaces_null: settings::replaces_null(settings),
            plans: SchemaCache::default(),
        })
    }
}

impl Transformation for ValueToKey {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let Some(schema) = &record.value.schema else {
            let entries = require::map_ref(&record.value.value, PURPOSE)?;
            let mut key = HashMap::with_capacity(self.fields.len());
            for field in &self.fields {
                key.put_text(field, hash_map::get(entries, field).clone());
            }
            record.key = SchemaAndValue::new(None, key.into_value());
            return Ok(Some(record));
        };
        let values = require::structure_ref(schema, &record.value.value, PURPOSE)?;
        let (made, indexes) = self.plans.get(schema, || {
            let mut made = Schema::new(Type::Struct);
            let mut indexes = Vec::with_capacity(self.fields.len());
            for name in &self.fields {
                let Some((index, field)) = schema.field(name) else {
                    return Err(DataError::new(format!("Field does not exist: {name}")));
                };
                structs::add_field(&mut made, name, &field.schema)?;
                indexes.push(index);
            }
            Ok((made.shared(), indexes))
        })?;
        let mut key = Vec::with_capacity(indexes.len());
        for index in indexes {
            let field = &schema.fields[*index];
            let value = structs::get(field, &values[*index], self.replaces_null);
            validate::not_null(&field.name, &field.schema, value)?;
            key.push(value.clone());
        }
        record.key = SchemaAndValue::new(Some(made.clone()), Value::Struct(key));
        Ok(Some(record))
    }
}
