//! The source beside the bare loops: the same rows, the same query, passes in turn.

use watertight_harness::database::{Database as _, PASSWORD, USER};
use watertight_harness::postgres::Postgres;
use watertight_harness::properties::Properties;

use super::{PASSES, bare, rows};
use crate::options::Options;
use crate::passes::{Figures, Subject};
use crate::sides::Ground;
use crate::table::{Table, count, times};

/// A pass each.
#[derive(Default)]
pub struct Measured {
    read: Vec<Figures>,
    sent: Vec<Figures>,
    ours: Vec<Figures>,
}

/// All passes.
pub fn measure(
    ground: &Ground,
    ours: &Subject,
    server: &Postgres,
    producer: &[(String, String)],
    records: u64,
) -> anyhow::Result<Measured> {
    fill(server, records)?;
    let mut measured = Measured::default();
    for pass in 0..PASSES {
        eprintln!("pass {} of {PASSES}, {records} rows from postgresql", pass + 1);
        let mut sum = 0;
        measured.read.push(bare::read(server, "items", records, |row| sum ^= bare::touch(row), || Ok(()))?);
        std::hint::black_box(sum);

        let topic = format!("bare-{pass}");
        ground.topics.create(&topic)?;
        let sender = bare::Sender::new(&ground.bootstrap(), producer, &topic)?;
        measured.sent.push(bare::read(server, "items", records, |row| sender.send(row), || sender.end())?);
        anyhow::ensure!(ground.topics.records(&topic)? == records, "the bare loop did not send every row");

        let name = format!("source-{pass}");
        let topic = format!("{name}.items");
        ground.topics.create(&topic)?;
        measured.ours.push(ours.rows_source(ground, &source(server, &name), &topic, records)?);
    }
    Ok(measured)
}

fn fill(server: &Postgres, records: u64) -> anyhow::Result<()> {
    server.sql(&rows::table("postgresql", "items"))?;
    server.sql(&format!(
        "INSERT INTO items SELECT n, n * 31 % 100000, n % 10000 + 0.25, 1234.56, 'customer number ' || n * 31 % 100000, \
         'a note of the length that people write into such fields, more or less', n % 3 = 0, \
         DATE '2019-04-14' + (n % 2000)::int, TIMESTAMP '2023-11-14 22:13:20' + n * INTERVAL '1.001 s' \
         FROM generate_series(0, {records} - 1) n; ANALYZE items;"
    ))?;
    Ok(())
}

fn source(server: &Postgres, name: &str) -> Properties {
    Properties::new()
        .with("name", name)
        .with("connector.class", "io.confluent.connect.jdbc.JdbcSourceConnector")
        .with("tasks.max", 1)
        .with("connection.url", server.url())
        .with("connection.user", USER)
        .with("connection.password", PASSWORD)
        .with("mode", "incrementing")
        .with("incrementing.column.name", "id")
        .with("table.whitelist", "items")
        .with("topic.prefix", format!("{name}."))
        .with("poll.interval.ms", 100)
        .with("batch.max.rows", 1000)
        .with("value.converter", "org.apache.kafka.connect.json.JsonConverter")
        .with("value.converter.schemas.enable", false)
}

/// The table.
pub fn print(measured: &Measured, options: &Options, records: u64) {
    let title = format!(
        "JDBC source from PostgreSQL: {} rows of nine columns, incrementing, 1,000 rows a batch, JSON without schemas, \
         3rd pass\nbare: tokio-postgres with the same query, every column taken; sent: and written as JSON to a topic by \
         librdkafka\nproducers: {}; no JVM source that keeps offsets is on Maven Central",
        count(records as f64),
        options.producer_text(),
    );
    let mut table = Table::new(&title, &["", "bare", "bare, sent", "Watertight", "CPU of bare", "CPU of bare, sent"]);
    let last = |passes: &[Figures]| passes.last().copied();
    if let (Some(read), Some(sent), Some(ours)) = (last(&measured.read), last(&measured.sent), last(&measured.ours)) {
        let all = [read, sent, ours];
        table.row(["rows/s".to_owned()].into_iter().chain(all.map(|figures| count(figures.rate))));
        let ratios = [times(ours.cpu / read.cpu), times(ours.cpu / sent.cpu)];
        let costs = all.map(|figures| count(1e6 / figures.cpu));
        table.row(["rows per CPU second".to_owned()].into_iter().chain(costs).chain(ratios));
    }
    table.print();
}
