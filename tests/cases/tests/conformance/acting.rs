//! What is done to connectors and tasks, and with which words and queries one may ask; the ladders of states have cases
//! of their own.

use super::case::{Case, case};
use serde_json::json;

pub fn cases() -> Vec<Case> {
    let mut cases = states();
    cases.extend(restarts());
    cases.extend(bodies_nobody_reads());
    cases.extend(internal());
    cases
}

fn running(name: &str) -> Case {
    case(name)
        .sink("")
        .get("/connectors/{c}/status")
        .has(200, json!({"connector": {"state": "RUNNING"}, "tasks": [{"state": "RUNNING"}]}))
        .soon()
}

fn status(case: Case, connector: &str, task: Option<&str>) -> Case {
    let task = task.map_or("[]".to_owned(), |state| {
        format!(r#"[{{"id":0,"state":"{state}","worker_id":"127.0.0.1:{{port}}","version":"<*>"}}]"#)
    });
    case.get("/connectors/{c}/status").text(200, &format!(r#"{{"name":"{{c}}","connector":{{"state":"{connector}","worker_id":"127.0.0.1:{{port}}","version":"<*>"}},"tasks":{task},"type":"sink"}}"#)).soon()
}

fn states() -> Vec<Case> {
    vec![
        status(
            running("pause answers 202 and nothing").put("/connectors/{c}/pause", "").empty(202),
            "PAUSED",
            Some("PAUSED"),
        ),
        status(
            running("resume answers 202 and nothing")
                .put("/connectors/{c}/pause", "")
                .empty(202)
                .put("/connectors/{c}/resume", "")
                .empty(202),
            "RUNNING",
            Some("RUNNING"),
        ),
        status(running("stop answers 204 and nothing").put("/connectors/{c}/stop", "").empty(204), "STOPPED", None),
        running("a stopped connector has no tasks, and keeps its settings")
            .put("/connectors/{c}/stop", "")
            .empty(204)
            .get("/connectors/{c}")
            .text(200, r#"{"name":"{c}","config":{{sink},"name":"{c}"},"tasks":[],"type":"sink"}"#)
            .get("/connectors/{c}/tasks")
            .text(200, "[]")
            .get("/connectors/{c}/tasks/0/status")
            .error(404, "No status found for task {c}-0"),
        running("each may be asked for twice")
            .put("/connectors/{c}/pause", "")
            .empty(202)
            .put("/connectors/{c}/pause", "")
            .empty(202)
            .put("/connectors/{c}/stop", "")
            .empty(204)
            .put("/connectors/{c}/stop", "")
            .empty(204)
            .put("/connectors/{c}/resume", "")
            .empty(202)
            .put("/connectors/{c}/resume", "")
            .empty(202),
        running("a slash behind a verb changes nothing")
            .put("/connectors/{c}/pause/", "")
            .empty(202)
            .put("/connectors/{c}/resume/", "")
            .empty(202)
            .put("/connectors/{c}/stop/", "")
            .empty(204)
            .post("/connectors/{c}/restart/", "")
            .empty(204),
        running("the forward parameter changes nothing")
            .put("/connectors/{c}/resume?forward=true", "")
            .empty(202)
            .put("/connectors/{c}/stop?forward=false", "")
            .empty(204)
            .put("/connectors/{c}/resume?forward=bogus", "")
            .empty(202)
            .delete("/connectors/{c}?forward=false")
            .empty(204),
        running("a connector that was deleted is not there")
            .delete("/connectors/{c}")
            .empty(204)
            .get("/connectors/{c}/status")
            .error(404, "No status found for connector {c}")
            .delete("/connectors/{c}")
            .error(404, "Connector {c} not found"),
        running("a deleted connector's name may be used again")
            .delete("/connectors/{c}/")
            .empty(204)
            .source("")
            .get("/connectors/{c}")
            .has(200, json!({"type": "source"})),
    ]
}

fn restarts() -> Vec<Case> {
    let plan = |connector: &str, task: &str| {
        format!(
            r#"{{"name":"{{c}}","connector":{{"state":"{connector}","worker_id":"127.0.0.1:{{port}}","version":"<*>"}},"tasks":[{{"id":0,"state":"{task}","worker_id":"127.0.0.1:{{port}}","version":"<*>"}}],"type":"sink"}}"#
        )
    };
    let mut cases: Vec<Case> = [
        ("", 204, None),
        ("?includeTasks=false", 204, None),
        ("?includeTasks=false&onlyFailed=false", 204, None),
        ("?includeTasks=yes", 204, None),
        ("?includeTasks=1", 204, None),
        ("?includeTasks=", 204, None),
        ("?includeTasks", 204, None),
        ("?includetasks=true", 204, None),
        ("?includeTasks=%20true", 204, None),
        ("?forward=false", 204, None),
        ("?includeTasks=true", 202, Some(("RESTARTING", "RESTARTING"))),
        ("?includeTasks=True", 202, Some(("RESTARTING", "RESTARTING"))),
        ("?includeTasks=TRUE&onlyFailed=False", 202, Some(("RESTARTING", "RESTARTING"))),
        ("?includeTasks=true&onlyFailed=nonsense", 202, Some(("RESTARTING", "RESTARTING"))),
        ("?includeTasks=true&includeTasks=false", 202, Some(("RESTARTING", "RESTARTING"))),
        ("?includeTasks=true&forward=true", 202, Some(("RESTARTING", "RESTARTING"))),
        ("?onlyFailed=true", 202, Some(("RUNNING", "RUNNING"))),
        ("?includeTasks=true&onlyFailed=true", 202, Some(("RUNNING", "RUNNING"))),
        ("?onlyFailed=True", 202, Some(("RUNNING", "RUNNING"))),
    ]
    .into_iter()
    .map(|(query, code, planned)| {
        let asked = running(&format!("restart{query} answers {code}")).send(
            "POST",
            &format!("/connectors/{{c}}/restart{query}"),
            None,
        );
        let answered = match planned {
            None => asked.empty(code),
            Some((connector, task)) => asked.text(code, &plan(connector, task)),
        };
        status(answered, "RUNNING", Some("RUNNING"))
    })
    .collect();
    cases.extend([
        status(
            running("a task is restarted by its number").post("/connectors/{c}/tasks/0/restart", "").empty(204),
            "RUNNING",
            Some("RUNNING"),
        ),
        running("a task is restarted with a slash behind, or a parameter of clusters")
            .post("/connectors/{c}/tasks/0/restart/", "")
            .empty(204)
            .post("/connectors/{c}/tasks/0/restart?forward=false", "")
            .empty(204),
        running("a stopped connector's task is not there")
            .put("/connectors/{c}/stop", "")
            .empty(204)
            .post("/connectors/{c}/tasks/0/restart", "")
            .error(404, "Task {c}-0 not found"),
        running("a task that has no number cannot be restarted")
            .post("/connectors/{c}/tasks/x/restart", "")
            .error(404, "HTTP 404 Not Found"),
        // The genuine worker keeps a FAILED task of that number in the status for ever, so this one comes last.
        running("a task that is not there cannot be restarted")
            .post("/connectors/{c}/tasks/7/restart", "")
            .error(404, "Task {c}-7 not found"),
    ]);
    cases
}

fn bodies_nobody_reads() -> Vec<Case> {
    let mut cases: Vec<Case> = ["{}", "null", "no JSON at all", "[1,2"]
        .into_iter()
        .map(|body| {
            running(&format!("'{body}' disturbs nobody where no body is wanted"))
                .put("/connectors/{c}/pause", body)
                .empty(202)
                .put("/connectors/{c}/resume", body)
                .empty(202)
                .post("/connectors/{c}/restart", body)
                .empty(204)
                .put("/connectors/{c}/stop", body)
                .empty(204)
                .delete("/connectors/{c}")
                .empty(204)
        })
        .collect();
    cases.push(
        case("a body in a GET disturbs nobody")
            .send("GET", "/connectors/{c}/topics", Some("{}"))
            .text(200, r#"{"{c}":{"topics":[]}}"#),
    );
    cases.push(
        running("a verb with a body of another kind is refused")
            .put("/connectors/{c}/pause", "x")
            .with("Content-Type", "text/plain")
            .error(415, "HTTP 415 Unsupported Media Type"),
    );
    cases.push(
        running("a verb without a body may say that it has JSON")
            .send("PUT", "/connectors/{c}/pause", None)
            .with("Content-Type", "application/json")
            .empty(202),
    );
    cases
}

fn internal() -> Vec<Case> {
    let no_configs = "Kafka Connect in standalone mode does not support externally setting task configurations.";
    vec![
        case("task settings of workers are for clusters").post("/connectors/{c}/tasks", "[]").error(500, no_configs),
        running("they are so of a connector that is there")
            .post("/connectors/{c}/tasks", r#"[{"a":"b"}]"#)
            .error(500, no_configs),
        case("fencing is for clusters")
            .send("PUT", "/connectors/{c}/fence", None)
            .error(500, "Kafka Connect in standalone mode does not support exactly-once source connectors."),
        case("OPTIONS of fencing names its method")
            .send("OPTIONS", "/connectors/{c}/fence", None)
            .empty(200)
            .header("allow", "OPTIONS,PUT"),
        case("task settings may not be anything")
            .post("/connectors/{c}/tasks", "")
            .status(500)
            .differs("a client's mistake")
            .status(400),
    ]
}
