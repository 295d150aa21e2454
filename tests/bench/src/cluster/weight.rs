//! What workers cost, side by side over the same time.

use std::time::{Duration, Instant};
use watertight_harness::procfs;

const MIB: f64 = 1024.0 * 1024.0;

/// Of one worker.
pub struct Weight {
    /// CPU seconds per second.
    pub cpu: f64,
    /// Threads at the end.
    pub threads: u64,
    /// Resident at the end, in MiB.
    pub rss: f64,
    /// Likewise, with shared pages divided.
    pub pss: f64,
}

/// Of these processes over so long; `meanwhile` is done at the beginning and at the end.
pub fn of<T>(
    pids: &[u32],
    over: Duration,
    mut meanwhile: impl FnMut() -> anyhow::Result<T>,
) -> anyhow::Result<(Vec<Weight>, T, T, f64)> {
    let first = meanwhile()?;
    let begun = Instant::now();
    let before = pids.iter().map(|pid| procfs::cpu(*pid)).collect::<anyhow::Result<Vec<_>>>()?;
    std::thread::sleep(over);
    let last = meanwhile()?;
    let took = begun.elapsed().as_secs_f64();
    let mut weights = Vec::new();
    for (pid, before) in pids.iter().zip(before) {
        weights.push(Weight {
            cpu: procfs::cpu(*pid)?.saturating_sub(before).as_secs_f64() / took,
            threads: procfs::threads(*pid)?,
            rss: procfs::rss(*pid)? as f64 / MIB,
            pss: procfs::pss(*pid)? as f64 / MIB,
        });
    }
    Ok((weights, first, last, took))
}

/// One figure of each worker.
pub fn each(weights: &[Weight], figure: impl Fn(&Weight) -> String) -> String {
    weights.iter().map(figure).collect::<Vec<_>>().join(" / ")
}
