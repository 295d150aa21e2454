//! Settings that lie elsewhere: looked up where they are used, and never shown.
//!
//! The cases that do not need a plugin of ours also run against Kafka Connect (`WATERTIGHT_WORKER=genuine`).

use serde_json::Value;
use std::path::PathBuf;
use watertight_cases::{SOON, Scene};
use watertight_harness::properties::Properties;
use watertight_harness::worker::file_source;
use watertight_harness::{lines, wait};

const PACKAGE: &str = "org.apache.kafka.common.config.provider.";
/// Never to be seen. Each stands in a place of its own.
const CANARIES: [&str; 4] =
    ["CANARY-in-a-file-81d2", "CANARY-in-a-dir-77c0", "CANARY-in-plain-0b1f", "CANARY-no-number-55aa"];

/// A worker with the file and directory providers over a folder of secrets.
fn scene(case: &str) -> anyhow::Result<Scene> {
    let scene = Scene::new(case)?;
    let secrets = secrets(&scene);
    std::fs::create_dir_all(&secrets)?;
    let file = format!("topic=from-a-file\ntext={}\nnumber={}\n", CANARIES[0], CANARIES[3]);
    std::fs::write(secrets.join("a.properties"), file)?;
    std::fs::write(secrets.join("one"), format!("{}\n", CANARIES[1]))?;
    let allowed = secrets.display().to_string();
    Ok(scene
        .with("config.providers", "file,dir,env")
        .with("config.providers.file.class", format!("{PACKAGE}FileConfigProvider"))
        .with("config.providers.file.param.allowed.paths", &allowed)
        .with("config.providers.dir.class", format!("{PACKAGE}DirectoryConfigProvider"))
        .with("config.providers.dir.param.allowed.paths", &allowed)
        .with("config.providers.env.class", format!("{PACKAGE}EnvVarConfigProvider"))
        .with("config.providers.env.param.allowlist.pattern", "HOME"))
}

/// Beside the folder that plugins may read.
fn secrets(scene: &Scene) -> PathBuf {
    scene.dir.join("secrets")
}

fn of_file(scene: &Scene, key: &str) -> String {
    format!("${{file:{}:{key}}}", secrets(scene).join("a.properties").display())
}

fn of_dir(scene: &Scene, key: &str) -> String {
    format!("${{dir:{}:{key}}}", secrets(scene).display())
}

#[test]
fn a_reference_is_resolved_for_the_task_and_shown_as_it_was_given() -> anyhow::Result<()> {
    let scene = scene("providers-file")?.start()?;
    let connect = scene.worker.connect();
    let topic = of_file(&scene, "topic");
    let created = connect.create(&file_source("x", &scene.input(), &topic))?;
    anyhow::ensure!(created["config"]["topic"] == topic.as_str(), "{created}");
    connect.wait_running("x", SOON)?;
    let tasks = connect.http.get("/connectors/x/tasks")?.expect(200)?;
    anyhow::ensure!(tasks[0]["config"]["topic"] == topic.as_str(), "{tasks}");
    let info = connect.http.get("/connectors?expand=info")?.expect(200)?;
    anyhow::ensure!(info["x"]["info"]["config"]["topic"] == topic.as_str(), "{info}");
    // Where the records went shows that the reference was resolved.
    let sink = watertight_harness::worker::file_sink("y", &scene.output(), "from-a-file");
    connect.create(&sink)?;
    lines::append(&scene.input(), 0, 10)?;
    anyhow::ensure!(scene.wait_for_lines(10, SOON)?.is_exact());
    Ok(())
}

#[test]
fn what_is_not_there_stays_and_what_cannot_be_read_is_an_error() -> anyhow::Result<()> {
    let scene = scene("providers-missing")?.start()?;
    let connect = scene.worker.connect();
    let outside = scene.dir.join("outside.properties");
    std::fs::write(&outside, "topic=stolen\n")?;
    for value in [
        of_file(&scene, "none"),
        of_dir(&scene, "none"),
        "${nope:a:b}".to_owned(),
        "${env:PATH}".to_owned(),
        format!("${{file:{}:topic}}", outside.display()),
        format!("${{file:{}/../outside.properties:topic}}", secrets(&scene).display()),
    ] {
        let created = connect.create(&file_source("x", &scene.input(), &value))?;
        anyhow::ensure!(created["config"]["topic"] == value.as_str(), "{created}");
        connect.http.delete("/connectors/x")?;
    }
    let missing = secrets(&scene).join("none.properties").display().to_string();
    let answer = connect.post(&file_source("x", &scene.input(), &format!("${{file:{missing}:topic}}")))?;
    anyhow::ensure!(answer.status == 500, "{answer:?}");
    anyhow::ensure!(answer.message() == format!("Could not read properties from file {missing}"), "{answer:?}");
    let answer = connect.post(&file_source("x", &scene.input(), "${env:a:HOME}"))?;
    let expected = "Path is not supported for EnvVarConfigProvider, invalid value 'a'";
    anyhow::ensure!(answer.status == 500 && answer.message() == expected, "{answer:?}");
    Ok(())
}

