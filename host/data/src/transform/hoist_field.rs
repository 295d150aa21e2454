//! `HoistField`: the whole as one field of a struct or map.

use std::sync::Arc;

use super::cache::SchemaCache;
use super::{Side, Transformation, settings, structs};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings};
use crate::error::{ConfigError, DataError};
use crate::record::Record;
use crate::schema::{Schema, Type};
use crate::validate;
use crate::value::Value;

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([ConfigKey::required("field", Kind::String, Importance::Medium)
        .documented("What the one field of the resulting struct or map is called.")])
}

pub(super) struct HoistField {
    side: Side,
    field: String,
    schemas: SchemaCache<Arc<Schema>>,
}

impl HoistField {
    pub(super) fn new(side: Side, settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self { side, field: settings::text(settings, "field"), schemas: SchemaCache::default() })
    }
}

impl Transformation for HoistField {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let datum = self.side.of(&mut record);
        let value = std::mem::take(&mut datum.value);
        match &mut datum.schema {
            None => datum.value = Value::Map(vec![(Value::from(self.field.as_str()), value)]),
            Some(schema) => {
                let hoisted = self.schemas.get(schema, || {
                    let mut made = Schema::new(Type::Struct);
                    structs::add_field(&mut made, &self.field, schema)?;
                    Ok(made.shared())
                })?;
                validate::field(&self.field, schema, &value)?;
                *schema = hoisted.clone();
                datum.value = Value::Struct(vec![value]);
            }
        }
        Ok(Some(record))
    }
}
