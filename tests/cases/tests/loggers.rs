//! `/admin/loggers`: what it answers, and that the log, the plugins and the Kafka clients obey. Whatever does not
//! need a name of ours was asked of the genuine worker too (`WATERTIGHT_WORKER=genuine`).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use watertight_cases::{SOON, Scene};
use watertight_harness::http::{Http, Response};
use watertight_harness::properties::Properties;
use watertight_harness::{lines, wait};

const SOURCE_TASK: &str = "org.apache.kafka.connect.runtime.WorkerSourceTask";
const REST: &str = "org.apache.kafka.connect.runtime.rest.RestServer";
const CONSUMERS: &str = "org.apache.kafka.clients.consumer";
/// Long enough for a line that should not come.
const QUIET: Duration = Duration::from_secs(4);

fn put(http: &Http, logger: &str, level: &str) -> anyhow::Result<Value> {
    http.put(&format!("/admin/loggers/{logger}"), &json!({ "level": level }))?.expect(200)
}

fn all(http: &Http) -> anyhow::Result<Map<String, Value>> {
    match http.get("/admin/loggers")?.expect(200)? {
        Value::Object(all) => Ok(all),
        other => anyhow::bail!("{other}"),
    }
}

fn refused(answer: &Response, status: u16, message: &str) -> anyhow::Result<()> {
    anyhow::ensure!(answer.status == status && answer.message() == message, "{answer:?}");
    Ok(())
}

fn millis() -> anyhow::Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}

/// Lines of one level whose logger is one of these, after so many bytes of the log.
fn said(scene: &Scene, from: usize, level: &str, loggers: &[&str]) -> Vec<String> {
    let log = scene.worker.log();
    let new = log.get(from..).unwrap_or_default();
    let level = format!("] {level} ");
    let ours = |line: &&str| {
        let logger = line.rsplit_once('(').map_or("", |(_, logger)| logger);
        line.contains(&level) && loggers.iter().any(|name| logger.starts_with(name))
    };
    new.lines().filter(ours).map(str::to_owned).collect()
}

fn wait_for(scene: &Scene, from: usize, level: &str, loggers: &[&str]) -> anyhow::Result<()> {
    wait::until("the log to say more", SOON, || match said(scene, from, level, loggers).first() {
        Some(_) => Ok(()),
        None => Err(format!("no {level} line of {loggers:?}")),
    })
}

fn never(scene: &Scene, from: usize, level: &str, loggers: &[&str]) -> anyhow::Result<()> {
    std::thread::sleep(QUIET);
    let said = said(scene, from, level, loggers);
    anyhow::ensure!(said.is_empty(), "{said:?}");
    Ok(())
}

#[test]
fn at_first_every_logger_has_the_roots_level_and_nobody_has_changed_it() -> anyhow::Result<()> {
    let scene = Scene::new("loggers-list")?.start()?;
    let http = &scene.worker.connect().http;
    let all = all(http)?;
    anyhow::ensure!(all.len() >= 2 && all.contains_key("root") && all.contains_key(REST), "{all:?}");
    anyhow::ensure!(all.values().all(|l| *l == json!({"level": "INFO", "last_modified": null})), "{all:?}");
    anyhow::ensure!(all.keys().is_sorted(), "{all:?}");
    for name in ["root", "ROOT", REST] {
        let one = http.get(&format!("/admin/loggers/{name}"))?.expect(200)?;
        anyhow::ensure!(one == json!({"level": "INFO", "last_modified": null}), "{one}");
    }
    refused(&http.get("/admin/loggers/nobody")?, 404, "Logger nobody not found.")?;
    // A parent that nobody has set is no logger.
    let parent = "org.apache.kafka.connect";
    refused(&http.get(&format!("/admin/loggers/{parent}"))?, 404, &format!("Logger {parent} not found."))
}

