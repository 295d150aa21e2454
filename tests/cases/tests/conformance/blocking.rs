//! A connector that never returns from one of its calls holds up nobody else: Kafka's own test of that, call by call.
//! The genuine worker has a twin of our hostile source, compiled here.

use super::case::{Case, case};
use super::run::Asked;
use anyhow::Context as _;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use watertight_cases::Scene;
use watertight_harness::paths;
use watertight_harness::peer::Peer;

/// A worker with the hostile source, which waits a second for what does not stop.
pub fn hostile(scene: Scene) -> anyhow::Result<Asked> {
    let scene = with_twin(scene)?.with("task.shutdown.graceful.timeout.ms", 1000);
    Ok(Asked::of(if scene.worker.is_ours() { scene.with("sandbox.wall.stop.ms", 1000) } else { scene }))
}

/// A worker that is still busy with the connector of its command line.
pub fn starting(scene: Scene) -> anyhow::Result<Asked> {
    let mut scene = with_twin(scene)?;
    let file = scene.dir.join("blocked.json");
    std::fs::write(&file, blocked("blocked", "connector-start"))?;
    scene.worker = scene.worker.with_connector_file(&file);
    Ok(Asked::of(scene))
}

fn with_twin(scene: Scene) -> anyhow::Result<Scene> {
    if scene.worker.is_ours() {
        return Ok(scene);
    }
    let plugins = scene.dir.join("twins");
    twin(&plugins.join("hostile"))?;
    Ok(scene.with("plugin.path", plugins.display()))
}

fn twin(folder: &Path) -> anyhow::Result<()> {
    let peer = Peer::find().map_err(anyhow::Error::msg)?;
    let classes = folder.join("classes");
    std::fs::create_dir_all(&classes)?;
    let sources = paths::root().join("tests/cases/java/watertight/hostile");
    let mut javac = Command::new("javac");
    javac.arg("-cp").arg(peer.class_path()).arg("-d").arg(&classes);
    for entry in std::fs::read_dir(sources)? {
        javac.arg(entry?.path());
    }
    let done = javac.status().context("cannot start javac")?;
    anyhow::ensure!(done.success(), "javac failed");
    let mut jar = Command::new("jar");
    jar.arg("cf").arg(folder.join("hostile.jar")).arg("-C").arg(&classes).arg(".");
    anyhow::ensure!(jar.status().context("cannot start jar")?.success(), "jar failed");
    std::fs::remove_dir_all(classes)?;
    Ok(())
}

fn settings(name: &str, during: &str) -> String {
    json!({
        "name": name, "connector.class": "watertight.hostile.HostileSourceConnector", "tasks.max": "1",
        "attack": "sleep-for-ever", "during": during, "topic": "hostile"
    })
    .to_string()
}

fn blocked(name: &str, during: &str) -> String {
    format!(r#"{{"name":"{name}","config":{}}}"#, settings(name, during))
}

/// What everybody else may expect meanwhile.
fn served(case: Case) -> Case {
    case.get("/connectors")
        .status(200)
        .get("/health")
        .status(200)
        .put("/connectors/{c}-other/config", "{{sink}}")
        .status(201)
        .get("/connectors/{c}-other/status")
        .has(200, json!({"connector": {"state": "RUNNING"}, "tasks": [{"state": "RUNNING"}]}))
        .soon()
        .put("/connector-plugins/FileStreamSink/config/validate", "{{sink}}")
        .status(200)
        .post("/connectors/{c}-other/restart", "")
        .empty(204)
        .delete("/connectors/{c}-other")
        .empty(204)
}

pub fn cases() -> Vec<Case> {
    let runs = |name: &str, during: &str, state: &str| {
        case(name)
            .post("/connectors", &blocked("{c}", during))
            .status(201)
            .get("/connectors/{c}/status")
            .has(200, json!({"connector": {"state": "RUNNING"}, "tasks": [{"state": state}]}))
            .soon()
    };
    vec![
        served(
            case("a connector that blocks in validate holds up nobody")
                .post("/connectors", &blocked("{c}", "validate"))
                .unanswered(),
        )
        .get("/connectors/{c}")
        .error(404, "Connector {c} not found"),
        served(
            case("asking for a validation that blocks holds up nobody")
                .put("/connector-plugins/HostileSource/config/validate", &settings("{c}", "validate"))
                .unanswered(),
        ),
        served(
            case("a connector that blocks in start holds up nobody")
                .post("/connectors", &blocked("{c}", "connector-start"))
                .unanswered(),
        ),
        served(
            case("a task that blocks in start holds up nobody")
                .post("/connectors", &blocked("{c}", "start"))
                .status(201)
                .get("/connectors/{c}/status")
                .has(200, json!({"connector": {"state": "RUNNING"}}))
                .soon(),
        )
        .get("/connectors/{c}/status")
        .text(200, r#"<*>"tasks":[],"type":"source"}"#)
        .differs("a task that is there is shown")
        .has(200, json!({"tasks": [{"id": 0, "state": "UNASSIGNED"}]})),
        served(runs("a task that blocks in poll holds up nobody", "poll", "RUNNING")).delete("/connectors/{c}").empty(204),
        served(runs("a task that blocks in stop holds up nobody", "stop", "RUNNING").delete("/connectors/{c}").empty(204))
            .get("/connectors/{c}")
            .error(404, "Connector {c} not found"),
        served(
            runs("a connector that blocks in stop holds up nobody", "connector-stop", "RUNNING")
                .delete("/connectors/{c}")
                .empty(204),
        )
        .get("/connectors/{c}")
        .error(404, "Connector {c} not found"),
        // The genuine worker serves nobody after this one, so it comes last.
        case("a connector that blocks in its task settings holds up nobody")
            .post("/connectors", &blocked("{c}", "task-configs"))
            .unanswered()
            .get("/connectors")
            .status(200)
            .get("/health")
            .text(500, r#"{"status":"unhealthy","message":"Worker was unable to handle this request and may be unable to handle other requests.<*>"}"#)
            .differs("no call into a plugin runs where requests are decided")
            .status(200),
    ]
}

/// Of [`starting`].
pub fn starting_cases() -> Vec<Case> {
    vec![
        case("a worker whose first connector does not start is starting")
            .get("/health")
            .text(503, r#"{"status":"starting","message":"Worker is still starting up.<*>"}"#),
        case("a worker that is starting answers at the root").get("/").status(200),
        case("a worker that is starting lists connectors").get("/connectors").status(200),
        case("a worker that is starting lists plugins").get("/connector-plugins").status(200),
    ]
}
