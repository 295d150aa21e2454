//! What a worker costs that has nothing to do: its memory some time after the start, shared pages divided.

use crate::options::Options;
use crate::sides::{Ground, Side};
use crate::table::{Table, times};
use anyhow::Context as _;
use std::time::Duration;
use watertight_harness::procfs;

const MIB: f64 = 1024.0 * 1024.0;

struct Idle {
    pss: f64,
    rss: f64,
    threads: f64,
    /// CPU milliseconds per second, over the second half of the time.
    cpu: f64,
}

/// Measures both at the same time: neither does anything.
pub fn run(ground: &Ground, options: &Options) -> anyhow::Result<()> {
    let mut workers = Vec::new();
    for side in Side::BOTH {
        let dir = ground.folder(&format!("idle-{}", side.word()))?;
        let mut worker = ground.worker(side, &dir)?;
        worker.start()?;
        workers.push(worker);
    }
    eprintln!("both workers idle for {} s", options.idle.as_secs());
    let pids: Vec<u32> = workers.iter().filter_map(|w| w.pid()).collect();
    let [theirs, ours] = pids[..] else { anyhow::bail!("a worker has ended") };
    let half = options.idle / 2;
    std::thread::sleep(options.idle - half);
    let before = [procfs::cpu(theirs)?, procfs::cpu(ours)?];
    std::thread::sleep(half);
    let theirs = look(theirs, before[0], half)?;
    let ours = look(ours, before[1], half)?;
    for mut worker in workers {
        worker.stop().context("an idle worker did not stop")?;
    }

    let title = format!("Idle, {} s after the start, no connector", options.idle.as_secs());
    let mut table = Table::new(&title, &["", "Kafka Connect", "Watertight", "less"]);
    let mut row = |what: &str, digits: usize, of: fn(&Idle) -> f64| {
        let (theirs, ours) = (of(&theirs), of(&ours));
        table.row([what.to_owned(), format!("{theirs:.digits$}"), format!("{ours:.digits$}"), times(theirs / ours)]);
    };
    row("PSS, MiB", 1, |i| i.pss / MIB);
    row("RSS, MiB", 1, |i| i.rss / MIB);
    row("threads", 0, |i| i.threads);
    row("CPU, ms per second", 1, |i| i.cpu);
    table.print();
    Ok(())
}

fn look(pid: u32, cpu_before: Duration, over: Duration) -> anyhow::Result<Idle> {
    let used = procfs::cpu(pid)?.saturating_sub(cpu_before);
    Ok(Idle {
        pss: procfs::pss(pid)? as f64,
        rss: procfs::rss(pid)? as f64,
        threads: procfs::threads(pid)? as f64,
        cpu: used.as_secs_f64() * 1e3 / over.as_secs_f64(),
    })
}
