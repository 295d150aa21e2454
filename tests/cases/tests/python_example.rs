//! A plugin in another language: the component that componentize-py makes of two Python classes is listed,
//! run and resumed like any other. It is sixty times the size of the file connectors.

use std::path::{Path, PathBuf};
use std::time::Duration;
use watertight_cases::{SOON, Scene, component};
use watertight_harness::properties::Properties;
use watertight_harness::worker::{Worker, file_sink, file_source};
use watertight_harness::{lines, paths, skips, wait};

const SOURCE: &str = "watertight.examples.PythonCounterSourceConnector";
const SINK: &str = "watertight.examples.PythonJsonLinesSinkConnector";
const FILE: &str = "python-counter.wasm";

/// Promised: two seconds. Asserted: five times that.
const LISTED: Duration = Duration::from_secs(10);

/// The first use compiles the Python interpreter: ten seconds of CPU time, on a machine that may be busy.
const COMPILED: Duration = Duration::from_secs(120);

/// The component, or a noted skip: the build leaves it out where Python or a package index is missing.
fn python(case: &str) -> anyhow::Result<Option<PathBuf>> {
    let path = paths::plugins().join(FILE);
    if path.exists() {
        return Ok(Some(path));
    }
    let reason = "python-counter.wasm is missing; `plugins/examples/python/build target/plugins` builds it";
    skips::skip(case, reason).map(|()| None)
}

fn counter(count: u64, interval: u64) -> Properties {
    Properties::new()
        .with("name", "counter")
        .with("connector.class", SOURCE)
        .with("tasks.max", 1)
        .with("topic", "numbers")
        .with("prefix", "number")
        .with("count", count)
        .with("interval.ms", interval)
}

fn expected(count: u64) -> Vec<String> {
    (0..count).map(|n| format!("number-{n}")).collect()
}