#[test]
fn a_change_tells_which_loggers_have_another_level_now() -> anyhow::Result<()> {
    let scene = Scene::new("loggers-change")?.start()?;
    let http = &scene.worker.connect().http;
    let steps: [(&str, &str, &[&str]); 12] = [
        (SOURCE_TASK, "DEBUG", &[SOURCE_TASK]),
        (SOURCE_TASK, "DEBUG", &[]),
        // There from now on, and as it would have been anyway.
        ("some.new.logger", "INFO", &[]),
        ("some.new", "debug", &["some.new", "some.new.logger"]),
        ("some.new.logger", "OFF", &["some.new.logger"]),
        // What is off counts as changed every time.
        ("some.new.logger", "OFF", &["some.new.logger"]),
        ("some.new.logger", "ALL", &["some.new.logger"]),
        ("some.new.logger", "trAce", &["some.new.logger"]),
        ("some.new.logger", " INFO", &["some.new.logger"]),
        // By its letters, not by its dots.
        ("some.ne", "FATAL", &["some.ne", "some.new", "some.new.logger"]),
        ("some.new.logger", "WARN", &["some.new.logger"]),
        ("some.new.logger", "WARN", &[]),
    ];
    for (logger, level, changed) in steps {
        let before = millis()?;
        let answer = put(http, logger, level)?;
        anyhow::ensure!(answer == json!(changed), "{logger} {level}: {answer}");
        let shown = http.get(&format!("/admin/loggers/{logger}"))?.expect(200)?;
        anyhow::ensure!(shown["level"] == level.trim().to_uppercase(), "{logger} {level}: {shown}");
        let since = shown["last_modified"].as_i64();
        anyhow::ensure!(since.is_some_and(|since| since >= before) || changed.is_empty(), "{logger} {level}: {shown}");
        anyhow::ensure!(all(http)?.contains_key(logger) == (level != "OFF"), "{logger} {level}");
    }
    anyhow::ensure!(http.get("/admin/loggers/root")?.expect(200)?["last_modified"].is_null());
    let root = put(http, "Root", "WARN")?;
    let names: Vec<String> = all(http)?.keys().cloned().collect();
    let changed: Vec<&str> = root.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    anyhow::ensure!(changed.contains(&"root") && !changed.contains(&"some.new.logger"), "{root}");
    anyhow::ensure!(changed.is_sorted() && changed.len() + 1 == names.len(), "{root} of {names:?}");
    anyhow::ensure!(put(http, "root", "WARN")? == json!([]));
    Ok(())
}

#[test]
fn what_cannot_be_a_level_is_refused() -> anyhow::Result<()> {
    let scene = Scene::new("loggers-refused")?.start()?;
    let http = &scene.worker.connect().http;
    let ask = |body: Value| http.put("/admin/loggers/root", &body);
    let missing = "Desired 'level' parameter was not specified in request.";
    refused(&ask(json!({}))?, 400, missing)?;
    refused(&ask(json!({ "level": null }))?, 400, missing)?;
    refused(&ask(json!({ "level": "LOUD" }))?, 404, "invalid log level 'LOUD'.")?;
    refused(&ask(json!({ "level": 5 }))?, 404, "invalid log level '5'.")?;
    refused(&ask(json!({ "level": true }))?, 404, "invalid log level 'true'.")?;
    anyhow::ensure!(ask(json!({ "level": "INFO", "more": "words" }))?.expect(200)? == json!([]));
    Ok(())
}

#[test]
fn both_scopes_change_this_worker_and_one_of_them_says_so() -> anyhow::Result<()> {
    let scene = Scene::new("loggers-scopes")?.start()?;
    let http = &scene.worker.connect().http;
    for (scope, level, status) in [
        ("cluster", "ERROR", 204),
        ("CLUSTER", "WARN", 204),
        ("worker", "ERROR", 200),
        ("moon", "WARN", 200),
        ("", "DEBUG", 200),
    ] {
        let answer = http.put(&format!("/admin/loggers/a.b?scope={scope}"), &json!({ "level": level }))?;
        anyhow::ensure!(answer.status == status, "{scope}: {answer:?}");
        anyhow::ensure!(status == 204 && answer.body.is_empty() || answer.json()? == json!(["a.b"]), "{answer:?}");
        let shown = http.get("/admin/loggers/a.b")?.expect(200)?;
        anyhow::ensure!(shown["level"] == level, "{scope}: {shown}");
    }
    Ok(())
}

#[test]
fn a_running_task_says_more_until_it_is_told_to_stop_saying_it() -> anyhow::Result<()> {
    let scene = Scene::new("loggers-task")?.with_files()?.start()?;
    let http = &scene.worker.connect().http;
    lines::append(&scene.input(), 0, 10)?;
    scene.wait_for_lines(10, SOON)?;
    let of_task = [SOURCE_TASK, "watertight_worker::task::source"];
    never(&scene, 0, "DEBUG", &of_task)?;

    let from = scene.worker.log().len();
    put(http, SOURCE_TASK, "DEBUG")?;
    lines::append(&scene.input(), 10, 20)?;
    wait_for(&scene, from, "DEBUG", &of_task)?;

    put(http, SOURCE_TASK, "INFO")?;
    let from = scene.worker.log().len();
    lines::append(&scene.input(), 20, 30)?;
    scene.wait_for_lines(30, SOON)?;
    never(&scene, from, "DEBUG", &of_task)
}

#[test]
fn a_parent_raises_what_is_below_it() -> anyhow::Result<()> {
    let scene = Scene::new("loggers-parent")?.with_files()?.start()?;
    let http = &scene.worker.connect().http;
    scene.wait_running()?;
    let from = scene.worker.log().len();
    http.put("/admin/loggers/org.apache.kafka.connect?scope=cluster", &json!({"level": "DEBUG"}))?;
    lines::append(&scene.input(), 0, 10)?;
    wait_for(&scene, from, "DEBUG", &[SOURCE_TASK, "watertight_worker::task::source"])
}

