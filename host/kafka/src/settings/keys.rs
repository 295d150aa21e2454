//! The closed table of keys.

use std::collections::BTreeMap;

use super::{ClientSettings, SettingsError, Translated, defaults, security};

/// Which client the keys are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Producer,
    Consumer,
}

/// Keys which the worker handles itself; [`super::producer_settings`] and
/// [`super::consumer_settings`] leave them out.
pub const OURS: &[&str] = &["max.block.ms", "default.api.timeout.ms", "max.poll.records", "exclude.internal.topics"];

/// The same name and meaning on both sides.
const SAME: &[&str] = &[
    "client.rack",
    "client.dns.lookup",
    "retry.backoff.ms",
    "retry.backoff.max.ms",
    "connections.max.idle.ms",
    "enable.metrics.push",
    "metadata.recovery.strategy",
    "security.protocol",
    "sasl.mechanism",
];

const SAME_PRODUCER: &[&str] = &[
    "acks",
    "retries",
    "linger.ms",
    "compression.type",
    "enable.idempotence",
    "transactional.id",
    "transaction.timeout.ms",
    "max.in.flight.requests.per.connection",
];

const SAME_CONSUMER: &[&str] = &[
    "group.instance.id",
    "group.protocol",
    "group.remote.assignor",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.interval.ms",
    "isolation.level",
    "allow.auto.create.topics",
    "check.crcs",
    "max.partition.fetch.bytes",
    "fetch.min.bytes",
    "fetch.max.bytes",
];

/// They mean something in a JVM only.
const SILENT: &[&str] = &[
    "key.serializer",
    "value.serializer",
    "key.deserializer",
    "value.deserializer",
    "metric.reporters",
    "auto.include.jmx.reporter",
    "security.providers",
    "metadata.max.idle.ms",
    "socket.connection.setup.timeout.max.ms",
    "partitioner.availability.timeout.ms",
];

const SILENT_PREFIXES: &[&str] = &["metrics.", "partitioner.adaptive."];

/// Left out, and somebody may miss them.
const WARNED: &[&str] = &[
    "interceptor.classes",
    "ssl.protocol",
    "ssl.enabled.protocols",
    "ssl.secure.random.implementation",
    "ssl.engine.factory.class",
    "ssl.provider",
    "ssl.keymanager.algorithm",
    "ssl.trustmanager.algorithm",
    "sasl.client.callback.handler.class",
    "enable.auto.commit",
    "auto.commit.interval.ms",
];

pub(super) fn translate<K: AsRef<str>, V: AsRef<str>>(
    role: Role,
    imposed: &[(&str, &str)],
    base: impl IntoIterator<Item = (K, V)>,
    client_id: &str,
    group_id: Option<&str>,
) -> Result<Translated, SettingsError> {
    let java: BTreeMap<String, String> =
        base.into_iter().map(|(key, value)| (key.as_ref().to_owned(), value.as_ref().trim().to_owned())).collect();
    let mut values: BTreeMap<String, String> =
        defaults::COMMON.iter().chain(imposed).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    if let Some(group) = group_id {
        values.insert("group.id".to_owned(), group.to_owned());
    }
    let mut out = Out { role, values, warnings: Vec::new(), max_request_size: 1_048_576 };
    if !java.contains_key("bootstrap.servers") {
        return Err(SettingsError::Missing("bootstrap.servers"));
    }
    security::translate(&java, &mut out.values, &mut out.warnings)?;
    for (key, value) in &java {
        out.one(key, value, &java)?;
    }
    out.reconcile(&java)?;
    let settings =
        ClientSettings { values: out.values, client_id: client_id.to_owned(), max_request_size: out.max_request_size };
    Ok(Translated { settings, warnings: out.warnings })
}

struct Out {
    role: Role,
    values: BTreeMap<String, String>,
    warnings: Vec<String>,
    max_request_size: usize,
}

impl Out {
    fn set(&mut self, key: &str, value: impl Into<String>) {
        self.values.insert(key.to_owned(), value.into());
    }

