//! Results that are large, unwanted, or slow; servers that go away.

use std::time::Duration;

use watertight_harness::database::Database as _;
use watertight_harness::mariadb::MariaDb;
use watertight_sandbox::sql::ValueNode::Integer;
use watertight_sandbox::sql::{Portion, SqlLimits};

use crate::support::{ALL, LIMITS, case, execute, rest, row, told, until};

/// More rows than there is time for.
const ENDLESS: &str = "SELECT a.seq FROM seq_1_to_1000000 a, seq_1_to_1000000 b";

/// Nothing of ours runs in the server.
fn idle(server: &MariaDb) -> anyhow::Result<bool> {
    let sql = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'connector' AND COMMAND <> 'Sleep';";
    Ok(server.administer(sql)?.trim() == "0")
}

#[test]
fn rows_come_in_portions_and_the_connection_is_busy_until_their_end() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-rows")? else { return Ok(()) };
    case.run(async {
        let mut db = case.open().await?;
        let mut rows =
            db.query("SELECT CAST(seq AS SIGNED) FROM seq_1_to_100000".into(), vec![], vec![]).await.map_err(told)?;
        assert_eq!(
            db.query("SELECT 1".into(), vec![], vec![]).await.err().map(|fault| fault.code),
            Some("busy".into())
        );
        assert!(db.valid().await);
        let (mut next, mut largest) = (1, 0);
        loop {
            let batch = rows.next(Portion { rows: 300, ..ALL }).await.map_err(told)?;
            largest = largest.max(batch.rows.len());
            for row in batch.rows {
                assert_eq!(row[1], Integer(next));
                next += 1;
            }
            if batch.finished {
                break;
            }
        }
        assert_eq!((next, largest), (100_001, 300));
        assert!(rows.next(ALL).await.map_err(told)?.finished);
        // Read to their end, they need not be dropped.
        assert_eq!(row(db.as_mut(), "SELECT 1", &[]).await.map_err(told)?, [Integer(1)]);
        drop(rows);
        // A bound of bytes; one row may always come.
        let mut rows =
            db.query("SELECT REPEAT('x', 1000) FROM seq_1_to_10".into(), vec![], vec![]).await.map_err(told)?;
        assert_eq!(rows.next(Portion { bytes: 1, ..ALL }).await.map_err(told)?.rows.len(), 1);
        assert_eq!(rest(rows.as_mut()).await.map_err(told)?.len(), 9);
        // Good rows before a bad one are not lost.
        let sql = "SELECT IF(seq = 4, 'x', seq) AS word FROM seq_1_to_10";
        let mut rows = db.query(sql.into(), vec![], vec![]).await.map_err(told)?;
        rows.read_as(&["integer".to_owned()]).map_err(told)?;
        assert_eq!(rows.next(ALL).await.map_err(told)?.rows.len(), 3);
        assert!(rows.next(ALL).await.unwrap_err().message.contains("column word, row 4"));
        drop(rows);
        // Nothing comes within the time: no row, and not the end.
        let sql = "SELECT IF(seq = 20000, SLEEP(3), seq) FROM seq_1_to_20000";
        let mut rows = db.query(sql.into(), vec![], vec![]).await.map_err(told)?;
        let (mut count, mut waited) = (0, 0);
        loop {
            let batch = rows.next(Portion { wait: Duration::from_millis(20), ..ALL }).await.map_err(told)?;
            count += batch.rows.len();
            waited += usize::from(batch.rows.is_empty());
            if batch.finished {
                break;
            }
        }
        assert!(count == 20_000 && waited > 1, "{count}, {waited}");
        Ok(())
    })
}

#[test]
fn rows_that_nobody_wants_end_in_the_server_and_free_the_connection() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-unwanted")? else { return Ok(()) };
    case.run(async {
        let mut db = case.open().await?;
        let mut rows = db.query(ENDLESS.into(), vec![], vec![]).await.map_err(told)?;
        assert_eq!(rows.next(Portion { rows: 10, ..ALL }).await.map_err(told)?.rows.len(), 10);
        drop(rows);
        assert_eq!(row(db.as_mut(), "SELECT 1", &[]).await.map_err(told)?, [Integer(1)]);
        assert!(idle(&case.server)?);
        let mut rows = db.query(ENDLESS.into(), vec![], vec![]).await.map_err(told)?;
        rows.cancel().await;
        assert!(rows.next(ALL).await.map_err(told)?.finished);
        assert_eq!(row(db.as_mut(), "SELECT 2", &[]).await.map_err(told)?, [Integer(2)]);
        // A statement that has not answered yet, of a connection that is dropped.
        let waiting = tokio::time::timeout(
            Duration::from_millis(300),
            db.query("SELECT SLEEP(1000) FROM seq_1_to_1000000 WHERE SLEEP(1000) = 0".into(), vec![], vec![]),
        )
        .await;
        drop(waiting);
        drop(db);
        until("the statement has ended", || idle(&case.server)).await?;
        let mut db = case.open().await?;
        let given_up = tokio::time::timeout(Duration::from_millis(300), execute(db.as_mut(), "DO SLEEP(1000)")).await;
        assert!(given_up.is_err());
        let fault = db.execute("DO 1".into(), vec![], 1, vec![]).await.unwrap_err();
        assert!(fault.lost && fault.retriable, "{fault:?}");
        drop(db);
        until("the statement has ended", || idle(&case.server)).await
    })
}

