use watertight_sandbox::sql::code;

use super::*;

fn integers(values: impl IntoIterator<Item = i64>) -> Vec<ValueNode> {
    values.into_iter().map(ValueNode::Integer).collect()
}

#[tokio::test]
async fn statements_tell_how_many_rows_they_changed() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a PRIMARY KEY, b)"]).await;
    assert_eq!(run(&mut db, "INSERT INTO t VALUES(1, 1), (2, 2), (3, 3)").await.unwrap(), [3]);
    assert_eq!(run(&mut db, "CREATE TABLE u(a)").await.unwrap(), [0]);
    assert_eq!(run(&mut db, "UPDATE t SET b = 0 WHERE a > 1").await.unwrap(), [2]);
    assert_eq!(run(&mut db, "UPDATE t SET b = 0 WHERE a > 9").await.unwrap(), [0]);
    assert_eq!(run(&mut db, "SELECT * FROM t").await.unwrap(), [0]);
    assert_eq!(run(&mut db, "DELETE FROM t WHERE a = 1 RETURNING a").await.unwrap(), [1]);
    let upsert = "INSERT INTO t VALUES(?, ?) ON CONFLICT(a) DO UPDATE SET b = excluded.b";
    let changed = db.execute(upsert.into(), vec![], 3, integers([2, 5, 3, 5, 4, 5])).await.unwrap();
    assert_eq!(changed, [1, 1, 1]);
    assert_eq!(rows(&mut db, "SELECT * FROM t ORDER BY a").await, ["2|5", "3|5", "4|5"]);
    assert!(db.execute(upsert.into(), vec![], 0, vec![]).await.unwrap().is_empty());
}

#[tokio::test]
async fn forms_are_taken_again_from_the_front() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a, b)"]).await;
    let values = vec![ValueNode::Integer(1), text("x"), ValueNode::Integer(2), text("y")];
    let sql = "INSERT INTO t VALUES(?, ?), (?, ?)";
    db.execute(sql.into(), strings(&["date", "text"]), 1, values).await.unwrap();
    assert_eq!(rows(&mut db, "SELECT * FROM t").await, ["86400000|'x'", "172800000|'y'"]);
    for (times, values) in [(1, 3), (2, 4), (1, 0)] {
        let fault = db.execute(sql.into(), vec![], times, integers(0..values)).await.unwrap_err();
        assert_eq!(fault.code, code::DATA);
        assert!(fault.message.contains("the statement has 4 parameters"), "{}", fault.message);
    }
    let five = strings(&["", "", "", "", ""]);
    assert_eq!(db.execute(sql.into(), five, 1, integers(0..4)).await.unwrap_err().code, code::DATA);
}

#[tokio::test]
async fn a_batch_that_fails_leaves_nothing_and_names_its_row() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a PRIMARY KEY)"]).await;
    for within in [false, true] {
        if within {
            db.begin(None, false).await.unwrap();
            run(&mut db, "INSERT INTO t VALUES(100)").await.unwrap();
        }
        let fault = db.execute("INSERT INTO t VALUES(?)".into(), vec![], 4, integers([1, 2, 1, 3])).await.unwrap_err();
        assert_eq!((fault.row, fault.sqlstate.as_deref()), (Some(2), Some("23505")), "{}", fault.message);
        assert_eq!(rows(&mut db, "SELECT count(*) FROM t").await, [if within { "1" } else { "0" }]);
    }
    db.commit().await.unwrap();
    assert_eq!(rows(&mut db, "SELECT a FROM t").await, ["100"]);
}

#[tokio::test]
async fn transactions_keep_or_undo() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    assert_eq!(db.begin(Some("SNAPSHOT".into()), false).await.unwrap_err().code, code::UNSUPPORTED);
    db.begin(Some("SERIALIZABLE".into()), false).await.unwrap();
    assert_eq!(db.begin(None, false).await.unwrap_err().sqlstate.as_deref(), Some("25001"));
    run(&mut db, "INSERT INTO t VALUES(1)").await.unwrap();
    db.rollback().await.unwrap();
    db.rollback().await.unwrap();
    assert_eq!(db.commit().await.unwrap_err().sqlstate.as_deref(), Some("25P01"));
    db.begin(None, true).await.unwrap();
    assert_eq!(run(&mut db, "INSERT INTO t VALUES(1)").await.unwrap_err().sqlstate.as_deref(), Some("25006"));
    db.commit().await.unwrap();
    db.begin(None, false).await.unwrap();
    run(&mut db, "INSERT INTO t VALUES(2)").await.unwrap();
    db.commit().await.unwrap();
    assert_eq!(rows(&mut db, "SELECT a FROM t").await, ["2"]);
}

#[tokio::test]
async fn a_statement_that_ends_its_transaction_says_so() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a PRIMARY KEY)", "INSERT INTO t VALUES(1)"]).await;
    db.begin(None, false).await.unwrap();
    run(&mut db, "INSERT INTO t VALUES(2)").await.unwrap();
    let fault = run(&mut db, "INSERT OR ROLLBACK INTO t VALUES(1)").await.unwrap_err();
    assert!(fault.message.ends_with("SQLite rolled the whole transaction back"), "{}", fault.message);
    assert!(db.commit().await.is_err());
    assert_eq!(rows(&mut db, "SELECT a FROM t").await, ["1"]);
}