#[test]
fn requests_are_not_logged_by_a_worker_that_was_told_so() -> anyhow::Result<()> {
    let scene = Scene::new("loggers-requests")?.start()?;
    let http = &scene.worker.connect().http;
    let requests = [REST, "watertight_rest::access"];
    wait_for(&scene, 0, "INFO", &requests)?;
    put(http, REST, "WARN")?;
    let from = scene.worker.log().len();
    http.get("/connectors")?.expect(200)?;
    never(&scene, from, "INFO", &requests)?;
    put(http, REST, "INFO")?;
    http.get("/connectors")?.expect(200)?;
    wait_for(&scene, from, "INFO", &requests)
}

#[test]
fn a_living_consumer_says_more_until_it_is_told_to_stop_saying_it() -> anyhow::Result<()> {
    let scene = Scene::new("loggers-consumer")?.with_files()?.start()?;
    let http = &scene.worker.connect().http;
    scene.wait_running()?;
    lines::append(&scene.input(), 0, 10)?;
    scene.wait_for_lines(10, SOON)?;
    let of_consumer = [CONSUMERS, "librdkafka::consumer"];
    let of_others = ["librdkafka::producer"];
    never(&scene, 0, "DEBUG", &of_consumer)?;

    let from = scene.worker.log().len();
    put(http, CONSUMERS, "DEBUG")?;
    wait_for(&scene, from, "DEBUG", &of_consumer)?;
    let others = said(&scene, from, "DEBUG", &of_others);
    anyhow::ensure!(others.is_empty(), "{others:?}");

    put(http, CONSUMERS, "INFO")?;
    // What was being written then may still arrive.
    std::thread::sleep(Duration::from_secs(1));
    let from = scene.worker.log().len();
    never(&scene, from, "DEBUG", &of_consumer)
}

/// Ours: the genuine worker has this connector in a jar of Kafka's own tests.
#[test]
fn a_running_plugin_says_more_by_the_name_of_its_class() -> anyhow::Result<()> {
    const CLASS: &str = "org.apache.kafka.connect.tools.MockSourceConnector";
    let mut scene = Scene::new("loggers-plugin")?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    scene.worker = scene.worker.with_test_guests();
    let scene = scene.start()?;
    let connect = scene.worker.connect();
    let mock = |name: &str| {
        Properties::new()
            .with("name", name)
            .with("connector.class", CLASS)
            .with("tasks.max", 1)
            .with("mock_mode", "task-failure")
            .with("delay_ms", 3000)
    };
    let fails = |name: &str| connect.wait_failed(name, SOON);
    connect.create(&mock("first"))?;
    connect.wait_running("first", SOON)?;
    put(&connect.http, CLASS, "DEBUG")?;
    fails("first")?;
    wait_for(&scene, 0, "DEBUG", &[CLASS])?;
    let heard = said(&scene, 0, "DEBUG", &[CLASS]);
    anyhow::ensure!(heard.len() == 1 && heard[0].contains("[first|task-0] triggering failure"), "{heard:?}");

    let from = scene.worker.log().len();
    connect.create(&mock("second"))?;
    connect.wait_running("second", SOON)?;
    put(&connect.http, CLASS, "INFO")?;
    fails("second")?;
    let heard = said(&scene, from, "DEBUG", &[CLASS]);
    anyhow::ensure!(heard.len() == 1 && heard[0].contains("failure scheduled"), "{heard:?}");
    Ok(())
}

/// Ours: a module's name means the loggers of Kafka that its lines are written under.
#[test]
fn modules_names_are_taken_too() -> anyhow::Result<()> {
    let scene = Scene::new("loggers-modules")?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let scene = scene.with_files()?.start()?;
    let http = &scene.worker.connect().http;
    let module = "watertight_worker::task::source";
    anyhow::ensure!(put(http, module, "DEBUG")? == json!([SOURCE_TASK]));
    anyhow::ensure!(http.get(&format!("/admin/loggers/{module}"))?.expect(200)?["level"] == "DEBUG");
    lines::append(&scene.input(), 0, 10)?;
    wait_for(&scene, 0, "DEBUG", &[module])
}

