//! The Java twins of the test connectors, for genuine workers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::Context as _;
use watertight_harness::paths;
use watertight_harness::peer::Peer;

static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();

/// A folder for `plugin.path`, compiled once for all cases of this process.
pub fn folder(peer: &Peer) -> anyhow::Result<&'static Path> {
    let made = FOLDER.get_or_init(|| compile(peer).map_err(|error| format!("{error:#}")));
    made.as_deref().map_err(|error| anyhow::anyhow!("{error}"))
}

fn compile(peer: &Peer) -> anyhow::Result<PathBuf> {
    let top = paths::test_dir(&format!("twins-{}", std::process::id()))?;
    let (classes, path) = (top.join("classes"), top.join("path"));
    let folder = path.join("twins");
    std::fs::create_dir_all(&folder)?;
    let sources: Vec<PathBuf> = std::fs::read_dir(paths::root().join("tests/cases/java/watertight/test"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    run(Command::new("javac").arg("-cp").arg(peer.class_path()).arg("-d").arg(&classes).args(&sources))?;
    run(Command::new("jar").arg("cf").arg(folder.join("twins.jar")).arg("-C").arg(&classes).arg("."))?;
    Ok(path)
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    anyhow::ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
