//! `cargo xtask peer`: the genuine Apache Kafka and Connect, to compare with by hand. How they are fetched
//! and started is the harness's knowledge.

use crate::{args, progress::Progress};
use anyhow::Context as _;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use watertight_harness::broker::{Broker, Kind};
use watertight_harness::peer::{Peer, version};
use watertight_harness::worker::{Make, Worker};
use watertight_harness::{paths, signals};

/// The command.
pub fn main(mut words: Vec<String>) -> anyhow::Result<()> {
    let then: fn(Peer) -> anyhow::Result<()> = match words.first().map(String::as_str) {
        Some("fetch") => |_| Ok(()),
        Some("start") | None => run,
        Some("record") => |peer| record(&peer),
        Some(_) => return args::none_left(&words),
    };
    if !words.is_empty() {
        words.remove(0);
    }
    args::none_left(&words)?;
    then(fetch()?)
}

/// Programs that ask the genuine code, each with its questions and where the answers go.
const RECORDERS: [[&str; 3]; 3] = [
    ["Record.java", "converters.cases", "converters.txt"],
    ["Transforms.java", "transforms.cases", "transforms.txt"],
    [AVRO, "avro.cases", "avro.txt"],
];

/// Wants more than Kafka.
const AVRO: &str = "RecordAvro.java";

/// What the tests of converters, transforms and the assignor expect, asked afresh. A change shows in `git diff`.
fn record(peer: &Peer) -> anyhow::Result<()> {
    let data = paths::root().join("host/data/tests/recorded");
    for [program, questions, answers] in RECORDERS {
        let class_path = if program == AVRO { peer.with_avro()? } else { peer.class_path().into() };
        ask(class_path, &data, program, &[questions, answers])?;
    }
    let assignor = paths::root().join("host/worker/src/distributed/assignor/tests");
    ask(peer.class_path().into(), &assignor, "Alike.java", &["alike.txt"])
}

/// Runs a program in its folder; the last of its files is what it writes.
fn ask(class_path: OsString, folder: &Path, program: &str, files: &[&str]) -> anyhow::Result<()> {
    let progress = Progress::start(files.last().unwrap_or(&program));
    let mut java = Command::new("java");
    java.arg("-cp").arg(class_path).arg(program).args(files).current_dir(folder);
    let output = java.stdin(Stdio::null()).output().context("cannot start java")?;
    anyhow::ensure!(output.status.success(), "{program} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    progress.done("recorded");
    Ok(())
}

/// Fetches it, with a line that says so.
pub fn fetch() -> anyhow::Result<Peer> {
    if let Ok(peer) = Peer::find() {
        return Ok(peer);
    }
    let progress = Progress::start(&format!("Apache Kafka {}", version()));
    eprintln!("Apache Kafka {}: fetching from Maven Central", version());
    let peer = Peer::fetch()?;
    progress.done(&format!("fetched into {}", peer.dir().display()));
    Ok(peer)
}

fn run(peer: Peer) -> anyhow::Result<()> {
    signals::catch_stop();
    let dir = paths::target().join("peer").join("run");
    let mut broker = Broker::start(Kind::Genuine(peer.clone()), &dir)?;
    println!("broker of Apache Kafka {}: {}", version(), broker.bootstrap());
    let mut worker = Worker::new(Make::Genuine(peer), &dir, &broker.bootstrap())?;
    let ready = worker.start()?;
    println!("worker of Apache Kafka {}: http://127.0.0.1:{} ({:.1} s)", version(), worker.port(), ready.as_secs_f64());
    println!("files and logs: {}\nCtrl-C stops both", dir.display());
    while !signals::asked_to_stop() && worker.is_alive() {
        std::thread::sleep(Duration::from_millis(100));
    }
    worker.stop()?;
    broker.stop()
}
