//! What is wrong gets a clear error in Kafka's shape, and changes nothing.

use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;
use watertight_cases::{SOON, Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::http::Response;
use watertight_harness::lines;
use watertight_harness::worker::{FILE_SOURCE, Make, Worker, file_sink, file_source};

const INVALID: &str = "Connector configuration is invalid and contains the following";

/// An error of this status whose message begins so; and still no connector.
fn refused(scene: &Scene, answer: &Response, status: u16, begins: &str) -> anyhow::Result<()> {
    let body = answer.json()?;
    anyhow::ensure!(answer.status == status && body["error_code"] == status, "wanted {status}: {answer:?}");
    anyhow::ensure!(answer.message().starts_with(begins), "wanted {begins:?}: {}", answer.message());
    anyhow::ensure!(scene.worker.connect().connectors()?.is_empty(), "it left a connector behind");
    Ok(())
}

fn settings_that_are_wrong(kind: Kind, make: Make, case: &str) -> anyhow::Result<()> {
    let scene = Scene::on(kind, make, case)?.start()?;
    let connect = scene.worker.connect();
    let good = file_source("a", &scene.input(), "t");

    let unknown = connect.post(&good.clone().with("connector.class", "no.such.Class"))?;
    let begins = "Failed to find any class that implements Connector and which name matches no.such.Class";
    refused(&scene, &unknown, 400, begins)?;

    let missing = connect.post(&good.clone().without("topic"))?;
    refused(
        &scene,
        &missing,
        400,
        &format!(
            "{INVALID} 1 error(s):\nMissing required configuration \"topic\" which has no default value.\nYou can also find"
        ),
    )?;

    let no_topics = connect.post(&file_sink("a", &scene.output(), "t").without("topics"))?;
    refused(&scene, &no_topics, 400, &format!("{INVALID} 2 error(s):\nMust configure one of topics or topics.regex"))?;

    let no_number = connect.post(&good.clone().with("tasks.max", "zero"))?;
    let begins =
        format!("{INVALID} 2 error(s):\nInvalid value zero for configuration tasks.max: Not a number of type INT");
    refused(&scene, &no_number, 400, &begins)?;

    let mismatch = "Connector name configuration (b) doesn't match connector name in the URL (a)";
    let config = good.clone().with("name", "b").to_json();
    refused(&scene, &connect.http.post("/connectors", &json!({"name": "a", "config": config}))?, 400, mismatch)?;
    refused(&scene, &connect.http.put("/connectors/a/config", &config)?, 400, mismatch)?;

    let no_class = connect.http.post("/connectors", &json!({"name": "a", "config": {}}))?;
    refused(&scene, &no_class, 400, "Connector config {name=a} contains no connector type")?;
    Ok(())
}

#[test]
fn settings_that_are_wrong_are_named_and_change_nothing() -> anyhow::Result<()> {
    settings_that_are_wrong(Kind::Embedded, Make::Ours, "bad-settings")
}

#[test]
fn settings_that_are_wrong_are_answered_alike_by_the_genuine_worker() -> anyhow::Result<()> {
    let case = "settings_that_are_wrong_are_answered_alike_by_the_genuine_worker";
    let Some(peer) = genuine(case)? else {
        return Ok(());
    };
    settings_that_are_wrong(Kind::Genuine(peer.clone()), Make::Genuine(peer), "bad-settings-genuine")
}

/// A difference on purpose: Kafka answers 500.
#[test]
fn malformed_json_is_a_bad_request() -> anyhow::Result<()> {
    let scene = Scene::new("bad-json")?.start()?;
    let http = &scene.worker.connect().http;
    for body in ["{\"name\":", "", "[]", "{\"name\":\"a\"}", "{\"name\":\"a\",\"config\":{\"x\":{}}}", "\u{0}"] {
        refused(&scene, &http.send("POST", "/connectors", Some(body))?, 400, "")?;
    }
    for body in ["{", "[]", "{\"connector.class\":[1]}"] {
        refused(&scene, &http.send("PUT", "/connectors/a/config", Some(body))?, 400, "")?;
    }
    Ok(())
}

#[test]
fn a_bad_change_of_a_running_connector_leaves_it_running_as_it_was() -> anyhow::Result<()> {
    let scene = Scene::new("bad-change")?.with_files()?.start()?;
    scene.wait_running()?;
    let connect = scene.worker.connect();
    let before = connect.http.get("/connectors/file-source/config")?.expect(200)?;
    let bad = file_source("file-source", &scene.input(), "lines").without("topic");
    let answer = connect.http.put("/connectors/file-source/config", &bad.to_json())?;
    anyhow::ensure!(answer.status == 400, "{answer:?}");
    anyhow::ensure!(connect.http.get("/connectors/file-source/config")?.expect(200)? == before);
    lines::append(&scene.input(), 0, 10)?;
    anyhow::ensure!(scene.wait_for_lines(10, SOON)?.is_exact());
    Ok(())
}

#[test]
fn a_file_outside_the_roots_is_denied_and_the_setting_is_named() -> anyhow::Result<()> {
    let scene = Scene::new("bad-root")?.with_files()?.start()?;
    scene.wait_running()?;
    let connect = scene.worker.connect();
    for (name, file) in [("absolute", "/etc/hostname"), ("climbing", "../../../../../../../../etc/hostname")] {
        let answer = connect.post(&file_source(name, std::path::Path::new(file), "stolen"))?;
        let said = match answer.status {
            201 => connect.wait_failed(name, SOON)?,
            _ => answer.message(),
        };
        anyhow::ensure!(said.contains("sandbox.fs.roots"), "{name}: the setting is not named: {said}");
    }
    lines::append(&scene.input(), 0, 10)?;
    anyhow::ensure!(scene.wait_for_lines(10, SOON)?.is_exact(), "a neighbour was disturbed");
    Ok(())
}

#[test]
fn a_symlink_out_of_the_roots_is_denied() -> anyhow::Result<()> {
    let scene = Scene::new("bad-symlink")?.start()?;
    let link = scene.dir.join("link.txt");
    std::os::unix::fs::symlink("/etc/hostname", &link)?;
    let connect = scene.worker.connect();
    let answer = connect.post(&file_source("linked", &link, "stolen"))?.expect(400)?;
    let said = answer.to_string();
    anyhow::ensure!(said.contains("sandbox.fs.roots"), "the setting is not named: {said}");
    Ok(())
}

/// Ends by itself with an error, and says this.
fn does_not_start(worker: &mut Worker, words: &[&str], deadline: Duration) -> anyhow::Result<()> {
    let service = worker.spawn()?;
    let Some(status) = service.wait(deadline) else {
        anyhow::bail!("it still runs after {} s: {}", deadline.as_secs(), service.log_tail(20))
    };
    let log = service.log_text();
    anyhow::ensure!(!status.success(), "it ended with success");
    for word in words {
        anyhow::ensure!(log.contains(word), "{word:?} is not named: {}", service.log_tail(20));
    }
    anyhow::ensure!(!log.contains("panicked"), "{log}");
    Ok(())
}

#[test]
fn an_unreachable_broker_is_named() -> anyhow::Result<()> {
    let mut scene = Scene::new("bad-broker")?;
    let nobody = format!("127.0.0.1:{}", watertight_harness::ports::free()?);
    scene = scene.with("bootstrap.servers", &nobody);
    does_not_start(&mut scene.worker, &[&nobody], Duration::from_secs(90))
}

#[test]
fn an_offsets_file_that_cannot_be_written_is_named() -> anyhow::Result<()> {
    let scene = Scene::new("bad-offsets")?;
    let file = scene.dir.join("no-such-folder").join("offsets");
    let mut scene = scene.with("offset.storage.file.filename", file.display());
    does_not_start(&mut scene.worker, &["offset.storage.file.filename", "no-such-folder"], SOON)
}

#[test]
fn an_offsets_file_of_another_form_is_refused_and_left_as_it_is() -> anyhow::Result<()> {
    let mut scene = Scene::new("bad-offsets-form")?;
    let file = scene.dir.join("offsets");
    let text = "these are somebody's notes\n";
    std::fs::write(&file, text)?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644))?;
    does_not_start(&mut scene.worker, &[&file.display().to_string()], SOON)?;
    anyhow::ensure!(std::fs::read_to_string(&file)? == text, "it was overwritten");
    Ok(())
}

