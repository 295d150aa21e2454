//! Settings of the worker that forbid something, and what it says of itself while it starts and ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use watertight_cases::{SOON, Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::worker::Make;
use watertight_harness::{paths, signals, wait};

use super::ground::{LADDER, says};
use watertight_cases::is_wanted;

/// Both switches of topic tracking, in our worker and in the genuine one.
pub fn topic_tracking() -> anyhow::Result<()> {
    if is_wanted("ours") {
        forbidden(Kind::Embedded, Make::Ours, "switches")?;
    }
    match genuine("topic_tracking")?.filter(|_| is_wanted("genuine")) {
        Some(peer) => forbidden(Kind::Genuine(peer.clone()), Make::Genuine(peer), "switches-theirs"),
        None => Ok(()),
    }
}

fn forbidden(kind: Kind, make: Make, case: &str) -> anyhow::Result<()> {
    let off = "Topic tracking is disabled.";
    for (switch, shown, reset) in [
        ("topic.tracking.enable", Some(off), off),
        ("topic.tracking.allow.reset", None, "Topic tracking reset is disabled."),
    ] {
        let scene =
            Scene::on(kind.clone(), make.clone(), &format!("{case}-{switch}"))?.with(switch, "false").start()?;
        let http = &scene.worker.connect().http;
        let topics = http.get("/connectors/c/topics")?;
        match shown {
            Some(text) => says(&topics, 403, text)?,
            None => anyhow::ensure!(topics.expect(200)? == json!({"c": {"topics": []}})),
        }
        says(&http.put("/connectors/c/topics/reset", &Value::Null)?, 403, reset)?;
    }
    Ok(())
}

/// Ours only: REST of the genuine standalone worker has nothing to say before it calls itself healthy.
pub fn starting() -> anyhow::Result<()> {
    if !is_wanted("ours") {
        return Ok(());
    }
    let mut scene = Scene::new("lifecycle-starting")?;
    let sign = scene.dir.join("hang-start");
    std::fs::write(&sign, "")?;
    let config = watertight_harness::properties::Properties::new()
        .with("name", "slow")
        .with("connector.class", LADDER)
        .with("dir", scene.dir.display());
    let both = format!("{},{}", paths::plugins().display(), paths::guests().display());
    scene.worker = scene.worker.with("plugin.path", both).with_connector(&config)?;
    let scene = scene.start()?;
    let connect = scene.worker.connect();
    let said = "Worker is still starting up. The worker is currently starting connector slow, which began at 2";
    wait::until("the worker to say that it is starting", SOON, || {
        let answer = connect.http.get("/health").map_err(|error| format!("{error:#}"))?;
        let told = answer.json().map_err(|error| format!("{error:#}"))?;
        let message = told["message"].as_str().unwrap_or_default();
        match answer.status == 503 && told["status"] == "starting" && message.starts_with(said) {
            true => Ok(()),
            false => Err(format!("{answer:?}")),
        }
    })?;
    std::fs::remove_file(&sign)?;
    wait::until("the worker to be healthy", Duration::from_secs(20), || {
        let answer = connect.http.get("/health").map_err(|error| format!("{error:#}"))?;
        if answer.status == 200 { Ok(()) } else { Err(format!("{answer:?}")) }
    })?;
    let healthy = connect.http.get("/health")?.expect(200)?;
    let message = "Worker has completed startup and is ready to handle requests.";
    anyhow::ensure!(healthy == json!({"status": "healthy", "message": message}), "{healthy}");
    connect.wait_running("slow", SOON).map(drop)
}

/// Ours only: a connector that is created when all others are stopped already is not started any more.
pub fn ending() -> anyhow::Result<()> {
    if !is_wanted("ours") {
        return Ok(());
    }
    let mut scene = Scene::new("lifecycle-ending")?;
    scene.worker = scene.worker.with_test_guests();
    let scene = scene.start()?;
    let body = json!({"name": "late", "config": {"connector.class": LADDER, "dir": scene.dir}}).to_string();
    let (first, last) = body.split_at(body.len() / 2);
    let mut late = TcpStream::connect(("127.0.0.1", scene.worker.port()))?;
    let head = "POST /connectors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close";
    write!(late, "{head}\r\nContent-Length: {}\r\n\r\n{first}", body.len())?;
    // It is under way when the worker hears of its end.
    std::thread::sleep(Duration::from_millis(300));
    signals::terminate(scene.worker.pid().context("the worker is not running")?);
    wait::until_true("the worker to end", SOON, || scene.worker.log().contains("Kafka Connect stopping"))?;
    std::thread::sleep(Duration::from_millis(300));
    late.write_all(last.as_bytes())?;
    let mut answer = String::new();
    late.read_to_string(&mut answer)?;
    let refused = answer.starts_with("HTTP/1.1 500") && answer.contains("The worker is shutting down");
    anyhow::ensure!(refused, "{answer}");
    wait::until_true("the worker to have ended", SOON, || scene.worker.log().contains("Kafka Connect stopped"))
        .map(drop)
}
