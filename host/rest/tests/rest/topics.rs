//! `/connectors/{name}/topics`

use watertight_worker::herder::HerderError;

use crate::client::Client;

#[tokio::test]
async fn topics_are_told_under_the_connectors_name() {
    let client = Client::default();
    assert_eq!(client.ask("GET /connectors/a%2Fb/topics").await.text, r#"{"a/b":{"topics":["lines"]}}"#);
    assert_eq!(client.asked(), ["active_topics a/b"]);
}

#[tokio::test]
async fn topics_are_forgotten_on_request() {
    let client = Client::default();
    client.ask("PUT /connectors/x/topics/reset").await.empty(202);
    client.tell("PUT /connectors/x/topics/reset", "{}").await.empty(202);
    assert_eq!(client.asked(), ["reset_active_topics x"; 2]);
}

#[tokio::test]
async fn what_is_switched_off_is_forbidden() {
    let client = Client::default();
    *client.herder.refusal.lock().unwrap() = Some(HerderError::Forbidden("Topic tracking is disabled.".to_owned()));
    assert_eq!(client.ask("GET /connectors/x/topics").await.error(403), "Topic tracking is disabled.");
}
