//! Ladders: what becomes of connectors and tasks, step by step, in our worker and in the genuine one. Where the two
//! differ on purpose, both answers stand in the case.

mod configs;
mod failing;
mod ground;
mod hanging;
mod plans;
mod restarts;
mod states;
mod switches;
mod topics;
mod versions;

use watertight_cases::table::{in_a_cluster, on_both};

#[test]
fn target_states() -> anyhow::Result<()> {
    on_both("lifecycle-states", states::CASES)
}

#[test]
fn failures() -> anyhow::Result<()> {
    on_both("lifecycle-failures", failing::CASES)
}

#[test]
fn restarting() -> anyhow::Result<()> {
    on_both("lifecycle-restarts", restarts::CASES)
}

#[test]
fn task_configs() -> anyhow::Result<()> {
    on_both("lifecycle-plans", plans::CASES)
}

#[test]
fn patched_configs() -> anyhow::Result<()> {
    on_both("lifecycle-configs", configs::CASES)
}

#[test]
fn topics_in_use() -> anyhow::Result<()> {
    on_both("lifecycle-topics", topics::CASES)
}

#[test]
fn versions_side_by_side() -> anyhow::Result<()> {
    on_both("lifecycle-versions", versions::CASES)
}

#[test]
fn plugins_that_hang() -> anyhow::Result<()> {
    hanging::all()
}

#[test]
fn topic_tracking_is_switched_off() -> anyhow::Result<()> {
    switches::topic_tracking()
}

#[test]
fn a_request_that_comes_to_its_end_while_the_worker_ends_starts_nothing() -> anyhow::Result<()> {
    switches::ending()
}

#[test]
fn a_worker_that_starts_says_so() -> anyhow::Result<()> {
    switches::starting()
}

#[test]
fn all_of_it_in_a_cluster_on_the_genuine_broker() -> anyhow::Result<()> {
    let all =
        [states::CASES, failing::CASES, restarts::CASES, plans::CASES, configs::CASES, topics::CASES, versions::CASES];
    in_a_cluster("lifecycle-cluster", &all.concat())
}
