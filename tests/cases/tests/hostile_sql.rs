//! Hostile connectors with a database at hand, and with none: each is FAILED with what it was told, or borne, and its
//! neighbour in the same worker does not notice. Most need no server: none may be reached.

use anyhow::Context as _;
use std::path::{Path, PathBuf};
use watertight_cases::hostile::{scene, source};
use watertight_cases::{SOON, Scene};
use watertight_harness::connect::Connect;
use watertight_harness::database::{self, Database};
use watertight_harness::mariadb::MariaDb;
use watertight_harness::postgres::Postgres;
use watertight_harness::properties::Properties;
use watertight_harness::{lines, procfs, skips, wait};

const PASSWORD: &str = "CANARY-of-a-database-4c17";

/// With limits that are reached soon.
fn started(case: &str) -> anyhow::Result<Scene> {
    let scene = scene(case)?
        .with("sandbox.sql.connections", 3)
        .with("sandbox.sql.statement.ms", 1500)
        .with("sandbox.sql.row.bytes", 8 << 20)
        .start()?;
    scene.wait_running()?;
    Ok(scene)
}

fn database(scene: &Scene, name: &str) -> PathBuf {
    scene.dir.join(format!("{name}.db"))
}

/// An attack on a SQLite database of its own.
fn on_sqlite(scene: &Scene, attack: &str) -> Properties {
    source(attack).with("connection.url", format!("jdbc:sqlite:{}", database(scene, attack).display()))
}

/// Each fails with all of its words, and none escapes.
fn refused(connect: &Connect, wanted: &[(Properties, &[&str])]) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (config, words) in wanted {
        let name = config.get("name").unwrap_or_default();
        let trace = connect.wait_failed(name, SOON)?;
        println!("hostile-sql: {name}: {}", trace.lines().next().unwrap_or_default());
        for word in words.iter().filter(|word| !trace.contains(**word)) {
            wrong.push(format!("{name}: {word} is not named: {trace}"));
        }
        if trace.contains("ESCAPED") {
            wrong.push(format!("{name}: {trace}"));
        }
    }
    Ok(wrong)
}

/// The pair of files goes on, the worker answers, and everything that is wrong is told at once.
fn undisturbed(scene: &Scene, already: u64, wrong: &[String]) -> anyhow::Result<()> {
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    lines::append(&scene.input(), already, already + 100)?;
    anyhow::ensure!(scene.wait_for_lines(already + 100, SOON)?.is_exact(), "a neighbour was disturbed");
    scene.wait_running()
}

#[test]
fn what_wears_out_a_database_is_refused_with_the_limit_and_a_neighbour_goes_on() -> anyhow::Result<()> {
    let scene = started("hostile-sql-limits")?;
    let connect = scene.worker.connect();
    let wanted: [(&str, &[&str]); 10] = [
        (
            "sql-too-many-connections",
            &["after 3 connections: [limit] more open connections than sandbox.sql.connections = 3"],
        ),
        ("sql-too-many-connections-behind-rows", &["after 3 connections: [limit]", "sandbox.sql.connections = 3"]),
        ("sql-query-without-end", &["query: [timeout]", "sandbox.sql.statement.ms = 1500 ms"]),
        ("sql-execute-without-end", &["execute: [timeout]", "sandbox.sql.statement.ms = 1500 ms"]),
        ("sql-huge-row", &["[limit]", "sandbox.sql.row.bytes"]),
        ("sql-huge-batch", &["a batch of "]),
        ("sql-huge-parameters", &["sandbox.hostcall.bytes"]),
        ("sql-four-billion-executions", &["[data] 4294967295 executions with 0 values"]),
        ("sql-another-prefix", &["config config config config config config config config config config"]),
        (
            "sql-call-on-while-rows-are-open",
            &["execute busy, query busy, begin busy, commit busy, columns busy, tables busy"],
        ),
    ];
    let wanted: Vec<(Properties, &[&str])> =
        wanted.into_iter().map(|(attack, words)| (on_sqlite(&scene, attack), words)).collect();
    let mut wrong = Vec::new();
    for group in wanted.chunks(4) {
        for (config, _) in group {
            connect.create(config)?;
        }
        wrong.extend(refused(&connect, group)?);
    }
    undisturbed(&scene, 0, &wrong)
}

