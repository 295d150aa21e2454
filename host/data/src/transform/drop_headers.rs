//! `DropHeaders`: without the headers of these names.

use std::collections::HashSet;

use super::{Transformation, settings};
use crate::config::{ConfigDef, Importance, Settings};
use crate::error::{ConfigError, DataError};
use crate::record::Record;

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([settings::distinct_list("headers", Importance::High).documented("Names of the headers to remove.")])
}

pub(super) struct DropHeaders {
    names: HashSet<String>,
}

impl DropHeaders {
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self { names: settings::list(settings, "headers").into_iter().collect() })
    }
}

impl Transformation for DropHeaders {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        record.headers.retain(|header| !self.names.contains(&header.key));
        Ok(Some(record))
    }
}
