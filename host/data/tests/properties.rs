//! What is written is what is read: any schema, any value.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use indexmap::IndexMap;
use proptest::prelude::*;
use watertight_data::converter::{Converter, JsonConverter};
use watertight_data::testing::Shape;
use watertight_data::{Value, projector, validate, values};

fn json(settings: &[(&str, &str)]) -> JsonConverter {
    let settings: IndexMap<String, String> =
        settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    JsonConverter::new(&settings).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_values_fit_their_schemas(pair in Shape::default().pair()) {
        prop_assert_eq!(validate::value(pair.schema.as_ref().unwrap(), &pair.value), Ok(()));
    }

    #[test]
    fn any_value_of_any_schema_survives_json(pair in Shape::default().pair()) {
        for format in ["base64", "numeric"] {
            let writer = json(&[("replace.null.with.default", "false"), ("decimal.format", format)]);
            let bytes = writer.from_connect("t", pair.schema.as_ref(), pair.value.clone()).unwrap().unwrap();
            let reader = json(&[("replace.null.with.default", "false")]);
            // once without, once with the schema in the cache
            for _ in 0..2 {
                let read = reader.to_connect("t", Some(&bytes)).unwrap();
                prop_assert_eq!(&read, &pair, "{}", String::from_utf8_lossy(&bytes));
            }
            let again = reader.to_connect("t", Some(&bytes)).unwrap();
            let written = writer.from_connect("t", again.schema.as_ref(), again.value).unwrap().unwrap();
            prop_assert_eq!(String::from_utf8(written).unwrap(), String::from_utf8(bytes).unwrap());
        }
    }

    #[test]
    fn a_schema_is_the_same_for_every_record((schema, values) in Shape::default().batch(1..5)) {
        let converter = json(&[("replace.null.with.default", "false")]);
        for value in values {
            let bytes = converter.from_connect("t", Some(&schema), value.clone()).unwrap().unwrap();
            let read = converter.to_connect("t", Some(&bytes)).unwrap();
            prop_assert_eq!(read.schema.as_ref(), Some(&schema));
            prop_assert_eq!(read.value, value);
        }
    }

    #[test]
    fn any_value_without_a_schema_survives_json(value in Shape::default().schemaless()) {
        for enabled in ["true", "false"] {
            let converter = json(&[("schemas.enable", enabled)]);
            let bytes = converter.from_connect("t", None, value.clone()).unwrap();
            let read = converter.to_connect("t", bytes.as_deref()).unwrap();
            prop_assert_eq!(read.schema, None);
            prop_assert_eq!(&read.value, &value);
        }
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for enabled in ["true", "false"] {
            let _ = json(&[("schemas.enable", enabled)]).to_connect("t", Some(&bytes));
        }
    }

    #[test]
    fn null_stays_null_or_becomes_the_default(pair in Shape { depth: 0, ..Shape::default() }.pair()) {
        let schema = pair.schema.unwrap();
        let converter = json(&[]);
        let wanted = schema.default.clone().unwrap_or(Value::Null);
        match converter.from_connect("t", Some(&schema), Value::Null) {
            Ok(bytes) => prop_assert_eq!(converter.to_connect("t", bytes.as_deref()).unwrap().value, wanted),
            Err(_) => prop_assert!(!schema.optional && schema.default.is_none()),
        }
    }

    #[test]
    fn a_known_schema_makes_no_difference(
        pair in Shape::default().pair(),
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), edit()), 0..4),
    ) {
        let warm = json(&[("replace.null.with.default", "false")]);
        let bytes = warm.from_connect("t", pair.schema.as_ref(), pair.value).unwrap().unwrap();
        warm.to_connect("t", Some(&bytes)).unwrap();
        let payload = find(&bytes, b",\"payload\":") + 11;
        let mut bytes = bytes;
        for (place, edit) in edits {
            let place = payload + place.index(bytes.len() - payload);
            bytes.splice(place..(place + 1).min(bytes.len()), edit.bytes());
        }
        let cold = json(&[("replace.null.with.default", "false"), ("schemas.cache.size", "0")]);
        let (warm, cold) = (warm.to_connect("t", Some(&bytes)), cold.to_connect("t", Some(&bytes)));
        prop_assert_eq!(warm, cold, "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn plain_json_is_read_as_in_an_envelope(
        value in Shape::default().schemaless(),
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), edit()), 0..4),
    ) {
        let plain = json(&[("schemas.enable", "false")]);
        let mut bytes = plain.from_connect("t", None, Value::Array(vec![value])).unwrap().unwrap();
        for (place, edit) in edits {
            let place = 1 + place.index(bytes.len() - 1);
            bytes.splice(place..(place + 1).min(bytes.len()), edit.bytes());
        }
        // what follows the first value does not matter to a reader of plain JSON
        if let Ok(read) = plain.to_connect("t", Some(&bytes)) {
            let again = plain.from_connect("t", None, read.value.clone()).unwrap().unwrap();
            // a number beyond a double's range comes back as text
            prop_assume!(!again.windows(8).any(|window| window == b"Infinity"));
            let envelope = [br#"{"payload":"#.as_slice(), &again, br#","schema":null}"#].concat();
            prop_assert_eq!(json(&[]).to_connect("t", Some(&envelope)).unwrap().value, read.value);
        } else {
            let envelope = [br#"{"payload":"#.as_slice(), &bytes, br#","schema":null}"#].concat();
            prop_assert!(json(&[]).to_connect("t", Some(&envelope)).is_err());
        }
    }

    #[test]
    fn any_text_means_something(words in proptest::collection::vec(edit(), 0..12)) {
        let text = words.concat();
        let parsed = values::parse_string(&text);
        let written = values::convert_to_string(parsed.schema.as_deref(), &parsed.value).unwrap();
        prop_assert_eq!(written.is_none(), parsed.value.is_null());
    }

    #[test]
    fn what_is_projected_to_its_own_schema_stays(pair in Shape { defaults: false, ..Shape::default() }.pair()) {
        let schema = pair.schema.unwrap();
        prop_assert_eq!(projector::project(&schema, pair.value.clone(), &schema).unwrap(), pair.value);
    }
}

fn find(text: &[u8], wanted: &[u8]) -> usize {
    text.windows(wanted.len()).rposition(|window| window == wanted).unwrap()
}

/// What may happen to JSON, and what SimpleHeaderConverter looks for.
fn edit() -> BoxedStrategy<String> {
    let words = [
        "",
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "0",
        "1",
        "-",
        "9",
        ".",
        "e",
        "5e400",
        "-0",
        "null",
        "true",
        "false",
        "nul",
        "x",
        "{\"a\":1}",
        "[1]",
        "\"a\":2,",
        "\\u0041",
        "\\ud83d",
        "99999999999999999999",
        "1.5",
        "é",
        "😀",
        "2020-01-01",
        "12:00:00.000Z",
        "2020-01-01T12:00:00.000Z",
        "\t",
    ];
    proptest::sample::select(words.map(str::to_owned).to_vec()).boxed()
}
