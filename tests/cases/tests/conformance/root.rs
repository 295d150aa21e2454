//! The root, health, unknown paths, methods, and what content a client offers and accepts.

use super::case::{Case, case};
use super::words::*;

const HEALTHY: &str =
    r#"{"status":"healthy","message":"Worker has completed startup and is ready to handle requests."}"#;
const ROOT: &str = r#"{"version":"4.3.1<*>","commit":"<*>","kafka_cluster_id":"<*>"}"#;

pub fn cases() -> Vec<Case> {
    let mut cases = the_root();
    cases.extend(unknown_paths());
    cases.extend(methods());
    cases.extend(content());
    cases
}

fn the_root() -> Vec<Case> {
    vec![
        case("the root names version, commit and cluster, in this order")
            .get("/")
            .text(200, ROOT)
            .header("content-type", "application/json"),
        case("a query on the root is ignored").get("/?pretty=true&x").text(200, ROOT),
        case("a worker that has started is healthy").get("/health").text(200, HEALTHY),
        case("a slash behind health changes nothing").get("/health/").text(200, HEALTHY),
        case("an answer of health is JSON").get("/health").status(200).header("content-type", "application/json"),
        case("HEAD of the root is GET without a body").send("HEAD", "/", None).empty(200),
        case("HEAD of health is GET without a body").send("HEAD", "/health", None).empty(200),
    ]
}

fn unknown_paths() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        "/nowhere",
        "/index.html",
        "/favicon.ico",
        "/application.wadl",
        "/admin",
        "/admin/",
        "/Connectors",
        "/connectors/{c}/nothing",
        "/connectors/{c}/tasks-config",
        "/connectors/{c}/tasks/0",
        "/connectors/{c}/tasks/0/config",
        "/connector-plugins/FileStreamSource",
        "/admin/loggers/root/level",
        "/connectors/{c}/topics/x",
        "/health/x",
    ]
    .into_iter()
    .map(|path| case(&format!("there is nothing at {path}")).get(path).error(404, NOT_FOUND))
    .collect();
    cases.extend([
        case("a body does not make an unknown path known").put("/nowhere", "{}").error(404, NOT_FOUND),
        case("OPTIONS of an unknown path is not found").send("OPTIONS", "/nowhere", None).error(404, NOT_FOUND),
        case("HEAD of an unknown path is not found, without a body").send("HEAD", "/nowhere", None).empty(404),
        case("an error is JSON").get("/connectors/{c}").status(404).header("content-type", "application/json"),
        case("an error about a path is JSON too")
            .get("/nowhere")
            .status(404)
            .no_header("content-type")
            .differs("an answer with a body says what it is")
            .status(404)
            .header("content-type", "application/json"),
    ]);
    cases
}

