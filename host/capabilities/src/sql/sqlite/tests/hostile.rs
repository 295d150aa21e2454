use std::time::{Duration, Instant};

use watertight_sandbox::sql::code;

use super::*;

async fn refused(db: &mut Db, sql: &str) -> Fault {
    let executed = run(db, sql).await.err();
    let queried = ask(db, sql).await.err();
    assert_eq!(executed.is_some(), queried.is_some(), "{sql}");
    executed.unwrap_or_else(|| panic!("{sql} was let through"))
}

#[tokio::test]
async fn attaching_and_copying_to_other_files_is_refused() {
    let (scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    let other = scene.path("other.db");
    for sql in [
        format!("ATTACH '{}' AS other", other.display()),
        format!("ATTACH 'file:{}?mode=rwc' AS other", other.display()),
        "ATTACH ':memory:' AS other".to_owned(),
        "ATTACH '' AS other".to_owned(),
        format!("VACUUM INTO '{}'", other.display()),
        "VACUUM".to_owned(),
        "DETACH main".to_owned(),
    ] {
        let fault = refused(&mut db, &sql).await;
        assert_eq!(fault.code, code::DENIED, "{sql}: {}", fault.message);
        assert_eq!(fault.sqlstate.as_deref(), Some("42501"));
        assert!(fault.message.starts_with("the statement is not allowed: "), "{}", fault.message);
    }
    assert!(!other.exists());
}

#[tokio::test]
async fn code_and_files_are_not_reached_by_functions() {
    let (_scene, mut db) = Scene::with(&[]).await;
    for (sql, words) in [
        ("SELECT load_extension('/lib/x86_64-linux-gnu/libc.so.6')", "load_extension reaches out of the database"),
        ("SELECT fts3_tokenizer('simple', x'00')", "fts3_tokenizer reaches out of the database"),
        ("SELECT readfile('/etc/passwd')", "no such function: readfile"),
        ("SELECT writefile('/tmp/x', 'y')", "no such function: writefile"),
        ("SELECT edit('x')", "no such function: edit"),
        ("SELECT * FROM fsdir('/')", "no such table: fsdir"),
    ] {
        let fault = refused(&mut db, sql).await;
        assert!(fault.message.contains(words), "{sql}: {}", fault.message);
    }
}

#[tokio::test]
async fn pragmas_that_set_something_are_refused_and_change_nothing() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    for sql in [
        "PRAGMA writable_schema = 1",
        "PRAGMA writable_schema(1)",
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA data_store_directory = '/tmp'",
        "PRAGMA temp_store = FILE",
        "PRAGMA journal_mode = OFF",
        "PRAGMA journal_mode(WAL)",
        "PRAGMA main.journal_mode = MEMORY",
        "PRAGMA mmap_size = 1000000000",
        "PRAGMA cache_size = -10000000",
        "PRAGMA hard_heap_limit = 1",
        "PRAGMA soft_heap_limit = 1",
        "PRAGMA trusted_schema = 1",
        "PRAGMA busy_timeout = 100000000",
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA query_only = 0",
        "PRAGMA threads = 8",
        "PRAGMA user_version = 7",
        "PRAGMA application_id = 7",
        "PRAGMA synchronous = OFF",
        "PRAGMA page_size = 512",
        "PRAGMA lock_proxy_file = ':auto:'",
        "PRAGMA integrity_check",
        "PRAGMA optimize",
        "PRAGMA database_list",
    ] {
        let fault = refused(&mut db, sql).await;
        assert_eq!(fault.code, code::DENIED, "{sql}: {}", fault.message);
        assert!(fault.message.contains("PRAGMA "), "{}", fault.message);
    }
    assert_eq!(rows(&mut db, "PRAGMA user_version").await, ["0"]);
    assert_eq!(rows(&mut db, "PRAGMA journal_mode").await, ["'delete'"]);
    assert_eq!(rows(&mut db, "PRAGMA table_info(t)").await.len(), 1);
    // The same by the way of table-valued functions.
    let fault = refused(&mut db, "SELECT * FROM pragma_user_version(7)").await;
    assert!(!fault.message.is_empty());
    assert_eq!(rows(&mut db, "SELECT name FROM pragma_table_info('t')").await, ["'a'"]);
}

