//! The closed table of Java's client keys: what becomes of each.
//!
//! A key that is in no row is not Kafka's, as of 4.3; it is left out with a warning.

use super::keys::Role;

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The same name, the same words.
    Same,
    /// A number: Java's least; librdkafka's least and most, to which it is brought; librdkafka's names.
    Number(i64, i64, i64, &'static [&'static str]),
    /// More than a line: see `keys`.
    Computed,
    /// The worker does it, or the raw-protocol module.
    Ours,
    /// Read by [`super::security`].
    Security,
    /// It means something in a JVM only, or steers what librdkafka does by itself.
    Silent,
    /// Left out, and somebody may miss it.
    Warned,
    /// Whoever sets it asks for what is not there. The text says what to do.
    Refused(&'static str),
}

use Rule::*;

const INT: i64 = i32::MAX as i64;
/// librdkafka's longest back-off and metadata age.
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// librdkafka's longest wait for one answer, and back-off between retries.
const FIVE_MINUTES: i64 = 300_000;
const MB: i64 = 1_000_000;

/// All clients.
const COMMON: &[(&str, Rule)] = &[
    ("bootstrap.servers", Computed),
    ("client.id", Computed),
    ("client.dns.lookup", Same),
    ("metadata.recovery.strategy", Same),
    ("metadata.recovery.rebootstrap.trigger.ms", Number(0, 0, INT, &["metadata.recovery.rebootstrap.trigger.ms"])),
    ("enable.metrics.push", Same),
    // librdkafka's own.
    ("debug", Same),
    ("retry.backoff.ms", Number(0, 1, FIVE_MINUTES, &["retry.backoff.ms"])),
    ("retry.backoff.max.ms", Number(0, 1, FIVE_MINUTES, &["retry.backoff.max.ms"])),
    // -1 is Java's "never", 0 librdkafka's.
    ("connections.max.idle.ms", Number(i64::MIN, 0, INT, &["connections.max.idle.ms"])),
    ("reconnect.backoff.ms", Number(0, 0, HOUR, &["reconnect.backoff.ms"])),
    ("reconnect.backoff.max.ms", Number(0, 0, HOUR, &["reconnect.backoff.max.ms"])),
    ("socket.connection.setup.timeout.ms", Number(0, 1_000, INT, &["socket.connection.setup.timeout.ms"])),
    ("send.buffer.bytes", Number(-1, 0, 100 * MB, &["socket.send.buffer.bytes"])),
    ("receive.buffer.bytes", Number(-1, 0, 100 * MB, &["socket.receive.buffer.bytes"])),
    ("metadata.max.age.ms", Computed),
    ("request.timeout.ms", Computed),
    ("metadata.max.idle.ms", Silent),
    ("socket.connection.setup.timeout.max.ms", Silent),
    ("config.providers", Silent),
    ("metric.reporters", Silent),
    ("auto.include.jmx.reporter", Silent),
    ("metrics.num.samples", Silent),
    ("metrics.recording.level", Silent),
    ("metrics.sample.window.ms", Silent),
    ("security.providers", Silent),
    ("interceptor.classes", Warned),
    ("ssl.protocol", Warned),
    ("ssl.enabled.protocols", Warned),
    ("ssl.secure.random.implementation", Warned),
    ("ssl.engine.factory.class", Warned),
    ("ssl.provider", Warned),
    ("ssl.keymanager.algorithm", Warned),
    ("ssl.trustmanager.algorithm", Warned),
    ("sasl.client.callback.handler.class", Warned),
];