#[test]
fn a_query_that_nobody_reads_and_handles_dropped_in_any_order_are_borne() -> anyhow::Result<()> {
    let scene = started("hostile-sql-borne")?;
    let connect = scene.worker.connect();
    for attack in ["sql-drop-in-every-order", "sql-query-and-never-read"] {
        connect.create(&on_sqlite(&scene, attack))?;
        connect.wait_running(attack, SOON)?;
    }
    undisturbed(&scene, 0, &[])?;
    let pid = scene.worker.pid().context("the worker does not run")?;
    wait::until("the worker to compute no more for who does not read", SOON, || {
        let before = procfs::cpu(pid).map_err(|error| error.to_string())?;
        std::thread::sleep(std::time::Duration::from_secs(2));
        let spent = procfs::cpu(pid).map_err(|error| error.to_string())? - before;
        if spent.as_secs_f64() < 1.0 { Ok(()) } else { Err(format!("{spent:?} of CPU in 2 s")) }
    })?;
    for attack in ["sql-drop-in-every-order", "sql-query-and-never-read"] {
        connect.wait_running(attack, SOON)?;
    }
    Ok(())
}

/// A guest on a server does the server no more harm than its limits allow, and leaves nothing behind that runs on.
fn on_a_server(case: &str, start: impl Fn(&Path) -> anyhow::Result<Box<dyn Database>>) -> anyhow::Result<()> {
    let scene = scene(case)?;
    let Some(server) = skips::unless(case, start(&scene.dir))? else { return Ok(()) };
    let is_postgres = server.product() == "postgresql";
    let endless = if is_postgres { "SELECT pg_sleep(1000)" } else { "SELECT SLEEP(1000)" };
    let unread =
        if is_postgres { "SELECT generate_series(1, 1000000000)" } else { "SELECT seq FROM seq_1_to_1000000000" };
    let scene = scene
        .with("sandbox.sql.connections", 3)
        .with("sandbox.sql.statement.ms", 1500)
        .with("sandbox.sql.row.bytes", 8 << 20)
        .with("sandbox.net.allow", server.address())
        .start()?;
    scene.wait_running()?;
    let connect = scene.worker.connect();
    let attack = |name: &str| {
        let config = source(name).with("connection.url", server.url());
        config.with("connection.user", database::USER).with("connection.password", database::PASSWORD)
    };
    // What a commit without a transaction is told first is nobody's concern.
    let busy: &[&str] = &["execute busy, query busy, begin busy, commit ", ", columns busy, tables busy"];
    let wanted: [(Properties, &[&str]); 5] = [
        (attack("sql-too-many-connections"), &["after 3 connections: [limit]", "sandbox.sql.connections = 3"]),
        (attack("sql-too-many-connections-behind-rows"), &["after 3 connections: [limit]"]),
        (
            attack("sql-query-without-end").with("text", endless),
            &["query: [timeout]", "sandbox.sql.statement.ms = 1500 ms"],
        ),
        (attack("sql-huge-row").with("text", "SELECT REPEAT('x', 15000000)"), &["[limit]", "sandbox.sql.row.bytes"]),
        (attack("sql-call-on-while-rows-are-open"), busy),
    ];
    let borne = [attack("sql-drop-in-every-order"), attack("sql-query-and-never-read").with("text", unread)];
    for config in wanted.iter().map(|(config, _)| config).chain(&borne) {
        connect.create(config)?;
    }
    let mut wrong = refused(&connect, &wanted)?;
    for config in &borne {
        let name = config.get("name").unwrap_or_default();
        connect.wait_running(name, SOON)?;
        connect.http.delete(&format!("/connectors/{name}"))?.expect(204)?;
    }
    let left = match is_postgres {
        true => "SELECT COUNT(*) FROM pg_stat_activity WHERE usename = 'connector';",
        false => "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'connector';",
    };
    let nobody = wait::until("the server to have nobody left", SOON, || {
        match server.administer(left).map_err(|error| error.to_string())?.trim() {
            "0" => Ok(()),
            count => Err(format!("{count} connections")),
        }
    });
    wrong.extend(nobody.err().map(|error| format!("{error:#}")));
    undisturbed(&scene, 0, &wrong)
}

#[test]
fn a_postgresql_server_is_not_worn_out_and_nothing_runs_on_in_it() -> anyhow::Result<()> {
    on_a_server("hostile-sql-postgres", |dir| Ok(Box::new(Postgres::start(dir)?)))
}

#[test]
fn a_mariadb_server_is_not_worn_out_and_nothing_runs_on_in_it() -> anyhow::Result<()> {
    on_a_server("hostile-sql-mariadb", |dir| Ok(Box::new(MariaDb::start(dir)?)))
}

