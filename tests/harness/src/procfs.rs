//! What a process costs, from Linux's `/proc`: CPU-seconds, resident and proportional memory.

use anyhow::Context as _;
use std::time::Duration;

/// CPU time used so far, user and system, of all threads, finished ones too.
pub fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let stat = read(pid, "stat")?;
    // The name in parentheses may hold spaces: count fields behind the last parenthesis.
    let rest = stat.rsplit_once(')').context("no ')' in /proc/PID/stat")?.1;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).context("a short /proc/PID/stat");
    Ok(Duration::from_secs_f64((ticks(11)? + ticks(12)?) / crate::signals::clock_ticks()))
}

/// Resident memory now, in bytes.
pub fn rss(pid: u32) -> anyhow::Result<u64> {
    kib(&read(pid, "status")?, "VmRSS:")
}

/// The most it was resident so far, in bytes.
pub fn peak_rss(pid: u32) -> anyhow::Result<u64> {
    kib(&read(pid, "status")?, "VmHWM:")
}

/// Memory with shared pages divided among those who share them, in bytes.
pub fn pss(pid: u32) -> anyhow::Result<u64> {
    kib(&read(pid, "smaps_rollup")?, "Pss:")
}

/// How many threads it has.
pub fn threads(pid: u32) -> anyhow::Result<u64> {
    field(&read(pid, "status")?, "Threads:")
}

fn read(pid: u32, file: &str) -> anyhow::Result<String> {
    let path = format!("/proc/{pid}/{file}");
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
}

fn kib(text: &str, label: &str) -> anyhow::Result<u64> {
    Ok(field(text, label)? * 1024)
}

fn field(text: &str, label: &str) -> anyhow::Result<u64> {
    text.lines()
        .find_map(|line| line.strip_prefix(label)?.split_whitespace().next()?.parse().ok())
        .with_context(|| format!("no {label} line"))
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used)]
mod tests {
    #[test]
    fn this_process_costs_something() {
        let me = std::process::id();
        assert!(super::rss(me).unwrap() > 100_000);
        assert!(super::peak_rss(me).unwrap() >= super::rss(me).unwrap() / 2);
        assert!(super::pss(me).unwrap() > 10_000);
        assert!(super::threads(me).unwrap() >= 1);
        super::cpu(me).unwrap();
    }
}
