//! What is read of connectors and tasks: lists, expansions, settings, states, topics.

use super::case::{Case, case};
use serde_json::json;

const STATUS: &str = r#"{"name":"{c}","connector":{"state":"RUNNING","worker_id":"127.0.0.1:{port}","version":"<*>"},"tasks":[{"id":0,"state":"RUNNING","worker_id":"127.0.0.1:{port}","version":"<*>"}],"type":"sink"}"#;
const INFO: &str =
    r#"{"name":"{c}","config":{{sink},"name":"{c}"},"tasks":[{"connector":"{c}","task":0}],"type":"sink"}"#;

/// One that runs.
fn running(name: &str) -> Case {
    case(name).sink("").get("/connectors/{c}/status").text(200, STATUS).soon()
}

/// Likewise, with nobody beside it.
fn alone(name: &str) -> Case {
    running(name).alone()
}

pub fn cases() -> Vec<Case> {
    let mut cases = lists();
    cases.extend(one());
    cases.extend(nobody());
    cases
}

fn lists() -> Vec<Case> {
    let running = |name: &str| alone(name);
    let both = format!(r#"{{"{{c}}":{{"status":{STATUS},"info":{INFO}}}}}"#);
    let info = format!(r#"{{"{{c}}":{{"info":{INFO}}}}}"#);
    let mut cases = vec![
        case("without connectors, the list is empty").alone().get("/connectors").text(200, "[]"),
        case("without connectors, the expanded list is an empty object")
            .alone()
            .get("/connectors?expand=info")
            .text(200, "{}"),
        running("a list holds names").get("/connectors").text(200, r#"["{c}"]"#),
        running("a list with a slash behind it is the list").get("/connectors/").text(200, r#"["{c}"]"#),
        running("expand=status shows what is asked for alone")
            .get("/connectors?expand=status")
            .text(200, &format!(r#"{{"{{c}}":{{"status":{STATUS}}}}}"#)),
        running("expand=info shows what is asked for alone").get("/connectors?expand=info").text(200, &info),
        running("expand=status and expand=info show both")
            .get("/connectors?expand=status&expand=info")
            .text(200, &both),
        running("expansions may come in any order")
            .get("/connectors?expand=info&expand=status")
            .has(200, json!({"{c}": {"status": {"name": "{c}"}, "info": {"name": "{c}"}}})),
        running("an expansion may be asked for twice").get("/connectors?expand=info&expand=info").text(200, &info),
        running("an expansion may be encoded").get("/connectors?expand=%69nfo").text(200, &info),
        running("an unknown expansion beside a known one is ignored")
            .get("/connectors?expand=bogus&expand=info")
            .text(200, &info),
        running("expand is no other word for EXPAND").get("/connectors?EXPAND=info").text(200, r#"["{c}"]"#),
        case("the list holds sources and sinks")
            .source("")
            .put("/connectors/{c}-2/config", "{{sink}}")
            .status(201)
            .get("/connectors")
            .has(200, json!(["{c}", "{c}-2"]))
            .get("/connectors?expand=info")
            .has(200, json!({"{c}": {"info": {"type": "source"}}, "{c}-2": {"info": {"type": "sink"}}})),
        running("HEAD of the list has no body").send("HEAD", "/connectors", None).empty(200),
    ];
    cases.extend(["?expand", "?expand=", "?expand=bogus", "?expand=INFO", "?expand=info,status", "?expand=tasks"].map(
        |query| {
            running(&format!("{query} names no expansion"))
                .get(&format!("/connectors{query}"))
                .text(200, r#"{"{c}":{}}"#)
        },
    ));
    cases
}

fn one() -> Vec<Case> {
    let task = r#"{"id":0,"state":"RUNNING","worker_id":"127.0.0.1:{port}","version":"<*>"}"#;
    let mut cases = vec![
        running("a connector is name, settings, tasks and type").get("/connectors/{c}").text(200, INFO),
        running("a slash behind a connector changes nothing").get("/connectors/{c}/").text(200, INFO),
        running("its settings are what was given, and its name")
            .get("/connectors/{c}/config")
            .text(200, r#"{{sink},"name":"{c}"}"#),
        running("a slash behind its status changes nothing").get("/connectors/{c}/status/").text(200, STATUS),
        case("a source's tasks are ids with settings").source("").get("/connectors/{c}/tasks").json(
            200,
            json!([{"id": {"connector": "{c}", "task": 0}, "config": {
                "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
                "task.class": "org.apache.kafka.connect.file.FileStreamSourceTask",
                "file": "{dir}/{c}.in", "topic": "{c}", "name": "{c}"
            }}]),
        ),
        running("a task's id comes before its settings")
            .get("/connectors/{c}/tasks/")
            .text(200, r#"[{"id":{"connector":"{c}","task":0},"config":{<*>}}]"#),
        case("a sink's tasks have its topics")
            .sink(r#","errors.log.enable":"true""#)
            .get("/connectors/{c}/tasks")
            .json(
                200,
                json!([{"id": {"connector": "{c}", "task": 0}, "config": {
                    "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
                    "task.class": "org.apache.kafka.connect.file.FileStreamSinkTask",
                    "file": "{dir}/{c}.out", "topics": "{c}", "name": "{c}", "errors.log.enable": "true"
                }}]),
            ),
        running("a task has a status of its own").get("/connectors/{c}/tasks/0/status").text(200, task),
        running("a task's number may have zeros in front").get("/connectors/{c}/tasks/00/status").text(200, task),
        running("a task's number may have a plus in front").get("/connectors/{c}/tasks/+0/status").text(200, task),
        running("a task that is not there has no status")
            .get("/connectors/{c}/tasks/1/status")
            .error(404, "No status found for task {c}-1"),
        running("a task of a negative number has no status")
            .get("/connectors/{c}/tasks/-1/status")
            .error(404, "No status found for task {c}--1"),
        running("HEAD of a status has no body").send("HEAD", "/connectors/{c}/status", None).empty(200),
        running("HEAD of a connector has no body").send("HEAD", "/connectors/{c}", None).empty(200),
        running("a connector that has produced nothing has no topics")
            .get("/connectors/{c}/topics")
            .text(200, r#"{"{c}":{"topics":[]}}"#),
        running("topics may be reset").put("/connectors/{c}/topics/reset", "").empty(202),
        running("topics may be reset with a body")
            .put("/connectors/{c}/topics/reset", "{}")
            .empty(202)
            .put("/connectors/{c}/topics/reset/", "")
            .empty(202),
        running("a connector without offsets has none").get("/connectors/{c}/offsets").text(200, r#"{"offsets":[]}"#),
        running("a slash behind offsets changes nothing")
            .get("/connectors/{c}/offsets/")
            .text(200, r#"{"offsets":[]}"#),
        case("three sinks' tasks come in order")
            .sink(r#","tasks.max":"3""#)
            .get("/connectors/{c}/status")
            .has(200, json!({"tasks": [{"id": 0, "state": "RUNNING"}, {"id": 1, "state": "RUNNING"}, {"id": 2, "state": "RUNNING"}]}))
            .soon()
            .get("/connectors/{c}/status")
            .text(200, r#"<*>"tasks":[{"id":0,<*>},{"id":1,<*>},{"id":2,<*>}],"type":"sink"}"#)
            .get("/connectors/{c}")
            .text(200, r#"<*>"tasks":[{"connector":"{c}","task":0},{"connector":"{c}","task":1},{"connector":"{c}","task":2}],"type":"sink"}"#)
            .get("/connectors/{c}/tasks/2/status")
            .has(200, json!({"id": 2})),
    ];
    cases.extend(["x", "99999999999", "0.0", "%20", "0x0", "null"].map(|number| {
        running(&format!("{number} is no task's number"))
            .get(&format!("/connectors/{{c}}/tasks/{number}/status"))
            .error(404, "HTTP 404 Not Found")
    }));
    cases
}

fn nobody() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        ("GET", "/connectors/{c}", "Connector {c} not found"),
        ("GET", "/connectors/{c}/config", "Connector {c} not found"),
        ("GET", "/connectors/{c}/tasks", "Connector {c} not found"),
        ("GET", "/connectors/{c}/status", "No status found for connector {c}"),
        ("GET", "/connectors/{c}/tasks/0/status", "No status found for task {c}-0"),
        ("GET", "/connectors/{c}/offsets", "Connector {c} not found"),
        ("DELETE", "/connectors/{c}", "Connector {c} not found"),
        ("DELETE", "/connectors/{c}/offsets", "Connector {c} not found"),
        ("PUT", "/connectors/{c}/pause", "Unknown connector {c}"),
        ("PUT", "/connectors/{c}/resume", "Unknown connector {c}"),
        ("POST", "/connectors/{c}/restart?includeTasks=true", "Unknown connector: {c}"),
        ("POST", "/connectors/{c}/restart?onlyFailed=true", "Unknown connector: {c}"),
    ]
    .into_iter()
    .map(|(method, path, message)| {
        case(&format!("{method} {path} of nobody is not found")).send(method, path, None).error(404, message)
    })
    .collect();
    cases.extend([
        case("HEAD of nobody is not found, without a body").send("HEAD", "/connectors/{c}", None).empty(404),
        case("nobody's topics are none").get("/connectors/{c}/topics").text(200, r#"{"{c}":{"topics":[]}}"#),
        case("nobody's topics may be reset").put("/connectors/{c}/topics/reset", "").empty(202),
        case("nobody cannot be stopped")
            .put("/connectors/{c}/stop", "")
            .error(500, "No connector `{c}` configured")
            .differs("not found, as for pause and resume")
            .error(404, "Unknown connector {c}"),
        case("nobody cannot be restarted")
            .post("/connectors/{c}/restart", "")
            .error(500, r#"Cannot invoke "java.util.Map.get(Object)" because "connProps" is null"#)
            .differs("not found, in the words of a restart with tasks")
            .error(404, "Unknown connector: {c}"),
        case("nobody's task cannot be restarted")
            .post("/connectors/{c}/tasks/0/restart", "")
            .error(500, "Failed to start task {c}-0 since it is not a recognizable type (source or sink)")
            .differs("not found, as everything of nobody's")
            .error(404, "Connector {c} not found"),
        case("nobody's task has no number").get("/connectors/{c}/tasks/x/status").error(404, "HTTP 404 Not Found"),
    ]);
    cases
}