    fn one(&mut self, key: &str, value: &str, java: &BTreeMap<String, String>) -> Result<(), SettingsError> {
        let producer = self.role == Role::Producer;
        let mine = if producer { SAME_PRODUCER } else { SAME_CONSUMER };
        if SAME.contains(&key) || mine.contains(&key) {
            // An empty value means "not set" in Java's world and an error in librdkafka's.
            if !value.is_empty() {
                self.set(key, value);
            }
            return Ok(());
        }
        if OURS.contains(&key)
            || SILENT.contains(&key)
            || SILENT_PREFIXES.iter().any(|p| key.starts_with(p))
            || security::handles(key)
        {
            return Ok(());
        }
        if WARNED.contains(&key) {
            if !value.is_empty() {
                self.warnings.push(format!("{key} is ignored: this worker does not run on a JVM or decides it itself"));
            }
            return Ok(());
        }
        match key {
            "bootstrap.servers" => self.set(key, bootstrap(value)?),
            "client.id" if !value.is_empty() => self.set(key, value),
            "client.id" => {}
            "group.id" if !producer => self.set(key, value),
            "request.timeout.ms" => {
                let millis = number(key, value, 1, i64::from(i32::MAX))?;
                self.set("socket.timeout.ms", millis.clamp(10, 300_000).to_string());
                if producer {
                    self.set(key, millis.clamp(1, 900_000).to_string());
                }
            }
            "metadata.max.age.ms" => {
                let millis = number(key, value, 0, i64::MAX)?.clamp(1, 3_600_000);
                self.set("topic.metadata.refresh.interval.ms", millis.to_string());
                self.set(key, (millis * 3).clamp(1, 86_400_000).to_string());
            }
            "reconnect.backoff.ms" | "reconnect.backoff.max.ms" => {
                let millis = number(key, value, 0, i64::MAX)?;
                self.set(key, millis.min(3_600_000).to_string());
            }
            "socket.connection.setup.timeout.ms" => {
                let millis = number(key, value, 0, i64::MAX)?;
                self.set(key, millis.clamp(1_000, i64::from(i32::MAX)).to_string());
            }
            "send.buffer.bytes" | "receive.buffer.bytes" => {
                let bytes = number(key, value, -1, i64::from(i32::MAX))?;
                self.set(&format!("socket.{key}"), bytes.clamp(0, 100_000_000).to_string());
            }
            _ if producer => self.producer(key, value)?,
            _ => self.consumer(key, value, java)?,
        }
        Ok(())
    }

    fn producer(&mut self, key: &str, value: &str) -> Result<(), SettingsError> {
        match key {
            "max.request.size" => {
                let bytes = number(key, value, 0, i64::from(i32::MAX))?.clamp(1_000, 1_000_000_000);
                self.max_request_size = usize::try_from(bytes).unwrap_or(usize::MAX);
                self.set("message.max.bytes", bytes.to_string());
            }
            "buffer.memory" => {
                let kbytes = number(key, value, 0, i64::MAX)? / 1024;
                self.set("queue.buffering.max.kbytes", kbytes.clamp(1, i64::from(i32::MAX)).to_string());
            }
            "batch.size" => {
                let bytes = number(key, value, 0, i64::from(i32::MAX))?;
                self.set(key, bytes.clamp(1, i64::from(i32::MAX)).to_string());
            }
            "delivery.timeout.ms" => {
                let millis = number(key, value, 0, i64::from(i32::MAX))?;
                self.set("message.timeout.ms", millis.clamp(1, i64::from(i32::MAX)).to_string());
            }
            "partitioner.class" => match value.rsplit('.').next().unwrap_or_default() {
                "" | "DefaultPartitioner" | "UniformStickyPartitioner" => {}
                _ => {
                    return Err(SettingsError::Refused {
                        key: key.to_owned(),
                        reason: format!("{value} is a Java class; leave the key out to have keys hashed as Kafka does"),
                    });
                }
            },
            "partitioner.ignore.keys" => {
                if value.eq_ignore_ascii_case("true") {
                    self.set("partitioner", "random");
                }
            }
            "compression.gzip.level" | "compression.lz4.level" | "compression.zstd.level" => {
                // Applied in `reconcile`, when the codec is known.
            }
            "transaction.two.phase.commit.enable" => {
                if value.eq_ignore_ascii_case("true") {
                    return Err(SettingsError::Refused {
                        key: key.to_owned(),
                        reason: "two-phase commit is not available; set it to false".to_owned(),
                    });
                }
            }
            _ => self.unknown(key),
        }
        Ok(())
    }

