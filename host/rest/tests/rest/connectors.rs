//! `/connectors` and what hangs below one of them.

use indexmap::IndexMap;
use serde_json::json;
use watertight_worker::validate::{ConfigValue, Validation};

use crate::client::Client;
use crate::fake::FakeHerder;

fn status() -> serde_json::Value {
    json!({
        "name": "file-source",
        "connector": {"state": "RUNNING", "worker_id": "127.0.0.1:8083", "version": "0.1.0"},
        "tasks": [
            {"id": 0, "state": "FAILED", "worker_id": "127.0.0.1:8083",
             "trace": "sandbox.memory.bytes", "version": null},
            {"id": 1, "state": "UNASSIGNED", "worker_id": "127.0.0.1:8083"}
        ],
        "type": "source"
    })
}

fn info() -> serde_json::Value {
    json!({
        "name": "file-source",
        "config": {"name": "file-source", "file": "${env:IN}"},
        "tasks": [{"connector": "file-source", "task": 0}],
        "type": "source"
    })
}

#[tokio::test]
async fn connectors_are_listed_by_name() {
    assert_eq!(Client::default().ask("GET /connectors").await.json(), json!(["file-source"]));
}

#[tokio::test]
async fn a_list_can_be_expanded_by_info_and_status() {
    let answer = Client::default().ask("GET /connectors?expand=status&expand=info").await;
    assert_eq!(answer.json(), json!({"file-source": {"status": status(), "info": info()}}));
    let turned = Client::default().ask("GET /connectors?expand=info&expand=nothing&expand=status&expand=info").await;
    assert_eq!(turned.text, answer.text);
}

#[tokio::test]
async fn only_what_is_asked_for_is_asked_of_the_herder() {
    let client = Client::default();
    client.ask("GET /connectors?expand=info").await;
    client.ask("GET /connectors?expand=info,status").await;
    assert_eq!(client.asked(), ["connectors", "connector file-source", "connectors"]);
}

#[tokio::test]
async fn an_unknown_expansion_is_passed_over() {
    let answer = Client::default().ask("GET /connectors?expand=everything").await;
    assert_eq!(answer.json(), json!({"file-source": {}}));
}

#[tokio::test]
async fn a_connector_without_a_status_yet_is_left_out_of_an_expanded_list() {
    let client = Client::of(FakeHerder { ghosts: vec!["young".to_owned()], ..FakeHerder::default() });
    let answer = client.ask("GET /connectors?expand=status").await;
    assert_eq!(answer.json(), json!({"file-source": {"status": status()}}));
}

#[tokio::test]
async fn a_connector_is_told_with_config_tasks_and_type() {
    assert_eq!(Client::default().ask("GET /connectors/file-source").await.json(), info());
}

#[tokio::test]
async fn a_config_is_told_as_it_was_submitted() {
    let answer = Client::default().ask("GET /connectors/file-source/config").await;
    assert_eq!(answer.json(), info()["config"]);
}

#[tokio::test]
async fn a_status_has_trace_and_version_where_there_are_any() {
    let answer = Client::default().ask("GET /connectors/file-source/status").await;
    assert_eq!(answer.json(), status());
}

