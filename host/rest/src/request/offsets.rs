//! `{"offsets": [{"partition": {..}, "offset": {..}}]}`, the body of `PATCH /connectors/{name}/offsets`.
//!
//! What the maps hold is for the connector, or for Kafka's consumer groups, to judge; a map that is missing stays null
//! for them. Only the form is checked here. By hand, since serde's derived readers also take a list for an object.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use watertight_worker::entities::ConnectorOffset;

/// What is to be changed; empty where the body names nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlterOffsets(pub Vec<ConnectorOffset>);

impl<'de> Deserialize<'de> for AlterOffsets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Body;
        impl<'de> Visitor<'de> for Body {
            type Value = AlterOffsets;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object with a list of \"offsets\"")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AlterOffsets, A::Error> {
                let mut offsets = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "offsets" => {
                            let entries = map.next_value::<Option<Vec<Entry>>>()?.unwrap_or_default();
                            offsets = entries.into_iter().map(|Entry(offset)| offset).collect();
                        }
                        _ => return Err(unknown(&key, "\"offsets\"")),
                    }
                }
                Ok(AlterOffsets(offsets))
            }
        }
        deserializer.deserialize_map(Body)
    }
}

struct Entry(ConnectorOffset);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneEntry;
        impl<'de> Visitor<'de> for OneEntry {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object with \"partition\" and \"offset\"")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let mut entry = ConnectorOffset { partition: Value::Null, offset: Value::Null };
                while let Some(key) = map.next_key::<String>()? {
                    let object = match key.as_str() {
                        "partition" => &mut entry.partition,
                        "offset" => &mut entry.offset,
                        _ => return Err(unknown(&key, "\"partition\" and \"offset\"")),
                    };
                    *object = map.next_value::<Option<Fields>>()?.map_or(Value::Null, |Fields(map)| Value::Object(map));
                }
                Ok(Entry(entry))
            }
        }
        deserializer.deserialize_map(OneEntry)
    }
}

/// A partition or an offset.
struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AllFields;
        impl<'de> Visitor<'de> for AllFields {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Map::new();
                while let Some(name) = map.next_key::<String>()? {
                    let text: Box<RawValue> = map.next_value()?;
                    let value: Value = serde_json::from_str(text.get()).map_err(A::Error::custom)?;
                    // Read as a number it would be rounded, to an offset that nobody meant.
                    if value.is_f64() && text.get().trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) {
                        return Err(A::Error::custom(format!(
                            "Offsets may only contain primitive types as values, but field {name} contains class java.math.BigInteger"
                        )));
                    }
                    fields.insert(name, value);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(AllFields)
    }
}

fn unknown<E: Error>(field: &str, known: &str) -> E {
    E::custom(format!("Unrecognized field \"{field}\": {known} is all that there may be"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<ConnectorOffset>, String> {
        serde_json::from_str::<AlterOffsets>(json).map(|body| body.0).map_err(|error| error.to_string())
    }

    #[test]
    fn maps_are_taken_as_they_are_and_missing_ones_are_null() {
        let json = r#"{"offsets":[{"partition":{"f":"x"},"offset":{"p":9007199254740993}},{"partition":{}},{}]}"#;
        let offsets = read(json).unwrap();
        assert_eq!(offsets[0].partition, serde_json::json!({"f": "x"}));
        assert_eq!(offsets[0].offset.to_string(), r#"{"p":9007199254740993}"#);
        assert_eq!((&offsets[1].offset, &offsets[2].partition), (&Value::Null, &Value::Null));
    }

    #[test]
    fn whole_numbers_are_refused_and_not_rounded_where_nothing_holds_them() {
        for number in ["18446744073709551616", "-9223372036854775809", "1000000000000000000000000000000"] {
            let error =
                read(&format!(r#"{{"offsets":[{{"partition":{{}},"offset":{{"p":{number}}}}}]}}"#)).unwrap_err();
            let words =
                "Offsets may only contain primitive types as values, but field p contains class java.math.BigInteger";
            assert!(error.starts_with(words), "{error}");
        }
        for number in ["9223372036854775807", "9223372036854775808", "1e30", "1.5E300", "-0.0", "1.0"] {
            let offsets = read(&format!(r#"{{"offsets":[{{"partition":{{}},"offset":{{"p":{number}}}}}]}}"#)).unwrap();
            assert_eq!(offsets[0].offset["p"], serde_json::from_str::<Value>(number).unwrap());
        }
    }

    #[test]
    fn nothing_in_any_form_is_nothing() {
        for json in ["{}", r#"{"offsets":null}"#, r#"{"offsets":[]}"#] {
            assert_eq!(read(json).unwrap(), [], "{json}");
        }
    }

    #[test]
    fn other_shapes_are_refused_with_their_place() {
        for json in [
            "[]",
            "null",
            r#"{"offsets":{}}"#,
            r#"{"offsets":[null]}"#,
            r#"{"offsets":[[{},{}]]}"#,
            r#"{"offsets":[{"partition":"a"}]}"#,
            r#"{"offsets":[{"offset":1}]}"#,
        ] {
            assert!(read(json).unwrap_err().contains(" at line 1 column "), "{json}");
        }
    }

    #[test]
    fn unknown_fields_are_refused_by_name() {
        assert!(read(r#"{"offset":[]}"#).unwrap_err().starts_with("Unrecognized field \"offset\""));
        assert!(
            read(r#"{"offsets":[{"partitions":{}}]}"#).unwrap_err().starts_with("Unrecognized field \"partitions\"")
        );
    }
}
