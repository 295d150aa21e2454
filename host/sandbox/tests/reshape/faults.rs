//! Transforms, predicates and converters that do something wrong: what makes a batch unreadable is the end of the
//! instance, what is wrong with one value fails one record.

use crate::support::*;
use watertight_sandbox::batch::{FromItem, Outcome, ToItem};
use watertight_sandbox::error::GuestError;
use watertight_sandbox::roles::{Transformation, Usage};

const CLASS: &str = "watertight.test.Faulty";

async fn faulty(fault: &str) -> Transformation {
    transform(&TESTS, CLASS, &[("fault", fault)]).await
}

/// What a batch of four, the second of them `bad`, ends with, after which the instance is of no more use.
fn end_of(fault: &str) -> GuestError {
    RUNTIME.block_on(async {
        let mut transform = faulty(fault).await;
        let error = transform.transform_batch(texts(&["a", "bad", "c", "d"])).await.unwrap_err();
        let after = transform.transform_batch(texts(&["a"])).await.unwrap_err();
        assert_eq!(
            after.to_string(),
            format!("transformation {CLASS}: the plugin's instance is gone since an earlier call; apply was not made")
        );
        error
    })
}

#[test]
fn an_answer_that_does_not_fit_the_batch_ends_the_instance() {
    for (fault, message) in [
        ("too-few", "it was given 4 records and answered 3"),
        ("too-many", "it was given 4 records and answered 5"),
        ("bad-topic", "a record's topic is number 99, there are 1"),
    ] {
        let expected = format!("transformation {CLASS}: the plugin answered apply against the contract: {message}");
        assert_eq!(end_of(fault).to_string(), expected);
    }
}

#[test]
fn a_limit_that_is_broken_is_named_with_the_class() {
    for (fault, key) in [("loop", "sandbox.cpu.call.ms"), ("allocate", "sandbox.memory.bytes")] {
        let message = end_of(fault).to_string();
        assert!(message.contains(key) && message.contains(CLASS) && message.contains(" apply"), "{message}");
    }
    RUNTIME.block_on(async {
        let values: Vec<&str> = vec!["a"; 20];
        let error = faulty("too-many-bytes").await.transform_batch(texts(&values)).await.unwrap_err();
        assert!(error.to_string().contains("sandbox.batch.bytes"), "{error}");
    });
}

#[test]
fn a_trap_says_where_and_why() {
    let error = end_of("trap-on-third");
    assert!(
        error.to_string().starts_with(&format!("transformation {CLASS}: the plugin trapped in apply: ")),
        "{error}"
    );
    assert!(error.trace().contains("faults::Faulty"), "{}", error.trace());
}

#[test]
fn a_value_that_does_not_hold_fails_its_record_and_no_other() {
    for (fault, message) in [
        ("deep-tape", "the value is nested deeper than 64 levels"),
        ("short-tape", "the tape ends before its counts say"),
        ("long-tape", "the tape goes on after its end: 1 nodes too many"),
        ("wrong-type", "a text does not fit the schema INT32"),
        ("out-of-range", "128 is out of the range of INT8"),
        ("unknown-schema", "schema 4711 was never defined, or was forgotten"),
        ("null-where-required", "null where the schema STRING is required"),
    ] {
        RUNTIME.block_on(async {
            let mut transform = faulty(fault).await;
            let mut outcomes = transform.transform_batch(texts(&["a", "bad", "c"])).await.unwrap();
            assert!(matches!(outcomes.remove(0), Outcome::Unchanged(_)), "{fault}");
            let Outcome::Failed { failure, record } = outcomes.remove(0) else { panic!("{fault} was taken") };
            assert_eq!(failure.message, format!("The value of the record that the plugin made: {message}"));
            assert_eq!((failure.code.as_str(), failure.retriable), ("data", false));
            assert_eq!(record.value, text("bad"), "the record is as it was");
            assert!(matches!(outcomes.remove(0), Outcome::Unchanged(_)), "{fault}");
            assert!(transform.transform_batch(texts(&["a"])).await.is_ok(), "the instance lives on after {fault}");
        });
    }
}

#[test]
fn a_record_may_fail_by_itself_or_be_dropped() {
    RUNTIME.block_on(async {
        let mut outcomes = faulty("fail-bad").await.transform_batch(texts(&["a", "bad"])).await.unwrap();
        let Some(Outcome::Failed { failure, .. }) = outcomes.pop() else { panic!("it fails") };
        assert_eq!(failure.message, "this record is bad");
        let mut outcomes = faulty("drop-bad").await.transform_batch(texts(&["a", "bad"])).await.unwrap();
        assert!(matches!(outcomes.pop(), Some(Outcome::Dropped)));
    });
}