#[tokio::test]
async fn errors_have_the_states_that_other_databases_give() {
    let (_scene, mut db) = Scene::with(&[
        "CREATE TABLE p(id INTEGER PRIMARY KEY)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE, n NOT NULL, c CHECK(c > 0), p REFERENCES p(id))",
        "INSERT INTO t VALUES(1, 1, 1, 1, NULL)",
    ])
    .await;
    for (sql, state, number, details) in [
        ("INSERT INTO t VALUES(1, 2, 1, 1, NULL)", "23505", 1555, vec![("table", "t"), ("column", "id")]),
        ("INSERT INTO t VALUES(2, 1, 1, 1, NULL)", "23505", 2067, vec![("table", "t"), ("column", "u")]),
        ("INSERT INTO t VALUES(2, 2, NULL, 1, NULL)", "23502", 1299, vec![("table", "t"), ("column", "n")]),
        ("INSERT INTO t VALUES(2, 2, 1, 0, NULL)", "23514", 275, vec![("constraint", "c > 0")]),
        ("INSERT INTO nope VALUES(1)", "42S02", 1, vec![("table", "nope")]),
        ("SELECT nope FROM t", "42S22", 1, vec![("column", "nope")]),
        ("INSERT INTO t(nope) VALUES(1)", "42S22", 1, vec![("column", "nope")]),
        ("CREATE TABLE t(a)", "42S01", 1, vec![]),
        ("SELEC 1", "42000", 1, vec![]),
        ("SELECT nope()", "42000", 1, vec![]),
        ("INSERT INTO p VALUES('x')", "22018", 20, vec![]),
    ] {
        let fault = run(&mut db, sql).await.unwrap_err();
        assert_eq!(fault.sqlstate.as_deref(), Some(state), "{sql}: {}", fault.message);
        assert_eq!(fault.vendor_code, Some(number), "{sql}: {}", fault.message);
        let given: Vec<(&str, &str)> =
            fault.details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(given, details, "{sql}");
        assert!(!fault.retriable && !fault.lost);
    }
}

#[tokio::test]
async fn foreign_keys_are_kept_where_the_settings_say_so() {
    let mut scene = Scene::new();
    for (setting, kept) in [(None, false), (Some(true), true), (Some(false), false)] {
        scene.settings.foreign_keys = setting;
        let mut db = scene.open().await;
        let _ = run(&mut db, "CREATE TABLE p(id INTEGER PRIMARY KEY)").await;
        let _ = run(&mut db, "CREATE TABLE c(p REFERENCES p(id))").await;
        let done = run(&mut db, "INSERT INTO c VALUES(7)").await;
        assert_eq!(done.is_err(), kept);
        if let Err(fault) = done {
            assert_eq!(fault.sqlstate.as_deref(), Some("23503"), "{}", fault.message);
        }
    }
}

#[tokio::test]
async fn rows_come_in_portions_and_keep_the_connection_busy() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    db.execute("INSERT INTO t VALUES(?)".into(), vec![], 100, integers(0..100)).await.unwrap();
    let mut open = ask(&mut db, "SELECT a FROM t ORDER BY a").await.unwrap();
    let first = open.next(Portion { rows: 30, ..PORTION }).await.unwrap();
    assert_eq!((first.rows.len(), first.finished), (30, false));
    let fault = run(&mut db, "DELETE FROM t").await.unwrap_err();
    assert_eq!(fault.code, code::BUSY);
    assert!(db.valid().await);
    let small = open.next(Portion { bytes: 1, ..PORTION }).await.unwrap();
    assert_eq!(small.rows.len(), 1);
    assert_eq!(all(&mut open).await.unwrap().len(), 69);
    // Read to the end, they are over before they are dropped.
    assert_eq!(run(&mut db, "DELETE FROM t").await.unwrap(), [100]);
    assert!(open.next(PORTION).await.unwrap().finished);
}

#[tokio::test]
async fn a_query_that_changes_something_answers_rows_too() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    assert_eq!(rows(&mut db, "INSERT INTO t VALUES(1), (2) RETURNING a * 10").await, ["10", "20"]);
    assert_eq!(rows(&mut db, "SELECT a FROM t").await, ["1", "2"]);
    let fault = ask(&mut db, "INSERT INTO t VALUES(1)").await.err().unwrap();
    assert!(fault.message.contains("answers no rows"), "{}", fault.message);
    let found = db.query("SELECT a FROM t WHERE a > ? AND a < ?".into(), strings(&["integer"]), integers([1, 9])).await;
    assert_eq!(all(&mut found.unwrap()).await.unwrap(), ["2"]);
}

#[tokio::test]
async fn loading_is_all_or_nothing() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a PRIMARY KEY, b)"]).await;
    let columns = strings(&["a", "b"]);
    assert_eq!(db.load(named("t"), columns.clone(), vec![], integers(0..2_000)).await.unwrap(), 1_000);
    assert!(db.load(named("t"), columns.clone(), vec![], integers([3_000, 1, 2, 1])).await.is_err());
    assert_eq!(rows(&mut db, "SELECT count(*) FROM t").await, ["1000"]);
    assert_eq!(db.load(named("t"), columns, vec![], integers(0..3)).await.unwrap_err().code, code::DATA);
    assert!(db.load(named("t"), vec![], vec![], vec![]).await.is_err());
}
