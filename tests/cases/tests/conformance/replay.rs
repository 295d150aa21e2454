//! Kafka's own tests of its REST interface, replayed: `connect_rest_test.py` of its system tests, and what
//! `StandaloneWorkerIntegrationTest` does beside the tables.

use super::{genuine, start, words};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use watertight_cases::{SOON, Scene};
use watertight_harness::connect::Connect;
use watertight_harness::wait;
use watertight_harness::worker::{FILE_SINK, FILE_SOURCE, Make};

const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
fn append(path: &Path, lines: &[&str]) -> anyhow::Result<()> {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    Ok(file.write_all(format!("{}\n", lines.join("\n")).as_bytes())?)
}

/// The output holds these lines, each at least once, and no others.
fn holds(path: &Path, lines: &[&str]) -> anyhow::Result<()> {
    let wanted: BTreeSet<&str> = lines.iter().copied().collect();
    wait::until("the output to hold all lines", SOON, || {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        if text.lines().collect::<BTreeSet<_>>() == wanted { Ok(()) } else { Err(text) }
    })
}

fn validated(connect: &Connect, class: &str, config: &Value, own: &[&str]) -> anyhow::Result<()> {
    let path = format!("/connector-plugins/{class}/config/validate");
    let answer = connect.http.put(&path, config)?.expect(200)?;
    anyhow::ensure!(answer["name"] == class && answer["error_count"] == 0, "{answer}");
    let found: BTreeSet<&str> =
        answer["configs"].as_array().into_iter().flatten().filter_map(|c| c["definition"]["name"].as_str()).collect();
    let wanted: BTreeSet<&str> = words::OF_ALL.iter().chain(words::OF_FILES).chain(own).copied().collect();
    anyhow::ensure!(found == wanted, "{found:?}");
    Ok(())
}

fn connect_rest_test(make: Make, folder: &str) -> anyhow::Result<()> {
    let scene = Scene::on(watertight_harness::broker::Kind::Embedded, make, folder)?;
    let secrets = scene.dir.join("external.properties");
    std::fs::write(&secrets, "topic.external=external\n")?;
    let scene = scene
        .with("key.converter", JSON)
        .with("value.converter", JSON)
        .with("config.providers", "file")
        .with("config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider")
        .with("config.providers.file.param.allowed.paths", secrets.display())
        .start()?;
    let connect = scene.worker.connect();
    let http = &connect.http;
    let file = |name: &str| scene.dir.join(name);
    let (input, second, output) = (file("input"), file("input2"), file("output"));
    anyhow::ensure!(connect.connectors()?.is_empty());
    let plugins = connect.plugins()?;
    anyhow::ensure!(plugins.iter().any(|p| p == FILE_SOURCE) && plugins.iter().any(|p| p == FILE_SINK), "{plugins:?}");

    let topic = format!("topic-${{file:{}:topic.external}}", secrets.display());
    let mut source = json!({
        "name": "local-file-source", "connector.class": FILE_SOURCE, "tasks.max": "1", "file": input,
        "topic": topic, "errors.tolerance": "none", "errors.log.enable": "true",
        "errors.log.include.messages": "true"
    });
    let sink = json!({
        "name": "local-file-sink", "connector.class": FILE_SINK, "tasks.max": "1", "file": output,
        "topics": topic, "key.converter.schemas.enable": "True", "value.converter.schemas.enable": "True",
        "errors.tolerance": "none", "errors.log.enable": "true", "errors.log.include.messages": "true"
    });
    validated(&connect, FILE_SOURCE, &source, &[words::OF_FILE_SOURCES, words::OF_SOURCES].concat())?;
    validated(&connect, FILE_SINK, &sink, words::OF_SINKS)?;

    let create = |config: &Value| http.post("/connectors", &json!({"name": config["name"], "config": config}));
    create(&source)?.expect(201)?;
    create(&sink)?.expect(201)?;
    anyhow::ensure!(connect.connectors()? == ["local-file-sink", "local-file-source"]);
    append(&input, &["foo", "bar", "baz"])?;
    holds(&output, &["foo", "bar", "baz"])?;
    create(&source)?.expect(409)?;
    for name in ["local-file-source", "local-file-sink"] {
        let topics = || http.get(&format!("/connectors/{name}/topics"))?.expect(200);
        anyhow::ensure!(topics()? == json!({name: {"topics": ["topic-external"]}}), "{}", topics()?);
        http.put(&format!("/connectors/{name}/topics/reset"), &Value::Null)?.expect(202)?;
        anyhow::ensure!(topics()? == json!({name: {"topics": []}}), "{}", topics()?);
    }

    for (config, kind, task) in [(&source, "source", "FileStreamSourceTask"), (&sink, "sink", "FileStreamSinkTask")] {
        let name = config["name"].as_str().unwrap_or_default();
        let info = http.get(&format!("/connectors/{name}"))?.expect(200)?;
        let tasks = json!([{"connector": name, "task": 0}]);
        anyhow::ensure!(info == json!({"name": name, "config": config, "tasks": tasks, "type": kind}), "{info}");
        anyhow::ensure!(http.get(&format!("/connectors/{name}/config"))?.expect(200)? == *config);
        let mut of_task = config.clone();
        of_task["task.class"] = format!("org.apache.kafka.connect.file.{task}").into();
        let tasks = http.get(&format!("/connectors/{name}/tasks"))?.expect(200)?;
        anyhow::ensure!(tasks == json!([{"id": {"connector": name, "task": 0}, "config": of_task}]), "{tasks}");
    }

    source["file"] = json!(second);
    http.put("/connectors/local-file-source/config", &source)?.expect(200)?;
    append(&second, &["foo", "bar", "baz", "razz", "ma", "tazz"])?;
    holds(&output, &["foo", "bar", "baz", "razz", "ma", "tazz"])?;

    http.delete("/connectors/local-file-source")?.expect(204)?;
    http.delete("/connectors/local-file-sink")?.expect(204)?;
    anyhow::ensure!(connect.connectors()?.is_empty());
    println!("conformance: 1 case (connect_rest_test)");
    Ok(())
}

