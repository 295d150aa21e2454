//! Applies the table to a client's keys, and mends what does not go together in librdkafka.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::security::Security;
use super::table::{Rule, rule};
use super::{ClientSettings, SettingsError, Translated, defaults, reconcile};

/// Which client the keys are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Producer,
    Consumer,
    Admin,
}

/// Java keys by name, their values trimmed.
pub(super) type Java = BTreeMap<String, String>;

pub(super) fn java<K: AsRef<str>, V: AsRef<str>>(base: impl IntoIterator<Item = (K, V)>) -> Java {
    base.into_iter().map(|(key, value)| (key.as_ref().to_owned(), value.as_ref().trim().to_owned())).collect()
}

pub(super) fn translate(
    role: Role,
    imposed: &[(&str, &str)],
    java: &Java,
    client_id: &str,
    group_id: Option<&str>,
) -> Result<Translated, SettingsError> {
    let mut values: BTreeMap<String, String> =
        defaults::COMMON.iter().chain(imposed).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    if let Some(group) = group_id {
        values.insert("group.id".to_owned(), group.to_owned());
    }
    let mut out = Out { role, values, warnings: Vec::new(), max_request_size: 1_048_576 };
    if !java.contains_key("bootstrap.servers") {
        return Err(SettingsError::Missing("bootstrap.servers"));
    }
    let security = Security::read(java, &mut out.warnings)?;
    security.write(&mut out.values);
    for (key, value) in java {
        out.one(key, value, java)?;
    }
    reconcile::reconcile(&mut out, java)?;
    let settings = ClientSettings {
        values: out.values,
        client_id: client_id.to_owned(),
        max_request_size: out.max_request_size,
        oauth: security.oauth().map(Arc::clone),
    };
    Ok(Translated { settings, warnings: out.warnings })
}

/// What there is to say about the admin client's keys. Unknown ones are none of its business: in Connect all keys
/// of a worker are the admin client's too.
pub(super) fn admin_warnings(java: &Java, warnings: &mut Vec<String>) -> Result<(), SettingsError> {
    for (key, value) in java {
        match rule(Role::Admin, key) {
            Some(Rule::Refused(reason)) if !value.is_empty() => {
                return Err(SettingsError::Refused { key: key.clone(), reason: reason.to_owned() });
            }
            Some(Rule::Warned) if !value.is_empty() => warnings.push(ignored(key)),
            Some(_) | None => {}
        }
    }
    Ok(())
}

fn ignored(key: &str) -> String {
    format!("{key} is ignored: this worker does not run on a JVM or decides it itself")
}

fn unknown(key: &str) -> String {
    format!("{key} is not known to this worker's Kafka client and is ignored")
}

pub(super) struct Out {
    pub(super) role: Role,
    pub(super) values: BTreeMap<String, String>,
    pub(super) warnings: Vec<String>,
    max_request_size: usize,
}

impl Out {
    pub(super) fn set(&mut self, key: &str, value: impl Into<String>) {
        self.values.insert(key.to_owned(), value.into());
    }

    /// A number among the values in force.
    pub(super) fn at(&self, key: &str) -> Option<i64> {
        self.values.get(key).and_then(|value| value.parse().ok())
    }

    fn one(&mut self, key: &str, value: &str, java: &Java) -> Result<(), SettingsError> {
        let Some(rule) = rule(self.role, key) else {
            self.warnings.push(unknown(key));
            return Ok(());
        };
        match rule {
            // An empty value means "not set" in Java's world and an error in librdkafka's.
            Rule::Same if value.is_empty() => {}
            Rule::Same => self.set(key, value),
            Rule::Number(least, low, high, names) => {
                let given = number(key, value, least, i64::MAX)?;
                if given > high && given < i64::MAX && high < i64::from(i32::MAX) {
                    self.warnings
                        .push(format!("{key}: {given} is more than this worker's client can do; {high} is used"));
                }
                for name in names {
                    self.set(name, given.clamp(low, high).to_string());
                }
            }
            Rule::Computed => self.computed(key, value, java)?,
            Rule::Ours | Rule::Security | Rule::Silent => {}
            Rule::Warned if value.is_empty() => {}
            Rule::Warned => self.warnings.push(ignored(key)),
            Rule::Refused(_) if value.is_empty() => {}
            Rule::Refused(reason) => return Err(refused(key, reason)),
        }
        Ok(())
    }

