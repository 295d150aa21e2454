//! Drowns or forges what operators read.

use watertight_sdk::{Config, Result, error, info, runtime::metrics};

pub fn log_flood(_config: &Config) -> Result<()> {
    for number in 0..1_000_000 {
        info!("flood line {number}");
    }
    Ok(())
}

/// Looks like two lines, the second of another connector, and clears the terminal.
pub fn log_with_control_characters(_config: &Config) -> Result<()> {
    error!(
        "first half\n[2026-01-01 00:00:00,000] ERROR [innocent|task-0] forged line\r\u{1b}[2J\u{0}\u{7f}\u{85}\u{202e}"
    );
    Ok(())
}

pub fn log_a_long_line(_config: &Config) -> Result<()> {
    error!("{}", "long ".repeat(100_000));
    Ok(())
}

pub fn print_without_end(_config: &Config) -> Result<()> {
    for number in 0..1_000_000 {
        println!("printed line {number}");
        eprintln!("printed error {number}");
    }
    Ok(())
}

/// A new series each time.
pub fn metrics_flood(_config: &Config) -> Result<()> {
    for number in 0..1_000_000_u32 {
        metrics::add(&format!("series-{number}"), 1.0);
    }
    Ok(())
}
