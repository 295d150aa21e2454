//! Offsets, batches, and what becomes of trouble.

use watertight_sdk::sql::{Column, Fault};
use watertight_sdk::{
    Checkpoint, Config, PollLimits, Position, Scalar, SourceBatch, SourceTask, Value, ValueNode, testing,
};

use super::super::{JdbcSourceTask, offset};
use super::{Shop, column, config};

const LIMITS: PollLimits = PollLimits { max_records: 1_000, max_bytes: 1 << 20, max_ms: 1_000 };

fn task(pairs: &[(&str, &str)]) -> JdbcSourceTask {
    let config: Config = config(pairs).with("tables", "\"public\".\"orders\"");
    let mut task = JdbcSourceTask::default();
    task.start(&config).unwrap();
    task
}

/// Text of each row with its offset.
fn sent(batch: &SourceBatch) -> Vec<(String, Vec<i64>)> {
    let record = |record: &watertight_sdk::SourceRecord| {
        let Value::Tape(row) = &record.message.value.value else { panic!("not a row") };
        let Some(ValueNode::Text(text)) = row.last() else { panic!("no text") };
        let offset = match &record.checkpoint {
            Checkpoint::At(values) => values.iter().map(integer).collect(),
            Checkpoint::Keep => Vec::new(),
            Checkpoint::Forget => panic!("nothing is forgotten"),
        };
        (text.clone(), offset)
    };
    batch.records.iter().map(record).collect()
}

fn integer(scalar: &Scalar) -> i64 {
    match scalar {
        Scalar::Integer(number) => *number,
        other => panic!("{other:?}"),
    }
}

fn poll(task: &mut JdbcSourceTask) -> Vec<(String, Vec<i64>)> {
    sent(&task.poll(&LIMITS).unwrap())
}

/// As the worker stores them after the last of these records.
fn store(batch: &SourceBatch) {
    let place = &batch.source_partitions[0];
    let last = batch.records.iter().rev().find_map(|record| match &record.checkpoint {
        Checkpoint::At(values) => Some(values.clone()),
        Checkpoint::Keep | Checkpoint::Forget => None,
    });
    let Some(values) = last else { return };
    let offset: Position = place.offset_fields.iter().cloned().zip(values).collect();
    testing::context(|context| context.offsets.push((place.partition.clone(), offset)));
}

fn row(text: &str, offset: &[i64]) -> (String, Vec<i64>) {
    (text.to_owned(), offset.to_vec())
}

#[test]
fn new_rows_come_once_each_with_its_number() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 10, "a"), (2, 20, "b")]);
    let mut task = task(&[]);
    let batch = task.poll(&LIMITS).unwrap();
    assert_eq!(sent(&batch), [row("a", &[1]), row("b", &[2])]);
    assert_eq!(batch.topics, ["shop-orders"]);
    assert_eq!(batch.source_partitions[0].partition, offset::of_table("public.orders"));
    shop.rows.borrow_mut().push((3, 30, "c"));
    assert_eq!(poll(&mut task), [row("c", &[3])]);
    assert_eq!(shop.statements()[0], "SELECT * FROM \"public\".\"orders\" WHERE \"id\" > $1 ORDER BY \"id\" ASC");
}

#[test]
fn a_result_stays_open_across_polls() {
    let shop = Shop::open();
    shop.rows.replace((1..=5).map(|id| (id, id, "x")).collect());
    let mut task = task(&[("batch.max.rows", "2")]);
    let sizes: Vec<usize> = (0..3).map(|_| task.poll(&LIMITS).unwrap().records.len()).collect();
    assert_eq!((sizes, shop.statements().len()), (vec![2, 2, 1], 1));
    let small = PollLimits { max_records: 1, ..LIMITS };
    shop.rows.borrow_mut().extend([(6, 6, "y"), (7, 7, "z")]);
    assert_eq!(task.poll(&small).unwrap().records.len(), 1);
}