/// A difference on purpose: Kafka 4.3.1 tells the value.
#[test]
fn a_value_that_is_wrong_is_refused_without_being_told() -> anyhow::Result<()> {
    let scene = scene("providers-wrong")?.start()?;
    let connect = scene.worker.connect();
    let number = of_file(&scene, "number");
    for key in ["tasks.max", "value.converter", "producer.override.linger.ms", "transforms.a.type"] {
        let config = file_source("x", &scene.input(), "t").with("transforms", "a").with(key, &number);
        let answer = connect.post(&config)?;
        let expected = format!(
            "Invalid value for configuration '{key}': the value resolved from the config provider reference failed validation"
        );
        anyhow::ensure!(answer.status == 400 && answer.message().contains(&expected), "{key}: {answer:?}");
    }
    nothing_told(&scene, &[])
}

fn hostile(scene: &Scene, name: &str, attack: &str, during: &str) -> Properties {
    Properties::new()
        .with("name", name)
        .with("connector.class", "watertight.hostile.HostileSourceConnector")
        .with("attack", attack)
        .with("during", during)
        .with("topic", "told")
        .with("text", of_file(scene, "text"))
        .with("path", of_dir(scene, "one"))
        .with("password", CANARIES[2])
}

/// Everything a worker says, searched for what it must not say.
fn nothing_told(scene: &Scene, connectors: &[&str]) -> anyhow::Result<()> {
    let connect = scene.worker.connect();
    let mut said = vec![("the log".to_owned(), scene.worker.log())];
    for path in ["/connectors?expand=info", "/connectors?expand=status", "/connector-plugins?connectorsOnly=false"] {
        said.push((path.to_owned(), connect.http.get(path)?.json()?.to_string()));
    }
    for name in connectors {
        for what in ["", "/status", "/tasks", "/tasks/0/status", "/offsets", "/config"] {
            let path = format!("/connectors/{name}{what}");
            said.push((path.clone(), connect.http.get(&path)?.json().unwrap_or(Value::Null).to_string()));
        }
    }
    for (place, text) in said {
        for canary in CANARIES {
            // The config as it was given holds the password in plain text, in Kafka too.
            let given = canary == CANARIES[2] && place != "the log" && !place.contains("status");
            anyhow::ensure!(given || !text.contains(canary), "{place} tells {canary}: {}", around(&text, canary));
        }
    }
    Ok(())
}

fn around(text: &str, canary: &str) -> String {
    let at = text.find(canary).unwrap_or(0);
    text.chars().skip(text[..at].chars().count().saturating_sub(200)).take(400).collect()
}

#[test]
fn a_plugin_that_tells_all_it_knows_is_not_heard() -> anyhow::Result<()> {
    let mut scene = scene("providers-canaries")?;
    scene.worker = scene.worker.with_test_guests();
    let scene = scene.start()?;
    let connect = scene.worker.connect();
    let mut names = Vec::new();
    for attack in ["log-the-settings", "fail-with-the-settings", "panic-with-the-settings"] {
        for during in ["validate", "connector-start", "task-configs", "start", "poll"] {
            let name = format!("{attack}-{during}");
            let answer = connect.post(&hostile(&scene, &name, attack, during))?;
            for canary in CANARIES {
                let given = canary == CANARIES[2] && answer.status == 201;
                let text = answer.json()?.to_string();
                anyhow::ensure!(given || !text.contains(canary), "{name} is answered with {canary}: {text}");
            }
            names.push(name);
        }
    }
    for during in ["start", "poll"] {
        let trace = connect.wait_failed(&format!("fail-with-the-settings-{during}"), SOON)?;
        anyhow::ensure!(trace.contains("text=[hidden]") && trace.contains("path=[hidden]"), "{trace}");
        anyhow::ensure!(trace.contains("password=secret:password"), "the plugin was told more: {trace}");
    }
    wait::until("the plugin to have logged", SOON, || {
        let log = scene.worker.log();
        let told = log.matches("text=[hidden]").count();
        if told > 10 { Ok(()) } else { Err(format!("{told} times")) }
    })?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    nothing_told(&scene, &names)
}

#[test]
fn settings_under_other_names_are_not_shown_either() -> anyhow::Result<()> {
    let mut scene = scene("providers-renamed")?;
    scene.worker = scene.worker.with_test_guests();
    let scene = scene.start()?;
    let connect = scene.worker.connect();
    connect.create(&hostile(&scene, "renames", "rename-what-it-was-told", "poll"))?;
    connect.wait_running("renames", SOON)?;
    let tasks = connect.http.get("/connectors/renames/tasks")?.expect(200)?;
    let config = &tasks[0]["config"];
    anyhow::ensure!(config["another.name"] == "[hidden]", "{tasks}");
    anyhow::ensure!(config["yet.another.name"] == "secret:password", "{tasks}");
    anyhow::ensure!(config["text"] == of_file(&scene, "text").as_str(), "{tasks}");
    nothing_told(&scene, &["renames"])
}