#[tokio::test]
async fn the_schema_is_not_written_by_hand() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    for sql in [
        "UPDATE sqlite_master SET sql = 'CREATE TABLE t(b)'",
        "INSERT INTO sqlite_master VALUES('table', 'x', 'x', 0, 'CREATE TABLE x(a)')",
        "DELETE FROM sqlite_schema",
        "CREATE VIRTUAL TABLE v USING fts5(a)",
        "CREATE VIRTUAL TABLE v USING rtree(id, a, b)",
        "CREATE VIRTUAL TABLE temp.v USING dbstat",
    ] {
        refused(&mut db, sql).await;
    }
    assert_eq!(rows(&mut db, "SELECT name FROM sqlite_master").await, ["'t'"]);
}

#[tokio::test]
async fn transactions_are_not_begun_by_sql() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    for sql in
        ["BEGIN", "BEGIN EXCLUSIVE", "COMMIT", "END", "ROLLBACK", "SAVEPOINT s", "RELEASE whole", "ROLLBACK TO whole"]
    {
        let fault = refused(&mut db, sql).await;
        assert_eq!(fault.code, code::DENIED, "{sql}: {}", fault.message);
    }
}

#[tokio::test]
async fn a_second_statement_does_not_hide_behind_the_first() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    for sql in [
        "INSERT INTO t VALUES(1); DROP TABLE t",
        "INSERT INTO t VALUES(1); nonsense",
        "INSERT INTO t VALUES(1);\0DROP TABLE t",
        "SELECT 1; ATTACH 'x' AS y",
        "",
        "  ",
        "-- nothing",
        ";",
    ] {
        refused(&mut db, sql).await;
    }
    assert!(rows(&mut db, "SELECT * FROM t").await.is_empty());
    run(&mut db, "INSERT INTO t VALUES(1); -- done\n ; /* really */").await.unwrap();
    assert_eq!(rows(&mut db, "SELECT * FROM t;").await, ["1"]);
}

