//! `/admin/loggers`, and on which listeners it is.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::json;
use tower::ServiceExt;
use watertight_rest::{RestOptions, admin_router};
use watertight_worker::entities::ConfigMap;

use crate::client::Client;
use crate::fake::FakeHerder;

const ROOT: &str = "PUT /admin/loggers/root";

#[tokio::test]
async fn loggers_are_told_with_level_and_time() {
    let client = Client::default();
    let all = client.ask("GET /admin/loggers").await;
    assert_eq!(all.text, r#"{"root":{"level":"INFO","last_modified":null}}"#);
    assert_eq!(client.ask("GET /admin/loggers/root").await.text, r#"{"level":"INFO","last_modified":1}"#);
    assert_eq!(client.ask("GET /admin/loggers/a%2Fb").await.error(404), "Logger a/b not found.");
}

#[tokio::test]
async fn a_level_is_set_here_unless_the_cluster_is_meant() {
    let client = Client::default();
    for scope in ["", "?scope=worker", "?scope=", "?scope=nobody", "?scope=worker&scope=cluster"] {
        let answer = client.tell(&format!("{ROOT}{scope}"), r#"{"level":"debug"}"#).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!(["root"])), "{scope}");
    }
    client.tell(&format!("{ROOT}?scope=CLUSTER"), r#"{"level":" Info ","x":1}"#).await.empty(204);
    assert_eq!(client.asked()[..5], ["set_logger root DEBUG"; 5]);
    assert_eq!(client.asked()[5], "set_cluster_logger root INFO");
}

#[tokio::test]
async fn all_of_log4js_levels_are_known_and_no_others() {
    let client = Client::default();
    for level in ["off", "FATAL", "Error", "warn", "info", "debug", "trace", "all"] {
        assert_eq!(client.tell(ROOT, format!(r#"{{"level":"{level}"}}"#)).await.status, 200, "{level}");
    }
    for level in ["WARNING", "1", "", "nope"] {
        let answer = client.tell(ROOT, format!(r#"{{"level":"{level}"}}"#)).await;
        assert_eq!(answer.error(404), format!("invalid log level '{level}'."));
    }
    assert_eq!(client.asked().len(), 8);
}

#[tokio::test]
async fn without_a_level_nothing_is_set() {
    let client = Client::default();
    for body in ["{}", r#"{"level":null}"#, r#"{"LEVEL":"INFO"}"#] {
        let answer = client.tell(ROOT, body).await;
        assert_eq!(answer.error(400), "Desired 'level' parameter was not specified in request.");
    }
    assert!(client.asked().is_empty());
}

fn options(admin_listeners: &str) -> RestOptions {
    let settings = [("admin.listeners", admin_listeners), ("access.control.allow.origin", "*")];
    let settings: ConfigMap = settings.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    RestOptions::from_properties(&settings).unwrap()
}

#[tokio::test]
async fn with_listeners_of_its_own_or_none_it_is_not_on_the_others() {
    for listeners in ["", "http://127.0.0.1:1"] {
        let client = Client { options: options(listeners), ..Client::default() };
        for line in ["GET /admin/loggers", "GET /admin/loggers/root", "OPTIONS /admin/loggers", ROOT] {
            assert_eq!(client.ask(line).await.error(404), "HTTP 404 Not Found", "{line}");
        }
        assert_eq!(client.ask("GET /").await.status, 200);
    }
}

#[tokio::test]
async fn on_listeners_of_its_own_there_is_nothing_else() {
    let ask = async |path: &str| {
        let router = admin_router(Arc::new(FakeHerder::default()), options("http://127.0.0.1:1"));
        let request = Request::get(path).header("origin", "http://a").body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let headers = answer.headers().clone();
        assert!(headers.get("vary").is_none() && headers.get("access-control-allow-origin").is_none());
        let status = answer.status().as_u16();
        (status, String::from_utf8(to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap())
    };
    assert_eq!(ask("/admin/loggers/root").await, (200, r#"{"level":"INFO","last_modified":1}"#.to_owned()));
    for path in ["/", "/connectors", "/health", "/connector-plugins"] {
        assert_eq!(ask(path).await, (404, r#"{"error_code":404,"message":"HTTP 404 Not Found"}"#.to_owned()), "{path}");
    }
}
