//! Skipped cases are counted and named, never silent: Rust's test runner knows no skip at run time, so a
//! case that cannot run says so here and `cargo xtask test` reads it. With `--no-skips` a skip is a failure.

use std::io::Write as _;

/// Set by `cargo xtask test --no-skips`.
pub const NO_SKIPS: &str = "WATERTIGHT_NO_SKIPS";

/// Set by `cargo xtask soak`: full counts instead of the short ones.
pub const SOAK: &str = "WATERTIGHT_SOAK";

/// Whether full counts are asked for.
pub fn soak() -> bool {
    std::env::var_os(SOAK).is_some_and(|v| v == "1")
}

/// Where skipped cases are noted, one a line.
pub fn file() -> std::path::PathBuf {
    crate::paths::target().join("tests").join("skipped.txt")
}

/// Notes that `case` cannot run here; an error where skips are not allowed.
pub fn skip(case: &str, reason: &str) -> anyhow::Result<()> {
    if std::env::var_os(NO_SKIPS).is_some_and(|v| v == "1") {
        anyhow::bail!("{case} would be skipped, and {NO_SKIPS} is set: {reason}");
    }
    let path = file();
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut notes = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(notes, "{case} ({reason})")?;
    eprintln!("SKIPPED {case}: {reason}");
    Ok(())
}

/// What a case needs, or a noted skip where it is not to be had.
pub fn unless<T>(case: &str, needed: anyhow::Result<T>) -> anyhow::Result<Option<T>> {
    match needed {
        Ok(needed) => Ok(Some(needed)),
        Err(error) => skip(case, &format!("{error:#}")).map(|()| None),
    }
}
