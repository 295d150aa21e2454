//! Settings of the worker that change what REST answers: other origins, headers, listeners for administration, topics
//! that are not tracked.

use super::case::{Case, case};
use super::run::Asked;
use watertight_cases::Scene;
use watertight_harness::ports;

/// CORS with a list, headers, no topics, no administration.
pub fn guarded(scene: Scene) -> anyhow::Result<Asked> {
    Ok(Asked::of(
        scene
            .with("access.control.allow.origin", "http://a.example,https://b.example:8443")
            .with("access.control.allow.methods", "GET,PUT")
            .with(
                "response.http.headers.config",
                r#"add X-One: 1, set X-Two: 2, "add X-List: a, b", addDate X-Date: 0"#,
            )
            .with("topic.tracking.enable", "false")
            .with("admin.listeners", ""),
    ))
}

/// CORS for everybody, two listeners, one for administration, another name than its own, topics not reset.
pub fn spread(scene: Scene) -> anyhow::Result<Asked> {
    let (port, second, admin) = (scene.worker.port(), ports::free()?, ports::free()?);
    let scene = scene
        .with("access.control.allow.origin", "*")
        .with("topic.tracking.allow.reset", "false")
        .with("listeners", format!("http://127.0.0.1:{port},http://127.0.0.1:{second}"))
        .with("admin.listeners", format!("http://127.0.0.1:{admin}"))
        .with("rest.advertised.host.name", "connect.example")
        .with("rest.advertised.port", "8443");
    Ok(Asked::of(scene).at("second", second).at("admin", admin))
}

