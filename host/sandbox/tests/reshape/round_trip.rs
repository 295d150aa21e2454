//! Any value of any schema survives guest -> host -> converter -> host -> guest. The guest takes every datum apart
//! and answers with one that it built anew, so that what is compared has really been across.

use std::sync::{LazyLock, Mutex};

use crate::support::*;
use indexmap::IndexMap;
use proptest::prelude::*;
use watertight_data::converter::{Converter, JsonConverter};
use watertight_data::record::{Record, RecordHeader};
use watertight_data::testing::{self, Shape};
use watertight_data::value::{SchemaAndValue, Value};
use watertight_sandbox::batch::Outcome;
use watertight_sandbox::roles::Transformation;

/// One instance for all values: its table of schemas is part of what is tried.
struct Guest(Mutex<Transformation>);

impl Guest {
    fn new(class: &str) -> Self {
        Self(Mutex::new(RUNTIME.block_on(transform(&TESTS, class, &[]))))
    }

    fn across(&self, records: Vec<Record>) -> Vec<Record> {
        let outcomes = RUNTIME.block_on(self.0.lock().unwrap().transform_batch(records)).unwrap();
        let changed = |outcome| match outcome {
            Outcome::Changed(record) => record,
            other => panic!("not rebuilt: {other:?}"),
        };
        outcomes.into_iter().map(changed).collect()
    }
}

static IDENTITY: LazyLock<Guest> = LazyLock::new(|| Guest::new("watertight.test.Identity"));
static JSON: LazyLock<Guest> = LazyLock::new(|| Guest::new("watertight.test.JsonIdentity"));

fn json_converter(schemas: bool) -> JsonConverter {
    let settings: IndexMap<String, String> = [("schemas.enable".to_owned(), schemas.to_string())].into_iter().collect();
    JsonConverter::new(&settings).unwrap()
}

/// Everything that a format can say and a few things that JSON cannot.
fn wide() -> Shape {
    Shape { odd_floats: true, ..Shape::default() }
}

fn datum() -> impl Strategy<Value = SchemaAndValue> {
    prop_oneof![
        4 => wide().pair(),
        1 => wide().schemaless().prop_map(|value| SchemaAndValue::new(None, value)),
    ]
}

fn any_record() -> impl Strategy<Value = Record> {
    let header = (testing::text(), datum()).prop_map(|(key, value)| RecordHeader { key, value });
    let timestamp = proptest::option::of(any::<i64>());
    let partition = proptest::option::of(any::<i32>());
    (datum(), datum(), proptest::collection::vec(header, 0..3), timestamp, partition).prop_map(
        |(key, value, headers, timestamp, partition)| Record { key, headers, timestamp, partition, ..record(value) },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_record_comes_back_from_a_guest_that_rebuilds_it(
        records in proptest::collection::vec(any_record(), 1..4),
    ) {
        prop_assert_eq!(IDENTITY.across(records.clone()), records);
    }

    #[test]
    fn every_value_survives_guest_converter_and_guest(pair in Shape::default().pair()) {
        let converter = json_converter(true);
        let out = IDENTITY.across(vec![record(pair.clone())]).remove(0).value;
        prop_assert_eq!(&out, &pair);
        let bytes = converter.from_connect("topic", out.schema.as_ref(), out.value).unwrap();
        let read = converter.to_connect("topic", bytes.as_deref()).unwrap();
        let back = IDENTITY.across(vec![record(read.clone())]).remove(0).value;
        prop_assert_eq!(&back, &read, "across the boundary");
        // What JSON itself loses is the business of the converter's own tests.
        let direct = converter.from_connect("topic", pair.schema.as_ref(), pair.value.clone()).unwrap();
        prop_assert_eq!(converter.to_connect("topic", direct.as_deref()).unwrap(), back);
    }

    #[test]
    fn schemaless_values_survive_as_json_text_and_as_tapes(value in Shape::default().schemaless()) {
        let sent = SchemaAndValue::new(None, value);
        prop_assert_eq!(&JSON.across(vec![record(sent.clone())]).remove(0).value, &sent);
        prop_assert_eq!(&IDENTITY.across(vec![record(sent.clone())]).remove(0).value, &sent);
    }
}

#[test]
fn a_schema_that_comes_back_is_the_same_one_so_that_converters_know_it_again() {
    let schema = watertight_data::schema::Schema::array(watertight_data::schema::INT64().clone()).shared();
    let value = SchemaAndValue::new(Some(schema.clone()), Value::Array(vec![Value::Int64(1)]));
    let back = IDENTITY.across(vec![record(value)]).remove(0).value.schema.unwrap();
    let again = SchemaAndValue::new(Some(back.clone()), Value::Array(vec![]));
    let again = IDENTITY.across(vec![record(again)]).remove(0).value.schema.unwrap();
    assert!(std::sync::Arc::ptr_eq(&back, &again));
}
