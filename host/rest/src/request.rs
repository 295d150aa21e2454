//! The two bodies that carry a connector's settings: the flat map of `PUT .../config` and the object of
//! `POST /connectors`. Public, because connector files on the command line have the same two forms.
//!
//! Numbers and booleans become strings *as written*: `1e3` stays `1e3`, and 20 digits stay 20 digits.

pub mod offsets;

use std::fmt;

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use watertight_worker::entities::{ConfigMap, TargetState};

/// No connector has a hundredth of it; validating a million would keep the worker busy for seconds.
const MOST_SETTINGS: usize = 10_000;
/// Of fields that nobody knows, so many are named.
const MOST_UNKNOWN: usize = 16;

/// A flat JSON object of settings. A null is kept until [`FlatConfig::into_config`], since Kafka counts
/// nulls as validation errors, not as malformed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlatConfig(pub IndexMap<String, Option<String>>);

/// `{"name": .., "config": {..}, "initial_state": ..}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CreateConnector {
    /// As given.
    pub name: Option<String>,
    /// Absent and null are the same.
    pub config: Option<FlatConfig>,
    /// What the connector shall do once it is there.
    pub initial_state: Option<TargetState>,
    /// Fields that nobody knows, in order, the first few: REST refuses them, connector files may have them.
    pub unknown: Vec<String>,
}

/// Why settings cannot be taken; the text is Kafka's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// `name` among the settings says something else than the URL or the request.
    #[error("Connector name configuration ({included}) doesn't match connector name in the URL ({expected})")]
    NameMismatch {
        /// In the settings.
        included: String,
        /// In the URL or the request.
        expected: String,
    },
    /// At least one setting is null.
    #[error("{}", null_values(*.0))]
    NullValues(usize),
}

/// Nulls are reported as Connect's validation reports them.
fn null_values(count: usize) -> String {
    let errors = "\nNull value can not be supplied as the configuration value.".repeat(count);
    format!(
        "Connector configuration is invalid and contains the following {count} error(s):{errors}\n\
         You can also find the above list of errors at the endpoint \
         `/connector-plugins/{{connectorType}}/config/validate`"
    )
}

impl FlatConfig {
    /// The settings of connector `name`, with `name` among them.
    pub fn into_config(self, name: &str) -> Result<ConfigMap, ConfigError> {
        if let Some(Some(included)) = self.0.get("name")
            && included != name
        {
            return Err(ConfigError::NameMismatch { included: included.clone(), expected: name.to_owned() });
        }
        let nulls = self.0.iter().filter(|(key, value)| value.is_none() && *key != "name").count();
        if nulls > 0 {
            return Err(ConfigError::NullValues(nulls));
        }
        // The one null that may be left is the name's, which is filled in where it stands.
        let mut config: ConfigMap =
            self.0.into_iter().map(|(key, value)| (key, value.unwrap_or_else(|| name.to_owned()))).collect();
        config.entry("name".to_owned()).or_insert_with(|| name.to_owned());
        Ok(config)
    }
}

impl<'de> Deserialize<'de> for FlatConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FlatConfigVisitor)
    }
}

struct FlatConfigVisitor;

impl<'de> Visitor<'de> for FlatConfigVisitor {
    type Value = FlatConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FlatConfig, A::Error> {
        let mut config = IndexMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = scalar(&key, &map.next_value::<Box<RawValue>>()?)?;
            config.insert(key, value);
            if config.len() > MOST_SETTINGS {
                return Err(A::Error::custom(format!("a connector may have at most {MOST_SETTINGS} settings")));
            }
        }
        Ok(FlatConfig(config))
    }
}

impl<'de> Deserialize<'de> for CreateConnector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(CreateConnectorVisitor)
    }
}

struct CreateConnectorVisitor;

impl<'de> Visitor<'de> for CreateConnectorVisitor {
    type Value = CreateConnector;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object with \"name\" and \"config\"")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CreateConnector, A::Error> {
        let mut request = CreateConnector::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "name" => request.name = scalar(&key, &map.next_value::<Box<RawValue>>()?)?,
                "config" => request.config = map.next_value()?,
                "initial_state" => {
                    let word = scalar(&key, &map.next_value::<Box<RawValue>>()?)?;
                    request.initial_state = word.map(|word| initial_state(&word)).transpose()?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    if request.unknown.len() < MOST_UNKNOWN {
                        request.unknown.push(key);
                    }
                }
            }
        }
        Ok(request)
    }
}

