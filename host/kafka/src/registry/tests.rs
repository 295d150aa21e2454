//! The client against a registry of one page.

use std::collections::HashMap;

use serde_json::json;
use watertight_harness::registry::Registry;

use super::*;
use crate::SettingsError;

fn parse(settings: &[(&str, &str)]) -> Result<RegistrySettings, SettingsError> {
    let settings: HashMap<&str, &str> = settings.iter().copied().collect();
    RegistrySettings::parse(|key| settings.get(key).copied())
}

fn client(settings: &[(&str, &str)]) -> RegistryClient {
    let mut all = vec![("retries.wait.ms", "1"), ("max.retries", "2")];
    all.extend_from_slice(settings);
    RegistryClient::new(parse(&all).unwrap()).unwrap()
}

fn avro(text: &str) -> RegistrySchema {
    RegistrySchema { kind: "AVRO".to_owned(), text: text.to_owned(), references: Vec::new() }
}

#[test]
fn schemas_are_registered_and_found_and_each_is_asked_for_once() {
    let registry = Registry::start().unwrap();
    let client = client(&[("schema.registry.url", &registry.url())]);
    let subject = "größe/a b-value";
    for _ in 0..3 {
        assert_eq!(client.register(subject, &avro("\"int\""), false).unwrap(), 1);
        assert_eq!(client.schema_by_id(1, Some(subject)).unwrap().text, "\"int\"");
        assert_eq!(client.lookup(subject, &avro("\"int\""), true).unwrap().version, 1);
        assert_eq!(client.version(subject, 1).unwrap().id, 1);
    }
    assert_eq!(
        registry.requests(),
        [
            "POST /subjects/gr%C3%B6%C3%9Fe%2Fa%20b-value/versions",
            "GET /schemas/ids/1?fetchMaxId=false&subject=gr%C3%B6%C3%9Fe%2Fa%20b-value",
            "POST /subjects/gr%C3%B6%C3%9Fe%2Fa%20b-value?normalize=true",
            "GET /subjects/gr%C3%B6%C3%9Fe%2Fa%20b-value/versions/1",
        ]
    );
    assert_eq!(registry.versions(subject), ["\"int\""]);
    // what may change is asked each time
    assert_eq!(client.latest(subject).unwrap().version, 1);
    registry.put(subject, json!({"schema": "\"long\""}));
    assert_eq!(client.latest(subject).unwrap().version, 2);
}

#[test]
fn kinds_and_references_are_carried() {
    let registry = Registry::start().unwrap();
    let client = client(&[("schema.registry.url", &registry.url())]);
    let schema = RegistrySchema {
        kind: "PROTOBUF".to_owned(),
        text: "message A {}".to_owned(),
        references: vec![RegistryReference { name: "b.proto".to_owned(), subject: "b".to_owned(), version: 3 }],
    };
    let id = client.register("s", &schema, false).unwrap();
    assert_eq!(*client.schema_by_id(id, None).unwrap(), schema);
}

#[test]
fn what_is_not_there_is_asked_for_again() {
    let registry = Registry::start().unwrap();
    let client = client(&[("schema.registry.url", &registry.url())]);
    let missing = client.schema_by_id(1, None).unwrap_err();
    assert_eq!(missing.to_string(), "Schema 1 not found; error code: 40403");
    assert!(!missing.is_passing());
    registry.put("s", json!({"schema": "\"int\""}));
    assert_eq!(client.schema_by_id(1, None).unwrap().text, "\"int\"");
    assert_eq!(
        client.lookup("no", &avro("x"), false).unwrap_err().to_string(),
        "Subject 'no' not found.; error code: 40401"
    );
    assert_eq!(client.version("s", 9).unwrap_err().to_string(), "Version 9 not found.; error code: 40402");
}

#[test]
fn what_may_pass_is_tried_again_and_what_will_not_is_not() {
    let registry = Registry::start().unwrap();
    let client = client(&[("schema.registry.url", &registry.url())]);
    registry.fail("POST", 2, 503, 50003, "busy");
    assert_eq!(client.register("s", &avro("\"int\""), false).unwrap(), 1);
    assert_eq!(registry.requests().len(), 3);
    registry.fail("POST", 3, 500, 50001, "Error in the backend data store");
    let fault = client.register("t", &avro("\"int\""), false).unwrap_err();
    assert!(fault.is_passing());
    assert_eq!(registry.requests().len(), 6);
    registry.fail("POST", 1, 409, 409, "Schema being registered is incompatible with an earlier schema");
    let fault = client.register("t", &avro("\"int\""), false).unwrap_err();
    assert_eq!(fault.to_string(), "Schema being registered is incompatible with an earlier schema; error code: 409");
    assert_eq!(registry.requests().len(), 7);
}

