//! The plugin directory is watched while the worker runs.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use watertight_cases::{SOON, Scene, component};
use watertight_harness::worker::{FILE_SINK, FILE_SOURCE};
use watertight_harness::{lines, paths, wait};

/// Promised: two seconds. Asserted: five times that.
const LISTED: Duration = Duration::from_secs(10);

struct Live {
    scene: Scene,
    plugins: PathBuf,
}

impl Live {
    fn start(case: &str) -> anyhow::Result<Self> {
        let scene = Scene::new(case)?;
        let plugins = scene.dir.join("plugins");
        std::fs::create_dir(&plugins)?;
        Ok(Self { scene: scene.with("plugin.path", plugins.display()), plugins })
    }

    fn file_stream() -> anyhow::Result<PathBuf> {
        component(&paths::plugins(), "file-stream.wasm")
    }

    fn with_files(mut self) -> anyhow::Result<Self> {
        self.scene = self.scene.with_files()?;
        Ok(self)
    }

    /// As a user would: written elsewhere on the same disk, then moved.
    fn move_in(&self, from: &Path, name: &str) -> anyhow::Result<()> {
        let beside = self.scene.dir.join("arriving");
        std::fs::copy(from, &beside)?;
        std::fs::rename(beside, self.plugins.join(name))?;
        Ok(())
    }

    fn wait_listed(&self, class: &str, wanted: bool) -> anyhow::Result<Duration> {
        let connect = self.scene.worker.connect();
        let what = format!("{class} {} be listed", if wanted { "to" } else { "not to" });
        wait::until_true(&what, LISTED, || connect.plugins().is_ok_and(|p| p.iter().any(|c| c == class) == wanted))
    }
}

#[test]
fn a_component_moved_in_is_listed_and_can_be_used_at_once() -> anyhow::Result<()> {
    let mut live = Live::start("live-arrival")?;
    live.scene.worker.start()?;
    anyhow::ensure!(!live.scene.worker.connect().plugins()?.iter().any(|c| c == FILE_SOURCE));
    live.move_in(&Live::file_stream()?, "file-stream.wasm")?;
    let took = live.wait_listed(FILE_SOURCE, true)?;
    println!("live-arrival: listed after {took:?}");
    let connect = live.scene.worker.connect();
    connect.create(&watertight_harness::worker::file_source("s", &live.scene.input(), "live"))?;
    connect.create(&watertight_harness::worker::file_sink("k", &live.scene.output(), "live"))?;
    lines::append(&live.scene.input(), 0, 100)?;
    anyhow::ensure!(live.scene.wait_for_lines(100, SOON)?.is_exact());
    Ok(())
}

#[test]
fn what_is_no_good_component_is_named_and_hides_nothing() -> anyhow::Result<()> {
    let mut live = Live::start("live-bad-files")?.with_files()?;
    live.scene = live.scene.with("sandbox.component.bytes", 8 << 20);
    live.move_in(&Live::file_stream()?, "file-stream.wasm")?;
    live.scene.worker.start()?;
    live.scene.wait_running()?;
    let good = std::fs::read(Live::file_stream()?)?;
    std::fs::write(live.plugins.join("truncated.wasm"), &good[..good.len() / 2])?;
    std::fs::write(live.plugins.join("text.wasm"), "no component at all")?;
    std::fs::write(live.plugins.join("empty.wasm"), "")?;
    let large = live.plugins.join("large.wasm");
    std::fs::write(&large, &good)?;
    OpenOptions::new().write(true).open(&large)?.set_len(9 << 20)?;
    std::fs::create_dir(live.plugins.join("folder.wasm"))?;

    let scene = &live.scene;
    for name in ["truncated.wasm", "text.wasm", "empty.wasm", "large.wasm"] {
        wait::until(&format!("{name} to be named in the log"), LISTED, || {
            let log = scene.worker.log();
            log.lines().any(|l| l.contains(name)).then_some(()).ok_or(format!("{} lines", log.lines().count()))
        })?;
    }
    let log = scene.worker.log();
    let large_line = log.lines().find(|l| l.contains("large.wasm")).unwrap_or_default();
    anyhow::ensure!(large_line.contains("sandbox.component.bytes"), "the limit is not named: {large_line}");
    let plugins = scene.worker.connect().plugins()?;
    anyhow::ensure!(plugins.iter().any(|c| c == FILE_SOURCE) && plugins.iter().any(|c| c == FILE_SINK), "{plugins:?}");
    lines::append(&scene.input(), 0, 100)?;
    anyhow::ensure!(scene.wait_for_lines(100, SOON)?.is_exact());
    Ok(())
}

