//! `cargo xtask test`: all set-up and all tests, in stages. The first stage that fails ends it, and the
//! table of stages is printed in any case.
//!
//! What is quick to tell comes first: formatting, then the build, then unit tests, then the black-box
//! cases; lints and documentation compile everything once more and come last.

mod report;
mod runner;
mod stages;

use crate::args;
use report::Report;
use std::time::Instant;
use watertight_harness::skips;

/// The command.
pub fn main(mut words: Vec<String>) -> anyhow::Result<()> {
    let no_skips = args::flag(&mut words, "--no-skips");
    let filter = if words.is_empty() { None } else { Some(words.remove(0)) };
    args::none_left(&words)?;
    let env: &[(&'static str, &'static str)] = if no_skips { &[(skips::NO_SKIPS, "1")] } else { &[] };
    let _ = std::fs::remove_file(skips::file());
    let plan = stages::plan(filter.as_deref());
    carry_out(&plan, &stages::Context { filter: filter.filter(|f| !stages::is_stage(f)), env: env.to_vec(), no_skips })
}

/// The black-box cases alone, for `soak`.
pub fn cases(filter: Option<&str>, env: &[(&'static str, &'static str)]) -> anyhow::Result<()> {
    let _ = std::fs::remove_file(skips::file());
    let context = stages::Context { filter: filter.map(str::to_owned), env: env.to_vec(), no_skips: false };
    carry_out(&stages::plan(Some(filter.unwrap_or("cases"))), &context)
}

fn carry_out(plan: &[stages::Stage], context: &stages::Context) -> anyhow::Result<()> {
    let mut report = Report::default();
    for stage in plan {
        eprintln!("\n=== {}", stage.name);
        let start = Instant::now();
        let result = (stage.run)(context, &mut report.counts);
        report.note(stage.name, start.elapsed(), result.is_ok());
        if let Err(error) = result {
            eprintln!("{} failed: {error:#}", stage.name);
            break;
        }
    }
    report.finish()
}
