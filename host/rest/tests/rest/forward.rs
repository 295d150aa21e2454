//! Workers that send requests on to each other, over sockets.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use watertight_rest::{RestOptions, WorkerClient, router, serve};
use watertight_worker::distributed::colleagues::{Colleagues, Question, Refusal, Signature};
use watertight_worker::entities::ConfigMap;
use watertight_worker::herder::HerderError;

use crate::client::{Answer, Client};
use crate::fake::FakeHerder;

const CONFLICT: &str = "Cannot complete request because of a conflicting operation (e.g. worker rebalance)";
const CREATE: &str = r#"{"name":"a/b c","config":{"connector.class":"x","n":1.50}}"#;

pub fn worker_client() -> WorkerClient {
    WorkerClient::from_properties(&ConfigMap::new())
}

pub fn in_cluster() -> RestOptions {
    let mut options = RestOptions::default();
    options.client = Some(worker_client());
    options
}

fn elsewhere(url: &str) -> HerderError {
    HerderError::Elsewhere { url: Some(url.to_owned()), message: "Only the leader may do that.".to_owned() }
}

/// A worker on a socket, and its address.
async fn start(herder: FakeHerder, options: RestOptions) -> (Arc<FakeHerder>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let herder = Arc::new(herder);
    tokio::spawn(serve(listener, router(herder.clone(), options), pending()));
    (herder, url)
}

async fn leader() -> (Arc<FakeHerder>, String) {
    start(FakeHerder::default(), in_cluster()).await
}

/// A worker whose herder says that the one at this address answers everything.
fn follower(of: &str) -> Client {
    let refusal = Some(elsewhere(of)).into();
    Client { options: in_cluster(), ..Client::of(FakeHerder { refusal, ..FakeHerder::default() }) }
}

fn asked(herder: &FakeHerder) -> Vec<String> {
    herder.asked.lock().unwrap().clone()
}

/// A worker that says this to every request, once it has read the request's head; then the heads that it read.
async fn parrot(says: &'static str) -> (tokio::sync::mpsc::UnboundedReceiver<String>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (heads, received) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(says.as_bytes()).await.unwrap();
            heads.send(String::from_utf8(head).unwrap()).unwrap();
        }
    });
    (received, url)
}

fn with_body(status: &str, body: &str) -> &'static str {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).leak()
}

#[tokio::test]
async fn a_connector_is_created_by_the_leader_and_found_where_the_client_asked() {
    let (leader, url) = leader().await;
    let follower = follower(&url);
    let answer = follower.tell("POST /connectors", CREATE).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.headers["location"], "http://worker:8083/connectors/a%2Fb%20c");
    assert_eq!(answer.json()["config"]["n"], "1.50");
    assert_eq!(asked(&leader), follower.asked());
}

