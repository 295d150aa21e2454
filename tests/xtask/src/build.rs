//! `cargo xtask build`: the binaries and every plugin component.
//!
//! The broker is a workspace of its own with a target folder of its own below the common one: its tree of
//! dependencies would otherwise mix with the worker's. It declares a newer Rust than it needs.

use crate::cargo::{self, Build};
use crate::{args, checks, components, wasm_target};
use std::path::PathBuf;
use watertight_harness::paths;

/// Measured: a first build of everything leaves 4.5 GB.
const DISK: u64 = 6 << 30;

/// What a build is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Quick to build, quick enough to use; TLS only where the machine has OpenSSL's headers.
    Quick,
    /// For users.
    Release,
}

impl Flavour {
    fn profile(self) -> &'static str {
        match self {
            Flavour::Quick => paths::PROFILE,
            Flavour::Release => "release",
        }
    }

    fn features(self) -> &'static [&'static str] {
        match self {
            Flavour::Quick if checks::openssl() => &WITH_SYSTEM_TLS,
            Flavour::Quick => &WITHOUT_TLS,
            Flavour::Release => &[],
        }
    }
}

/// Vendored OpenSSL is the second largest item of a build: the quick one takes the machine's, where there is one.
const WITH_SYSTEM_TLS: [&str; 3] = ["--no-default-features", "--features", "watertight/system-tls"];
const WITHOUT_TLS: [&str; 1] = ["--no-default-features"];

/// The choice of features of everything that is built with the quick worker, so that crates are compiled once.
pub fn quick_features() -> &'static [&'static str] {
    Flavour::Quick.features()
}

/// The command.
pub fn main(mut words: Vec<String>) -> anyhow::Result<()> {
    let flavour = if args::flag(&mut words, "--release") { Flavour::Release } else { Flavour::Quick };
    args::none_left(&words)?;
    everything(flavour)?;
    components::examples(false)
}

/// Checks, then worker, broker and plugins; not the optional parts.
pub fn everything(flavour: Flavour) -> anyhow::Result<()> {
    checks::tools()?;
    if !folder(flavour).join("watertight").exists() {
        checks::disk(&paths::target(), DISK)?;
    }
    wasm_target::ensure()?;
    components::plugins()?;
    worker(flavour)?;
    broker(flavour)
}

/// Where the binaries end.
pub fn folder(flavour: Flavour) -> PathBuf {
    paths::target().join(flavour.profile())
}

/// `watertight`
pub fn worker(flavour: Flavour) -> anyhow::Result<()> {
    Build {
        what: "worker",
        manifest: paths::root().join("Cargo.toml"),
        packages: &["watertight"],
        features: flavour.features(),
        options: options(flavour, paths::target()),
        ..Build::default()
    }
    .run()?;
    Ok(())
}

/// `watertight` and the benchmark in one build: the benchmark uses the worker's own crates, and what is
/// measured is what users get.
pub fn benchmark(flavour: Flavour) -> anyhow::Result<()> {
    Build {
        what: "worker and benchmark",
        manifest: paths::root().join("Cargo.toml"),
        packages: &["watertight", "watertight-bench"],
        features: flavour.features(),
        options: options(flavour, paths::target()),
        ..Build::default()
    }
    .run()?;
    Ok(())
}

/// The small SQLite shell of the examples, out of the crates that the quick worker has.
pub fn sqlite_shell() -> anyhow::Result<()> {
    Build {
        what: "SQLite shell",
        manifest: paths::root().join("Cargo.toml"),
        packages: &["watertight", "watertight-capabilities"],
        features: quick_features(),
        options: options(Flavour::Quick, paths::target()).into_iter().chain(["--example=sqlite".into()]).collect(),
        ..Build::default()
    }
    .run()?;
    Ok(())
}

/// `watertight-broker`
pub fn broker(flavour: Flavour) -> anyhow::Result<()> {
    let scratch = paths::target().join("broker");
    let mut options = options(flavour, scratch.clone());
    options.push("--ignore-rust-version".into());
    Build {
        what: "broker",
        manifest: paths::root().join("host").join("broker").join("Cargo.toml"),
        options,
        ..Build::default()
    }
    .run()?;
    let name = format!("watertight-broker{}", std::env::consts::EXE_SUFFIX);
    cargo::install(&scratch.join(flavour.profile()).join(&name), &folder(flavour).join(&name))?;
    Ok(())
}

fn options(flavour: Flavour, target: PathBuf) -> Vec<String> {
    vec!["--profile".into(), flavour.profile().into(), "--target-dir".into(), target.display().to_string()]
}
