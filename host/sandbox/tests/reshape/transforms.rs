//! Transforms, predicates and converters of the example plugin, and what the worker makes of their answers.

use std::sync::Arc;

use crate::support::*;
use watertight_data::record::{Origin, Record};
use watertight_data::schema::{Field, INT32, OPTIONAL_STRING, STRING, Schema, Type};
use watertight_data::value::{Decimal, SchemaAndValue, Value};
use watertight_sandbox::batch::{FromItem, Outcome, ToItem, data_error};
use watertight_sandbox::roles::Usage;

fn row() -> SchemaAndValue {
    let fields = vec![
        Field::new("id", INT32().clone()),
        Field::new("card", STRING().clone()),
        Field::new("list", Schema::array(STRING().clone()).shared()),
        Field::new("notes", OPTIONAL_STRING().clone()),
    ];
    let schema = Schema::structure(fields).unwrap().with_name("row").shared();
    let list = Value::Array(vec!["a".into(), "b".into()]);
    SchemaAndValue::new(Some(schema), Value::Struct(vec![Value::Int32(7), "4711".into(), list, Value::Null]))
}

fn changed(outcomes: Vec<Outcome>) -> Vec<Record> {
    let changed = |outcome| match outcome {
        Outcome::Changed(record) => record,
        other => panic!("{other:?}"),
    };
    outcomes.into_iter().map(changed).collect()
}

#[test]
fn a_chain_of_three_changes_structs_and_maps_as_kafkas_do() {
    RUNTIME.block_on(async {
        let mut insert = transform(
            &EXAMPLES,
            "watertight.example.InsertField$Value",
            &[("static.field", "origin"), ("static.value", "here")],
        )
        .await;
        let mut replace = transform(
            &EXAMPLES,
            "watertight.example.ReplaceField$Value",
            &[("exclude", "notes"), ("renames", "id:number")],
        )
        .await;
        let mut mask = transform(&EXAMPLES, "watertight.example.MaskField$Value", &[("fields", "card,list")]).await;
        let pairs = [("id", Value::Int64(7)), ("card", "4711".into()), ("notes", "n".into())];
        let map = Value::Map(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect());
        let mut records = vec![record(row()), record(SchemaAndValue::new(None, map))];
        for link in [&mut insert, &mut replace, &mut mask] {
            records = changed(link.transform_batch(records).await.unwrap());
        }
        let schema = records[0].value.schema.as_ref().unwrap();
        let names: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["number", "card", "list", "origin"]);
        assert_eq!(schema.name.as_deref(), Some("row"));
        assert!(schema.fields[3].schema.optional);
        let masked = vec![Value::Int32(7), "".into(), Value::Array(vec![]), "here".into()];
        assert_eq!(records[0].value.value, Value::Struct(masked));
        let pairs = [("number", Value::Int64(7)), ("card", "".into()), ("origin", "here".into())];
        let map = Value::Map(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect());
        assert_eq!(records[1].value, SchemaAndValue::new(None, map));
        assert_eq!(records[0].partition, Some(3));
        assert!(matches!(records[0].origin, Origin::Sink { offset: 42, .. }));
        insert.close().await.unwrap();
    });
}

#[test]
fn a_record_that_is_left_alone_is_the_one_that_was_given() {
    RUNTIME.block_on(async {
        let mut upper = transform(&TESTS, "watertight.test.Upper$Value", &[]).await;
        let sent = texts(&["LOUD", "quiet"]);
        let schema = Arc::as_ptr(sent[0].value.schema.as_ref().unwrap());
        let mut outcomes = upper.transform_batch(sent).await.unwrap();
        match outcomes.remove(0) {
            Outcome::Unchanged(record) => assert_eq!(Arc::as_ptr(record.value.schema.as_ref().unwrap()), schema),
            other => panic!("{other:?}"),
        }
        assert_eq!(changed(outcomes)[0].value, text("QUIET"));
    });
}

