//! Statements and rows that are meant to hurt.

use super::*;

#[tokio::test]
async fn no_statement_hangs_the_worker_or_fills_it() {
    let Some(server) = server("hostile") else { return };
    let mut connection = open(&server).await;
    rows_that_are_too_long(&server).await;
    several_statements(&mut connection).await;
    notices_and_notifications(&mut connection).await;
    many_statements(&mut connection).await;
    wide_rows(&mut connection).await;
    results_that_nobody_reads(&mut connection).await;
    pipes(&server).await;
    another_encoding(&server).await;
    what_the_role_may_not(&mut connection).await;
}

async fn rows_that_are_too_long(server: &Postgres) {
    let mut connection = open(server).await;
    assert_eq!(select(&mut connection, "SELECT repeat('x', 1000000)").await.unwrap().len(), 1);
    let fault = select(&mut connection, "SELECT repeat('x', 200000000)").await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.lost), ("limit", true));
    assert!(fault.message.contains("sandbox.sql.row.bytes = 1048576"), "{}", fault.message);
    let fault = select(&mut connection, "SELECT 1").await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.lost, fault.retriable), ("unavailable", true, true));
    // Also where its rows are not wanted.
    let mut connection = open(server).await;
    assert_eq!(run(&mut connection, "SELECT repeat('x', 200000000)").await.unwrap_err().code, "limit");
    // And where it is sent short, but is long when read: a number of ten bytes, and thousands of them.
    let mut connection = open(server).await;
    let sql = "SELECT 1e131071::numeric, 1e131071::numeric";
    assert_eq!(select(&mut connection, sql).await.unwrap().len(), 1);
    for sql in ["SELECT array_fill(1e131071::numeric, ARRAY[1000])", "SELECT array_fill(NULL::int4, ARRAY[90000])"] {
        let fault = select(&mut connection, sql).await.unwrap_err();
        assert_eq!((fault.code.as_str(), fault.lost), ("limit", false));
        assert!(fault.message.contains("sandbox.sql.row.bytes = 1048576"), "{}", fault.message);
    }
    let mut rows = connection
        .query("SELECT 1e131071::numeric FROM generate_series(1, 100)".into(), Vec::new(), Vec::new())
        .await
        .unwrap();
    let batch = rows.next(most(1_000)).await.unwrap();
    assert_eq!(batch.rows.len(), 8);
    drop(rows);
    // Or short in the guest, and long when sent.
    let sql = "SELECT $1::text";
    let many = vec![ValueNode::Bytes(vec![1]); 30_000];
    let fault = connection.execute(sql.into(), strings(&["decimal:-20000"]), 30_000, many).await.unwrap_err();
    assert!(!fault.lost && fault.message.contains("one call"), "{}", fault.message);
    // And where it comes as a complaint.
    let mut connection = open(server).await;
    let sql = "DO $$ BEGIN RAISE EXCEPTION '%', repeat('x', 200000000); END $$";
    assert_eq!(run(&mut connection, sql).await.unwrap_err().code, "limit");
}

async fn several_statements(connection: &mut Connection) {
    for sql in ["SELECT 1; DROP TABLE t", "BEGIN; COMMIT"] {
        let fault = run(connection, sql).await.unwrap_err();
        assert_eq!(fault.sqlstate.as_deref(), Some("42601"));
        assert_eq!(select(connection, sql).await.unwrap_err().sqlstate.as_deref(), Some("42601"));
    }
    let fault = run(connection, "SELECT 1\0; SELECT 2").await.unwrap_err();
    assert_eq!(fault.code, "data");
    let fault = select(connection, "CREATE TABLE nothing ()").await.unwrap_err();
    assert!(fault.message.contains("execute"), "{}", fault.message);
}

async fn notices_and_notifications(connection: &mut Connection) {
    let sql = "DO $$ BEGIN FOR i IN 1..50000 LOOP RAISE NOTICE '%', repeat('x', 1000); END LOOP; END $$";
    run(connection, sql).await.unwrap();
    run(connection, "LISTEN flood").await.unwrap();
    let sql = "SELECT count(pg_notify('flood', repeat('y', 1000) || n)) FROM generate_series(1, 5000) n";
    assert_eq!(value(connection, sql).await, int(5_000));
    assert_eq!(value(connection, "SELECT 1").await, int(1));
}

