//! The standalone worker's offsets file is Kafka's own: a serialised Java map. A genuine worker can take
//! over from ours, and ours from a genuine one.

use std::path::Path;
use watertight_cases::{SOON, Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::lines;
use watertight_harness::peer::Peer;
use watertight_harness::worker::{Make, Worker, file_sink, file_source};

/// What Java writes before any serialised object.
const JAVA: [u8; 4] = [0xac, 0xed, 0x00, 0x05];

fn is_java(file: &Path) -> anyhow::Result<()> {
    let bytes = std::fs::read(file)?;
    anyhow::ensure!(bytes.starts_with(&JAVA), "it begins with {:?}", &bytes[..bytes.len().min(8)]);
    let text = String::from_utf8_lossy(&bytes);
    anyhow::ensure!(text.contains("java.util.HashMap") && text.contains("position"), "{text}");
    Ok(())
}

#[test]
fn the_offsets_file_is_in_javas_form() -> anyhow::Result<()> {
    let mut scene = Scene::new("offsets-form")?.with_files()?.start()?;
    lines::append(&scene.input(), 0, 10)?;
    scene.wait_for_lines(10, SOON)?;
    scene.worker.stop()?;
    is_java(&scene.dir.join("offsets"))
}

fn takes_over(peer: &Peer, first: Make, second: Make, case: &str) -> anyhow::Result<()> {
    let mut scene = Scene::on(Kind::Genuine(peer.clone()), first, case)?.with_files()?.start()?;
    lines::append(&scene.input(), 0, 1000)?;
    scene.wait_for_lines(1000, SOON)?;
    scene.worker.stop()?;
    is_java(&scene.dir.join("offsets"))?;
    lines::append(&scene.input(), 1000, 2000)?;
    scene.worker = Worker::new(second, &scene.dir, &scene.broker.bootstrap())?
        .with_connector(&file_source("file-source", &scene.input(), watertight_cases::TOPIC))?
        .with_connector(&file_sink("file-sink", &scene.output(), watertight_cases::TOPIC))?;
    scene.worker.start()?;
    let tally = scene.wait_for_lines(2000, SOON)?;
    anyhow::ensure!(tally.is_exact(), "{tally}");
    Ok(())
}

#[test]
fn a_genuine_worker_takes_over_from_ours() -> anyhow::Result<()> {
    let Some(peer) = genuine("a_genuine_worker_takes_over_from_ours")? else {
        return Ok(());
    };
    takes_over(&peer, Make::Ours, Make::Genuine(peer.clone()), "offsets-to-genuine")
}

#[test]
fn our_worker_takes_over_from_a_genuine_one() -> anyhow::Result<()> {
    let Some(peer) = genuine("our_worker_takes_over_from_a_genuine_one")? else {
        return Ok(());
    };
    takes_over(&peer, Make::Genuine(peer.clone()), Make::Ours, "offsets-from-genuine")
}