/// Each reaches beyond the connection: to other files, to code, to the database's own insides.
const FORBIDDEN: [&str; 16] = [
    "ATTACH DATABASE 'PLACE/stolen.db' AS other",
    "ATTACH 'file:PLACE/stolen.db?mode=rwc' AS other",
    "ATTACH ':memory:' AS other",
    "DETACH DATABASE main",
    "VACUUM INTO 'PLACE/stolen.db'",
    "SELECT load_extension('PLACE/evil.so')",
    "SELECT load_extension('PLACE/evil.so', 'entry')",
    "PRAGMA writable_schema = ON",
    "PRAGMA writable_schema = RESET",
    "PRAGMA temp_store_directory = 'PLACE'",
    "PRAGMA data_store_directory = 'PLACE'",
    "PRAGMA trusted_schema = ON",
    "UPDATE sqlite_schema SET sql = 'x'",
    "SELECT writefile('PLACE/stolen.db', 'x')",
    "SELECT readfile('/etc/passwd')",
    "CREATE VIRTUAL TABLE v USING csv(filename = '/etc/passwd')",
];

#[test]
fn statements_that_reach_beyond_their_database_are_refused_one_by_one() -> anyhow::Result<()> {
    let scene = started("hostile-sql-statements")?;
    let connect = scene.worker.connect();
    let place = scene.dir.display().to_string();
    let statements = FORBIDDEN.map(|sql| sql.replace("PLACE", &place));
    let config = on_sqlite(&scene, "sql-forbidden-statements").with("text", statements.join("\n"));
    connect.create(&config)?;
    let trace = connect.wait_failed("sql-forbidden-statements", SOON)?;
    println!("hostile-sql: {trace}");
    let mut wrong = Vec::new();
    if trace.contains("ESCAPED") {
        wrong.push(trace.clone());
    }
    for (sql, shown) in FORBIDDEN.iter().zip(&statements) {
        let told = trace.matches(&format!("{shown}: [")).count();
        if told != 2 {
            wrong.push(format!("{sql}: {told} answers"));
        }
    }
    if scene.dir.join("stolen.db").exists() {
        wrong.push("a file was made".to_owned());
    }
    undisturbed(&scene, 0, &wrong)
}

#[test]
fn files_and_hosts_that_were_not_granted_are_not_opened_whatever_the_url() -> anyhow::Result<()> {
    let scene = started("hostile-sql-urls")?;
    let connect = scene.worker.connect();
    let outside = scene.dir.with_extension("outside");
    std::fs::create_dir_all(&outside)?;
    let link = scene.dir.join("link-out");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(&outside, &link)?;
    let dir = scene.dir.display();
    let urls: Vec<(String, &[&str])> = vec![
        (format!("jdbc:sqlite:{}/new.db", outside.display()), &["[denied]", "sandbox.fs.roots"]),
        (format!("jdbc:sqlite:{dir}/../{}/new.db", name_of(&outside)), &["[denied]", "sandbox.fs.roots"]),
        (format!("jdbc:sqlite:{}/new.db", link.display()), &["[denied]", "sandbox.fs.roots"]),
        ("jdbc:sqlite:/etc/passwd".to_owned(), &["[denied]", "sandbox.fs.roots"]),
        (format!("jdbc:sqlite:file:{}/new.db?mode=rwc", outside.display()), &["["]),
        (format!("jdbc:sqlite:file:{dir}/new.db?vfs=unix-none"), &["["]),
        ("jdbc:postgresql://127.0.0.1:5432/x".to_owned(), &["[denied]", "sandbox.net.allow"]),
        ("jdbc:postgresql://[::1]:5432/x".to_owned(), &["[denied]", "sandbox.net.allow"]),
        ("jdbc:postgresql://169.254.169.254:80/x".to_owned(), &["[denied]", "sandbox.net.allow"]),
        ("jdbc:postgresql://[::ffff:169.254.169.254]:80/x".to_owned(), &["[denied]", "sandbox.net.allow"]),
        ("jdbc:mysql://localhost:3306/x".to_owned(), &["[denied]", "sandbox.net.allow"]),
        ("jdbc:mariadb://0.0.0.0:3306/x".to_owned(), &["[denied]", "sandbox.net.allow"]),
        ("jdbc:postgresql://h/x?sslmode=verify-full&sslrootcert=/etc/passwd".to_owned(), &["sandbox.fs.roots"]),
        ("jdbc:postgresql://h/x?socketFactory=java.lang.Runtime".to_owned(), &["[config]", "socketFactory"]),
        ("jdbc:mysql://h/x?allowLoadLocalInfile=true".to_owned(), &["[config]", "allowLoadLocalInfile"]),
        ("jdbc:mysql://h/x?allowMultiQueries=true".to_owned(), &["[config]", "allowMultiQueries"]),
        ("jdbc:oracle:thin:@h:1521/x".to_owned(), &["[config]", "jdbc:postgresql://"]),
    ];
    let attacks: Vec<(Properties, &[&str])> = urls
        .into_iter()
        .enumerate()
        .map(|(number, (url, words))| {
            let config = source("sql-open-what-is-not-granted").with("name", format!("url-{number}"));
            let config = config.with("connection.user", "u").with("connection.password", PASSWORD);
            (config.with("connection.url", url), words)
        })
        .collect();
    for (config, _) in &attacks {
        connect.create(config)?;
    }
    let mut wrong = refused(&connect, &attacks)?;
    if std::fs::read_dir(&outside)?.next().is_some() {
        wrong.push("a file was made outside".to_owned());
    }
    undisturbed(&scene, 0, &wrong)
}