async fn many_statements(connection: &mut Connection) {
    for number in 0..500 {
        assert_eq!(value(connection, &format!("SELECT {number}")).await, int(number));
    }
    let held = value(connection, "SELECT count(*) FROM pg_prepared_statements").await;
    assert!(matches!(held, ValueNode::Integer(1..=66)), "{held:?}");
    // The server forgets them all, and the worker learns of it.
    run(connection, "DEALLOCATE ALL").await.unwrap();
    assert_eq!(value(connection, "SELECT 499").await, int(499));
    run(connection, "CREATE TABLE changing (a int4)").await.unwrap();
    run(connection, "INSERT INTO changing VALUES (1)").await.unwrap();
    assert_eq!(value(connection, "SELECT * FROM changing").await, int(1));
    run(connection, "ALTER TABLE changing ALTER a TYPE text").await.unwrap();
    assert_eq!(value(connection, "SELECT * FROM changing").await, text("1"));
    // Where it cannot be done again unseen, it may be done again by the guest.
    connection.begin(None, false).await.unwrap();
    run(connection, "ALTER TABLE changing ALTER a TYPE int8 USING a::int8").await.unwrap();
    let fault = select(connection, "SELECT * FROM changing").await.unwrap_err();
    assert!(fault.retriable, "{fault:?}");
    connection.rollback().await.unwrap();
}

async fn wide_rows(connection: &mut Connection) {
    let list = |count: usize| (0..count).map(|n| format!("{n} AS c{n}")).collect::<Vec<_>>().join(", ");
    let tapes = select(connection, &format!("SELECT {}", list(1_600))).await.unwrap();
    assert_eq!((tapes[0].len(), &tapes[0][1_600]), (1_601, &int(1_599)));
    let marks: Vec<String> = (1..=30_000).map(|n| format!("(${n}::int4)")).collect();
    let sql = format!("SELECT count(*) FROM (VALUES {}) v", marks.join(", "));
    let mut rows = connection.query(sql, Vec::new(), vec![int(7); 30_000]).await.unwrap();
    assert_eq!(to_the_end(&mut rows).await.unwrap()[0][1], int(30_000));
}

async fn results_that_nobody_reads(connection: &mut Connection) {
    // Each of many executions answers more than a socket holds, while the rest is still being sent.
    let values: Vec<ValueNode> = (0..300).map(|_| text(&"z".repeat(30_000))).collect();
    let sql = "SELECT $1::text FROM generate_series(1, 20)";
    let counts = connection.execute(sql.into(), Vec::new(), 300, values).await.unwrap();
    assert_eq!(counts, [0; 300]);
    // Executions that cost the guest nothing.
    let fault = connection.execute("SELECT 1".into(), Vec::new(), u32::MAX, Vec::new()).await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.lost), ("limit", false));
}

async fn pipes(server: &Postgres) {
    for sql in ["COPY (SELECT 1) TO STDOUT", "COPY changing FROM STDIN"] {
        let mut connection = open(server).await;
        let fault = run(&mut connection, sql).await.unwrap_err();
        assert_eq!((fault.code.as_str(), fault.lost), ("unsupported", true), "{sql}");
        let mut connection = open(server).await;
        let many = connection.execute(sql.into(), Vec::new(), 1_000, Vec::new()).await;
        assert_eq!(many.unwrap_err().code, "unsupported");
        let mut connection = open(server).await;
        assert!(select(&mut connection, sql).await.is_err());
    }
}

async fn another_encoding(server: &Postgres) {
    let mut connection = open(server).await;
    let fault = run(&mut connection, "SET client_encoding = 'LATIN1'").await.unwrap_err();
    assert!(fault.lost && fault.message.contains("client_encoding"), "{}", fault.message);
}

async fn what_the_role_may_not(connection: &mut Connection) {
    for sql in
        ["COPY (SELECT 1) TO PROGRAM 'true'", "COPY (SELECT 1) TO '/tmp/x'", "SELECT pg_read_file('/etc/passwd')"]
    {
        let fault = run(connection, sql).await.unwrap_err();
        assert_eq!((fault.sqlstate.as_deref(), fault.retriable), (Some("42501"), false), "{sql}");
    }
}