#[test]
fn a_reference_that_a_plugin_makes_up_is_not_resolved() -> anyhow::Result<()> {
    let mut scene = scene("providers-made-up")?;
    scene.worker = scene.worker.with_test_guests();
    let scene = scene.start()?;
    let connect = scene.worker.connect();
    let guessed = of_file(&scene, "text");
    let config = hostile(&scene, "guesses", "make-up-references", "poll")
        .without("text")
        .with("address", guessed.trim_start_matches('$'));
    connect.create(&config)?;
    connect.create(&watertight_harness::worker::file_sink("y", &scene.output(), "told"))?;
    let told = wait::until("what the plugin made of it", SOON, || {
        let text = std::fs::read_to_string(scene.output()).unwrap_or_default();
        if text.contains("made up: ") { Ok(text) } else { Err(text) }
    })?;
    anyhow::ensure!(told.contains(&format!("made up: {guessed}")), "{told}");
    anyhow::ensure!(!told.contains(CANARIES[0]), "{told}");
    nothing_told(&scene, &["guesses"])
}

#[test]
fn a_password_is_revealed_to_a_listed_class_and_hidden_all_the_same() -> anyhow::Result<()> {
    for (granted, expected) in [
        ("watertight.hostile.HostileSourceConnector", format!("revealed {} bytes: [hidden]", CANARIES[2].len())),
        (
            "some.Other",
            "watertight.hostile.HostileSourceConnector may not see passwords: the worker's setting \
             sandbox.secrets.reveal does not list it"
                .to_owned(),
        ),
    ] {
        let mut scene = scene("providers-reveal")?.with("sandbox.secrets.reveal", granted);
        scene.worker = scene.worker.with_test_guests();
        let scene = scene.start()?;
        let connect = scene.worker.connect();
        connect.create(&hostile(&scene, "reveals", "reveal-the-password", "start"))?;
        let trace = connect.wait_failed("reveals", SOON)?;
        anyhow::ensure!(trace.contains(&expected), "{granted}: {trace}");
        connect.create(&hostile(&scene, "pries", "reveal-what-is-not-its-own", "poll"))?;
        connect.wait_running("pries", SOON)?;
        nothing_told(&scene, &["reveals", "pries"])?;
    }
    Ok(())
}

#[test]
fn a_dead_letter_does_not_tell_either() -> anyhow::Result<()> {
    let mut scene = scene("providers-dead-letters")?;
    scene.worker = scene.worker.with_test_guests();
    let scene = scene.start()?;
    let connect = scene.worker.connect();
    let config = hostile(&scene, "rejects", "reject-with-the-settings", "put")
        .with("connector.class", "watertight.hostile.HostileSinkConnector")
        .without("topic")
        .with("topics", "letters")
        .with("errors.tolerance", "all")
        .with("errors.log.enable", "true")
        .with("errors.deadletterqueue.topic.name", "dead")
        .with("errors.deadletterqueue.topic.replication.factor", "1")
        .with("errors.deadletterqueue.context.headers.enable", "true");
    connect.create(&config)?;
    connect.create(&file_source("feeds", &scene.input(), "letters"))?;
    lines::append(&scene.input(), 0, 3)?;
    let reads = watertight_harness::worker::file_sink("reads", &scene.output(), "dead");
    connect.create(&reads)?;
    wait::until("the dead letters", SOON, || match std::fs::read_to_string(scene.output()) {
        Ok(text) if text.lines().count() >= 3 => Ok(()),
        other => Err(format!("{other:?}")),
    })?;
    wait::until("the error in the log", SOON, || {
        let log = scene.worker.log();
        if log.contains("rejected with") { Ok(()) } else { Err(log.lines().last().unwrap_or_default().to_owned()) }
    })?;
    nothing_told(&scene, &["rejects"])?;
    for file in walk(&scene.dir.join("broker"))? {
        let bytes = std::fs::read(&file).unwrap_or_default();
        for canary in CANARIES {
            let told = bytes.windows(canary.len()).any(|part| part == canary.as_bytes());
            anyhow::ensure!(!told, "the broker's {} holds {canary}", file.display());
        }
    }
    Ok(())
}

fn walk(dir: &std::path::Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(walk(&path)?) } else { files.push(path) }
    }
    Ok(files)
}

#[test]
fn the_workers_own_settings_may_lie_elsewhere_and_are_not_told() -> anyhow::Result<()> {
    let mut scene = scene("providers-worker")?;
    let number = of_file(&scene, "number");
    scene.worker = scene.worker.with("offset.flush.interval.ms", &number);
    let service = scene.worker.spawn()?;
    wait::until("the worker to give up", SOON, || service.exited().map(drop).ok_or_else(|| "it runs".to_owned()))?;
    let log = scene.worker.log();
    anyhow::ensure!(log.contains("[hidden]") && log.contains("offset.flush.interval.ms"), "{log}");
    anyhow::ensure!(!log.contains(CANARIES[3]), "{log}");
    Ok(())
}
