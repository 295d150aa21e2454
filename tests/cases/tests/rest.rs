//! The REST interface in Kafka's words. What is asked here was asked of the genuine worker first.

use serde_json::{Value, json};
use watertight_cases::{SOON, Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::lines;
use watertight_harness::worker::{FILE_SINK, FILE_SOURCE, Make, file_sink, file_source};

#[test]
fn the_root_names_kafkas_release_then_ours() -> anyhow::Result<()> {
    let scene = Scene::new("rest-root")?.start()?;
    let root = scene.worker.connect().http.get("/")?.expect(200)?;
    anyhow::ensure!(root["version"] == "4.3.1-watertight.0.1.0", "{root}");
    anyhow::ensure!(root["commit"].is_string() && root["kafka_cluster_id"].is_string(), "{root}");
    Ok(())
}

#[test]
fn both_file_connectors_are_listed_sink_first() -> anyhow::Result<()> {
    let scene = Scene::new("rest-plugins")?.start()?;
    let plugins = scene.worker.connect().http.get("/connector-plugins")?.expect(200)?;
    let listed: Vec<(&str, &str)> = plugins
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|p| Some((p["class"].as_str()?, p["type"].as_str()?)))
        .collect();
    anyhow::ensure!(listed.contains(&(FILE_SINK, "sink")) && listed.contains(&(FILE_SOURCE, "source")), "{plugins}");
    let place = |class| listed.iter().position(|(c, _)| *c == class);
    anyhow::ensure!(place(FILE_SINK) < place(FILE_SOURCE), "{plugins}");
    anyhow::ensure!(plugins[0]["version"].is_string(), "{plugins}");
    Ok(())
}

fn life_of_a_connector(kind: Kind, make: Make, case: &str) -> anyhow::Result<()> {
    let scene = Scene::on(kind, make, case)?.start()?;
    let connect = scene.worker.connect();
    let http = &connect.http;
    lines::append(&scene.input(), 0, 100)?;
    anyhow::ensure!(connect.connectors()?.is_empty());

    let source = file_source("s", &scene.input(), "rest");
    let created = connect.post(&source)?;
    anyhow::ensure!(
        created.header("location").is_some_and(|l| l.ends_with("/connectors/s")),
        "no Location: {created:?}"
    );
    let created = created.expect(201)?;
    anyhow::ensure!(created["name"] == "s" && created["type"] == "source", "{created}");
    anyhow::ensure!(created["config"] == source.to_json(), "{created}");
    let again = connect.post(&source)?;
    anyhow::ensure!(again.status == 409 && again.message() == "Connector s already exists", "{again:?}");

    let sink = file_sink("k", &scene.output(), "rest");
    let put = http.put("/connectors/k/config", &sink.to_json())?.expect(201)?;
    anyhow::ensure!(put["type"] == "sink", "{put}");
    connect.wait_running("s", SOON)?;
    let status = connect.wait_running("k", SOON)?;
    anyhow::ensure!(status["tasks"][0]["worker_id"] == format!("127.0.0.1:{}", scene.worker.port()), "{status}");
    anyhow::ensure!(scene.wait_for_lines(100, SOON)?.is_exact());
    anyhow::ensure!(connect.connectors()? == ["k", "s"]);

    let info = http.get("/connectors/s")?.expect(200)?;
    anyhow::ensure!(info["tasks"] == json!([{"connector": "s", "task": 0}]), "{info}");
    anyhow::ensure!(http.get("/connectors/s/config")?.expect(200)? == source.to_json());
    let tasks = http.get("/connectors/s/tasks")?.expect(200)?;
    anyhow::ensure!(tasks[0]["id"] == json!({"connector": "s", "task": 0}), "{tasks}");
    anyhow::ensure!(
        tasks[0]["config"]["task.class"] == "org.apache.kafka.connect.file.FileStreamSourceTask",
        "{tasks}"
    );
    let task = http.get("/connectors/s/tasks/0/status")?.expect(200)?;
    anyhow::ensure!(task["id"] == 0 && task["state"] == "RUNNING", "{task}");

    pause_resume_stop(&scene)?;

    http.post("/connectors/s/restart", &Value::Null)?.expect(204)?;
    let plan = http.post("/connectors/s/restart?includeTasks=true&onlyFailed=false", &Value::Null)?.expect(202)?;
    anyhow::ensure!(plan["connector"]["state"] == "RESTARTING", "{plan}");
    connect.wait_running("s", SOON)?;
    http.post("/connectors/s/tasks/0/restart", &Value::Null)?.expect(204)?;
    connect.wait_running("s", SOON)?;
    anyhow::ensure!(scene.wait_for_lines(120, SOON)?.is_exact(), "a restart sent lines again");

    http.delete("/connectors/k")?.expect(204)?;
    http.delete("/connectors/s")?.expect(204)?;
    anyhow::ensure!(connect.connectors()?.is_empty());
    let gone = http.delete("/connectors/s")?;
    anyhow::ensure!(gone.status == 404 && gone.message() == "Connector s not found", "{gone:?}");
    Ok(())
}