#[test]
fn a_task_goes_on_where_any_connector_stopped() {
    for partition in
        [offset::of_table("public.orders"), offset::of_table("shop.public.orders"), offset::of_table_before("orders")]
    {
        let shop = Shop::open();
        shop.rows.replace(vec![(1, 10, "a"), (2, 20, "b")]);
        let stored = vec![("incrementing".to_owned(), Scalar::Integer(1))];
        testing::context(|context| context.offsets = vec![(partition.clone(), stored)]);
        assert_eq!(poll(&mut task(&[])), [row("b", &[2])], "{partition:?}");
    }
}

#[test]
fn an_older_partition_is_left_for_the_newer_and_a_newer_one_is_kept() {
    let shop = Shop::open();
    shop.rows.replace(vec![(2, 20, "b")]);
    for (stored, written) in [
        (offset::of_table_before("orders"), offset::of_table("public.orders")),
        (offset::of_table("shop.public.orders"), offset::of_table("shop.public.orders")),
    ] {
        let one = vec![("incrementing".to_owned(), Scalar::Integer(1))];
        testing::context(|context| context.offsets = vec![(stored, one)]);
        assert_eq!(task(&[]).poll(&LIMITS).unwrap().source_partitions[0].partition, written);
    }
}

#[test]
fn a_time_is_stored_only_with_the_last_row_that_has_it() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 1_000, "a"), (2, 2_000, "b"), (3, 2_000, "c"), (4, 2_000, "d"), (5, 3_000, "e")]);
    let settings = [("mode", "timestamp"), ("timestamp.column.name", "at"), ("batch.max.rows", "2")];
    let mut one = task(&settings);
    let mut all = Vec::new();
    for _ in 0..3 {
        all.extend(poll(&mut one));
    }
    let nothing = row("a", &[1, 1_000_000]);
    assert_eq!(
        all,
        [
            nothing,
            row("b", &[1, 1_000_000]),
            row("c", &[1, 1_000_000]),
            row("d", &[2, 2_000_000]),
            row("e", &[3, 3_000_000])
        ]
    );
    // Killed after c: the others of its time come again, none is missed.
    let mut two = task(&settings);
    store(&two.poll(&LIMITS).unwrap());
    store(&two.poll(&LIMITS).unwrap());
    let again: Vec<String> = poll(&mut task(&settings)).into_iter().map(|(text, _)| text).collect();
    assert_eq!(again[0], "b");
}

#[test]
fn rows_of_the_first_time_have_no_offset_until_it_is_complete() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 1_000, "a"), (2, 1_000, "b")]);
    let mut task = task(&[("mode", "timestamp"), ("timestamp.column.name", "at")]);
    assert_eq!(poll(&mut task), [row("a", &[]), row("b", &[1, 1_000_000])]);
}

#[test]
fn a_time_with_a_number_is_an_exact_place() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 1_000, "a"), (2, 1_000, "b"), (3, 1_000, "c")]);
    let settings = [("mode", "timestamp+incrementing"), ("timestamp.column.name", "at"), ("batch.max.rows", "2")];
    let first = task(&settings).poll(&LIMITS).unwrap();
    assert_eq!(sent(&first)[1], row("b", &[2, 1, 1_000_000]));
    store(&first);
    assert_eq!(poll(&mut task(&settings)), [row("c", &[3, 1, 1_000_000])]);
    shop.rows.borrow_mut()[0] = (1, 2_000, "a changed");
    assert_eq!(poll(&mut task(&settings)), [row("c", &[3, 1, 1_000_000]), row("a changed", &[1, 2, 2_000_000])]);
}

#[test]
fn microseconds_order_rows_and_records_have_milliseconds() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 1_000_123, "a")]);
    let mut task = task(&[("mode", "timestamp"), ("timestamp.column.name", "at")]);
    let batch = task.poll(&LIMITS).unwrap();
    let Value::Tape(row) = &batch.records[0].message.value.value else { panic!("not a row") };
    assert_eq!(row[2], ValueNode::Integer(1_000));
    assert_eq!(sent(&batch)[0].1, [1_000, 123_000]);
    assert!(shop.forms.borrow().contains(&vec!["integer".into(), "timestamp:micros@UTC".into(), "text".into()]));
}