#[tokio::test]
async fn every_request_arrives_as_it_was_sent() {
    let (leader, url) = leader().await;
    let follower = follower(&url);
    let mut lines = 0;
    for (line, body, status) in [
        ("PUT /connectors/a%2Fb/config", r#"{"a":true}"#, 201),
        ("PUT /connectors/file-source/config", "\u{feff}{}", 200),
        ("PATCH /connectors/file-source/config", r#"{"a":null}"#, 200),
        ("DELETE /connectors/file-source", "", 204),
        ("PUT /connectors/file-source/stop", "", 204),
        ("POST /connectors/file-source/restart", "", 204),
        ("POST /connectors/file-source/restart?includeTasks=true&onlyFailed=TRUE", "", 202),
        ("POST /connectors/file-source/tasks/1/restart/", "", 204),
        (
            "PATCH /connectors/file-source/offsets",
            r#"{"offsets":[{"partition":{},"offset":{"p":9007199254740993}}]}"#,
            200,
        ),
        ("DELETE /connectors/file-source/offsets", "", 200),
        ("POST /connectors/file-source/tasks", "[ ]", 204),
        ("PUT /connectors/file-source/fence", "", 204),
        ("PUT /connectors/file-source/fence", "x", 204),
    ] {
        let answer = if body.is_empty() { follower.ask(line).await } else { follower.tell(line, body).await };
        assert_eq!(answer.status.as_u16(), status, "{line}: {}", answer.text);
        assert_eq!(answer.text.is_empty(), status == 204, "{line}: {}", answer.text);
        lines += 1;
    }
    assert_eq!(asked(&leader), follower.asked());
    assert_eq!(asked(&leader).len(), lines);
}

#[tokio::test]
async fn a_refusal_of_the_leader_is_passed_on() {
    let (_, url) = leader().await;
    let answer = follower(&url).ask("DELETE /connectors/x").await;
    assert_eq!(answer.error(404), "Connector x not found");
    let (_, url) = parrot(with_body("418 I'm a teapot", r#"{"error_code":418,"message":null}"#)).await;
    let answer = follower(&url).ask("DELETE /connectors/x").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (418, r#"{"error_code":418,"message":null}"#));
}

#[tokio::test]
async fn two_hops_lead_from_a_follower_to_the_owner_and_no_further() {
    let (owner, url) = leader().await;
    let in_between = |of: &str| FakeHerder { refusal: Some(elsewhere(of)).into(), ..FakeHerder::default() };
    let (leader, url) = start(in_between(&url), in_cluster()).await;
    follower(&url).ask("POST /connectors/file-source/restart").await.empty(204);
    assert_eq!(asked(&owner), asked(&leader));
    let (_, url) = start(in_between(&url), in_cluster()).await;
    let answer = follower(&url).ask("POST /connectors/file-source/restart").await;
    assert_eq!(answer.error(409), CONFLICT);
    assert_eq!(asked(&owner).len(), 1);
    assert_eq!(asked(&leader).len(), 2);
}

#[tokio::test]
async fn workers_that_take_each_other_for_the_leader_stop_after_two_hops() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let itself = follower(&url);
    tokio::spawn(serve(listener, router(itself.herder.clone(), in_cluster()), pending()));
    assert_eq!(itself.tell("POST /connectors", CREATE).await.error(409), CONFLICT);
    assert_eq!(itself.asked().len(), 3);
}

#[tokio::test]
async fn the_parameter_limits_the_hops() {
    let (leader, url) = leader().await;
    let follower = follower(&url);
    assert_eq!(follower.ask("PUT /connectors/file-source/stop?forward=false").await.error(409), CONFLICT);
    assert!(asked(&leader).is_empty());
    follower.ask("PUT /connectors/file-source/stop?forward=true").await.empty(204);
    let (mut heads, url) = parrot("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
    for (query, sent) in [("", "?forward=true"), ("?forward=true", "?forward=false"), ("?a=b", "?forward=true&a=b")] {
        self::follower(&url).ask(&format!("PUT /connectors/x/stop{query}")).await.empty(204);
        let head = heads.recv().await.unwrap();
        assert!(head.starts_with(&format!("PUT /connectors/x/stop{sent} HTTP/1.1\r\n")), "{head}");
    }
}

#[tokio::test]
async fn without_a_leader_there_is_a_conflict() {
    let refusal = HerderError::Elsewhere { url: None, message: "Only the leader may do that.".to_owned() };
    let herder = || FakeHerder { refusal: Some(refusal.clone()).into(), ..FakeHerder::default() };
    let client = Client { options: in_cluster(), ..Client::of(herder()) };
    assert_eq!(
        client.ask("PUT /connectors/x/stop").await.error(409),
        "Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway."
    );
    assert_eq!(client.ask("PUT /connectors/x/stop?forward=false").await.error(409), CONFLICT);
    let alone = Client::of(herder());
    assert_eq!(alone.ask("PUT /connectors/x/stop").await.error(409), "Only the leader may do that.");
}

#[tokio::test]
async fn of_the_headers_only_those_go_along_that_say_who_asks() {
    let (mut heads, url) = parrot("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
    let request = Request::builder().method("PUT").uri("/connectors/x/fence");
    let request = request.header("authorization", "Basic eDp5").header("cookie", "a=b").header("x-other", "c");
    let request = request.header("x-connect-authorization", "abc=").header("user-agent", "curl");
    let request = request.header("x-connect-request-signature-algorithm", "HmacSHA1").header("accept", "*/*");
    follower(&url).send(request.body(Body::from("{}")).unwrap()).await.empty(204);
    let head = heads.recv().await.unwrap();
    let mut lines: Vec<&str> = head.trim_end().lines().skip(1).collect();
    lines.sort_unstable();
    let host = format!("host: {}", url.trim_start_matches("http://").trim_end_matches('/'));
    assert_eq!(
        lines,
        [
            "accept: application/json",
            "authorization: Basic eDp5",
            "content-length: 2",
            "content-type: application/json",
            &host,
            "user-agent: kafka-connect",
            "x-connect-authorization: abc=",
            "x-connect-request-signature-algorithm: HmacSHA1",
        ]
    );
    follower(&url).ask("DELETE /connectors/x").await.empty(204);
    let head = heads.recv().await.unwrap();
    assert!(!head.contains("content-type"), "{head}");
}

#[tokio::test]
async fn answers_that_no_worker_gives_are_not_passed_on() {
    for (says, told) in [
        (
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            "Unexpected status code when handling forwarded request: 302",
        ),
        (with_body("200 OK", "<html>"), "IO Error trying to forward REST request: the other worker answered 200 with"),
        (
            with_body("401 Unauthorized", "User cannot access the resource."),
            "IO Error trying to forward REST request: the other worker answered 401 with",
        ),
        (with_body("500 Oh", "[]"), "IO Error trying to forward REST request: the other worker answered 500 with"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}", "IO Error trying to forward REST request: the answer of "),
        ("nonsense\r\n\r\n", "IO Error trying to forward REST request: the connection to "),
        ("", "IO Error trying to forward REST request: the connection to "),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 100000000000\r\n\r\n",
            "there is no room for a body of 100000000000 bytes",
        ),
    ] {
        let (_heads, url) = parrot(says).await;
        let message = follower(&url).ask("PUT /connectors/x/stop").await.error(500);
        assert!(message.contains(told), "{message}");
    }
}

#[tokio::test]
async fn a_leader_that_is_gone_is_an_error_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let begun = Instant::now();
    let message = follower(&url).tell("POST /connectors", CREATE).await.error(500);
    assert!(message.starts_with("IO Error trying to forward REST request: http://127.0.0.1:"), "{message}");
    assert!(message.contains("cannot be reached: Connection refused"), "{message}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    let message = follower("not a url").ask("PUT /connectors/x/stop").await.error(500);
    assert!(message.starts_with("Error trying to forward REST request: not a url"), "{message}");
}

fn impatient() -> RestOptions {
    let mut options = in_cluster();
    options.request_timeout = Duration::from_millis(300);
    options.hop_grace = Duration::from_secs(10);
    options
}

#[tokio::test]
async fn a_leader_that_is_too_slow_says_itself_why() {
    let slow = |stage: &str| FakeHerder {
        delay: Some(Duration::from_secs(60)),
        stage: stage.to_owned(),
        ..FakeHerder::default()
    };
    let (_, url) = start(slow("The worker is currently asleep."), impatient()).await;
    let mut follower = follower(&url);
    follower.options = impatient();
    let answer = follower.ask("PUT /connectors/x/stop").await;
    assert_eq!(answer.error(500), "Request timed out. The worker is currently asleep.");
    let alone = Client { options: impatient(), ..Client::of(slow("")) };
    assert_eq!(alone.ask("PUT /connectors/x/stop").await.error(500), "Request timed out");
}

#[tokio::test]
async fn a_leader_that_never_answers_is_not_waited_for_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut follower = follower(&format!("http://{}", listener.local_addr().unwrap()));
    follower.options = impatient();
    follower.options.hop_grace = Duration::from_millis(100);
    let begun = Instant::now();
    assert_eq!(follower.ask("PUT /connectors/x/stop").await.error(500), "Request timed out");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn large_bodies_are_kept_within_the_memory_that_there_is_for_bodies() {
    let delay = Some(Duration::from_secs(2));
    let (_, url) = start(FakeHerder { delay, ..FakeHerder::default() }, in_cluster()).await;
    let follower = follower(&url);
    let body = format!("{{\"a\":\"{}\"}}", "x".repeat(6_000_000));
    let one = |_| {
        let (follower, body) = (follower.clone(), body.clone());
        tokio::spawn(async move { follower.tell("PUT /connectors/new/config", body).await })
    };
    let mut codes = Vec::new();
    for task in (0..4).map(one).collect::<Vec<_>>() {
        let Answer { status, text, .. } = task.await.unwrap();
        assert_eq!(text.len() > 6_000_000, status == 201, "{status}: {}", text.len());
        codes.push(status.as_u16());
    }
    codes.sort_unstable();
    assert_eq!(codes, [201, 201, 503, 503]);
    assert_eq!(follower.tell("PUT /connectors/new/config", body).await.status, 201, "all is given back");
}

#[tokio::test]
async fn connections_are_used_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let follower = follower(&format!("http://{}", listener.local_addr().unwrap()));
    let leader = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..3 {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        }
    });
    for _ in 0..3 {
        follower.ask("PUT /connectors/x/stop").await.empty(204);
    }
    leader.await.unwrap();
}

#[tokio::test]
async fn a_leader_that_came_back_is_asked_over_a_new_connection() {
    let client = worker_client();
    let question = |url: &str| Question {
        method: "PUT",
        url: url.to_owned(),
        path: "connectors/file-source/fence".to_owned(),
        body: None,
        signature: None,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("http://{address}/");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let herder = Arc::new(FakeHerder::default());
    let first = tokio::spawn(serve(listener, router(herder, RestOptions::default()), async { drop(stopped.await) }));
    client.ask(question(&url)).await.unwrap();
    stop.send(()).unwrap();
    first.await.unwrap().unwrap();
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(serve(listener, router(Arc::new(FakeHerder::default()), RestOptions::default()), pending()));
    client.ask(question(&url)).await.unwrap();
}

#[tokio::test]
async fn workers_ask_each_other_with_a_signature() {
    let (leader, url) = leader().await;
    let question = |connector: &str| Question {
        method: "POST",
        url: url.clone(),
        path: format!("connectors/{connector}/tasks"),
        body: Some(b"[{}]".to_vec()),
        signature: Some(Signature { algorithm: "HmacSHA256".to_owned(), code: "abc=".to_owned() }),
    };
    worker_client().ask(question("file-source")).await.unwrap();
    let refusal = worker_client().ask(question("x%2Fy")).await.unwrap_err();
    assert_eq!(refusal, Refusal { status: Some(404), message: "Connector x/y not found".to_owned() });
    let signed = "put_task_configs [{}] Some(\"abc=\") Some(\"HmacSHA256\")";
    assert_eq!(asked(&leader), [format!("{signed} file-source"), format!("{signed} x/y")]);
    let dead = Question { url: "http://127.0.0.1:1/".to_owned(), ..question("a") };
    let refusal = worker_client().ask(dead).await.unwrap_err();
    assert_eq!(refusal.status, None);
    assert!(refusal.message.contains("http://127.0.0.1:1/connectors/a/tasks cannot be reached"), "{refusal}");
    let (_heads, url) = parrot(with_body("302 Found", "")).await;
    let refusal = worker_client().ask(Question { url, ..question("a") }).await.unwrap_err();
    assert_eq!(refusal.status, Some(302));
}
