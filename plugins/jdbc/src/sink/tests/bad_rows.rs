//! Rows that the database refuses, and records that cannot be rows.

use super::*;
use watertight_sdk::ids;

/// Refuses every statement in which one of these ids stands.
fn refusing(fake: &Fake, ids: &'static [i64]) {
    fake.react(move |_, values| {
        let bad = |node: &ValueNode| matches!(node, ValueNode::Integer(id) if ids.contains(id));
        match values.iter().any(bad) {
            true => Err(fault("sql", "22003", "integer out of range")),
            false => Ok(()),
        }
    });
}

fn people(count: i64) -> SinkBatch {
    values((0..count).map(|id| person(id, "x")).collect())
}

#[test]
fn without_a_reporter_the_record_at_fault_is_named_and_nothing_stays() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    refusing(&fake, &[5]);
    let failure = put(&mut task(&[]), people(8)).unwrap_err();
    assert_eq!(failure.message, "t-3@15: Cannot insert into table t: integer out of range (SQLSTATE 22003)");
    assert!(!failure.retriable);
    let done = fake.done();
    assert_eq!(done.last().map(String::as_str), Some("rollback"));
    assert!(!done.contains(&"commit".to_owned()));
}

#[test]
fn with_a_reporter_the_bad_rows_are_rejected_and_the_rest_is_written() {
    let fake = Fake::install("mariadb", &[("t", &["id", "name"])]);
    with_reporter();
    refusing(&fake, &[2, 5]);
    let report = put(&mut task(&[]), people(8)).unwrap();
    assert_eq!((report.taken, report.held.is_none()), (8, true));
    let rejected: Vec<(i64, &str)> =
        report.rejected.iter().map(|one| (one.offset, one.cause.message.as_str())).collect();
    assert_eq!(
        rejected,
        [
            (12, "t-3@12: Cannot insert into table t: integer out of range (SQLSTATE 22003)"),
            (15, "t-3@15: Cannot insert into table t: integer out of range (SQLSTATE 22003)"),
        ]
    );
    // What was not refused was written once.
    let mut written = Vec::new();
    for line in fake.done() {
        let (_, values) = line.split_once(" <- ").unwrap_or_default();
        let ids: Vec<i64> = values.split(" x").filter_map(|id| id.trim().parse().ok()).collect();
        if !ids.contains(&2) && !ids.contains(&5) {
            written.extend(ids);
        }
    }
    assert_eq!(written, [0, 1, 3, 4, 6, 7]);
}

#[test]
fn a_row_that_a_bad_one_had_replaced_is_written_after_all() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    with_reporter();
    fake.react(|_, values| match values.contains(&ValueNode::Text("bad".into())) {
        true => Err(fault("sql", "23514", "check")),
        false => Ok(()),
    });
    let mut task = task(&[("insert.mode", "upsert"), ("pk.mode", "record_value"), ("pk.fields", "id")]);
    let report = put(&mut task, values(vec![person(1, "good"), person(2, "x"), person(1, "bad")])).unwrap();
    assert_eq!(report.rejected.iter().map(|one| one.offset).collect::<Vec<_>>(), [12]);
    assert!(fake.done().iter().any(|line| line.ends_with("<- 1 good")));
}

#[test]
fn what_was_done_before_a_fault_among_bad_rows_is_taken() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    with_reporter();
    fake.react(|_, values| {
        let has = |id| values.contains(&ValueNode::Integer(id));
        if has(1) {
            Err(fault("sql", "23505", "duplicate"))
        } else if has(3) {
            Err(Fault { retriable: true, ..fault("sql", "53100", "disk full") })
        } else {
            Ok(())
        }
    });
    let report = put(&mut task(&[]), people(4)).unwrap();
    // 0 is written, 1 is bad; 2 and 3 were one part, which was undone.
    assert_eq!(report.taken, 2);
    assert_eq!(report.rejected.iter().map(|one| one.offset).collect::<Vec<_>>(), [11]);
    let held = report.held.unwrap();
    assert!(held.retriable && held.message.contains("disk full"), "{}", held.message);
}