#[tokio::test]
async fn what_never_ends_is_ended_at_the_limit_and_the_connection_goes_on() {
    let mut scene = Scene::new();
    scene.limits.statement = Duration::from_millis(300);
    let mut db = scene.open().await;
    let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";
    for sql in [
        format!("{endless} SELECT count(*) FROM c"),
        format!("{endless} SELECT x FROM c WHERE x < 0"),
        format!("CREATE TABLE grows AS {endless} SELECT x FROM c WHERE x % 1000000 = 0"),
    ] {
        let begun = Instant::now();
        let fault = run(&mut db, &sql).await.unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(30), "{sql}");
        assert_eq!(fault.code, code::TIMEOUT, "{sql}: {}", fault.message);
        assert!(fault.message.contains("sandbox.sql.statement.ms = 300 ms"), "{}", fault.message);
        assert!(fault.retriable && !fault.lost);
    }
    assert_eq!(rows(&mut db, "SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn a_single_step_does_not_take_hours() {
    let (_scene, mut db) = Scene::with(&[]).await;
    for (sql, expected) in [
        ("SELECT instr(zeroblob(15000000), zeroblob(7000000) || x'01')", "0"),
        ("SELECT instr(zeroblob(15000000), CAST(zeroblob(7000000) || x'01' AS BLOB))", "0"),
        ("SELECT length(replace(hex(zeroblob(7000000)), hex(zeroblob(3000000)) || '1', ''))", "14000000"),
        ("SELECT length(replace(hex(zeroblob(1000000)), '0', 'ab'))", "4000000"),
        ("SELECT length(trim(hex(zeroblob(7000000)), 'bcdefghijklmnop0'))", "0"),
        ("SELECT hex(zeroblob(500000)) LIKE '%' || hex(zeroblob(240)) || 'b'", "0"),
    ] {
        let begun = Instant::now();
        assert_eq!(rows(&mut db, sql).await, [expected], "{sql}");
        assert!(begun.elapsed() < Duration::from_secs(60), "{sql}: {:?}", begun.elapsed());
    }
    for sql in [
        "SELECT trim('x', hex(zeroblob(1000)))",
        "SELECT json_patch('{}', '{}')",
        "SELECT replace(hex(zeroblob(1000000)), '0', hex(zeroblob(1000000)))",
        "SELECT 'x' LIKE hex(zeroblob(300))",
        "SELECT 'x' GLOB hex(zeroblob(300))",
    ] {
        let fault = refused(&mut db, sql).await;
        assert!([code::LIMIT, code::DENIED, code::SQL].contains(&fault.code.as_str()), "{sql}: {}", fault.message);
    }
}

#[tokio::test]
async fn functions_of_ours_answer_as_those_of_sqlite() {
    let (_scene, mut db) = Scene::with(&[]).await;
    memory::install();
    let theirs = rusqlite::Connection::open_in_memory().unwrap();
    let values = ["NULL", "''", "'abcabc'", "'äöüabcä'", "x'6162'", "x'c3'", "12.5", "10", "'  a '", "'é€é'", "x''"];
    for one in values {
        for two in values.into_iter().chain(["'b'", "'ä'", "'€'", "' '", "'ac'", "x'62'", "5"]) {
            for function in ["instr", "trim", "ltrim", "rtrim", "replace"] {
                for three in if function == "replace" { vec![", ''", ", 'é€'", ", NULL", ", 7"] } else { vec![""] } {
                    let sql = format!("SELECT quote(r), typeof(r) FROM (SELECT {function}({one}, {two}{three}) AS r)");
                    let row = |row: &rusqlite::Row<'_>| Ok((row.get_ref(0)?.as_bytes()?.to_vec(), row.get(1)?));
                    let (quoted, kind): (Vec<u8>, String) = theirs.query_row(&sql, (), row).unwrap();
                    let expected = format!("x{quoted:02x?}|'{kind}'");
                    assert_eq!(rows_as(&mut db, &sql, &["bytes", "text"]).await.unwrap(), [expected], "{sql}");
                }
            }
        }
    }
}

#[tokio::test]
async fn executions_without_number_are_ended_at_the_limit() {
    let mut scene = Scene::new();
    scene.limits.statement = Duration::from_millis(300);
    let mut db = scene.open().await;
    run(&mut db, "CREATE TABLE t(a)").await.unwrap();
    let fault = db.execute("INSERT INTO t VALUES(1)".into(), vec![], u32::MAX, vec![]).await.unwrap_err();
    assert_eq!(fault.code, code::TIMEOUT, "{}", fault.message);
    assert_eq!(rows(&mut db, "SELECT count(*) FROM t").await, ["0"]);
}

#[tokio::test]
async fn a_join_of_everything_is_ended_too() {
    let mut scene = Scene::new();
    scene.limits.statement = Duration::from_millis(500);
    let mut db = scene.open().await;
    run(&mut db, "CREATE TABLE t(a)").await.unwrap();
    run(&mut db, "INSERT INTO t VALUES(1), (2), (3), (4)").await.unwrap();
    let tables: Vec<String> = (0..60).map(|at| format!("t AS t{at}")).collect();
    let begun = Instant::now();
    let fault = run(&mut db, &format!("SELECT count(*) FROM {}", tables.join(", "))).await.unwrap_err();
    assert_eq!(fault.code, code::TIMEOUT, "{}", fault.message);
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn a_row_that_never_comes_is_ended_at_the_limit() {
    let mut scene = Scene::new();
    scene.limits.statement = Duration::from_millis(300);
    let mut db = scene.open().await;
    let sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c WHERE x = 1 OR x < 0";
    let mut open = ask(&mut db, sql).await.unwrap();
    let fault = all(&mut open).await.unwrap_err();
    assert_eq!(fault.code, code::TIMEOUT);
    assert_eq!(rows(&mut db, "SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn values_and_rows_beyond_the_limit_are_refused_before_they_are_had() {
    let mut scene = Scene::new();
    scene.limits.row = 1 << 20;
    let mut db = scene.open().await;
    for sql in [
        "SELECT zeroblob(1000000000)",
        "SELECT randomblob(2000000)",
        "SELECT replace(hex(zeroblob(500000)), '0', 'abcdefgh')",
        "SELECT group_concat(hex(zeroblob(300000))) FROM (VALUES (1), (2), (3))",
        "SELECT printf('%2000000d', 1)",
    ] {
        let fault = ask(&mut db, sql).await.err().unwrap_or_else(|| panic!("{sql}"));
        assert_eq!(fault.code, code::LIMIT, "{sql}: {}", fault.message);
        assert!(fault.message.contains("sandbox.sql.row.bytes"), "{}", fault.message);
    }
    // Each value fits, the row does not.
    let fault = all(&mut ask(&mut db, "SELECT zeroblob(900000), zeroblob(900000)").await.unwrap()).await.unwrap_err();
    assert_eq!(fault.code, code::LIMIT);
    assert!(fault.message.contains("sandbox.sql.row.bytes = 1048576"), "{}", fault.message);
    let long = format!("SELECT '{}'", "x".repeat(2_000_000));
    assert_eq!(ask(&mut db, &long).await.err().unwrap().code, code::LIMIT);
    let bound = db.query("SELECT length(?)".into(), vec![], vec![text(&"x".repeat(2_000_000))]).await;
    assert_eq!(bound.err().unwrap().code, code::LIMIT);
    assert_eq!(rows(&mut db, "SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn statements_that_are_too_deep_too_wide_or_too_many_are_refused() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    let nested = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let sum = format!("SELECT 1{}", " + 1".repeat(5_000));
    let compound = vec!["SELECT 1"; 600].join(" UNION ALL ");
    let columns = format!("SELECT {}", vec!["1"; 2_001].join(", "));
    let parameters = "SELECT ?32767".to_owned();
    let pattern = format!("SELECT 'x' LIKE '{}'", "%a".repeat(5_000));
    let not = format!("SELECT {}1", "NOT ".repeat(5_000));
    for sql in [nested, sum, compound, columns, parameters, pattern, not] {
        let fault = refused(&mut db, &sql).await;
        let start = &sql[..30.min(sql.len())];
        assert!([code::LIMIT, code::SQL].contains(&fault.code.as_str()), "{start}: {}", fault.message);
    }
    assert_eq!(rows(&mut db, "SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn memory_is_bounded_and_a_neighbour_does_not_notice() {
    let (scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    let mut neighbour = scene.open().await;
    // A gigabyte to be sorted, with values that cannot be shortened.
    let greedy = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000000) \
                  SELECT randomblob(1000) AS b FROM c ORDER BY b";
    let fault = ask(&mut db, greedy).await.err().unwrap();
    assert_eq!(fault.code, code::LIMIT, "{}", fault.message);
    assert!(fault.message.contains("out of memory"), "{}", fault.message);
    assert_eq!(rows(&mut neighbour, "SELECT count(*) FROM t").await, ["0"]);
    assert_eq!(rows(&mut db, "SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn a_memory_database_does_not_grow_without_bound() {
    let mut scene = Scene::new();
    scene.settings.place = Place::Memory;
    let mut db = scene.open().await;
    run(&mut db, "CREATE TABLE t(a)").await.unwrap();
    let grow = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000) \
                INSERT INTO t SELECT randomblob(1000000) FROM c";
    let fault = run(&mut db, grow).await.unwrap_err();
    assert!(["53200", "53100"].contains(&fault.sqlstate.as_deref().unwrap()), "{}", fault.message);
    assert_eq!(rows(&mut db, "SELECT count(*) FROM t").await, ["0"]);
}

#[tokio::test]
async fn a_schema_that_was_prepared_by_somebody_else_is_not_trusted() {
    let scene = Scene::new();
    let maker = rusqlite::Connection::open(scene.path("test.db")).unwrap();
    maker
        .execute_batch(
            "CREATE TABLE t(a); INSERT INTO t VALUES(1); CREATE VIEW v AS SELECT load_extension('/x') FROM t;
             CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT load_extension('/x'); END;",
        )
        .unwrap();
    drop(maker);
    let mut db = scene.open().await;
    for sql in ["SELECT * FROM v", "INSERT INTO t VALUES(2)"] {
        let fault = run(&mut db, sql).await.unwrap_err();
        assert!(fault.message.contains("load_extension"), "{sql}: {}", fault.message);
    }
    assert_eq!(rows(&mut db, "SELECT * FROM t").await, ["1"]);
}

#[tokio::test]
async fn names_are_never_statements() {
    let evil = r#"x" (a); DROP TABLE t; --"#;
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    let create = format!("CREATE TABLE \"{}\" (\"{}\" INTEGER PRIMARY KEY)", evil.replace('"', "\"\""), "a\"\"; --");
    run(&mut db, &create).await.unwrap();
    let loaded = db.load(named(evil), strings(&["a\"; --"]), vec![], vec![ValueNode::Integer(1)]).await;
    assert_eq!(loaded.unwrap(), 1);
    assert_eq!(db.columns(named(evil)).await.unwrap().unwrap()[0].name, "a\"; --");
    assert_eq!(db.primary_key(named(evil)).await.unwrap(), ["a\"; --"]);
    assert!(db.columns(named("t'; DROP TABLE t; --")).await.unwrap().is_none());
    assert!(db.columns(named("t")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_log_whose_index_is_cut_short_does_not_end_the_process() {
    let mut scene = Scene::new();
    scene.settings.journal_mode = Some("WAL".into());
    let mut db = scene.open().await;
    let mut other = scene.open().await;
    run(&mut db, "CREATE TABLE t(a)").await.unwrap();
    for round in 0..20 {
        let index = std::fs::File::options().write(true).open(scene.path("test.db-shm")).unwrap();
        index.set_len(if round % 2 == 0 { 0 } else { 4_096 }).unwrap();
        // What comes of it is an answer or an error.
        let _ = run(&mut db, "INSERT INTO t VALUES(randomblob(100))").await;
        let _ = run(&mut other, "INSERT INTO t VALUES(randomblob(100))").await;
        let _ = run(&mut other, "SELECT count(*) FROM t").await;
    }
    drop((db, other));
    scene.settings.place = Place::File(scene.path("neighbour.db"));
    let mut neighbour = scene.open().await;
    run(&mut neighbour, "CREATE TABLE t(a)").await.unwrap();
    assert_eq!(rows(&mut neighbour, "SELECT count(*) FROM t").await, ["0"]);
}

#[tokio::test]
async fn files_cut_short_or_filled_with_noise_are_errors() {
    let mut scene = Scene::new();
    let mut random = 1_u64;
    for round in 0..30_usize {
        scene.settings.place = Place::File(scene.path(&format!("noise{round}.db")));
        let mut db = scene.open().await;
        run(&mut db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)").await.unwrap();
        run(&mut db, "CREATE INDEX i ON t(b)").await.unwrap();
        let fill = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 500) \
                    INSERT INTO t SELECT x, hex(randomblob(30)) FROM c";
        run(&mut db, fill).await.unwrap();
        let path = scene.path(&format!("noise{round}.db"));
        let mut bytes = std::fs::read(&path).unwrap();
        for _ in 0..200 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(random >> 33).unwrap() % (bytes.len() - 100) + 100;
            bytes[at] = u8::try_from(random >> 56).unwrap();
        }
        bytes.truncate(if round % 3 == 0 { bytes.len() / 2 } else { bytes.len() });
        // Under the open connection, and for one that is opened after.
        std::fs::write(&path, &bytes).unwrap();
        let mut fresh = scene.try_open().await.ok();
        for sql in ["SELECT * FROM t", "SELECT b FROM t ORDER BY b", "UPDATE t SET b = b || 'x'", "DELETE FROM t"] {
            for db in [Some(&mut db), fresh.as_mut()].into_iter().flatten() {
                let _ = run(db, sql).await;
            }
        }
    }
}

#[tokio::test]
async fn views_that_double_are_refused_while_they_are_prepared() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    for (name, both) in [("u", "UNION ALL SELECT a FROM"), ("j", "NATURAL JOIN")] {
        run(&mut db, &format!("CREATE VIEW {name}0 AS SELECT a FROM t")).await.unwrap();
        for level in 1..20 {
            let below = format!("{name}{}", level - 1);
            run(&mut db, &format!("CREATE VIEW {name}{level} AS SELECT a FROM {below} {both} {below}")).await.unwrap();
        }
        let begun = Instant::now();
        let fault = run(&mut db, &format!("SELECT * FROM {name}19")).await.unwrap_err();
        assert_eq!(fault.code, code::LIMIT, "{}", fault.message);
        assert!(begun.elapsed() < Duration::from_secs(60), "{name}: {}", fault.message);
    }
    assert_eq!(rows(&mut db, "SELECT 1").await, ["1"]);
}
