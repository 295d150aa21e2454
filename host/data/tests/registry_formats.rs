//! The Protobuf and JSON Schema converters: what is written is what is read, nothing in a record or a schema can
//! break them, and for the second record of a schema no registry is asked.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "recorded/memory.rs"]
mod memory;

use std::sync::Arc;

use indexmap::IndexMap;
use memory::Memory;
use proptest::prelude::*;
use watertight_data::converter::registry::{Definition, Reference, SchemaKind, SchemaRegistry};
use watertight_data::converter::{Converter, JsonSchemaConverter, ProtobufConverter};
use watertight_data::testing::Shape;
use watertight_data::{DataError, Field, Schema, SchemaAndValue, Type, Value};

fn settings(pairs: &[(&str, &str)]) -> IndexMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn json(pairs: &[(&str, &str)], registry: &Arc<Memory>) -> JsonSchemaConverter {
    JsonSchemaConverter::new(&settings(pairs), false, registry.clone() as Arc<dyn SchemaRegistry>).unwrap()
}

fn protobuf(pairs: &[(&str, &str)], registry: &Arc<Memory>) -> ProtobufConverter {
    ProtobufConverter::new(&settings(pairs), false, registry.clone() as Arc<dyn SchemaRegistry>).unwrap()
}

/// Without what the registry adds and no record carries.
fn unversioned(pair: &SchemaAndValue) -> SchemaAndValue {
    let schema = pair.schema.as_ref().map(|schema| Arc::new(Schema { version: None, ..(**schema).clone() }));
    SchemaAndValue::new(schema, pair.value.clone())
}

fn registered(kind: SchemaKind, text: &str) -> Arc<Memory> {
    let registry = Arc::new(Memory::default());
    registry.put("t-value", 1, Definition::new(kind, text));
    registry
}