#[test]
fn rows_younger_than_the_delay_wait() {
    let shop = Shop::open();
    shop.now.set(10_000_000);
    shop.rows.replace(vec![(1, 4_999_999, "old"), (2, 5_000_000, "young")]);
    let settings = [("mode", "timestamp"), ("timestamp.column.name", "at"), ("timestamp.delay.interval.ms", "5000")];
    assert_eq!(poll(&mut task(&settings)), [row("old", &[4_999, 999_999_000])]);
}

#[test]
fn where_times_have_no_fractions_the_second_that_runs_is_not_read() {
    let shop = Shop::open();
    shop.product.set(Some("sqlite"));
    shop.now.set(10_900_000);
    shop.rows.replace(vec![(1, 9_000_000, "done"), (2, 10_000_000, "may get company")]);
    let mut task = task(&[("mode", "timestamp"), ("timestamp.column.name", "at")]);
    assert_eq!(poll(&mut task), [row("done", &[9_000, 0])]);
}

#[test]
fn an_initial_time_is_for_those_without_offset() {
    let shop = Shop::open();
    shop.now.set(5_000_000);
    shop.rows.replace(vec![(1, -5_000_000, "before 1970"), (2, 1_500_000, "early"), (3, 3_000_000, "late")]);
    let first = |pairs: &[(&str, &str)]| {
        let mut settings = vec![("mode", "timestamp"), ("timestamp.column.name", "at")];
        settings.extend(pairs);
        poll(&mut task(&settings)).first().map(|(text, _)| text.clone())
    };
    assert_eq!(first(&[]).as_deref(), Some("before 1970"));
    assert_eq!(first(&[("timestamp.initial", "2000")]).as_deref(), Some("late"));
    assert_eq!(first(&[("timestamp.initial", "-1")]), None);
}

#[test]
fn bulk_sends_everything_again_and_stores_nothing() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 10, "a")]);
    let mut task = task(&[("mode", "bulk")]);
    assert_eq!(poll(&mut task), [row("a", &[])]);
    assert_eq!(poll(&mut task), [row("a", &[])]);
}

#[test]
fn a_query_is_asked_with_its_end() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 10, "a")]);
    let mut task = JdbcSourceTask::default();
    let query = [
        ("query", "SELECT * FROM (SELECT 1) t"),
        ("incrementing.column.name", "id"),
        ("query.suffix", "LIMIT 3"),
        ("topic.prefix", "whole"),
    ];
    task.start(&config(&query).with("tables", "")).unwrap();
    let batch = task.poll(&LIMITS).unwrap();
    assert_eq!((batch.topics[0].as_str(), &batch.source_partitions[0].partition), ("whole", &offset::of_query()));
    assert_eq!(shop.statements()[0], "SELECT * FROM (SELECT 1) t WHERE \"id\" > $1 ORDER BY \"id\" ASC LIMIT 3");
}

#[test]
fn changed_columns_are_another_schema_from_the_next_query_on() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 10, "a")]);
    let mut task = task(&[("mode", "bulk")]);
    let schema = |task: &mut JdbcSourceTask| task.poll(&LIMITS).unwrap().records[0].message.value.schema;
    let (first, again) = (schema(&mut task), schema(&mut task));
    shop.columns.borrow_mut()[2] = column("what", "varchar", "bytes");
    let changed = schema(&mut task);
    assert!(first == again && changed != first);
    assert_eq!(testing::logged("info").iter().filter(|line| line.contains("columns")).count(), 1);
}

#[test]
fn what_may_pass_is_tried_again_and_nothing_is_skipped() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 10, "a")]);
    let mut task = task(&[]);
    let lost = Fault { lost: true, retriable: true, ..Fault::new("unavailable", "connection reset") };
    shop.fault.replace(Some(lost));
    assert!(task.poll(&LIMITS).unwrap().wait_ms.is_some_and(|wait| wait > 0));
    let mut records = Vec::new();
    while records.is_empty() {
        records = poll(&mut task);
    }
    assert_eq!((records, shop.opened.get()), (vec![row("a", &[1])], 2));
    assert_eq!(testing::logged("warn").len(), 1);
}

