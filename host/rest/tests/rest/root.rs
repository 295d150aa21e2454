//! `/` and `/connector-plugins`

use serde_json::json;
use watertight_worker::herder::HerderError;

use crate::client::Client;

#[tokio::test]
async fn the_root_tells_release_commit_and_cluster() {
    let answer = Client::default().ask("GET /").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text, r#"{"version":"4.3.1-watertight.0.1.0","commit":"unknown","kafka_cluster_id":"abc"}"#);
}

#[tokio::test]
async fn plugins_have_class_type_and_where_known_version() {
    let answer = Client::default().ask("GET /connector-plugins").await;
    assert_eq!(
        answer.json(),
        json!([{"class": "a.Sink", "type": "sink", "version": "1.0"}, {"class": "a.Source", "type": "source"}])
    );
}

#[tokio::test]
async fn only_connectors_are_listed_unless_false_is_said() {
    let client = Client::default();
    for query in ["", "?connectorsOnly=true", "?connectorsOnly=TRUE", "?connectorsOnly=false", "?connectorsOnly=no"] {
        assert_eq!(client.ask(&format!("GET /connector-plugins{query}")).await.status, 200);
    }
    assert_eq!(client.asked(), ["plugins true", "plugins true", "plugins true", "plugins false", "plugins false"]);
}

#[tokio::test]
async fn every_refusal_of_the_herder_has_its_status_and_its_words() {
    for (refusal, status) in [
        (HerderError::BadRequest("bad".to_owned()), 400),
        (HerderError::NotFound("gone".to_owned()), 404),
        (HerderError::Conflict("busy".to_owned()), 409),
        (HerderError::Internal("broken".to_owned()), 500),
    ] {
        let client = Client::default();
        let words = refusal.to_string();
        *client.herder.refusal.lock().unwrap() = Some(refusal);
        for line in ["GET /", "GET /connector-plugins", "GET /connectors", "DELETE /connectors/file-source"] {
            assert_eq!(client.ask(line).await.error(status), words);
        }
    }
}
