//! Where and when the figures were made, without which they mean nothing.

use std::process::Command;
use watertight_harness::peer;

/// More load than this before we start makes the figures doubtful.
const QUIET: f64 = 0.5;

/// Processor, memory, kernel, date, versions and load, on a few lines.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "machine   {cores} cores ({}), {:.0} GiB memory, {}\nversions  Watertight {}, Apache Kafka {}, {}, {}\n\
         date      {}, load average {:.2}",
        field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        memory() / f64::from(1 << 20),
        said("uname", &["-sr"]),
        env!("CARGO_PKG_VERSION"),
        peer::version(),
        said("java", &["--version"]),
        said("rustc", &["--version"]),
        said("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        load(),
    )
}

/// A line to print where the machine is not quiet.
pub fn warning() -> Option<String> {
    let load = load();
    (load > QUIET).then(|| {
        format!("WARNING   the load average is {load:.2} before anything was started: the figures below are doubtful")
    })
}

/// The load average over a minute.
pub fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(0.0)
}

/// In KiB.
fn memory() -> f64 {
    let text = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    text.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0.0)
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The first line that a program says.
fn said(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.lines().next().map_or_else(|| format!("no {program}"), |line| line.trim().to_owned())
}