#[test]
fn a_missing_required_worker_setting_is_named() -> anyhow::Result<()> {
    for key in ["bootstrap.servers", "key.converter", "value.converter", "offset.storage.file.filename"] {
        let mut scene = Scene::new("bad-worker-setting")?;
        scene.worker = scene.worker.without(key);
        does_not_start(&mut scene.worker, &[&format!("Missing required configuration \"{key}\"")], SOON)?;
    }
    Ok(())
}

#[test]
fn a_rest_port_in_use_is_named() -> anyhow::Result<()> {
    let mut scene = Scene::new("bad-port")?;
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port();
    scene = scene.with("listeners", format!("http://127.0.0.1:{port}"));
    does_not_start(&mut scene.worker, &[&port.to_string(), "listeners"], SOON)
}

#[test]
fn a_bad_connector_on_the_command_line_ends_the_worker_with_code_3() -> anyhow::Result<()> {
    let mut scene = Scene::new("bad-connector-file")?;
    let bad = file_source("nameless-topic", &scene.input(), "t").without("topic");
    scene.worker = scene.worker.with_connector(&bad)?;
    let service = scene.worker.spawn()?;
    let status = service.wait(SOON);
    anyhow::ensure!(status.and_then(|s| s.code()) == Some(3), "{status:?}: {}", service.log_tail(20));
    anyhow::ensure!(service.log_text().contains("topic"), "{}", service.log_tail(20));
    Ok(())
}

#[test]
fn unknown_worker_keys_are_named_in_one_warning() -> anyhow::Result<()> {
    let scene = Scene::new("unknown-keys")?.with("plugin.pathh", "x").with("ofset.flush", "y").start()?;
    let log = scene.worker.log();
    let lines: Vec<&str> = log.lines().filter(|l| l.contains("plugin.pathh") || l.contains("ofset.flush")).collect();
    anyhow::ensure!(
        lines.len() == 1 && lines[0].contains("plugin.pathh") && lines[0].contains("ofset.flush"),
        "{lines:?}"
    );
    anyhow::ensure!(!lines[0].contains(FILE_SOURCE));
    Ok(())
}