#[tokio::test]
async fn offsets_are_told_with_all_their_digits() {
    let answer = Client::default().ask("GET /connectors/file-source/offsets").await;
    assert_eq!(
        answer.text,
        r#"{"offsets":[{"partition":{"filename":"/tmp/in.txt"},"offset":{"position":9007199254740993}}]}"#
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found_in_the_herders_words() {
    let client = Client::default();
    for (line, message) in [
        ("GET /connectors/x", "Connector x not found"),
        ("GET /connectors/x/config", "Connector x not found"),
        ("GET /connectors/x/status", "No status found for connector x"),
        ("GET /connectors/x/tasks", "Connector x not found"),
        ("GET /connectors/x/offsets", "Connector x not found"),
        ("DELETE /connectors/x", "Connector x not found"),
    ] {
        assert_eq!(client.ask(line).await.error(404), message, "{line}");
    }
}

#[tokio::test]
async fn a_deleted_connector_leaves_an_empty_answer() {
    let client = Client::default();
    client.ask("DELETE /connectors/file-source").await.empty(204);
    assert_eq!(client.asked(), ["delete file-source"]);
}

#[tokio::test]
async fn a_created_connector_is_answered_with_201_and_its_place() {
    let client = Client::default();
    let body = r#"{"name":" a b/ü ","config":{"tasks.max":2,"flag":true},"initial_state":"paused"}"#;
    let answer = client.tell("POST /connectors", body).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.headers["location"], "http://worker:8083/connectors/a%20b%2F%C3%BC");
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.json()["config"], json!({"tasks.max": "2", "flag": "true", "name": "a b/ü"}));
    assert_eq!(client.asked(), [r#"put a b/ü {"tasks.max": "2", "flag": "true", "name": "a b/ü"} Some(Paused) false"#]);
}

#[tokio::test]
async fn a_connector_that_exists_is_not_created_again() {
    let answer = Client::default().tell("POST /connectors", r#"{"name":"file-source","config":{}}"#).await;
    assert_eq!(answer.error(409), "Connector file-source already exists");
}

#[tokio::test]
async fn a_config_that_is_put_creates_with_201_or_replaces_with_200() {
    let client = Client::default();
    let created = client.tell("PUT /connectors/new/config", r#"{"file":"x"}"#).await;
    assert_eq!(
        (created.status.as_u16(), &created.headers["location"]),
        (201, &"http://worker:8083/connectors/new".parse().unwrap())
    );
    let replaced = client.tell("PUT /connectors/file-source/config", r#"{"file":"x"}"#).await;
    assert_eq!((replaced.status.as_u16(), replaced.headers.get("location")), (200, None));
    assert_eq!(replaced.json()["config"], json!({"file": "x", "name": "file-source"}));
}

#[tokio::test]
async fn a_name_that_does_not_match_changes_nothing() {
    let client = Client::default();
    let message = "Connector name configuration (a) doesn't match connector name in the URL (b)";
    let put = client.tell("PUT /connectors/b/config", r#"{"name":"a"}"#).await;
    assert_eq!(put.error(400), message);
    let post = client.tell("POST /connectors", r#"{"name":"b","config":{"name":"a"}}"#).await;
    assert_eq!(post.error(400), message);
    assert!(client.asked().is_empty());
}

#[tokio::test]
async fn a_null_setting_is_told_with_all_else_that_is_wrong_and_changes_nothing() {
    let mut wrong = ConfigValue::new("file");
    wrong.errors = vec!["first".to_owned(), "second".to_owned()];
    let validation = Validation {
        class: "a.B".to_owned(),
        groups: Vec::new(),
        undefined: vec![wrong],
        settings: IndexMap::new(),
        embedded: Vec::new(),
    };
    let client = Client::of(FakeHerder { validation: Some(validation), ..FakeHerder::default() });
    let settings = r#"{"connector.class":"a.B","name":null,"file":null}"#;
    for (line, body) in [
        ("PUT /connectors/b/config", settings.to_owned()),
        ("POST /connectors", format!(r#"{{"name":"b","config":{settings}}}"#)),
    ] {
        assert_eq!(
            client.tell(line, body).await.error(400),
            "Connector configuration is invalid and contains the following 2 error(s):\nfirst\nsecond\n\
             You can also find the above list of errors at the endpoint \
             `/connector-plugins/{connectorType}/config/validate`"
        );
    }
    let asked = r#"validate a.B {"connector.class": Some("a.B"), "name": Some("b"), "file": None}"#;
    assert_eq!(client.asked(), [asked; 2]);
}

#[tokio::test]
async fn a_null_without_a_class_is_refused_as_validation_refuses_it() {
    let client = Client::default();
    let answer = client.tell("PUT /connectors/b/config", r#"{"file":null}"#).await;
    assert_eq!(answer.error(400), "Connector config contains no connector type");
    assert_eq!(client.asked(), [r#"validate  {"file": None, "name": Some("b")}"#]);
}

#[tokio::test]
async fn a_place_leads_to_its_connector_whatever_its_name() {
    let client = Client::default();
    let name = "s/l %41a+b.c:d@e&f=g?h#i;j~";
    let body = json!({"name": name, "config": {}}).to_string();
    let answer = client.tell("POST /connectors", body).await;
    let location = answer.headers["location"].to_str().unwrap().strip_prefix("http://worker:8083").unwrap();
    assert_eq!(location, "/connectors/s%2Fl%20%2541a+b.c:d@e&f=g%3Fh%23i%3Bj~");
    assert_eq!(client.ask(&format!("GET {location}")).await.error(404), format!("Connector {name} not found"));
}

#[tokio::test]
async fn a_name_that_is_null_is_filled_in_where_it_stands() {
    let client = Client::default();
    client.tell("PUT /connectors/b/config", r#"{"name":null,"file":"x"}"#).await;
    assert_eq!(client.asked(), [r#"put b {"name": "b", "file": "x"} None true"#]);
}

#[tokio::test]
async fn a_patch_changes_adds_and_takes_away() {
    let client = Client::default();
    let answer = client.tell("PATCH /connectors/file-source/config", r#"{"a":1,"b":null,"name":"other"}"#).await;
    assert_eq!((answer.status.as_u16(), answer.headers.get("location")), (200, None));
    assert_eq!(answer.json(), info());
    assert_eq!(client.asked(), [r#"patch {"a": Some("1"), "b": None, "name": Some("other")} file-source"#]);
    let missing = client.tell("PATCH /connectors/x/config", "{}").await;
    assert_eq!(missing.error(404), "Connector x not found");
}