fn methods() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        ("/", "HEAD,GET,OPTIONS"),
        ("/health", "HEAD,GET,OPTIONS"),
        ("/connectors", "HEAD,POST,GET,OPTIONS"),
        ("/connectors/{c}", "HEAD,DELETE,GET,OPTIONS"),
        ("/connectors/{c}/config", "HEAD,GET,OPTIONS,PUT,PATCH"),
        ("/connectors/{c}/status", "HEAD,GET,OPTIONS"),
        ("/connectors/{c}/tasks", "HEAD,POST,GET,OPTIONS"),
        ("/connectors/{c}/tasks/0/status", "HEAD,GET,OPTIONS"),
        ("/connectors/{c}/tasks/0/restart", "POST,OPTIONS"),
        ("/connectors/{c}/restart", "POST,OPTIONS"),
        ("/connectors/{c}/pause", "OPTIONS,PUT"),
        ("/connectors/{c}/resume", "OPTIONS,PUT"),
        ("/connectors/{c}/stop", "OPTIONS,PUT"),
        ("/connectors/{c}/topics", "HEAD,GET,OPTIONS"),
        ("/connectors/{c}/topics/reset", "OPTIONS,PUT"),
        ("/connectors/{c}/offsets", "HEAD,DELETE,GET,OPTIONS,PATCH"),
        ("/connector-plugins", "HEAD,GET,OPTIONS"),
        ("/connector-plugins/FileStreamSource/config", "HEAD,GET,OPTIONS"),
        ("/connector-plugins/FileStreamSource/config/validate", "OPTIONS,PUT"),
        ("/admin/loggers", "HEAD,GET,OPTIONS"),
        ("/admin/loggers/root", "HEAD,GET,OPTIONS,PUT"),
    ]
    .into_iter()
    .map(|(path, allow)| {
        case(&format!("OPTIONS of {path} names its methods"))
            .send("OPTIONS", path, None)
            .empty(200)
            .header("allow", allow)
    })
    .collect();
    cases.extend(
        [
            ("POST", "/"),
            ("DELETE", "/"),
            ("FOO", "/"),
            ("POST", "/health"),
            ("DELETE", "/connectors"),
            ("PUT", "/connectors"),
            ("PATCH", "/connectors"),
            ("POST", "/connectors/{c}"),
            ("PUT", "/connectors/{c}"),
            ("PATCH", "/connectors/{c}"),
            ("POST", "/connectors/{c}/config"),
            ("DELETE", "/connectors/{c}/config"),
            ("PUT", "/connectors/{c}/status"),
            ("PUT", "/connectors/{c}/tasks"),
            ("GET", "/connectors/{c}/pause"),
            ("POST", "/connectors/{c}/pause"),
            ("POST", "/connectors/{c}/resume"),
            ("POST", "/connectors/{c}/stop"),
            ("GET", "/connectors/{c}/restart"),
            ("PUT", "/connectors/{c}/restart"),
            ("GET", "/connectors/{c}/tasks/0/restart"),
            ("POST", "/connectors/{c}/topics"),
            ("GET", "/connectors/{c}/topics/reset"),
            ("PUT", "/connectors/{c}/offsets"),
            ("POST", "/connectors/{c}/offsets"),
            ("POST", "/connector-plugins"),
            ("DELETE", "/connector-plugins"),
            ("PUT", "/connector-plugins/x/config"),
            ("GET", "/connector-plugins/x/config/validate"),
            ("POST", "/connector-plugins/x/config/validate"),
            ("POST", "/admin/loggers"),
            ("DELETE", "/admin/loggers/root"),
        ]
        .into_iter()
        .map(|(method, path)| {
            case(&format!("{method} of {path} is not allowed")).send(method, path, None).error(405, NOT_ALLOWED)
        }),
    );
    cases
}

fn content() -> Vec<Case> {
    let create = r#"{"name":"{c}","config":{{source}}}"#;
    let mut cases: Vec<Case> = [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "APPLICATION/JSON",
        "application/json; q=1; x=y",
    ]
    .into_iter()
    .map(|kind| {
        case(&format!("a body may be {kind}")).post("/connectors", create).with("Content-Type", kind).status(201)
    })
    .collect();
    cases.extend(
        ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/vnd.api+json", "text/json"]
            .into_iter()
            .map(|kind| {
                case(&format!("a body may not be {kind}"))
                    .post("/connectors", create)
                    .with("Content-Type", kind)
                    .error(415, UNSUPPORTED)
                    .get("/connectors/{c}")
                    .status(404)
            }),
    );
    cases.extend(
        [
            "*/*",
            "application/*",
            "application/json;q=0",
            "text/html, */*;q=0.1",
            "application/json;q=0.5",
            "application/json, text/plain",
            "",
        ]
        .into_iter()
        .map(|accepted| {
            case(&format!("JSON comes to one who accepts '{accepted}'"))
                .get("/connectors")
                .with("Accept", accepted)
                .status(200)
                .header("content-type", "application/json")
        }),
    );
    cases.extend(["text/html", "application/xml", "image/*"].into_iter().map(|accepted| {
        case(&format!("nothing comes to one who accepts only '{accepted}'"))
            .get("/connectors")
            .with("Accept", accepted)
            .error(406, UNACCEPTABLE)
    }));
    cases
}
