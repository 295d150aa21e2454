//! A source in timestamp+incrementing mode while clients insert and update, and the worker is killed: every row's last
//! state arrives, and what was acknowledged does not come again once offsets were flushed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use watertight_cases::{Dice, SOON};
use watertight_harness::database::Database;
use watertight_harness::{skips, wait};

use crate::ground::{Ground, Product};
use crate::topic::Follower;

const WRITERS: u64 = 2;
/// How long a client may be between asking the clock and having its rows seen. A row that takes longer would be missed by
/// any connector of this kind, which is what the setting is for.
const DELAY_MS: u64 = 5000;

/// How much is asked for.
struct Size {
    rows: u64,
    kills: u64,
    batch: u64,
}

fn size(product: Product) -> Size {
    match (skips::soak(), product) {
        (true, Product::Sqlite) => Size { rows: 20_000, kills: 10, batch: 100 },
        (true, _) => Size { rows: 100_000, kills: 10, batch: 250 },
        (false, _) => Size { rows: 5_000, kills: 3, batch: 50 },
    }
}

fn table(product: Product) -> &'static str {
    match product {
        Product::Postgres => {
            "CREATE TABLE orders (id BIGSERIAL PRIMARY KEY, version INT NOT NULL, word VARCHAR(40) NOT NULL,
             changed TIMESTAMP(3) NOT NULL);"
        }
        Product::MariaDb => {
            "CREATE TABLE orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, version INT NOT NULL, word VARCHAR(40) NOT NULL,
             changed DATETIME(3) NOT NULL);"
        }
        Product::Sqlite => {
            "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, version INT NOT NULL, word VARCHAR(40) NOT NULL,
             changed TIMESTAMP NOT NULL);"
        }
    }
}

/// The moment a statement began, as the column holds it.
fn now(product: Product) -> &'static str {
    match product {
        Product::Postgres => "LOCALTIMESTAMP(3)",
        Product::MariaDb => "UTC_TIMESTAMP(3)",
        Product::Sqlite => "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    }
}

/// What clients and the one that kills know of each other.
#[derive(Default)]
struct Progress {
    inserted: AtomicU64,
    /// There will be no more kills.
    over: AtomicBool,
}

/// Ends the clients, whatever became of the kills.
struct Over<'a>(&'a Progress);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

/// One client: its share of the rows, more of them as long as there are kills, and changes to some that are there, its own
/// and others'.
fn write(
    database: &dyn Database,
    product: Product,
    writer: u64,
    size: &Size,
    progress: &Progress,
) -> anyhow::Result<()> {
    let now = now(product);
    let mut mine = 0;
    while mine < size.rows / WRITERS || !progress.over.load(Ordering::SeqCst) {
        let rows: Vec<String> =
            (mine..mine + size.batch).map(|n| format!("(0, 'row {n} of writer {writer}', {now})")).collect();
        // Old rows and new ones: those that were read already come again, as another version.
        let turn = mine / size.batch % 61;
        let change = format!(
            "UPDATE orders SET version = version + 1, changed = {now} WHERE id % 61 = {turn} AND id % 2 = {writer};"
        );
        let insert = format!("INSERT INTO orders (version, word, changed) VALUES {};", rows.join(", "));
        match database.sql(&format!("{insert} {change}")) {
            // Both go through the whole table: of two that wait for each other one has to try again.
            Err(error) if error.to_string().contains("eadlock") => continue,
            answer => answer?,
        };
        mine += size.batch;
        progress.inserted.fetch_add(size.batch, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(80));
    }
    Ok(())
}

/// What a topic says of each row.
#[derive(Default)]
struct Told {
    /// The last version by id.
    rows: BTreeMap<i64, i64>,
    taken: usize,
    duplicates: u64,
    /// Older versions after newer ones, as a resumed source must not send unless it sends the newer again.
    backwards: u64,
    seen: std::collections::BTreeSet<(i64, i64)>,
}

impl Told {
    fn take(&mut self, values: &[Value]) {
        for value in &values[self.taken..] {
            let field = |name: &str| value[name].as_i64().unwrap_or(i64::MIN);
            let (id, version) = (field("id"), field("version"));
            if !self.seen.insert((id, version)) {
                self.duplicates += 1;
            }
            if self.rows.insert(id, version).is_some_and(|before| before > version) {
                self.backwards += 1;
            }
        }
        self.taken = values.len();
    }
}

fn last_states(database: &dyn Database) -> anyhow::Result<BTreeMap<i64, i64>> {
    let rows = database.rows("SELECT id, version FROM orders;")?;
    rows.iter().map(|row| Ok((row[0].parse()?, row[1].parse()?))).collect()
}

