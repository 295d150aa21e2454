use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use watertight_sandbox::sql::code;

use super::*;

const ENDLESS: &str = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";
const SILENT: &str =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c WHERE x = 1 OR x < 0";

fn runtime(threads: usize) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(threads)
        .enable_all()
        .build()
        .unwrap()
}

/// Something that is quick, on a pool whose only thread must be free for it.
async fn pool_is_free() {
    let quick = tokio::task::spawn_blocking(|| ());
    tokio::time::timeout(Duration::from_secs(30), quick).await.expect("no thread came back").unwrap();
}

#[test]
fn open_rows_that_nobody_reads_hold_no_thread() {
    runtime(1).block_on(async {
        let (scene, _db) = Scene::with(&["CREATE TABLE t(a)", "INSERT INTO t VALUES(1), (2)"]).await;
        let mut open = Vec::new();
        for _ in 0..20 {
            let mut db = scene.open().await;
            let mut rows = ask(&mut db, ENDLESS).await.unwrap();
            rows.next(Portion { rows: 5, ..PORTION }).await.unwrap();
            open.push((db, rows));
        }
        pool_is_free().await;
        for (_, rows) in &mut open {
            let batch = rows.next(Portion { rows: 1, ..PORTION }).await.unwrap();
            assert_eq!(show(&batch.rows[0][1]), "6");
        }
    });
}

#[test]
fn rows_dropped_half_way_free_thread_and_connection() {
    runtime(1).block_on(async {
        let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
        for _ in 0..3 {
            let mut open = ask(&mut db, ENDLESS).await.unwrap();
            open.next(PORTION).await.unwrap();
            drop(open);
            assert_eq!(run(&mut db, "INSERT INTO t VALUES(1)").await.unwrap(), [1]);
        }
        // Dropped while the thread looks for a row that never comes.
        let mut open = ask(&mut db, SILENT).await.unwrap();
        let soon = Portion { wait: Duration::from_millis(20), rows: 1, ..PORTION };
        assert_eq!(open.next(soon).await.unwrap().rows.len(), 1);
        assert!(open.next(soon).await.unwrap().rows.is_empty());
        drop(open);
        pool_is_free().await;
        assert_eq!(run(&mut db, "INSERT INTO t VALUES(1)").await.unwrap(), [1]);
    });
}

#[test]
fn cancelled_rows_are_over_and_the_connection_is_free() {
    runtime(1).block_on(async {
        let (_scene, mut db) = Scene::with(&[]).await;
        let mut open = ask(&mut db, SILENT).await.unwrap();
        let soon = Portion { wait: Duration::from_millis(20), rows: 1, ..PORTION };
        open.next(soon).await.unwrap();
        assert!(!open.next(soon).await.unwrap().finished);
        open.cancel().await;
        assert!(open.next(soon).await.unwrap().finished);
        assert_eq!(rows(&mut db, "SELECT 1").await, ["1"]);
    });
}

#[test]
fn waiting_for_a_row_takes_no_row_and_no_longer_than_was_said() {
    runtime(2).block_on(async {
        let (_scene, mut db) = Scene::with(&[]).await;
        let slow = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 3000000) \
                    SELECT x FROM c WHERE x % 1500000 = 1";
        let mut open = ask(&mut db, slow).await.unwrap();
        let mut found = Vec::new();
        let impatient = Portion { wait: Duration::from_millis(1), ..PORTION };
        loop {
            // A future that is dropped while it waits, more often than not.
            let batch = match tokio::time::timeout(Duration::from_micros(100), open.next(impatient)).await {
                Ok(batch) => batch.unwrap(),
                Err(_) => open.next(impatient).await.unwrap(),
            };
            found.extend(batch.rows.iter().map(|row| show(&row[1])));
            if batch.finished {
                break;
            }
        }
        assert_eq!(found, ["1", "1500001"]);
    });
}

#[test]
fn a_call_that_is_dropped_ends_in_the_database() {
    runtime(1).block_on(async {
        let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
        let endless = format!("INSERT INTO t {ENDLESS}");
        let given_up = tokio::time::timeout(Duration::from_millis(100), run(&mut db, &endless)).await;
        assert!(given_up.is_err());
        drop(db);
        pool_is_free().await;
    });
}

#[test]
fn a_batch_that_is_dropped_ends_between_two_executions() {
    runtime(1).block_on(async {
        let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
        // A statement without parameters may be executed as often as can be said.
        let batch = db.execute("DELETE FROM t WHERE a = 1".into(), vec![], u32::MAX, vec![]);
        assert!(tokio::time::timeout(Duration::from_millis(100), batch).await.is_err());
        pool_is_free().await;
        assert_eq!(run(&mut db, "INSERT INTO t VALUES(1)").await.unwrap(), [1]);
    });
}

#[tokio::test]
async fn a_connection_is_of_use_after_a_call_was_dropped() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    let endless = format!("INSERT INTO t {ENDLESS}");
    assert!(tokio::time::timeout(Duration::from_millis(100), run(&mut db, &endless)).await.is_err());
    assert_eq!(rows(&mut db, "SELECT count(*) FROM t").await, ["0"]);
}