#[test]
fn attempts_are_counted_if_there_is_a_limit() {
    let shop = Shop::open();
    let mut task = task(&[("query.retry.attempts", "0")]);
    shop.fault.replace(Some(Fault { retriable: true, ..Fault::new("sql", "deadlock detected") }));
    let failure = task.poll(&LIMITS).unwrap_err();
    assert!(failure.message.contains("query.retry.attempts") && !failure.retriable, "{}", failure.message);
}

#[test]
fn what_only_a_person_mends_fails_the_task_by_name() {
    let shop = Shop::open();
    let mut task = task(&[]);
    let denied = Fault { sqlstate: Some("42501".into()), ..Fault::new("sql", "permission denied for table orders") };
    shop.fault.replace(Some(denied));
    let failure = task.poll(&LIMITS).unwrap_err();
    assert!(!failure.retriable);
    assert!(failure.message.starts_with("Cannot read table public.orders (") && failure.message.contains("42501"));
}

#[test]
fn a_table_that_is_gone_is_left_out_and_the_others_go_on() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 10, "a")]);
    shop.tables.replace(vec![("public", "others")]);
    let mut task = JdbcSourceTask::default();
    task.start(&config(&[]).with("tables", "\"public\".\"orders\",\"public\".\"others\"")).unwrap();
    let batch = task.poll(&LIMITS).unwrap();
    assert_eq!(batch.topics, ["shop-others"]);
    assert!(testing::logged("warn")[0].contains("There is no table public.orders"));
}

#[test]
fn the_first_connection_has_attempts_and_a_later_one_has_patience() {
    let shop = Shop::open();
    shop.away.set(9);
    let mut impatient = task(&[("connection.attempts", "2"), ("connection.backoff.ms", "0")]);
    assert!(impatient.poll(&LIMITS).is_ok());
    let failure = impatient.poll(&LIMITS).unwrap_err();
    assert!(failure.message.contains("2 attempts (connection.attempts") && !failure.retriable);

    shop.away.set(0);
    shop.rows.replace(vec![(1, 10, "a")]);
    let mut patient = task(&[("connection.attempts", "2"), ("connection.backoff.ms", "0")]);
    assert_eq!(poll(&mut patient).len(), 1);
    shop.away.set(9);
    shop.fault.replace(Some(Fault { lost: true, ..Fault::new("unavailable", "gone") }));
    for _ in 0..9 {
        assert!(patient.poll(&LIMITS).is_ok());
    }
}

#[test]
fn columns_that_may_be_null_are_refused_unless_told_otherwise() {
    let shop = Shop::open();
    shop.columns.borrow_mut()[0] = Column { nullable: Some(true), ..column("id", "int8", "integer") };
    let failure = task(&[("incrementing.column.name", "id")]).poll(&LIMITS).unwrap_err();
    assert!(failure.message.contains("incrementing column id on table public.orders"), "{}", failure.message);
    let lenient = [("incrementing.column.name", "id"), ("validate.non.null", "false")];
    assert!(task(&lenient).poll(&LIMITS).is_ok());
}

#[test]
fn an_isolation_is_a_transaction_around_each_query() {
    let shop = Shop::open();
    shop.rows.replace(vec![(1, 10, "a")]);
    let mut task = task(&[("transaction.isolation.mode", "serializable")]);
    poll(&mut task);
    assert_eq!(*shop.steps.borrow(), ["begin", "rollback"]);
}

#[test]
fn a_suffix_that_can_part_rows_of_one_time_is_warned_of() {
    Shop::open();
    let by_time = [("mode", "timestamp"), ("timestamp.column.name", "at"), ("query.suffix", "LIMIT 10")];
    task(&by_time);
    assert!(testing::logged("warn")[0].contains("LIMIT 10"));
    task(&[("query.suffix", "LIMIT 10")]);
    assert_eq!(testing::logged("warn").len(), 1);
}
