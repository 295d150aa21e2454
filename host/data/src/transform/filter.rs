//! `Filter`: drops every record that it is asked about. Which those are is a predicate's business.

use super::Transformation;
use crate::config::{ConfigDef, Settings};
use crate::error::{ConfigError, DataError};
use crate::record::Record;

pub(super) fn definition() -> ConfigDef {
    ConfigDef::default()
}

pub(super) struct Filter;

impl Filter {
    pub(super) fn new(_settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self)
    }
}

impl Transformation for Filter {
    fn apply(&mut self, _record: Record) -> Result<Option<Record>, DataError> {
        Ok(None)
    }
}
