//! Unknown paths, wrong methods, slashes, percent signs, what the client accepts.

use axum::body::Body;
use axum::http::Request;

use crate::client::Client;

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let client = Client::default();
    for path in ["/nothing", "/connectors/a/b", "/connectors//status", "//", "/connectors/a/tasks-config"] {
        let answer = client.ask(&format!("GET {path}")).await;
        assert_eq!(answer.error(404), "HTTP 404 Not Found", "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_named_so_and_the_right_ones_are_told() {
    let answer = Client::default().ask("DELETE /connectors").await;
    assert_eq!(answer.error(405), "HTTP 405 Method Not Allowed");
    let allow = answer.headers["allow"].to_str().unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}

#[tokio::test]
async fn a_slash_at_the_end_makes_no_difference() {
    let client = Client::default();
    for path in [
        "/connectors/",
        "/connector-plugins/",
        "/connectors/file-source/",
        "/connectors/file-source/status/",
        "/connectors/file-source/tasks/0/status/",
    ] {
        assert_eq!(client.ask(&format!("GET {path}")).await.status, 200, "{path}");
    }
    let answer = client.tell("POST /connectors/", r#"{"name":"a","config":{}}"#).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn names_are_decoded_with_their_slashes_and_spaces() {
    let client = Client::default();
    let answer = client.ask("GET /connectors/a%2Fb%20c+d%C3%BC/status").await;
    assert_eq!(answer.error(404), "No status found for connector a/b c+dü");
}

#[tokio::test]
async fn a_name_that_is_no_text_is_refused() {
    let message = Client::default().ask("GET /connectors/%ff").await.error(400);
    assert!(message.starts_with("The connector name in the URL cannot be decoded"), "{message}");
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    Client::default().ask("HEAD /connectors").await.empty(200);
}

#[tokio::test]
async fn a_client_that_takes_no_json_is_told_before_anything_changes() {
    let client = Client::default();
    let request = |accept: &str| {
        let request = Request::delete("/connectors/file-source").header("accept", accept);
        request.body(Body::empty()).unwrap()
    };
    assert_eq!(client.send(request("text/html")).await.error(406), "HTTP 406 Not Acceptable");
    assert!(client.asked().is_empty());
    for accept in ["text/html, */*;q=0.1", "application/*", "application/json; charset=utf-8", ""] {
        client.send(request(accept)).await.empty(204);
    }
}
