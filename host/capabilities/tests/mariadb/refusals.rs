//! What is refused: by the policy, by the server, and by us on a server's or a guest's behalf.

use std::collections::HashMap;

use watertight_capabilities::files::FileRoots;
use watertight_harness::database::{Database as _, PASSWORD, USER};
use watertight_harness::mariadb::{MariaDb, Programs};
use watertight_harness::postgres::Certificate;
use watertight_harness::{paths, skips};
use watertight_sandbox::sql::ValueNode::Integer;

use crate::support::{LIMITS, case, execute, open, row, told};

#[test]
fn who_may_not_sign_in_is_told_which_settings_to_look_at() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-sign-in")? else { return Ok(()) };
    case.run(async {
        for settings in [
            &[("connection.password", "wrong-secret-4711")][..],
            &[("connection.password", "")],
            &[("connection.user", "nobody")],
        ] {
            let fault = case.open_with("", settings, &LIMITS).await.err().unwrap_or_else(|| unreachable!());
            assert_eq!((fault.code.as_str(), fault.retriable), ("config", false), "{fault:?}");
            assert!(fault.message.contains("connection.user") && fault.message.contains("connection.password"));
            let all = format!("{fault:?}");
            assert!(!all.contains("4711") && !all.contains(PASSWORD), "{all}");
        }
        let url = case.server.url().replace("/shop", "/nowhere");
        let fault = case.open_with("", &[("connection.url", &url)], &LIMITS).await.err();
        assert!(fault.is_some_and(|fault| fault.code == "config" && fault.vendor_code == Some(1044)));
        // No grant, no connection; and the grant that is missing is named.
        let settings = HashMap::from([
            ("connection.url".to_owned(), case.server.url()),
            ("connection.user".to_owned(), USER.to_owned()),
            ("connection.password".to_owned(), PASSWORD.to_owned()),
        ]);
        let fault = open(settings, "", FileRoots::default(), &LIMITS).await.err();
        assert!(fault.is_some_and(|fault| fault.code == "denied" && fault.message.contains("sandbox.net.allow")));
        Ok(())
    })
}

#[test]
fn a_statement_is_one_statement_and_reads_no_file_of_this_machine() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-hostile")? else { return Ok(()) };
    case.server.administer("SET GLOBAL local_infile = 1;")?;
    case.server.sql("CREATE TABLE words (word TEXT); INSERT INTO words VALUES ('kept');")?;
    let file = paths::test_dir("mariadb-hostile-file")?.join("secret");
    std::fs::write(&file, "secret")?;
    case.run(async {
        let mut db = case.open().await?;
        for sql in [
            "SELECT 1; DELETE FROM words",
            "DELETE FROM words; SELECT 1",
            "SELECT 1;; DELETE FROM words",
            "/*!99999 */ SELECT 1; DROP TABLE words",
            "PREPARE s FROM 'DELETE FROM words; SELECT 1'",
            "EXECUTE IMMEDIATE 'DELETE FROM words; SELECT 1'",
        ] {
            let fault = db.execute(sql.into(), vec![], 1, vec![]).await.unwrap_err();
            // What prepares cannot itself be prepared.
            let code = if sql.contains("DELETE FROM words; SELECT 1'") { "unsupported" } else { "sql" };
            assert_eq!((fault.code.as_str(), fault.lost), (code, false), "{sql}: {fault:?}");
        }
        let load = format!("LOAD DATA LOCAL INFILE '{}' INTO TABLE words", file.display());
        for sql in [load.clone(), format!("EXECUTE IMMEDIATE '{}'", load.replace('\'', "''"))] {
            let fault = db.execute(sql, vec![], 1, vec![]).await.unwrap_err();
            assert!(!fault.lost, "{fault:?}");
        }
        // Files of the server's machine are for users whom it lets.
        let fault = db.execute(load.replace("LOCAL ", ""), vec![], 1, vec![]).await.unwrap_err();
        assert!(!fault.message.is_empty());
        assert_eq!(case.server.rows("SELECT word FROM words;")?, [["kept"]]);
        // Names are nobody's parameters.
        assert_eq!(row(db.as_mut(), "SELECT ':a', 1 /* :b */", &["text", ""]).await.map_err(told)?[1], Integer(1));
        Ok(())
    })
}

