//! Settings of a worker that is one of a cluster: Kafka's keys, defaults and words (`DistributedConfig`), so that its
//! properties file can be taken over as it is. What Kafka lets pass and fails with later, such as a negative time-out,
//! a topic without a name, or one topic for two purposes, is refused here at once.

mod algorithms;
mod choices;
mod definition;

use std::path::Path;
use std::time::Duration;

pub use algorithms::canonical as canonical_algorithm;
pub use choices::{ConnectProtocol, ExactlyOnce};
use watertight_data::config::Settings;

use crate::config::{ConfigError, Mode, WorkerConfig};
use crate::entities::ConfigMap;
use crate::secrets::Vault;

/// One of the three topics that hold a cluster's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageTopic {
    /// The setting that names it: `config.storage.topic`, for messages.
    pub key: &'static str,
    /// What it is called.
    pub name: String,
    /// How many partitions it is created with; -1 for the broker's default.
    pub partitions: i32,
    /// How many copies it is created with; -1 for the broker's default.
    pub replication_factor: i16,
    /// Its other settings at creation. `cleanup.policy` is never among them: these topics are always compacted.
    pub configs: Vec<(String, String)>,
}

/// Settings of a worker that is one of a cluster.
#[derive(Clone)]
pub struct DistributedConfig {
    /// Those that every worker has.
    pub worker: WorkerConfig,
    /// `group.id`
    pub group_id: String,
    /// `client.id`; empty if it is not set.
    pub client_id: String,
    /// `session.timeout.ms`
    pub session_timeout: Duration,
    /// `rebalance.timeout.ms`
    pub rebalance_timeout: Duration,
    /// `heartbeat.interval.ms`
    pub heartbeat_interval: Duration,
    /// `connect.protocol`
    pub protocol: ConnectProtocol,
    /// `scheduled.rebalance.max.delay.ms`
    pub max_delay: Duration,
    /// `worker.sync.timeout.ms`
    pub sync_timeout: Duration,
    /// `worker.unsync.backoff.ms`
    pub unsync_backoff: Duration,
    /// `config.storage.*`
    pub config_topic: StorageTopic,
    /// `offset.storage.*`
    pub offset_topic: StorageTopic,
    /// `status.storage.*`
    pub status_topic: StorageTopic,
    /// `internal.topics.automatic.creation.enable`
    pub create_topics: bool,
    /// `exactly.once.source.support`
    pub exactly_once: ExactlyOnce,
    /// `inter.worker.key.generation.algorithm`, as Java spells it.
    pub key_algorithm: String,
    /// `inter.worker.key.size`, in bits.
    pub key_size: Option<u32>,
    /// How many bytes a new key has: by the two before.
    pub key_length: usize,
    /// `inter.worker.key.ttl.ms`
    pub key_ttl: Duration,
    /// `inter.worker.signature.algorithm`
    pub signature_algorithm: String,
    /// `inter.worker.verification.algorithms`
    pub verification_algorithms: Vec<String>,
    /// Settings that have no effect, in Kafka's words: for the log.
    pub warnings: Vec<String>,
}