#[test]
fn a_statement_that_only_fails_for_many_rows_is_no_error() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    fake.react(|sql, _| match sql.contains("$3") {
        true => Err(fault("sql", "21000", "cannot affect row a second time")),
        false => Ok(()),
    });
    let mut task = task(&[("insert.mode", "upsert"), ("pk.mode", "record_value"), ("pk.fields", "id")]);
    assert_eq!(put(&mut task, people(2)).unwrap().taken, 2);
    assert_eq!(fake.done().last().map(String::as_str), Some("commit"));
}

#[test]
fn a_constraint_that_is_checked_at_the_end_is_found_out_as_well() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    with_reporter();
    fake.parameters.set(2);
    let deferred = || fault("sql", "23503", "no such parent");
    // All together; the two halves; of the second half each row.
    *fake.commits.borrow_mut() = vec![deferred(), deferred()];
    let report = put(&mut task(&[]), people(2)).unwrap();
    assert_eq!((report.taken, report.rejected.len()), (2, 0));
    let done = fake.done();
    assert_eq!(done.iter().filter(|step| *step == "rollback").count(), 2, "{done:?}");
}

#[test]
fn records_that_cannot_be_rows_are_bad_alone() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    with_reporter();
    let nested = schema(&[("id", &[SchemaNode::new(Shape::StructOf(Vec::new()))])]);
    let records = vec![
        person(1, "a"),
        Datum::NULL,
        Datum::of(ids::NONE, Value::Text("plain".into())),
        Datum::of(ids::STRING, Value::Text("plain".into())),
        Datum::of(nested, Value::Tape(vec![ValueNode::Fields(1), ValueNode::Fields(0)])),
        person(2, "b"),
    ];
    let report = put(&mut task(&[]), values(records)).unwrap();
    assert_eq!(report.taken, 6);
    let why: Vec<&str> = report.rejected.iter().map(|one| one.cause.message.as_str()).collect();
    let needs =
        "delete.enabled=false and pk.mode=none require records with a non-null Struct value and a Struct schema";
    assert_eq!(why[0], format!("t-3@11: {needs}, but found a null value without schema"));
    assert_eq!(why[1], format!("t-3@12: {needs}, but found a value without schema"));
    assert_eq!(why[2], format!("t-3@13: {needs}, but found a STRING value"));
    assert!(why[3].contains("the field id is a struct, for which there is no column type"), "{}", why[3]);
    assert!(fake.done().last().unwrap().ends_with("x2 (integer,text) <- 1 a 2 b"));
}

#[test]
fn keys_that_are_missing_are_bad_records_too() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    with_reporter();
    let mut task = task(&[("pk.mode", "record_key"), ("pk.fields", "id"), ("delete.enabled", "true")]);
    let optional_key = |value| Datum::of(ids::optional(ids::INT64), value);
    let records = vec![
        (optional_key(Value::Integer(1)), person(1, "a")),
        (optional_key(Value::Null), person(1, "a")),
        (Datum::NULL, Datum::NULL),
        (optional_key(Value::Integer(2)), Datum::NULL),
    ];
    let report = put(&mut task, batch(records)).unwrap();
    assert_eq!(report.rejected.iter().map(|one| one.offset).collect::<Vec<_>>(), [11, 12]);
    assert!(report.rejected[0].cause.message.contains("requires records with a non-null key"));
    let done = fake.done();
    assert!(done.iter().any(|line| line.starts_with("DELETE") && line.ends_with("<- 2")), "{done:?}");
}

#[test]
fn a_bad_record_without_a_reporter_stops_before_anything_is_written() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    let failure = put(&mut task(&[]), values(vec![person(1, "a"), Datum::NULL])).unwrap_err();
    assert!(failure.message.starts_with("t-3@11: delete.enabled=false"), "{}", failure.message);
    assert_eq!(fake.done(), ["columns t"]);
}

#[test]
fn the_databases_words_are_left_out_where_they_shall_be() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    fake.react(|_, _| {
        let details = vec![("detail".into(), "Key (id)=(secret)".into()), ("constraint".into(), "t_pk".into())];
        Err(Fault { details, ..fault("sql", "23505", "Key (id)=(secret) exists") })
    });
    let failure = put(&mut task(&[("trim.sensitive.log", "true")]), people(1)).unwrap_err();
    let all = format!("{failure:?}{:?}", watertight_sdk::testing::logged("warn"));
    assert!(!all.contains("secret)"), "{all}");
    assert!(all.contains("SQLSTATE 23505") && all.contains("t_pk"), "{all}");
}
