//! Results of any length: in batches, with an end that the server notices.

use super::*;

#[tokio::test]
async fn results_are_held_a_batch_at_a_time_and_end_in_the_server_when_dropped() {
    let Some(server) = server("streaming") else { return };
    let mut connection = open(&server).await;
    batches(&mut connection).await;
    waiting(&mut connection).await;
    dropped(&server, &mut connection).await;
    inside_a_transaction(&mut connection).await;
    failing_half_way(&mut connection).await;
    a_connection_that_goes(&server, connection).await;
}

async fn rows_of(connection: &mut Connection, sql: &str) -> Box<dyn SqlRows> {
    connection.query(sql.to_owned(), Vec::new(), Vec::new()).await.unwrap()
}

async fn batches(connection: &mut Connection) {
    let mut rows = rows_of(connection, "SELECT n, 'word ' || n FROM generate_series(1, 25000) n").await;
    let (mut next, mut finished) = (1, false);
    while !finished {
        let batch = rows.next(most(700)).await.unwrap();
        assert!(batch.rows.len() <= 700);
        for row in batch.rows {
            assert_eq!(row, [ValueNode::Fields(2), int(next), text(&format!("word {next}"))]);
            next += 1;
        }
        finished = batch.finished;
    }
    assert_eq!(next, 25_001);
    // The connection is free as soon as the last row has come, whether or not the guest keeps its handle.
    assert_eq!(value(connection, "SELECT 1").await, int(1));
    drop(rows);
    // About so many bytes, and one row at least.
    let mut rows = rows_of(connection, "SELECT repeat('x', 50000) FROM generate_series(1, 50)").await;
    let batch = rows.next(Portion { bytes: 120_000, ..most(1_000) }).await.unwrap();
    assert_eq!(batch.rows.len(), 3);
    let batch = rows.next(Portion { bytes: 1, ..most(1_000) }).await.unwrap();
    assert_eq!(batch.rows.len(), 1);
    assert_eq!(to_the_end(&mut rows).await.unwrap().len(), 46);
}

async fn waiting(connection: &mut Connection) {
    let short = Portion { wait: Duration::from_millis(20), ..most(10) };
    let mut rows = rows_of(connection, "SELECT pg_sleep(3), 1 AS one").await;
    let batch = rows.next(short).await.unwrap();
    assert!(batch.rows.is_empty() && !batch.finished);
    // A next that is given up has taken no row.
    let given_up = tokio::time::timeout(Duration::from_millis(20), rows.next(most(10))).await;
    assert!(given_up.is_err());
    assert_eq!(to_the_end(&mut rows).await.unwrap().len(), 1);
}

/// Statements of ours that the server still runs.
fn running(server: &Postgres) -> String {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND usename = 'connector';";
    server.administer(sql).unwrap().trim().to_owned()
}

async fn until_it_sleeps(server: &Postgres) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep';";
    while server.administer(sql).unwrap().trim() == "0" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn until_nothing_runs(server: &Postgres) {
    for _ in 0..1_200 {
        if running(server) == "0" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} statements still run", running(server));
}

async fn dropped(server: &Postgres, connection: &mut Connection) {
    // Endless, in the middle.
    let mut rows = rows_of(connection, "SELECT generate_series(1, 10000000000)").await;
    assert_eq!(rows.next(most(10)).await.unwrap().rows.len(), 10);
    let fault = connection.execute("SELECT 1".into(), Vec::new(), 1, Vec::new()).await.unwrap_err();
    assert_eq!(fault.code, "busy");
    drop(rows);
    assert_eq!(value(connection, "SELECT 2").await, int(2));
    // Before the first row comes.
    let mut rows = rows_of(connection, "SELECT pg_sleep(3600)").await;
    let short = Portion { wait: Duration::from_millis(50), ..most(10) };
    assert!(rows.next(short).await.unwrap().rows.is_empty());
    rows.cancel().await;
    assert!(rows.next(short).await.unwrap().finished);
    until_nothing_runs(server).await;
    assert_eq!(value(connection, "SELECT 3").await, int(3));
    // Before anything was asked for.
    drop(rows_of(connection, "SELECT 1").await);
    assert_eq!(value(connection, "SELECT 4").await, int(4));
    until_nothing_runs(server).await;
}

