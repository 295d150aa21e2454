//! Where things lie. Everything that a build, a run or a test writes is below cargo's target folder, so
//! that removing that one folder removes all of it.

use std::path::{Path, PathBuf};

/// The cargo profile of `run` and of the tests.
pub const PROFILE: &str = "quick";

/// The top of the source tree.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Cargo's target folder: `CARGO_TARGET_DIR`, or `target` at the top.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(set) if !set.is_empty() => root().join(set),
        _ => root().join("target"),
    }
}

/// One of our binaries, as built with [`PROFILE`]. `WATERTIGHT_BIN_DIR` points elsewhere, for instance at
/// a release build.
pub fn binary(name: &str) -> PathBuf {
    let folder = match std::env::var_os("WATERTIGHT_BIN_DIR") {
        Some(set) if !set.is_empty() => root().join(set),
        _ => target().join(PROFILE),
    };
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The plugin components that a user gets.
pub fn plugins() -> PathBuf {
    target().join("plugins")
}

/// The components that only tests use: the hostile ones, the odd ones.
pub fn guests() -> PathBuf {
    target().join("guests")
}

/// Files whose shape is an attack. Not below [`guests`]: a worker looks into the folders of its plugin path,
/// and only some cases want to meet these.
pub fn shapes() -> PathBuf {
    target().join("shapes")
}

/// A new, empty folder for one test, kept afterwards: its logs are what one reads when the test fails.
pub fn test_dir(name: &str) -> std::io::Result<PathBuf> {
    let dir = target().join("tests").join(name);
    match std::fs::remove_dir_all(&dir) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => std::fs::create_dir_all(&dir)?,
    }
    dir.canonicalize()
}
