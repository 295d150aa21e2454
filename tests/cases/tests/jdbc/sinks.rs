//! A sink with upserts and deletes while the worker is killed: the table is the topic's last state, row for row.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use watertight_cases::topics::{self, Letter};
use watertight_cases::{Dice, SOON};
use watertight_harness::{skips, wait};

use crate::ground::{Ground, Product};

const TOPIC: &str = "orders";

struct Size {
    records: usize,
    keys: usize,
    kills: usize,
}

fn size(product: Product) -> Size {
    match (skips::soak(), product) {
        (true, Product::Sqlite) => Size { records: 20_000, keys: 1_000, kills: 5 },
        (true, _) => Size { records: 100_000, keys: 5_000, kills: 10 },
        // A killed member keeps its partition for six seconds: most of what this takes.
        (false, Product::Sqlite) => Size { records: 2_000, keys: 200, kills: 1 },
        (false, _) => Size { records: 5_000, keys: 400, kills: 3 },
    }
}

/// A key as `JsonConverter` writes it.
pub fn key(id: i64) -> String {
    json!({"schema": {"type": "int64", "optional": false}, "payload": id}).to_string()
}

/// A value likewise, with fields of these names and types.
pub fn value(fields: &[(&str, &str)], payload: Value) -> String {
    let fields: Vec<Value> =
        fields.iter().map(|(name, kind)| json!({"field": name, "type": kind, "optional": true})).collect();
    json!({"schema": {"type": "struct", "fields": fields, "optional": false}, "payload": payload}).to_string()
}

/// Record number `n`: some key's next version, or its end.
fn letter(n: usize, keys: usize) -> (i64, Option<(i64, String)>, Letter) {
    // Every key comes again and again, in an order that is not theirs.
    let id = (n * 7919 % keys) as i64;
    let state = (n % 7 != 3).then(|| (n as i64, format!("O'Brien \\ \"{n}\" ´ü")));
    let text = state.as_ref().map(|(version, word)| {
        value(&[("version", "int64"), ("word", "string")], json!({"version": version, "word": word}))
    });
    (id, state, Letter { key: Some(key(id)), value: text, ..Letter::default() })
}

fn the_table_is_the_topics_last_state(product: Product, case: &str) -> anyhow::Result<()> {
    let Some(mut ground) = Ground::start(product, case)? else { return Ok(()) };
    let size = size(product);
    let sink = ground
        .sink("shop", TOPIC, "${topic}")
        .with("insert.mode", "upsert")
        .with("pk.mode", "record_key")
        .with("pk.fields", "id")
        .with("auto.create", true)
        .with("delete.enabled", true)
        .with("batch.size", 200);
    let bootstrap = ground.bootstrap();
    topics::write(&bootstrap, TOPIC, &[letter(0, size.keys).2])?;
    ground.create_for_good(&sink)?;

    let mut expected = BTreeMap::new();
    for n in 0..size.records {
        match letter(n, size.keys) {
            (id, Some(state), _) => drop(expected.insert(id, state)),
            (id, None, _) => drop(expected.remove(&id)),
        }
    }
    let written = AtomicUsize::new(1);
    let mut dice = Dice::new();
    let worker = &mut ground.scene.worker;
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let writer = scope.spawn(|| -> anyhow::Result<()> {
            while written.load(Ordering::SeqCst) < size.records {
                let from = written.load(Ordering::SeqCst);
                let to = (from + size.records / 100).min(size.records);
                let letters: Vec<Letter> = (from..to).map(|n| letter(n, size.keys).2).collect();
                topics::write(&bootstrap, TOPIC, &letters)?;
                written.store(to, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(100));
            }
            Ok(())
        });
        for kill in 1..=size.kills {
            let due = kill * size.records / (size.kills + 1);
            wait::until_true("records to be written", 4 * SOON, || written.load(Ordering::SeqCst) >= due)?;
            // Long enough for the group to let the member in again: what is killed has begun to write.
            std::thread::sleep(dice.millis(2000, 9000));
            worker.kill();
            worker.start()?;
        }
        writer.join().map_err(|_| anyhow::anyhow!("the writer panicked"))?
    })?;

    let wanted: Vec<Vec<String>> =
        expected.iter().map(|(id, (version, word))| vec![id.to_string(), version.to_string(), word.clone()]).collect();
    let query = "SELECT id, version, word FROM orders ORDER BY id;";
    let differing = |rows: &[Vec<String>]| {
        let rows: BTreeMap<&str, &Vec<String>> = rows.iter().map(|row| (row[0].as_str(), row)).collect();
        let missing = wanted.iter().filter(|row| rows.get(row[0].as_str()) != Some(row)).count();
        format!("{} rows of {}, {missing} of them missing or other", rows.len(), wanted.len())
    };
    let database = &ground.database;
    wait::until("the table to be the topic's last state", 4 * SOON, || {
        let rows = database.rows(query).map_err(|e| format!("{e:#}"))?;
        let rows = unescaped(database.product(), rows);
        if rows == wanted { Ok(()) } else { Err(differing(&rows)) }
    })?;
    // And it stays so: nothing old comes after it.
    std::thread::sleep(Duration::from_secs(3));
    let rows = unescaped(database.product(), database.rows(query)?);
    anyhow::ensure!(rows == wanted, "later: {}", differing(&rows));
    println!("{case}: {} records, {} kills: {} rows as they should be", size.records, size.kills, rows.len());
    ground.is_running("shop")?;
    ground.neighbours_work()
}

/// MariaDB's client writes a backslash as two.
fn unescaped(product: &str, rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    if product != "mariadb" {
        return rows;
    }
    rows.into_iter().map(|row| row.into_iter().map(|cell| cell.replace("\\\\", "\\")).collect()).collect()
}

#[test]
fn a_table_in_postgresql_is_the_topics_last_state_after_kills() -> anyhow::Result<()> {
    the_table_is_the_topics_last_state(Product::Postgres, "jdbc-sink-postgresql")
}

#[test]
fn a_table_in_mariadb_is_the_topics_last_state_after_kills() -> anyhow::Result<()> {
    the_table_is_the_topics_last_state(Product::MariaDb, "jdbc-sink-mariadb")
}

#[test]
fn a_table_in_sqlite_is_the_topics_last_state_after_kills() -> anyhow::Result<()> {
    the_table_is_the_topics_last_state(Product::Sqlite, "jdbc-sink-sqlite")
}