#[test]
fn removing_and_replacing_a_component_does_not_disturb_running_tasks() -> anyhow::Result<()> {
    let mut live = Live::start("live-removal")?.with_files()?;
    live.move_in(&Live::file_stream()?, "file-stream.wasm")?;
    live.scene.worker.start()?;
    live.scene.wait_running()?;
    lines::append(&live.scene.input(), 0, 100)?;
    live.scene.wait_for_lines(100, SOON)?;

    std::fs::remove_file(live.plugins.join("file-stream.wasm"))?;
    live.wait_listed(FILE_SOURCE, false)?;
    lines::append(&live.scene.input(), 100, 200)?;
    anyhow::ensure!(live.scene.wait_for_lines(200, SOON)?.is_exact(), "after the removal");

    live.move_in(&Live::file_stream()?, "file-stream.wasm")?;
    live.wait_listed(FILE_SOURCE, true)?;
    live.move_in(&Live::file_stream()?, "file-stream.wasm")?;
    std::thread::sleep(Duration::from_secs(2));
    lines::append(&live.scene.input(), 200, 300)?;
    anyhow::ensure!(live.scene.wait_for_lines(300, SOON)?.is_exact(), "after the replacement");
    live.scene.wait_running()
}

#[test]
fn files_that_are_no_components_are_counted_in_one_line() -> anyhow::Result<()> {
    let mut live = Live::start("live-other-files")?.with_files()?;
    live.move_in(&Live::file_stream()?, "file-stream.wasm")?;
    for n in 0..20 {
        std::fs::write(live.plugins.join(format!("library-{n}.jar")), "PK")?;
    }
    live.scene.worker.start()?;
    live.scene.wait_running()?;
    let log = live.scene.worker.log();
    let about = log.lines().filter(|l| l.contains(".jar") || l.contains("20 files")).count();
    anyhow::ensure!((1..=2).contains(&about), "{about} lines speak of the jars:\n{log}");
    Ok(())
}

#[test]
fn a_worker_that_is_out_of_descriptors_for_a_moment_keeps_its_plugins() -> anyhow::Result<()> {
    let mut live = Live::start("live-descriptors")?;
    // One in a directory of its own: that is opened to be looked at.
    std::fs::create_dir(live.plugins.join("own"))?;
    live.move_in(&Live::file_stream()?, "file-stream.wasm")?;
    live.move_in(&Live::file_stream()?, "own/file-stream.wasm")?;
    live.scene.worker.start()?;
    live.wait_listed(FILE_SOURCE, true)?;
    let before = live.scene.worker.connect().http.get("/connector-plugins")?.expect(200)?;
    let pid = live.scene.worker.pid().context("the worker is not running")?;
    let limit = |most: &str| {
        let status =
            Command::new("prlimit").args(["--pid", &pid.to_string(), &format!("--nofile={most}:")]).status()?;
        anyhow::ensure!(status.success(), "prlimit: {status}");
        Ok(())
    };
    limit("4")?;
    std::thread::sleep(Duration::from_secs(2));
    limit("1024")?;
    let log = live.scene.worker.log();
    anyhow::ensure!(log.contains("cannot be read: Too many open files"), "{log}");
    anyhow::ensure!(!log.contains(" is gone; "), "{log}");
    anyhow::ensure!(live.scene.worker.connect().http.get("/connector-plugins")?.expect(200)? == before);
    // And what is really taken away afterwards is gone.
    std::fs::remove_dir_all(live.plugins.join("own"))?;
    std::fs::remove_file(live.plugins.join("file-stream.wasm"))?;
    live.wait_listed(FILE_SOURCE, false).map(drop)
}
