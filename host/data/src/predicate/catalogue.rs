//! The predicates that are always there, under Kafka's class names and aliases.

use indexmap::IndexMap;

use super::{Predicate, has_header_key, record_is_tombstone, topic_name_matches};
use crate::config::{ConfigDef, Settings};
use crate::error::ConfigError;

/// What `GET /connector-plugins` calls them.
pub const PLUGIN_TYPE: &str = "predicate";

/// One predicate of the catalogue.
#[derive(Clone, Copy)]
pub struct BuiltIn {
    /// Kafka's class name.
    pub class: &'static str,
    /// Its settings.
    pub definition: fn() -> ConfigDef,
    make: fn(&Settings) -> Result<Box<dyn Predicate>, ConfigError>,
}

impl std::fmt::Debug for BuiltIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.class)
    }
}

impl BuiltIn {
    /// Java's `getSimpleName`, which is also the alias.
    pub fn simple_name(&self) -> &'static str {
        self.class.rsplit('.').next().unwrap_or(self.class)
    }
}

fn boxed<T: Predicate + 'static>(made: Result<T, ConfigError>) -> Result<Box<dyn Predicate>, ConfigError> {
    made.map(|made| Box::new(made) as Box<dyn Predicate>)
}

macro_rules! predicate {
    ($module:ident::$name:ident) => {
        BuiltIn {
            class: concat!("org.apache.kafka.connect.transforms.predicates.", stringify!($name)),
            definition: $module::definition,
            make: |settings| boxed($module::$name::new(settings)),
        }
    };
}

/// Everything that [`create`] can make, in the order in which a worker lists them.
pub const BUILT_IN: &[BuiltIn] = &[
    predicate!(has_header_key::HasHeaderKey),
    predicate!(record_is_tombstone::RecordIsTombstone),
    predicate!(topic_name_matches::TopicNameMatches),
];

/// By full class name or Kafka's alias.
pub fn find(class: &str) -> Option<&'static BuiltIn> {
    let class = class.trim();
    BUILT_IN.iter().find(|one| one.class == class || one.simple_name() == class)
}

/// Makes a predicate. `settings` are those under its prefix (`predicates.A.`), prefix removed.
///
/// # Errors
/// When there is no such class, or it does not accept its settings.
pub fn create(class: &str, settings: &IndexMap<String, String>) -> Result<Box<dyn Predicate>, ConfigError> {
    let found = find(class).ok_or_else(|| ConfigError::new(format!("Class {class} could not be found.")))?;
    (found.make)(&(found.definition)().parse(settings)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_predicate_is_found_by_class_or_simple_name() {
        for name in ["RecordIsTombstone", "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone"] {
            assert!(create(name, &IndexMap::new()).is_ok());
        }
        assert!(create("no.Such", &IndexMap::new()).is_err());
    }
}
