//! Names and values that would be statements if anybody took them for SQL. Each table that they would take away is still
//! there at the end.

use serde_json::json;
use watertight_cases::SOON;
use watertight_cases::topics::{self, Letter};

use crate::ground::{Case, Ground, Product, on};
use crate::sinks::{key, value};
use crate::topic::Follower;

/// Ends a quoted identifier in every dialect, and a literal.
const EVIL: &str = "x\"`' ; DROP TABLE victim; -- ";
/// As evil, and without what a list of tables or a pattern would take for its own.
const COLUMN: &str = "c\"`'); DROP TABLE victim; --";

fn begin(ground: &Ground) -> anyhow::Result<()> {
    let victim = "CREATE TABLE victim (id INT NOT NULL PRIMARY KEY); INSERT INTO victim VALUES (1);";
    ground.database.sql(victim).map(drop)
}

fn victim_lives(ground: &mut Ground) -> anyhow::Result<()> {
    anyhow::ensure!(ground.database.count("victim")? == 1, "the victim has lost its row");
    ground.neighbours_work()
}

fn record(n: i64, field: &str) -> Letter {
    let text = "'); DROP TABLE victim; -- \\' \" ` ${topic} $1 ? %s";
    Letter { key: Some(key(n)), value: Some(value(&[(field, "string")], json!({field: text}))), ..Letter::default() }
}

/// A sink that makes table and columns of such names, and a source that reads them again.
fn evil_names_are_only_names(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    begin(ground)?;
    let bootstrap = ground.bootstrap();
    let topic = ground.called("good");
    topics::write(&bootstrap, &topic, &[record(1, COLUMN), record(2, COLUMN)])?;
    // No point in it: that would part a schema from a table.
    let sink = ground
        .sink("to", &topic, EVIL.trim_end())
        .with("auto.create", true)
        .with("insert.mode", "upsert")
        .with("pk.mode", "record_key")
        .with("pk.fields", "id");
    ground.create(&sink)?;
    let table = ground.quoted(EVIL.trim_end());
    ground.wait_value(&format!("SELECT COUNT(*) FROM {table};"), "2", SOON)?;
    let column = ground.quoted(COLUMN);
    let query = format!("SELECT COUNT(*) FROM {table} WHERE {column} LIKE '%DROP TABLE victim%';");
    anyhow::ensure!(ground.database.value(&query)? == "2", "the value is another");
    victim_lives(ground)?;

    // The other way: all tables but the victim, their topics renamed to what a topic may be called.
    let source = ground
        .source("from", "incrementing")
        .with("incrementing.column.name", "id")
        .with("table.blacklist", "victim")
        .with("transforms", "rename")
        .with("transforms.rename.type", "org.apache.kafka.connect.transforms.RegexRouter")
        .with("transforms.rename.regex", "(?s).*DROP.*")
        .with("transforms.rename.replacement", ground.called("harmless"));
    ground.create(&source)?;
    let mut follower = Follower::new(&bootstrap, &ground.called("harmless"))?;
    follower.count(2, SOON)?;
    let text = follower.values[0][COLUMN].as_str().unwrap_or_default().to_owned();
    anyhow::ensure!(text.contains("DROP TABLE victim"), "{}", follower.values[0]);
    ground.is_running("from")?;
    victim_lives(ground)
}

/// Without the transform the topic cannot be: the table's name is no topic's.
fn a_table_whose_name_no_topic_can_have_is_an_error(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    begin(ground)?;
    let table = ground.quoted(EVIL.trim_end());
    ground
        .database
        .sql(&format!("CREATE TABLE {table} (id INT NOT NULL PRIMARY KEY); INSERT INTO {table} VALUES (1);"))?;
    let source =
        ground.source("from", "incrementing").with("incrementing.column.name", "id").with("table.blacklist", "victim");
    ground.create_any(&source)?;
    ground.wait_failed("from", &["topic", "DROP TABLE victim"])?;
    victim_lives(ground)
}

/// Column names of the settings.
fn evil_settings_are_only_names(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    begin(ground)?;
    ground.database.sql(
        "CREATE TABLE words (id INT NOT NULL PRIMARY KEY, word VARCHAR(40)); INSERT INTO words VALUES (1, 'a');",
    )?;
    let source = ground.source("from", "incrementing").with("table.whitelist", "words");
    ground.create_any(&source.with("incrementing.column.name", EVIL.trim_end()).with("validate.non.null", false))?;
    ground.wait_failed("from", &["DROP TABLE victim"])?;
    let topic = ground.called("words");
    topics::write(&ground.bootstrap(), &topic, &[record(1, "word")])?;
    let sink = ground.sink("to", &topic, "words").with("pk.mode", "record_key").with("pk.fields", EVIL.trim_end());
    ground.create_any(&sink.with("insert.mode", "upsert").with("max.retries", 0))?;
    ground.wait_failed("to", &["DROP TABLE victim"])?;
    victim_lives(ground)
}

/// Topics may hold points, dashes and underscores: their tables too.
fn a_topic_with_points_is_a_table_of_that_name_or_an_error(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    begin(ground)?;
    let topic = ground.called("drop-table_victim");
    topics::write(&ground.bootstrap(), &topic, &[record(1, "word")])?;
    let sink = ground.sink("to", &topic, "${topic}").with("auto.create", true).with("pk.mode", "record_key");
    ground.create(&sink.with("pk.fields", "id").with("insert.mode", "upsert"))?;
    let table = ground.quoted(&topic);
    ground.wait_value(&format!("SELECT COUNT(*) FROM {table};"), "1", SOON)?;
    let lost = ground.called("nowhere.victim");
    topics::write(&ground.bootstrap(), &lost, &[record(1, "word")])?;
    let lost = ground.sink("lost", &lost, "${topic}").with("auto.create", false).with("max.retries", 0);
    ground.create_any(&lost)?;
    ground.wait_failed("lost", &["nowhere"])?;
    victim_lives(ground)
}

const CASES: [Case; 4] = [
    ("evil names of tables and columns are only names, evil values only values", evil_names_are_only_names),
    ("a table whose name no topic can have is an error", a_table_whose_name_no_topic_can_have_is_an_error),
    ("evil names of columns in settings are only names", evil_settings_are_only_names),
    ("a topic is a table of its name, or an error", a_topic_with_points_is_a_table_of_that_name_or_an_error),
];

#[test]
fn nothing_is_injected_into_postgresql() -> anyhow::Result<()> {
    on(Product::Postgres, "jdbc-names-postgresql", &CASES)
}

#[test]
fn nothing_is_injected_into_mariadb() -> anyhow::Result<()> {
    on(Product::MariaDb, "jdbc-names-mariadb", &CASES)
}

#[test]
fn nothing_is_injected_into_sqlite() -> anyhow::Result<()> {
    on(Product::Sqlite, "jdbc-names-sqlite", &CASES)
}
