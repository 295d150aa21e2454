//! `cargo xtask bench`: builds what is measured and what measures it, fetches the genuine Kafka, and runs
//! `tests/bench`, whose pages say what is measured and how.

use crate::build::{self, Flavour};
use crate::{args, checks, components, peer, wasm_target};
use anyhow::Context as _;
use std::process::{Command, Stdio};
use watertight_harness::paths;

/// Measured: a release build of worker and benchmark, and a million lines on their way.
const DISK: u64 = 8 << 30;

const PARTS: [&str; 8] = ["start", "idle", "throughput", "data", "requests", "cluster", "jdbc", "boundary"];

/// Options whose value is a number.
const COUNTS: [&str; 8] = [
    "--records",
    "--connectors",
    "--workers",
    "--sources",
    "--sinks",
    "--genuine-sources",
    "--genuine-sinks",
    "--limit",
];

/// The command.
pub fn main(mut words: Vec<String>) -> anyhow::Result<()> {
    let flavour = flavour(args::option::<String>(&mut words, "--profile")?.as_deref())?;
    // Before the build: nobody should wait minutes to hear of a misspelt word.
    let passed_on = passed_on(&mut words)?;
    args::none_left(&words)?;

    checks::tools()?;
    if !build::folder(flavour).join("watertight-bench").exists() {
        checks::disk(&paths::target(), DISK)?;
    }
    wasm_target::ensure()?;
    components::plugins()?;
    components::bench_connectors()?;
    components::test_guests()?;
    build::benchmark(flavour)?;
    peer::fetch()?;

    let folder = build::folder(flavour);
    let program = folder.join(format!("watertight-bench{}", std::env::consts::EXE_SUFFIX));
    let status = Command::new(&program)
        .args(passed_on)
        .env("WATERTIGHT_BIN_DIR", &folder)
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot run {}", program.display()))?;
    anyhow::ensure!(status.success(), "the benchmark did not come to its end");
    Ok(())
}

fn flavour(profile: Option<&str>) -> anyhow::Result<Flavour> {
    match profile {
        None | Some("release") => Ok(Flavour::Release),
        Some("quick") => {
            eprintln!("measuring the quick build: its figures are not those of a release");
            Ok(Flavour::Quick)
        }
        Some(other) => anyhow::bail!("--profile cannot be `{other}`: release or quick"),
    }
}

/// What the benchmark itself is told.
fn passed_on(words: &mut Vec<String>) -> anyhow::Result<Vec<String>> {
    let mut told = Vec::new();
    for flag in ["--quick", "--own-defaults"] {
        if args::flag(words, flag) {
            told.push(flag.to_owned());
        }
    }
    for count in COUNTS {
        if let Some(value) = args::option::<u64>(words, count)? {
            told.extend([count.to_owned(), value.to_string()]);
        }
    }
    if let Some(part) = args::option::<String>(words, "--only")? {
        anyhow::ensure!(PARTS.contains(&part.as_str()), "--only cannot be `{part}`: one of {}", PARTS.join(", "));
        told.extend(["--only".to_owned(), part]);
    }
    while let Some(setting) = args::option::<String>(words, "--producer")? {
        anyhow::ensure!(setting.contains('='), "--producer wants KEY=VALUE, not `{setting}`");
        told.extend(["--producer".to_owned(), setting]);
    }
    Ok(told)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn told(text: &str) -> anyhow::Result<Vec<String>> {
        passed_on(&mut text.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn options_of_the_benchmark_are_looked_at_before_the_build() {
        assert_eq!(told("--records=5 --quick").unwrap(), ["--quick", "--records", "5"]);
        let twice = told("--producer a=1 --producer b=2").unwrap();
        assert_eq!(twice, ["--producer", "a=1", "--producer", "b=2"]);
        assert!(told("--only everything").is_err());
        assert!(told("--records many").is_err());
        assert!(flavour(Some("debug")).is_err());
    }
}
