//! The document that the worker makes of itself, held against what it does.

use serde_json::{Value, json};
use watertight_rest::RestOptions;

use crate::client::Client;

async fn document(options: RestOptions) -> Value {
    let client = Client { options, ..Client::default() };
    let answer = client.ask("GET /openapi.json").await;
    assert_eq!(answer.status.as_u16(), 200);
    assert!(client.asked().is_empty());
    answer.json()
}

/// Each path's methods and operations.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

#[tokio::test]
async fn it_has_every_method_of_every_path() {
    let client = Client::default();
    let document = document(RestOptions::default()).await;
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), crate::methods::PATHS.len());
    for (path, item) in paths {
        let real = path.replace("{task}", "0").replace("{connector}", "a").replace("{pluginName}", "a");
        let real = real.replace("{logger}", "a");
        let answer = client.ask(&format!("OPTIONS {real}")).await;
        let mut told: Vec<&str> = answer.text.split(", ").filter(|m| !["HEAD", "OPTIONS"].contains(m)).collect();
        told.sort_unstable();
        let mut described: Vec<String> = item.as_object().unwrap().keys().map(|m| m.to_ascii_uppercase()).collect();
        described.sort();
        assert_eq!(described, told, "{path}");
    }
}

#[tokio::test]
async fn every_operation_is_described() {
    let document = document(RestOptions::default()).await;
    let mut names = Vec::new();
    for (path, method, operation) in operations(&document) {
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        assert!(statuses.iter().any(|status| status.starts_with('2')), "{method} {path}: {statuses:?}");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{method} {path}");
        names.push(operation["operationId"].as_str().unwrap());
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");
}

#[tokio::test]
async fn references_lead_somewhere() {
    let document = document(RestOptions::default()).await;
    let text = document.to_string();
    let references: Vec<&str> = text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(references.len() > 50);
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn what_is_not_served_is_not_promised() {
    let mut options = RestOptions::default();
    options.admin_everywhere = false;
    let document = document(options).await;
    assert!(document["paths"].get("/connectors").is_some());
    assert!(document["paths"].get("/admin/loggers").is_none());
}

#[tokio::test]
async fn shapes_are_those_that_serde_writes() {
    let document = document(RestOptions::default()).await;
    let shape = |name: &str| &document["components"]["schemas"][name];
    assert_eq!(shape("ErrorMessage")["required"], json!(["error_code", "message"]));
    let state = shape("InstanceState");
    assert_eq!(state["required"], json!(["state", "worker_id"]));
    assert_eq!(state["properties"]["version"]["type"], json!(["string", "null"]));
    assert_eq!(state["properties"]["trace"]["type"], "string");
    assert_eq!(state["additionalProperties"], false);
    let responses = &document["paths"]["/connectors/{connector}/config"]["put"]["responses"];
    assert_eq!(responses["201"]["headers"]["Location"]["schema"]["type"], "string");
    assert!(responses["200"].get("headers").is_none());
    let health = &document["paths"]["/health"]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(*health, json!({"$ref": "#/components/schemas/WorkerStatus"}));
}
