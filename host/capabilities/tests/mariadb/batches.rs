//! Many executions of one statement, and transactions.

use watertight_harness::database::Database as _;
use watertight_sandbox::sql::SqlConnection;
use watertight_sandbox::sql::ValueNode::{Integer, Null};

use crate::support::{SOON, case, execute, row, told, until};

const INSERT: &str = "INSERT INTO numbers VALUES (?, ?)";

#[test]
fn a_batch_is_all_or_nothing_and_names_the_execution_that_failed() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-batches")? else { return Ok(()) };
    case.server.sql("CREATE TABLE numbers (id INT PRIMARY KEY, word VARCHAR(20) NOT NULL);")?;
    case.run(async {
        let mut db = case.open().await?;
        let values: Vec<_> = (0..20_000).flat_map(|i| [Integer(i), Integer(i * 2)]).collect();
        let counts = db.execute(INSERT.into(), vec![], 20_000, values).await.map_err(told)?;
        assert_eq!((counts.len(), counts.iter().sum::<u64>()), (20_000, 20_000));
        assert_eq!(case.server.count("numbers")?, 20_000);
        let values = [30_000, 30_001, 7, 30_002].iter().flat_map(|i| [Integer(*i), Integer(0)]).collect::<Vec<_>>();
        let fault = db.execute(INSERT.into(), vec![], 4, values.clone()).await.unwrap_err();
        assert_eq!((fault.row, fault.vendor_code, fault.sqlstate.as_deref()), (Some(2), Some(1062), Some("23000")));
        assert_eq!(fault.details, [("constraint".to_owned(), "PRIMARY".to_owned())]);
        assert_eq!(case.server.count("numbers")?, 20_000);
        // Inside a transaction, what was done before stays.
        db.begin(None, false).await.map_err(told)?;
        db.execute(INSERT.into(), vec![], 1, vec![Integer(40_000), Integer(0)]).await.map_err(told)?;
        assert_eq!(db.execute(INSERT.into(), vec![], 4, values).await.unwrap_err().row, Some(2));
        db.commit().await.map_err(told)?;
        assert_eq!(case.server.count("numbers")?, 20_001);
        // A value that cannot be written is found before anything is kept.
        let fault = db.execute(
            INSERT.into(),
            vec!["integer".into()],
            2,
            vec![Integer(50_000), Integer(1), Integer(50_001), crate::support::text("x")],
        );
        assert_eq!(fault.await.unwrap_err().row, Some(1));
        let fault =
            db.execute(INSERT.into(), vec![], 2, vec![Integer(50_000), Integer(1), Integer(50_001), Null]).await;
        assert_eq!(fault.unwrap_err().row, Some(1));
        assert_eq!(case.server.count("numbers")?, 20_001);
        // Rows that were found count, as they do with JDBC drivers.
        let update = "UPDATE numbers SET word = ? WHERE id = ?".to_owned();
        let counts = db
            .execute(update, vec![], 3, vec![Integer(2), Integer(1), Integer(9), Integer(1), Integer(9), Integer(-1)])
            .await;
        assert_eq!(counts.map_err(told)?, [1, 1, 0]);
        // And what follows is a transaction by itself again.
        execute(db.as_mut(), "DELETE FROM numbers WHERE id = 1").await?;
        assert_eq!(case.server.count("numbers")?, 20_000);
        Ok(())
    })
}

#[test]
fn transactions_are_seen_when_they_end_and_not_committed_after_a_deadlock() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-transactions")? else { return Ok(()) };
    case.server.sql(
        "CREATE TABLE numbers (id INT PRIMARY KEY, word VARCHAR(20)); INSERT INTO numbers VALUES (1, 'a'), (2, 'b');",
    )?;
    case.run(async {
        let (mut one, mut two) = (case.open().await?, case.open().await?);
        assert_eq!(one.commit().await.unwrap_err().code, "sql");
        one.begin(Some("READ_COMMITTED".into()), false).await.map_err(told)?;
        assert_eq!(one.begin(None, false).await.unwrap_err().code, "sql");
        execute(one.as_mut(), "INSERT INTO numbers VALUES (3, 'c')").await?;
        assert_eq!(case.server.count("numbers")?, 2);
        one.rollback().await.map_err(told)?;
        one.begin(Some("SERIALIZABLE".into()), true).await.map_err(told)?;
        let level = row(one.as_mut(), "SELECT @@in_transaction", &["integer"]).await.map_err(told)?;
        assert_eq!(level, [Integer(1)]);
        assert_eq!(
            one.execute("DELETE FROM numbers".into(), vec![], 1, vec![]).await.unwrap_err().vendor_code,
            Some(1792)
        );
        one.commit().await.map_err(told)?;
        assert_eq!(one.begin(Some("CHAOS".into()), false).await.unwrap_err().code, "unsupported");
        // Each holds what the other wants.
        let lock = |id: u32| format!("UPDATE numbers SET word = CONCAT(word, '{id}') WHERE id = {id}");
        one.begin(None, false).await.map_err(told)?;
        two.begin(None, false).await.map_err(told)?;
        execute(one.as_mut(), &lock(1)).await?;
        execute(two.as_mut(), &lock(2)).await?;
        let mut waiting = tokio::spawn(async move {
            let done = one.execute(lock(2), vec![], 1, vec![]).await;
            (one, done)
        });
        until("a lock is waited for", || {
            Ok(case
                .server
                .administer("SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT';")?
                .trim()
                == "1")
        })
        .await?;
        let second = two.execute(lock(1), vec![], 1, vec![]).await;
        if second.is_ok() {
            // Now the other is the victim, and has its answer.
            two.commit().await.map_err(told)?;
        }
        let (mut one, first) = tokio::time::timeout(SOON, &mut waiting).await??;
        let (fault, loser): (_, &mut Box<dyn SqlConnection>) = match (first, second) {
            (Err(fault), Ok(_)) => (fault, &mut one),
            (Ok(_), Err(fault)) => (fault, &mut two),
            other => anyhow::bail!("{other:?}"),
        };
        assert_eq!(
            (fault.vendor_code, fault.retriable, fault.lost, fault.sqlstate.as_deref()),
            (Some(1213), true, false, Some("40001"))
        );
        execute(loser.as_mut(), "INSERT INTO numbers VALUES (9, 'lost')").await?;
        let undone = loser.commit().await.unwrap_err();
        assert!(undone.retriable && undone.message.contains("nothing was committed"), "{undone:?}");
        assert_eq!(case.server.value("SELECT COUNT(*) FROM numbers WHERE id = 9;")?, "0");
        loser.begin(None, false).await.map_err(told)?;
        loser.commit().await.map_err(told)?;
        Ok(())
    })
}
