//! The transforms that are always there, under Kafka's class names and aliases.

use indexmap::IndexMap;

use super::side::Side;
use super::{
    Transformation, cast, drop_headers, extract_field, filter, flatten, header_from, hoist_field, insert_field,
    insert_header, mask_field, regex_router, replace_field, set_schema_metadata, timestamp_converter, timestamp_router,
    value_to_key,
};
use crate::config::{ConfigDef, Settings};
use crate::error::ConfigError;

/// What `GET /connector-plugins` calls them.
pub const PLUGIN_TYPE: &str = "transformation";

/// One transform of the catalogue.
#[derive(Clone, Copy)]
pub struct BuiltIn {
    /// Kafka's class name, with `$Key` or `$Value` where it has one.
    pub class: &'static str,
    /// Its settings.
    pub definition: fn() -> ConfigDef,
    make: fn(&Settings) -> Result<Box<dyn Transformation>, ConfigError>,
}

impl std::fmt::Debug for BuiltIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.class)
    }
}

impl BuiltIn {
    /// Java's `getSimpleName`: `Filter`, but also `Key` for `Cast$Key`.
    pub fn simple_name(&self) -> &'static str {
        self.class.rsplit(['.', '$']).next().unwrap_or(self.class)
    }

    /// The name other than the class that it can be configured by. Kafka makes one of the simple name, and drops
    /// names that several classes have, which leaves none for `$Key` and `$Value`.
    pub fn alias(&self) -> Option<&'static str> {
        (!self.class.contains('$')).then(|| self.simple_name())
    }
}

fn boxed<T: Transformation + 'static>(made: Result<T, ConfigError>) -> Result<Box<dyn Transformation>, ConfigError> {
    made.map(|made| Box::new(made) as Box<dyn Transformation>)
}

macro_rules! whole {
    ($module:ident::$name:ident) => {
        BuiltIn {
            class: concat!("org.apache.kafka.connect.transforms.", stringify!($name)),
            definition: $module::definition,
            make: |settings| boxed($module::$name::new(settings)),
        }
    };
}

macro_rules! half {
    ($module:ident::$name:ident $side:ident) => {
        BuiltIn {
            class: concat!("org.apache.kafka.connect.transforms.", stringify!($name), "$", stringify!($side)),
            definition: $module::definition,
            make: |settings| boxed($module::$name::new(Side::$side, settings)),
        }
    };
}

/// Everything that [`create`] can make, in the order in which a worker lists them.
pub const BUILT_IN: &[BuiltIn] = &[
    half!(cast::Cast Key),
    half!(cast::Cast Value),
    whole!(drop_headers::DropHeaders),
    half!(extract_field::ExtractField Key),
    half!(extract_field::ExtractField Value),
    whole!(filter::Filter),
    half!(flatten::Flatten Key),
    half!(flatten::Flatten Value),
    half!(header_from::HeaderFrom Key),
    half!(header_from::HeaderFrom Value),
    half!(hoist_field::HoistField Key),
    half!(hoist_field::HoistField Value),
    half!(insert_field::InsertField Key),
    half!(insert_field::InsertField Value),
    whole!(insert_header::InsertHeader),
    half!(mask_field::MaskField Key),
    half!(mask_field::MaskField Value),
    whole!(regex_router::RegexRouter),
    half!(replace_field::ReplaceField Key),
    half!(replace_field::ReplaceField Value),
    half!(set_schema_metadata::SetSchemaMetadata Key),
    half!(set_schema_metadata::SetSchemaMetadata Value),
    half!(timestamp_converter::TimestampConverter Key),
    half!(timestamp_converter::TimestampConverter Value),
    whole!(timestamp_router::TimestampRouter),
    whole!(value_to_key::ValueToKey),
];

/// By full class name or Kafka's alias.
pub fn find(class: &str) -> Option<&'static BuiltIn> {
    let class = class.trim();
    BUILT_IN.iter().find(|one| one.class == class || one.alias() == Some(class))
}

/// Makes a transform. `settings` are those under its prefix (`transforms.A.`), prefix removed.
///
/// # Errors
/// When there is no such class, or it does not accept its settings.
pub fn create(class: &str, settings: &IndexMap<String, String>) -> Result<Box<dyn Transformation>, ConfigError> {
    let found = find(class).ok_or_else(|| ConfigError::new(format!("Class {class} could not be found.")))?;
    (found.make)(&(found.definition)().parse(settings)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_transform_is_found_by_class_or_by_a_name_that_is_its_alone() {
        assert_eq!(find("RegexRouter").unwrap().class, "org.apache.kafka.connect.transforms.RegexRouter");
        assert!(find("org.apache.kafka.connect.transforms.Cast$Value").is_some());
        for class in ["Cast$Value", "Cast", "Value", "Key", "org.apache.kafka.connect.transforms.Cast"] {
            assert!(find(class).is_none(), "{class}");
        }
    }

    #[test]
    fn the_list_is_in_the_worker_s_order() {
        assert!(BUILT_IN.is_sorted_by_key(|one| one.class));
        assert_eq!(BUILT_IN.len(), 26);
    }

    #[test]
    fn an_unknown_class_and_a_missing_setting_are_named() {
        let refused = |class: &str| create(class, &IndexMap::new()).err().unwrap().message().to_owned();
        assert_eq!(refused("no.Such"), "Class no.Such could not be found.");
        assert_eq!(refused("ValueToKey"), "Missing required configuration \"fields\" which has no default value.");
    }
}
