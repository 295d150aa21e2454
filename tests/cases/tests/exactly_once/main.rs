//! Sources that write each record exactly once (KIP-618), in a cluster with `exactly.once.source.support=enabled`: where
//! transactions end, what becomes of those that do not, and what is refused. Bouncing workers are in `bounce`.
//!
//! `WATERTIGHT_WORKER=genuine` asks genuine workers.

mod boundaries;
mod refused;

use watertight_cases::cluster::on_cluster;

const ENABLED: (&str, &str) = ("exactly.once.source.support", "enabled");

#[test]
fn transactions_of_sources_on_the_genuine_broker() -> anyhow::Result<()> {
    on_cluster("exactly-once", 2, &[ENABLED], boundaries::CASES)
}

#[test]
fn what_cannot_be_exactly_once_on_the_genuine_broker() -> anyhow::Result<()> {
    on_cluster("exactly-once-refused", 1, &[ENABLED], refused::ENABLED)?;
    on_cluster("exactly-once-disabled", 1, &[], refused::DISABLED)
}
