//! Keys that several transforms have, and the checks that Kafka has for them.

use crate::config::{ConfigKey, Importance, Kind, Parsed, Settings, Validator};
use crate::error::ConfigError;

const REPLACE_NULL: &str = "replace.null.with.default";

/// `replace.null.with.default`
pub(super) fn replace_null_key() -> ConfigKey {
    ConfigKey::defaulted(REPLACE_NULL, Kind::Boolean, "true", Importance::Medium)
        .documented("Whether a field that is null is taken to have its schema's default, where there is one.")
}

/// What it is set to.
pub(super) fn replaces_null(settings: &Settings) -> bool {
    settings.boolean(REPLACE_NULL).unwrap_or(true)
}

/// `NonEmptyListValidator`.
pub(super) fn non_empty_list() -> Validator {
    Validator::Custom(|name, value| match value {
        Some(Parsed::List(values)) if !values.is_empty() => Ok(()),
        Some(empty) => Err(ConfigError::invalid(name, empty, "Empty list")),
        None => Err(ConfigError::invalid(name, "null", "Empty list")),
    })
}

/// A list that must be there, must not be empty and has no element twice.
pub(super) fn distinct_list(name: &str, importance: Importance) -> ConfigKey {
    ConfigKey::required(name, Kind::List, importance).checked(Validator::NonEmpty).checked(Validator::NoDuplicates)
}

/// `NonNullValidator`, which has something to say only where a required key is missing anyway.
pub(super) fn non_null() -> Validator {
    Validator::Custom(|name, value| match value {
        Some(_) => Ok(()),
        None => Err(ConfigError::invalid(name, "null", "entry must be non null")),
    })
}

/// A text; empty where there is none.
pub(super) fn text(settings: &Settings, name: &str) -> String {
    settings.text(name).unwrap_or_default().to_owned()
}

/// A list; empty where there is none.
pub(super) fn list(settings: &Settings, name: &str) -> Vec<String> {
    settings.list(name).map(<[String]>::to_vec).unwrap_or_default()
}
