//! What workers ask of each other: the herder gets it as it came.

use axum::body::Body;
use axum::http::Request;
use watertight_worker::herder::HerderError;

use crate::client::Client;
use crate::fake::FakeHerder;

const TASKS: &str = "POST /connectors/file-source/tasks";
const FENCE: &str = "PUT /connectors/file-source/fence";

fn signed(line: &str, body: &'static str, headers: &[(&str, &str)]) -> Request<Body> {
    let (method, uri) = line.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(uri);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn the_herder_gets_body_and_proof_byte_by_byte() {
    let client = Client::default();
    let proof = [("X-Connect-Authorization", "abc="), ("X-Connect-Request-Signature-Algorithm", "HmacSHA256")];
    client.send(signed(TASKS, "\u{feff}[ {}] ", &proof)).await.empty(204);
    client.send(signed(FENCE, "", &proof)).await.empty(204);
    client.send(signed(FENCE, "null", &proof[..1])).await.empty(204);
    client.send(signed(TASKS, "{{", &[proof[0], proof[0]])).await.empty(204);
    assert_eq!(
        client.asked(),
        [
            "put_task_configs \u{feff}[ {}]  Some(\"abc=\") Some(\"HmacSHA256\") file-source",
            "fence_zombies  Some(\"abc=\") Some(\"HmacSHA256\") file-source",
            "fence_zombies null Some(\"abc=\") None file-source",
            "put_task_configs {{ Some(\"abc=,abc=\") None file-source",
        ]
    );
}

#[tokio::test]
async fn task_configs_without_a_body_are_refused_before_anybody_is_asked() {
    let client = Client::default();
    for body in ["", " \n"] {
        let answer = client.send(signed(TASKS, body, &[])).await;
        assert_eq!(answer.error(400), "The request has no body: JSON is expected");
    }
    assert!(client.asked().is_empty());
}

#[tokio::test]
async fn the_herders_refusals_have_their_status() {
    for (refusal, status) in [
        (HerderError::BadRequest("x".to_owned()), 400),
        (HerderError::Forbidden("x".to_owned()), 403),
        (HerderError::NotFound("x".to_owned()), 404),
        (HerderError::Internal("x".to_owned()), 500),
        (HerderError::Unavailable("x".to_owned()), 503),
    ] {
        let client = Client::of(FakeHerder { refusal: Some(refusal).into(), ..FakeHerder::default() });
        for line in [TASKS, FENCE] {
            assert_eq!(client.tell_as("text/plain", line, "[]").await.error(status), "x", "{line}");
        }
    }
}

#[tokio::test]
async fn bodies_are_bounded_here_too() {
    let mut client = Client::default();
    client.options.max_body_bytes = 10;
    for line in [TASKS, FENCE] {
        let message = client.tell(line, "[{\"a\":\"bcdef\"}]").await.error(413);
        assert!(message.contains("rest.max.body.bytes"), "{message}");
    }
    let many = format!("[{}]", ",".repeat(300_000));
    assert!(Client::default().tell(TASKS, many).await.error(400).contains("more than 250000 values"));
    assert!(client.asked().is_empty());
}
