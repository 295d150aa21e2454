//! The database goes away and comes back; or does not, within the tries that a connector was given.

use std::time::Duration;

use watertight_cases::SOON;
use watertight_cases::topics;
use watertight_harness::skips;

use crate::ground::{Case, Ground, Product, on};
use crate::topic::Follower;
use crate::words::{insert, letters};

fn outage() -> Duration {
    Duration::from_secs(if skips::soak() { 60 } else { 5 })
}

fn both_wait_for_it(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    ground.database.sql("CREATE TABLE words (id INT NOT NULL PRIMARY KEY, word VARCHAR(40));")?;
    insert(ground, 1, 101)?;
    let source = ground
        .source("from", "incrementing")
        .with("incrementing.column.name", "id")
        .with("table.whitelist", "words")
        // A broken connection is noticed by the answer that does not come.
        .with("batch.max.rows", 10);
    let (bootstrap, topic) = (ground.bootstrap(), ground.called("copies"));
    topics::write(&bootstrap, &topic, &letters(0, 100))?;
    let sink = ground
        .sink("to", &topic, "copies")
        .with("auto.create", true)
        .with("pk.mode", "record_key")
        .with("pk.fields", "id");
    ground.create(&source)?;
    ground.create(&sink.with("insert.mode", "upsert"))?;
    let mut follower = Follower::new(&bootstrap, &ground.called("from.words"))?;
    follower.count(100, SOON)?;
    ground.wait_value("SELECT COUNT(*) FROM copies;", "100", SOON)?;

    ground.database.kill();
    topics::write(&bootstrap, &topic, &letters(100, 200))?;
    ground.neighbours_work()?;
    std::thread::sleep(outage());
    ground.neighbours_work()?;
    for name in ["from", "to"] {
        ground.is_running(name)?;
    }
    ground.database.restart()?;
    insert(ground, 101, 201)?;
    follower.count(200, 2 * SOON)?;
    ground.wait_value("SELECT COUNT(*) FROM copies;", "200", 2 * SOON)?;
    let ids: Vec<i64> = follower.values.iter().filter_map(|value| value["id"].as_i64()).collect();
    anyhow::ensure!(ids == (1..=200).collect::<Vec<i64>>(), "rows missing, twice or out of order: {ids:?}");
    for name in ["from", "to"] {
        ground.is_running(name)?;
    }
    ground.neighbours_work()
}

/// A source that was connected once knows its settings to be right, and seeks for as long as it takes: it is at its start
/// that its attempts are counted. A sink counts its retries always.
fn tries_are_used_up(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    ground.database.sql("CREATE TABLE words (id INT NOT NULL PRIMARY KEY, word VARCHAR(40));")?;
    insert(ground, 1, 11)?;
    let (bootstrap, topic) = (ground.bootstrap(), ground.called("copies"));
    topics::write(&bootstrap, &topic, &letters(0, 10))?;
    let source = ground
        .source("from", "incrementing")
        .with("incrementing.column.name", "id")
        .with("table.whitelist", "words")
        .with("connection.attempts", 2);
    let sink = ground
        .sink("to", &topic, "copies")
        .with("auto.create", true)
        .with("max.retries", 2)
        .with("connection.attempts", 2);
    ground.create(&source)?;
    ground.create(&sink)?;
    let mut follower = Follower::new(&bootstrap, &ground.called("from.words"))?;
    follower.count(10, SOON)?;
    ground.wait_value("SELECT COUNT(*) FROM copies;", "10", SOON)?;

    ground.database.stop()?;
    topics::write(&bootstrap, &topic, &letters(10, 20))?;
    // One more is refused at once, with the same words.
    let another = source.clone().with("name", "another");
    let refused = ground.scene.worker.connect().post(&another)?;
    anyhow::ensure!(refused.status == 400 && refused.body.contains(&ground.database.address()), "{refused:?}");
    ground.restart_any("from")?;
    let address = ground.database.address();
    ground.wait_failed("from", &[&address])?;
    ground.wait_failed("to", &[&address])?;
    ground.neighbours_work()?;

    ground.database.restart()?;
    insert(ground, 11, 21)?;
    ground.restart("from")?;
    ground.restart("to")?;
    follower.count(20, 2 * SOON)?;
    ground.wait_value("SELECT COUNT(*) FROM copies;", "20", 2 * SOON)
}

const CASES: [Case; 2] = [
    ("source and sink wait for a database that was killed, and lose nothing", both_wait_for_it),
    ("without more tries it is an error that names the address, and a restart goes on", tries_are_used_up),
];

#[test]
fn postgresql_that_goes_away_is_waited_for_as_long_as_the_settings_say() -> anyhow::Result<()> {
    on(Product::Postgres, "jdbc-outages-postgresql", &CASES)
}

#[test]
fn mariadb_that_goes_away_is_waited_for_as_long_as_the_settings_say() -> anyhow::Result<()> {
    on(Product::MariaDb, "jdbc-outages-mariadb", &CASES)
}
