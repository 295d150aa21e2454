//! Methods that a path does not know, HEAD, OPTIONS, types of bodies and answers, and which of them is looked at first.

use axum::body::Body;
use axum::http::Request;

use crate::client::{Answer, Client};

async fn with(client: &Client, line: &str, headers: &[(&str, &str)]) -> Answer {
    let (method, uri) = line.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(uri);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    client.send(request.body(Body::empty()).unwrap()).await
}

pub const PATHS: [(&str, &str); 23] = [
    ("/", "HEAD,GET,OPTIONS"),
    ("/openapi.json", "HEAD,GET,OPTIONS"),
    ("/health", "HEAD,GET,OPTIONS"),
    ("/connector-plugins", "HEAD,GET,OPTIONS"),
    ("/connector-plugins/a/config", "HEAD,GET,OPTIONS"),
    ("/connector-plugins/a/config/validate", "OPTIONS,PUT"),
    ("/connectors", "HEAD,POST,GET,OPTIONS"),
    ("/connectors/a", "HEAD,DELETE,GET,OPTIONS"),
    ("/connectors/a/config", "HEAD,GET,OPTIONS,PUT,PATCH"),
    ("/connectors/a/status", "HEAD,GET,OPTIONS"),
    ("/connectors/a/pause", "OPTIONS,PUT"),
    ("/connectors/a/resume", "OPTIONS,PUT"),
    ("/connectors/a/stop", "OPTIONS,PUT"),
    ("/connectors/a/restart", "POST,OPTIONS"),
    ("/connectors/a/tasks", "HEAD,POST,GET,OPTIONS"),
    ("/connectors/a/tasks/0/status", "HEAD,GET,OPTIONS"),
    ("/connectors/a/tasks/0/restart", "POST,OPTIONS"),
    ("/connectors/a/offsets", "HEAD,DELETE,GET,OPTIONS,PATCH"),
    ("/connectors/a/topics", "HEAD,GET,OPTIONS"),
    ("/connectors/a/topics/reset", "OPTIONS,PUT"),
    ("/connectors/a/fence", "OPTIONS,PUT"),
    ("/admin/loggers", "HEAD,GET,OPTIONS"),
    ("/admin/loggers/a", "HEAD,GET,OPTIONS,PUT"),
];

#[tokio::test]
async fn every_path_tells_its_methods() {
    let client = Client::default();
    for (path, methods) in PATHS {
        for path in [path.to_owned(), format!("{path}/")] {
            if path == "//" {
                continue;
            }
            let answer = client.ask(&format!("OPTIONS {path}")).await;
            assert_eq!((answer.status.as_u16(), &answer.headers["allow"]), (200, &methods.parse().unwrap()), "{path}");
            assert_eq!(answer.headers["content-type"], "text/plain");
            assert_eq!(answer.text, methods.replace(',', ", "));
        }
    }
    assert!(client.asked().is_empty());
}

#[tokio::test]
async fn who_takes_no_text_is_told_in_the_header_alone() {
    let answer = with(&Client::default(), "OPTIONS /connectors", &[("accept", "application/json")]).await;
    answer.empty(200);
    assert_eq!(answer.headers["allow"], "HEAD,POST,GET,OPTIONS");
}

#[tokio::test]
async fn a_method_that_a_path_does_not_know_is_refused_and_the_known_ones_are_told() {
    let client = Client::default();
    for (path, methods) in PATHS {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"] {
            if methods.split(',').any(|known| known == method) {
                continue;
            }
            let answer = client.ask(&format!("{method} {path}")).await;
            assert_eq!((answer.status.as_u16(), &answer.headers["allow"]), (405, &methods.parse().unwrap()), "{path}");
            if method != "HEAD" {
                assert_eq!(answer.error(405), "HTTP 405 Method Not Allowed", "{method} {path}");
            }
        }
    }
    assert!(client.asked().is_empty());
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let client = Client::default();
    for path in ["/", "/connectors", "/connectors/file-source/status", "/connectors/x", "/connector-plugins"] {
        let get = client.ask(&format!("GET {path}")).await;
        let head = client.ask(&format!("HEAD {path}")).await;
        head.empty(get.status.as_u16());
        assert_eq!(head.headers["content-type"], "application/json");
        assert_eq!(head.headers["content-length"], get.text.len().to_string().as_str(), "{path}");
    }
}

#[tokio::test]
async fn a_client_that_takes_no_json_is_told_before_anything_changes() {
    let client = Client::default();
    let line = "DELETE /connectors/file-source";
    for accept in ["text/html", "garbage", "application/vnd.kafka+json", "text/*"] {
        let answer = with(&client, line, &[("accept", accept)]).await;
        assert_eq!(answer.error(406), "HTTP 406 Not Acceptable", "{accept}");
    }
    assert!(client.asked().is_empty());
    for accept in
        ["text/html, */*;q=0.1", "application/*", "application/json; charset=utf-8", "", "*", "*/json", "text/a,*/*"]
    {
        with(&client, line, &[("accept", accept)]).await.empty(204);
    }
    with(&client, line, &[("accept", "text/html"), ("accept", "application/json")]).await.empty(204);
}

#[tokio::test]
async fn another_type_of_body_is_refused_even_where_there_is_none() {
    let client = Client::default();
    for line in [
        "PUT /connectors/file-source/pause",
        "POST /connectors/file-source/restart",
        "DELETE /connectors/file-source",
        "GET /connectors",
        "GET /connector-plugins",
        "GET /admin/loggers",
        "PATCH /connectors/file-source/offsets",
    ] {
        for wrong in ["application/x-www-form-urlencoded", "text/plain", "application/merge-patch+json"] {
            let answer = with(&client, line, &[("content-type", wrong)]).await;
            assert_eq!(answer.error(415), "HTTP 415 Unsupported Media Type", "{line} {wrong}");
        }
    }
    assert!(client.asked().is_empty());
    for line in ["GET /", "GET /health"] {
        assert_eq!(with(&client, line, &[("content-type", "text/plain")]).await.status, 200);
    }
}

#[tokio::test]
async fn path_then_method_then_type_of_the_body_then_type_of_the_answer() {
    let client = Client::default();
    let all_wrong = [("content-type", "text/plain"), ("accept", "text/plain")];
    for (line, status) in [
        ("GET /nothing", 404),
        ("PUT /connectors", 405),
        ("PUT /connectors/x/pause", 415),
        ("GET /", 406),
        ("PUT /connectors/x/fence", 406),
    ] {
        assert_eq!(with(&client, line, &all_wrong).await.status, status, "{line}");
    }
    assert!(client.asked().is_empty());
}
