//! `/connectors/{name}/tasks`

use serde_json::json;

use crate::client::Client;

#[tokio::test]
async fn tasks_are_listed_with_their_settings() {
    let answer = Client::default().ask("GET /connectors/file-source/tasks").await;
    assert_eq!(
        answer.json(),
        json!([{"id": {"connector": "file-source", "task": 0}, "config": {"task.class": "a.Task"}}])
    );
}

#[tokio::test]
async fn a_tasks_status_has_its_number_first() {
    let answer = Client::default().ask("GET /connectors/file-source/tasks/0/status").await;
    assert_eq!(
        answer.text,
        r#"{"id":0,"state":"FAILED","worker_id":"127.0.0.1:8083","trace":"sandbox.memory.bytes","version":null}"#
    );
}

#[tokio::test]
async fn a_task_is_restarted() {
    let client = Client::default();
    client.ask("POST /connectors/file-source/tasks/3/restart").await.empty(204);
    assert_eq!(client.asked(), ["restart_task 3 file-source"]);
}

#[tokio::test]
async fn an_unknown_task_is_not_found() {
    let answer = Client::default().ask("GET /connectors/file-source/tasks/7/status").await;
    assert_eq!(answer.error(404), "No status found for task file-source-7");
}

#[tokio::test]
async fn what_is_no_task_number_leads_nowhere() {
    let client = Client::default();
    for number in ["a", "1.5", "%201", "99999999999"] {
        for line in
            [format!("GET /connectors/a/tasks/{number}/status"), format!("POST /connectors/a/tasks/{number}/restart")]
        {
            assert_eq!(client.ask(&line).await.error(404), "HTTP 404 Not Found", "{line}");
        }
    }
    assert!(client.asked().is_empty());
}

#[tokio::test]
async fn numbers_are_read_as_java_reads_them() {
    let client = Client::default();
    for number in ["0", "+0", "-0", "000"] {
        assert_eq!(client.ask(&format!("GET /connectors/file-source/tasks/{number}/status")).await.status, 200);
    }
}

#[tokio::test]
async fn a_number_below_zero_is_that_of_no_task() {
    let client = Client::default();
    let answer = client.ask("GET /connectors/file-source/tasks/-1/status").await;
    assert_eq!(answer.error(404), "No status found for task file-source--1");
    let answer = client.ask("POST /connectors/file-source/tasks/-1/restart").await;
    assert_eq!(answer.error(404), "Task file-source--1 not found");
    let answer = client.ask("POST /connectors/x/tasks/-1/restart").await;
    assert_eq!(answer.error(404), "Connector x not found");
}
