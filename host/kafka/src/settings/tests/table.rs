//! One client for each row of the table: the key is set, a client is made, and what it did is looked at in
//! librdkafka itself.

use super::super::keys::Role;
use super::super::table::{Rule, rule};
use super::*;

/// All keys of Kafka 4.3.1's own definitions (`ProducerConfig`, `ConsumerConfig`, `AdminClientConfig`).
const KAFKAS: &str = include_str!("client-keys-4.3.1.txt");

/// What setting a key does.
enum Effect {
    /// librdkafka has this value under this name.
    Is(&'static str, &'static str),
    /// Somebody else acts on it; librdkafka is not told and nothing is said.
    Nothing,
    /// It is left out, and a warning names it.
    Warns,
    /// No client is made; the error begins so.
    Refused(&'static str),
}

use Effect::*;

type Row = (&'static str, &'static str, Effect);

fn common() -> Vec<Row> {
    vec![
        (
            "bootstrap.servers",
            "PLAINTEXT://127.0.0.1:1, localhost:2",
            Is("bootstrap.servers", "127.0.0.1:1,localhost:2"),
        ),
        ("client.id", "mine", Is("client.id", "mine")),
        ("client.id", "", Is("client.id", "made-up")),
        (
            "client.dns.lookup",
            "resolve_canonical_bootstrap_servers_only",
            Is("client.dns.lookup", "resolve_canonical_bootstrap_servers_only"),
        ),
        ("metadata.recovery.strategy", "none", Is("metadata.recovery.strategy", "none")),
        ("metadata.recovery.rebootstrap.trigger.ms", "7000", Is("metadata.recovery.rebootstrap.trigger.ms", "7000")),
        ("enable.metrics.push", "true", Is("enable.metrics.push", "true")),
        ("retry.backoff.ms", "0", Is("retry.backoff.ms", "1")),
        ("retry.backoff.ms", "2000", Is("retry.backoff.max.ms", "2000")),
        ("retry.backoff.max.ms", "3000", Is("retry.backoff.max.ms", "3000")),
        ("connections.max.idle.ms", "-1", Is("connections.max.idle.ms", "0")),
        ("connections.max.idle.ms", "9223372036854775807", Is("connections.max.idle.ms", "2147483647")),
        ("reconnect.backoff.ms", "5000", Is("reconnect.backoff.ms", "5000")),
        ("reconnect.backoff.ms", "5000", Is("reconnect.backoff.max.ms", "5000")),
        ("reconnect.backoff.max.ms", "2500", Is("reconnect.backoff.max.ms", "2500")),
        ("reconnect.backoff.max.ms", "7200000", Warns),
        ("socket.connection.setup.timeout.ms", "500", Is("socket.connection.setup.timeout.ms", "1000")),
        ("send.buffer.bytes", "-1", Is("socket.send.buffer.bytes", "0")),
        ("send.buffer.bytes", "-2", Refused("Invalid value -2 for configuration send.buffer.bytes")),
        ("receive.buffer.bytes", "65536", Is("socket.receive.buffer.bytes", "65536")),
        ("metadata.max.age.ms", "60000", Is("topic.metadata.refresh.interval.ms", "60000")),
        ("metadata.max.age.ms", "60000", Is("metadata.max.age.ms", "180000")),
        (
            "metadata.max.age.ms",
            "x",
            Refused("Invalid value x for configuration metadata.max.age.ms: Not a number of type LONG"),
        ),
        ("request.timeout.ms", "40000", Is("socket.timeout.ms", "40000")),
        ("metadata.max.idle.ms", "1", Nothing),
        ("socket.connection.setup.timeout.max.ms", "1", Nothing),
        ("config.providers", "file", Nothing),
        ("metric.reporters", "a.B", Nothing),
        ("auto.include.jmx.reporter", "true", Nothing),
        ("metrics.num.samples", "3", Nothing),
        ("metrics.recording.level", "DEBUG", Nothing),
        ("metrics.sample.window.ms", "1", Nothing),
        ("security.providers", "a.B", Nothing),
        ("interceptor.classes", "a.B", Warns),
        ("interceptor.classes", "", Nothing),
        ("no.such.key", "1", Warns),
    ]
}

fn producers() -> Vec<Row> {
    vec![
        ("acks", "1", Is("acks", "1")),
        ("compression.type", "zstd", Is("compression.type", "zstd")),
        ("enable.idempotence", "true", Is("enable.idempotence", "true")),
        ("transactional.id", "t", Is("enable.idempotence", "true")),
        ("retries", "3", Is("retries", "3")),
        ("linger.ms", "0", Is("linger.ms", "0")),
        ("linger.ms", "1000000", Warns),
        ("max.in.flight.requests.per.connection", "5", Is("max.in.flight.requests.per.connection", "5")),
        ("transaction.timeout.ms", "12000", Is("transaction.timeout.ms", "12000")),
        ("batch.size", "0", Is("batch.size", "1")),
        ("delivery.timeout.ms", "120000", Is("message.timeout.ms", "120000")),
        ("request.timeout.ms", "40000", Is("request.timeout.ms", "40000")),
        ("max.request.size", "5000000", Is("message.max.bytes", "5000000")),
        ("buffer.memory", "67108864", Is("queue.buffering.max.kbytes", "65536")),
        ("partitioner.class", "", Is("partitioner", "murmur2_random")),
        ("partitioner.class", "my.Own", Refused("partitioner.class is not supported")),
        ("partitioner.ignore.keys", "true", Is("partitioner", "random")),
        ("partitioner.ignore.keys", "false", Is("partitioner", "murmur2_random")),
        ("compression.gzip.level", "5", Nothing),
        ("compression.lz4.level", "5", Nothing),
        ("compression.zstd.level", "5", Nothing),
        ("transaction.two.phase.commit.enable", "false", Nothing),
        (
            "transaction.two.phase.commit.enable",
            "true",
            Refused("transaction.two.phase.commit.enable is not supported"),
        ),
        ("max.block.ms", "9223372036854775807", Nothing),
        ("key.serializer", "a.B", Nothing),
        ("value.serializer", "a.B", Nothing),
        ("partitioner.adaptive.partitioning.enable", "false", Nothing),
        ("partitioner.availability.timeout.ms", "1", Nothing),
        ("group.id", "a.consumer's", Warns),
    ]
}

fn consumers() -> Vec<Row> {
    vec![
        ("group.id", "other", Is("group.id", "other")),
        ("group.instance.id", "i", Is("group.instance.id", "i")),
        ("group.protocol", "classic", Is("group.protocol", "classic")),
        ("group.protocol", "consumer", Warns),
        ("group.remote.assignor", "", Nothing),
        ("client.rack", "r", Is("client.rack", "r")),
        ("isolation.level", "read_committed", Is("isolation.level", "read_committed")),
        ("allow.auto.create.topics", "false", Is("allow.auto.create.topics", "false")),
        ("check.crcs", "false", Is("check.crcs", "false")),
        ("session.timeout.ms", "20000", Is("session.timeout.ms", "20000")),
        ("heartbeat.interval.ms", "1000", Is("heartbeat.interval.ms", "1000")),
        ("max.poll.interval.ms", "10000", Is("session.timeout.ms", "10000")),
        ("max.poll.interval.ms", "2147483647", Warns),
        ("max.partition.fetch.bytes", "2097152", Is("max.partition.fetch.bytes", "2097152")),
        ("fetch.min.bytes", "0", Is("fetch.min.bytes", "1")),
        ("fetch.max.wait.ms", "20", Is("fetch.wait.max.ms", "20")),
        ("fetch.max.bytes", "500000", Is("message.max.bytes", "500000")),
        ("fetch.max.bytes", "52428800", Is("fetch.max.bytes", "52428800")),
        ("auto.offset.reset", "none", Is("auto.offset.reset", "error")),
        ("auto.offset.reset", "latest", Is("auto.offset.reset", "largest")),
        ("auto.offset.reset", "by_duration:PT1H", Refused("auto.offset.reset is not supported")),
        (
            "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.RangeAssignor,org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
            Is("partition.assignment.strategy", "range"),
        ),
        (
            "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
            Is("partition.assignment.strategy", "cooperative-sticky"),
        ),
        (
            "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.StickyAssignor",
            Refused("partition.assignment.strategy is not supported"),
        ),
        ("max.poll.records", "7", Nothing),
        ("default.api.timeout.ms", "7", Nothing),
        ("exclude.internal.topics", "false", Nothing),
        ("key.deserializer", "a.B", Nothing),
        ("value.deserializer", "a.B", Nothing),
        ("internal.throw.on.fetch.stable.offset.unsupported", "true", Nothing),
        ("share.acknowledgement.mode", "explicit", Nothing),
        ("share.acquire.mode", "x", Nothing),
        ("enable.auto.commit", "true", Warns),
        ("enable.auto.commit", "true", Is("enable.auto.commit", "false")),
        ("auto.commit.interval.ms", "1", Warns),
    ]
}

/// TLS and SASL; what they need beside the row's own key is in `beside`.
fn secured() -> Vec<Row> {
    vec![
        ("security.protocol", "sasl_plaintext", Is("security.protocol", "sasl_plaintext")),
        ("security.protocol", "TLS", Refused("Invalid value TLS for configuration security.protocol")),
        ("sasl.mechanism", "PLAIN", Is("sasl.mechanisms", "PLAIN")),
        (
            "sasl.mechanism",
            "GSSAPI",
            Refused("sasl.mechanism is not supported by this worker: GSSAPI, which is Kerberos, is not available"),
        ),
        (
            "sasl.mechanism",
            "",
            Refused(
                "sasl.mechanism is not supported by this worker: GSSAPI (the default of sasl.mechanism), which is Kerberos",
            ),
        ),
        ("sasl.mechanism", "AWS_MSK_IAM", Refused("sasl.mechanism is not supported by this worker: AWS_MSK_IAM")),
        ("sasl.jaas.config", "PlainLoginModule required username=\"u\" password=\"p\";", Is("sasl.username", "u")),
        (
            "sasl.jaas.config",
            "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true;",
            Refused("sasl.jaas.config is not supported by this worker: Krb5LoginModule, which is Kerberos"),
        ),
        (
            "sasl.jaas.config",
            "software.amazon.msk.auth.iam.IAMLoginModule required;",
            Refused("sasl.jaas.config is not supported by this worker: the login module IAMLoginModule"),
        ),
        (
            "sasl.jaas.config",
            "PlainLoginModule required username=a password=b tokenauth=true;",
            Refused("sasl.jaas.config is not supported by this worker: delegation tokens"),
        ),
        (
            "sasl.jaas.config",
            "PlainLoginModule required;",
            Refused("Invalid value [hidden] for configuration sasl.jaas.config: username and password"),
        ),
        (
            "sasl.jaas.config",
            "a.ScramLoginModule required username=a password=b;",
            Refused(
                "Invalid value [hidden] for configuration sasl.jaas.config: ScramLoginModule does not go with sasl.mechanism=PLAIN",
            ),
        ),
        ("sasl.jaas.config", "", Refused("Missing required configuration \"sasl.jaas.config\"")),
        ("sasl.login.class", "a.B", Refused("sasl.login.class is not supported")),
        ("sasl.login.callback.handler.class", "a.B", Refused("sasl.login.callback.handler.class is not supported")),
        ("sasl.client.callback.handler.class", "a.B", Warns),
        (
            "java.security.auth.login.config",
            "/etc/jaas.conf",
            Refused("java.security.auth.login.config is not supported"),
        ),
        ("sasl.kerberos.service.name", "kafka", Nothing),
        ("sasl.kerberos.kinit.cmd", "kinit", Nothing),
        ("sasl.kerberos.min.time.before.relogin", "1", Nothing),
        ("sasl.kerberos.ticket.renew.jitter", "0.1", Nothing),
        ("sasl.kerberos.ticket.renew.window.factor", "0.1", Nothing),
        ("sasl.login.refresh.buffer.seconds", "1", Nothing),
        ("sasl.login.refresh.min.period.seconds", "1", Nothing),
        ("sasl.login.refresh.window.factor", "0.9", Nothing),
        ("sasl.login.refresh.window.jitter", "0.1", Nothing),
        ("ssl.protocol", "TLSv1.3", Warns),
        ("ssl.provider", "a", Warns),
        ("ssl.enabled.protocols", "TLSv1.2", Warns),
        ("ssl.secure.random.implementation", "a", Warns),
        ("ssl.engine.factory.class", "a.B", Warns),
        ("ssl.keymanager.algorithm", "a", Warns),
        ("ssl.trustmanager.algorithm", "a", Warns),
    ]
}

const JAAS: &str = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"p\";";

fn check(role: Role, key: &'static str, value: &str, effect: &Effect, beside: &[(&str, &str)]) {
    let name = format!("{role:?} {key}={value}");
    let others = beside.iter().copied().filter(|(other, _)| *other != key);
    let keys = others.chain([(key, value)]);
    let keys: Vec<_> = if key == "bootstrap.servers" { keys.collect() } else { [AT].into_iter().chain(keys).collect() };
    let made = match role {
        Role::Producer => producer_settings(keys, "made-up").map(|made| (made, Kind::Producer)),
        Role::Consumer => consumer_settings(keys, "connect-c", "made-up").map(|made| (made, Kind::Consumer)),
        Role::Admin => panic!("{name}"),
    };
    let (made, kind) = match (made, effect) {
        (Err(error), Refused(start)) => {
            assert!(error.to_string().starts_with(start), "{name}: {error}");
            return;
        }
        (Ok(_), Refused(_)) => panic!("{name} is accepted"),
        (made, _) => made.unwrap_or_else(|error| panic!("{name}: {error}")),
    };
    let about: Vec<_> = made.warnings.iter().filter(|warning| warning.starts_with(key)).collect();
    let warned = matches!(effect, Warns) || matches!(effect, Is("enable.auto.commit", _));
    assert_eq!(!about.is_empty(), warned, "{name}: {:?}", made.warnings);
    let client = Client::new(kind, &made.settings).unwrap_or_else(|error| panic!("{name}: {error}"));
    let dump = client.dump();
    if let Is(native, expected) = effect {
        // Aliases are listed under the name that they are for.
        let native = ALIASES.iter().find(|(alias, _)| alias == native).map_or(*native, |(_, name)| *name);
        assert_eq!(dump.get(native).map(String::as_str), Some(*expected), "{name}: {native}");
    }
    std::thread::spawn(move || drop(client));
}

/// librdkafka's dump knows one name of each.
const ALIASES: &[(&str, &str)] = &[
    ("bootstrap.servers", "metadata.broker.list"),
    ("linger.ms", "queue.buffering.max.ms"),
    ("retries", "message.send.max.retries"),
    ("max.partition.fetch.bytes", "fetch.message.max.bytes"),
    ("compression.type", "compression.codec"),
    ("acks", "request.required.acks"),
];

#[test]
fn every_row_makes_a_client_and_has_its_effect() {
    for (key, value, effect) in common().iter().chain(&producers()) {
        check(Role::Producer, key, value, effect, &[]);
    }
    for (key, value, effect) in common().iter().chain(&consumers()) {
        check(Role::Consumer, key, value, effect, &[]);
    }
    let beside = [("security.protocol", "SASL_PLAINTEXT"), ("sasl.mechanism", "PLAIN"), ("sasl.jaas.config", JAAS)];
    for (key, value, effect) in &secured() {
        check(Role::Producer, key, value, effect, &beside);
        check(Role::Consumer, key, value, effect, &beside);
    }
}

#[test]
fn levels_go_with_their_codec() {
    for (codec, value, expected) in
        [("gzip", "5", "5"), ("lz4", "17", "12"), ("zstd", "22", "12"), ("zstd", "-7", "-1")]
    {
        let key = format!("compression.{codec}.level");
        let made = producer(&[("compression.type", codec), (&key, value)]).unwrap();
        assert_eq!(made.settings.get("compression.level"), Some(expected), "{codec} {value}");
        Client::new(Kind::Producer, &made.settings).map(drop).unwrap();
        let other = producer(&[("compression.type", "snappy"), (&key, value)]).unwrap();
        assert_eq!(other.settings.get("compression.level"), None);
    }
}

/// Has a test of its own: stores, ciphers and tokens need files or a TLS build.
fn elsewhere(key: &str) -> bool {
    ["ssl.keystore.", "ssl.truststore.", "sasl.oauthbearer."].iter().any(|prefix| key.starts_with(prefix))
        || [
            "ssl.key.password",
            "ssl.cipher.suites",
            "ssl.endpoint.identification.algorithm",
            "sasl.login.connect.timeout.ms",
            "sasl.login.read.timeout.ms",
            "sasl.login.retry.backoff.ms",
            "sasl.login.retry.backoff.max.ms",
        ]
        .contains(&key)
}

#[test]
fn every_key_of_kafka_has_a_row_and_every_row_a_test() {
    let (common, producers, consumers, secured) = (common(), producers(), consumers(), secured());
    for line in KAFKAS.lines() {
        let (role, key) = line.split_once(' ').unwrap();
        let (role, own) = match role {
            "producer" => (Role::Producer, Some(&producers)),
            "consumer" => (Role::Consumer, Some(&consumers)),
            _ => (Role::Admin, None),
        };
        assert!(rule(role, key).is_some(), "{line}: no row");
        if let Some(own) = own {
            let tested = common.iter().chain(&secured).chain(own).any(|(name, ..)| *name == key);
            assert!(tested || elsewhere(key), "{line}: no test");
        }
    }
}

#[test]
fn the_admin_client_uses_refuses_or_leaves_out_each_of_its_keys() {
    let admin = |key: &str, value: &str| admin_settings([AT, (key, value)], "made-up");
    let secs = std::time::Duration::from_secs;
    assert_eq!(admin("client.id", "mine").unwrap().client_id, "mine");
    assert_eq!(admin("client.id", "").unwrap().client_id, "made-up");
    assert_eq!(admin("request.timeout.ms", "7000").unwrap().request, secs(7));
    assert_eq!(admin("default.api.timeout.ms", "7000").unwrap().call, secs(7));
    assert_eq!(admin("retries", "7").unwrap().retries, 7);
    assert_eq!(admin("retry.backoff.ms", "5000").unwrap().backoff, (secs(5), secs(5)));
    assert_eq!(admin("retry.backoff.max.ms", "5000").unwrap().backoff.1, secs(5));
    assert_eq!(admin("connections.max.idle.ms", "5000").unwrap().idle, Some(secs(5)));
    assert_eq!(admin("connections.max.idle.ms", "-1").unwrap().idle, None);
    let error = admin("bootstrap.controllers", "a:1").unwrap_err();
    assert!(error.to_string().starts_with("bootstrap.controllers is not supported"), "{error}");
    assert!(admin("request.timeout.ms", "soon").is_err());
    assert_eq!(admin("ssl.provider", "a").unwrap().warnings().len(), 1);
    for line in KAFKAS.lines().filter_map(|line| line.strip_prefix("admin ")) {
        if rule(Role::Admin, line) == Some(Rule::Silent) {
            assert_eq!(admin(line, "1").unwrap().warnings(), Vec::<String>::new(), "{line}");
        }
    }
    // A worker's own keys are all handed to its admin client.
    assert_eq!(admin("plugin.path", "/x").unwrap().warnings(), Vec::<String>::new());
}
