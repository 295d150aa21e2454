//! The keys that only a worker of a cluster has, in Kafka's order: the first that is wrong is the one that is told.

use std::sync::LazyLock;

use watertight_data::ConfigError;
use watertight_data::config::{ConfigDef, ConfigKey, Importance, Kind, Parsed, Validator};

use super::{ConnectProtocol, algorithms};

const PARTITIONS: &str = "Number of partitions must be positive";
const REPLICATION: &str =
    "Replication factor must be positive and not larger than the number of brokers in the Kafka cluster";

/// All of them.
pub(super) static DEFINITION: LazyLock<ConfigDef> = LazyLock::new(|| {
    ConfigDef::new([
        named("group.id"),
        number("session.timeout.ms", Kind::Int, "10000", 1),
        number("rebalance.timeout.ms", Kind::Int, "60000", 1),
        number("heartbeat.interval.ms", Kind::Int, "3000", 1),
        text("exactly.once.source.support", "disabled").checked(Validator::one_of_ignoring_case(&[
            "disabled",
            "preparing",
            "enabled",
        ])),
        number("metadata.max.age.ms", Kind::Long, "300000", 0),
        text("client.id", ""),
        number("send.buffer.bytes", Kind::Int, "131072", -1),
        number("receive.buffer.bytes", Kind::Int, "32768", -1),
        number("reconnect.backoff.ms", Kind::Long, "50", 0),
        number("reconnect.backoff.max.ms", Kind::Long, "1000", 0),
        number("socket.connection.setup.timeout.ms", Kind::Long, "10000", 0),
        number("socket.connection.setup.timeout.max.ms", Kind::Long, "30000", 0),
        number("retry.backoff.ms", Kind::Long, "100", 0),
        number("retry.backoff.max.ms", Kind::Long, "1000", 0),
        number("request.timeout.ms", Kind::Int, "40000", 0),
        ConfigKey::defaulted("connections.max.idle.ms", Kind::Long, "540000", Importance::Medium),
        number("worker.sync.timeout.ms", Kind::Int, "3000", 0),
        number("worker.unsync.backoff.ms", Kind::Int, "300000", 0),
        named("offset.storage.topic"),
        partitions("offset.storage.partitions", "25"),
        replication("offset.storage.replication.factor"),
        named("config.storage.topic"),
        replication("config.storage.replication.factor"),
        named("status.storage.topic"),
        partitions("status.storage.partitions", "5"),
        replication("status.storage.replication.factor"),
        ConfigKey::defaulted("internal.topics.automatic.creation.enable", Kind::Boolean, "true", Importance::Low),
        text("connect.protocol", "sessioned").checked(Validator::Custom(check_protocol)),
        number("scheduled.rebalance.max.delay.ms", Kind::Int, "300000", 0),
        number("inter.worker.key.ttl.ms", Kind::Int, "3600000", 0),
        text("inter.worker.key.generation.algorithm", "HmacSHA256").checked(Validator::Custom(algorithms::check)),
        ConfigKey::optional("inter.worker.key.size", Kind::Int, Importance::Low),
        text("inter.worker.signature.algorithm", "HmacSHA256").checked(Validator::Custom(algorithms::check)),
        ConfigKey::defaulted("inter.worker.verification.algorithms", Kind::List, "HmacSHA256", Importance::Low)
            .checked(Validator::Custom(algorithms::check)),
        text("metadata.recovery.strategy", "rebootstrap")
            .checked(Validator::one_of_ignoring_case(&["none", "rebootstrap"])),
        number("metadata.recovery.rebootstrap.trigger.ms", Kind::Long, "300000", 0),
    ])
});

fn named(key: &str) -> ConfigKey {
    ConfigKey::required(key, Kind::String, Importance::High).checked(Validator::NonEmpty)
}

fn text(key: &str, default: &str) -> ConfigKey {
    ConfigKey::defaulted(key, Kind::String, default, Importance::Low)
}

fn number(key: &str, kind: Kind, default: &str, least: i32) -> ConfigKey {
    ConfigKey::defaulted(key, kind, default, Importance::Medium).checked(Validator::at_least(least))
}

fn partitions(key: &str, default: &str) -> ConfigKey {
    ConfigKey::defaulted(key, Kind::Int, default, Importance::Low).checked(Validator::PositiveOrDefault(PARTITIONS))
}

fn replication(key: &str) -> ConfigKey {
    ConfigKey::defaulted(key, Kind::Short, "3", Importance::Low).checked(Validator::PositiveOrDefault(REPLICATION))
}

fn check_protocol(name: &str, value: Option<&Parsed>) -> Result<(), ConfigError> {
    match value {
        Some(Parsed::Text(word)) if ConnectProtocol::of(word).is_none() => {
            Err(ConfigError::invalid(name, word, "Invalid Connect protocol compatibility"))
        }
        _ => Ok(()),
    }
}
