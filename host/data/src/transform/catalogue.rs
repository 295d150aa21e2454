//! The transforms that are always there, under Kafka's class names and aliases.

use indexmap::IndexMap;

use super::Transformation;
use crate::config::ConfigDef;
use crate::error::ConfigError;

/// One transform of the catalogue.
#[derive(Clone, Copy)]
pub struct BuiltIn {
    /// Kafka's class name, with `$Key` or `$Value` where it has one.
    pub class: &'static str,
    /// Its settings.
    pub definition: fn() -> ConfigDef,
}

/// Everything that [`create`] can make.
pub const BUILT_IN: &[BuiltIn] = &[];

/// By full class name or one of Kafka's aliases.
pub fn find(class: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|one| one.class == class.trim())
}

/// Makes a transform. `settings` are those under its prefix (`transforms.A.`), prefix removed.
///
/// # Errors
/// When there is no such class, or it does not accept its settings.
pub fn create(class: &str, settings: &IndexMap<String, String>) -> Result<Box<dyn Transformation>, ConfigError> {
    let _ = settings;
    Err(ConfigError::new(format!("Class {class} could not be found.")))
}
