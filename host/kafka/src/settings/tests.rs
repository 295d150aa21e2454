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
    Client::new(Kind::Producer, &made.settings.effective()).map(drop).unwrap();

    let made = consumer(&[]).unwrap();
    assert_eq!(made.settings.get("isolation.level"), Some("read_uncommitted"));
    assert_eq!(made.settings.get("group.id"), Some("connect-c"));
    Client::new(Kind::Consumer, &made.settings.effective()).map(drop).unwrap();
}

#[test]
fn every_translated_key_makes_a_client() {
    let rows: &[(&str, &str, &str, &str)] = &[
        ("linger.ms", "0", "linger.ms", "0"),
        ("batch.size", "0", "batch.size", "1"),
        ("max.request.size", "5000000", "message.max.bytes", "5000000"),
        ("buffer.memory", "67108864", "queue.buffering.max.kbytes", "65536"),
        ("delivery.timeout.ms", "120000", "message.timeout.ms", "120000"),
        ("request.timeout.ms", "40000", "socket.timeout.ms", "40000"),
        ("metadata.max.age.ms", "60000", "topic.metadata.refresh.interval.ms", "60000"),
        ("metadata.max.age.ms", "60000", "metadata.max.age.ms", "180000"),
        ("reconnect.backoff.ms", "5000", "reconnect.backoff.max.ms", "5000"),
        ("send.buffer.bytes", "-1", "socket.send.buffer.bytes", "0"),
        ("receive.buffer.bytes", "65536", "socket.receive.buffer.bytes", "65536"),
        ("partitioner.ignore.keys", "true", "partitioner", "random"),
        ("acks", "1", "acks", "1"),
        ("compression.type", "zstd", "compression.type", "zstd"),
        ("transactional.id", "t", "enable.idempotence", "true"),
        ("enable.idempotence", "true", "enable.idempotence", "true"),
        ("client.id", "mine", "client.id", "mine"),
        ("retries", "3", "retries", "3"),
    ];
    for (key, value, native, expected) in rows {
        let made = producer(&[(key, value)]).unwrap();
        assert_eq!(made.settings.get(native), Some(*expected), "{key}={value}");
        assert_eq!(made.warnings, Vec::<String>::new(), "{key}");
        Client::new(Kind::Producer, &made.settings.effective())
            .map(drop)
            .unwrap_or_else(|e| panic!("{key}={value}: {e}"));
    }
    let rows: &[(&str, &str, &str, &str)] = &[
        ("fetch.max.wait.ms", "20", "fetch.wait.max.ms", "20"),
        ("fetch.max.bytes", "500000", "message.max.bytes", "500000"),
        ("fetch.max.bytes", "52428800", "message.max.bytes", "1000000"),
        ("auto.offset.reset", "none", "auto.offset.reset", "error"),
        ("auto.offset.reset", "latest", "auto.offset.reset", "latest"),
        ("max.poll.interval.ms", "10000", "session.timeout.ms", "10000"),
        ("isolation.level", "read_committed", "isolation.level", "read_committed"),
        (
            "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.RangeAssignor,org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
            "partition.assignment.strategy",
            "range",
        ),
        (
            "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
            "partition.assignment.strategy",
            "cooperative-sticky",
        ),
        ("group.id", "other", "group.id", "other"),
        ("group.instance.id", "i", "group.instance.id", "i"),
        ("max.partition.fetch.bytes", "2097152", "max.partition.fetch.bytes", "2097152"),
    ];
    for (key, value, native, expected) in rows {
        let made = consumer(&[(key, value)]).unwrap();
        assert_eq!(made.settings.get(native), Some(*expected), "{key}={value}");
        assert_eq!(made.warnings, Vec::<String>::new(), "{key}");
        Client::new(Kind::Consumer, &made.settings.effective())
            .map(drop)
            .unwrap_or_else(|e| panic!("{key}={value}: {e}"));
    }
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