    fn consumer(&mut self, key: &str, value: &str, java: &BTreeMap<String, String>) -> Result<(), SettingsError> {
        match key {
            "fetch.max.wait.ms" => {
                let millis = number(key, value, 0, i64::from(i32::MAX))?;
                self.set("fetch.wait.max.ms", millis.min(300_000).to_string());
            }
            "auto.offset.reset" => {
                let policy = match value.to_ascii_lowercase().as_str() {
                    "earliest" => "earliest",
                    "latest" => "latest",
                    "none" => "error",
                    other if other.starts_with("by_duration") => {
                        return Err(SettingsError::Refused {
                            key: key.to_owned(),
                            reason: "by_duration is not available; use earliest, latest or none".to_owned(),
                        });
                    }
                    _ => {
                        return Err(SettingsError::Invalid {
                            key: key.to_owned(),
                            value: value.to_owned(),
                            reason: "must be one of earliest, latest, none".to_owned(),
                        });
                    }
                };
                self.set(key, policy);
            }
            "partition.assignment.strategy" => {
                if !java.get("group.protocol").is_some_and(|p| p.eq_ignore_ascii_case("consumer")) {
                    let strategy = strategies(key, value)?;
                    self.set(key, strategy);
                }
            }
            _ => self.unknown(key),
        }
        Ok(())
    }

    fn unknown(&mut self, key: &str) {
        self.warnings.push(format!("{key} is not known to this worker's Kafka client and is ignored"));
    }

    /// Combinations which Java accepts and librdkafka refuses to start with.
    fn reconcile(&mut self, java: &BTreeMap<String, String>) -> Result<(), SettingsError> {
        let at = |values: &BTreeMap<String, String>, key: &str| values.get(key).and_then(|v| v.parse::<i64>().ok());
        if let (Some(least), Some(most)) =
            (at(&self.values, "reconnect.backoff.ms"), at(&self.values, "reconnect.backoff.max.ms"))
            && most < least
        {
            self.set("reconnect.backoff.max.ms", least.to_string());
        }
        if let (Some(least), Some(most)) =
            (at(&self.values, "retry.backoff.ms"), at(&self.values, "retry.backoff.max.ms"))
            && most < least
        {
            self.set("retry.backoff.max.ms", least.to_string());
        }
        match self.role {
            Role::Producer => self.reconcile_producer(java, at),
            Role::Consumer => self.reconcile_consumer(at),
        }
    }

    fn reconcile_producer(
        &mut self,
        java: &BTreeMap<String, String>,
        at: impl Fn(&BTreeMap<String, String>, &str) -> Option<i64>,
    ) -> Result<(), SettingsError> {
        if let Some(codec) = self.values.get("compression.type").cloned()
            && let key = format!("compression.{codec}.level")
            && let Some(value) = java.get(&key)
        {
            let level = number(&key, value, i64::from(i32::MIN), i64::from(i32::MAX))?;
            self.set("compression.level", level.clamp(-1, 12).to_string());
        }
        if self.values.contains_key("transactional.id") {
            // It must not exceed transaction.timeout.ms, which ends the record's wait anyway.
            self.values.remove("message.timeout.ms");
            let transaction = at(&self.values, "transaction.timeout.ms").unwrap_or(60_000);
            if let Some(socket) = at(&self.values, "socket.timeout.ms")
                && socket > transaction + 100
            {
                self.set("socket.timeout.ms", transaction.to_string());
            }
            self.set("enable.idempotence", "true");
        } else if let (Some(linger), Some(timeout)) =
            (at(&self.values, "linger.ms"), at(&self.values, "message.timeout.ms"))
            && timeout <= linger
        {
            return Err(SettingsError::Invalid {
                key: "delivery.timeout.ms".to_owned(),
                value: timeout.to_string(),
                reason: "should be equal to or larger than linger.ms + request.timeout.ms".to_owned(),
            });
        }
        Ok(())
    }

