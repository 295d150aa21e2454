//! A worker of a cluster before it has met a broker: what it refuses, what it answers, and how it ends.

use std::path::PathBuf;
use std::time::Duration;
use watertight_cases::SOON;
use watertight_harness::properties::Properties;
use watertight_harness::worker::{Make, Worker};
use watertight_harness::{paths, ports, wait};

/// A worker whose broker does not exist.
fn worker(case: &str) -> anyhow::Result<Worker> {
    let dir: PathBuf = paths::test_dir(case)?;
    let nobody = format!("127.0.0.1:{}", ports::free()?);
    let cluster = Properties::new()
        .with("group.id", case)
        .with("config.storage.topic", "configs")
        .with("offset.storage.topic", "offsets")
        .with("status.storage.topic", "statuses");
    Worker::distributed(Make::Ours, &dir, &nobody, &cluster)
}

/// It ends by itself with this code, and its log says why.
fn ends(worker: &mut Worker, deadline: Duration, why: &[&str]) -> anyhow::Result<()> {
    worker.spawn()?;
    let ended = worker.wait_end(deadline);
    let log = worker.log();
    anyhow::ensure!(ended.and_then(|status| status.code()) == Some(1), "{ended:?}: {log}");
    for words in why {
        anyhow::ensure!(log.contains(words), "`{words}` is not in {log}");
    }
    Ok(())
}

#[test]
fn a_missing_setting_is_named() -> anyhow::Result<()> {
    for key in ["group.id", "config.storage.topic", "offset.storage.topic", "status.storage.topic", "key.converter"] {
        let mut worker = worker("distributed-missing")?.without(key);
        let why = format!("Missing required configuration \"{key}\" which has no default value.");
        ends(&mut worker, SOON, &[&why])?;
    }
    Ok(())
}

#[test]
fn a_setting_that_cannot_be_meant_is_named_with_what_would_do() -> anyhow::Result<()> {
    for (key, value, why) in [
        ("connect.protocol", "modern", "Invalid Connect protocol compatibility"),
        ("heartbeat.interval.ms", "60000", "Heartbeat must be set lower than the session timeout"),
        (
            "exactly.once.source.support",
            "yes",
            "String must be one of (case insensitive): DISABLED, ENABLED, PREPARING",
        ),
        ("status.storage.topic", "configs", "config.storage.topic names this topic already"),
    ] {
        let mut worker = worker("distributed-wrong")?.with(key, value);
        let why = format!("Invalid value {value} for configuration {key}: {why}");
        ends(&mut worker, SOON, &[&why])?;
    }
    Ok(())
}

#[test]
fn while_there_is_no_broker_it_says_that_it_is_starting_and_can_be_stopped() -> anyhow::Result<()> {
    let mut worker = worker("distributed-starting")?;
    worker.spawn()?;
    let http = worker.connect().http;
    let health = wait::until("an answer", SOON, || http.get("/health").map_err(|error| error.to_string()))?;
    let body = health.json()?;
    anyhow::ensure!(health.status == 503 && body["status"] == "starting", "{health:?}");
    let message = body["message"].as_str().unwrap_or_default();
    let doing = "The worker is currently initializing and reading to the end of internal topics";
    anyhow::ensure!(message.starts_with("Worker is still starting up.") && message.contains(doing), "{message}");
    worker.ask_to_stop();
    let ended = worker.wait_end(SOON);
    anyhow::ensure!(ended.is_some_and(|status| status.success()), "{ended:?}: {}", worker.log());
    Ok(())
}

#[test]
fn a_broker_that_does_not_come_ends_it_with_its_address() -> anyhow::Result<()> {
    let nobody = format!("127.0.0.1:{}", ports::free()?);
    let mut worker = worker("distributed-nobody")?.with("bootstrap.servers", &nobody);
    let why =
        "Failed to connect to and describe Kafka cluster. Check worker's broker connection and security properties.";
    ends(&mut worker, Duration::from_secs(120), &[why, &nobody])
}
