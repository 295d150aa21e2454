//! `RecordIsTombstone`: records whose value is null, with a schema or without.

use super::Predicate;
use crate::config::{ConfigDef, Settings};
use crate::error::{ConfigError, DataError};
use crate::record::Record;

pub(super) fn definition() -> ConfigDef {
    ConfigDef::default()
}

pub(super) struct RecordIsTombstone;

impl RecordIsTombstone {
    pub(super) fn new(_settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self)
    }
}

impl Predicate for RecordIsTombstone {
    fn test(&mut self, record: &Record) -> Result<bool, DataError> {
        Ok(record.value.value.is_null())
    }
}
