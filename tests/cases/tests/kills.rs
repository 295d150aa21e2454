//! SIGKILL at random moments while lines flow: nothing is lost, nothing is torn, order is kept.
//! Duplicates are allowed by at-least-once; they are counted and printed.

use std::time::Duration;
use watertight_cases::{Dice, SOON, Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::paced::PacedWriter;
use watertight_harness::skips;
use watertight_harness::worker::Make;

const RATE: u64 = 2_000;

fn kills() -> u64 {
    if skips::soak() { 20 } else { 5 }
}

/// What is to be killed, and how long it stays away.
type Victim = fn(&mut Scene, &mut Dice) -> anyhow::Result<()>;

fn the_worker(scene: &mut Scene, _: &mut Dice) -> anyhow::Result<()> {
    scene.worker.kill();
    scene.worker.start().map(drop)
}

fn the_broker(scene: &mut Scene, dice: &mut Dice) -> anyhow::Result<()> {
    scene.broker.kill();
    std::thread::sleep(dice.millis(0, 1000));
    scene.broker.restart()
}

fn kill(kind: Kind, victim: Victim, case: &str) -> anyhow::Result<()> {
    let mut scene = Scene::on(kind, Make::Ours, case)?.with_files()?.start()?;
    let mut dice = Dice::new();
    let writer = PacedWriter::start(&scene.input(), 0, RATE)?;
    scene.wait_running()?;
    for _ in 0..kills() {
        std::thread::sleep(dice.millis(100, 4000));
        victim(&mut scene, &mut dice)?;
    }
    std::thread::sleep(dice.millis(100, 1000));
    let (written, _) = writer.stop()?;
    // A member that was killed holds its partition until its session ends.
    let tally = scene.wait_for_lines(written, 2 * SOON)?;
    println!("{case}: after {} kills {tally}", kills());
    anyhow::ensure!(tally.is_complete(), "{tally}");
    anyhow::ensure!(tally.fragments <= kills(), "more fragments than kills: {tally}");
    anyhow::ensure!(scene.worker.is_alive(), "the worker is gone");
    Ok(())
}

#[test]
fn no_line_is_lost_when_the_worker_is_killed_on_the_embedded_broker() -> anyhow::Result<()> {
    kill(Kind::Embedded, the_worker, "kill-worker-embedded")
}

#[test]
fn no_line_is_lost_when_the_worker_is_killed_on_the_genuine_broker() -> anyhow::Result<()> {
    let Some(peer) = genuine("no_line_is_lost_when_the_worker_is_killed_on_the_genuine_broker")? else {
        return Ok(());
    };
    kill(Kind::Genuine(peer), the_worker, "kill-worker-genuine")
}

#[test]
fn no_line_is_lost_when_the_embedded_broker_is_killed() -> anyhow::Result<()> {
    kill(Kind::Embedded, the_broker, "kill-broker-embedded")
}

#[test]
fn a_source_goes_on_from_its_offset_and_does_not_send_everything_again() -> anyhow::Result<()> {
    let mut scene = Scene::new("kill-offsets")?.with_files()?.start()?;
    watertight_harness::lines::append(&scene.input(), 0, 10_000)?;
    scene.wait_for_lines(10_000, SOON)?;
    // Several times offset.flush.interval.ms.
    std::thread::sleep(Duration::from_secs(3));
    scene.worker.kill();
    watertight_harness::lines::append(&scene.input(), 10_000, 10_100)?;
    scene.worker.start()?;
    let tally = scene.wait_for_lines(10_100, 2 * SOON)?;
    anyhow::ensure!(tally.is_exact(), "offsets had been flushed: {tally}");
    Ok(())
}
