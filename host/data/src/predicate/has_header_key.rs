//! `HasHeaderKey`: records with a header of this name.

use super::Predicate;
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings, Validator};
use crate::error::{ConfigError, DataError};
use crate::record::Record;

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([ConfigKey::required("name", Kind::String, Importance::Medium)
        .documented("The header's name.")
        .checked(Validator::NonEmpty)])
}

pub(super) struct HasHeaderKey {
    name: String,
}

impl HasHeaderKey {
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self { name: settings.text("name").unwrap_or_default().to_owned() })
    }
}

impl Predicate for HasHeaderKey {
    fn test(&mut self, record: &Record) -> Result<bool, DataError> {
        Ok(record.headers.iter().any(|header| header.key == self.name))
    }
}
