//! Faults that may pass, and those that do not.

use super::*;

fn people() -> SinkBatch {
    values(vec![person(1, "a")])
}

fn passing() -> Fault {
    Fault { retriable: true, ..fault("sql", "40P01", "deadlock") }
}

fn lost() -> Fault {
    Fault { lost: true, retriable: true, ..Fault::new("unavailable", "127.0.0.1:5432 has closed the connection") }
}

#[test]
fn a_fault_that_may_pass_is_retried_so_often_and_no_more() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    fake.react(|_, _| Err(passing()));
    let mut task = task(&[("max.retries", "2"), ("retry.backoff.ms", "77")]);
    for _ in 0..2 {
        let failure = put(&mut task, people()).unwrap_err();
        assert_eq!((failure.retriable, failure.retry_after_ms), (true, Some(77)));
    }
    let failure = put(&mut task, people()).unwrap_err();
    assert!(!failure.retriable);
    assert!(
        failure.message.ends_with("deadlock (SQLSTATE 40P01) (given up after max.retries=2)"),
        "{}",
        failure.message
    );
}

#[test]
fn what_succeeds_in_between_starts_the_count_anew() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    let mut task = task(&[("max.retries", "1")]);
    for _ in 0..3 {
        fake.react(|_, _| Err(passing()));
        assert!(put(&mut task, people()).unwrap_err().retriable);
        fake.react(|_, _| Ok(()));
        assert_eq!(put(&mut task, people()).unwrap().taken, 1);
    }
}

#[test]
fn a_lost_connection_is_replaced_and_tables_are_looked_at_again() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    let mut task = task(&[]);
    put(&mut task, people()).unwrap();
    fake.react(|_, _| Err(lost()));
    assert!(put(&mut task, people()).unwrap_err().retriable);
    fake.react(|_, _| Ok(()));
    fake.opens.borrow_mut().push(Fault::new("unavailable", "127.0.0.1:5432 refuses"));
    let failure = put(&mut task, people()).unwrap_err();
    assert_eq!(failure.message, "Cannot connect to the database: 127.0.0.1:5432 refuses");
    assert!(failure.retriable);
    fake.done();
    assert_eq!(put(&mut task, people()).unwrap().taken, 1);
    assert_eq!(fake.done()[0], "columns t");
}

#[test]
fn each_retry_is_so_many_attempts_to_connect() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    *fake.opens.borrow_mut() = vec![Fault::new("unavailable", "127.0.0.1:5432 refuses"); 9];
    let config =
        [("connection.attempts", "3"), ("connection.backoff.ms", "5"), ("max.retries", "1"), ("retry.backoff.ms", "7")];
    let config: Config = config.into_iter().collect();
    let mut task = JdbcSinkTask::default();
    task.start(&config).unwrap();
    let mut waits = Vec::new();
    loop {
        let failure = put(&mut task, people()).unwrap_err();
        waits.push(failure.retry_after_ms);
        if !failure.retriable {
            assert!(failure.message.ends_with("(given up after max.retries=1)"), "{}", failure.message);
            break;
        }
    }
    assert_eq!(waits, [Some(5), Some(5), Some(7), Some(5), Some(5), None]);
    assert_eq!(fake.opens.borrow().len(), 3);
}

#[test]
fn a_setting_that_is_wrong_is_not_retried() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    fake.opens.borrow_mut().push(Fault::new("denied", "add HOST:PORT to sandbox.net.allow"));
    assert!(!put(&mut task(&[]), people()).unwrap_err().retriable);
}

#[test]
fn a_commit_that_fails_is_nothing_taken() {
    let fake = Fake::install("mariadb", &[("t", &["id", "name"])]);
    fake.parameters.set(2);
    fake.commits.borrow_mut().push(lost());
    let failure = put(&mut task(&[]), values(vec![person(1, "a"), person(2, "b")])).unwrap_err();
    assert!(failure.retriable && failure.message.starts_with("Cannot commit: "), "{}", failure.message);
}

#[test]
fn a_table_that_was_dropped_is_looked_for_once_and_then_an_error() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    let mut task = task(&[]);
    put(&mut task, people()).unwrap();
    fake.react(|_, _| Err(fault("sql", "42P01", "relation \"t\" does not exist")));
    let failure = put(&mut task, people()).unwrap_err();
    assert_eq!((failure.retriable, failure.retry_after_ms), (true, Some(0)));
    fake.tables.borrow_mut().clear();
    let failure = put(&mut task, people()).unwrap_err();
    assert!(!failure.retriable);
    assert_eq!(failure.message, "Table t is missing and auto-creation is disabled (auto.create)");
}

#[test]
fn what_looking_again_does_not_mend_is_an_error() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    fake.react(|_, _| Err(fault("sql", "42703", "column \"x\" does not exist")));
    let mut task = task(&[]);
    assert!(put(&mut task, people()).unwrap_err().retriable);
    assert!(!put(&mut task, people()).unwrap_err().retriable);
}

#[test]
fn a_right_that_was_revoked_is_an_error_for_all_records() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    with_reporter();
    fake.react(|_, _| Err(fault("sql", "42501", "permission denied for table t")));
    let failure = put(&mut task(&[]), people()).unwrap_err();
    assert!(!failure.retriable);
    assert_eq!(
        failure.message,
        "Cannot insert into table t (from t-3@10 on): permission denied for table t (SQLSTATE 42501)"
    );
}

#[test]
fn another_dialect_than_the_connections_is_an_error() {
    Fake::install("postgresql", &[("t", &["id", "name"])]);
    let failure = put(&mut task(&[("dialect.name", "MySqlDatabaseDialect")]), people()).unwrap_err();
    assert!(failure.message.contains("connection.url leads to PostgreSQL"), "{}", failure.message);
    assert!(put(&mut task(&[("dialect.name", "PostgreSqlDatabaseDialect")]), people()).is_ok());
}
