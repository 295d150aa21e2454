//! `GET /health`

use std::time::Duration;

use watertight_worker::entities::{Health, HealthState};

use crate::client::Client;
use crate::fake::FakeHerder;

#[tokio::test]
async fn each_state_has_its_status_and_none_has_the_shape_of_an_error() {
    for (state, status, word) in [
        (HealthState::Healthy, 200, "healthy"),
        (HealthState::Starting, 503, "starting"),
        (HealthState::Unhealthy, 500, "unhealthy"),
    ] {
        let health = Some(Health { state, message: "So it is.".to_owned() });
        let answer = Client::of(FakeHerder { health, ..FakeHerder::default() }).ask("GET /health").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.text, format!(r#"{{"status":"{word}","message":"So it is."}}"#));
    }
}

#[tokio::test]
async fn a_herder_that_does_not_answer_is_unhealthy() {
    let delay = Some(Duration::from_secs(5));
    let silent = "Worker was unable to handle this request and may be unable to handle other requests.";
    for (stage, told) in [("", silent.to_owned()), ("It sleeps.", format!("{silent} It sleeps."))] {
        let mut client = Client::of(FakeHerder { delay, stage: stage.to_owned(), ..FakeHerder::default() });
        client.options.health_timeout = Duration::from_millis(20);
        let answer = client.ask("GET /health").await;
        assert_eq!(answer.status, 500);
        assert_eq!(answer.text, format!(r#"{{"status":"unhealthy","message":"{told}"}}"#));
    }
}
