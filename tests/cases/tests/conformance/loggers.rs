//! `/admin/loggers`, with names that both workers know and names that nobody had before.

use super::case::{Case, case};
use super::words::*;
use serde_json::json;

pub fn cases() -> Vec<Case> {
    let path = "/admin/loggers/test.{c}.logger";
    let set = |level: &str| format!(r#"{{"level":"{level}"}}"#);
    let changed = r#"["test.{c}.logger"]"#;
    let mut cases = vec![
        case("loggers are levels and times of change")
            .get("/admin/loggers")
            .text(200, r#"{"<*>":{"level":"<*>","last_modified":<*>}<*>}"#),
        case("the root is among them, untouched")
            .get("/admin/loggers")
            .has(200, json!({"root": {"level": "INFO", "last_modified": null}})),
        case("a slash behind them changes nothing").get("/admin/loggers/").has(200, json!({"root": {"level": "INFO"}})),
        case("a logger is a level and a time of change")
            .get("/admin/loggers/root")
            .text(200, r#"{"level":"INFO","last_modified":null}"#),
        case("the root in capitals is the root")
            .get("/admin/loggers/ROOT")
            .text(200, r#"{"level":"INFO","last_modified":null}"#),
        case("a logger that nobody has is not found")
            .get("/admin/loggers/no.such.logger")
            .error(404, "Logger no.such.logger not found."),
        case("a level may be set for a name that nobody had")
            .put(path, &set("DEBUG"))
            .text(200, changed)
            .get(path)
            .text(200, r#"{"level":"DEBUG","last_modified":<*>}"#)
            .get("/admin/loggers")
            .has(200, json!({"test.{c}.logger": {"level": "DEBUG"}})),
        case("a level that it has already changes nothing")
            .put(path, &set("DEBUG"))
            .text(200, changed)
            .put(path, &set("DEBUG"))
            .text(200, "[]"),
        case("a level may be in small letters")
            .put(path, &set("error"))
            .text(200, changed)
            .get(path)
            .has(200, json!({"level": "ERROR"})),
        case("a level goes to those below")
            .put(path, &set("DEBUG"))
            .text(200, changed)
            .put("/admin/loggers/test.{c}", &set("ERROR"))
            .text(200, r#"["test.{c}","test.{c}.logger"]"#)
            .get(path)
            .has(200, json!({"level": "ERROR"})),
        case("names below are separated by dots")
            .put("/admin/loggers/test.{c}.log", &set("DEBUG"))
            .status(200)
            .put(path, &set("ERROR"))
            .text(200, changed)
            .get("/admin/loggers/test.{c}.log")
            .has(200, json!({"level": "DEBUG"})),
        case("setting a logger does not make its parents")
            .put(path, &set("DEBUG"))
            .text(200, changed)
            .get("/admin/loggers/test.{c}")
            .error(404, "Logger test.{c} not found."),
        case("scope=worker is this worker").put(&format!("{path}?scope=worker"), &set("TRACE")).text(200, changed),
        case("scope=cluster answers nothing")
            .put(&format!("{path}?scope=cluster"), &set("TRACE"))
            .empty(204)
            .get(path)
            .has(200, json!({"level": "TRACE"})),
        case("scope may be in capitals").put(&format!("{path}?scope=CLUSTER"), &set("TRACE")).empty(204),
        case("an unknown scope is this worker").put(&format!("{path}?scope=galaxy"), &set("TRACE")).text(200, changed),
        case("an empty scope is this worker").put(&format!("{path}?scope="), &set("TRACE")).text(200, changed),
        case("a cluster's wrong level is refused")
            .put(&format!("{path}?scope=cluster"), &set("BOGUS"))
            .error(404, "invalid log level 'BOGUS'."),
        case("a cluster's level must be given").put(&format!("{path}?scope=cluster"), "{}").error(400, NO_LEVEL),
        case("the root's level goes to the whole cluster")
            .put("/admin/loggers/root?scope=cluster", &set("INFO"))
            .empty(204),
        case("a level must be given").put(path, "{}").error(400, NO_LEVEL),
        case("null is no level").put(path, r#"{"level":null}"#).error(400, NO_LEVEL),
        case("a number is no level").put(path, r#"{"level":3}"#).error(404, "invalid log level '3'."),
        case("other fields beside the level are ignored").put(path, r#"{"level":"ERROR","x":"y"}"#).text(200, changed),
        case("a slash behind a logger changes nothing")
            .put(&format!("{path}/"), &set("DEBUG"))
            .text(200, changed)
            .get(&format!("{path}/"))
            .has(200, json!({"level": "DEBUG"})),
    ];
    cases.extend(["BOGUS", "WARNING", "CONFIG", "5"].map(|level| {
        case(&format!("{level} is no level"))
            .put(path, &set(level))
            .error(404, &format!("invalid log level '{level}'."))
            .get(path)
            .status(404)
    }));
    cases.extend(["OFF", "FATAL", "ERROR", "WARN", "DEBUG", "TRACE", "ALL"].map(|level| {
        case(&format!("{level} is a level"))
            .put(path, &set(level))
            .text(200, changed)
            .get(path)
            .has(200, json!({"level": level}))
    }));
    cases.extend(
        [
            ("an empty body", "", NO_LEVELS),
            ("null", "null", NO_LEVELS),
            ("a list", "[]", MAP_FROM_LIST),
            ("half an object", "{", ENDS_EARLY),
            ("an object as the level", r#"{"level":{}}"#, TEXT_FROM_OBJECT),
        ]
        .map(|(what, body, kafka)| {
            case(&format!("{what} sets no level"))
                .put(path, body)
                .error(500, kafka)
                .differs(CLIENTS_MISTAKE)
                .error(400, "<*>")
                .get(path)
                .status(404)
        }),
    );
    cases
}
