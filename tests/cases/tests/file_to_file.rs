//! Lines of one file, through the broker, into another.

use std::time::{Duration, Instant};
use watertight_cases::{SOON, Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::worker::Make;
use watertight_harness::{lines, skips, wait};

fn count() -> u64 {
    if skips::soak() { 1_000_000 } else { 100_000 }
}

fn every_line_once_and_in_order(kind: Kind, make: Make, case: &str) -> anyhow::Result<()> {
    let scene = Scene::on(kind, make, case)?.with_files()?;
    lines::append(&scene.input(), 0, count())?;
    let scene = scene.start()?;
    let start = Instant::now();
    let tally = scene.wait_for_lines(count(), SOON)?;
    println!("{case}: {tally} in {:.1} s", start.elapsed().as_secs_f64());
    anyhow::ensure!(tally.is_exact(), "{tally}");
    Ok(())
}

#[test]
fn every_line_arrives_once_and_in_order_on_the_embedded_broker() -> anyhow::Result<()> {
    every_line_once_and_in_order(Kind::Embedded, Make::Ours, "lines-embedded")
}

#[test]
fn every_line_arrives_once_and_in_order_on_the_genuine_broker() -> anyhow::Result<()> {
    let Some(peer) = genuine("every_line_arrives_once_and_in_order_on_the_genuine_broker")? else {
        return Ok(());
    };
    every_line_once_and_in_order(Kind::Genuine(peer), Make::Ours, "lines-genuine-broker")
}

/// The oracle: were this to fail, the case would be wrong.
#[test]
fn every_line_arrives_once_and_in_order_with_the_genuine_worker() -> anyhow::Result<()> {
    let Some(peer) = genuine("every_line_arrives_once_and_in_order_with_the_genuine_worker")? else {
        return Ok(());
    };
    every_line_once_and_in_order(Kind::Genuine(peer.clone()), Make::Genuine(peer), "lines-genuine-worker")
}

/// Promised: within a second. Asserted: five times that.
fn an_appended_line_follows(kind: Kind, case: &str) -> anyhow::Result<()> {
    let scene = Scene::on(kind, Make::Ours, case)?.with_files()?.start()?;
    lines::append(&scene.input(), 0, 1)?;
    scene.wait_for_lines(1, SOON)?;
    let mut times = Vec::new();
    for n in 1..=10 {
        let expected = (n + 1) * (lines::WIDTH as u64 + 1);
        lines::append(&scene.input(), n, n + 1)?;
        let arrived = || std::fs::metadata(scene.output()).is_ok_and(|m| m.len() >= expected);
        times.push(wait::until_true("the appended line", Duration::from_secs(5), arrived)?);
        std::thread::sleep(Duration::from_millis(130));
    }
    times.sort();
    println!("{case}: an appended line followed within {:?} (median), {:?} (worst of 10)", times[5], times[9]);
    anyhow::ensure!(scene.wait_for_lines(11, SOON)?.is_exact());
    Ok(())
}

#[test]
fn an_appended_line_follows_on_the_embedded_broker() -> anyhow::Result<()> {
    an_appended_line_follows(Kind::Embedded, "append-embedded")
}

#[test]
fn an_appended_line_follows_on_the_genuine_broker() -> anyhow::Result<()> {
    let Some(peer) = genuine("an_appended_line_follows_on_the_genuine_broker")? else {
        return Ok(());
    };
    an_appended_line_follows(Kind::Genuine(peer), "append-genuine")
}

#[test]
fn a_worker_that_is_stopped_and_started_goes_on_where_it_ended() -> anyhow::Result<()> {
    let mut scene = Scene::new("stop-and-start")?.with_files()?.start()?;
    for round in 0..3 {
        lines::append(&scene.input(), round * 1000, (round + 1) * 1000)?;
        let tally = scene.wait_for_lines((round + 1) * 1000, SOON)?;
        anyhow::ensure!(tally.is_exact(), "round {round}: {tally}");
        scene.worker.stop()?;
        scene.worker.start()?;
    }
    scene.wait_running()?;
    anyhow::ensure!(scene.wait_for_lines(3000, SOON)?.is_exact(), "a clean stop duplicated lines");
    Ok(())
}

#[test]
fn broker_and_worker_started_again_find_their_data() -> anyhow::Result<()> {
    let mut scene = Scene::new("start-again")?.with_files()?.start()?;
    lines::append(&scene.input(), 0, 1000)?;
    scene.wait_for_lines(1000, SOON)?;
    scene.worker.stop()?;
    scene.broker.stop()?;
    lines::append(&scene.input(), 1000, 2000)?;
    scene.broker.restart()?;
    scene.worker.start()?;
    let tally = scene.wait_for_lines(2000, SOON)?;
    anyhow::ensure!(tally.is_exact(), "{tally}");
    Ok(())
}
