//! The body of `POST /connectors/{c}/tasks`: the settings of a connector's tasks, in order. It is read before anything is
//! believed of whoever sent it, so it is read with care.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::entities::ConfigMap;
use crate::herder::HerderError;

/// Reads the list.
///
/// # Errors
/// 400: it is not JSON, or not a list of flat objects; where that shows, stands behind it.
pub fn parse(body: &[u8]) -> Result<Vec<ConfigMap>, HerderError> {
    let configs: Vec<Flat> = serde_json::from_slice(body).map_err(|error| {
        HerderError::BadRequest(match error.classify() {
            serde_json::error::Category::Data => error.to_string(),
            _ if body.trim_ascii().is_empty() => "No content to map due to end-of-input".to_owned(),
            _ => format!("Malformed JSON: {error}"),
        })
    })?;
    Ok(configs.into_iter().map(|Flat(config)| config).collect())
}

/// As the leader is told; the other direction of [`parse`].
pub fn write(configs: &[ConfigMap]) -> Vec<u8> {
    // Maps of texts can always be written.
    serde_json::to_vec(configs).unwrap_or_default()
}

struct Flat(ConfigMap);

impl<'de> Deserialize<'de> for Flat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FlatVisitor)
    }
}

struct FlatVisitor;

impl<'de> Visitor<'de> for FlatVisitor {
    type Value = Flat;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flat, A::Error> {
        let mut config = ConfigMap::new();
        while let Some(key) = map.next_key::<String>()? {
            match map.next_value_seed(Setting(&key))? {
                Some(value) => config.insert(key, value),
                // What is null is not set.
                None => config.shift_remove(&key),
            };
        }
        Ok(Flat(config))
    }
}

/// The value of the setting of this name, as text.
struct Setting<'a>(&'a str);

impl Setting<'_> {
    fn refuse<E: Error>(&self, what: &str) -> Result<Option<String>, E> {
        let Setting(key) = self;
        Err(E::custom(format!(
            "Cannot deserialize value of type `String` from {what}: \"{key}\" must be a string, a number or a boolean"
        )))
    }
}

impl<'de> DeserializeSeed<'de> for Setting<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<String>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Setting<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number or a boolean")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<String>, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Option<String>, E> {
        Ok(Some(text))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Option<String>, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Option<String>, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Option<String>, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Option<String>, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_unit<E: Error>(self) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Option<String>, A::Error> {
        self.refuse("an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Option<String>, A::Error> {
        self.refuse("an array")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> String {
        match parse(body.as_bytes()).unwrap_err() {
            HerderError::BadRequest(message) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let config =
            |value: &str| ConfigMap::from([("a".to_owned(), value.to_owned()), ("b".to_owned(), "é\n".to_owned())]);
        let configs = vec![config("1"), config("\"")];
        assert_eq!(parse(&write(&configs)).unwrap(), configs);
        assert_eq!(write(&[]), b"[]");
        assert_eq!(parse(b"[]").unwrap(), Vec::<ConfigMap>::new());
    }

    #[test]
    fn scalars_become_text_and_nulls_are_not_set() {
        let configs = parse(br#"[{"a":1,"b":true,"c":-2,"d":1.5,"e":null,"f":"x","f":null},{}]"#).unwrap();
        let values: Vec<_> = configs[0].iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(values, ["a=1", "b=true", "c=-2", "d=1.5"]);
        assert!(configs[1].is_empty());
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        assert_eq!(refusal(" "), "No content to map due to end-of-input");
        assert!(refusal("[{").starts_with("Malformed JSON: EOF"), "{}", refusal("[{"));
        assert!(refusal("[{}]x").starts_with("Malformed JSON: "));
        for body in ["{}", "null", "1", "\"a\"", "[null]", "[1]", "[[]]"] {
            assert!(refusal(body).contains("at line 1 column"), "{}", refusal(body));
        }
        for (body, what) in [(r#"[{"k":{"x":1}}]"#, "an object"), (r#"[{"k":[1]}]"#, "an array")] {
            let message = refusal(body);
            assert!(
                message.starts_with(&format!("Cannot deserialize value of type `String` from {what}: \"k\"")),
                "{message}"
            );
        }
        assert!(refusal(&"[".repeat(100_000)).contains("at line 1 column"));
    }
}
