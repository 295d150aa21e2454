//! What a run of the tests says at its end.

use std::time::Duration;
use watertight_harness::skips;

/// Results of test runners.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed; those that skipped themselves are among them, for Rust's runner knows no better.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Names of tests that the runner ignored.
    pub ignored: Vec<String>,
    /// The runners' own summaries.
    pub summaries: Vec<String>,
}

/// Stages and counts.
#[derive(Debug, Default)]
pub struct Report {
    stages: Vec<(&'static str, Duration, bool)>,
    /// Of all runners so far.
    pub counts: Counts,
}

impl Report {
    /// A stage has ended.
    pub fn note(&mut self, name: &'static str, took: Duration, passed: bool) {
        self.stages.push((name, took, passed));
    }

    /// Prints everything; an error where anything failed.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let noted = std::fs::read_to_string(skips::file()).unwrap_or_default();
        let mut skipped: Vec<String> = noted.lines().map(str::to_owned).collect();
        self.counts.passed = self.counts.passed.saturating_sub(skipped.len() as u64);
        skipped.append(&mut self.counts.ignored);
        let failed_stages = self.stages.iter().filter(|(_, _, passed)| !passed).count() as u64;
        // A stage without a test runner (formatting, lints, a build) counts as one failure.
        let failed = self.counts.failed.max(failed_stages);

        println!("\nminutes  stage");
        for (name, took, passed) in &self.stages {
            println!("{:7.1}  {name}{}", took.as_secs_f64() / 60.0, if *passed { "" } else { "  FAILED" });
        }
        let total: Duration = self.stages.iter().map(|(_, took, _)| *took).sum();
        println!("{:7.1}  altogether\n", total.as_secs_f64() / 60.0);
        for summary in &self.counts.summaries {
            println!("{summary}");
        }
        println!("skipped: {}", if skipped.is_empty() { "none".to_owned() } else { skipped.join("; ") });
        println!("{} passed, {failed} failed, {} skipped", self.counts.passed, skipped.len());
        anyhow::ensure!(failed == 0, "tests failed");
        Ok(())
    }
}