    fn reconcile_consumer(
        &mut self,
        at: impl Fn(&BTreeMap<String, String>, &str) -> Option<i64>,
    ) -> Result<(), SettingsError> {
        let fetch = at(&self.values, "fetch.max.bytes");
        if let Some(fetch) = fetch {
            self.set("message.max.bytes", fetch.clamp(1_000, 1_000_000).to_string());
            self.set("fetch.max.bytes", fetch.clamp(1_000, 2_147_483_135).to_string());
        }
        if self.values.get("group.protocol").is_some_and(|p| p.eq_ignore_ascii_case("consumer")) {
            for key in ["session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"] {
                self.values.remove(key);
            }
            self.warnings.push(
                "group.protocol=consumer: a task slower than max.poll.interval.ms fails for good here".to_owned(),
            );
        } else if let (Some(poll), Some(session)) =
            (at(&self.values, "max.poll.interval.ms"), at(&self.values, "session.timeout.ms"))
            && poll < session
        {
            // librdkafka insists; Java does not, and an earlier session time-out keeps the meaning.
            self.set("session.timeout.ms", poll.to_string());
            if let Some(beat) = at(&self.values, "heartbeat.interval.ms")
                && beat * 3 > poll
            {
                self.set("heartbeat.interval.ms", (poll / 3).max(1).to_string());
            }
        }
        Ok(())
    }
}

fn strategies(key: &str, value: &str) -> Result<String, SettingsError> {
    let refuse = |reason: String| Err(SettingsError::Refused { key: key.to_owned(), reason });
    let mut names = Vec::new();
    for class in value.split(',').map(str::trim).filter(|c| !c.is_empty()) {
        names.push(match class.rsplit('.').next().unwrap_or(class) {
            "RangeAssignor" | "range" => "range",
            "RoundRobinAssignor" | "roundrobin" => "roundrobin",
            "CooperativeStickyAssignor" | "cooperative-sticky" => "cooperative-sticky",
            _ => {
                return refuse(format!(
                    "{class} is not available; use RangeAssignor, RoundRobinAssignor or CooperativeStickyAssignor"
                ));
            }
        });
    }
    // Java runs a mixed list by what all members share, which is eager; librdkafka refuses it.
    if names.len() > 1 {
        names.retain(|name| *name != "cooperative-sticky");
    }
    Ok(if names.is_empty() { "range".to_owned() } else { names.join(",") })
}

/// Strips the protocol, insists on a port, as Java does.
pub(crate) fn bootstrap(value: &str) -> Result<String, SettingsError> {
    let invalid = |reason: &str| SettingsError::Invalid {
        key: "bootstrap.servers".to_owned(),
        value: value.to_owned(),
        reason: reason.to_owned(),
    };
    let mut out = Vec::new();
    for url in value.split(',').map(str::trim).filter(|u| !u.is_empty()) {
        let address = url.rsplit_once("://").map_or(url, |(_, rest)| rest);
        match address.rsplit_once(':') {
            Some((host, port))
                if !host.is_empty()
                    && port.parse::<u16>().is_ok()
                    && (!host.contains(':') || host.starts_with('[')) =>
            {
                out.push(address.to_owned());
            }
            _ => {
                return Err(invalid("each entry must be host:port, such as localhost:9092"));
            }
        }
    }
    if out.is_empty() {
        return Err(invalid("No resolvable bootstrap urls given in bootstrap.servers"));
    }
    Ok(out.join(","))
}

fn number(key: &str, value: &str, least: i64, most: i64) -> Result<i64, SettingsError> {
    let invalid = |reason: String| SettingsError::Invalid { key: key.to_owned(), value: value.to_owned(), reason };
    let number: i64 = value.parse().map_err(|_| invalid("Not a number of type LONG".to_owned()))?;
    if number < least {
        return Err(invalid(format!("Value must be at least {least}")));
    }
    if number > most {
        return Err(invalid(format!("Value must be no more than {most}")));
    }
    Ok(number)
}