fn read(converter: &dyn Converter, datum: &[u8]) -> Result<SchemaAndValue, DataError> {
    let bytes: Vec<u8> = [0, 0, 0, 0, 1].into_iter().chain(datum.iter().copied()).collect();
    converter.to_connect("t", Some(&bytes))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_of_any_schema_survives_json_schema(pair in Shape::default().pair()) {
        for decimals in ["BASE64", "NUMERIC"] {
            let registry = Arc::new(Memory::default());
            let converter =
                json(&[("replace.null.with.default", "false"), ("decimal.format", decimals)], &registry);
            let bytes = converter.from_connect("t", pair.schema.as_ref(), pair.value.clone()).unwrap();
            let read = converter.to_connect("t", bytes.as_deref()).unwrap();
            prop_assert_eq!(unversioned(&read), unversioned(&pair), "{}", registry.text(1));
        }
    }

    #[test]
    fn fields_that_may_be_missing_survive_json_schema(pair in Shape { defaults: false, ..Shape::default() }.pair()) {
        let registry = Arc::new(Memory::default());
        let converter = json(&[("use.optional.for.nonrequired", "true")], &registry);
        let bytes = converter.from_connect("t", pair.schema.as_ref(), pair.value.clone()).unwrap();
        let read = converter.to_connect("t", bytes.as_deref()).unwrap();
        prop_assert_eq!(unversioned(&read), unversioned(&pair), "{}", registry.text(1));
    }

    #[test]
    fn any_value_that_protobuf_can_say_is_written_as_it_is_read(
        pair in Shape { defaults: false, ..Shape::default() }.pair()
    ) {
        let root = Schema::structure(vec![Field::new("it", pair.schema.unwrap())]).unwrap().with_name("a.Root").shared();
        let value = Value::Struct(vec![pair.value]);
        for options in [
            &[("scrub.invalid.names", "true")][..],
            &[("scrub.invalid.names", "true"), ("optional.for.nullables", "true")],
            &[("scrub.invalid.names", "true"), ("wrapper.for.nullables", "true")],
        ] {
            let registry = Arc::new(Memory::default());
            let converter = protobuf(options, &registry);
            let bytes = match converter.from_connect("t", Some(&root), value.clone()) {
                Ok(bytes) => bytes,
                // Protobuf has no array of arrays, no null in an array, and messages know their fields by name
                Err(error) if ["Array cannot be nested", "null", "Two ", "defined", "deeper", "duplicate", "camel"]
                    .iter().any(|known| error.message().contains(known)) => continue,
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            let read = converter.to_connect("t", bytes.as_deref()).map_err(|error| {
                TestCaseError::fail(format!("{error}: {}", registry.text(1)))
            })?;
            // names and nulls may have become others, but no further: what was read is written alike
            let again = converter.from_connect("u", read.schema.as_ref(), read.value.clone()).unwrap();
            prop_assert_eq!(&again.as_ref().unwrap()[5..], &bytes.as_ref().unwrap()[5..], "{}", registry.text(1));
            let reread = converter.to_connect("u", again.as_deref()).unwrap();
            prop_assert_eq!(unversioned(&reread), unversioned(&read));
        }
    }

    #[test]
    fn no_record_breaks_a_reader(datum in proptest::collection::vec(any::<u8>(), 0..120)) {
        let everything = registered(SchemaKind::Protobuf, EVERYTHING);
        let _ = read(&protobuf(&[], &everything), &[&[0], &datum[..]].concat());
        let _ = read(&protobuf(&[], &everything), &datum);
        let _ = read(&protobuf(&[("wrapper.for.nullables", "true")], &everything), &[&[0], &datum[..]].concat());
        let schema = r#"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"array","items":{}}}}"#;
        let _ = read(&json(&[], &registered(SchemaKind::Json, schema)), &datum);
        let _ = protobuf(&[], &everything).to_connect("t", Some(&datum));
        let _ = json(&[], &everything).to_connect("t", Some(&datum));
    }

    #[test]
    fn no_bytes_in_a_known_message_break_the_reader(
        parts in proptest::collection::vec((1u8..24, 0u8..6, proptest::collection::vec(any::<u8>(), 0..12)), 0..12)
    ) {
        let mut datum = vec![0];
        for (number, wire, bytes) in parts {
            let key = u32::from(number) << 3 | u32::from(wire);
            if key >= 128 {
                datum.extend([key as u8 | 128, (key >> 7) as u8]);
            } else {
                datum.push(key as u8);
            }
            if wire == 2 {
                datum.push(bytes.len() as u8);
            }
            datum.extend(bytes);
        }
        let _ = read(&protobuf(&[], &registered(SchemaKind::Protobuf, EVERYTHING)), &datum);
    }

    #[test]
    fn no_schema_breaks_a_reader(text in "[ -~]{0,60}", noise in any::<prop::sample::Index>()) {
        for kind in [SchemaKind::Protobuf, SchemaKind::Json] {
            let registry = registered(kind, &text);
            let _ = read(&protobuf(&[], &registry), &[0]);
            let _ = read(&json(&[], &registry), b"1");
        }
        let mut broken = EVERYTHING.as_bytes().to_vec();
        let at = noise.index(broken.len());
        broken.splice(at..at + 1, text.bytes().take(4));
        if let Ok(broken) = String::from_utf8(broken) {
            let _ = read(&protobuf(&[], &registered(SchemaKind::Protobuf, &broken)), &[0]);
        }
    }
}

/// Every kind of field.
const EVERYTHING: &str = r#"
syntax = "proto3";
package p;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/type/date.proto";
import "google/type/timeofday.proto";
import "confluent/type/decimal.proto";
message Everything {
  double a = 1;
  float b = 2;
  int32 c = 3;
  sint64 d = 4;
  fixed32 e = 5;
  sfixed64 f = 6;
  bool g = 7;
  string h = 8;
  bytes i = 9;
  Kind j = 10;
  Inner k = 11;
  repeated int32 l = 12;
  repeated Inner m = 13;
  map<string, int64> n = 14;
  map<int32, Inner> o = 15;
  oneof choice { string q = 16; Inner r = 17; }
  google.protobuf.Timestamp s = 18;
  google.type.Date t = 19;
  google.type.TimeOfDay u = 20;
  confluent.type.Decimal v = 21;
  google.protobuf.StringValue w = 22;
  optional uint32 x = 23;
  enum Kind { ZERO = 0; ONE = 1; }
  message Inner { string s = 1; repeated string t = 2; }
}
"#;

fn shared(fields: Vec<Field>, name: &str) -> Arc<Schema> {
    Schema::structure(fields).unwrap().with_name(name).shared()
}

fn optional(ty: Type) -> Arc<Schema> {
    Schema::optional(ty).shared()
}

#[test]
fn the_second_record_of_a_schema_asks_no_registry() {
    let schema = shared(vec![Field::new("a", optional(Type::Int32))], "n.R");
    let value = Value::Struct(vec![Value::Int32(5)]);
    let registry = Arc::new(Memory::default());
    let converters: [Box<dyn Converter>; 2] = [Box::new(json(&[], &registry)), Box::new(protobuf(&[], &registry))];
    for (topic, converter) in ["j", "p"].into_iter().zip(converters) {
        let first = converter.from_connect(topic, Some(&schema), value.clone()).unwrap();
        let read = converter.to_connect(topic, first.as_deref()).unwrap();
        assert_eq!(read.schema.as_ref().unwrap().version, Some(1));
        let asked = registry.asked();
        let second = converter.from_connect(topic, Some(&schema), value.clone()).unwrap();
        assert_eq!(second, first);
        let again = converter.to_connect(topic, second.as_deref()).unwrap();
        assert!(Arc::ptr_eq(again.schema.as_ref().unwrap(), read.schema.as_ref().unwrap()));
        assert_eq!(registry.asked(), asked);
    }
}

#[test]
fn nothing_is_registered_when_that_is_switched_off() {
    let schema = shared(vec![Field::new("a", optional(Type::Int32))], "n.R");
    let value = Value::Struct(vec![Value::Int32(5)]);
    let registry = Arc::new(Memory::default());
    let off = [("auto.register.schemas", "false")];
    let missing = json(&off, &registry).from_connect("t", Some(&schema), value.clone()).unwrap_err();
    assert!(missing.message().contains("Schema not found; error code: 40403"), "{missing}");
    let missing = protobuf(&off, &registry).from_connect("t", Some(&schema), value.clone()).unwrap_err();
    assert_eq!(missing.own_message(), "Failed to serialize Protobuf data from topic t : ");
    assert!(registry.latest("t-value").is_err());
}

#[test]
fn the_latest_version_decides_how_protobuf_is_written() {
    let text =
        "syntax = \"proto3\"; package n; message Other { string x = 1; } message R { int64 a = 7; string new = 9; }";
    let latest = [("auto.register.schemas", "false"), ("use.latest.version", "true")];
    let registry = registered(SchemaKind::Protobuf, text);
    let schema = shared(vec![Field::new("a", optional(Type::Int32))], "n.R");
    let bytes = protobuf(&latest, &registry).from_connect("t", Some(&schema), Value::Struct(vec![Value::Int32(5)]));
    assert_eq!(bytes.unwrap().unwrap(), [0, 0, 0, 0, 1, 2, 2, 0x38, 5]);
    let more = shared(vec![Field::new("a", optional(Type::Int32)), Field::new("b", optional(Type::Int32))], "n.R");
    let value = Value::Struct(vec![Value::Int32(5), Value::Int32(6)]);
    let refused = protobuf(&latest, &registry).from_connect("t", Some(&more), value.clone()).unwrap_err();
    assert!(refused.message().contains("n.R has no field b"), "{refused}");
    let lax = [latest[0], latest[1], ("latest.compatibility.strict", "false")];
    let bytes = protobuf(&lax, &registry).from_connect("t", Some(&more), value);
    assert_eq!(bytes.unwrap().unwrap(), [0, 0, 0, 0, 1, 2, 2, 0x38, 5]);
}

#[test]
fn the_latest_version_must_fit_json_unless_it_need_not() {
    let text = r#"{"type":"object","title":"R","properties":{"a":{"type":"string"}}}"#;
    let latest = [("auto.register.schemas", "false"), ("use.latest.version", "true")];
    let registry = registered(SchemaKind::Json, text);
    let schema = shared(vec![Field::new("a", Schema::new(Type::Int32).shared())], "R");
    let value = Value::Struct(vec![Value::Int32(5)]);
    let refused = json(&latest, &registry).from_connect("t", Some(&schema), value.clone()).unwrap_err();
    assert!(refused.message().contains("field a is INT32 here and STRING there"), "{refused}");
    let lax = [latest[0], latest[1], ("latest.compatibility.strict", "false")];
    let bytes = json(&lax, &registry).from_connect("t", Some(&schema), value).unwrap().unwrap();
    assert_eq!(bytes, b"\0\0\0\0\x01{\"a\":5}");
}

#[test]
fn subjects_follow_the_strategy() {
    let schema = shared(vec![Field::new("a", optional(Type::Int32))], "n.R");
    let registry = Arc::new(Memory::default());
    let strategy = [("value.subject.name.strategy", "io.confluent.kafka.serializers.subject.RecordNameStrategy")];
    let value = Value::Struct(vec![Value::Int32(5)]);
    protobuf(&strategy, &registry).from_connect("t", Some(&schema), value.clone()).unwrap();
    json(&strategy, &registry).from_connect("t", Some(&schema), value).unwrap();
    assert_eq!(registry.latest("n.R").unwrap().version, 2);
    let refused =
        json(&strategy, &registry).from_connect("t", Some(&optional(Type::Int32)), Value::Int32(1)).unwrap_err();
    assert!(refused.message().ends_with("the message value must only be a record schema"), "{refused}");
}

#[test]
fn schemas_that_contain_themselves_are_refused() {
    let text = "syntax = \"proto3\"; message A { B b = 1; } message B { A a = 1; }";
    let refused = read(&protobuf(&[], &registered(SchemaKind::Protobuf, text)), &[0]).unwrap_err();
    assert_eq!(refused.message(), "Protobuf message A contains itself; Connect has no recursive schemas");
    for text in [
        r##"{"type":"object","properties":{"a":{"$ref":"#"}}}"##,
        r##"{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}}"##,
    ] {
        let refused = read(&json(&[], &registered(SchemaKind::Json, text)), b"{}").unwrap_err();
        assert!(refused.message().contains("contains itself"), "{refused}");
    }
}

#[test]
fn schemas_that_double_at_each_step_are_refused() {
    let mut definitions = String::new();
    let mut messages = String::from("syntax = \"proto3\"; message M0 { string s = 1; }");
    for step in 1..40 {
        let before = step - 1;
        definitions.push_str(&format!(
            r##""d{step}":{{"type":"object","properties":{{"a":{{"$ref":"#/definitions/d{before}"}},"b":{{"$ref":"#/definitions/d{before}"}}}}}},"##
        ));
        messages = format!("{messages} message M{step} {{ M{before} a = 1; M{before} b = 2; }}");
    }
    let text = format!(r##"{{"$ref":"#/definitions/d39","definitions":{{{definitions}"d0":{{"type":"string"}}}}}}"##);
    let refused = read(&json(&[], &registered(SchemaKind::Json, &text)), b"{}").unwrap_err();
    assert!(refused.message().starts_with("JSON Schema is too large"), "{refused}");
    // message 39 of the file, in zigzag
    let refused = read(&protobuf(&[], &registered(SchemaKind::Protobuf, &messages)), &[2, 78]).unwrap_err();
    assert!(refused.message().contains("more than 50000 fields"), "{refused}");
}

#[test]
fn a_few_bytes_do_not_become_gigabytes() {
    let fields: String = (1..=1000).map(|number| format!("int64 f{number} = {number};")).collect();
    let text = format!("syntax = \"proto3\"; message A {{ repeated B b = 1; }} message B {{ {fields} }}");
    let datum: Vec<u8> = std::iter::once(0).chain([0x0A, 0].repeat(500_000)).collect();
    let refused = read(&protobuf(&[], &registered(SchemaKind::Protobuf, &text)), &datum).unwrap_err();
    assert!(refused.message().ends_with("the message becomes more than 10000000 values"), "{refused}");
}

#[test]
fn what_is_not_in_the_format_is_refused_in_the_serializers_words() {
    let registry = registered(SchemaKind::Protobuf, EVERYTHING);
    for (bytes, said) in [
        (&b""[..], "Unknown magic byte!"),
        (b"{\"a\":1}", "Unknown magic byte!"),
        (b"\0\0\0\0\x01", "The message indexes are cut short."),
        (b"\0\0\0\0\x01\x02\x14", "the Protobuf schema of id 1 has no message at the indexes [10]"),
        (b"\0\0\0\0\x01\0\x42\x05abc", "a field is longer than the message it is in"),
        (b"\0\0\0\0\x01\0\x42\x01\xff", "Protocol message had invalid UTF-8."),
        (b"\0\0\0\0\x09\0", "Schema not found; error code: 40403"),
    ] {
        let refused = protobuf(&[], &registry).to_connect("t", Some(bytes)).unwrap_err();
        assert!(refused.message().ends_with(said), "{refused}");
        assert_eq!(refused.own_message(), "Failed to deserialize data for topic t to Protobuf: ");
    }
    let refused = json(&[], &registry).to_connect("t", Some(b"{}")).unwrap_err();
    assert_eq!(
        refused.message(),
        "Converting byte[] to Kafka Connect data failed due to serialization error of topic t: \
         org.apache.kafka.common.errors.SerializationException: Unknown magic byte!"
    );
    assert!(json(&[], &registry).to_connect("t", Some(b"\0\0\0\0\x01{}")).is_err());
}

#[test]
fn null_is_nothing_and_settings_that_are_not_here_are_refused() {
    let registry = Arc::new(Memory::default());
    for converter in [&json(&[], &registry) as &dyn Converter, &protobuf(&[], &registry)] {
        assert_eq!(converter.from_connect("t", None, Value::Null).unwrap(), None);
        assert_eq!(converter.to_connect("t", None).unwrap(), SchemaAndValue::NULL);
    }
    assert_eq!(registry.asked(), 0);
    for (name, value) in [("json.fail.invalid.schema", "true"), ("decimal.format", "x")] {
        let registry = registry.clone() as Arc<dyn SchemaRegistry>;
        let refused = JsonSchemaConverter::new(&settings(&[(name, value)]), false, registry).unwrap_err();
        assert!(refused.message().contains(name), "{refused}");
    }
}

#[test]
fn numbers_that_json_has_no_word_for_survive_json_schema() {
    let registry = Arc::new(Memory::default());
    let schema = Schema::array(optional(Type::Float64)).shared();
    let value = Value::Array(vec![Value::Float64(f64::INFINITY), Value::Float64(f64::NEG_INFINITY)]);
    let converter = json(&[], &registry);
    let bytes = converter.from_connect("t", Some(&schema), value.clone()).unwrap().unwrap();
    assert_eq!(&bytes[5..], br#"["Infinity","-Infinity"]"#);
    assert_eq!(converter.to_connect("t", Some(&bytes)).unwrap().value, value);
}

#[test]
fn a_choice_comes_back_as_it_was() {
    let registry = Arc::new(Memory::default());
    let name = "io.confluent.connect.json.OneOf";
    let inner = Schema::structure(vec![Field::new("s", optional(Type::String))]).unwrap();
    let inner = inner.with_name("I").with_optional(true).shared();
    let union = shared(
        vec![
            Field::new(format!("{name}.field.0"), optional(Type::Int64)),
            Field::new(format!("{name}.field.1"), inner),
        ],
        name,
    );
    for value in [vec![Value::Int64(1), Value::Null], vec![Value::Null, Value::Struct(vec![Value::Null])]] {
        let converter = json(&[], &registry);
        let bytes = converter.from_connect("t", Some(&union), Value::Struct(value.clone())).unwrap();
        let read = converter.to_connect("t", bytes.as_deref()).unwrap();
        assert_eq!(unversioned(&read), SchemaAndValue::new(Some(union.clone()), Value::Struct(value)));
    }
}

#[test]
fn references_are_found_and_their_absence_is_said() {
    let registry = Arc::new(Memory::default());
    let reference = |name: &str| Reference { name: name.to_owned(), subject: "other".to_owned(), version: 1 };
    registry.put("other", 7, Definition::new(SchemaKind::Json, r#"{"type":"integer"}"#));
    let text = r#"{"type":"object","properties":{"a":{"$ref":"elsewhere.json"}}}"#;
    let definition =
        Definition { references: vec![reference("elsewhere.json")], ..Definition::new(SchemaKind::Json, text) };
    registry.put("t-value", 1, definition);
    assert_eq!(read(&json(&[], &registry), b"{\"a\":5}").unwrap().value, Value::Struct(vec![Value::Int64(5)]));
    registry.put("u-value", 2, Definition::new(SchemaKind::Json, text));
    let refused = json(&[], &registry).to_connect("u", Some(b"\0\0\0\0\x02{}")).unwrap_err();
    assert!(refused.message().contains("elsewhere.json"), "{refused}");
}