    fn computed(&mut self, key: &str, value: &str, java: &Java) -> Result<(), SettingsError> {
        match key {
            "bootstrap.servers" => self.set(key, bootstrap(value)?),
            "client.id" if !value.is_empty() => self.set(key, value),
            "request.timeout.ms" => {
                let millis = number(key, value, 0, i64::from(i32::MAX))?;
                self.set("socket.timeout.ms", millis.clamp(10, 300_000).to_string());
                if self.role == Role::Producer {
                    self.set(key, millis.clamp(1, 900_000).to_string());
                }
            }
            "metadata.max.age.ms" => {
                let millis = number(key, value, 0, i64::MAX)?.clamp(1, 3_600_000);
                self.set("topic.metadata.refresh.interval.ms", millis.to_string());
                self.set(key, (millis * 3).clamp(1, 86_400_000).to_string());
            }
            "max.request.size" => {
                let bytes = number(key, value, 0, i64::from(i32::MAX))?.clamp(1_000, 1_000_000_000);
                self.max_request_size = usize::try_from(bytes).unwrap_or(usize::MAX);
                self.set("message.max.bytes", bytes.to_string());
            }
            "buffer.memory" => {
                let kbytes = number(key, value, 0, i64::MAX)? / 1024;
                self.set("queue.buffering.max.kbytes", kbytes.clamp(1, i64::from(i32::MAX)).to_string());
            }
            "partitioner.class" => partitioner(key, value)?,
            "partitioner.ignore.keys" if value.eq_ignore_ascii_case("true") => self.set("partitioner", "random"),
            "transaction.two.phase.commit.enable" if value.eq_ignore_ascii_case("true") => {
                return Err(refused(key, "two-phase commit is not available; set it to false"));
            }
            "fetch.max.bytes" => {
                // Also the least that librdkafka insists on between the two.
                let bytes = number(key, value, 0, i64::from(i32::MAX))?;
                self.set("message.max.bytes", bytes.clamp(1_000, 1_000_000).to_string());
                self.set(key, bytes.clamp(1_000, 2_147_483_135).to_string());
            }
            "auto.offset.reset" => self.set(key, offset_reset(key, value)?),
            "partition.assignment.strategy"
                if !java.get("group.protocol").is_some_and(|p| p.eq_ignore_ascii_case("consumer")) =>
            {
                self.set(key, strategies(key, value)?);
            }
            // Empty or false, where that is the default; levels are applied when the codec is known.
            _ => {}
        }
        Ok(())
    }
}

fn refused(key: &str, reason: impl Into<String>) -> SettingsError {
    SettingsError::Refused { key: key.to_owned(), reason: reason.into() }
}

fn partitioner(key: &str, value: &str) -> Result<(), SettingsError> {
    match value {
        ""
        | "org.apache.kafka.clients.producer.internals.DefaultPartitioner"
        | "org.apache.kafka.clients.producer.UniformStickyPartitioner" => Ok(()),
        _ => Err(refused(key, format!("{value} is a Java class; leave the key out to have keys hashed as Kafka does"))),
    }
}

fn offset_reset(key: &str, value: &str) -> Result<&'static str, SettingsError> {
    match value.to_ascii_lowercase().as_str() {
        "earliest" => Ok("earliest"),
        "latest" => Ok("latest"),
        "none" => Ok("error"),
        other if other.starts_with("by_duration") => {
            Err(refused(key, "by_duration is not available; use earliest, latest or none"))
        }
        _ => Err(SettingsError::Invalid {
            key: key.to_owned(),
            value: value.to_owned(),
            reason: "must be one of earliest, latest, none".to_owned(),
        }),
    }
}

fn strategies(key: &str, value: &str) -> Result<String, SettingsError> {
    let mut names = Vec::new();
    for class in value.split(',').map(str::trim).filter(|c| !c.is_empty()) {
        names.push(match class {
            "org.apache.kafka.clients.consumer.RangeAssignor" | "range" => "range",
            "org.apache.kafka.clients.consumer.RoundRobinAssignor" | "roundrobin" => "roundrobin",
            "org.apache.kafka.clients.consumer.CooperativeStickyAssignor" | "cooperative-sticky" => {
                "cooperative-sticky"
            }
            _ => {
                let reason = format!(
                    "{class} is not available; use RangeAssignor, RoundRobinAssignor or CooperativeStickyAssignor"
                );
                return Err(refused(key, reason));
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

pub(super) fn number(key: &str, value: &str, least: i64, most: i64) -> Result<i64, SettingsError> {
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