fn read(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn wait_lines(path: &Path, count: usize) -> anyhow::Result<Vec<String>> {
    wait::until(&format!("{count} lines"), SOON, || {
        let found = read(path);
        if found.len() >= count { Ok(found) } else { Err(format!("{} lines", found.len())) }
    })
}

#[test]
fn a_python_source_moved_in_is_listed_at_once_and_resumes_where_it_stopped() -> anyhow::Result<()> {
    const COUNT: u64 = 300;
    let case = "python-source";
    let Some(python) = python(case)? else { return Ok(()) };
    let mut scene = Scene::new(case)?;
    let plugins = scene.dir.join("plugins");
    std::fs::create_dir(&plugins)?;
    std::fs::copy(component(&paths::plugins(), "file-stream.wasm")?, plugins.join("file-stream.wasm"))?;
    let mut scene = {
        scene.worker = scene.worker.with("plugin.path", plugins.display());
        scene.start()?
    };

    let beside = scene.dir.join("arriving");
    std::fs::copy(python, &beside)?;
    std::fs::rename(beside, plugins.join(FILE))?;
    let connect = scene.worker.connect();
    let took = wait::until_true(&format!("{SOURCE} to be listed"), LISTED, || {
        connect.plugins().is_ok_and(|p| p.iter().any(|c| c == SOURCE) && p.iter().any(|c| c == SINK))
    })?;
    println!("{case}: listed after {took:?}");

    let source = counter(COUNT, 20);
    let sink = file_sink("sink", &scene.output(), "numbers");
    connect.create(&sink)?;
    let running = std::time::Instant::now();
    connect.create(&source)?;
    connect.wait_running("counter", COMPILED)?;
    println!("{case}: running after {:?}", running.elapsed());
    wait_lines(&scene.output(), 50)?;
    scene.worker.stop()?;
    let before = read(&scene.output()).len();
    anyhow::ensure!(before < COUNT as usize, "it was over before it could be interrupted");

    scene.worker = scene.worker.with_connector(&source)?.with_connector(&sink)?;
    scene.worker.start()?;
    scene.worker.connect().wait_running("counter", COMPILED)?;
    let found = wait_lines(&scene.output(), COUNT as usize)?;
    anyhow::ensure!(found == expected(COUNT), "{before} lines before the restart, then: {found:?}");
    Ok(())
}

#[test]
fn a_python_source_that_is_killed_loses_nothing() -> anyhow::Result<()> {
    const COUNT: u64 = 300;
    let case = "python-kill";
    if python(case)?.is_none() {
        return Ok(());
    }
    let mut scene = Scene::new(case)?;
    let sink = file_sink("sink", &scene.output(), "numbers");
    scene.worker = scene.worker.with_connector(&counter(COUNT, 20))?.with_connector(&sink)?;
    scene.worker.start()?;
    scene.worker.connect().wait_running("counter", COMPILED)?;
    wait_lines(&scene.output(), 60)?;
    scene.worker.kill();
    scene.worker.start()?;
    let all = expected(COUNT);
    wait::until("every number to arrive", SOON, || {
        let found = read(&scene.output());
        match all.iter().find(|line| !found.contains(line)) {
            None => Ok(()),
            Some(line) => Err(format!("{line} is missing among {} lines", found.len())),
        }
    })
}

#[test]
fn a_python_sink_writes_what_a_rust_source_read() -> anyhow::Result<()> {
    let case = "python-sink";
    if python(case)?.is_none() {
        return Ok(());
    }
    let mut scene = Scene::new(case)?;
    let source = file_source("source", &scene.input(), "lines");
    let sink = json_lines(&scene.output(), "lines");
    scene.worker = scene.worker.with_connector(&source)?.with_connector(&sink)?;
    scene.worker.start()?;
    scene.worker.connect().wait_running("sink", COMPILED)?;
    lines::append(&scene.input(), 0, 1000)?;
    let mut values = Vec::new();
    for (n, line) in wait_lines(&scene.output(), 1000)?.iter().enumerate() {
        let record: serde_json::Value = serde_json::from_str(line)?;
        anyhow::ensure!(record["topic"] == "lines" && record["offset"] == n, "line {n}: {line}");
        values.push(record["value"].as_str().unwrap_or_default().to_owned());
    }
    anyhow::ensure!(values == read(&scene.input()), "values differ from the lines of the input");
    Ok(())
}

#[test]
fn what_a_python_connector_raises_is_in_its_trace() -> anyhow::Result<()> {
    let case = "python-failure";
    if python(case)?.is_none() {
        return Ok(());
    }
    let scene = Scene::new(case)?.start()?;
    let connect = scene.worker.connect();
    refuse_two_lines(&scene.worker)?;
    connect.create(&json_lines(Path::new("/not/granted"), "lines"))?;
    let trace = connect.wait_failed("sink", COMPILED)?;
    println!("{case}: {trace}");
    anyhow::ensure!(trace.contains("sandbox.fs.roots") && trace.contains("json_lines.py"), "{trace}");
    Ok(())
}

/// `validate` runs in Python too.
fn refuse_two_lines(worker: &Worker) -> anyhow::Result<()> {
    let answer = worker.connect().post(&counter(1, 1).with("prefix", "two\nlines"))?;
    anyhow::ensure!(answer.status == 400 && answer.message().contains("prefix"), "{answer:?}");
    Ok(())
}

/// A struct of Connect's reaches Python as a dict, with the names that its schema says.
#[test]
fn a_struct_with_a_schema_reaches_python_as_a_dict() -> anyhow::Result<()> {
    let case = "python-struct";
    if python(case)?.is_none() {
        return Ok(());
    }
    let mut scene = Scene::new(case)?;
    let source = file_source("source", &scene.input(), "structs");
    let sink = json_lines(&scene.output(), "structs")
        .with("value.converter", "org.apache.kafka.connect.json.JsonConverter")
        .with("value.converter.schemas.enable", true);
    scene.worker = scene.worker.with_connector(&source)?.with_connector(&sink)?;
    scene.worker.start()?;
    let inner = serde_json::json!({"type": "struct", "field": "inner", "optional": true, "fields": [
        {"field": "yes", "type": "boolean"}, {"field": "half", "type": "double"}]});
    let schema = serde_json::json!({"type": "struct", "fields": [
        {"field": "n", "type": "int64"},
        {"field": "names", "type": "array", "items": {"type": "string"}},
        {"field": "counts", "type": "map", "keys": {"type": "string"}, "values": {"type": "int32"}},
        inner,
        {"field": "nothing", "type": "string", "optional": true}]});
    let payload = serde_json::json!({"n": -(1_i64 << 62), "names": ["a", "ü"], "counts": {"x": 1, "y": 2},
        "inner": {"yes": true, "half": 0.5}, "nothing": null});
    let line = serde_json::json!({"schema": schema, "payload": payload});
    std::fs::write(scene.input(), format!("{line}\n"))?;
    scene.worker.connect().wait_running("sink", COMPILED)?;
    let found = wait_lines(&scene.output(), 1)?;
    let record: serde_json::Value = serde_json::from_str(&found[0])?;
    anyhow::ensure!(record["value"] == payload, "{}", found[0]);
    Ok(())
}

fn json_lines(file: &Path, topic: &str) -> Properties {
    Properties::new()
        .with("name", "sink")
        .with("connector.class", SINK)
        .with("tasks.max", 1)
        .with("file", file.display())
        .with("topics", topic)
}