#[tokio::test]
async fn a_dropped_connection_lets_go_of_its_file() {
    let (scene, db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    let mut other = scene.open().await;
    let mut db = db;
    db.begin(None, false).await.unwrap();
    run(&mut db, "INSERT INTO t VALUES(1)").await.unwrap();
    drop(db);
    // What it did not commit is gone, and so is its lock.
    assert_eq!(run(&mut other, "INSERT INTO t VALUES(2)").await.unwrap(), [1]);
    assert_eq!(rows(&mut other, "SELECT a FROM t").await, ["2"]);
}

#[tokio::test]
async fn rows_outlive_their_connection() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)", "INSERT INTO t VALUES(1), (2)"]).await;
    let mut open = ask(&mut db, "SELECT a FROM t").await.unwrap();
    drop(db);
    assert_eq!(all(&mut open).await.unwrap(), ["1", "2"]);
}

#[test]
fn two_connections_that_write_wait_for_each_other() {
    runtime(8).block_on(async {
        let (scene, mut db) = Scene::with(&["CREATE TABLE t(a INTEGER PRIMARY KEY, n)"]).await;
        let scene = Arc::new(scene);
        let done = Arc::new(AtomicUsize::new(0));
        let writers = (0..4).map(|_| {
            let (scene, done) = (Arc::clone(&scene), Arc::clone(&done));
            tokio::spawn(async move {
                let mut db = scene.open().await;
                for _ in 0..25 {
                    db.begin(None, false).await.unwrap();
                    run(&mut db, "INSERT INTO t VALUES(1, 1) ON CONFLICT(a) DO UPDATE SET n = n + 1").await.unwrap();
                    db.commit().await.unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        assert_eq!(done.load(Ordering::Relaxed), 100);
        assert_eq!(rows(&mut db, "SELECT n FROM t").await, ["100"]);
    });
}

#[tokio::test]
async fn a_lock_that_is_not_to_be_had_may_be_tried_again() {
    let (mut scene, mut holder) = Scene::with(&["CREATE TABLE t(a)"]).await;
    holder.begin(None, false).await.unwrap();
    run(&mut holder, "INSERT INTO t VALUES(1)").await.unwrap();
    scene.settings.busy_timeout = Duration::from_millis(50);
    let mut db = scene.open().await;
    let fault = run(&mut db, "INSERT INTO t VALUES(2)").await.unwrap_err();
    assert_eq!((fault.sqlstate.as_deref(), fault.vendor_code), (Some("40001"), Some(5)), "{}", fault.message);
    assert!(fault.retriable && !fault.lost);
    holder.commit().await.unwrap();
    assert_eq!(run(&mut db, "INSERT INTO t VALUES(2)").await.unwrap(), [1]);
}

#[tokio::test]
async fn waiting_for_a_lock_ends_at_the_limit_of_a_statement() {
    let (mut scene, mut holder) = Scene::with(&["CREATE TABLE t(a)"]).await;
    holder.begin(None, false).await.unwrap();
    scene.settings.busy_timeout = Duration::from_secs(600);
    scene.limits.statement = Duration::from_millis(200);
    let mut db = scene.open().await;
    let begun = Instant::now();
    let fault = run(&mut db, "INSERT INTO t VALUES(2)").await.unwrap_err();
    assert!(fault.retriable && begun.elapsed() < Duration::from_secs(60), "{}", fault.message);
}

#[test]
fn many_connections_read_and_write_at_the_same_time() {
    runtime(16).block_on(async {
        let mut scene = Scene::new();
        scene.settings.journal_mode = Some("WAL".into());
        let mut db = scene.open().await;
        run(&mut db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)").await.unwrap();
        let scene = Arc::new(scene);
        let tasks: Vec<_> = (0..12_i64)
            .map(|number| {
                let scene = Arc::clone(&scene);
                tokio::spawn(async move {
                    let mut db = scene.open().await;
                    for round in 0..10_i64 {
                        let values = (0..20_i64)
                            .flat_map(|i| [ValueNode::Integer(number * 1_000 + round * 20 + i), text("some text")]);
                        let sql = "INSERT INTO t VALUES(?, ?)";
                        db.execute(sql.into(), vec![], 20, values.collect()).await.unwrap();
                        let range = format!("WHERE a BETWEEN {} AND {}", number * 1_000, number * 1_000 + 999);
                        let found = rows(&mut db, &format!("SELECT a, b FROM t {range}")).await;
                        assert_eq!(i64::try_from(found.len()).unwrap(), (round + 1) * 20);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(rows(&mut db, "SELECT count(*), count(DISTINCT a) FROM t").await, ["2400|2400"]);
    });
}

#[tokio::test]
async fn the_database_can_be_cut_off_by_nobody_but_its_reader() {
    let (_scene, mut db) = Scene::with(&[]).await;
    let fault = run(&mut db, "SELECT 1 FROM nope").await.unwrap_err();
    assert_eq!(fault.code, code::SQL);
    assert!(db.valid().await);
}
