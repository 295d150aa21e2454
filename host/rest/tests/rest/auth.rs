//! Who may ask, where `rest.extension.classes` says that not everybody may.

use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use watertight_rest::{BasicAuth, admin_router};
use watertight_worker::entities::ConfigMap;

use crate::client::{Answer, Client};

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
