//! The converters that are always there, under Kafka's class names and aliases.

use indexmap::IndexMap;

use super::{
    AvroConverter, BooleanConverter, ByteArrayConverter, Converter, JsonConverter, JsonSchemaConverter,
    NumberConverter, ProtobufConverter, Registries, SimpleHeaderConverter, StringConverter,
};
use crate::config::{self, ConfigDef};
use crate::error::ConfigError;

/// One converter of the catalogue: what `GET /connector-plugins` needs to know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Kafka's class name.
    pub class: &'static str,
    /// Whether it can stand at `key.converter` and `value.converter`.
    pub converter: bool,
    /// Whether it can stand at `header.converter`.
    pub header_converter: bool,
}

const fn both(class: &'static str) -> BuiltIn {
    BuiltIn { class, converter: true, header_converter: true }
}

const fn value_only(class: &'static str) -> BuiltIn {
    BuiltIn { class, converter: true, header_converter: false }
}

/// Everything that [`create`] can make.
pub const BUILT_IN: &[BuiltIn] = &[
    value_only("io.confluent.connect.avro.AvroConverter"),
    value_only("io.confluent.connect.json.JsonSchemaConverter"),
    value_only("io.confluent.connect.protobuf.ProtobufConverter"),
    both("org.apache.kafka.connect.converters.BooleanConverter"),
    both("org.apache.kafka.connect.converters.ByteArrayConverter"),
    both("org.apache.kafka.connect.converters.DoubleConverter"),
    both("org.apache.kafka.connect.converters.FloatConverter"),
    both("org.apache.kafka.connect.converters.IntegerConverter"),
    both("org.apache.kafka.connect.converters.LongConverter"),
    both("org.apache.kafka.connect.converters.ShortConverter"),
    both("org.apache.kafka.connect.json.JsonConverter"),
    both("org.apache.kafka.connect.storage.StringConverter"),
    BuiltIn {
        class: "org.apache.kafka.connect.storage.SimpleHeaderConverter",
        converter: false,
        header_converter: true,
    },
];

impl BuiltIn {
    /// The class name without its package.
    pub fn simple_name(&self) -> &'static str {
        self.class.rsplit('.').next().unwrap_or(self.class)
    }

    /// Whether it opens a Schema Registry, which has more to say of the settings than their definition.
    pub fn needs_registry(&self) -> bool {
        self.class.starts_with("io.confluent.")
    }

    /// Its settings.
    pub fn definition(&self) -> ConfigDef {
        config::converter::built_in(self.class).unwrap_or_default()
    }

    /// The simple name without what every name of its kind ends in: `Json` for `JsonConverter`.
    pub fn pruned_name(&self) -> &'static str {
        let simple = self.simple_name();
        let suffix = if self.converter { "Converter" } else { "HeaderConverter" };
        match simple.strip_suffix(suffix) {
            Some("") | None => simple,
            Some(pruned) => pruned,
        }
    }
}

/// By full class name or one of Kafka's two aliases.
pub fn find(class: &str) -> Option<&'static BuiltIn> {
    let class = class.trim();
    BUILT_IN.iter().find(|one| one.class == class || one.simple_name() == class || one.pruned_name() == class)
}

/// Makes a converter. `settings` are those under its prefix, prefix removed; `registries` is asked only by
/// converters that need one.
///
/// # Errors
/// When there is no such class, or it does not accept its settings.
pub fn create(
    class: &str,
    settings: &IndexMap<String, String>,
    is_key: bool,
    registries: &dyn Registries,
) -> Result<Box<dyn Converter>, ConfigError> {
    let found = find(class).ok_or_else(|| ConfigError::new(format!("Class {class} could not be found.")))?;
    Ok(match found.simple_name() {
        "AvroConverter" => Box::new(AvroConverter::new(settings, is_key, registries.open(settings)?)?),
        "BooleanConverter" => Box::new(BooleanConverter),
        "DoubleConverter" => Box::new(NumberConverter::Double),
        "FloatConverter" => Box::new(NumberConverter::Float),
        "IntegerConverter" => Box::new(NumberConverter::Integer),
        "LongConverter" => Box::new(NumberConverter::Long),
        "ShortConverter" => Box::new(NumberConverter::Short),
        "JsonConverter" => Box::new(JsonConverter::new(settings)?),
        "JsonSchemaConverter" => Box::new(JsonSchemaConverter::new(settings, is_key, registries.open(settings)?)?),
        "ProtobufConverter" => Box::new(ProtobufConverter::new(settings, is_key, registries.open(settings)?)?),
        "StringConverter" => Box::new(StringConverter::new(settings)?),
        "SimpleHeaderConverter" => Box::new(SimpleHeaderConverter),
        _ => Box::new(ByteArrayConverter),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::converter::NoRegistries;

    #[test]
    fn every_converter_has_its_two_aliases() {
        for (alias, class) in [
            ("Json", "org.apache.kafka.connect.json.JsonConverter"),
            ("JsonSchema", "io.confluent.connect.json.JsonSchemaConverter"),
            ("ProtobufConverter", "io.confluent.connect.protobuf.ProtobufConverter"),
            ("JsonConverter", "org.apache.kafka.connect.json.JsonConverter"),
            ("String", "org.apache.kafka.connect.storage.StringConverter"),
            ("ByteArrayConverter", "org.apache.kafka.connect.converters.ByteArrayConverter"),
            ("Simple", "org.apache.kafka.connect.storage.SimpleHeaderConverter"),
        ] {
            assert_eq!(find(alias).unwrap().class, class);
        }
    }

    #[test]
    fn every_converter_can_be_made() {
        for one in BUILT_IN {
            let made = create(one.class, &IndexMap::new(), false, &NoRegistries);
            // Confluent's ask for a registry, and are told that there is none
            assert_eq!(made.is_ok(), !one.needs_registry(), "{}", one.class);
        }
    }

    #[test]
    fn an_unknown_class_is_named() {
        let refused = create("no.Such", &IndexMap::new(), true, &NoRegistries).err().unwrap();
        assert_eq!(refused.message(), "Class no.Such could not be found.");
    }
}
