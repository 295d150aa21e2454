//! Rows from a table of one SQLite database to a table of another, through Kafka.

use super::{Example, shown};
use crate::build;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use watertight_harness::paths;
use watertight_harness::properties::Properties;

const TABLE: &str = "orders";
const TOPIC: &str = "shop-orders";
const FIRST_ROWS: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, article TEXT NOT NULL, \
    pieces INTEGER NOT NULL, price DECIMAL(8, 2)); \
    INSERT INTO orders (article, pieces, price) VALUES ('lamp', 1, 39.90), ('bulb', 4, 2.25), ('gift wrap', 1, NULL);";

/// A JDBC source and a JDBC sink.
pub const EXAMPLE: Example = Example {
    name: "jdbc",
    folder: "run-jdbc",
    topics: &[TOPIC],
    build: build::sqlite_shell,
    prepare,
    connectors,
    converter: "org.apache.kafka.connect.json.JsonConverter",
    explain,
};

fn shop(dir: &Path) -> PathBuf {
    dir.join("shop.db")
}

fn copy(dir: &Path) -> PathBuf {
    dir.join("copy.db")
}

fn prepare(dir: &Path) -> anyhow::Result<()> {
    if shop(dir).exists() {
        return Ok(());
    }
    let output =
        Command::new(shell()).arg(shop(dir)).arg(FIRST_ROWS).output().context("cannot run the SQLite shell")?;
    anyhow::ensure!(output.status.success(), "no first rows: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn shell() -> PathBuf {
    paths::target().join(paths::PROFILE).join("examples").join("sqlite")
}

fn connectors(dir: &Path) -> Vec<Properties> {
    let source = Properties::new()
        .with("name", "shop-source")
        .with("connector.class", "io.confluent.connect.jdbc.JdbcSourceConnector")
        .with("tasks.max", 1)
        .with("connection.url", format!("jdbc:sqlite:{}", shop(dir).display()))
        .with("mode", "incrementing")
        .with("incrementing.column.name", "id")
        .with("table.whitelist", TABLE)
        .with("numeric.mapping", "best_fit")
        .with("poll.interval.ms", 500)
        .with("topic.prefix", "shop-");
    let sink = Properties::new()
        .with("name", "copy-sink")
        .with("connector.class", "io.confluent.connect.jdbc.JdbcSinkConnector")
        .with("tasks.max", 1)
        .with("topics", TOPIC)
        .with("connection.url", format!("jdbc:sqlite:{}", copy(dir).display()))
        .with("table.name.format", TABLE)
        .with("insert.mode", "upsert")
        .with("pk.mode", "record_value")
        .with("pk.fields", "id")
        .with("auto.create", true);
    vec![source, sink]
}

fn explain(dir: &Path, rest: &str) -> String {
    let (shop, copy, sqlite) = (shown(&shop(dir)), shown(&copy(dir)), shown(&shell()));
    format!(
        "  the table `{TABLE}` of {shop} is copied, through the topic {TOPIC}, to {copy}

  {sqlite} {shop} \"INSERT INTO orders (article, pieces, price) VALUES ('chair', 2, 120.50)\"
  {sqlite} {copy} \"SELECT * FROM orders\"
  curl {rest}/connectors/shop-source/offsets
  curl {rest}/connectors/copy-sink/status"
    )
}
