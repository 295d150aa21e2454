//! Settings of the converters that are always there, and what a connector's own converter is checked against before
//! it starts.

use super::{ConfigDef, ConfigKey, ConfigValue, Given, Importance, Kind, Validator, Width, registry};
use crate::java::hash;

/// `converter.type`, which the worker sets itself.
pub const TYPE: &str = "converter.type";

const SCHEMAS: &str = "Schemas";
const SERIALIZATION: &str = "Serialization";

/// What a converter is used for; Kafka's word is the value of `converter.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Of keys.
    Key,
    /// Of values.
    Value,
    /// Of headers.
    Header,
}

impl Role {
    /// The setting that names a converter of this role.
    pub fn setting(self) -> &'static str {
        match self {
            Role::Key => super::connector::KEY_CONVERTER,
            Role::Value => super::connector::VALUE_CONVERTER,
            Role::Header => super::connector::HEADER_CONVERTER,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Role::Key => "key",
            Role::Value => "value",
            Role::Header => "header",
        }
    }
}

/// Of one of the converters that are always there, by its full class name; none for others.
pub fn built_in(class: &str) -> Option<ConfigDef> {
    if let Some(simple) = class.strip_prefix("io.confluent.connect.") {
        return registry::definition(simple);
    }
    let simple = class.strip_prefix("org.apache.kafka.connect.")?;
    match simple {
        "storage.SimpleHeaderConverter" => Some(ConfigDef::default()),
        "storage.StringConverter" => Some(
            common().define(
                ConfigKey::defaulted("converter.encoding", Kind::String, "UTF-8", Importance::High)
                    .sized(Width::Medium, "Encoding")
                    .documented("The character set of text."),
            ),
        ),
        "json.JsonConverter" => Some(json()),
        _ if simple.starts_with("converters.") => Some(common()),
        _ => None,
    }
}

fn common() -> ConfigDef {
    ConfigDef::new([ConfigKey::required(TYPE, Kind::String, Importance::Low)
        .checked(Validator::one_of(&["key", "value", "header"]))
        .documented("What the converter is used for.")])
}

fn json() -> ConfigDef {
    common()
        .define(
            ConfigKey::defaulted("schemas.enable", Kind::Boolean, "true", Importance::High)
                .placed(SCHEMAS, 0, Width::Medium, "Enable Schemas")
                .documented("Whether each key and value brings its schema."),
        )
        .define(
            ConfigKey::defaulted("schemas.cache.size", Kind::Int, "1000", Importance::High)
                .placed(SCHEMAS, 1, Width::Medium, "Schema Cache Size")
                .documented("How many schemas are remembered at most."),
        )
        .define(
            ConfigKey::optional("schema.content", Kind::String, Importance::High)
                .placed(SCHEMAS, 2, Width::Medium, "Schema Content")
                .documented("One schema for all that is read, in place of the schema in each message."),
        )
        .define(
            ConfigKey::defaulted("decimal.format", Kind::String, "BASE64", Importance::Low)
                .placed(SERIALIZATION, 0, Width::Medium, "Decimal Format")
                .checked(Validator::one_of_ignoring_case(&["BASE64", "NUMERIC"]))
                .documented("How decimals are written: BASE64 or NUMERIC."),
        )
        .define(
            ConfigKey::defaulted("replace.null.with.default", Kind::Boolean, "true", Importance::Low)
                .placed(SERIALIZATION, 1, Width::Medium, "Replace null with default")
                .documented("Whether a null field with a default is written as that default."),
        )
}

/// One answer per setting, under its full name. They come in the order of a Java `HashMap`, as Kafka's do. What the
/// converter is used for need not be said; `given` knows the rest by its own names.
pub fn validate<'a>(definition: &ConfigDef, role: Role, given: &dyn Fn(&str) -> Given<'a>) -> Vec<ConfigValue> {
    let with_role = |key: &str| match given(key) {
        Given::Absent if key == TYPE => Given::Text(role.word()),
        given => given,
    };
    let answers = definition.validate_with(&with_role, &|class| Some(class.to_owned()));
    let mut ordered: Vec<(String, ConfigValue)> =
        answers.into_iter().map(|answer| (answer.name.clone(), answer)).collect();
    hash::string_map_order(&mut ordered);
    let full =
        |(name, answer): (String, ConfigValue)| ConfigValue { name: format!("{}.{name}", role.setting()), ..answer };
    ordered.into_iter().map(full).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    /// As a genuine worker of 4.3.1 answers.
    #[test]
    fn faults_of_a_converter_come_in_kafkas_order_and_words() {
        let json = built_in("org.apache.kafka.connect.json.JsonConverter").unwrap();
        let settings: IndexMap<String, String> =
            [("schemas.enable", "maybe"), ("schemas.cache.size", "x"), ("decimal.format", "q")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into();
        let answers = validate(&json, Role::Value, &|key| settings.get(key).into());
        let names: Vec<&str> = answers.iter().map(|answer| answer.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "value.converter.decimal.format",
                "value.converter.converter.type",
                "value.converter.schemas.cache.size",
                "value.converter.replace.null.with.default",
                "value.converter.schemas.enable",
                "value.converter.schema.content"
            ]
        );
        let errors: Vec<String> = answers.into_iter().flat_map(|answer| answer.errors).collect();
        assert_eq!(
            errors,
            [
                "Invalid value q for configuration decimal.format: String must be one of (case insensitive): NUMERIC, BASE64",
                "Invalid value x for configuration schemas.cache.size: Not a number of type INT",
                "Invalid value maybe for configuration schemas.enable: Expected value to be either true or false",
            ]
        );
    }

    #[test]
    fn what_a_converter_is_used_for_may_be_said_wrongly() {
        let json = built_in("org.apache.kafka.connect.json.JsonConverter").unwrap();
        let of_type = |text: &'static str| {
            let given = move |key: &str| if key == TYPE { Given::Text(text) } else { Given::Absent };
            let answers = validate(&json, Role::Value, &given);
            let answer = answers.into_iter().find(|answer| answer.name == "value.converter.converter.type").unwrap();
            (answer.value, answer.errors.len())
        };
        assert_eq!(of_type("key"), (Some("key".to_owned()), 0));
        assert_eq!(of_type("nope"), (Some("nope".to_owned()), 1));
    }

    #[test]
    fn every_converter_of_the_catalogue_has_its_settings() {
        for one in crate::converter::BUILT_IN {
            assert!(built_in(one.class).is_some(), "{}", one.class);
        }
        assert!(built_in("org.example.Converter").is_none());
        assert!(built_in("io.confluent.connect.xml.XmlConverter").is_none());
    }

    #[test]
    fn a_converter_with_a_registry_wants_its_address_and_hides_its_secrets() {
        for class in ["avro.AvroConverter", "json.JsonSchemaConverter", "protobuf.ProtobufConverter"] {
            let definition = built_in(&format!("io.confluent.connect.{class}")).unwrap();
            let secret = ("basic.auth.user.info".to_owned(), "me:mine".to_owned());
            let settings: IndexMap<String, String> = [secret].into();
            let answers = validate(&definition, Role::Key, &|key| settings.get(key).into());
            let of = |name: &str| answers.iter().find(|one| one.name == format!("key.converter.{name}")).unwrap();
            assert_eq!(
                of("schema.registry.url").errors,
                ["Missing required configuration \"schema.registry.url\" which has no default value."]
            );
            assert_eq!(of("basic.auth.user.info").value.as_deref(), Some("[hidden]"));
            assert_eq!(answers.iter().flat_map(|one| &one.errors).count(), 1, "every default is accepted");
        }
    }
}
