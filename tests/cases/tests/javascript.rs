//! Plugins in JavaScript: a component of four roles that componentize-qjs makes. Its integers end at 2^53, and what
//! is beyond is refused on the way in by the worker and on the way out by the SDK: never rounded.

use std::path::Path;
use std::time::Duration;
use watertight_cases::{SOON, Scene, topics};
use watertight_harness::properties::Properties;
use watertight_harness::worker::{file_sink, file_source};
use watertight_harness::{paths, skips, wait};

const SOURCE: &str = "watertight.examples.JavaScriptFibonacciSourceConnector";
const SINK: &str = "watertight.examples.JavaScriptLogSinkConnector";
const TRANSFORM: &str = "watertight.examples.JavaScriptTemplate";
const PREDICATE: &str = "watertight.examples.JavaScriptFieldMatches";
const FILE: &str = "js-example.wasm";
const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
const DEAD: &str = "dead";

/// The first use compiles the interpreter: two seconds of CPU time, on a machine that may be busy.
const COMPILED: Duration = Duration::from_secs(60);

/// 2^53, the last integer with neighbours of its own.
const LAST: i64 = 1 << 53;

/// Not yet started, or a noted skip: the build leaves the component out where Node.js or a registry is missing.
fn scene(case: &str) -> anyhow::Result<Option<Scene>> {
    if paths::plugins().join(FILE).exists() {
        return Scene::new(case).map(Some);
    }
    let reason = "js-example.wasm is missing; `plugins/examples/js/build target/plugins` builds it";
    skips::skip(case, reason).map(|()| None)
}

fn fibonacci(count: u64, interval: u64) -> Properties {
    Properties::new()
        .with("name", "fibonacci")
        .with("connector.class", SOURCE)
        .with("tasks.max", 1)
        .with("topic", "numbers")
        .with("count", count)
        .with("interval.ms", interval)
}

fn expected(count: usize) -> Vec<String> {
    let pairs = std::iter::successors(Some((0_u64, 1)), |(a, b)| Some((*b, a + b)));
    pairs.take(count).map(|(n, _)| n.to_string()).collect()
}

fn log_sink(topic: &str) -> Properties {
    Properties::new().with("name", "sink").with("connector.class", SINK).with("tasks.max", 1).with("topics", topic)
}

/// JSON of the topic without schemas.
fn json(connector: Properties) -> Properties {
    connector.with("value.converter", JSON).with("value.converter.schemas.enable", false)
}

/// Sets the field `full`.
fn template(connector: Properties, template: &str) -> Properties {
    connector
        .with("transforms", "full")
        .with("transforms.full.type", TRANSFORM)
        .with("transforms.full.field", "full")
        .with("transforms.full.template", template)
}

/// Tolerates bad records and keeps them.
fn tolerant(connector: Properties) -> Properties {
    connector
        .with("errors.tolerance", "all")
        .with("errors.deadletterqueue.topic.name", DEAD)
        .with("errors.deadletterqueue.topic.replication.factor", 1)
        .with("errors.deadletterqueue.context.headers.enable", true)
}

/// Its text in both schemaless and struct form, for the file sink writes what Java's `toString` says.
fn full(name: &str) -> String {
    format!("full={name}")
}

