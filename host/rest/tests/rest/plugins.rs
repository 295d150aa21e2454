//! `/connector-plugins/{plugin}/config` and its validation.

use indexmap::IndexMap;
use serde_json::json;
use watertight_data::config::{ConfigKey, ConfigValue, Importance, Kind};
use watertight_worker::validate::Validation;

use crate::client::Client;
use crate::fake::FakeHerder;

fn client() -> Client {
    let topic = ConfigKey::required("topic", Kind::String, Importance::High);
    let mut password = ConfigKey::required("password", Kind::Password, Importance::Low);
    password.default = Some("hunter2".to_owned());
    let mut wrong = ConfigValue::new("topic");
    wrong.errors = vec!["one".to_owned(), "two".to_owned()];
    wrong.recommended_values = vec!["lines".to_owned()];
    let mut embedded = ConfigValue::new("producer.override.acks");
    embedded.errors = vec!["not allowed".to_owned(), "at all".to_owned()];
    embedded.value = Some("7".to_owned());
    let settings = IndexMap::from([
        ("topic".to_owned(), (topic, wrong)),
        ("password".to_owned(), (password, ConfigValue::new("password"))),
    ]);
    let validation = Validation {
        class: "a.Source".to_owned(),
        groups: vec!["Common".to_owned()],
        undefined: vec![ConfigValue::new("unheard.of")],
        settings,
        embedded: vec![(None, embedded)],
    };
    Client::of(FakeHerder { validation: Some(validation), ..FakeHerder::default() })
}

const TOPIC: &str = r#"{"name":"topic","type":"STRING","required":true,"default_value":null,"importance":"HIGH","documentation":"","group":null,"order_in_group":-1,"width":"NONE","display_name":"topic","dependents":[]}"#;

#[tokio::test]
async fn keys_are_told_field_for_field_and_no_password_with_them() {
    let client = client();
    let answer = client.ask("GET /connector-plugins/a.b%24c/config").await;
    assert!(answer.text.starts_with(&format!("[{TOPIC},")), "{}", answer.text);
    assert_eq!(answer.json()[1]["default_value"], "[hidden]");
    assert_eq!(client.asked(), ["plugin_config a.b$c None"]);
}

#[tokio::test]
async fn the_version_that_is_asked_for_is_passed_on() {
    let client = client();
    for query in ["version=%5B1,2)", "version", "version=latest&version=1"] {
        client.ask(&format!("GET /connector-plugins/a/config?{query}")).await;
    }
    assert_eq!(
        client.asked(),
        [r#"plugin_config a Some("[1,2)")"#, r#"plugin_config a Some("")"#, r#"plugin_config a Some("latest")"#]
    );
}

#[tokio::test]
async fn a_validation_is_told_with_definitions_values_and_the_count_of_errors() {
    let client = client();
    let answer = client.tell("PUT /connector-plugins/a/config/validate", r#"{"topic":1,"x":null}"#).await;
    assert_eq!(answer.status, 200);
    assert_eq!(client.asked(), [r#"validate a {"topic": Some("1"), "x": None}"#]);
    let start = r#"{"name":"a.Source","error_count":3,"groups":["Common"],"configs":[{"definition":null,"value":{"name":"unheard.of","value":null,"recommended_values":[],"errors":[],"visible":true}},"#;
    assert!(answer.text.starts_with(start), "{}", answer.text);
    let wrong = format!(
        r#"{{"definition":{TOPIC},"value":{{"name":"topic","value":null,"recommended_values":["lines"],"errors":["one","two"],"visible":true}}}}"#
    );
    assert!(answer.text.contains(&wrong), "{}", answer.text);
    assert_eq!(
        answer.json()["configs"][3],
        json!({"definition": null, "value": {"name": "producer.override.acks", "value": "7",
            "recommended_values": [], "errors": ["not allowed", "at all"], "visible": true}})
    );
}

#[tokio::test]
async fn a_refusal_to_validate_is_the_herders() {
    let answer = Client::default().tell("PUT /connector-plugins/a/config/validate", "{}").await;
    assert_eq!(answer.error(400), "Connector config contains no connector type");
}
