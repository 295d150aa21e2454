//! Builds Wasm components: plugins for users, guests for tests. Each is a cargo workspace of its own, for
//! its target and its tree of dependencies are not the host's.

use crate::cargo::{self, Build};
use crate::wasm_target;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use watertight_harness::paths;

/// `plugins/` into `target/plugins/`.
pub fn plugins() -> anyhow::Result<()> {
    workspace("plugins", &paths::root().join("plugins"), "guests-build", &paths::plugins())
}

/// `tests/guests/` into `target/guests/`.
pub fn test_guests() -> anyhow::Result<()> {
    let folder = paths::root().join("tests").join("guests");
    if !folder.join("Cargo.toml").exists() {
        return Ok(());
    }
    workspace("test guests", &folder, "test-guests-build", &paths::guests())?;
    shapes(&folder)?;
    hooks(&folder, &paths::guests(), true)
}

/// The plugin of the benchmark into `target/bench/`. A workspace of its own beside the test guests: those are
/// compiled to be ready soon, this one to be measured.
pub fn bench_connectors() -> anyhow::Result<()> {
    let folder = paths::root().join("tests").join("guests").join("bench-connectors");
    workspace("benchmark's plugin", &folder, "guests-build", &paths::target().join("bench"))
}

/// Components that a program writes, into `target/shapes/`: no compiler would make them.
fn shapes(folder: &Path) -> anyhow::Result<()> {
    let built = Build {
        what: "shapes",
        manifest: folder.join("Cargo.toml"),
        packages: &["shapes"],
        options: vec!["--target-dir".into(), paths::target().join("test-guests-build").display().to_string()],
        ..Build::default()
    }
    .run()?;
    let writer = built.files.iter().find(|f| f.file_stem().is_some_and(|s| s == "shapes"));
    let writer = writer.context("cargo built no program called shapes")?;
    let output = Command::new(writer).arg(paths::shapes()).output().context("cannot run shapes")?;
    anyhow::ensure!(output.status.success(), "shapes failed:\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Components in other languages: an executable `build` in a folder of `plugins/examples`, called with the
/// folder to write to. Its tools may be missing: then it is left out with a line, unless `required`.
pub fn examples(required: bool) -> anyhow::Result<()> {
    hooks(&paths::root().join("plugins").join("examples"), &paths::plugins(), required)
}

fn workspace(what: &str, folder: &Path, scratch: &str, into: &Path) -> anyhow::Result<()> {
    let scratch = paths::target().join(scratch);
    let mut options: Vec<String> = vec![
        "--target".into(),
        wasm_target::NAME.into(),
        "--release".into(),
        "--target-dir".into(),
        scratch.display().to_string(),
    ];
    // Cargo reads it only from the folder it is started in; here it turns on SIMD.
    let config = folder.join(".cargo").join("config.toml");
    if config.exists() {
        options.extend(["--config".into(), config.display().to_string()]);
    }
    let built = Build {
        what,
        manifest: folder.join("Cargo.toml"),
        options,
        target: Some(wasm_target::NAME),
        ..Build::default()
    }
    .run()?;
    for file in built.files.iter().filter(|f| f.extension().is_some_and(|e| e == "wasm")) {
        cargo::install(file, &into.join(component_name(file)))?;
    }
    Ok(())
}

/// Cargo turns `-` of a library's name into `_`; files carry the crate's own name.
fn component_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().replace('_', "-")
}

fn hooks(folder: &Path, into: &Path, required: bool) -> anyhow::Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    let mut hooks: Vec<PathBuf> = entries.flatten().map(|e| e.path().join("build")).filter(|p| p.is_file()).collect();
    hooks.sort();
    std::fs::create_dir_all(into)?;
    for hook in hooks {
        let name = hook.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        let progress = crate::progress::Progress::start(&format!("example {name}"));
        let output = Command::new(&hook)
            .arg(into)
            .env("WATERTIGHT_TARGET", paths::target())
            .current_dir(hook.parent().unwrap_or(folder))
            .output()
            .with_context(|| format!("cannot run {}", hook.display()))?;
        if output.status.success() {
            progress.done("built");
            continue;
        }
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(!required, "example {name} failed:\n{said}");
        progress.done(&format!("left out ({})", said.lines().last().unwrap_or("no reason given")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_component_carries_the_name_of_its_crate() {
        assert_eq!(super::component_name(std::path::Path::new("/x/file_stream.wasm")), "file-stream.wasm");
    }
}