async fn inside_a_transaction(connection: &mut Connection) {
    run(connection, "CREATE TABLE t (n int4)").await.unwrap();
    connection.begin(Some("REPEATABLE_READ".into()), false).await.unwrap();
    run(connection, "INSERT INTO t SELECT generate_series(1, 5000)").await.unwrap();
    let mut rows = rows_of(connection, "SELECT n FROM t").await;
    assert_eq!(rows.next(most(100)).await.unwrap().rows.len(), 100);
    // The guest's transaction outlives rows that it does not want.
    drop(rows);
    assert_eq!(select(connection, "SELECT n FROM t").await.unwrap().len(), 5_000);
    let limit = value(connection, "SELECT 1 FROM t LIMIT 1").await;
    assert_eq!(limit, int(1));
    let mut rows = rows_of(connection, "SHOW statement_timeout").await;
    rows.next(most(1)).await.unwrap();
    drop(rows);
    run(connection, "CREATE TABLE seen AS SELECT current_setting('statement_timeout') AS timeout").await.unwrap();
    connection.commit().await.unwrap();
    // Statements have the worker's limit in the server as well, and had it back after each query.
    assert_eq!(value(connection, "SELECT timeout FROM seen").await, text("1min"));
    connection.begin(None, true).await.unwrap();
    let fault = run(connection, "DELETE FROM t").await.unwrap_err();
    assert_eq!(fault.sqlstate.as_deref(), Some("25006"));
    connection.rollback().await.unwrap();
    assert_eq!(value(connection, "SELECT count(*) FROM t").await, int(5_000));
}

async fn failing_half_way(connection: &mut Connection) {
    let mut rows = rows_of(connection, "SELECT 10 / (3000 - n) FROM generate_series(1, 5000) n").await;
    let fault = to_the_end(&mut rows).await.unwrap_err();
    assert_eq!(fault.sqlstate.as_deref(), Some("22012"));
    assert_eq!(value(connection, "SELECT 5").await, int(5));
    drop(rows);
    assert_eq!(value(connection, "SELECT 6").await, int(6));
    // What a query changes is kept when it is read to its end, and when a guest does not care for the rest.
    let mut rows = rows_of(connection, "INSERT INTO t SELECT generate_series(1, 3) RETURNING n").await;
    assert_eq!(rows.next(most(2)).await.unwrap().rows.len(), 2);
    rows.next(most(2)).await.unwrap();
    drop(rows);
    assert_eq!(value(connection, "SELECT count(*) FROM t").await, int(5_003));
}

async fn a_connection_that_goes(server: &Postgres, mut connection: Connection) {
    run(&mut connection, "CREATE TABLE kept (n int4)").await.unwrap();
    connection.begin(None, false).await.unwrap();
    run(&mut connection, "INSERT INTO kept VALUES (1)").await.unwrap();
    // With a statement under way and a transaction open.
    let sleeping = connection.execute("SELECT pg_sleep(3600)".into(), Vec::new(), 1, Vec::new());
    tokio::select! {
        biased;
        slept = sleeping => panic!("{slept:?}"),
        () = until_it_sleeps(server) => {}
    }
    drop(connection);
    until_nothing_runs(server).await;
    let mut connection = open(server).await;
    assert_eq!(value(&mut connection, "SELECT count(*) FROM kept").await, int(0));
    // Rows live on their own.
    let mut rows = rows_of(&mut connection, "SELECT generate_series(1, 20000)").await;
    drop(connection);
    assert_eq!(to_the_end(&mut rows).await.unwrap().len(), 20_000);
    until_nothing_runs(server).await;
}