fn every_row_arrives(product: Product, case: &str) -> anyhow::Result<()> {
    let Some(mut ground) = Ground::start(product, case)? else { return Ok(()) };
    let size = size(product);
    ground.database.sql(table(product))?;
    let source = ground
        .source("shop", "timestamp+incrementing")
        .with("incrementing.column.name", "id")
        .with("timestamp.column.name", "changed")
        .with("timestamp.delay.interval.ms", DELAY_MS)
        .with("table.whitelist", "orders")
        .with("batch.max.rows", 200);
    // On the command line, for it must come back by itself after a kill.
    ground.create_for_good(&source)?;

    let progress = Progress::default();
    let mut dice = Dice::new();
    let mut follower = Follower::new(&ground.bootstrap(), "shop.orders")?;
    let (database, worker) = (&*ground.database, &mut ground.scene.worker);
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let over = Over(&progress);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (size, progress) = (&size, &progress);
                scope.spawn(move || write(database, product, writer, size, progress))
            })
            .collect();
        for kill in 1..=size.kills {
            let due = kill * size.rows / (size.kills + 1);
            wait::until_true("clients to write", 4 * SOON, || progress.inserted.load(Ordering::SeqCst) >= due)?;
            // Under way again, so that each kill hits a source that reads and sends.
            if !follower.values.is_empty() {
                follower.read_to_end(SOON)?;
            }
            follower.count(follower.values.len() + 1, 2 * SOON)?;
            std::thread::sleep(dice.millis(0, 700));
            worker.kill();
            worker.start()?;
        }
        drop(over);
        for writer in writers {
            writer.join().map_err(|_| anyhow::anyhow!("a writer panicked"))??;
        }
        Ok(())
    })?;

    let expected = last_states(database)?;
    anyhow::ensure!(expected.len() as u64 >= size.rows, "the clients wrote {} rows", expected.len());
    let mut told = Told::default();
    let arrived = follower.until("every row's last state", 2 * SOON, |values| {
        told.take(values);
        told.rows == expected
    });
    let gaps = expected.iter().filter(|(id, version)| told.rows.get(id) != Some(version)).count();
    println!(
        "{case}: {} rows, {} updates, {} kills: {} records, {gaps} rows missing or old, {} duplicates, {} backwards",
        expected.len(),
        expected.values().sum::<i64>(),
        size.kills,
        told.taken,
        told.duplicates,
        told.backwards
    );
    arrived?;
    goes_on_exactly(&mut ground, &mut follower, product)?;
    ground.neighbours_work()
}

/// After a clean stop nothing comes twice, and the next rows do come.
fn goes_on_exactly(ground: &mut Ground, follower: &mut Follower, product: Product) -> anyhow::Result<()> {
    ground.scene.worker.stop()?;
    // What was under way when we had enough.
    follower.read_to_end(SOON)?;
    let before = follower.values.len();
    ground.scene.worker.start()?;
    ground.scene.worker.connect().wait_running("shop", SOON)?;
    let again = follower.quiet(Duration::from_secs(3))?;
    anyhow::ensure!(again == 0, "{again} records came again after a clean stop");
    let now = now(product);
    let rows: Vec<String> = (0..10).map(|n| format!("(0, 'late {n}', {now})")).collect();
    ground.database.sql(&format!("INSERT INTO orders (version, word, changed) VALUES {};", rows.join(", ")))?;
    follower.count(before + 10, 2 * SOON)?;
    anyhow::ensure!(follower.quiet(Duration::from_secs(1))? == 0, "more than the ten late rows");
    let words: Vec<&str> = follower.values[before..].iter().filter_map(|value| value["word"].as_str()).collect();
    let expected: Vec<String> = (0..10).map(|n| format!("late {n}")).collect();
    anyhow::ensure!(words == expected, "{words:?}");
    Ok(())
}

#[test]
fn every_row_arrives_from_postgresql_while_clients_write_and_the_worker_is_killed() -> anyhow::Result<()> {
    every_row_arrives(Product::Postgres, "jdbc-source-postgresql")
}

#[test]
fn every_row_arrives_from_mariadb_while_clients_write_and_the_worker_is_killed() -> anyhow::Result<()> {
    every_row_arrives(Product::MariaDb, "jdbc-source-mariadb")
}

#[test]
fn every_row_arrives_from_sqlite_while_clients_write_and_the_worker_is_killed() -> anyhow::Result<()> {
    every_row_arrives(Product::Sqlite, "jdbc-source-sqlite")
}
