//! JDBC connectors beside Debezium's sink, on the same databases and the same topic; and, as no JVM connector that reads
//! tables is on Maven Central, our source beside a bare loop over the same query. What counts is the CPU of the worker's
//! process: the database is busy for both.

mod bare;
mod rows;
mod sinks;
mod sources;

use watertight_harness::database::Database;
use watertight_harness::mariadb::MariaDb;
use watertight_harness::postgres::Postgres;

use crate::options::Options;
use crate::passes::Subject;
use crate::sides::{Ground, Side};

/// Of each kind; the last is what counts.
const PASSES: usize = 3;
/// A row costs more than a line: the passes would be long.
const FEWER: u64 = 5;

/// Measures and prints.
pub fn run(ground: &Ground, options: &Options) -> anyhow::Result<()> {
    let dir = ground.folder("databases")?;
    let records = (options.records / FEWER).max(1000);
    eprintln!("PostgreSQL and MariaDB start; they are fetched before if they are not there");
    let postgres = Postgres::start(&dir)?;
    let mariadb = MariaDb::start(&dir)?;
    let servers: [&dyn Database; 2] = [&postgres, &mariadb];
    let addresses = servers.map(Database::address).join(",");
    let mut subjects = Vec::new();
    for side in Side::BOTH {
        subjects.push(Subject::start_for_jdbc(ground, side, &options.producer, &addresses)?);
    }
    ground.topics.create(rows::TOPIC)?;
    rows::produce(&ground.bootstrap(), rows::TOPIC, records)?;
    let sinks = sinks::measure(ground, &mut subjects, &servers, records)?;
    let ours = subjects.iter().find(|subject| subject.side == Side::Ours);
    let sources = ours.map(|ours| sources::measure(ground, ours, &postgres, &options.producer, records)).transpose()?;
    for subject in subjects {
        subject.stop()?;
    }
    sinks::print(&sinks, records);
    if let Some(sources) = sources {
        sources::print(&sources, options, records);
    }
    Ok(())
}
