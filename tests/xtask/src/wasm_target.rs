//! The Rust target that plugins are compiled for. It comes with rustup, not with cargo.

use crate::progress::Progress;
use anyhow::Context as _;
use std::process::Command;
use watertight_harness::paths;

/// WASI 0.2 components.
pub const NAME: &str = "wasm32-wasip2";

/// Makes the target available; one line that says how, where that fails.
pub fn ensure() -> anyhow::Result<()> {
    if is_there()? {
        return Ok(());
    }
    let mut progress = Progress::start(NAME);
    progress.at("asking rustup for the target");
    let advice = format!(
        "the Rust target {NAME} is missing and rustup could not add it; `rustup target add {NAME}` gets it where \
         rustup reaches its server, else install your distribution's Rust with this target"
    );
    let output = Command::new("rustup")
        .args(["target", "add", NAME])
        .current_dir(paths::root())
        .output()
        .with_context(|| format!("{advice} (no `rustup` on the path)"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("no reason given").trim();
    anyhow::ensure!(output.status.success() && is_there()?, "{advice} ({reason})");
    progress.done("added by rustup");
    Ok(())
}

fn is_there() -> anyhow::Result<bool> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", NAME])
        .current_dir(paths::root())
        .output()
        .context("cannot run rustc")?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return Ok(false);
    };
    Ok(entries.flatten().any(|e| e.file_name().to_string_lossy().starts_with("libstd-")))
}
