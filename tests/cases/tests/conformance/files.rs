//! Connectors on the command line of a standalone worker: three forms of files, and what becomes of a wrong one.

use super::case::{Case, case};
use super::genuine;
use super::run::Asked;
use serde_json::json;
use std::time::Duration;
use watertight_cases::Scene;
use watertight_harness::broker::Kind;
use watertight_harness::worker::{FILE_SINK, Make};

fn sink(name: &str, scene: &Scene) -> serde_json::Value {
    json!({"name": name, "connector.class": FILE_SINK, "file": scene.dir.join(name), "topics": "lines"})
}

/// A worker with one connector of each form.
pub fn forms(mut scene: Scene) -> anyhow::Result<Asked> {
    let class = format!("connector.class={FILE_SINK}\nfile={}/x\ntopics=lines\n", scene.dir.display());
    let of = |name: &str| sink(name, &scene);
    let whole = |name: &str, more: serde_json::Value| {
        let mut file = json!({"name": name, "config": of(name)});
        for (key, value) in more.as_object().into_iter().flatten() {
            file[key] = value.clone();
        }
        file.to_string()
    };
    let files = [
        ("plain.properties", format!("# a comment\nname=plain\n{class}")),
        ("typed.properties", format!("name: typed\n{class}tasks.max = 2\n")),
        ("flat.json", of("flat").to_string()),
        ("flat.properties", of("flat-elsewhere").to_string()),
        ("whole.json", whole("whole", json!({}))),
        ("paused.json", whole("paused", json!({"initial_state": "PAUSED"}))),
        ("stopped.json", whole("stopped", json!({"initial_state": "stopped"}))),
        ("more.json", whole("more", json!({"nobody_knows": {"this": ["field"]}}))),
        ("no-suffix", of("no-suffix").to_string()),
        ("spaced.json", format!("\n\n  {}\n", of("spaced"))),
    ];
    for (file, text) in files {
        let path = scene.dir.join(file);
        std::fs::write(&path, text)?;
        scene.worker = scene.worker.with_connector_file(&path);
    }
    Ok(Asked::of(scene))
}

/// Of [`forms`].
pub fn cases() -> Vec<Case> {
    let is = |what: &str, name: &str, state: &str, tasks: usize| {
        let ids: Vec<_> = (0..tasks).map(|id| json!({"id": id, "state": state})).collect();
        case(what)
            .get(&format!("/connectors/{name}/status"))
            .has(200, json!({"name": name, "connector": {"state": state}, "tasks": ids, "type": "sink"}))
            .soon()
            .get(&format!("/connectors/{name}/config"))
            .has(200, json!({"name": name, "connector.class": FILE_SINK}))
    };
    vec![
        is("a properties file is a connector", "plain", "RUNNING", 1),
        is("a properties file may have colons and spaces", "typed", "RUNNING", 2),
        is("a JSON object of settings is a connector", "flat", "RUNNING", 1),
        is("the suffix of a JSON file does not matter", "flat-elsewhere", "RUNNING", 1),
        is("nor does its absence", "no-suffix", "RUNNING", 1),
        is("a JSON object of name and settings is a connector", "whole", "RUNNING", 1),
        is("it may begin paused", "paused", "PAUSED", 0),
        is("it may begin stopped", "stopped", "STOPPED", 0),
        is("it may have fields that nobody knows", "more", "RUNNING", 1),
        is("space around JSON is nothing", "spaced", "RUNNING", 1),
        case("a connector that began stopped has no tasks").get("/connectors/stopped/tasks").text(200, "[]"),
        case("a connector that began stopped can be resumed")
            .put("/connectors/stopped/resume", "")
            .empty(202)
            .get("/connectors/stopped/status")
            .has(200, json!({"connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "RUNNING"}]}))
            .soon(),
        case("a connector that began paused can be resumed")
            .put("/connectors/paused/resume", "")
            .empty(202)
            .get("/connectors/paused/status")
            .has(200, json!({"connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "RUNNING"}]}))
            .soon(),
        case("all of them are listed").get("/connectors").has(
            200,
            json!([
                "plain",
                "typed",
                "flat",
                "flat-elsewhere",
                "no-suffix",
                "whole",
                "paused",
                "stopped",
                "more",
                "spaced"
            ]),
        ),
    ]
}

/// A worker with a wrong file ends with 3, whatever is right beside it.
fn wrong_files(make: &Make, folder: &str) -> anyhow::Result<()> {
    let cases: [(&str, &str); 5] = [
        ("a file without a class", r#"{"name": "x"}"#),
        ("a file with a class that nobody has", r#"{"name": "x", "connector.class": "no.such.Class"}"#),
        (
            "a file with a wrong setting",
            r#"{"name": "x", "connector.class": "FileStreamSink", "file": "f", "topics": "t", "tasks.max": "0"}"#,
        ),
        (
            "a file of a connector that is there already",
            r#"{"name": "good", "connector.class": "FileStreamSink", "file": "{dir}/f", "topics": "t"}"#,
        ),
        (
            "a file with an unknown state to begin in",
            r#"{"name": "x", "config": {"connector.class": "FileStreamSink", "file": "{dir}/f", "topics": "t"}, "initial_state": "ASLEEP"}"#,
        ),
    ];
    // A JVM takes its time: the other side of each is the same code of Kafka's.
    let cases = if matches!(make, Make::Ours) { &cases[..] } else { &cases[2..] };
    let mut failures = Vec::new();
    for (number, (name, text)) in cases.iter().enumerate() {
        let mut scene = Scene::on(Kind::Embedded, make.clone(), &format!("{folder}-{number}"))?;
        let (good, wrong) = (scene.dir.join("good.json"), scene.dir.join("wrong.json"));
        std::fs::write(&good, sink("good", &scene).to_string())?;
        std::fs::write(&wrong, text.replace("{dir}", &scene.dir.display().to_string()))?;
        scene.worker = scene.worker.with_connector_file(&good).with_connector_file(&wrong);
        let ended = scene.worker.spawn()?.wait(Duration::from_secs(60));
        if ended.and_then(|status| status.code()) != Some(3) {
            println!("FAILED {name} ends a worker with 3: {ended:?}");
            failures.push(*name);
        }
    }
    println!("conformance: {} cases (wrong files)", cases.len());
    anyhow::ensure!(failures.is_empty(), "not ended with 3: {failures:?}");
    Ok(())
}

#[test]
fn a_wrong_file_on_the_command_line_ends_a_worker_with_3() -> anyhow::Result<()> {
    wrong_files(&Make::Ours, "conformance-wrong-files")
}

#[test]
fn a_wrong_file_ends_a_genuine_worker_with_3() -> anyhow::Result<()> {
    let Some(peer) = genuine("a_wrong_file_ends_a_genuine_worker_with_3")? else { return Ok(()) };
    wrong_files(&Make::Genuine(peer), "conformance-wrong-files-genuine")
}
