//! TLS and SASL against a genuine broker: the same keys for producer, consumer and admin client.

#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(any(feature = "tls", feature = "system-tls"))]

#[path = "secured/broker.rs"]
mod secured;
mod support;

use std::time::{Duration, Instant};

use secured::{KEY, PASSWORD, STORE, broker, store};
use support::*;
use watertight_kafka::*;

type Keys = Vec<(&'static str, String)>;

fn keys(port: u16, protocol: &str, more: &[(&'static str, &str)]) -> Keys {
    let mut keys = vec![("bootstrap.servers", format!("localhost:{port}")), ("security.protocol", protocol.to_owned())];
    keys.extend(more.iter().map(|(key, value)| (*key, (*value).to_owned())));
    keys
}

fn jaas(module: &str, password: &str) -> String {
    format!("org.apache.kafka.common.security.{module} required username=\"alice\" password=\"{password}\";")
}

const SCRAM: &str = "scram.ScramLoginModule";
const PLAIN: &str = "plain.PlainLoginModule";

fn trusting(name: &str, kind: &str) -> Keys {
    let mut keys = vec![("ssl.truststore.location", store(name)), ("ssl.truststore.type", kind.to_owned())];
    if kind != "PEM" {
        keys.push(("ssl.truststore.password", STORE.to_owned()));
    }
    keys
}

fn pairs(keys: &Keys) -> Vec<(&str, &str)> {
    keys.iter().map(|(key, value)| (*key, value.as_str())).collect()
}

/// A member of a group of its own, which it leads.
async fn membership(keys: &Keys) {
    let group = GroupSettings {
        group: unique(),
        protocol_type: "connect".to_owned(),
        session_timeout: Duration::from_secs(30),
        rebalance_timeout: Duration::from_secs(60),
        heartbeat_interval: Duration::from_secs(3),
    };
    let mut member = GroupMember::new(admin_settings(pairs(keys), "test-member").unwrap(), group).unwrap();
    let assign = |leadership: Leadership| async move { Ok(leadership.members) };
    let joined = member.join(vec![("default".to_owned(), b"me".to_vec())], assign).await.unwrap();
    assert_eq!(joined.assignment, b"me");
    member.leave("the test is over").await;
}

/// A topic made, written, read and asked about; offsets committed and asked for; a group joined and left.
async fn round_trip(keys: &Keys) {
    let (topic, group) = (unique(), unique());
    let admin = Admin::from_settings(pairs(keys), "test-admin").unwrap();
    let wanted = NewTopic { partitions: 2, ..NewTopic::new(&topic) };
    assert_eq!(admin.create_topic(&wanted).await.unwrap(), Creation::Created);
    let settings = producer_settings(pairs(keys), "test-producer").unwrap().settings;
    let lease = ProducerPool::new(1).lease(&settings).unwrap();
    for seq in 0..10 {
        let record = OutRecord { partition: Some((seq % 2) as i32), ..record(&topic, b"secured") };
        send(&lease, record, seq).await;
    }
    let acks = settle(&lease).await;
    assert!(acks.len() == 10 && acks.iter().all(|ack| ack.result.is_ok()), "{acks:?}");
    let settings = consumer_settings(pairs(keys), &group, "test-consumer").unwrap().settings;
    let mut consumer = SinkConsumer::subscribe(&settings, std::slice::from_ref(&topic)).await.unwrap();
    take_assignment(&mut consumer).await;
    assert_eq!(read(&mut consumer, 10).await.len(), 10);
    let at = TopicPartition::new(topic, 0);
    consumer.commit(&[(at.clone(), 5)]).await.unwrap();
    assert_eq!(admin.group_offsets(&group).await.unwrap(), [(at.clone(), 5)]);
    assert_eq!(admin.end_offsets(std::slice::from_ref(&at)).await.unwrap(), [(at, 5)]);
    consumer.close(Duration::from_secs(10)).await;
    membership(keys).await;
}

/// What each client says that cannot get in, and that it says so soon.
async fn refusals(keys: &Keys) -> [String; 3] {
    let start = Instant::now();
    let admin = Admin::from_settings(pairs(keys), "test-admin").unwrap();
    let error = admin.cluster_id().await.unwrap_err();
    assert!(error.is_authorization() && !error.is_retriable(), "{error:?}");
    let settings = producer_settings(pairs(keys), "test-producer").unwrap().settings;
    let lease = ProducerPool::new(1).lease(&settings).unwrap();
    lease.send(record("any", b"x"), 0).unwrap();
    let broken = loop {
        lease.wait(Duration::from_millis(100)).await;
        if let Some(error) = lease.broken() {
            break error;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "the producer says nothing");
    };
    let settings = consumer_settings(pairs(keys), &unique(), "test-consumer").unwrap().settings;
    let mut consumer = SinkConsumer::subscribe(&settings, &["any".to_owned()]).await.unwrap();
    let failed = match event(&mut consumer).await {
        Event::Failed(error) => error,
        other => panic!("{other:?}"),
    };
    consumer.close(Duration::from_secs(5)).await;
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    let all = [error.to_string(), broken.to_string(), failed.to_string()];
    for secret in [STORE, KEY, PASSWORD, "guessed"] {
        assert!(!all.iter().any(|text| text.contains(secret)), "{all:?}");
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_works_with_each_form_of_trust_store_on_a_genuine_broker() {
    let Some(ports) = broker("tls_works_with_each_form_of_trust_store_on_a_genuine_broker") else { return };
    for (name, kind) in
        [("trust.jks", "JKS"), ("trust.p12", "PKCS12"), ("trust-legacy.p12", "JKS"), ("trust.pem", "PEM")]
    {
        round_trip(&[keys(ports.tls, "SSL", &[]), trusting(name, kind)].concat()).await;
    }
    let pem = std::fs::read_to_string(store("trust.pem")).unwrap();
    let inline = [("ssl.truststore.type", "PEM"), ("ssl.truststore.certificates", pem.as_str())];
    round_trip(&keys(ports.tls, "ssl", &inline)).await;
    let suites = [("ssl.cipher.suites", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_AES_256_GCM_SHA384")];
    round_trip(&[keys(ports.tls, "SSL", &suites), trusting("trust.jks", "JKS")].concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_of_key_store_shows_its_certificate_to_a_genuine_broker() {
    let Some(ports) = broker("each_form_of_key_store_shows_its_certificate_to_a_genuine_broker") else { return };
    let pem = std::fs::read_to_string(store("client.pem")).unwrap();
    let sealed = std::fs::read_to_string(store("client-encrypted.pem")).unwrap();
    let at = store;
    for shown in [
        vec![
            ("ssl.keystore.location", at("client.jks")),
            ("ssl.keystore.password", STORE.to_owned()),
            ("ssl.key.password", KEY.to_owned()),
        ],
        vec![("ssl.keystore.location", at("client.p12")), ("ssl.keystore.password", STORE.to_owned())],
        vec![
            ("ssl.keystore.location", at("client-openssl.p12")),
            ("ssl.keystore.type", "PKCS12".to_owned()),
            ("ssl.keystore.password", STORE.to_owned()),
        ],
        vec![("ssl.keystore.location", at("client.pem")), ("ssl.keystore.type", "PEM".to_owned())],
        vec![
            ("ssl.keystore.type", "PEM".to_owned()),
            ("ssl.keystore.key", sealed),
            ("ssl.keystore.certificate.chain", pem),
            ("ssl.key.password", KEY.to_owned()),
        ],
    ] {
        round_trip(&[keys(ports.mutual, "SSL", &[]), trusting("trust.jks", "JKS"), shown].concat()).await;
    }
    let error = refusals(&[keys(ports.mutual, "SSL", &[]), trusting("trust.jks", "JKS")].concat()).await;
    assert!(error[0].contains("certificate"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sasl_mechanism_works_on_a_genuine_broker() {
    let Some(ports) = broker("each_sasl_mechanism_works_on_a_genuine_broker") else { return };
    let (plain, scram) = (jaas(PLAIN, PASSWORD), jaas(SCRAM, PASSWORD));
    let oauth = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required \
                 unsecuredLoginStringClaim_sub=\"alice\" unsecuredLoginExtension_colour=\"blue\";";
    for (mechanism, line) in
        [("PLAIN", plain.as_str()), ("SCRAM-SHA-256", &scram), ("SCRAM-SHA-512", &scram), ("OAUTHBEARER", oauth)]
    {
        let sasl = [("sasl.mechanism", mechanism), ("sasl.jaas.config", line)];
        round_trip(&[keys(ports.sasl_tls, "SASL_SSL", &sasl), trusting("trust.p12", "PKCS12")].concat()).await;
        round_trip(&keys(ports.sasl, "SASL_PLAINTEXT", &sasl)).await;
    }
}

/// Gives everybody the token that nobody signed, as only a test's provider may.
fn provider() -> String {
    use base64::Engine as _;
    use std::io::{Read as _, Write as _};
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let token = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(r#"{"sub":"alice","iat":1,"exp":4102444800}"#));
    let body = format!(r#"{{"access_token":"{token}"}}"#);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 8192]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_from_a_provider_opens_a_genuine_broker() {
    let Some(ports) = broker("a_token_from_a_provider_opens_a_genuine_broker") else { return };
    let url = provider();
    allow_token_endpoints([url.clone()]);
    let mut oauth = vec![
        ("sasl.mechanism", "OAUTHBEARER"),
        (
            "sasl.jaas.config",
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=a clientSecret=b;",
        ),
        (
            "sasl.login.callback.handler.class",
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
        ),
        ("sasl.oauthbearer.token.endpoint.url", url.as_str()),
    ];
    round_trip(&keys(ports.sasl, "SASL_PLAINTEXT", &oauth)).await;
    allow_token_endpoints(["http://127.0.0.1:1/token"]);
    oauth[3].1 = "http://127.0.0.1:1/token";
    oauth.push(("sasl.login.retry.backoff.max.ms", "1000"));
    let said = refusals(&keys(ports.sasl, "SASL_PLAINTEXT", &oauth)).await;
    assert!(said.iter().all(|text| text.contains("http://127.0.0.1:1/token")), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_on_a_genuine_broker_is_begun_again() {
    let Some(ports) = broker("a_session_that_ends_on_a_genuine_broker_is_begun_again") else { return };
    let line = jaas(SCRAM, PASSWORD);
    let sasl = [("sasl.mechanism", "SCRAM-SHA-512"), ("sasl.jaas.config", line.as_str())];
    let keys = keys(ports.sasl, "SASL_PLAINTEXT", &sasl);
    let admin = Admin::from_settings(pairs(&keys), "test-admin").unwrap();
    let settings = producer_settings(pairs(&keys), "test-producer").unwrap().settings;
    let lease = ProducerPool::new(1).lease(&settings).unwrap();
    let topic = unique();
    admin.create_topic(&NewTopic::new(&topic)).await.unwrap();
    for seq in 0..5 {
        assert!(!admin.cluster_id().await.unwrap().is_empty());
        send(&lease, record(&topic, b"x"), seq).await;
        assert!(settle(&lease).await.iter().all(|ack| ack.result.is_ok()));
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_enter_a_genuine_broker_is_told_why() {
    let Some(ports) = broker("who_may_not_enter_a_genuine_broker_is_told_why") else { return };
    for (mechanism, module) in [("PLAIN", PLAIN), ("SCRAM-SHA-512", SCRAM)] {
        let line = jaas(module, "guessed");
        let sasl = [("sasl.mechanism", mechanism), ("sasl.jaas.config", line.as_str())];
        let said = refusals(&[keys(ports.sasl_tls, "SASL_SSL", &sasl), trusting("trust.p12", "PKCS12")].concat()).await;
        assert!(said.iter().all(|text| text.to_lowercase().contains("authentication failed")), "{said:?}");
    }
    let said = refusals(&[keys(ports.tls, "SSL", &[]), trusting("trust-other.p12", "PKCS12")].concat()).await;
    assert!(said.iter().all(|text| text.contains("certificate")), "{said:?}");
    assert!(said[0].contains("ssl.truststore.location"), "{said:?}");
    // No store: the system's authorities, who do not know the test's.
    let said = refusals(&keys(ports.tls, "SSL", &[])).await;
    assert!(said.iter().all(|text| text.contains("certificate")), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_genuine_broker_is_checked_unless_that_is_switched_off() {
    let Some(ports) = broker("the_name_of_a_genuine_broker_is_checked_unless_that_is_switched_off") else { return };
    // Its certificate is for `localhost`.
    let mut keys = [keys(ports.tls, "SSL", &[]), trusting("trust.p12", "PKCS12")].concat();
    keys[0].1 = format!("127.0.0.1:{}", ports.tls);
    let said = refusals(&keys).await;
    assert!(said[0].contains("127.0.0.1") && said[0].contains("ssl.endpoint.identification.algorithm"), "{said:?}");
    keys.push(("ssl.endpoint.identification.algorithm", String::new()));
    round_trip(&keys).await;
}

#[tokio::test]
async fn the_wrong_listener_of_a_genuine_broker_is_noticed_in_time() {
    let Some(ports) = broker("the_wrong_listener_of_a_genuine_broker_is_noticed_in_time") else { return };
    for (port, protocol, hint) in
        [(ports.tls, "PLAINTEXT", "security.protocol"), (ports.sasl, "SSL", "TLS"), (ports.sasl, "PLAINTEXT", "")]
    {
        let keys = [keys(port, protocol, &[]), trusting("trust.p12", "PKCS12")].concat();
        let settings = admin_settings(pairs(&keys), "test-admin").unwrap();
        let settings = settings.with_timeouts(Duration::from_secs(2), Duration::from_secs(5));
        let start = Instant::now();
        let error = Admin::with_settings(settings).unwrap().cluster_id().await.unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(6), "{error}");
        assert!(error.to_string().contains(hint), "{error}");
    }
}
