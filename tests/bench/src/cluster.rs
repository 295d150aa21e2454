//! A cluster with many connectors: how long until all of it runs and is shared out evenly, how long that takes again
//! when a worker joins and when one leaves, and what each worker costs meanwhile.
//!
//! The connectors are those of the tests: sources that count, one record a second and task, and sinks that read what
//! they write. Each cluster is alone while it is measured. The genuine one gets fewer connectors, as many as it can
//! carry; whatever keeps a cluster from holding all that it is given is said, and it is measured with what it holds.

mod census;
mod crowd;
mod round;
mod weight;

use crate::options::{Options, Size};
use crate::sides::{Ground, Side};
use crate::table::Table;
use round::Round;

/// Of each topic. Sinks share them out.
const PARTITIONS: i32 = 4;
/// Source connectors that write to the same topic.
const PER_TOPIC: usize = 50;

/// Measures and prints.
pub fn run(ground: &Ground, options: &Options) -> anyhow::Result<()> {
    let mut rounds = Vec::new();
    for (side, size) in [(Side::Ours, options.cluster.ours), (Side::Genuine, options.cluster.genuine)] {
        if size.sources + size.sinks > 0 {
            rounds.push((side, size, round::run(ground, side, size, &options.cluster)?));
        }
    }
    rounds.reverse();
    print(&rounds, options);
    Ok(())
}

fn print(rounds: &[(Side, Size, Round)], options: &Options) {
    let cluster = &options.cluster;
    let title = format!(
        "A cluster of {} workers, {} tasks for each connector, a record a second from each source task,\n  lost work waits {} s \
         for its worker; load averages (1 min) beside the times",
        cluster.workers,
        cluster.tasks,
        watertight_harness::cluster::DELAY_MS / 1000
    );
    let mut columns = vec![""];
    columns.extend(rounds.iter().map(|(side, ..)| match side {
        Side::Genuine => "Kafka Connect",
        Side::Ours => "Watertight",
    }));
    let mut table = Table::new(&title, &columns);
    table.row(
        std::iter::once("connectors: sources + sinks".to_owned())
            .chain(rounds.iter().map(|(_, size, _)| format!("{} + {}", size.sources, size.sinks))),
    );
    let names: Vec<&str> = rounds.first().map(|(_, _, round)| round.names().collect()).unwrap_or_default();
    for name in names {
        table.row(std::iter::once(name.to_owned()).chain(rounds.iter().map(|(_, _, round)| round.figure(name))));
    }
    table.print();
    for (side, _, round) in rounds {
        for remark in round.remarks() {
            println!("  {}: {remark}", side.word());
        }
    }
}