const PRODUCER: &[(&str, Rule)] = &[
    ("acks", Same),
    ("compression.type", Same),
    ("enable.idempotence", Same),
    ("transactional.id", Same),
    ("retries", Number(0, 0, INT, &["retries"])),
    ("linger.ms", Number(0, 0, 900_000, &["linger.ms"])),
    ("max.in.flight.requests.per.connection", Number(1, 1, MB, &["max.in.flight.requests.per.connection"])),
    ("transaction.timeout.ms", Number(0, 1_000, INT, &["transaction.timeout.ms"])),
    ("batch.size", Number(0, 1, INT, &["batch.size"])),
    ("delivery.timeout.ms", Number(0, 1, INT, &["message.timeout.ms"])),
    ("max.request.size", Computed),
    ("buffer.memory", Computed),
    ("partitioner.class", Computed),
    ("partitioner.ignore.keys", Computed),
    ("compression.gzip.level", Computed),
    ("compression.lz4.level", Computed),
    ("compression.zstd.level", Computed),
    ("transaction.two.phase.commit.enable", Computed),
    ("max.block.ms", Ours),
    ("key.serializer", Silent),
    ("value.serializer", Silent),
    ("partitioner.adaptive.partitioning.enable", Silent),
    ("partitioner.availability.timeout.ms", Silent),
];

const CONSUMER: &[(&str, Rule)] = &[
    ("group.id", Same),
    ("group.instance.id", Same),
    ("group.protocol", Same),
    ("group.remote.assignor", Same),
    ("client.rack", Same),
    ("isolation.level", Same),
    ("allow.auto.create.topics", Same),
    ("check.crcs", Same),
    ("session.timeout.ms", Number(0, 1, HOUR, &["session.timeout.ms"])),
    ("heartbeat.interval.ms", Number(0, 1, HOUR, &["heartbeat.interval.ms"])),
    ("max.poll.interval.ms", Number(1, 1, DAY, &["max.poll.interval.ms"])),
    ("max.partition.fetch.bytes", Number(0, 1, 1_000 * MB, &["max.partition.fetch.bytes"])),
    ("fetch.min.bytes", Number(0, 1, 100 * MB, &["fetch.min.bytes"])),
    ("fetch.max.wait.ms", Number(0, 0, FIVE_MINUTES, &["fetch.wait.max.ms"])),
    ("fetch.max.bytes", Computed),
    ("auto.offset.reset", Computed),
    ("partition.assignment.strategy", Computed),
    ("max.poll.records", Ours),
    ("default.api.timeout.ms", Ours),
    ("exclude.internal.topics", Ours),
    ("key.deserializer", Silent),
    ("value.deserializer", Silent),
    ("internal.throw.on.fetch.stable.offset.unsupported", Silent),
    ("share.acknowledgement.mode", Silent),
    ("share.acquire.mode", Silent),
    // The task commits what it has handed over; nothing else may.
    ("enable.auto.commit", Warned),
    ("auto.commit.interval.ms", Warned),
];

/// The raw-protocol module is the admin client. It keeps one connection a broker, asks seldom, and
/// waits between attempts by itself.
const ADMIN: &[(&str, Rule)] = &[
    ("bootstrap.servers", Ours),
    ("bootstrap.controllers", Refused("controllers are not asked directly; set bootstrap.servers")),
    ("client.id", Ours),
    ("request.timeout.ms", Ours),
    ("default.api.timeout.ms", Ours),
    ("retries", Ours),
    ("retry.backoff.ms", Ours),
    ("retry.backoff.max.ms", Ours),
    ("connections.max.idle.ms", Ours),
    ("client.dns.lookup", Silent),
    ("enable.metrics.push", Silent),
    ("metadata.max.age.ms", Silent),
    ("metadata.recovery.strategy", Silent),
    ("metadata.recovery.rebootstrap.trigger.ms", Silent),
    ("reconnect.backoff.ms", Silent),
    ("reconnect.backoff.max.ms", Silent),
    ("socket.connection.setup.timeout.ms", Silent),
    ("send.buffer.bytes", Silent),
    ("receive.buffer.bytes", Silent),
];

/// The row of a key, if Kafka has such a key for this client.
pub(super) fn rule(role: Role, key: &str) -> Option<Rule> {
    if super::security::handles(key) {
        return Some(Security);
    }
    let own = match role {
        Role::Producer => PRODUCER,
        Role::Consumer => CONSUMER,
        Role::Admin => ADMIN,
    };
    own.iter().chain(COMMON).find(|(name, _)| *name == key).map(|(_, rule)| *rule)
}
