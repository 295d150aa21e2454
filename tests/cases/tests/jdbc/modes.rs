//! What a source reads in each mode, what it stores, and that clocks in other zones are understood.

use serde_json::{Value, json};
use watertight_cases::SOON;

use crate::ground::{Case, Ground, Product, on};
use crate::topic::Follower;

const TABLE: &str = "CREATE TABLE words (id INT NOT NULL PRIMARY KEY, word VARCHAR(40), changed TIMESTAMP NOT NULL);";

fn words(follower: &Follower) -> Vec<&str> {
    follower.values.iter().filter_map(|value| value["word"].as_str()).collect()
}

/// Waits until the offset of a source is stored, whichever partition it has.
fn wait_offset(ground: &Ground, name: &str, expected: &Value) -> anyhow::Result<()> {
    let path = format!("/connectors/{}/offsets", ground.called(name));
    watertight_harness::wait::until("the stored offset", 2 * SOON, || {
        let body = ground.scene.worker.connect().http.get(&path).map(|answer| answer.body).unwrap_or_default();
        let answer: Value = serde_json::from_str(&body).unwrap_or_default();
        if answer["offsets"][0] == *expected { Ok(()) } else { Err(format!("{answer}")) }
    })
}

/// A table's name in stored offsets.
fn qualified(product: Product) -> &'static str {
    match product {
        Product::Postgres => "public.words",
        Product::MariaDb => "shop.words",
        Product::Sqlite => "words",
    }
}

fn by_time(ground: &mut Ground, product: Product) -> anyhow::Result<()> {
    ground.database.sql(TABLE)?;
    ground.database.sql(
        "INSERT INTO words VALUES (1, 'c', '2026-01-01 00:00:02'), (2, 'a', '2026-01-01 00:00:01'), \
         (3, 'b', '2026-01-01 00:00:01'), (4, 'not yet', '2030-01-01 00:00:00');",
    )?;
    let source = ground
        .source("from", "timestamp")
        .with("timestamp.column.name", "changed")
        .with("table.whitelist", "words")
        .with("batch.max.rows", 1);
    ground.create(&source)?;
    let mut follower = Follower::new(&ground.bootstrap(), &ground.called("from.words"))?;
    follower.count(3, SOON)?;
    ground.database.sql(
        "INSERT INTO words VALUES (5, 'd', '2026-01-01 00:00:03'); \
         UPDATE words SET word = 'a again', changed = '2026-01-01 00:00:04' WHERE id = 2;",
    )?;
    follower.count(5, SOON)?;
    let mut found = words(&follower);
    found[..2].sort_unstable();
    anyhow::ensure!(found == ["a", "b", "c", "d", "a again"], "{found:?}");
    let stored = json!({
        "partition": {"protocol": "1", "table": qualified(product)},
        "offset": {"timestamp": 1_767_225_604_000_i64, "timestamp_nanos": 0},
    });
    wait_offset(ground, "from", &stored)?;
    anyhow::ensure!(follower.quiet(std::time::Duration::from_secs(1))? == 0, "rows came again");
    Ok(())
}

fn by_query(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    ground.database.sql(TABLE)?;
    ground.database.sql(
        "INSERT INTO words VALUES (1, 'a', '2026-01-01 00:00:01'), (2, 'hidden', '2026-01-01 00:00:01'), \
         (3, 'c', '2026-01-01 00:00:02');",
    )?;
    let topic = ground.called("answers");
    let source = ground
        .source("from", "timestamp+incrementing")
        .with("query", "SELECT * FROM (SELECT id AS number, word, changed FROM words WHERE word <> 'hidden') AS w;")
        .with("incrementing.column.name", "number")
        .with("timestamp.column.name", "changed")
        .with("query.suffix", "LIMIT 1")
        .with("topic.prefix", &topic);
    ground.create(&source)?;
    let mut follower = Follower::new(&ground.bootstrap(), &topic)?;
    follower.count(2, SOON)?;
    anyhow::ensure!(words(&follower) == ["a", "c"], "{:?}", words(&follower));
    let stored = json!({
        "partition": {"query": "query"},
        "offset": {"incrementing": 3, "timestamp": 1_767_225_602_000_i64, "timestamp_nanos": 0},
    });
    wait_offset(ground, "from", &stored)
}