#[test]
fn limits_hold_in_the_server_and_here() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-limits")? else { return Ok(()) };
    case.run(async {
        let limits = SqlLimits { statement: Duration::from_secs(1), row: 100_000, ..LIMITS };
        let mut db = case.open_with("", &[], &limits).await.map_err(told)?;
        let fault = db
            .execute(
                "CREATE TEMPORARY TABLE sums SELECT SUM(a.seq * b.seq) FROM seq_1_to_1000000 a, seq_1_to_1000000 b"
                    .into(),
                vec![],
                1,
                vec![],
            )
            .await
            .unwrap_err();
        assert_eq!(
            (fault.code.as_str(), fault.vendor_code, fault.retriable, fault.lost),
            ("timeout", Some(1969), true, false)
        );
        // Rows may take as long as their reader does.
        assert_eq!(row(db.as_mut(), "SELECT SLEEP(2)", &["integer"]).await.map_err(told)?, [Integer(0)]);
        // A form may make more of a value than came.
        let large = row(db.as_mut(), "SELECT 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13", &["decimal:20000"; 13])
            .await
            .unwrap_err();
        assert!(large.code == "limit" && !large.lost, "{large:?}");
        let large = row(db.as_mut(), "SELECT REPEAT('x', 200000)", &[]).await.unwrap_err();
        assert!(
            large.code == "limit" && large.lost && large.message.contains("sandbox.sql.row.bytes = 100000"),
            "{large:?}"
        );
        assert!(!db.valid().await);
        let mut db = case.open_with("socketTimeout=3000", &[], &LIMITS).await.map_err(told)?;
        let silent = row(db.as_mut(), "SELECT SLEEP(1000)", &[]).await.unwrap_err();
        assert!(silent.code == "timeout" && silent.lost && silent.message.contains("socketTimeout"), "{silent:?}");
        drop(db);
        until("the statement has ended", || idle(&case.server)).await
    })
}

#[test]
fn procedures_may_answer_several_results() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-procedures")? else { return Ok(()) };
    let procedure = "CREATE PROCEDURE shop.several() BEGIN SELECT 1 AS a UNION SELECT 2; SELECT 'x' AS b, 3 AS c; END";
    case.run(async {
        let mut db = case.open().await?;
        execute(db.as_mut(), procedure).await?;
        for _ in 0..2 {
            assert_eq!(execute(db.as_mut(), "CALL several()").await?, 0);
            let mut rows = db.query("CALL several()".into(), vec![], vec![]).await.map_err(told)?;
            assert_eq!(rows.columns().len(), 1);
            assert_eq!(rest(rows.as_mut()).await.map_err(told)?, [[Integer(1)], [Integer(2)]]);
            assert_eq!(row(db.as_mut(), "SELECT 7", &[]).await.map_err(told)?, [Integer(7)]);
        }
        // A statement without rows, asked for rows.
        let mut rows = db.query("DO 1".into(), vec![], vec![]).await.map_err(told)?;
        assert!(rows.columns().is_empty() && rows.next(ALL).await.map_err(told)?.finished);
        Ok(())
    })
}

#[test]
fn a_server_that_goes_away_loses_the_connection_and_is_found_again() -> anyhow::Result<()> {
    let Some(mut case) = case("mariadb-away")? else { return Ok(()) };
    let mut db = case.run(case.open())?;
    case.server.kill();
    let fault = case.run(db.execute("DO 1".into(), vec![], 1, vec![])).unwrap_err();
    assert!(fault.lost && fault.retriable && fault.code == "unavailable", "{fault:?}");
    assert!(!case.run(db.valid()));
    let fault = case.run(case.open_with("", &[], &LIMITS)).err();
    assert!(fault.is_some_and(|fault| fault.retriable && fault.code == "unavailable"));
    case.server.restart()?;
    let mut db = case.run(case.open())?;
    assert_eq!(case.run(row(db.as_mut(), "SELECT 1", &[])).map_err(told)?, [Integer(1)]);
    // A connection that somebody ended in the server.
    let id = case.run(row(db.as_mut(), "SELECT CONNECTION_ID()", &["text"])).map_err(told)?;
    let watertight_sandbox::sql::ValueNode::Text(id) = &id[0] else { anyhow::bail!("no number") };
    case.server.administer(&format!("KILL CONNECTION {id};"))?;
    let fault = case.run(db.execute("DO 1".into(), vec![], 1, vec![])).unwrap_err();
    assert!(fault.lost && fault.retriable, "{fault:?}");
    Ok(())
}
