//! Programs in other languages that tests use: clients of the REST interface, a fuzzer of it. Fetched from their
//! registries once, each into a folder of its own below `target/tools`, with caches there too: the machine's own Python
//! and Node stay as they are.

use crate::maven::{self, Artifact, Then};
use crate::paths;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Two threads that want the same tool do not install it twice.
static INSTALLING: Mutex<()> = Mutex::new(());

fn folder() -> PathBuf {
    paths::target().join("tools")
}

/// A name for a folder: `kafka-connect-py==1.0.0` has only characters that a path may have.
fn name_of(packages: &[&str]) -> String {
    packages.join("+").replace(['/', ':'], "-")
}

/// Runs `install` unless an earlier run of it came to its end; what a broken one has left is taken away.
fn once(dir: &Path, install: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let stamp = dir.join("complete");
    if !stamp.exists() {
        if dir.exists() {
            std::fs::remove_dir_all(dir)?;
        }
        std::fs::create_dir_all(dir)?;
        install()?;
        std::fs::write(stamp, "")?;
    }
    Ok(())
}

fn run(what: &str, command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("cannot run {command:?} for {what}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{what} could not be fetched: {}", errors.trim());
    Ok(())
}

/// A Python of its own with these packages of PyPI, each `NAME==VERSION`: its interpreter. Their commands are beside it.
pub fn python(packages: &[&str]) -> anyhow::Result<PathBuf> {
    let what = packages.join(" ");
    let dir = folder().join("python").join(name_of(packages));
    let interpreter = dir.join("bin").join("python");
    once(&dir, || {
        run(&what, Command::new("python3").args(["-m", "venv"]).arg(&dir))?;
        let mut pip = Command::new(&interpreter);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
        run(&what, pip.env("PIP_CACHE_DIR", folder().join("pip-cache")))
    })?;
    Ok(interpreter)
}

/// A package of npm, `NAME@VERSION`: the folder that holds it and what it needs.
pub fn node(package: &str) -> anyhow::Result<PathBuf> {
    let dir = folder().join("node").join(name_of(&[package]));
    once(&dir, || {
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(&dir);
        run(package, npm.arg(package).env("npm_config_cache", folder().join("npm-cache")))
    })?;
    Ok(dir.join("node_modules"))
}

/// An artifact of Maven Central (group, name, version) and what it needs: the folder of jars.
pub fn jars((group, name, version): (&str, &str, &str)) -> anyhow::Result<PathBuf> {
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = folder().join("java").join(format!("{name}-{version}"));
    maven::fetch_once(&dir, &[Artifact::new(group, name, version)], Then::Copy)
}
