//! The servers that the JDBC cases need: they come up for whoever runs the tests, keep what was committed when they are
//! killed, and let nobody in without a password.

#![allow(missing_docs)]

use watertight_harness::database::{Database, NAME, USER};
use watertight_harness::mariadb::{self, MariaDb};
use watertight_harness::postgres::{self, Postgres};
use watertight_harness::{paths, skips};

fn keeps_what_was_committed(server: &mut dyn Database) -> anyhow::Result<()> {
    server.sql("CREATE TABLE t (id INT PRIMARY KEY, word VARCHAR(20)); INSERT INTO t VALUES (1, 'one'), (2, NULL);")?;
    server.kill();
    assert!(server.sql("SELECT 1;").is_err());
    server.restart()?;
    assert_eq!(server.rows("SELECT id, word FROM t ORDER BY id;")?, [["1", "one"], ["2", "NULL"]]);
    server.stop()?;
    server.restart()?;
    assert_eq!(server.count("t")?, 2);
    assert!(server.sql("SELECT nothing FROM t;").is_err_and(|e| e.to_string().contains("nothing")));
    server.administer("DROP TABLE t;").map(drop)
}

#[test]
fn postgresql_keeps_what_was_committed_and_wants_a_password() -> anyhow::Result<()> {
    let dir = paths::test_dir("harness-postgres")?;
    if skips::unless("harness-postgres", postgres::Programs::fetch())?.is_none() {
        return Ok(());
    }
    let mut server = Postgres::start(&dir)?;
    keeps_what_was_committed(&mut server)?;
    assert!(server.run(USER, "wrong", NAME, "SELECT 1;").is_err());
    assert!(server.run("postgres", "", NAME, "SELECT 1;").is_err());
    Ok(())
}

#[test]
fn mariadb_keeps_what_was_committed_and_wants_a_password() -> anyhow::Result<()> {
    let dir = paths::test_dir("harness-mariadb")?;
    if skips::unless("harness-mariadb", mariadb::Programs::fetch())?.is_none() {
        return Ok(());
    }
    let mut server = MariaDb::start(&dir)?;
    keeps_what_was_committed(&mut server)?;
    assert!(server.run(USER, "wrong", NAME, "SELECT 1;").is_err());
    assert!(server.run("root", "", NAME, "SELECT 1;").is_err());
    Ok(())
}