#[test]
fn connect_rest_test_of_kafkas_system_tests() -> anyhow::Result<()> {
    connect_rest_test(Make::Ours, "conformance-connect-rest-test")
}

#[test]
fn connect_rest_test_on_the_genuine_worker() -> anyhow::Result<()> {
    let Some(peer) = genuine("connect_rest_test_on_the_genuine_worker")? else { return Ok(()) };
    connect_rest_test(Make::Genuine(peer), "conformance-connect-rest-test-genuine")
}

struct Loggers {
    connect: Connect,
}

impl Loggers {
    fn all(&self) -> anyhow::Result<serde_json::Map<String, Value>> {
        let all = self.connect.http.get("/admin/loggers")?.expect(200)?;
        Ok(all.as_object().cloned().unwrap_or_default())
    }

    fn set(&self, name: &str, level: &str, scope: Option<&str>) -> anyhow::Result<Option<Vec<String>>> {
        let scope = scope.map(|scope| format!("?scope={scope}")).unwrap_or_default();
        let answer = self.connect.http.put(&format!("/admin/loggers/{name}{scope}"), &json!({"level": level}))?;
        if scope.ends_with("cluster") {
            answer.expect(204)?;
            return Ok(None);
        }
        Ok(Some(serde_json::from_value(answer.expect(200)?)?))
    }

    fn one(&self, name: &str) -> anyhow::Result<Value> {
        self.connect.http.get(&format!("/admin/loggers/{name}"))?.expect(200)
    }

    /// Sets it, and looks at everything that may and may not have changed.
    fn check(&self, name: &str, level: &str, scope: Option<&str>) -> anyhow::Result<()> {
        let before = self.all()?;
        let asked = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        let changed = self.set(name, level, scope)?;
        if let Some(changed) = changed {
            anyhow::ensure!(changed.iter().any(|c| c == name), "{changed:?}");
            anyhow::ensure!(changed.iter().all(|c| c.starts_with(name)), "{changed:?}");
        }
        let fresh = |logger: &Value| logger["level"] == level && logger["last_modified"].as_i64() >= Some(asked);
        anyhow::ensure!(fresh(&self.one(name)?), "{}", self.one(name)?);
        let after = self.all()?;
        for (logger, now) in &after {
            let within = logger == name || logger.starts_with(&format!("{name}."));
            anyhow::ensure!(!within || fresh(now), "{logger} was not set: {now}");
            let as_before = before.get(logger).is_none_or(|then| then == now);
            anyhow::ensure!(within || as_before, "{logger} was set too: {now}");
        }
        anyhow::ensure!(before.keys().all(|logger| after.contains_key(logger)), "a logger is gone");
        Ok(())
    }
}

fn dynamic_logging(make: Make, folder: &str) -> anyhow::Result<()> {
    let scene = start(make, folder)?;
    let loggers = Loggers { connect: scene.worker.connect() };
    let at_first = loggers.all()?;
    anyhow::ensure!(!at_first.is_empty());
    anyhow::ensure!(at_first.values().all(|logger| logger["last_modified"].is_null()), "{at_first:?}");

    loggers.set("org.apache.kafka.connect", "ERROR", None)?;
    loggers.check("org.apache.kafka.connect", "DEBUG", None)?;
    loggers.set("org.apache.kafka.clients", "WARN", Some("worker"))?;
    loggers.check("org.apache.kafka.clients", "INFO", Some("worker"))?;
    let before = loggers.one("org.apache.kafka.clients")?;
    loggers.set("org.apache.kafka.clients", "INFO", Some("worker"))?;
    anyhow::ensure!(loggers.one("org.apache.kafka.clients")? == before, "the same level again changed it");
    loggers.set("org.apache.kafka.streams", "DEBUG", Some("cluster"))?;
    loggers.check("org.apache.kafka.streams", "TRACE", Some("cluster"))?;
    println!("conformance: 1 case (dynamic logging)");
    Ok(())
}

#[test]
fn levels_are_changed_while_a_worker_runs() -> anyhow::Result<()> {
    dynamic_logging(Make::Ours, "conformance-dynamic-logging")
}

#[test]
fn levels_are_changed_while_a_genuine_worker_runs() -> anyhow::Result<()> {
    let Some(peer) = genuine("levels_are_changed_while_a_genuine_worker_runs")? else { return Ok(()) };
    dynamic_logging(Make::Genuine(peer), "conformance-dynamic-logging-genuine")
}
