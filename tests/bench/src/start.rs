//! From the start of the process to the first 200 on `GET /`, and to the first running task.
//!
//! The second figure keeps the first one honest: a worker that answers at once and compiles its plugins
//! afterwards has not won anything for somebody who waits for records.

use crate::options::Options;
use crate::sides::{Ground, Side, code_cache};
use crate::table::{Table, median, times};
use std::path::Path;
use std::time::{Duration, Instant};
use watertight_harness::worker::file_source;

const DEADLINE: Duration = Duration::from_secs(120);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cache {
    Cold,
    Warm,
}

/// In seconds.
struct Start {
    answer: f64,
    task: f64,
}

/// Measures and prints.
pub fn run(ground: &Ground, options: &Options) -> anyhow::Result<()> {
    let (mut genuine, mut cold, mut warm) = (Vec::new(), Vec::new(), Vec::new());
    // One start of each beforehand, so that all find binaries and jars in the page cache.
    once(ground, Side::Genuine, Cache::Warm)?;
    once(ground, Side::Ours, Cache::Cold)?;
    for round in 1..=options.starts {
        eprintln!("start {round} of {}", options.starts);
        genuine.push(once(ground, Side::Genuine, Cache::Warm)?);
        cold.push(once(ground, Side::Ours, Cache::Cold)?);
        warm.push(once(ground, Side::Ours, Cache::Warm)?);
    }
    let title = format!("Start of the process, median of {}", options.starts);
    let mut table = Table::new(&title, &["ms until", "Kafka Connect", "Watertight", "sooner"]);
    for (what, of) in [
        ("the first 200 on GET /", (|s: &Start| s.answer) as fn(&Start) -> f64),
        ("a file source of the command line is RUNNING", |s| s.task),
    ] {
        let middle = |starts: &[Start]| median(starts.iter().map(of).collect());
        let theirs = middle(&genuine);
        for (cache, ours) in [("cold", middle(&cold)), ("warm", middle(&warm))] {
            table.row([format!("{what}, {cache} code cache"), millis(theirs), millis(ours), times(theirs / ours)]);
        }
    }
    table.print();
    Ok(())
}

fn once(ground: &Ground, side: Side, cache: Cache) -> anyhow::Result<Start> {
    let dir = ground.folder(&format!("start-{}", side.word()))?;
    if cache == Cache::Cold {
        remove(&code_cache(&dir))?;
    }
    let input = dir.join("input");
    std::fs::write(&input, "a line\n")?;
    let source = file_source("start", &input, "bench-start");
    let mut worker = ground.worker(side, &dir)?.with_connector(&source)?;
    let connect = worker.connect();
    let begun = Instant::now();
    let service = worker.spawn()?;
    let mut answer = None;
    loop {
        if answer.is_none() && connect.http.get("/").is_ok_and(|a| a.status == 200) {
            answer = Some(begun.elapsed().as_secs_f64());
        }
        let running = answer.is_some() && connect.status("start").is_ok_and(|s| s["tasks"][0]["state"] == "RUNNING");
        if let (true, Some(answer)) = (running, answer) {
            let start = Start { answer, task: begun.elapsed().as_secs_f64() };
            // Not an orderly stop: the genuine worker may hang in one so soon after its start.
            worker.kill();
            return Ok(start);
        }
        if let Some(status) = service.exited() {
            anyhow::bail!("the {} worker ended ({status}):\n{}", side.word(), service.log_tail(20));
        }
        anyhow::ensure!(begun.elapsed() < DEADLINE, "the {} worker did not start its task", side.word());
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn remove(dir: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

fn millis(seconds: f64) -> String {
    format!("{:.0}", seconds * 1e3)
}