/// One setting: a string, or what can be written as one without doubt.
fn scalar<E: Error>(key: &str, raw: &RawValue) -> Result<Option<String>, E> {
    let text = raw.get();
    let what = match text.as_bytes().first() {
        Some(b'"') => return serde_json::from_str(text).map(Some).map_err(E::custom),
        Some(b'n') => return Ok(None),
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        _ => return Ok(Some(text.to_owned())),
    };
    Err(E::custom(format!(
        "Cannot deserialize value of type `String` from {what}: \"{key}\" must be a string, a number or a boolean"
    )))
}

/// `RUNNING`, `PAUSED` or `STOPPED`, in any case.
fn initial_state<E: Error>(word: &str) -> Result<TargetState, E> {
    match word.to_ascii_uppercase().as_str() {
        "RUNNING" => Ok(TargetState::Started),
        "PAUSED" => Ok(TargetState::Paused),
        "STOPPED" => Ok(TargetState::Stopped),
        _ => Err(E::custom(format!(
            "Cannot deserialize value \"{word}\" of \"initial_state\": must be one of RUNNING, PAUSED, STOPPED"
        ))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn flat(json: &str) -> serde_json::Result<FlatConfig> {
        serde_json::from_str(json)
    }

    fn create(json: &str) -> serde_json::Result<CreateConnector> {
        serde_json::from_str(json)
    }

    #[test]
    fn numbers_and_booleans_become_strings_as_written() {
        let config = flat(r#"{"a":1,"b":true,"c":1e3,"d":12345678901234567890123,"e":1.50}"#).unwrap();
        let config = config.into_config("x").unwrap();
        let values: Vec<_> = config.values().map(String::as_str).collect();
        assert_eq!(values, ["1", "true", "1e3", "12345678901234567890123", "1.50", "x"]);
    }

    #[test]
    fn the_name_is_put_in_where_it_is_missing_or_null() {
        assert_eq!(flat("{}").unwrap().into_config("x").unwrap()["name"], "x");
        assert_eq!(flat(r#"{"name":null}"#).unwrap().into_config("x").unwrap()["name"], "x");
    }

    #[test]
    fn another_name_is_refused_in_kafkas_words() {
        let error = flat(r#"{"name":"a"}"#).unwrap().into_config("b").unwrap_err();
        assert_eq!(error.to_string(), "Connector name configuration (a) doesn't match connector name in the URL (b)");
    }

    #[test]
    fn each_null_is_one_validation_error() {
        let error = flat(r#"{"a":null,"b":null}"#).unwrap().into_config("x").unwrap_err().to_string();
        assert!(error.starts_with(
            "Connector configuration is invalid and contains the following 2 error(s):\n\
             Null value can not be supplied as the configuration value.\nNull value"
        ));
        assert!(error.ends_with("`/connector-plugins/{connectorType}/config/validate`"));
    }

    #[test]
    fn nested_values_are_refused_with_key_and_place() {
        let error = flat("{\"a\":1,\n \"b\":[1]}").unwrap_err().to_string();
        assert!(error.contains("Cannot deserialize value of type `String` from an array: \"b\""), "{error}");
        assert!(error.contains("at line 2 column"), "{error}");
    }

    #[test]
    fn settings_are_counted() {
        let of = |count: usize| {
            let settings: Vec<String> = (0..count).map(|key| format!("\"{key}\":1")).collect();
            flat(&format!("{{{}}}", settings.join(",")))
        };
        assert_eq!(of(MOST_SETTINGS).unwrap().0.len(), MOST_SETTINGS);
        let error = of(MOST_SETTINGS + 1).unwrap_err().to_string();
        assert!(error.starts_with("a connector may have at most 10000 settings at line 1 column"), "{error}");
    }

    #[test]
    fn the_last_of_two_equal_keys_wins() {
        assert_eq!(flat(r#"{"a":1,"a":2}"#).unwrap().into_config("x").unwrap()["a"], "2");
    }

    #[test]
    fn escapes_in_strings_are_undone() {
        assert_eq!(flat(r#"{"a":"\u00e9\n"}"#).unwrap().into_config("x").unwrap()["a"], "é\n");
    }

    #[test]
    fn the_initial_state_is_read_in_any_case() {
        let request = create(r#"{"name":"x","config":{},"initial_state":"stopped"}"#).unwrap();
        assert_eq!(request.initial_state, Some(TargetState::Stopped));
    }

    #[test]
    fn an_unknown_initial_state_names_the_known_ones() {
        let error = create(r#"{"initial_state":"ASLEEP"}"#).unwrap_err().to_string();
        assert!(error.contains("\"ASLEEP\"") && error.contains("RUNNING, PAUSED, STOPPED"), "{error}");
    }

    #[test]
    fn unknown_fields_are_kept_by_name() {
        assert_eq!(create(r#"{"name":"x","tasks":[{}]}"#).unwrap().unknown, ["tasks"]);
    }
}
