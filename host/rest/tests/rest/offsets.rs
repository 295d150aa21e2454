//! `/connectors/{name}/offsets`: changing and forgetting them.

use crate::client::Client;

const ALTER: &str = "PATCH /connectors/file-source/offsets";

#[tokio::test]
async fn offsets_are_altered_as_given() {
    let client = Client::default();
    let body = r#"{"offsets":[{"partition":{"f":"x"},"offset":{"p":9007199254740993}},{"partition":{"f":"y"}},{}]}"#;
    let answer = client.tell(ALTER, body).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, r#"{"message":"altered"}"#));
    let asked = client.asked().join("");
    for part in [r#""f": String("x")"#, "9007199254740993", "offset: Null", "partition: Null"] {
        assert!(asked.contains(part), "{asked}");
    }
}

#[tokio::test]
async fn offsets_are_forgotten_on_request() {
    let client = Client::default();
    for body in ["", "{}"] {
        let answer = client.tell("DELETE /connectors/file-source/offsets", body).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, r#"{"message":"reset"}"#));
    }
    assert_eq!(client.ask("DELETE /connectors/x/offsets").await.error(404), "Connector x not found");
}

#[tokio::test]
async fn a_request_without_offsets_is_refused_whoever_is_meant() {
    let client = Client::default();
    for name in ["file-source", "x"] {
        for body in ["{}", r#"{"offsets":null}"#, r#"{"offsets":[]}"#] {
            let answer = client.tell(&format!("PATCH /connectors/{name}/offsets"), body).await;
            assert_eq!(answer.error(400), "Partitions / offsets need to be provided for an alter offsets request");
        }
    }
    assert!(client.asked().is_empty());
}

#[tokio::test]
async fn another_shape_is_refused_with_its_place() {
    let client = Client::default();
    for body in [r#"{"offsets":[null]}"#, r#"{"offsets":{}}"#, r#"{"offsets":[{"partition":"a"}]}"#, r#"{"offset":[]}"#]
    {
        let message = client.tell(ALTER, body).await.error(400);
        assert!(message.contains("at line 1 column"), "{body}: {message}");
    }
    assert!(client.asked().is_empty());
}