fn pause_resume_stop(scene: &Scene) -> anyhow::Result<()> {
    let connect = scene.worker.connect();
    connect.http.put("/connectors/k/pause", &Value::Null)?.expect(202)?;
    connect.wait_all("k", "PAUSED", 1, SOON)?;
    lines::append(&scene.input(), 100, 120)?;
    std::thread::sleep(std::time::Duration::from_secs(1));
    anyhow::ensure!(lines::tally(&scene.output(), 120)?.distinct == 100, "a paused sink wrote");
    connect.http.put("/connectors/k/resume", &Value::Null)?.expect(202)?;
    connect.wait_running("k", SOON)?;
    anyhow::ensure!(scene.wait_for_lines(120, SOON)?.is_exact());

    connect.http.put("/connectors/s/stop", &Value::Null)?.expect(204)?;
    let stopped = connect.wait_all("s", "STOPPED", 0, SOON)?;
    anyhow::ensure!(stopped["tasks"] == json!([]), "{stopped}");
    let offsets = connect.http.get("/connectors/s/offsets")?.expect(200)?;
    let file = scene.input().display().to_string();
    let bytes = 120 * (lines::WIDTH as u64 + 1);
    anyhow::ensure!(
        offsets == json!({"offsets": [{"partition": {"filename": file}, "offset": {"position": bytes}}]}),
        "{offsets}"
    );
    connect.http.put("/connectors/s/resume", &Value::Null)?.expect(202)?;
    connect.wait_running("s", SOON)?;
    let offsets = connect.http.get("/connectors/k/offsets")?.expect(200)?;
    let partition = json!({"kafka_topic": "rest", "kafka_partition": 0});
    anyhow::ensure!(offsets["offsets"][0]["partition"] == partition, "{offsets}");
    anyhow::ensure!(offsets["offsets"][0]["offset"]["kafka_offset"].is_u64(), "{offsets}");
    Ok(())
}

#[test]
fn a_connector_lives_through_everything_rest_can_do() -> anyhow::Result<()> {
    life_of_a_connector(Kind::Embedded, Make::Ours, "rest-life")
}

#[test]
fn a_connector_lives_through_the_same_in_the_genuine_worker() -> anyhow::Result<()> {
    let Some(peer) = genuine("a_connector_lives_through_the_same_in_the_genuine_worker")? else {
        return Ok(());
    };
    life_of_a_connector(Kind::Genuine(peer.clone()), Make::Genuine(peer), "rest-life-genuine")
}

fn what_is_not_there(kind: Kind, make: Make, case: &str) -> anyhow::Result<()> {
    let scene = Scene::on(kind, make, case)?.start()?;
    let http = &scene.worker.connect().http;
    for (method, path, status, message) in [
        ("GET", "/connectors/zz", 404, "Connector zz not found"),
        ("GET", "/connectors/zz/config", 404, "Connector zz not found"),
        ("GET", "/connectors/zz/tasks", 404, "Connector zz not found"),
        ("GET", "/connectors/zz/offsets", 404, "Connector zz not found"),
        ("GET", "/connectors/zz/status", 404, "No status found for connector zz"),
        ("GET", "/connectors/zz/tasks/0/status", 404, "No status found for task zz-0"),
        ("PUT", "/connectors/zz/pause", 404, "Unknown connector zz"),
        ("PUT", "/connectors/zz/resume", 404, "Unknown connector zz"),
        ("DELETE", "/connectors/zz", 404, "Connector zz not found"),
        ("GET", "/nowhere", 404, "HTTP 404 Not Found"),
        ("DELETE", "/connectors", 405, "HTTP 405 Method Not Allowed"),
    ] {
        let answer = http.send(method, path, None)?;
        let body = answer.json()?;
        anyhow::ensure!(
            answer.status == status && body == json!({"error_code": status, "message": message}),
            "{method} {path}: {} {}",
            answer.status,
            answer.body
        );
    }
    Ok(())
}

#[test]
fn what_is_not_there_is_answered_in_kafkas_words() -> anyhow::Result<()> {
    what_is_not_there(Kind::Embedded, Make::Ours, "rest-404")
}

#[test]
fn what_is_not_there_is_answered_like_that_by_the_genuine_worker() -> anyhow::Result<()> {
    let Some(peer) = genuine("what_is_not_there_is_answered_like_that_by_the_genuine_worker")? else {
        return Ok(());
    };
    what_is_not_there(Kind::Genuine(peer.clone()), Make::Genuine(peer), "rest-404-genuine")
}
