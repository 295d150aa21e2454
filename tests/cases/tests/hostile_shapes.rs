//! Files whose shape is the attack: each is named with its reason, and none of them hides the good plugins,
//! ends the worker or keeps it from its work.

use std::time::Duration;
use watertight_cases::{SOON, Scene, component};
use watertight_harness::properties::Properties;
use watertight_harness::worker::{FILE_SINK, FILE_SOURCE};
use watertight_harness::{lines, paths, wait};

/// Files, and a word of the reason why they are not used.
const SHAPES: [(&str, &str); 15] = [
    ("giant-memory", "sandbox.memory.bytes"),
    ("grow-tables", "sandbox.memory.bytes"),
    ("loop-at-start", "sandbox.cpu.call.ms = 1000"),
    ("describe-hangs", "sandbox.wall.describe.ms = 500"),
    ("describe-hangs-although-listed", "sandbox.wall.describe.ms = 500"),
    ("describe-traps", "trapped in describe"),
    ("slow-to-compile", "sandbox.compile.ms = 2000"),
    ("unknown-import", "intruder:shell/run"),
    ("no-plugin", "watertight:plugin/catalogue"),
    ("metadata-is-not-json", "its metadata section"),
    ("metadata-is-deep", "its metadata section"),
    ("core-module", "core WebAssembly module"),
    ("not-wasm", "not a WebAssembly component"),
    ("empty", "not a WebAssembly component"),
    ("truncated", "truncated"),
];

#[test]
fn each_odd_file_is_named_with_its_reason_and_hides_no_good_plugin() -> anyhow::Result<()> {
    let mut scene = Scene::new("hostile-shapes")?
        .with("sandbox.cpu.call.ms", 1000)
        .with("sandbox.wall.describe.ms", 500)
        .with("sandbox.compile.ms", 2000)
        .with_files()?;
    let good = scene.dir.join("plugins");
    std::fs::create_dir(&good)?;
    std::fs::copy(component(&paths::plugins(), "file-stream.wasm")?, good.join("file-stream.wasm"))?;
    for (shape, _) in SHAPES {
        component(&paths::shapes(), &format!("{shape}.wasm"))?;
    }
    // What was compiled by an earlier run would not be slow to compile.
    let cache = scene.dir.join("code-cache");
    let path = format!("{},{}", paths::shapes().display(), good.display());
    scene = scene.with("plugin.path", path).with("sandbox.cache.dir", cache.display()).start()?;
    scene.wait_running()?;
    let connect = scene.worker.connect();

    let mut done = 0;
    let mut wrong = Vec::new();
    for (shape, word) in SHAPES {
        // The context of a line and its file are on the first line of what is said; traces follow.
        let file = format!("{shape}.wasm");
        let said = wait::until(&format!("{file} to be named"), SOON, || {
            let log = scene.worker.log();
            let line = log
                .lines()
                .find(|l| l.contains(&format!("/{file} is not used")) || l.contains(&format!("/{file} is withdrawn")));
            line.map(str::to_owned).ok_or_else(|| "no such line".into())
        });
        match said {
            Ok(line) if line.contains(word) => {}
            Ok(line) => wrong.push(format!("{shape}: {word:?} not in {line:?}")),
            Err(error) => wrong.push(format!("{shape}: {error:#}")),
        }
        // While the next ones are still being compiled and asked.
        lines::append(&scene.input(), done, done + 10)?;
        done += 10;
        let plugins = connect.plugins()?;
        anyhow::ensure!(
            plugins.iter().any(|c| c == FILE_SOURCE) && plugins.iter().any(|c| c == FILE_SINK),
            "{plugins:?}"
        );
    }
    anyhow::ensure!(scene.wait_for_lines(done, SOON)?.is_exact(), "a neighbour was disturbed");
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    let plugins = connect.plugins()?;
    anyhow::ensure!(!plugins.iter().any(|c| c.starts_with("watertight.shape.")), "{plugins:?}");

    let config = Properties::new()
        .with("name", "slow")
        .with("connector.class", "watertight.shape.SlowToCompile")
        .with("tasks.max", 1);
    let answer = connect.post(&config)?;
    anyhow::ensure!(answer.status == 400, "{answer:?}");
    let message = answer.message();
    for word in ["Failed to find any class", "slow-to-compile.wasm", "sandbox.compile.ms"] {
        anyhow::ensure!(message.contains(word), "{word} is not in {message}");
    }
    anyhow::ensure!(scene.worker.is_alive(), "the worker is gone");
    // Nothing is looked at again and again.
    std::thread::sleep(Duration::from_secs(1));
    let log = scene.worker.log();
    let times = log.lines().filter(|l| l.contains("/giant-memory.wasm is")).count();
    anyhow::ensure!(times == 1, "giant-memory.wasm is spoken of {times} times");
    Ok(())
}
