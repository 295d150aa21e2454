//! `InsertHeader`: one header more, the same on every record.

use super::{Transformation, settings};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings};
use crate::error::{ConfigError, DataError};
use crate::record::{Record, RecordHeader};
use crate::values;

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([
        ConfigKey::required("header", Kind::String, Importance::High)
            .documented("The header's name.")
            .checked(settings::non_null()),
        ConfigKey::required("value.literal", Kind::String, Importance::High)
            .documented("The header's value, as text; its type is guessed from what it looks like.")
            .checked(settings::non_null()),
    ])
}

pub(super) struct InsertHeader {
    header: RecordHeader,
}

impl InsertHeader {
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let value = values::parse_string(&settings::text(settings, "value.literal"));
        Ok(Self { header: RecordHeader { key: settings::text(settings, "header"), value } })
    }
}

impl Transformation for InsertHeader {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        record.headers.push(self.header.clone());
        Ok(Some(record))
    }
}