/// Ours: the environment says what is logged at first.
#[test]
fn the_environments_levels_are_where_changes_start_from() -> anyhow::Result<()> {
    let mut scene = Scene::new("loggers-environment")?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let script = scene.dir.join("worker.sh");
    let binary = watertight_harness::paths::binary("watertight");
    let levels = "warn,watertight_worker::task::source=debug,plugin=error";
    std::fs::write(&script, format!("#!/bin/sh\nWATERTIGHT_LOG='{levels}' exec '{}' \"$@\"\n", binary.display()))?;
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    scene.worker = scene.worker.with_binary(&script);
    let scene = scene.with_files()?.start()?;
    let http = &scene.worker.connect().http;
    let level = |name: &str| anyhow::Ok(http.get(&format!("/admin/loggers/{name}"))?.expect(200)?["level"].clone());
    anyhow::ensure!(level("root")? == "WARN" && level(SOURCE_TASK)? == "DEBUG" && level("plugin")? == "ERROR");
    anyhow::ensure!(all(http)?.values().all(|logger| logger["last_modified"].is_null()));
    scene.wait_running()?;
    lines::append(&scene.input(), 0, 10)?;
    wait_for(&scene, 0, "DEBUG", &["watertight_worker::task::source"])?;
    let requests = ["watertight_rest::access"];
    anyhow::ensure!(said(&scene, 0, "INFO", &requests).is_empty(), "{}", scene.worker.log());
    put(http, "root", "INFO")?;
    http.get("/connectors")?.expect(200)?;
    wait_for(&scene, 0, "INFO", &requests)
}

/// Kafka's system test of dynamic logging, for one worker.
#[test]
fn kafkas_own_test_of_dynamic_logging_passes() -> anyhow::Result<()> {
    let mut scene = Scene::new("loggers-kafkatest")?.start()?;
    let http = scene.worker.connect().http;
    let initial = all(&http)?;
    anyhow::ensure!(initial.len() >= 2 && initial.values().all(|logger| logger["last_modified"].is_null()));
    let first = initial.keys().find(|name| *name != "root").cloned().unwrap_or_default();
    let other = |level: &Value| if *level == "INFO" { "WARN" } else { "INFO" };
    let set = |logger: &str, level: &str, cluster: bool| -> anyhow::Result<i64> {
        let time = millis()?;
        let scope = if cluster { "?scope=cluster" } else { "" };
        let answer = http.put(&format!("/admin/loggers/{logger}{scope}"), &json!({ "level": level }))?;
        if cluster {
            anyhow::ensure!(answer.status == 204 && answer.body.is_empty(), "{answer:?}");
        } else {
            let names = answer.expect(200)?;
            let names: Vec<&str> = names.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            anyhow::ensure!(!names.is_empty() && names.iter().all(|name| name.starts_with(logger)), "{names:?}");
        }
        Ok(time)
    };
    let are_set = |namespace: &str, level: &str, since: i64| -> anyhow::Result<()> {
        let all = all(&http)?;
        let mut within = all.iter().filter(|(name, _)| name.starts_with(namespace)).peekable();
        anyhow::ensure!(within.peek().is_some(), "nothing in {namespace}");
        for (name, logger) in within {
            let time = logger["last_modified"].as_i64();
            anyhow::ensure!(logger["level"] == level && time.is_some_and(|time| time >= since), "{name}: {logger}");
        }
        Ok(())
    };
    let level = other(&http.get(&format!("/admin/loggers/{first}"))?.expect(200)?["level"]);
    let time = set(&first, level, false)?;
    are_set(&first, level, time)?;

    // Twice, so that every time is a new one.
    set("root", "DEBUG", true)?;
    let time = set("root", "INFO", true)?;
    are_set("root", "INFO", time)?;
    let time = set(&first, "DEBUG", true)?;
    are_set(&first, "DEBUG", time)?;

    let prior = all(&http)?;
    set(&first, "DEBUG", true)?;
    let outside = |(name, _): &(&String, &Value)| *name != "root" && !name.starts_with(&first);
    let (second, logger) = prior.iter().rfind(outside).ok_or_else(|| anyhow::anyhow!("{prior:?}"))?;
    let level = other(&logger["level"]);
    let time = set(second, level, true)?;
    are_set(second, level, time)?;
    // What was set to what it had already has kept its time.
    let now = all(&http)?;
    anyhow::ensure!(prior.iter().filter(|(name, _)| name.starts_with(&first)).all(|(name, was)| now[name] == *was));

    set("root", "DEBUG", true)?;
    let root = set("root", "INFO", true)?;
    are_set("root", "INFO", root)?;
    // The genuine worker has loggers that are made on first use.
    std::thread::sleep(Duration::from_millis(5));
    let time = set(second, "WARN", false)?;
    are_set(second, "WARN", time)?;
    for (name, logger) in all(&http)?.iter().filter(|(name, _)| !name.starts_with(second.as_str())) {
        let since = logger["last_modified"].as_i64().unwrap_or_default();
        anyhow::ensure!(logger["level"] == "INFO" && (root..time).contains(&since), "{name}: {logger}");
    }

    scene.worker.kill();
    scene.worker.start()?;
    anyhow::ensure!(all(&scene.worker.connect().http)? == initial);
    Ok(())
}
