mod table;

use super::*;
use crate::native::{Client, Kind};

const AT: (&str, &str) = ("bootstrap.servers", "127.0.0.1:1");

fn producer(extra: &[(&str, &str)]) -> Result<Translated, SettingsError> {
    producer_settings(std::iter::once(AT).chain(extra.iter().copied()), "connector-producer-c-0")
}

fn consumer(extra: &[(&str, &str)]) -> Result<Translated, SettingsError> {
    consumer_settings(std::iter::once(AT).chain(extra.iter().copied()), "connect-c", "connector-consumer-c-0")
}

#[test]
fn defaults_are_connects_and_librdkafka_takes_them() {
    let made = producer(&[]).unwrap();
    assert_eq!(made.warnings, Vec::<String>::new());
    assert_eq!(made.settings.get("acks"), Some("all"));
    assert_eq!(made.settings.get("max.in.flight.requests.per.connection"), Some("1"));
    assert_eq!(made.settings.get("message.timeout.ms"), Some("2147483647"));
    Client::new(Kind::Producer, &made.settings).map(drop).unwrap();

    let made = consumer(&[]).unwrap();
    assert_eq!(made.settings.get("isolation.level"), Some("read_uncommitted"));
    assert_eq!(made.settings.get("group.id"), Some("connect-c"));
    Client::new(Kind::Consumer, &made.settings).map(drop).unwrap();
}

#[test]
fn what_only_a_jvm_understands_is_left_out() {
    let made = producer(&[
        ("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer"),
        ("max.block.ms", "9223372036854775807"),
        ("metrics.num.samples", "2"),
    ])
    .unwrap();
    assert_eq!(made.warnings, Vec::<String>::new());
    let made = producer(&[("interceptor.classes", "a.B"), ("no.such.key", "1")]).unwrap();
    assert_eq!(made.warnings.len(), 2);
    assert!(made.warnings[1].contains("no.such.key"), "{:?}", made.warnings);
    assert_eq!(made.settings.get("no.such.key"), None);
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    let error = producer(&[("partitioner.class", "my.Own")]).unwrap_err();
    assert!(error.to_string().starts_with("partitioner.class is not supported"), "{error}");
    let error = consumer(&[("auto.offset.reset", "by_duration:PT1H")]).unwrap_err();
    assert!(error.to_string().starts_with("auto.offset.reset is not supported"), "{error}");
    let error =
        consumer(&[("partition.assignment.strategy", "org.apache.kafka.clients.consumer.StickyAssignor")]).unwrap_err();
    assert!(error.to_string().contains("StickyAssignor"), "{error}");
    let error = producer_settings([("bootstrap.servers", "localhost")], "c").unwrap_err();
    assert!(error.to_string().contains("bootstrap.servers"), "{error}");
    let none: [(&str, &str); 0] = [];
    assert_eq!(producer_settings(none, "c").unwrap_err(), SettingsError::Missing("bootstrap.servers"));
    let error = producer(&[("security.protocol", "SASL_PLAINTEXT")]).unwrap_err();
    assert!(error.to_string().starts_with("sasl.mechanism"), "{error}");
}

#[test]
fn a_password_never_appears_in_an_error() {
    let error = producer(&[
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.jaas.config", "PlainLoginModule required username=u password=secret"),
    ])
    .unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn bootstrap_servers_lose_their_protocol() {
    assert_eq!(keys::bootstrap("PLAINTEXT://a:9092, b:9093,[::1]:9094").unwrap(), "a:9092,b:9093,[::1]:9094");
    assert!(keys::bootstrap(" , ").is_err());
}

#[test]
fn tasks_of_one_worker_share_although_their_client_ids_differ() {
    let one = producer_settings([AT], "connector-producer-a-0").unwrap().settings;
    let two = producer_settings([AT], "connector-producer-b-1").unwrap().settings;
    assert_eq!(one, two);
    let own = producer_settings([AT, ("client.id", "x")], "connector-producer-b-1").unwrap().settings;
    assert_ne!(one, own);
    assert!(one.is_shareable());
    assert!(!producer(&[("enable.idempotence", "true")]).unwrap().settings.is_shareable());
}

#[test]
fn settings_are_never_printed() {
    let made = producer(&[
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.jaas.config", "x.PlainLoginModule required username=u password=secret;"),
    ])
    .unwrap();
    assert!(!format!("{made:?}").contains("secret"));
}

#[test]
fn what_excludes_itself_is_refused_in_kafkas_words() {
    let error = producer(&[("enable.idempotence", "true"), ("acks", "1")]).unwrap_err();
    assert!(error.to_string().starts_with("Must set acks to all in order to use the idempotent producer."), "{error}");
    let error = producer(&[("enable.idempotence", "true"), ("retries", "0")]).unwrap_err();
    assert!(error.to_string().starts_with("Must set retries to non-zero"), "{error}");
    let error = producer(&[("transactional.id", "t"), ("max.in.flight.requests.per.connection", "6")]).unwrap_err();
    assert!(error.to_string().contains("to at most 5"), "{error}");
    let error = producer(&[("transactional.id", "t"), ("enable.idempotence", "false")]).unwrap_err();
    assert_eq!(error.to_string(), "Cannot set a transactional.id without also enabling idempotence.");
    let error = producer(&[("linger.ms", "500"), ("delivery.timeout.ms", "500")]).unwrap_err();
    assert!(error.to_string().contains("should be equal to or larger than linger.ms + request.timeout.ms"), "{error}");
}

#[test]
fn a_reader_belongs_to_no_group_and_is_told_of_ends() {
    let made = reader_settings([AT, ("group.id", "g"), ("group.instance.id", "i")], "watertight-cli").unwrap();
    let client = Client::new(Kind::Reader, &made.settings).unwrap();
    let dump = client.dump();
    assert_eq!(dump.get("group.id"), None);
    assert_eq!(dump["enable.partition.eof"], "true");
    assert_eq!(dump["allow.auto.create.topics"], "false");
}

#[test]
fn a_transactional_producers_id_and_idempotence_are_not_the_users() {
    let reason = "for connectors when exactly-once source support is enabled";
    let make = |extra: &[(&str, &str)]| {
        transactional_settings(std::iter::once(AT).chain(extra.iter().copied()), "c", "connect-cluster-a", reason)
    };
    let made = make(&[("enable.idempotence", "TRUE"), ("delivery.timeout.ms", "2147483647")]).unwrap();
    assert_eq!(made.warnings, Vec::<String>::new());
    assert_eq!(made.settings.get("transactional.id"), Some("connect-cluster-a"));
    assert!(!made.settings.is_shareable());
    Client::new(Kind::Producer, &made.settings).map(drop).unwrap();

    let made = make(&[("enable.idempotence", "false"), ("transactional.id", "mine")]).unwrap();
    assert_eq!(
        made.warnings,
        [
            "The value 'false' for the 'enable.idempotence' property will be ignored as it cannot be overridden for \
             connectors when exactly-once source support is enabled. The value 'true' will be used instead.",
            "The value 'mine' for the 'transactional.id' property will be ignored as it cannot be overridden for \
             connectors when exactly-once source support is enabled. The value 'connect-cluster-a' will be used instead.",
        ]
    );
    assert_eq!(made.settings.get("transactional.id"), Some("connect-cluster-a"));
    // Short transactions: librdkafka insists on a shorter wait for the network.
    let made = make(&[("transaction.timeout.ms", "2000"), ("request.timeout.ms", "30000")]).unwrap();
    Client::new(Kind::Producer, &made.settings).map(drop).unwrap();
}
