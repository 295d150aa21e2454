//! `ExtractField`: one field in place of the whole.

use super::field_path::{self, FieldPath};
use super::{Side, Transformation, exception, require, settings};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings};
use crate::error::{ConfigError, DataError};
use crate::record::Record;
use crate::value::Value;

const PURPOSE: &str = "field extraction";

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([
        ConfigKey::required("field", Kind::String, Importance::Medium).documented("The field that becomes the whole."),
        settings::replace_null_key(),
        field_path::version_key(),
    ])
}

pub(super) struct ExtractField {
    side: Side,
    path: FieldPath,
    text: String,
    replaces_null: bool,
}

impl ExtractField {
    pub(super) fn new(side: Side, settings: &Settings) -> Result<Self, ConfigError> {
        let text = settings::text(settings, "field");
        Ok(Self {
            side,
            path: FieldPath::new(&text, settings)?,
            text,
            replaces_null: settings::replaces_null(settings),
        })
    }
}

impl Transformation for ExtractField {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let datum = self.side.of(&mut record);
        let value = std::mem::take(&mut datum.value);
        let Some(schema) = datum.schema.take() else {
            if !value.is_null() {
                datum.value = self.path.take_from_map(require::map(value, PURPOSE)?)?;
            }
            return Ok(Some(record));
        };
        let values = match value {
            Value::Null => None,
            value => Some(require::structure(&schema, value, PURPOSE)?),
        };
        let Some(field) = self.path.field_from(&schema)? else {
            return Err(exception::illegal_argument(format!("Unknown field: {}", self.text)));
        };
        if let Some(values) = values {
            datum.value = self.path.take_from_struct(&schema, values, self.replaces_null)?;
        }
        datum.schema = Some(field.schema.clone());
        Ok(Some(record))
    }
}
