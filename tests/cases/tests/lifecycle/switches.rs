//! Settings of the worker that forbid something, and what it says of itself while it starts.

use std::time::Duration;

use serde_json::{Value, json};
use watertight_cases::{SOON, Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::worker::Make;
use watertight_harness::{paths, wait};

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