#[test]
fn a_failure_that_passes_can_be_tried_again() {
    RUNTIME.block_on(async {
        for fault in ["retry", "retry-batch"] {
            let mut transform = faulty(fault).await;
            let mut left = texts(&["a"]);
            for attempt in 0..3 {
                match transform.transform_batch(left).await.unwrap().remove(0) {
                    Outcome::Failed { failure, record } => {
                        assert!(failure.retriable && attempt < 2, "{fault}");
                        left = vec![record];
                    }
                    Outcome::Unchanged(_) => {
                        assert_eq!(attempt, 2, "{fault}");
                        break;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    });
}

#[test]
fn a_failure_of_a_call_is_one_of_each_of_its_records() {
    RUNTIME.block_on(async {
        let outcomes = faulty("fail-batch").await.transform_batch(texts(&["a", "b"])).await.unwrap();
        let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed { failure, .. } if failure.message == "the whole batch is wrong");
        assert!(outcomes.len() == 2 && outcomes.iter().all(failed));
    });
}

#[test]
fn a_float_that_was_an_integer_beyond_2_to_the_53_is_refused_from_a_guest_without_integers() {
    // From any other guest it is a float.
    RUNTIME.block_on(async {
        let outcomes = faulty("inexact").await.transform_batch(texts(&["a"])).await.unwrap();
        assert!(matches!(outcomes[0], Outcome::Changed(_)));
        let mut declared = class(&TESTS, CLASS).clone();
        declared.features.push(watertight_sandbox::exact::FEATURE.to_owned());
        let mut transform = TESTS.transformation(setup()).await.unwrap();
        transform.configure(&declared, &config(&[("fault", "inexact")])).await.unwrap();
        let outcomes = transform.transform_batch(texts(&["a"])).await.unwrap();
        let Outcome::Failed { failure, .. } = &outcomes[0] else { panic!("it was taken") };
        assert!(failure.message.contains("9007199254740994 is beyond 2^53"), "{}", failure.message);
    });
}

#[test]
fn a_predicate_that_does_not_answer_for_each_record_is_at_its_end() {
    RUNTIME.block_on(async {
        let name = "watertight.test.FaultyPredicate";
        let mut few = predicate(&TESTS, name, &[("fault", "too-few")]).await;
        let error = few.test_batch(&texts(&["a", "b"])).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "predicate {name}: the plugin answered test against the contract: it was given 2 records and answered 1"
            )
        );
        for fault in ["loop", "trap"] {
            let mut bad = predicate(&TESTS, name, &[("fault", fault)]).await;
            assert!(bad.test_batch(&texts(&["a"])).await.is_err(), "{fault}");
            assert!(bad.guest.is_gone());
        }
        let mut good = predicate(&TESTS, name, &[("fault", "fail-bad")]).await;
        let answers = good.test_batch(&texts(&["a", "bad"])).await.unwrap();
        assert_eq!(answers[0], Ok(false));
        assert_eq!(answers[1].as_ref().unwrap_err().message, "this record is bad");
    });
}

#[test]
fn a_converters_answer_is_checked_both_ways() {
    let name = "watertight.test.FaultyConverter";
    let bytes = |bytes: &'static [u8]| ToItem { topic: "t", header_name: "", bytes: Some(bytes), headers: &[] };
    RUNTIME.block_on(async {
        let value = text("abc");
        let items = [FromItem { topic: "t", header_name: "", datum: &value }; 2];
        for (fault, expected) in
            [("too-few", "it was given 2 records and answered 1"), ("trap", "trapped"), ("loop", "sandbox.cpu.call.ms")]
        {
            let mut bad = converter(&TESTS, name, &[("fault", fault)], Usage::Value).await;
            let error = bad.from_connect(&items).await.unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(name), "{error}");
            let mut bad = converter(&TESTS, name, &[("fault", fault)], Usage::Value).await;
            let error = bad.to_connect(&[bytes(b"a"), bytes(b"b")]).await.unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(name), "{error}");
        }
        let items = vec![items[0]; 8];
        let mut bad = converter(&TESTS, name, &[("fault", "too-many-bytes")], Usage::Value).await;
        let error = bad.from_connect(&items).await.unwrap_err().to_string();
        assert!(error.contains("sandbox.batch.bytes") || error.contains("sandbox.memory.bytes"), "{error}");
        for (fault, message) in [
            ("deep-tape", "the value is nested deeper than 64 levels"),
            ("short-tape", "the tape ends before its counts say"),
            ("out-of-range", "128 is out of the range of INT8"),
        ] {
            let mut bad = converter(&TESTS, name, &[("fault", fault)], Usage::Value).await;
            let decoded = bad.to_connect(&[bytes(b"a"), bytes(b"bad")]).await.unwrap();
            assert!(decoded[0].is_ok());
            let failure = decoded[1].as_ref().unwrap_err();
            assert_eq!(failure.message, format!("The value that the plugin made: {message}"));
        }
    });
}
