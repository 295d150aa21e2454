//! Offsets of connectors over REST (KIP-875): shown in any state, changed when stopped. What stands here was asked of
//! Apache Kafka Connect 4.3.1 first; Kafka's own integration test of these endpoints is among the cases.
//!
//! Cases are tables, and each group of them shares one worker. `WATERTIGHT_CASE=WORDS` asks only those whose sentence
//! holds the words; `WATERTIGHT_WORKER=genuine` asks the genuine worker.

mod file_stream;
mod ground;
mod hook;
mod requests;
mod rough;
mod sink;
mod sink_bodies;
mod source;
mod states;
mod takeover;

use ground::Case;
use watertight_cases::table::{in_a_cluster, on_both, on_genuine_broker};

#[test]
fn who_may_change_offsets_and_when() -> anyhow::Result<()> {
    on_both("offsets-states", &[states::CASES, requests::CASES].concat())
}

#[test]
fn what_plugins_have_to_say() -> anyhow::Result<()> {
    on_both("offsets-hook", &[hook::CASES, file_stream::CASES].concat())
}

#[test]
fn offsets_of_sources() -> anyhow::Result<()> {
    on_both("offsets-source", source::CASES)
}

#[test]
fn offsets_of_sinks() -> anyhow::Result<()> {
    on_both("offsets-sink", &[sink::CASES, sink_bodies::CASES].concat())
}

#[test]
fn offsets_of_sinks_on_the_genuine_broker() -> anyhow::Result<()> {
    let all: Vec<Case> = [sink::CASES, sink_bodies::CASES, sink::STRICT].concat();
    on_genuine_broker("offsets-sink-genuine-broker", &all)
}

#[test]
fn all_of_it_in_a_cluster_on_the_genuine_broker() -> anyhow::Result<()> {
    let all: Vec<Case> = [
        states::CASES,
        requests::CASES,
        hook::CASES,
        file_stream::CASES,
        source::CASES,
        sink::CASES,
        sink_bodies::CASES,
    ]
    .concat();
    in_a_cluster("offsets-cluster", &all)
}
