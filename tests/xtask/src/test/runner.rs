//! Runs `cargo test`, shows what it says as it says it, and counts its results.

use super::report::Counts;
use anyhow::Context as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

/// Runs it. Output of tests goes to both pipes; only the standard one is counted.
pub fn run(mut command: Command, what: &str, counts: &mut Counts) -> anyhow::Result<()> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let mut here = Counts::default();
    let out = child.stdout.take().context("no pipe to cargo")?;
    for line in BufReader::new(out).lines() {
        // Tests may print anything, and bytes that are no UTF-8 are no reason to stop.
        let line = line.unwrap_or_else(|e| format!("({e})"));
        println!("{line}");
        take(&mut here, &line);
    }
    let status = child.wait()?;
    here.summaries =
        vec![format!("{what}: {} passed, {} failed, {} ignored", here.passed, here.failed, here.ignored.len())];
    counts.passed += here.passed;
    counts.failed += here.failed;
    counts.ignored.append(&mut here.ignored);
    counts.summaries.append(&mut here.summaries);
    anyhow::ensure!(status.success(), "{status}");
    Ok(())
}

fn take(counts: &mut Counts, line: &str) {
    if let Some(result) = line.strip_prefix("test result: ") {
        for part in result.split([';', '.']) {
            match part.trim().split_once(' ') {
                Some((n, "passed")) => counts.passed += n.parse::<u64>().unwrap_or(0),
                Some((n, "failed")) => counts.failed += n.parse::<u64>().unwrap_or(0),
                _ => {}
            }
        }
    } else if let Some(name) = line.strip_prefix("test ").and_then(|l| l.split_once(" ... ignored")) {
        counts.ignored.push(name.0.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_added_up_and_ignored_tests_are_named() {
        let mut counts = Counts::default();
        take(
            &mut counts,
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s",
        );
        take(&mut counts, "test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out");
        take(&mut counts, "test a::b ... ignored, not here");
        assert_eq!((counts.passed, counts.failed, counts.ignored), (5, 4, vec!["a::b".to_owned()]));
    }
}