#[test]
fn errors_of_statements_say_whether_another_attempt_can_help() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-errors")? else { return Ok(()) };
    case.server.sql("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);")?;
    case.run(async {
        let mut db = case.open().await?;
        for (sql, number, state) in [
            ("SELEC 1", 1064, "42000"),
            ("SELECT * FROM nothing", 1146, "42S02"),
            ("SELECT nothing FROM t", 1054, "42S22"),
            ("INSERT INTO t VALUES (1)", 1062, "23000"),
            ("INSERT INTO t VALUES ('x')", 1366, "22007"),
            ("DELETE FROM mysql.global_priv", 1142, "42000"),
        ] {
            let fault = db.execute(sql.into(), vec![], 1, vec![]).await.unwrap_err();
            assert_eq!(
                (fault.vendor_code, fault.sqlstate.as_deref(), fault.retriable, fault.lost),
                (Some(number), Some(state), false, false)
            );
        }
        // A lock that is not to be had.
        let mut other = case.open().await?;
        other.begin(None, false).await.map_err(told)?;
        execute(other.as_mut(), "UPDATE t SET id = 2").await?;
        execute(db.as_mut(), "SET innodb_lock_wait_timeout = 1").await?;
        let fault = db.execute("UPDATE t SET id = 3".into(), vec![], 1, vec![]).await.unwrap_err();
        assert_eq!((fault.vendor_code, fault.retriable, fault.lost), (Some(1205), true, false));
        // A table that changes under a prepared statement.
        other.rollback().await.map_err(told)?;
        assert_eq!(row(db.as_mut(), "SELECT * FROM t", &[]).await.map_err(told)?.len(), 1);
        execute(other.as_mut(), "ALTER TABLE t ADD COLUMN word TEXT, MODIFY id BIGINT UNSIGNED").await?;
        assert_eq!(row(db.as_mut(), "SELECT * FROM t", &[]).await.map_err(told)?.len(), 2);
        Ok(())
    })
}

#[test]
fn tls_is_spoken_with_a_server_whose_certificate_is_known() -> anyhow::Result<()> {
    let dir = paths::test_dir("mariadb-tls")?;
    let store = paths::root().join("host/capabilities/tests/certificates");
    let certificate =
        Certificate { certificate: store.join("server.pem"), key: store.join("server.key"), clients: None };
    let Some(_) = skips::unless("mariadb-tls", Programs::fetch())? else { return Ok(()) };
    let server = MariaDb::start_with_tls(&dir, &certificate)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let url = format!("{}?", server.mysql_url());
        let with = async |parameters: &str| {
            let settings = HashMap::from([
                ("connection.url".to_owned(), format!("{url}{parameters}")),
                ("connection.user".to_owned(), USER.to_owned()),
                ("connection.password".to_owned(), PASSWORD.to_owned()),
            ]);
            let files = FileRoots::parse(&store.display().to_string(), &dir).unwrap_or_default();
            open(settings, "127.0.0.1:*", files, &LIMITS).await
        };
        let authority = store.join("authority.pem");
        let stranger = store.join("other.pem");
        for good in [
            "sslMode=PREFERRED".to_owned(),
            "sslMode=REQUIRED".to_owned(),
            format!("sslMode=VERIFY_CA&serverSslCert={}", authority.display()),
        ] {
            let mut db = with(&good).await.map_err(|fault| anyhow::anyhow!("{good}: {fault:?}"))?;
            let cipher = row(
                db.as_mut(),
                "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'",
                &[],
            )
            .await
            .map_err(told)?;
            assert_ne!(cipher, [crate::support::text("")]);
            // Giving up works over TLS, too.
            let rows = db.query("SELECT seq FROM seq_1_to_100000000".into(), vec![], vec![]).await.map_err(told)?;
            drop(rows);
            assert_eq!(row(db.as_mut(), "SELECT 1", &[]).await.map_err(told)?, [Integer(1)]);
        }
        for bad in ["sslMode=VERIFY_CA".to_owned(), format!("sslMode=VERIFY_CA&serverSslCert={}", stranger.display())] {
            let fault = with(&bad).await.err();
            assert!(
                fault.as_ref().is_some_and(|fault| fault.code == "config" && fault.message.contains("TLS")),
                "{bad}: {fault:?}"
            );
        }
        assert!(with("sslMode=DISABLED").await.is_err());
        Ok(())
    })
}