fn name_of(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What a connector changes for its task, and what is said of it.
const BORROWED: [(&str, &str, &str, &str); 6] = [
    ("another-address", "connection.", "connection.url=jdbc:postgresql://127.0.0.1:9/x", "connection.url"),
    ("weaker-encryption", "connection.", "connection.sslmode=disable", "connection.sslmode"),
    ("encryption-left-out", "connection.", "connection.ssl", "connection.ssl"),
    ("another-user", "connection.", "connection.user=admin", "connection.user"),
    (
        "another-prefix",
        "other.",
        "other.password=secret:connection.password\nother.url=jdbc:postgresql://127.0.0.1:9/x",
        "other.password, other.url",
    ),
    (
        "in-a-url",
        "connection.",
        "connection.url=jdbc:postgresql://127.0.0.1:9/x?password=secret:connection.password",
        "connection.url",
    ),
];

/// The connector is a guest too: what it gives its task is not trusted with its own password.
#[test]
fn a_connectors_password_goes_nowhere_but_where_its_own_settings_say() -> anyhow::Result<()> {
    let scene = started("hostile-sql-borrowed")?;
    let connect = scene.worker.connect();
    let attacks: Vec<(Properties, String)> = BORROWED
        .iter()
        .map(|(name, prefix, change, named)| {
            let config = source("sql-open-what-is-not-granted")
                .with("name", name)
                .with("path", "by-its-task")
                .with("prefix", prefix)
                .with("text", change)
                .with("connection.url", "jdbc:postgresql://db.example.com/x")
                .with("connection.user", "u")
                .with("connection.ssl", "true")
                .with("connection.password", PASSWORD);
            let said = format!(
                "[denied] {prefix}password of the task is a secret of its connector, which is used only with the \
                 connector's own {prefix}* settings; the task's differ in: {named}"
            );
            (config, said)
        })
        .collect();
    for (config, _) in &attacks {
        connect.create(config)?;
    }
    let words: Vec<[&str; 1]> = attacks.iter().map(|(_, said)| [said.as_str()]).collect();
    let wanted: Vec<(Properties, &[&str])> =
        attacks.iter().zip(&words).map(|((config, _), words)| (config.clone(), words.as_slice())).collect();
    let mut wrong = refused(&connect, &wanted)?;
    for (config, _) in &attacks {
        let name = config.get("name").unwrap_or_default();
        let tasks = connect.http.get(&format!("/connectors/{name}/tasks"))?.expect(200)?;
        if tasks.to_string().contains(PASSWORD) {
            wrong.push(format!("{name}: its task's settings tell the password"));
        }
    }
    // As it is, unchanged, it is used: it is the host that is not granted.
    let config = source("sql-open-what-is-not-granted")
        .with("name", "unchanged")
        .with("connection.url", "jdbc:postgresql://127.0.0.1:9/x")
        .with("connection.user", "u")
        .with("connection.password", PASSWORD);
    connect.create(&config)?;
    wrong.extend(refused(&connect, &[(config, &["sandbox.net.allow"])])?);
    if scene.worker.log().contains(PASSWORD) {
        wrong.push("the log tells the password".to_owned());
    }
    undisturbed(&scene, 0, &wrong)
}
