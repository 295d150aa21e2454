//! Every default, in librdkafka's words. Where it is not librdkafka's own, the reason is here.

/// Both kinds of client.
pub(super) const COMMON: &[(&str, &str)] = &[
    // Pre-allocated histograms, 0.15 to 0.35 MB a client.
    ("enable.metrics.push", "false"),
    ("reconnect.backoff.ms", "50"),
    ("reconnect.backoff.max.ms", "1000"),
    ("connections.max.idle.ms", "540000"),
    ("socket.connection.setup.timeout.ms", "10000"),
    ("socket.timeout.ms", "30000"),
    ("socket.keepalive.enable", "true"),
    ("topic.metadata.refresh.interval.ms", "300000"),
    ("metadata.max.age.ms", "900000"),
    ("retry.backoff.ms", "100"),
    ("retry.backoff.max.ms", "1000"),
    ("log.connection.close", "false"),
    // What can be listened to later: see `verbosity`.
    ("debug", crate::verbosity::CONTEXTS),
    ("statistics.interval.ms", "0"),
];

/// What Connect imposes on its source producers, and Java's producer defaults.
pub(super) const PRODUCER: &[(&str, &str)] = &[
    ("acks", "all"),
    ("enable.idempotence", "false"),
    ("max.in.flight.requests.per.connection", "1"),
    // delivery.timeout.ms = Int.MAX
    ("message.timeout.ms", "2147483647"),
    ("retries", "2147483647"),
    ("request.timeout.ms", "30000"),
    // librdkafka's CRC32 would put the JVM's keys on other partitions.
    ("partitioner", "murmur2_random"),
    // max.request.size
    ("message.max.bytes", "1048576"),
    // buffer.memory; the number of records is limited per task.
    ("queue.buffering.max.kbytes", "32768"),
    ("queue.buffering.max.messages", "0"),
    // Java waits for a missing topic for ever (max.block.ms). After this, librdkafka fails the
    // records; until then it asks once a second. It multiplies by 1000 in 32 bits: 35 minutes is
    // what fits, although its range says an hour.
    ("topic.metadata.propagation.max.ms", "2100000"),
    ("linger.ms", "5"),
    ("compression.type", "none"),
];

/// Java's consumer defaults, and what a sink task relies on.
pub(super) const CONSUMER: &[(&str, &str)] = &[
    ("isolation.level", "read_uncommitted"),
    ("partition.assignment.strategy", "range"),
    ("allow.auto.create.topics", "true"),
    ("check.crcs", "true"),
    ("auto.offset.reset", "earliest"),
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("enable.partition.eof", "false"),
    ("fetch.wait.max.ms", "500"),
    ("fetch.min.bytes", "1"),
    ("max.partition.fetch.bytes", "1048576"),
    ("session.timeout.ms", "45000"),
    ("heartbeat.interval.ms", "3000"),
    ("max.poll.interval.ms", "300000"),
    // Prefetch. The default is 64 MiB a consumer: a thousand sinks behind would hold 64 GB.
    ("queued.max.messages.kbytes", "4096"),
    // A full queue puts the next fetch off by this; the default second caps consumption at a tenth.
    ("fetch.queue.backoff.ms", "10"),
];
