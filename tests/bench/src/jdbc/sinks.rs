//! Sinks: every pass inserts the topic into a new table and then upserts it once more, so that every row is there
//! already. Afterwards both sides' tables must be the same.

use std::collections::BTreeMap;

use watertight_harness::database::{Database, PASSWORD, USER};
use watertight_harness::debezium;
use watertight_harness::properties::Properties;

use super::{PASSES, rows};
use crate::passes::{Figures, Subject};
use crate::sides::{Ground, Side};
use crate::table::{Table, count, times};

/// In the order in which they are done.
const MODES: [&str; 2] = ["insert", "upsert"];

/// Product, mode, and whether it is ours.
type Line = (&'static str, &'static str, bool);

/// Passes of each.
pub type Measured = BTreeMap<Line, Vec<Figures>>;

/// All passes, sides in turn.
pub fn measure(
    ground: &Ground,
    subjects: &mut [Subject],
    servers: &[&dyn Database],
    records: u64,
) -> anyhow::Result<Measured> {
    let mut measured = Measured::new();
    for pass in 0..PASSES {
        for server in servers {
            eprintln!("pass {} of {PASSES}, {records} rows into {}", pass + 1, server.product());
            for mode in MODES {
                for subject in subjects.iter() {
                    let table = format!("orders_{}", subject.side.word());
                    if mode == "insert" {
                        server.sql(&rows::table(server.product(), &table))?;
                    }
                    let name = format!("{}-{}-{mode}-{pass}", subject.side.word(), server.product());
                    let config = sink(subject.side, *server, &name, mode, &table);
                    let figures = subject.rows_sink(ground, &config, rows::TOPIC, records)?;
                    let line = (server.product(), mode, subject.side == Side::Ours);
                    measured.entry(line).or_default().push(figures);
                }
                same(*server, records)?;
            }
            // Who came first does not come first again.
            subjects.reverse();
        }
    }
    Ok(measured)
}

fn same(server: &dyn Database, records: u64) -> anyhow::Result<()> {
    let of = |side: Side| server.value(&rows::digest(server.product(), &format!("orders_{}", side.word())));
    let [theirs, ours] = [of(Side::Genuine)?, of(Side::Ours)?];
    anyhow::ensure!(theirs == ours, "{}: the tables differ: {theirs} and ours {ours}", server.product());
    anyhow::ensure!(ours.starts_with(&format!("{records}\t")), "not {records} rows: {ours}");
    Ok(())
}

fn sink(side: Side, server: &dyn Database, name: &str, mode: &str, table: &str) -> Properties {
    let config = Properties::new()
        .with("name", name)
        .with("tasks.max", 1)
        .with("topics", rows::TOPIC)
        .with("key.converter", "org.apache.kafka.connect.storage.StringConverter")
        .with("value.converter", "org.apache.kafka.connect.json.JsonConverter")
        .with("value.converter.schemas.enable", true)
        .with("connection.password", PASSWORD)
        .with("insert.mode", mode);
    match side {
        Side::Genuine => {
            // Without it, its driver sends a statement a row: Debezium's documentation advises it.
            let faster =
                if server.product() == "postgresql" { "reWriteBatchedInserts=true" } else { "useBulkStmts=true" };
            config
                .with("connector.class", debezium::SINK)
                .with("connection.url", format!("{}?{faster}", server.url()))
                .with("connection.username", USER)
                .with("collection.name.format", table)
                .with("primary.key.mode", "record_value")
                .with("primary.key.fields", "id")
                .with("schema.evolution", "none")
        }
        Side::Ours => config
            .with("connector.class", "io.confluent.connect.jdbc.JdbcSinkConnector")
            .with("connection.url", server.url())
            .with("connection.user", USER)
            .with("table.name.format", table)
            .with("pk.mode", "record_value")
            .with("pk.fields", "id"),
    }
}

/// The table.
pub fn print(measured: &Measured, records: u64) {
    let title = format!(
        "JDBC sinks: {} rows of nine columns, JSON with schemas, one partition, genuine broker, 3rd pass\n\
         Kafka Connect with Debezium's JDBC sink {}, its drivers told to send batches; the tables were the same",
        count(records as f64),
        debezium::VERSION,
    );
    let mut table = Table::new(&title, &["", "Debezium", "Watertight", "better"]);
    let last = |line: Line| measured.get(&line).and_then(|passes| passes.last().copied());
    let products: std::collections::BTreeSet<&str> = measured.keys().map(|line| line.0).collect();
    for product in products.iter().rev() {
        for mode in MODES {
            let (Some(theirs), Some(ours)) = (last((product, mode, false)), last((product, mode, true))) else {
                continue;
            };
            let name = format!("{product}, {mode}");
            let cells = [count(theirs.rate), count(ours.rate), times(ours.rate / theirs.rate)];
            table.row([format!("{name}, rows/s")].into_iter().chain(cells));
            let per_cpu = |figures: Figures| 1e6 / figures.cpu;
            let cells = [count(per_cpu(theirs)), count(per_cpu(ours)), times(theirs.cpu / ours.cpu)];
            table.row([format!("{name}, rows per CPU second")].into_iter().chain(cells));
        }
    }
    table.print();
}
