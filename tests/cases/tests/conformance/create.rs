//! `POST /connectors`.

use super::case::{Case, case};
use super::words::*;
use serde_json::json;

/// `GET /connectors/{c}` of a file source in state RUNNING.
const INFO: &str =
    r#"{"name":"{c}","config":{{source},"name":"{c}"},"tasks":[{"connector":"{c}","task":0}],"type":"source"}"#;

pub fn cases() -> Vec<Case> {
    let mut cases = bodies();
    cases.extend(names());
    cases.extend(values());
    cases.extend(initial_states());
    cases
}

fn names() -> Vec<Case> {
    vec![
        case("a created connector is answered as it is, with its place")
            .post("/connectors", r#"{"name":"{c}","config":{{source}}}"#)
            .text(201, INFO)
            .header("location", "http://127.0.0.1:{port}/connectors/{c}")
            .header("content-type", "application/json")
            .get("/connectors/{c}")
            .text(200, INFO),
        case("a slash behind connectors changes nothing")
            .post("/connectors/", r#"{"name":"{c}","config":{{source}}}"#)
            .text(201, INFO)
            .header("location", "http://127.0.0.1:{port}/connectors/{c}"),
        case("the forward parameter is for workers of a cluster")
            .post("/connectors?forward=false", r#"{"name":"{c}","config":{{source}}}"#)
            .text(201, INFO),
        case("a connector is created once")
            .source("")
            .post("/connectors", r#"{"name":"{c}","config":{{source}}}"#)
            .error(409, "Connector {c} already exists"),
        case("a duplicate is told of its mistakes before it is told that it exists")
            .source("")
            .post("/connectors", r#"{"name":"{c}","config":{{source},"tasks.max":"0"}}"#)
            .error(400, &invalid(&["Invalid value 0 for configuration tasks.max: Value must be at least 1"])),
        case("spaces around a name are taken off")
            .post("/connectors", r#"{"name":"  {c}\t ","config":{{source}}}"#)
            .text(201, INFO)
            .header("location", "http://127.0.0.1:{port}/connectors/{c}"),
        case("the name in the settings may be given too")
            .post("/connectors", r#"{"name":"{c}","config":{"name":"{c}",{source}}}"#)
            .text(201, r#"{"name":"{c}","config":{"name":"{c}",{source}},"tasks":[{"connector":"{c}","task":0}],"type":"source"}"#),
        case("another name in the settings is refused")
            .post("/connectors", r#"{"name":"{c}","config":{{source},"name":"other"}}"#)
            .error(400, &mismatch("other", "{c}")),
        case("a name in the settings is compared with its spaces")
            .post("/connectors", r#"{"name":"{c}","config":{{source},"name":" {c} "}}"#)
            .error(400, &mismatch(" {c} ", "{c}")),
        case("without a name, that of the settings does not match the empty one")
            .post("/connectors", r#"{"config":{{source},"name":"{c}"}}"#)
            .error(400, &mismatch("{c}", "")),
        case("a missing name is an empty one").post("/connectors", r#"{"config":{{source}}}"#).error(400, &invalid(&[EMPTY_NAME])),
        case("a null name is an empty one")
            .post("/connectors", r#"{"name":null,"config":{{source}}}"#)
            .error(400, &invalid(&[EMPTY_NAME])),
        case("an empty name is refused")
            .post("/connectors", r#"{"name":"","config":{{source}}}"#)
            .error(400, &invalid(&[EMPTY_NAME])),
        case("a name of spaces is an empty one")
            .post("/connectors", r#"{"name":"   ","config":{{source}}}"#)
            .error(400, &invalid(&[EMPTY_NAME])),
        case("a line end in a name is refused")
            .post("/connectors", r#"{"name":"a\nb","config":{{source}}}"#)
            .error(400, &control("a\nb", "10")),
        case("each control character in a name is named")
            .post("/connectors", r#"{"name":"a\tb\u007fc\u0001d","config":{{source}}}"#)
            .error(400, &control("a\tb\u{7f}c\u{1}d", "9, 127, 1")),
        case("a number as a name is its text")
            .post("/connectors", r#"{"name":7,"config":{{source}}}"#)
            .has(201, json!({"name": "7"}))
            .header("location", "http://127.0.0.1:{port}/connectors/7")
            .get("/connectors/7")
            .status(200),
        case("a boolean as a name is its text")
            .post("/connectors", r#"{"name":true,"config":{{source}}}"#)
            .has(201, json!({"name": "true", "config": {"name": "true"}})),
        case("of two names the last one counts")
            .post("/connectors", r#"{"name":"first","name":"{c}","config":{{source}}}"#)
            .text(201, INFO),
    ]
}

fn bodies() -> Vec<Case> {
    let wrong = |name: &str, body: &str, kafka: &str, ours: &str| {
        case(name)
            .alone()
            .post("/connectors", body)
            .error(500, kafka)
            .differs(CLIENTS_MISTAKE)
            .error(400, ours)
            .get("/connectors")
            .text(200, "[]")
    };
    vec![
        wrong("an empty body creates nothing", "", NO_REQUEST, "<*>"),
        wrong("null creates nothing", "null", NO_REQUEST, "<*>"),
        wrong("a list creates nothing", "[]", REQUEST_FROM_LIST, "<*>"),
        wrong("a text creates nothing", r#""x""#, "Cannot construct instance of `<*>`<*>", "<*>"),
        wrong("a number creates nothing", "1", "Cannot construct instance of `<*>`<*>", "<*>"),
        wrong("a body that ends early creates nothing", "{", ENDS_EARLY, "<*>line 1<*>"),
        wrong("a body with something behind it creates nothing", "{} {}", "Trailing token (of type START_OBJECT) found after value<*>", "<*>"),
        wrong("a body that is no JSON creates nothing", "name=x", "Unrecognized token 'name'<*>", "<*>line 1 column 2<*>"),
        wrong("a comma too much is a mistake", r#"{"name":"x",}"#, "Unexpected character ('}' (code 125))<*>", "<*>line 1<*>"),
        wrong("single quotes are no JSON", "{'name':'x'}", "Unexpected character (''' (code 39))<*>", "<*>line 1<*>"),
        wrong("a comment is no JSON", "/* x */ {}", "Unexpected character ('/' (code 47))<*>", "<*>line 1<*>"),
        wrong("an object without anything creates nothing", "{}", NO_CONFIG, "<*>config<*>"),
        wrong("a connector needs settings", r#"{"name":"x"}"#, NO_CONFIG, "<*>config<*>"),
        wrong("settings of null are none", r#"{"name":"x","config":null}"#, NO_CONFIG, "<*>config<*>"),
        wrong("a list is no settings", r#"{"name":"x","config":[]}"#, MAP_FROM_LIST, "<*>settings<*>"),
        wrong("a text is no settings", r#"{"name":"x","config":"y"}"#, MAP_FROM_TEXT, "<*>settings<*>"),
        wrong("a field that nobody knows is refused by name", r#"{"name":"{c}","config":{{source}},"extra":1}"#, UNKNOWN_FIELD, "<*>extra<*>"),
        wrong("offsets cannot be given at creation", r#"{"name":"{c}","config":{{source}},"initial_offsets":[]}"#, r#"Unrecognized field "initial_offsets"<*>"#, "<*>initial_offsets<*>"),
        wrong("a list is no name", r#"{"name":["x"],"config":{{source}}}"#, TEXT_FROM_LIST, "<*>name<*>"),
        wrong("an object is no name", r#"{"name":{"x":1},"config":{{source}}}"#, TEXT_FROM_OBJECT, "<*>name<*>"),
        wrong("an object is no setting", r#"{"name":"{c}","config":{{source},"x.y":{"a":1}}}"#, TEXT_FROM_OBJECT, "<*>x.y<*>"),
        wrong("a list is no setting", r#"{"name":"{c}","config":{{source},"x.y":["a"]}}"#, TEXT_FROM_LIST, "<*>x.y<*>"),
        case("empty settings name no class")
            .post("/connectors", r#"{"name":"{c}","config":{}}"#)
            .error(400, "Connector config {name={c}} contains no connector type"),
        case("a class that nobody has is refused with those that are there")
            .post("/connectors", r#"{"name":"{c}","config":{"connector.class":"no.such.Connector"}}"#)
            .error(400, &NO_SUCH_CLASS.replace("{}", "no.such.Connector")),
        case("a required setting that is missing is named")
            .post("/connectors", r#"{"name":"{c}","config":{"connector.class":"FileStreamSource","file":"{dir}/x"}}"#)
            .error(400, &invalid(&[NO_TOPIC]))
            .get("/connectors/{c}")
            .error(404, "Connector {c} not found"),
        case("all mistakes are told at once")
            .post("/connectors", r#"{"name":"{c}","config":{"connector.class":"FileStreamSource","file":"{dir}/x","tasks.max":"0","errors.tolerance":"some"}}"#)
            .error(400, "Connector configuration is invalid and contains the following 3 error(s):\n<*>"),
        case("a body of nine megabytes is taken by Kafka alone")
            .post("/connectors", &format!(r#"{{"name":"{{c}}","config":{{{{source}},"filler":"{}"}}}}"#, "x".repeat(9 << 20)))
            .status(201)
            .differs("one request could fill the worker's memory")
            .error(413, "<*>rest.max.body.bytes<*>"),
        case("a body of a megabyte is taken")
            .post("/connectors", &format!(r#"{{"name":"{{c}}","config":{{{{source}},"filler":"{}"}}}}"#, "x".repeat(1 << 20)))
            .status(201),
    ]
}

fn values() -> Vec<Case> {
    let stored = |name: &str, given: &str, kept: &str| {
        case(name)
            .post("/connectors", &format!(r#"{{"name":"{{c}}","config":{{{{source}},"x.y":{given}}}}}"#))
            .status(201)
            .get("/connectors/{c}/config")
            .text(200, &format!(r#"{{{{source}},"x.y":{kept},"name":"{{c}}"}}"#))
    };
    vec![
        stored("an integer becomes text", "100", r#""100""#),
        stored("a large integer keeps its digits", "12345678901234567890123", r#""12345678901234567890123""#),
        stored("a fraction keeps its digits", "1.50", r#""1.50""#),
        stored("an exponent stays one", "1e3", r#""1e3""#),
        stored("a negative zero stays negative", "-0", r#""-0""#),
        stored("true becomes text", "true", r#""true""#),
        stored("false becomes text", "false", r#""false""#),
        stored("an empty text stays one", r#""""#, r#""""#),
        stored("spaces of a value are kept", r#""  a  ""#, r#""  a  ""#),
        stored("a value may have line ends", r#""a\nb""#, r#""a\nb""#),
        stored("a value may be in any script", r#""ärger 日本""#, r#""ärger 日本""#),
        stored("an escape in a value is read", r#""\u0041\/""#, r#""A/""#),
        stored("a reference stays as it is", r#""${none:key}""#, r#""${none:key}""#),
        case("of two values of a key the last one counts")
            .post("/connectors", r#"{"name":"{c}","config":{{source},"topic":"twice"}}"#)
            .status(201)
            .get("/connectors/{c}/config")
            .has(200, json!({"topic": "twice"})),
        case("a setting may not be null")
            .post("/connectors", r#"{"name":"{c}","config":{{source},"x.y":null}}"#)
            .error(400, &invalid(&[NO_NULL])),
        case("a known setting of null is told twice")
            .post("/connectors", r#"{"name":"{c}","config":{{source},"tasks.max":null}}"#)
            .error(400, &invalid(&[NO_NULL_TASKS, NO_NULL])),
        case("an alias of a class is kept as it was given")
            .post("/connectors", r#"{"name":"{c}","config":{"connector.class":"FileStreamSource","file":"{dir}/x","topic":"t"}}"#)
            .has(201, json!({"config": {"connector.class": "FileStreamSource"}, "type": "source"})),
        case("a class may be given by its simple name")
            .post("/connectors", r#"{"name":"{c}","config":{"connector.class":"FileStreamSinkConnector","file":"{dir}/x","topics":"t"}}"#)
            .has(201, json!({"config": {"connector.class": "FileStreamSinkConnector"}, "type": "sink"})),
    ]
}

fn initial_states() -> Vec<Case> {
    let begins = |given: &str, state: &str| {
        let tasks = if state == "RUNNING" { r#"[{"connector":"{c}","task":0}]"# } else { "[]" };
        let states = if state == "RUNNING" {
            r#"[{"id":0,"state":"RUNNING","worker_id":"127.0.0.1:{port}","version":"<*>"}]"#
        } else {
            "[]"
        };
        case(&format!("a connector created as {given} begins {state}"))
            .post("/connectors", &format!(r#"{{"name":"{{c}}","config":{{{{source}}}},"initial_state":{given}}}"#))
            .text(201, &INFO.replace(r#"[{"connector":"{c}","task":0}]"#, tasks))
            .get("/connectors/{c}/status")
            .text(200, &format!(r#"{{"name":"{{c}}","connector":{{"state":"{state}","worker_id":"127.0.0.1:{{port}}","version":"<*>"}},"tasks":{states},"type":"source"}}"#))
            .soon()
            .get("/connectors/{c}/tasks")
            .text(200, if state == "RUNNING" { "[{<*>}]" } else { "[]" })
    };
    let mut cases = vec![
        begins(r#""RUNNING""#, "RUNNING"),
        begins(r#""PAUSED""#, "PAUSED"),
        begins(r#""STOPPED""#, "STOPPED"),
        begins(r#""running""#, "RUNNING"),
        begins(r#""Paused""#, "PAUSED"),
        begins(r#""sToPpEd""#, "STOPPED"),
        begins("null", "RUNNING"),
    ];
    cases.extend(
        [r#""""#, r#""UNASSIGNED""#, r#""FAILED""#, r#""bogus""#, r#"" PAUSED""#, "1", "true", "[]", "{}"].map(
            |given| {
                case(&format!("{given} is no state to begin in"))
                    .post(
                        "/connectors",
                        &format!(r#"{{"name":"{{c}}","config":{{{{source}}}},"initial_state":{given}}}"#),
                    )
                    .text(500, r#"{"error_code":500,"message":"<*>CreateConnectorRequest$InitialState<*>"}"#)
                    .differs(CLIENTS_MISTAKE)
                    .error(400, "<*>initial_state<*>")
                    .get("/connectors/{c}/status")
                    .error(404, "No status found for connector {c}")
            },
        ),
    );
    cases
}
