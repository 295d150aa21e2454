//! Messages as the genuine worker gave them, where it refuses at all.

use super::*;

fn read(extra: &[(&str, &str)]) -> Result<DistributedConfig, ConfigError> {
    let base = [
        ("bootstrap.servers", "127.0.0.1:9092"),
        ("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
        ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
        ("group.id", "g"),
        ("config.storage.topic", "c"),
        ("offset.storage.topic", "o"),
        ("status.storage.topic", "s"),
    ];
    let properties = base.iter().chain(extra).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let mut properties: ConfigMap = properties.collect();
    properties.retain(|_, value| value != "(absent)");
    DistributedConfig::new(properties, Path::new("/w"), Vault::default())
}

fn refusal(extra: &[(&str, &str)]) -> String {
    read(extra).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn kafkas_defaults_hold() {
    let config = read(&[]).unwrap();
    assert_eq!(config.session_timeout, Duration::from_secs(10));
    assert_eq!(config.heartbeat_interval, Duration::from_secs(3));
    assert_eq!(config.rebalance_timeout, Duration::from_secs(60));
    assert_eq!(config.max_delay, Duration::from_secs(300));
    assert_eq!(config.sync_timeout, Duration::from_secs(3));
    assert_eq!(config.unsync_backoff, Duration::from_secs(300));
    assert_eq!(config.protocol, ConnectProtocol::Sessioned);
    assert_eq!(config.exactly_once, ExactlyOnce::Disabled);
    assert!(config.create_topics);
    let topic = |key, name: &str, partitions| StorageTopic {
        key,
        name: name.to_owned(),
        partitions,
        replication_factor: 3,
        configs: Vec::new(),
    };
    assert_eq!(config.config_topic, topic("config.storage.topic", "c", 1));
    assert_eq!(config.offset_topic, topic("offset.storage.topic", "o", 25));
    assert_eq!(config.status_topic, topic("status.storage.topic", "s", 5));
    assert_eq!((config.key_algorithm.as_str(), config.key_size, config.key_length), ("HmacSHA256", None, 32));
    assert_eq!(config.key_ttl, Duration::from_secs(3600));
    assert_eq!(config.signature_algorithm, "HmacSHA256");
    assert_eq!(config.verification_algorithms, ["HmacSHA256"]);
    assert_eq!(config.transactional_id(), "connect-cluster-g");
    assert_eq!(config.task_transactional_id("c", 2), "g-c-2");
    assert_eq!(config.client_id_base(), "g-");
    assert_eq!(config.member_client_id("h:1"), "connect-h:1");
}

#[test]
fn words_are_read_whatever_their_case() {
    let config = read(&[
        ("connect.protocol", " Compatible "),
        ("exactly.once.source.support", "PREPARING"),
        ("inter.worker.key.generation.algorithm", "hmacsha512"),
        ("inter.worker.key.size", "257"),
        ("client.id", "me"),
    ])
    .unwrap();
    assert_eq!(config.protocol, ConnectProtocol::Compatible);
    assert_eq!(config.exactly_once, ExactlyOnce::Preparing);
    assert_eq!((config.key_algorithm.as_str(), config.key_size, config.key_length), ("HmacSHA512", Some(257), 33));
    assert_eq!(config.client_id_base(), "g-me-");
    assert_eq!(config.member_client_id("h:1"), "me");
}

#[test]
fn a_worker_offers_its_protocol_and_all_older_ones() {
    let offers = |protocol: ConnectProtocol| protocol.offers().map(ConnectProtocol::name).collect::<Vec<_>>();
    assert_eq!(offers(ConnectProtocol::Sessioned), ["sessioned", "compatible", "default"]);
    assert_eq!(offers(ConnectProtocol::Compatible), ["compatible", "default"]);
    assert_eq!(offers(ConnectProtocol::Eager), ["default"]);
}

#[test]
fn settings_of_storage_topics_go_with_them_but_for_compaction() {
    let config = read(&[
        ("config.storage.partitions", "4"),
        ("config.storage.cleanup.policy", "delete"),
        ("config.storage.segment.bytes", "100"),
        ("config.storage.replication.factor", "-1"),
        ("offset.storage.partitions", "-1"),
        ("offset.storage.x", "y"),
    ])
    .unwrap();
    assert_eq!((config.config_topic.partitions, config.config_topic.replication_factor), (1, -1));
    assert_eq!(config.config_topic.configs, [("segment.bytes".to_owned(), "100".to_owned())]);
    assert_eq!(config.offset_topic.partitions, -1);
    assert_eq!(config.offset_topic.configs, [("x".to_owned(), "y".to_owned())]);
    assert_eq!(
        config.warnings,
        [
            "Ignoring 'config.storage.partitions=4' setting, since config topic partitions is always 1",
            "Ignoring 'config.storage.cleanup.policy=delete' setting, since compaction is always used",
        ]
    );
}

#[test]
fn what_is_missing_or_wrong_is_said_in_kafkas_words() {
    const FACTOR: &str = "Replication factor must be positive and not larger than the number of brokers in the Kafka \
        cluster, or -1 to use the broker's default";
    for key in ["group.id", "config.storage.topic", "offset.storage.topic", "status.storage.topic", "bootstrap.servers"]
    {
        let expected = format!("Missing required configuration \"{key}\" which has no default value.");
        assert_eq!(refusal(&[(key, "(absent)")]), expected);
    }
    for (key, value, reason) in [
        ("session.timeout.ms", "x", "Not a number of type INT"),
        ("session.timeout.ms", "99999999999", "Not a number of type INT"),
        ("scheduled.rebalance.max.delay.ms", "-1", "Value must be at least 0"),
        ("inter.worker.key.ttl.ms", "-2", "Value must be at least 0"),
        ("config.storage.replication.factor", "40000", "Not a number of type SHORT"),
        ("config.storage.replication.factor", "0", FACTOR),
        ("offset.storage.replication.factor", "-2", FACTOR),
        ("status.storage.partitions", "0", "Number of partitions must be positive, or -1 to use the broker's default"),
        ("request.timeout.ms", "-1", "Value must be at least 0"),
        ("connect.protocol", "x", "Invalid Connect protocol compatibility"),
        ("exactly.once.source.support", "x", "String must be one of (case insensitive): DISABLED, ENABLED, PREPARING"),
        ("metadata.recovery.strategy", "x", "String must be one of (case insensitive): REBOOTSTRAP, NONE"),
        (
            "inter.worker.signature.algorithm",
            "hmacsha256",
            "Signature algorithm must be present in inter.worker.verification.algorithms list",
        ),
    ] {
        assert_eq!(refusal(&[(key, value)]), format!("Invalid value {value} for configuration {key}: {reason}"));
    }
    assert_eq!(
        refusal(&[("inter.worker.verification.algorithms", "")]),
        "Invalid value [] for configuration inter.worker.verification.algorithms: At least one signature verification algorithm must be provided"
    );
    assert_eq!(
        refusal(&[("inter.worker.verification.algorithms", "HmacSHA512")]),
        "Invalid value HmacSHA256 for configuration inter.worker.signature.algorithm: Signature algorithm must be present in inter.worker.verification.algorithms list"
    );
    assert_eq!(
        refusal(&[("inter.worker.key.size", "39")]),
        "Unable to create key generator with algorithm HmacSHA256 and key size 39: Key length must be at least 40 bits"
    );
}

#[test]
fn what_kafka_would_fail_with_later_is_refused_at_once() {
    for (key, value, reason) in [
        ("group.id", "", "String must be non-empty"),
        ("status.storage.topic", "", "String must be non-empty"),
        ("session.timeout.ms", "0", "Value must be at least 1"),
        ("worker.sync.timeout.ms", "-1", "Value must be at least 0"),
        ("heartbeat.interval.ms", "10000", "Heartbeat must be set lower than the session timeout"),
        (
            "status.storage.topic",
            "o",
            "offset.storage.topic names this topic already; each of them must have a topic of its own",
        ),
    ] {
        assert_eq!(refusal(&[(key, value)]), format!("Invalid value {value} for configuration {key}: {reason}"));
    }
    let key = "inter.worker.verification.algorithms";
    assert!(refusal(&[(key, "HmacSHA256,HmacMD5")]).starts_with(&format!(
        "Invalid value HmacMD5 for configuration {key}: the algorithm is not supported by this worker; the supported algorithms are: [HmacSHA1, "
    )));
}

#[test]
fn keys_of_a_cluster_are_known_there() {
    let config = read(&[("config.storage.segment.bytes", "1"), ("group.idd", "x")]).unwrap();
    assert_eq!(config.worker.unknown_keys(), ["group.idd"]);
}
