//! Names that must be encoded in a path, and paths that are hard to read.

use super::case::{Case, case};
use super::run::encoded;
use serde_json::json;

/// A name, and what Kafka's web server says of its path.
const NAMES: [(&str, Option<&str>); 12] = [
    ("sp ace", None),
    ("uml-ä-日本", None),
    ("emoji-😀", None),
    ("question?x=1#f", None),
    ("plus+plus", None),
    ("dot.", None),
    ("quo\"te", None),
    ("a&b=c,d", None),
    ("at@x:y!z", None),
    ("par(en)'s*~_-$", None),
    ("angle<>[]|^`", None),
    ("back\\slash", Some("Suspicious Path Character")),
];

pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = NAMES.into_iter().map(named).collect();
    cases.extend([
        case("a slash in a name is no part of the path")
            .post("/connectors", r#"{"name":"{c}/x","config":{{source}}}"#)
            .has(201, json!({"name": "{c}/x"}))
            .header("location", "http://127.0.0.1:{port}/connectors/{c}/x")
            .differs("Location must lead to what was created")
            .has(201, json!({"name": "{c}/x"}))
            .header("location", "http://127.0.0.1:{port}/connectors/{c}%2Fx")
            .get("/connectors/{c}%2Fx/status")
            .html(400, "Ambiguous URI path separator")
            .differs("a connector that one can create must be one that one can reach")
            .has(200, json!({"name": "{c}/x"})),
        case("a percent in a name begins no escape")
            .post("/connectors", r#"{"name":"{c}%41","config":{{source}}}"#)
            .has(201, json!({"name": "{c}%41"}))
            .header("location", "http://127.0.0.1:{port}/connectors/{c}%41")
            .differs("Location must lead to what was created")
            .has(201, json!({"name": "{c}%41"}))
            .header("location", "http://127.0.0.1:{port}/connectors/{c}%2541")
            .get("/connectors/{c}%2541")
            .html(400, "Ambiguous URI path encoding")
            .differs("a connector that one can create must be one that one can reach")
            .has(200, json!({"name": "{c}%41"})),
        case("a semicolon may be in a name")
            .post("/connectors", r#"{"name":"{c};x","config":{{source}}}"#)
            .has(201, json!({"name": "{c};x"}))
            .header("location", "http://127.0.0.1:{port}/connectors/{c};x")
            .get("/connectors/{c}%3Bx")
            .has(200, json!({"name": "{c};x"})),
        case("braces in a name are letters like others")
            .post("/connectors", r#"{"name":"{c}{}","config":{{source}}}"#)
            .error(500, "Illegal character \"}\" at position <*>")
            .differs("the connector was created all the same")
            .has(201, json!({"name": "{c}{}"}))
            .header("location", "http://127.0.0.1:{port}/connectors/{c}%7B%7D")
            .get("/connectors/{c}%7B%7D")
            .has(200, json!({"name": "{c}{}"})),
        case("a name of 300 letters is a name")
            .post("/connectors", &format!(r#"{{"name":"{}","config":{{{{source}}}}}}"#, "L".repeat(300)))
            .status(201)
            .get(&format!("/connectors/{}/status", "L".repeat(300)))
            .has(200, json!({"connector": {"state": "RUNNING"}}))
            .soon(),
        case("a plus in a path is a plus").get("/connectors/sp+ace").error(404, "Connector sp+ace not found"),
        case("%2B in a path is a plus").get("/connectors/sp%2Bace").error(404, "Connector sp+ace not found"),
        case("letters may be encoded without need").get("/connectors/%61%62").error(404, "Connector ab not found"),
        case("small digits encode as well").get("/connectors/x%3fy").error(404, "Connector x?y not found"),
        case("a space in a path is a space").get("/connectors/x%20y/").error(404, "Connector x y not found"),
        case("what stands behind a semicolon is no part of the name")
            .get("/connectors/zz;v=1")
            .error(404, "Connector zz not found")
            .differs("a name may have a semicolon")
            .error(404, "Connector zz;v=1 not found"),
        case("a name of spaces in a path is an empty name").put("/connectors/%20/config", "{{source}}").status(400),
        case("PUT keeps the spaces of a name")
            .put("/connectors/%20{c}%20/config", "{{source}}")
            .has(201, json!({"name": " {c} "}))
            .header("location", "http://127.0.0.1:{port}/connectors/%20{c}%20")
            .get("/connectors/%20{c}%20")
            .status(200)
            .get("/connectors/{c}")
            .status(404),
        case("bytes that are no UTF-8 are no name")
            .get("/connectors/%FF")
            .html(400, "Bad UTF-8 encoding")
            .differs("JSON, as all errors")
            .status(400),
        case("half an escape is no path")
            .get("/connectors/zz%")
            .html(400, "Bad Request")
            .differs("JSON, as all errors")
            .status(400),
        case("an escape without digits is no path")
            .get("/connectors/zz%GG")
            .html(400, "Bad Request")
            .differs("JSON, as all errors")
            .status(400),
        case("a zero in a path is refused")
            .get("/connectors/a%00")
            .html(400, "Bad Request")
            .differs("JSON, as all errors")
            .status(400),
    ]);
    cases
}

fn named((name, refused): (&str, Option<&str>)) -> Case {
    let text = serde_json::Value::from(name).to_string();
    let path = format!("/connectors/{}", encoded(name));
    let made = case(&format!("{name} is a name"))
        .post("/connectors", &format!(r#"{{"name":{text},"config":{{{{source}}}}}}"#))
        .has(201, json!({"name": name, "config": {"name": name}}))
        .header("location", &format!("http://127.0.0.1:{{port}}{path}"))
        .get("/connectors")
        .has(200, json!([name]));
    match refused {
        None => made
            .get(&path)
            .has(200, json!({"name": name, "type": "source"}))
            .get(&format!("{path}/status"))
            .has(200, json!({"name": name, "tasks": [{"state": "RUNNING"}]}))
            .soon()
            .put(&format!("{path}/pause"), "")
            .empty(202)
            .delete(&path)
            .empty(204)
            .get(&path)
            .error(404, &format!("Connector {name} not found")),
        Some(words) => made
            .get(&path)
            .html(400, words)
            .differs("a connector that one can create must be one that one can reach")
            .has(200, json!({"name": name, "type": "source"}))
            .delete(&path)
            .empty(400)
            .differs("as above")
            .empty(204),
    }
}
