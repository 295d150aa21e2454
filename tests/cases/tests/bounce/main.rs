//! Every worker of a cluster is restarted, one after the other, while numbered records flow from sources over a topic
//! into sinks: what is missing and what came twice is counted. Kafka's own system test of this waits a minute where these
//! cases wait for what they wait for.
//!
//! `WATERTIGHT_WORKER=genuine` asks genuine workers. One round; three in `soak`.

mod files;

use std::time::{Duration, UNIX_EPOCH};

use watertight_cases::Dice;
use watertight_cases::cluster::Ground;
use watertight_cases::cluster::ground::Told;
use watertight_cases::topics;
use watertight_harness::skips;

/// How a worker is made to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// SIGTERM
    Clean,
    /// SIGKILL
    Hard,
}

const TASKS: usize = 3;

fn rounds() -> usize {
    if skips::soak() { 3 } else { 1 }
}

/// Runs one; what there is to count, or none where it was skipped.
fn bounce(group: &str, end: End, settings: &[(&str, &str)]) -> anyhow::Result<Option<Told>> {
    let Some(mut g) = Ground::start(group, 3, settings)? else { return Ok(None) };
    topics::create(&g.broker.bootstrap(), &g.topic(), TASKS as i32, &[])?;
    let source = g.create(&g.source("source", TASKS), TASKS)?;
    let sink = g.create(&g.sink("sink", TASKS), TASKS)?;
    g.wait_more(&sink, 100)?;
    let mut dice = Dice::new();
    for round in 0..rounds() {
        for step in 0..g.cluster.len() {
            let worker = (step + round) % g.cluster.len();
            match end {
                End::Clean => g.cluster.worker(worker).stop()?,
                End::Hard => g.cluster.worker(worker).kill(),
            }
            std::thread::sleep(dice.millis(0, 1500));
            g.cluster.start(worker)?;
            // Wherever they run now.
            g.wait_flowing(&[&source], now())?;
            g.wait_more(&sink, 100)?;
        }
    }
    g.cluster.wait_balanced(&[(&source, TASKS), (&sink, TASKS)])?;
    let starts = (g.diaries(&source)?.starts(), g.diaries(&sink)?.starts());
    let told = g.settle(&source, &sink)?;
    println!(
        "{group}: {} workers, {} rounds, {end:?}: topic {}; sink {}, {} of them again; starts {starts:?}",
        g.cluster.len(),
        rounds(),
        told.topic,
        told.sink,
        told.again
    );
    anyhow::ensure!(told.topic.tasks.len() == TASKS && told.topic.late() == 0, "{told:?}");
    anyhow::ensure!(told.topic.missing() == 0 && told.sink.missing() == 0, "{}; {}", told.topic, told.sink);
    g.cluster.stop_all()?;
    Ok(Some(told))
}

fn now() -> u64 {
    UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO).as_millis() as u64
}

const EXACTLY_ONCE: &[(&str, &str)] =
    &[("exactly.once.source.support", "enabled"), ("consumer.isolation.level", "read_committed")];

#[test]
fn workers_that_are_restarted_in_order_lose_and_repeat_nothing_on_the_genuine_broker() -> anyhow::Result<()> {
    if let Some(told) = bounce("bounce-clean", End::Clean, &[])? {
        anyhow::ensure!(told.topic.duplicates() == 0, "{}", told.topic);
        anyhow::ensure!(told.again == 0, "the sink got {} records again", told.again);
    }
    Ok(())
}

#[test]
fn workers_that_are_killed_lose_nothing_on_the_genuine_broker() -> anyhow::Result<()> {
    bounce("bounce-hard", End::Hard, &[]).map(drop)
}

#[test]
fn workers_that_are_restarted_in_order_send_exactly_once_on_the_genuine_broker() -> anyhow::Result<()> {
    exactly_once("bounce-once-clean", End::Clean)
}

#[test]
fn workers_that_are_killed_send_exactly_once_on_the_genuine_broker() -> anyhow::Result<()> {
    exactly_once("bounce-once-hard", End::Hard)
}

fn exactly_once(group: &str, end: End) -> anyhow::Result<()> {
    if let Some(told) = bounce(group, end, EXACTLY_ONCE)? {
        anyhow::ensure!(told.topic.duplicates() == 0, "{}", told.topic);
    }
    Ok(())
}

#[test]
fn lines_flow_while_workers_are_restarted_on_the_genuine_broker() -> anyhow::Result<()> {
    files::rolling(rounds())
}
