//! Clusters: workers of one group, on the genuine broker. What stands here was asked of a cluster of genuine workers
//! first; Kafka's own system tests of Connect are among the cases.
//!
//! Cases are tables, and each group of them shares one cluster. `WATERTIGHT_CASE=WORDS` asks only those whose sentence
//! holds the words; `WATERTIGHT_WORKER=genuine` asks genuine workers.

mod forwarding;
mod hanging;
mod loggers;
mod membership;
mod outage;
mod states;
mod storage;
mod strangers;
mod takeover;

use watertight_cases::cluster::on_cluster;

#[test]
fn connectors_and_tasks_of_a_cluster_on_the_genuine_broker() -> anyhow::Result<()> {
    let all = [states::CASES, forwarding::CASES, loggers::CASES].concat();
    on_cluster("states", 3, &[], &all)
}

#[test]
fn workers_come_and_go_on_the_genuine_broker() -> anyhow::Result<()> {
    on_cluster("membership", 3, &[], membership::CASES)
}

#[test]
fn storage_topics_on_the_genuine_broker() -> anyhow::Result<()> {
    on_cluster("storage", 0, &[], storage::ALONE)
}

#[test]
fn nobody_waits_for_what_hangs_on_the_genuine_broker() -> anyhow::Result<()> {
    on_cluster("hanging", 3, &[], hanging::CASES)
}

#[test]
fn the_genuine_broker_goes_and_comes() -> anyhow::Result<()> {
    on_cluster("outage", 2, &[], outage::CASES)
}

#[test]
fn a_worker_is_cut_off_from_the_genuine_broker() -> anyhow::Result<()> {
    outage::cut()
}

#[test]
fn a_cluster_of_genuine_workers_is_taken_over_and_given_back() -> anyhow::Result<()> {
    takeover::there_and_back()
}

#[test]
fn workers_that_differ_on_the_genuine_broker() -> anyhow::Result<()> {
    on_cluster("strangers", 0, &[], strangers::ALONE)
}

#[test]
fn genuine_workers_and_ours_in_one_cluster() -> anyhow::Result<()> {
    on_cluster("mixed", 0, &[], strangers::MIXED)
}