pub fn guarded_cases() -> Vec<Case> {
    let preflight = |name: &str, origin: &str, method: &str| {
        case(name)
            .send("OPTIONS", "/connectors", None)
            .with("Origin", origin)
            .with("Access-Control-Request-Method", method)
            .empty(200)
    };
    let allowed = |case: Case, origin: &str| {
        case.header("access-control-allow-origin", origin)
            .header("access-control-allow-methods", "GET,PUT")
            .header("access-control-allow-headers", "Content-Type")
            .header("access-control-max-age", "60")
    };
    let mut cases = vec![
        case("an answer without an origin allows none").get("/").status(200).no_header("access-control-allow-origin"),
        case("a page of an allowed origin may read")
            .get("/connectors")
            .with("Origin", "http://a.example")
            .status(200)
            .header("access-control-allow-origin", "http://a.example")
            .no_header("access-control-allow-methods"),
        case("so may one of another allowed origin")
            .get("/connectors")
            .with("Origin", "https://b.example:8443")
            .status(200)
            .header("access-control-allow-origin", "https://b.example:8443"),
        case("errors may be read as well")
            .get("/connectors/{c}")
            .with("Origin", "http://a.example")
            .status(404)
            .header("access-control-allow-origin", "http://a.example"),
        case("also those of paths that are not there")
            .get("/nowhere")
            .with("Origin", "http://a.example")
            .status(404)
            .header("access-control-allow-origin", "http://a.example"),
        case("HEAD may be read as well")
            .send("HEAD", "/", None)
            .with("Origin", "http://a.example")
            .empty(200)
            .header("access-control-allow-origin", "http://a.example"),
        case("a request of an allowed origin is carried out")
            .delete("/connectors/{c}")
            .with("Origin", "http://a.example")
            .error(404, "Connector {c} not found")
            .header("access-control-allow-origin", "http://a.example"),
        allowed(
            preflight("a browser asks first, and is told methods and headers", "http://a.example", "PUT"),
            "http://a.example",
        ),
        allowed(
            preflight("it is told so even about a method that is not among them", "http://a.example", "DELETE"),
            "http://a.example",
        ),
        preflight("a browser of another origin is told nothing", "http://evil.example", "PUT")
            .no_header("access-control-allow-origin")
            .no_header("access-control-allow-methods"),
        case("OPTIONS of an allowed origin without a method is plain OPTIONS")
            .send("OPTIONS", "/connectors", None)
            .with("Origin", "http://a.example")
            .empty(200)
            .header("allow", "HEAD,POST,GET,OPTIONS")
            .no_header("access-control-allow-methods"),
        case("headers of one's own are on answers")
            .get("/")
            .status(200)
            .header("x-one", "1")
            .header("x-two", "2")
            .header("x-list", "a, b")
            .header("x-date", "<*> GMT"),
        case("headers of one's own are on errors")
            .get("/connectors/{c}")
            .status(404)
            .header("x-one", "1")
            .header("x-two", "2"),
        case("headers of one's own are on unknown paths").get("/nowhere").status(404).header("x-one", "1"),
        case("topics that are not tracked are not shown")
            .get("/connectors/{c}/topics")
            .error(403, "Topic tracking is disabled."),
        case("topics that are not tracked are not reset")
            .put("/connectors/{c}/topics/reset", "")
            .error(403, "Topic tracking is disabled."),
        case("without administration there are no loggers").get("/admin/loggers").error(404, "HTTP 404 Not Found"),
        case("without administration there is no logger").get("/admin/loggers/root").error(404, "HTTP 404 Not Found"),
        case("without administration no level is set")
            .put("/admin/loggers/root", r#"{"level":"INFO"}"#)
            .error(404, "HTTP 404 Not Found"),
    ];
    cases.extend(
        [
            "http://evil.example",
            "http://x.a.example",
            "https://a.example",
            "http://a.example:80",
            "https://b.example",
            "null",
        ]
        .map(|origin| {
            case(&format!("a page of {origin} may not read"))
                .get("/connectors")
                .with("Origin", origin)
                .status(200)
                .no_header("access-control-allow-origin")
        }),
    );
    cases
}

pub fn spread_cases() -> Vec<Case> {
    let mut cases = vec![
        case("any page may read, and is named")
            .get("/connectors")
            .with("Origin", "http://any.example")
            .status(200)
            .header("access-control-allow-origin", "http://any.example"),
        case("without a list of methods a browser is told of three")
            .send("OPTIONS", "/connectors", None)
            .with("Origin", "http://any.example")
            .with("Access-Control-Request-Method", "POST")
            .empty(200)
            .header("access-control-allow-origin", "http://any.example")
            .header("access-control-allow-methods", "HEAD,POST,GET"),
        case("topics are shown where they may not be reset").get("/connectors/{c}/topics").text(200, r#"{"{c}":{"topics":[]}}"#),
        case("topics are not reset where that is switched off")
            .put("/connectors/{c}/topics/reset", "")
            .error(403, "Topic tracking reset is disabled."),
        case("a second listener serves the same")
            .source("")
            .get("/connectors/{c}")
            .at("second")
            .status(200)
            .put("/connectors/{c}-2/config", "{{source}}")
            .at("second")
            .status(201)
            .header("location", "http://127.0.0.1:{second}/connectors/{c}-2")
            .get("/connectors/{c}-2")
            .status(200),
        case("a worker is named as it is advertised")
            .source("")
            .get("/connectors/{c}/status")
            .text(200, r#"{"name":"{c}","connector":{"state":"RUNNING","worker_id":"connect.example:8443",<*>},"tasks":[{"id":0,"state":"RUNNING","worker_id":"connect.example:8443",<*>}],"type":"source"}"#)
            .soon(),
        case("a place is where one asked, not where the worker is advertised")
            .put("/connectors/{c}/config", "{{source}}")
            .status(201)
            .header("location", "http://127.0.0.1:{port}/connectors/{c}"),
        case("loggers are on the listener for administration")
            .get("/admin/loggers/root")
            .at("admin")
            .text(200, r#"{"level":"INFO","last_modified":null}"#)
            .get("/admin/loggers")
            .at("admin")
            .status(200)
            .put("/admin/loggers/test.{c}", r#"{"level":"ERROR"}"#)
            .at("admin")
            .text(200, r#"["test.{c}"]"#),
        case("loggers are on no other listener")
            .get("/admin/loggers")
            .error(404, "HTTP 404 Not Found")
            .get("/admin/loggers/root")
            .at("second")
            .error(404, "HTTP 404 Not Found"),
        case("OPTIONS on the listener for administration names methods")
            .send("OPTIONS", "/admin/loggers", None)
            .at("admin")
            .empty(200)
            .header("allow", "HEAD,GET,OPTIONS"),
        case("a method that loggers do not have is not allowed there either")
            .post("/admin/loggers", "{}")
            .at("admin")
            .error(405, "HTTP 405 Method Not Allowed"),
    ];
    cases.extend(["/", "/health", "/connectors", "/connector-plugins", "/connectors/{c}"].map(|path| {
        case(&format!("the listener for administration has no {path}"))
            .get(path)
            .at("admin")
            .error(404, "HTTP 404 Not Found")
    }));
    cases
}