#[test]
fn what_a_transform_cannot_take_fails_one_record_in_kafkas_words() {
    RUNTIME.block_on(async {
        let settings = [("static.field", "f"), ("static.value", "v")];
        let mut insert = transform(&EXAMPLES, "watertight.example.InsertField$Value", &settings).await;
        let tombstone = record(SchemaAndValue::NULL);
        let mut outcomes = insert.transform_batch(vec![record(row()), record(text("x")), tombstone]).await.unwrap();
        assert!(matches!(outcomes.remove(0), Outcome::Changed(_)));
        let Outcome::Failed { failure, record } = outcomes.remove(0) else { panic!("text is no struct") };
        assert_eq!(failure.message, "Only Struct objects supported for [field insertion], found: java.lang.String");
        assert_eq!(data_error(failure).class(), "org.apache.kafka.connect.errors.DataException");
        assert_eq!(record.value, text("x"));
        assert!(matches!(outcomes.remove(0), Outcome::Unchanged(_)));
    });
}

#[test]
fn records_of_many_topics_keep_theirs_and_new_ones_may_come() {
    RUNTIME.block_on(async {
        let mut identity = transform(&TESTS, "watertight.test.Identity", &[]).await;
        let topics = ["a", "b", "a", "c"];
        let sent: Vec<Record> =
            topics.iter().map(|topic| Record { topic: (*topic).into(), ..record(text("x")) }).collect();
        assert_eq!(changed(identity.transform_batch(sent.clone()).await.unwrap()), sent);
        let mut moves = transform(&TESTS, "watertight.test.Faulty", &[("fault", "new-topic")]).await;
        for moved in changed(moves.transform_batch(sent).await.unwrap()) {
            assert_eq!(&*moved.topic, "elsewhere");
        }
    });
}

#[test]
fn a_large_batch_goes_in_several_calls_and_comes_back_whole() {
    RUNTIME.block_on(async {
        let mut identity = transform(&TESTS, "watertight.test.Identity", &[]).await;
        let many: Vec<Record> = (0..2_500).map(|n| record(text(&n.to_string()))).collect();
        assert_eq!(changed(identity.transform_batch(many.clone()).await.unwrap()), many);
        // 40 MiB would fit neither into the guest's memory nor into one answer.
        let large: Vec<Record> = (0..40).map(|_| record(text(&"x".repeat(1 << 20)))).collect();
        assert_eq!(changed(identity.transform_batch(large.clone()).await.unwrap()), large);
        assert!(identity.transform_batch(Vec::new()).await.unwrap().is_empty());
    });
}

#[test]
fn an_integer_beyond_2_to_the_53_fails_its_record_and_no_other() {
    RUNTIME.block_on(async {
        let mut exact = transform(&TESTS, "watertight.test.ExactIdentity", &[]).await;
        let number = |n| record(SchemaAndValue::new(None, Value::Map(vec![("n".into(), Value::Int64(n))])));
        let beyond = (1 << 53) + 1;
        let late = Record { timestamp: Some(beyond), ..number(1) };
        let outcomes = exact.transform_batch(vec![number(1), number(beyond), late, number(1 << 53)]).await.unwrap();
        let message = |outcome: &Outcome| match outcome {
            Outcome::Failed { failure, record } => {
                assert_eq!(record.value.schema, None);
                failure.message.clone()
            }
            other => panic!("{other:?}"),
        };
        assert!(matches!((&outcomes[0], &outcomes[3]), (Outcome::Changed(_), Outcome::Changed(_))));
        assert_eq!(
            message(&outcomes[1]),
            "The value of the record cannot be handed to the plugin: the integer 9007199254740993 is beyond 2^53: \
             the plugin's language (feature exact-to-2^53) would round it"
        );
        assert!(message(&outcomes[2]).starts_with("The timestamp of the record cannot be handed to the plugin"));
    });
}

#[test]
fn what_the_contract_cannot_say_fails_its_record_and_is_not_bent() {
    RUNTIME.block_on(async {
        let mut identity = transform(&TESTS, "watertight.test.Identity", &[]).await;
        let decimal = Value::Array(vec![Value::Decimal(Decimal { unscaled: vec![1], scale: 2 })]);
        let day = Schema::new(Type::Int32).with_name("org.apache.kafka.connect.data.Date").with_version(1).shared();
        let sent = vec![
            record(SchemaAndValue::new(None, decimal)),
            record(SchemaAndValue::new(Some(day), Value::Date(1))),
            record(text("x")),
        ];
        let outcomes = identity.transform_batch(sent).await.unwrap();
        for (outcome, reason) in outcomes.iter().zip([
            "a decimal without a schema has no place for its scale",
            "Kafka Connect Date type should not have any time fields set to non-zero values.",
        ]) {
            let Outcome::Failed { failure, .. } = outcome else { panic!("{outcome:?}") };
            assert!(failure.message.ends_with(reason), "{}", failure.message);
        }
        assert!(matches!(outcomes[2], Outcome::Changed(_)));
    });
}