impl DistributedConfig {
    /// Reads the properties of a worker. Secrets among them go to `vault`, before anything can be said about them.
    ///
    /// # Errors
    /// What is missing or cannot be meant.
    pub fn new(properties: ConfigMap, directory: &Path, vault: Vault) -> Result<Self, ConfigError> {
        let worker = WorkerConfig::read(properties, directory, vault, Mode::Distributed)?;
        let settings = definition::DEFINITION.parse(&worker.properties)?;
        let text = |key: &str| settings.text(key).unwrap_or_default().to_owned();
        let time = |key: &str| {
            Duration::from_millis(settings.integer(key).and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
        };
        let session_timeout = time("session.timeout.ms");
        let heartbeat_interval = time("heartbeat.interval.ms");
        if heartbeat_interval >= session_timeout {
            return Err(ConfigError::Invalid {
                key: "heartbeat.interval.ms".to_owned(),
                value: heartbeat_interval.as_millis().to_string(),
                reason: "Heartbeat must be set lower than the session timeout".to_owned(),
            });
        }
        let key_algorithm = text("inter.worker.key.generation.algorithm");
        let key_size = settings.integer("inter.worker.key.size");
        let key_length = algorithms::key_length(&key_algorithm, key_size)?;
        let signature_algorithm = text("inter.worker.signature.algorithm");
        let verification_algorithms =
            settings.list("inter.worker.verification.algorithms").unwrap_or_default().to_vec();
        if !verification_algorithms.contains(&signature_algorithm) {
            return Err(ConfigError::Invalid {
                key: "inter.worker.signature.algorithm".to_owned(),
                value: signature_algorithm,
                reason: "Signature algorithm must be present in inter.worker.verification.algorithms list".to_owned(),
            });
        }
        let mut warnings = Vec::new();
        let config_topic = topic(&worker, &settings, &CONFIG, &mut warnings);
        let offset_topic = topic(&worker, &settings, &OFFSET, &mut warnings);
        let status_topic = topic(&worker, &settings, &STATUS, &mut warnings);
        for (one, other) in
            [(&config_topic, &offset_topic), (&config_topic, &status_topic), (&offset_topic, &status_topic)]
        {
            if one.name == other.name {
                return Err(ConfigError::Invalid {
                    key: other.key.to_owned(),
                    value: other.name.clone(),
                    reason: format!("{} names this topic already; each of them must have a topic of its own", one.key),
                });
            }
        }
        Ok(Self {
            group_id: text("group.id"),
            client_id: text("client.id"),
            session_timeout,
            heartbeat_interval,
            rebalance_timeout: time("rebalance.timeout.ms"),
            protocol: ConnectProtocol::of(&text("connect.protocol")).unwrap_or(ConnectProtocol::Sessioned),
            max_delay: time("scheduled.rebalance.max.delay.ms"),
            sync_timeout: time("worker.sync.timeout.ms"),
            unsync_backoff: time("worker.unsync.backoff.ms"),
            config_topic,
            offset_topic,
            status_topic,
            create_topics: settings.boolean("internal.topics.automatic.creation.enable").unwrap_or(true),
            exactly_once: ExactlyOnce::of(&text("exactly.once.source.support")).unwrap_or(ExactlyOnce::Disabled),
            key_algorithm: canonical_algorithm(&key_algorithm).map(str::to_owned).unwrap_or(key_algorithm),
            key_size: key_size.and_then(|bits| u32::try_from(bits).ok()),
            key_length,
            key_ttl: time("inter.worker.key.ttl.ms"),
            signature_algorithm,
            verification_algorithms,
            warnings,
            worker,
        })
    }

    /// The transactional id of whoever leads the cluster, for the config topic.
    pub fn transactional_id(&self) -> String {
        format!("connect-cluster-{}", self.group_id)
    }

    /// The transactional id of a source task (KIP-618).
    pub fn task_transactional_id(&self, connector: &str, task: u32) -> String {
        task_transactional_id(&self.group_id, connector, task)
    }

    /// What the client ids of the worker's own clients begin with: `<this>configs`, `<this>offsets`, `<this>statuses`.
    pub fn client_id_base(&self) -> String {
        match self.client_id.as_str() {
            "" => format!("{}-", self.group_id),
            given => format!("{}-{given}-", self.group_id),
        }
    }

    /// The client id of the group member.
    pub fn member_client_id(&self, worker_id: &str) -> String {
        match self.client_id.as_str() {
            "" => format!("connect-{worker_id}"),
            given => given.to_owned(),
        }
    }
}

/// The transactional id of a source task in a group of workers (KIP-618).
pub fn task_transactional_id(group: &str, connector: &str, task: u32) -> String {
    format!("{group}-{connector}-{task}")
}

/// The keys of one storage topic.
struct StorageKeys {
    prefix: &'static str,
    topic: &'static str,
    /// None where there is always one.
    partitions: Option<&'static str>,
    replication_factor: &'static str,
}

const CONFIG: StorageKeys = StorageKeys {
    prefix: "config.storage.",
    topic: "config.storage.topic",
    partitions: None,
    replication_factor: "config.storage.replication.factor",
};
const OFFSET: StorageKeys = StorageKeys {
    prefix: "offset.storage.",
    topic: "offset.storage.topic",
    partitions: Some("offset.storage.partitions"),
    replication_factor: "offset.storage.replication.factor",
};
const STATUS: StorageKeys = StorageKeys {
    prefix: "status.storage.",
    topic: "status.storage.topic",
    partitions: Some("status.storage.partitions"),
    replication_factor: "status.storage.replication.factor",
};

fn topic(worker: &WorkerConfig, settings: &Settings, keys: &StorageKeys, warnings: &mut Vec<String>) -> StorageTopic {
    let StorageKeys { prefix, topic, partitions, replication_factor } = *keys;
    let mut configs = worker.under(prefix);
    for own in ["topic", "replication.factor"] {
        configs.shift_remove(own);
    }
    if let (Some(given), None) = (configs.shift_remove("partitions"), partitions) {
        let why = "since config topic partitions is always 1";
        warnings.push(format!("Ignoring '{prefix}partitions={given}' setting, {why}"));
    }
    if let Some(given) = configs.shift_remove("cleanup.policy") {
        let why = "since compaction is always used";
        warnings.push(format!("Ignoring '{prefix}cleanup.policy={given}' setting, {why}"));
    }
    let number = |key: &str| settings.integer(key).unwrap_or(-1);
    StorageTopic {
        key: topic,
        name: settings.text(topic).unwrap_or_default().to_owned(),
        partitions: partitions.map_or(1, |key| i32::try_from(number(key)).unwrap_or(-1)),
        replication_factor: i16::try_from(number(replication_factor)).unwrap_or(-1),
        configs: configs.into_iter().collect(),
    }
}

/// Whether a worker of a cluster reads this setting, and a standalone one does not.
pub(crate) fn is_known(key: &str) -> bool {
    definition::DEFINITION.get(key).is_some()
        || [CONFIG, OFFSET, STATUS].iter().any(|keys| key.starts_with(keys.prefix))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
