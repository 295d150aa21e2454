//! `PUT` and `PATCH /connectors/{c}/config`.

use super::case::{Case, case};
use super::words::*;
use serde_json::json;

const INFO: &str =
    r#"{"name":"{c}","config":{{source},"name":"{c}"},"tasks":[{"connector":"{c}","task":0}],"type":"source"}"#;

pub fn cases() -> Vec<Case> {
    let mut cases = put();
    cases.extend(patch());
    cases
}

fn put() -> Vec<Case> {
    let path = "/connectors/{c}/config";
    let mut cases = vec![
        case("PUT creates a connector that is not there")
            .put(path, "{{source}}")
            .text(201, INFO)
            .header("location", "http://127.0.0.1:{port}/connectors/{c}"),
        case("PUT of one that is there answers 200 and no place")
            .put(path, "{{source}}")
            .status(201)
            .put(path, "{{source}}")
            .text(200, INFO)
            .no_header("location"),
        case("PUT replaces all settings")
            .put(path, r#"{{source},"batch.size":"5"}"#)
            .status(201)
            .put(path, "{{source}}")
            .text(200, INFO)
            .get(path)
            .text(200, r#"{{source},"name":"{c}"}"#),
        case("PUT may give the name of the path").put(path, r#"{"name":"{c}",{source}}"#).status(201),
        case("PUT may not give another name")
            .put(path, r#"{{source},"name":"other"}"#)
            .error(400, &mismatch("other", "{c}"))
            .get("/connectors/{c}")
            .status(404),
        case("PUT takes numbers and booleans as texts")
            .put(path, r#"{{source},"tasks.max":1,"x.y":false,"x.z":1.5}"#)
            .has(201, json!({"config": {"tasks.max": "1", "x.y": "false", "x.z": "1.5"}})),
        case("PUT has no initial state")
            .put(path, r#"{{source},"initial_state":"PAUSED"}"#)
            .has(201, json!({"config": {"initial_state": "PAUSED"}, "tasks": [{"task": 0}]})),
        case("PUT with a wrong setting changes nothing")
            .put(path, "{{source}}")
            .status(201)
            .put(path, r#"{{source},"tasks.max":"none"}"#)
            .error(
                400,
                &invalid(&[
                    "Invalid value none for configuration tasks.max: Not a number of type INT",
                    NO_NULL_TASKS,
                ]),
            )
            .get("/connectors/{c}")
            .text(200, INFO),
        case("PUT without a required setting creates nothing")
            .put(path, r#"{"connector.class":"FileStreamSource","file":"{dir}/x"}"#)
            .error(400, &invalid(&[NO_TOPIC]))
            .get("/connectors/{c}")
            .error(404, "Connector {c} not found"),
        case("PUT of nothing names no class")
            .put(path, "{}")
            .error(400, "Connector config {name={c}} contains no connector type"),
        case("PUT of null for a setting is refused")
            .put(path, r#"{{source},"x.y":null}"#)
            .error(400, &invalid(&[NO_NULL])),
        case("PUT may make a sink of a source")
            .put(path, "{{source}}")
            .status(201)
            .put(path, "{{sink}}")
            .has(200, json!({"type": "sink"}))
            .get("/connectors/{c}/status")
            .has(
                200,
                json!({"connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "RUNNING"}], "type": "sink"}),
            )
            .soon(),
        case("PUT leaves a paused connector paused")
            .put(path, "{{source}}")
            .status(201)
            .put("/connectors/{c}/pause", "")
            .empty(202)
            .put(path, r#"{{source},"batch.size":"7"}"#)
            .status(200)
            .get("/connectors/{c}/status")
            .has(200, json!({"connector": {"state": "PAUSED"}, "tasks": [{"id": 0, "state": "PAUSED"}]}))
            .soon(),
        case("PUT leaves a stopped connector stopped")
            .put(path, "{{source}}")
            .status(201)
            .put("/connectors/{c}/stop", "")
            .empty(204)
            .put(path, r#"{{source},"batch.size":"7"}"#)
            .has(200, json!({"config": {"batch.size": "7"}}))
            .get("/connectors/{c}/status")
            .has(200, json!({"connector": {"state": "STOPPED"}}))
            .soon()
            .get("/connectors/{c}/tasks")
            .text(200, "[]"),
        case("tasks come and go with tasks.max")
            .put(path, "{{sink}}")
            .status(201)
            .put(path, r#"{{sink},"tasks.max":"3"}"#)
            .has(200, json!({"tasks": [{"task": 0}, {"task": 1}, {"task": 2}]}))
            .get("/connectors/{c}/status")
            .text(200, r#"<*>"tasks":[{"id":0,"state":"RUNNING",<*>},{"id":1,"state":"RUNNING",<*>},{"id":2,"state":"RUNNING",<*>}],"type":"sink"}"#)
            .soon()
            .put(path, r#"{{sink},"tasks.max":"2"}"#)
            .has(200, json!({"tasks": [{"task": 0}, {"task": 1}]}))
            .get("/connectors/{c}/status")
            .text(200, r#"<*>"tasks":[{"id":0,"state":"RUNNING",<*>},{"id":1,"state":"RUNNING",<*>}],"type":"sink"}"#)
            .soon()
            .get("/connectors/{c}/tasks/2/status")
            .error(404, "No status found for task {c}-2")
            .patch(path, r#"{"tasks.max":null}"#)
            .has(200, json!({"tasks": [{"task": 0}]}))
            .get("/connectors/{c}/tasks")
            .text(200, r#"[{"id":{"connector":"{c}","task":0},<*>}]"#),
        case("one source has one task, whatever tasks.max says")
            .put(path, r#"{{source},"tasks.max":"5"}"#)
            .text(201, r#"{"name":"{c}","config":{{source},"tasks.max":"5","name":"{c}"},"tasks":[{"connector":"{c}","task":0}],"type":"source"}"#),
        case("a slash behind config changes nothing").put("/connectors/{c}/config/", "{{source}}").text(201, INFO),
    ];
    cases.extend(shapes("PUT"));
    cases
}

/// What neither takes.
fn shapes(method: &'static str) -> Vec<Case> {
    let null = if method == "PUT" { NO_CONFIG } else { NO_PATCH };
    [
        ("an empty body", "", null),
        ("null", "null", null),
        ("a list", "[]", MAP_FROM_LIST),
        ("a text", r#""x""#, MAP_FROM_TEXT),
        ("half an object", r#"{"a":"#, ENDS_EARLY),
        ("an object in an object", r#"{"x.y":{}}"#, TEXT_FROM_OBJECT),
        ("a list in an object", r#"{"x.y":[1]}"#, TEXT_FROM_LIST),
    ]
    .into_iter()
    .map(|(what, body, kafka)| {
        case(&format!("{method} of {what} changes nothing"))
            .source("")
            .send(method, "/connectors/{c}/config", Some(body))
            .error(500, kafka)
            .differs(CLIENTS_MISTAKE)
            .error(400, "<*>")
            .get("/connectors/{c}/config")
            .text(200, r#"{{source},"name":"{c}"}"#)
    })
    .collect()
}

fn patch() -> Vec<Case> {
    let path = "/connectors/{c}/config";
    let patched = |name: &str, patch: &str, then: serde_json::Value| {
        case(name)
            .source(r#","batch.size":"5""#)
            .patch(path, patch)
            .json(
                200,
                json!({
                    "name": "{c}", "config": then, "tasks": [{"connector": "{c}", "task": 0}], "type": "source"
                }),
            )
            .get(path)
            .json(200, then)
    };
    let config = |more: serde_json::Value| {
        let mut all = json!({
            "name": "{c}", "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
            "file": "{dir}/{c}.in", "topic": "{c}", "batch.size": "5"
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            match (value.is_null(), all.as_object_mut()) {
                (true, Some(all)) => drop(all.shift_remove(key)),
                (false, Some(all)) => drop(all.insert(key.clone(), value.clone())),
                (_, None) => {}
            }
        }
        all
    };
    let mut cases = vec![
        patched("PATCH changes what it names", r#"{"topic":"other"}"#, config(json!({"topic": "other"}))),
        patched("PATCH adds what was not there", r#"{"x.y":true}"#, config(json!({"x.y": "true"}))),
        patched("PATCH with null removes", r#"{"batch.size":null}"#, config(json!({"batch.size": null}))),
        patched("PATCH may remove what was not there", r#"{"x.y":null}"#, config(json!({}))),
        patched("PATCH of nothing changes nothing", "{}", config(json!({}))),
        patched("PATCH may give the name as it is", r#"{"name":"{c}"}"#, config(json!({}))),
        case("PATCH that leaves something missing changes nothing")
            .source("")
            .patch(path, r#"{"topic":null,"batch.size":"9"}"#)
            .error(400, &invalid(&[NO_TOPIC]))
            .get(path)
            .text(200, r#"{{source},"name":"{c}"}"#),
        case("PATCH may not take the name away")
            .source("")
            .patch(path, r#"{"name":null}"#)
            .error(400, &invalid(&[r#"Missing required configuration "name" which has no default value."#])),
        case("PATCH may not take the class away")
            .source("")
            .patch(path, r#"{"connector.class":null}"#)
            .error(400, "Connector config {<*>} contains no connector type"),
        case("PATCH may make a sink of a source")
            .source("")
            .patch(path, r#"{"connector.class":"FileStreamSink","topics":"t"}"#)
            .has(200, json!({"type": "sink", "config": {"topic": "{c}", "topics": "t"}})),
        case("PATCH never creates a connector")
            .patch(path, "{{source}}")
            .error(404, "Connector {c} not found")
            .get("/connectors/{c}")
            .status(404),
        case("PATCH of nothing for nobody is not found either").patch(path, "{}").error(404, "Connector {c} not found"),
        case("PATCH with another name")
            .source("")
            .patch(path, r#"{"name":"other"}"#)
            .has(200, json!({"name": "{c}", "config": {"name": "other"}}))
            .differs("a connector has one name")
            .error(400, &mismatch("other", "{c}")),
        case("PATCH leaves a paused connector paused")
            .source("")
            .put("/connectors/{c}/pause", "")
            .empty(202)
            .patch(path, r#"{"batch.size":"7"}"#)
            .status(200)
            .get("/connectors/{c}/status")
            .has(200, json!({"connector": {"state": "PAUSED"}, "tasks": [{"id": 0, "state": "PAUSED"}]}))
            .soon(),
        case("PATCH keeps references as they are")
            .source(r#","x.y":"${none:a}""#)
            .patch(path, r#"{"x.z":"${none:b}"}"#)
            .has(200, json!({"config": {"x.y": "${none:a}", "x.z": "${none:b}"}})),
    ];
    cases.extend(shapes("PATCH"));
    cases
}