#[test]
fn the_next_address_answers_for_one_that_does_not() {
    let gone = Registry::start().unwrap().url();
    let registry = Registry::start().unwrap();
    let both = format!("{gone} , {}/", registry.url());
    let together = client(&[("schema.registry.url", &both)]);
    assert_eq!(together.register("s", &avro("\"int\""), false).unwrap(), 1);
    let alone = client(&[("schema.registry.url", &gone)]);
    let fault = alone.register("s", &avro("\"int\""), false).unwrap_err();
    assert!(fault.is_passing());
    assert!(fault.to_string().contains(&gone), "{fault}");
}

#[test]
fn credentials_come_from_where_the_settings_say() {
    let registry = Registry::start().unwrap();
    let url = registry.url();
    let with_user = url.replace("http://", "http://us%65r:pa%3Ass@");
    let jaas = r#"org.apache.kafka.common.security.plain.PlainLoginModule required username="user" password="pa:ss";"#;
    registry.require("Authorization", "Basic dXNlcjpwYTpzcw==");
    for settings in [
        vec![("schema.registry.url", with_user.as_str())],
        vec![
            ("schema.registry.url", &url),
            ("basic.auth.credentials.source", "USER_INFO"),
            ("basic.auth.user.info", "user:pa:ss"),
        ],
        vec![
            ("schema.registry.url", &url),
            ("basic.auth.credentials.source", "SASL_INHERIT"),
            ("sasl.jaas.config", jaas),
        ],
    ] {
        assert_eq!(client(&settings).register("s", &avro("\"int\""), false).unwrap(), 1);
    }
    let nobody = client(&[("schema.registry.url", &url)]).register("s", &avro("\"int\""), false).unwrap_err();
    assert_eq!(nobody.to_string(), "Unauthorized; error code: 401");
    registry.require("Authorization", "Bearer tok");
    let bearer = [
        ("schema.registry.url", url.as_str()),
        ("bearer.auth.credentials.source", "STATIC_TOKEN"),
        ("bearer.auth.token", "tok"),
    ];
    assert_eq!(client(&bearer).register("s", &avro("\"int\""), false).unwrap(), 1);
}

#[test]
fn no_error_shows_a_credential() {
    let gone = Registry::start().unwrap().url();
    let secret = gone.replace("http://", "http://user:geheim@");
    let down = client(&[("schema.registry.url", &secret)]);
    assert!(!down.latest("s").unwrap_err().to_string().contains("geheim"));
    assert!(!format!("{down:?}").contains("geheim"));
    for settings in [
        vec![("schema.registry.url", "ftp://user:geheim@host")],
        vec![("schema.registry.url", "user:geheim@host")],
        vec![
            ("schema.registry.url", "http://h"),
            ("basic.auth.credentials.source", "USER_INFO"),
            ("basic.auth.user.info", "geheim"),
        ],
        vec![
            ("schema.registry.url", "http://h"),
            ("basic.auth.credentials.source", "SASL_INHERIT"),
            ("sasl.jaas.config", "geheim"),
        ],
    ] {
        let refused = parse(&settings).err().unwrap().to_string();
        assert!(!refused.contains("geheim"), "{refused}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    for (settings, key) in [
        (vec![], "schema.registry.url"),
        (vec![("schema.registry.url", "localhost:8081")], "schema.registry.url"),
        (vec![("schema.registry.url", "http://h"), ("max.retries", "-1")], "max.retries"),
        (vec![("schema.registry.url", "http://h"), ("retries.wait.ms", "soon")], "retries.wait.ms"),
        (vec![("schema.registry.url", "http://h"), ("proxy.host", "p")], "proxy.port"),
        (
            vec![("schema.registry.url", "http://h"), ("basic.auth.credentials.source", "USER_INFO")],
            "basic.auth.user.info",
        ),
        (
            vec![("schema.registry.url", "http://h"), ("bearer.auth.credentials.source", "CUSTOM")],
            "bearer.auth.credentials.source",
        ),
        (
            vec![("schema.registry.url", "http://h"), ("schema.registry.ssl.truststore.location", "/no/such")],
            "schema.registry.ssl.truststore.location",
        ),
    ] {
        let refused = parse(&settings).err().unwrap().to_string();
        assert!(refused.contains(key), "{refused}");
    }
}
