//! Bodies of every wrong kind: each is the client's mistake, says where it is, and changes nothing.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use futures::stream;
use watertight_worker::entities::ConfigMap;

use crate::client::Client;
use crate::fake::FakeHerder;

const POST: &str = "POST /connectors";
const PUT: &str = "PUT /connectors/a/config";

async fn refused(line: &str, body: impl Into<Body>, status: u16) -> String {
    let client = Client::default();
    let message = client.tell(line, body).await.error(status);
    assert!(client.asked().is_empty());
    message
}

#[tokio::test]
async fn malformed_json_is_refused_with_its_place() {
    for line in [POST, PUT] {
        let message = refused(line, "{\"name\":\n \"a\",,}", 400).await;
        assert!(message.starts_with("Malformed JSON") && message.ends_with("at line 2 column 6"), "{message}");
    }
}

#[tokio::test]
async fn a_missing_body_is_refused() {
    for body in ["", " \n"] {
        assert_eq!(refused(PUT, body, 400).await, "The request has no body: JSON is expected");
    }
}

#[tokio::test]
async fn invalid_utf8_is_refused() {
    let message = refused(PUT, b"{\"a\":\"\xff\"}".to_vec(), 400).await;
    assert!(message.contains("line 1 column"), "{message}");
}

#[tokio::test]
async fn json_of_another_shape_is_refused() {
    for body in ["[]", "null", "\"a\"", "1"] {
        for line in [POST, PUT] {
            let message = refused(line, body, 400).await;
            assert!(message.contains("expected a JSON object"), "{line} {body}: {message}");
        }
    }
    let message = refused(PUT, r#"{"a":{"b":1}}"#, 400).await;
    assert!(message.contains("Cannot deserialize value of type `String` from an object: \"a\""), "{message}");
}

#[tokio::test]
async fn values_are_counted_and_commas_in_a_text_are_none() {
    let commas = ",".repeat(1_000_000);
    assert_eq!(Client::default().tell(PUT, format!(r#"{{"a":"\"{commas}"}}"#)).await.status, 201);
    let offsets = |count: usize| format!(r#"{{"offsets":[{}{{}}]}}"#, "{},".repeat(count));
    let alter = "PATCH /connectors/file-source/offsets";
    assert_eq!(Client::default().tell(alter, offsets(124_000)).await.status, 200);
    for many in [offsets(130_000), format!(r#"{{"offsets":[{{"offset":{{"a":[{}0]}}}}]}}"#, "0,".repeat(4_000_000))] {
        assert_eq!(refused(alter, many, 400).await, "The request's body has more than 250000 values in it");
    }
}

#[tokio::test]
async fn deep_json_is_refused_and_the_worker_goes_on() {
    for deep in ["[".repeat(1_000_000), format!("{{\"a\":{}", "{\"a\":".repeat(1_000_000))] {
        refused(PUT, deep.clone(), 400).await;
        refused(POST, format!("{{\"x\":{deep}"), 400).await;
    }
}

#[tokio::test]
async fn unknown_fields_and_a_missing_config_are_refused() {
    let message = refused(POST, r#"{"name":"a","config":{},"tasks":[]}"#, 400).await;
    assert!(message.starts_with("Unrecognized field \"tasks\""), "{message}");
    for body in [r#"{"name":"a"}"#, r#"{"name":"a","config":null}"#] {
        assert!(refused(POST, body, 400).await.contains("no \"config\""));
    }
}

#[tokio::test]
async fn an_unknown_initial_state_is_refused() {
    let message = refused(POST, r#"{"name":"a","config":{},"initial_state":"ASLEEP"}"#, 400).await;
    assert!(message.contains("RUNNING, PAUSED, STOPPED"), "{message}");
}

#[tokio::test]
async fn a_missing_name_is_left_to_validation() {
    let client = Client::default();
    client.tell(POST, r#"{"config":{}}"#).await;
    assert_eq!(client.asked(), [r#"put  {"name": ""} None false"#]);
}

#[tokio::test]
async fn only_json_is_taken() {
    let client = Client::default();
    for wrong in ["text/plain", "application/x-www-form-urlencoded", "application/vnd.kafka+json", "*/*"] {
        let answer = client.tell_as(wrong, PUT, "{}").await;
        assert_eq!(answer.error(415), "HTTP 415 Unsupported Media Type", "{wrong}");
    }
    assert!(client.asked().is_empty());
    for right in ["Application/JSON; charset=UTF-8", "application/json;x"] {
        assert_eq!(client.tell_as(right, PUT, "{}").await.status, 201, "{right}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_say_what_it_is_is_not_taken() {
    let client = Client::default();
    let untyped = |line: &str, body: &'static str| {
        let (method, uri) = line.split_once(' ').unwrap();
        client.send(Request::builder().method(method).uri(uri).body(Body::from(body)).unwrap())
    };
    for line in [POST, PUT, "PATCH /connectors/file-source/offsets", "PUT /admin/loggers/root"] {
        assert_eq!(untyped(line, "{}").await.error(415), "HTTP 415 Unsupported Media Type", "{line}");
        assert_eq!(untyped(line, "").await.error(400), "The request has no body: JSON is expected", "{line}");
    }
    assert!(client.asked().is_empty());
    untyped("POST /connectors/file-source/restart", "x").await.empty(204);
    untyped("POST /connectors/file-source/tasks", "[]").await.empty(204);
}

#[tokio::test]
async fn a_mark_at_the_start_of_a_body_is_passed_over() {
    assert_eq!(Client::default().tell(PUT, "\u{feff}{}").await.status, 201);
}

#[tokio::test]
async fn of_two_equal_keys_the_last_counts() {
    let client = Client::default();
    client.tell(POST, r#"{"name":"a","name":"b","config":{"x":1},"config":{"y":1,"y":2}}"#).await;
    assert_eq!(client.asked(), [r#"put b {"y": "2", "name": "b"} None false"#]);
}

#[tokio::test]
async fn a_name_that_no_url_can_hold_is_refused() {
    for name in ["n".repeat(8_000_000), "ü".repeat(2000)] {
        let message = refused(POST, format!(r#"{{"name":"{name}","config":{{}}}}"#), 400).await;
        assert!(message.starts_with("The connector's name has ") && message.len() < 200, "{message}");
    }
}

#[tokio::test]
async fn bodies_of_offsets_and_levels_have_their_shapes_too() {
    for line in [
        "PATCH /connectors/file-source/offsets",
        "PATCH /connectors/file-source/config",
        "PUT /connector-plugins/a/config/validate",
        "PUT /admin/loggers/root",
    ] {
        for body in ["", "null", "\"x\"", "1", "{{", "{\"a\":", &"[".repeat(100_000)] {
            refused(line, body.to_owned(), 400).await;
        }
        assert!(refused(line, b"{ \xff }".to_vec(), 400).await.contains("at line 1 column"));
        refused(line, "x".repeat((8 << 20) + 1), 413).await;
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_by_the_name_of_the_setting() {
    let setting = ConfigMap::from([("rest.max.body.bytes".to_owned(), "100".to_owned())]);
    let options = watertight_rest::RestOptions::from_properties(&setting).unwrap();
    let client = Client { options, ..Client::default() };
    let of_length = |length: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));

    assert_eq!(client.tell(PUT, of_length(100)).await.status, 201);
    let chunks = of_length(101).into_bytes().into_iter().map(|byte| Ok::<_, std::io::Error>(vec![byte]));
    for body in [Body::from(of_length(101)), Body::from_stream(stream::iter(chunks.collect::<Vec<_>>()))] {
        let message = client.tell(PUT, body).await.error(413);
        assert!(message.contains("100 bytes") && message.contains("'rest.max.body.bytes'"), "{message}");
    }
    assert_eq!(client.asked().len(), 1);
}

#[tokio::test]
async fn eight_mebibytes_are_taken_and_one_more_byte_is_not() {
    let body = |length: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
    assert_eq!(Client::default().tell(PUT, body(8 << 20)).await.status, 201);
    refused(PUT, body((8 << 20) + 1), 413).await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up() {
    let mut client = Client::default();
    client.options.body_timeout = Duration::from_millis(50);
    let never = Body::from_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
    assert_eq!(client.tell(PUT, never).await.error(408), "HTTP 408 Request Timeout");
}

#[tokio::test]
async fn a_slow_herder_is_answered_for_and_goes_on() {
    let delay = Some(Duration::from_millis(200));
    let mut client = Client::of(FakeHerder { delay, ..FakeHerder::default() });
    client.options.request_timeout = Duration::from_millis(20);
    assert_eq!(client.tell(PUT, "{}").await.error(500), "Request timed out");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(*client.herder.finished.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_question_that_takes_too_long_is_dropped() {
    let delay = Some(Duration::from_millis(200));
    let mut client = Client::of(FakeHerder { delay, ..FakeHerder::default() });
    client.options.request_timeout = Duration::from_millis(20);
    assert_eq!(client.ask("GET /connectors").await.error(500), "Request timed out");
    let validate = "PUT /connector-plugins/a/config/validate";
    assert_eq!(client.tell(validate, "{}").await.error(500), "Request timed out");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((client.asked().len(), *client.herder.finished.lock().unwrap()), (2, 0));
}

#[tokio::test]
async fn a_panic_stays_with_its_request() {
    let client = Client::of(FakeHerder { panics: true, ..FakeHerder::default() });
    assert_eq!(client.ask("GET /").await.error(500), "Internal Server Error");
}
