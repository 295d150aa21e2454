//! Who may ask, where `rest.extension.classes` says that not everybody may.

use std::future::pending;
use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use tokio::net::TcpListener;
use watertight_rest::{BasicAuth, admin_router, router, serve};
use watertight_worker::entities::ConfigMap;
use watertight_worker::herder::HerderError;

use crate::client::{Answer, Client};
use crate::forward::worker_client;

const CLASS: &str = "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension";
const MODULE: &str = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule";
/// `user:password`
const USER: &str = "Basic dXNlcjpwYXNzd29yZA==";

fn protected(folder: &Path) -> Client {
    std::fs::write(folder.join("users"), "user=password\n").unwrap();
    let jaas = format!("KafkaConnect {{ {MODULE} required file=\"users\"; }};");
    std::fs::write(folder.join("jaas.conf"), jaas).unwrap();
    let properties = ConfigMap::from([("rest.extension.classes".to_owned(), CLASS.to_owned())]);
    let opts = "-Xmx1g -Djava.security.auth.login.config=jaas.conf";
    let basic_auth = BasicAuth::from_properties(&properties, Some(opts), folder).unwrap();
    assert!(basic_auth.is_some());
    let mut client = Client::default();
    client.options.basic_auth = basic_auth;
    client
}

async fn ask(client: &Client, line: &str, authorization: Option<&str>) -> Answer {
    let (method, uri) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(uri);
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    client.send(request.body(Body::empty()).unwrap()).await
}

fn is_refused(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (401, "User cannot access the resource."));
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(!answer.headers.contains_key("www-authenticate"), "Kafka's worker does not ask for credentials");
}

#[tokio::test]
async fn a_user_gets_in_and_nobody_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let client = protected(folder.path());
    assert_eq!(ask(&client, "GET /", Some(USER)).await.status, 200);
    for wrong in [None, Some("Basic dXNlcjp3cm9uZw=="), Some("Bearer x"), Some("Basic !!!"), Some("Basic")] {
        is_refused(&ask(&client, "GET /", wrong).await);
    }
    let options = ask(&client, "OPTIONS /connectors", None).await;
    assert_eq!((options.status.as_u16(), &options.headers["content-type"]), (401, &"text/plain".parse().unwrap()));
    for line in ["GET /connectors", "GET /admin/loggers", "GET /health", "DELETE /connectors/file-source"] {
        is_refused(&ask(&client, line, None).await);
    }
    assert!(client.asked().iter().all(|asked| !asked.starts_with("delete")), "{:?}", client.asked());
}

#[tokio::test]
async fn what_workers_ask_of_each_other_needs_no_user() {
    let folder = tempfile::tempdir().unwrap();
    let client = protected(folder.path());
    for line in ["POST /connectors/a/tasks", "PUT /connectors/a/fence", "POST /connectors/a/tasks/"] {
        assert_ne!(ask(&client, line, None).await.status, 401, "{line}");
    }
    for line in ["GET /connectors/a/tasks", "POST /connectors/a/tasks/0/restart", "PUT /connectors/a%2Ftasks/pause"] {
        is_refused(&ask(&client, line, None).await);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_there_for_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let client = protected(folder.path());
    ask(&client, "GET /nowhere", None).await.error(404);
    ask(&client, "DELETE /connectors", None).await.error(405);
}

#[tokio::test]
async fn listeners_of_the_administrator_know_no_users() {
    use tower::ServiceExt as _;
    let folder = tempfile::tempdir().unwrap();
    let client = protected(folder.path());
    let router = admin_router(client.herder.clone(), client.options.clone());
    let request = Request::builder().uri("/admin/loggers").body(Body::empty()).unwrap();
    assert_ne!(router.oneshot(request).await.unwrap().status(), 401);
}

#[tokio::test]
async fn whoever_may_ask_one_worker_may_ask_the_one_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let leader = protected(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Some(format!("http://{}/", listener.local_addr().unwrap()));
    tokio::spawn(serve(listener, router(leader.herder.clone(), leader.options.clone()), pending()));
    let mut follower = protected(folder.path());
    follower.options.client = Some(worker_client());
    *follower.herder.refusal.lock().unwrap() = Some(HerderError::Elsewhere { url, message: String::new() });
    let line = "PUT /connectors/file-source/stop";
    is_refused(&ask(&follower, line, None).await);
    assert!(follower.asked().is_empty());
    ask(&follower, line, Some(USER)).await.empty(204);
    follower.options.basic_auth = None;
    let message = ask(&follower, line, None).await.error(500);
    assert!(message.contains("the other worker answered 401"), "{message}");
    assert_eq!(leader.asked().len(), 1);
}