fn read(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn wait_lines(path: &Path, count: usize) -> anyhow::Result<Vec<String>> {
    wait::until(&format!("{count} lines"), COMPILED, || {
        let found = read(path);
        if found.len() >= count { Ok(found) } else { Err(format!("{found:?}")) }
    })
}

/// What the JavaScript sink wrote to the worker's log.
fn logged(scene: &Scene) -> Vec<serde_json::Value> {
    let log = std::fs::read_to_string(scene.dir.join("worker.log")).unwrap_or_default();
    let ours = log.lines().filter(|line| line.contains("[sink|task-0] {"));
    ours.filter_map(|line| serde_json::from_str(&line[line.find('{')?..=line.rfind('}')?]).ok()).collect()
}

fn wait_logged(scene: &Scene, count: usize) -> anyhow::Result<Vec<serde_json::Value>> {
    wait::until(&format!("{count} records in the log"), COMPILED, || {
        let found = logged(scene);
        if found.len() >= count { Ok(found) } else { Err(format!("{found:?}")) }
    })
}

/// A scene of a file source and this sink.
fn started(mut scene: Scene, input: &str, sink: &Properties) -> anyhow::Result<Scene> {
    std::fs::write(scene.input(), input)?;
    let source = file_source("source", &scene.input(), "lines");
    scene.worker = scene.worker.with_connector(&source)?.with_connector(sink)?;
    scene.start()
}

/// Both integers beyond the range are in the dead letter queue as they were, with the reason.
fn check_dead_letters(scene: &Scene) -> anyhow::Result<()> {
    let letters = topics::read(&scene.broker.bootstrap(), DEAD, 2, COMPILED)?;
    anyhow::ensure!(letters.len() == 2, "{letters:?}");
    for (letter, n) in letters.iter().zip([LAST + 1, i64::MIN]) {
        let reason = letter.header("__connect.errors.exception.message").unwrap_or_default();
        println!("{letter:?}");
        anyhow::ensure!(letter.value == Some(format!("{{\"n\":{n}}}")), "{letter:?}");
        anyhow::ensure!(reason.contains(&n.to_string()) && reason.contains("2^53"), "{letter:?}");
    }
    Ok(())
}

/// Two that are exact, two that are not.
fn integers() -> String {
    [LAST, LAST + 1, -LAST, i64::MIN].map(|n| format!("{{\"n\":{n}}}\n")).concat()
}

#[test]
fn a_javascript_component_of_four_roles_is_listed() -> anyhow::Result<()> {
    let Some(scene) = scene("javascript-listed")? else { return Ok(()) };
    let scene = scene.start()?;
    let listed = scene.worker.connect().plugins()?;
    for class in [SOURCE, SINK, TRANSFORM, PREDICATE] {
        anyhow::ensure!(listed.iter().any(|l| l == class), "{class} is not in {listed:?}");
    }
    Ok(())
}

#[test]
fn a_javascript_source_that_is_killed_loses_nothing() -> anyhow::Result<()> {
    const COUNT: usize = 79;
    let Some(mut scene) = scene("javascript-source")? else { return Ok(()) };
    let sink = json(file_sink("file-sink", &scene.output(), "numbers"));
    let source = json(fibonacci(COUNT as u64, 40));
    scene.worker = scene.worker.with_connector(&source)?.with_connector(&sink)?;
    scene.worker.start()?;
    wait_lines(&scene.output(), 10)?;
    scene.worker.kill();
    let before = read(&scene.output()).len();
    anyhow::ensure!(before < COUNT, "it was over before it could be killed");
    scene.worker.start()?;
    let all = expected(COUNT);
    wait::until("every number to arrive", COMPILED, || {
        let found = read(&scene.output());
        match all.iter().find(|line| !found.contains(line)) {
            None => Ok(()),
            Some(line) => Err(format!("{line} is missing among {} lines", found.len())),
        }
    })?;
    let foreign: Vec<String> = read(&scene.output()).into_iter().filter(|line| !all.contains(line)).collect();
    anyhow::ensure!(foreign.is_empty(), "nobody sent {foreign:?}");
    Ok(())
}

/// The 80th Fibonacci number is the first beyond 2^53: the SDK has it as a BigInt and refuses it.
#[test]
fn a_javascript_source_is_refused_what_javascript_cannot_say() -> anyhow::Result<()> {
    let Some(mut scene) = scene("javascript-source-beyond")? else { return Ok(()) };
    scene.worker = scene.worker.with_connector(&fibonacci(80, 0))?;
    let scene = scene.start()?;
    let trace = scene.worker.connect().wait_failed("fibonacci", COMPILED)?;
    println!("{trace}");
    for word in ["value: 14472334024676221 is beyond 2^53", "integers.js"] {
        anyhow::ensure!(trace.contains(word), "{word} is not in {trace}");
    }
    Ok(())
}

#[test]
fn a_javascript_sink_gets_what_a_rust_source_read() -> anyhow::Result<()> {
    let Some(scene) = scene("javascript-sink")? else { return Ok(()) };
    let values: Vec<serde_json::Value> = (0..50).map(|n| serde_json::json!({"n": n, "half": n as f64 / 2.0})).collect();
    let input: String = values.iter().map(|value| format!("{value}\n")).collect();
    let scene = started(scene, &input, &json(log_sink("lines")))?;
    let found = wait_logged(&scene, values.len())?;
    for (n, (record, value)) in found.iter().zip(&values).enumerate() {
        let whole = |v: &serde_json::Value| (v["n"].as_i64(), v["half"].as_f64());
        let same = whole(&record["value"]) == whole(value);
        anyhow::ensure!(record["topic"] == "lines" && record["offset"] == n && same, "record {n}: {record}");
    }
    Ok(())
}

#[test]
fn a_struct_with_a_schema_reaches_javascript_with_its_names() -> anyhow::Result<()> {
    let Some(scene) = scene("javascript-struct")? else { return Ok(()) };
    let inner = serde_json::json!({"type": "struct", "field": "inner", "optional": true, "fields": [
        {"field": "yes", "type": "boolean"}, {"field": "half", "type": "double"}]});
    let schema = serde_json::json!({"type": "struct", "fields": [
        {"field": "n", "type": "int64"},
        {"field": "names", "type": "array", "items": {"type": "string"}},
        {"field": "counts", "type": "map", "keys": {"type": "string"}, "values": {"type": "int32"}},
        inner,
        {"field": "nothing", "type": "string", "optional": true}]});
    let payload = serde_json::json!({"n": -LAST, "names": ["a", "ü"], "counts": {"x": 1, "y": 2},
        "inner": {"yes": true, "half": 0.5}, "nothing": null});
    let line = serde_json::json!({"schema": schema, "payload": payload});
    let sink = log_sink("lines").with("value.converter", JSON).with("value.converter.schemas.enable", true);
    let scene = started(scene, &format!("{line}\n"), &sink)?;
    let found = wait_logged(&scene, 1)?;
    anyhow::ensure!(found[0]["value"] == payload, "{}", found[0]);
    Ok(())
}

#[test]
fn a_javascript_transform_and_predicate_work_in_a_chain_with_kafkas_own() -> anyhow::Result<()> {
    let Some(scene) = scene("javascript-chain")? else { return Ok(()) };
    let sink = template(json(file_sink("file-sink", &scene.output(), "lines")), "{first} {last}")
        .with("transforms", "lift,full")
        .with("transforms.lift.type", "org.apache.kafka.connect.transforms.InsertField$Value")
        .with("transforms.lift.static.field", "last")
        .with("transforms.lift.static.value", "Lovelace")
        .with("transforms.full.predicate", "a")
        .with("predicates", "a")
        .with("predicates.a.type", PREDICATE)
        .with("predicates.a.field", "first")
        .with("predicates.a.pattern", "A.*");
    let input = "{\"first\":\"Ada\"}\n{\"first\":\"Grace\"}\n{\"first\":\"Alan\"}\n";
    let scene = started(scene, input, &sink)?;
    let found = wait_lines(&scene.output(), 3)?;
    let has = |n: usize, text: &str| found[n].contains(text);
    anyhow::ensure!(has(0, &full("Ada Lovelace")) && has(2, &full("Alan Lovelace")), "{found:?}");
    anyhow::ensure!(has(1, "last=Lovelace") && !has(1, "full="), "{found:?}");
    Ok(())
}

#[test]
fn a_javascript_transform_adds_a_field_to_a_struct_and_its_schema() -> anyhow::Result<()> {
    let Some(scene) = scene("javascript-schema")? else { return Ok(()) };
    let sink = template(file_sink("file-sink", &scene.output(), "lines"), "{n}!")
        .with("value.converter", JSON)
        .with("value.converter.schemas.enable", true);
    let schema = serde_json::json!({"type": "struct", "fields": [{"field": "n", "type": "int32"}]});
    let line = |n: u64| serde_json::json!({"schema": schema, "payload": {"n": n}}).to_string();
    let scene = started(scene, &format!("{}\n{}\n", line(1), line(2)), &sink)?;
    let found = wait_lines(&scene.output(), 2)?;
    anyhow::ensure!(found == ["Struct{n=1,full=1!}", "Struct{n=2,full=2!}"], "{found:?}");
    Ok(())
}

#[test]
fn an_integer_beyond_2_to_the_53_fails_a_javascript_transform_and_is_named() -> anyhow::Result<()> {
    let Some(scene) = scene("javascript-transform-beyond")? else { return Ok(()) };
    let sink = template(json(file_sink("file-sink", &scene.output(), "lines")), "{n}");
    let scene = started(scene, &integers(), &sink)?;
    let trace = scene.worker.connect().wait_failed("file-sink", COMPILED)?;
    println!("{trace}");
    for word in ["9007199254740993", "2^53", "TRANSFORMATION"] {
        anyhow::ensure!(trace.contains(word), "{word} is not in {trace}");
    }
    Ok(())
}

#[test]
fn integers_up_to_2_to_the_53_pass_a_javascript_transform_and_others_are_dead_letters() -> anyhow::Result<()> {
    let Some(scene) = scene("javascript-transform-dead-letters")? else { return Ok(()) };
    let sink = tolerant(template(json(file_sink("file-sink", &scene.output(), "lines")), "{n}"));
    let scene = started(scene, &integers(), &sink)?;
    let passed = wait_lines(&scene.output(), 2)?;
    for (line, n) in passed.iter().zip([LAST, -LAST]) {
        anyhow::ensure!(line.contains(&format!("n={n}")) && line.contains(&full(&n.to_string())), "{passed:?}");
    }
    anyhow::ensure!(passed.len() == 2, "{passed:?}");
    check_dead_letters(&scene)
}

#[test]
fn an_integer_beyond_2_to_the_53_fails_a_javascript_sink_and_is_named() -> anyhow::Result<()> {
    let Some(scene) = scene("javascript-sink-beyond")? else { return Ok(()) };
    let scene = started(scene, &integers(), &json(log_sink("lines")))?;
    let trace = scene.worker.connect().wait_failed("sink", COMPILED)?;
    println!("{trace}");
    for word in ["9007199254740993", "2^53"] {
        anyhow::ensure!(trace.contains(word), "{word} is not in {trace}");
    }
    let rounded: Vec<_> = logged(&scene).into_iter().filter(|r| r["offset"] != 0).collect();
    anyhow::ensure!(rounded.is_empty(), "the sink saw {rounded:?}");
    Ok(())
}

#[test]
fn integers_up_to_2_to_the_53_reach_a_javascript_sink_and_others_are_dead_letters() -> anyhow::Result<()> {
    let Some(scene) = scene("javascript-sink-dead-letters")? else { return Ok(()) };
    let scene = started(scene, &integers(), &tolerant(json(log_sink("lines"))))?;
    let found = wait_logged(&scene, 2)?;
    let values: Vec<_> =
        found.iter().filter_map(|r| Some((r["offset"].as_i64()?, r["value"]["n"].as_i64()?))).collect();
    anyhow::ensure!(values == [(0, LAST), (2, -LAST)], "{found:?}");
    check_dead_letters(&scene)?;
    wait::until("all four to be left behind", SOON, || {
        let offsets = scene.worker.connect().http.get("/connectors/sink/offsets").and_then(|r| r.expect(200));
        match offsets {
            Ok(found) if found["offsets"][0]["offset"]["kafka_offset"] == 4 => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
}
