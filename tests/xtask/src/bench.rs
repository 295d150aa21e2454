//! `cargo xtask bench`: not written yet.

use crate::args;

/// The command.
pub fn main(mut words: Vec<String>) -> anyhow::Result<()> {
    let records: u64 = args::option(&mut words, "--records")?.unwrap_or(1_000_000);
    args::none_left(&words)?;
    anyhow::bail!("the benchmark ({records} records) is not written yet")
}