#[test]
fn a_predicate_answers_for_each_record() {
    RUNTIME.block_on(async {
        let mut matches =
            predicate(&EXAMPLES, "watertight.example.TopicNameMatches", &[("pattern", "orders-.*")]).await;
        let topics = ["orders-1", "my-orders-1", "orders-"];
        let sent: Vec<Record> =
            topics.iter().map(|topic| Record { topic: (*topic).into(), ..record(text("x")) }).collect();
        assert_eq!(matches.test_batch(&sent).await.unwrap(), [Ok(true), Ok(false), Ok(true)]);
    });
}

#[test]
fn a_converter_is_told_topic_header_and_usage() {
    RUNTIME.block_on(async {
        let name = "watertight.test.TagConverter";
        let value = text("x");
        let items = [
            FromItem { topic: "a", header_name: "", datum: &value },
            FromItem { topic: "b", header_name: "h", datum: &SchemaAndValue::NULL },
            FromItem { topic: "b", header_name: "h", datum: &value },
        ];
        let mut tag = converter(&TESTS, name, &[], Usage::Header).await;
        let encoded = tag.from_connect(&items).await.unwrap();
        let bytes: Vec<Option<&[u8]>> = encoded.iter().map(|one| one.as_ref().unwrap().bytes.as_deref()).collect();
        assert_eq!(bytes, [Some(&b"header|a||x"[..]), None, Some(b"header|b|h|x")]);
        assert_eq!(encoded[0].as_ref().unwrap().add_headers, [("converted-by".to_owned(), Some(b"tag".to_vec()))]);
        let headers = [("one".to_owned(), None), ("two".to_owned(), Some(vec![1]))];
        let mut tag = converter(&TESTS, name, &[], Usage::Value).await;
        let items = [
            ToItem { topic: "a", header_name: "", bytes: Some(b"x"), headers: &headers },
            ToItem { topic: "a", header_name: "", bytes: None, headers: &[] },
            ToItem { topic: "a", header_name: "", bytes: Some(&[0xff]), headers: &[] },
        ];
        let decoded = tag.to_connect(&items).await.unwrap();
        assert_eq!(decoded[0].as_ref().unwrap(), &text("value|a||one+two|x"));
        assert_eq!(decoded[1].as_ref().unwrap(), &SchemaAndValue::NULL);
        assert_eq!(decoded[2].as_ref().unwrap_err().code, "data");
    });
}

#[test]
fn one_converter_serves_values_and_headers() {
    RUNTIME.block_on(async {
        let name = "watertight.example.UpperTextConverter";
        for usage in [Usage::Key, Usage::Value, Usage::Header] {
            let mut upper = converter(&EXAMPLES, name, &[], usage).await;
            let value = text("ab");
            let items = [FromItem { topic: "t", header_name: "", datum: &value }];
            let encoded = upper.from_connect(&items).await.unwrap().remove(0).unwrap();
            assert_eq!(encoded.bytes.as_deref(), Some(&b"AB"[..]));
        }
        let roles: Vec<&str> =
            EXAMPLES.classes.iter().filter(|class| class.name == name).map(|class| class.role.as_str()).collect();
        assert_eq!(roles, ["converter", "header_converter"]);
    });
}

#[test]
fn what_a_plugin_says_of_its_settings_is_heard() {
    RUNTIME.block_on(async {
        let mut faulty = TESTS.transformation(setup()).await.unwrap();
        let said = faulty.validate("watertight.test.Faulty", &config(&[("fault", "unwanted")])).await.unwrap();
        assert_eq!(said[0].errors, ["unwanted faults are not wanted"]);
        let class = class(&TESTS, "watertight.test.Faulty");
        let refused = faulty.configure(class, &config(&[("fault", "refuse")])).await.unwrap_err();
        assert_eq!(refused.to_string(), "refused on purpose");
    });
}