fn in_bulk(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    ground.database.sql(TABLE)?;
    ground
        .database
        .sql("INSERT INTO words VALUES (1, 'a', '2026-01-01 00:00:01'), (2, 'b', '2026-01-01 00:00:01');")?;
    let source = ground
        .source("from", "bulk")
        .with("table.blacklist", "others")
        .with("transaction.isolation.mode", "SERIALIZABLE");
    ground.create(&source)?;
    let mut follower = Follower::new(&ground.bootstrap(), &ground.called("from.words"))?;
    follower.count(5, SOON)?;
    let found: Vec<&str> = words(&follower).into_iter().take(4).collect();
    anyhow::ensure!(found == ["a", "b", "a", "b"], "{found:?}");
    Ok(())
}

/// Tokyo has had no other time than nine hours before Greenwich since 1951.
fn elsewhere(ground: &mut Ground, product: Product) -> anyhow::Result<()> {
    let (kind, ago) = match product {
        Product::Postgres => ("TIMESTAMP(6)", "now() AT TIME ZONE 'Asia/Tokyo' - INTERVAL '10 s'"),
        Product::MariaDb => ("DATETIME(6)", "UTC_TIMESTAMP(6) + INTERVAL 9 HOUR - INTERVAL 10 SECOND"),
        Product::Sqlite => ("TIMESTAMP", "strftime('%Y-%m-%d %H:%M:%f', 'now', '+9 hours', '-10 seconds')"),
    };
    ground.database.sql(&format!("CREATE TABLE words (id INT NOT NULL PRIMARY KEY, changed {kind} NOT NULL);"))?;
    ground.database.sql(&format!("INSERT INTO words VALUES (1, '2026-01-01 09:00:00.123'), (2, {ago});"))?;
    let mut source = ground
        .source("from", "timestamp+incrementing")
        .with("timestamp.column.name", "changed")
        .with("incrementing.column.name", "id")
        .with("db.timezone", "Asia/Tokyo")
        .with("table.whitelist", "words");
    if product == Product::Sqlite {
        source = source.with("connection.date_class", "TEXT");
    }
    ground.create(&source)?;
    let mut follower = Follower::new(&ground.bootstrap(), &ground.called("from.words"))?;
    follower.count(2, SOON)?;
    anyhow::ensure!(follower.values[0]["changed"] == 1_767_225_600_123_i64, "{}", follower.values[0]);
    ground.database.sql(&format!("UPDATE words SET changed = {ago} WHERE id = 1;"))?;
    follower.count(3, SOON)?;
    anyhow::ensure!(follower.values[2]["id"] == 1, "{}", follower.values[2]);
    Ok(())
}

const CASES: [Case; 4] = [
    ("rows come by their time, and what is stored is the last time of which all rows were sent", by_time),
    ("what a query answers goes to one topic, and its place is stored", by_query),
    ("whole tables come again and again", in_bulk),
    ("clocks of another zone are understood", elsewhere),
];

#[test]
fn each_mode_reads_what_it_should_from_postgresql() -> anyhow::Result<()> {
    on(Product::Postgres, "jdbc-modes-postgresql", &CASES)
}

#[test]
fn each_mode_reads_what_it_should_from_mariadb() -> anyhow::Result<()> {
    on(Product::MariaDb, "jdbc-modes-mariadb", &CASES)
}

#[test]
fn each_mode_reads_what_it_should_from_sqlite() -> anyhow::Result<()> {
    on(Product::Sqlite, "jdbc-modes-sqlite", &CASES)
}
