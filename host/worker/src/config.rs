//! The worker's own settings: Kafka's keys and defaults, plus ours under `sandbox.` and `rest.max.body.bytes`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::distributed;
use crate::entities::ConfigMap;
use crate::providers::{ConfigProviders, ProviderError};
use crate::secrets::{Vault, is_password, password_parts};
use crate::validate::Policy;

/// A worker setting that is missing or cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Kafka's words.
    #[error("Missing required configuration \"{0}\" which has no default value.")]
    Missing(&'static str),
    /// Kafka's words.
    #[error("Invalid value {value} for configuration {key}: {reason}")]
    Invalid {
        /// The setting.
        key: String,
        /// As given.
        value: String,
        /// What would do.
        reason: String,
    },
    /// Of a config provider.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// A finished sentence.
    #[error("{0}")]
    Other(String),
}

impl From<watertight_data::ConfigError> for ConfigError {
    fn from(error: watertight_data::ConfigError) -> Self {
        Self::Other(error.message().to_owned())
    }
}

/// What kind of worker reads its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Alone: offsets are in a file.
    Standalone,
    /// One of a cluster: state is in topics.
    Distributed,
}

/// Settings of a standalone worker.
#[derive(Clone)]
pub struct StandaloneConfig {
    /// Those that every worker has.
    pub worker: WorkerConfig,
    /// `offset.storage.file.filename`
    pub offsets_file: PathBuf,
}

impl StandaloneConfig {
    /// Reads the properties of a standalone worker. Secrets among them go to `vault`, before anything can be said
    /// about them.
    ///
    /// # Errors
    /// What is missing or cannot be meant.
    pub fn new(properties: ConfigMap, directory: &Path, vault: Vault) -> Result<Self, ConfigError> {
        let worker = WorkerConfig::read(properties, directory, vault, Mode::Standalone)?;
        let offsets_file = directory.join(required(&worker.properties, OFFSETS_FILE)?);
        Ok(Self { worker, offsets_file })
    }
}

/// Settings that every worker has.
#[derive(Clone)]
pub struct WorkerConfig {
    /// What kind of worker it is.
    pub mode: Mode,
    /// All of them, references resolved.
    pub properties: ConfigMap,
    /// `bootstrap.servers`
    pub bootstrap: String,
    /// `offset.flush.interval.ms`
    pub flush_interval: Duration,
    /// `offset.flush.timeout.ms`
    pub flush_timeout: Duration,
    /// `task.shutdown.graceful.timeout.ms`
    pub shutdown_timeout: Duration,
    /// `plugin.path`; empty if it is not set.
    pub plugin_path: Vec<PathBuf>,
    /// Relative paths in settings start here: the directory the worker was started in.
    pub directory: PathBuf,
    /// `config.providers`
    pub providers: Arc<ConfigProviders>,
    /// What must not be seen.
    pub vault: Vault,
}

const OFFSETS_FILE: &str = "offset.storage.file.filename";
/// Keys that each of Kafka's workers knows. Those with a prefix are matched by it.
const KNOWN: &[&str] = &[
    "bootstrap.servers",
    "key.converter",
    "value.converter",
    "header.converter",
    "key.converter.plugin.version",
    "value.converter.plugin.version",
    "header.converter.plugin.version",
    "task.shutdown.graceful.timeout.ms",
    "offset.flush.interval.ms",
    "offset.flush.timeout.ms",
    "plugin.path",
    "plugin.discovery",
    "config.providers",
    "connector.client.config.override.policy",
    "connector.client.config.override.allowlist",
    "topic.creation.enable",
    "topic.tracking.enable",
    "topic.tracking.allow.reset",
    "client.dns.lookup",
    "metric.reporters",
    "metrics.num.samples",
    "metrics.sample.window.ms",
    "metrics.recording.level",
    "listeners",
    "rest.advertised.host.name",
    "rest.advertised.port",
    "rest.advertised.listener",
    "admin.listeners",
    "access.control.allow.origin",
    "access.control.allow.methods",
    "rest.extension.classes",
    "response.http.headers.config",
    "rest.auth.login.config",
    "rest.max.body.bytes",
    "rest.max.connections",
    "client.id",
    "group.id",
    "request.timeout.ms",
    "retry.backoff.ms",
    "reconnect.backoff.ms",
    "reconnect.backoff.max.ms",
    "metadata.max.age.ms",
    "security.protocol",
    "internal.key.converter",
    "internal.value.converter",
];
const PREFIXES: &[&str] = &[
    "key.converter.",
    "value.converter.",
    "header.converter.",
    "producer.",
    "consumer.",
    "admin.",
    "sandbox.",
    "config.providers.",
    "listeners.https.",
    "ssl.",
    "sasl.",
    "topic.creation.",
    "metrics.",
];

impl WorkerConfig {
    /// Reads what both kinds of workers have. Secrets among it go to `vault`, before anything can be said about them.
    ///
    /// # Errors
    /// What is missing or cannot be meant.
    pub fn read(properties: ConfigMap, directory: &Path, vault: Vault, mode: Mode) -> Result<Self, ConfigError> {
        let providers = ConfigProviders::from_properties(&properties, directory)?;
        let resolved = providers.resolve_now(&properties)?;
        let properties = resolved.settings;
        resolved.looked_up.iter().for_each(|value| vault.add(value));
        for (_, value) in properties.iter().filter(|(key, _)| is_password(key)) {
            vault.add(value);
            password_parts(value).into_iter().for_each(|part| vault.add(part));
        }
        Policy::of(&properties).map_err(ConfigError::Other)?;
        let bootstrap = required(&properties, "bootstrap.servers")?;
        required(&properties, "key.converter")?;
        required(&properties, "value.converter")?;
        let list = properties.get("plugin.path").map_or("", String::as_str);
        let plugin_path =
            list.split(',').map(str::trim).filter(|path| !path.is_empty()).map(|path| directory.join(path)).collect();
        Ok(Self {
            mode,
            bootstrap,
            plugin_path,
            flush_interval: time(&properties, "offset.flush.interval.ms", 60_000)?,
            flush_timeout: time(&properties, "offset.flush.timeout.ms", 5_000)?,
            shutdown_timeout: time(&properties, "task.shutdown.graceful.timeout.ms", 5_000)?,
            directory: directory.to_owned(),
            providers: Arc::new(providers),
            vault,
            properties,
        })
    }

    /// Keys that nobody here reads, for one warning.
    pub fn unknown_keys(&self) -> Vec<&str> {
        let of_mode = |key: &str| match self.mode {
            Mode::Standalone => key == OFFSETS_FILE,
            Mode::Distributed => distributed::config::is_known(key),
        };
        let known =
            |key: &str| KNOWN.contains(&key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix)) || of_mode(key);
        self.properties.keys().map(String::as_str).filter(|key| !known(key)).collect()
    }

    /// Settings of the worker's admin client: Kafka's lets it inherit the worker's own, and `admin.` on top.
    pub fn admin_settings(&self) -> ConfigMap {
        let mut settings = self.properties.clone();
        settings.extend(self.under("admin."));
        settings
    }

    /// Settings under a prefix, the prefix removed.
    pub fn under(&self, prefix: &str) -> ConfigMap {
        under(&self.properties, prefix)
    }
}

/// Settings under a prefix, the prefix removed.
pub fn under(settings: &ConfigMap, prefix: &str) -> ConfigMap {
    settings.iter().filter_map(|(key, value)| Some((key.strip_prefix(prefix)?.to_owned(), value.clone()))).collect()
}

fn required(properties: &ConfigMap, key: &'static str) -> Result<String, ConfigError> {
    match properties.get(key).map(|value| value.trim()) {
        Some(value) if !value.is_empty() => Ok(value.to_owned()),
        Some(_) | None => Err(ConfigError::Missing(key)),
    }
}

fn time(properties: &ConfigMap, key: &str, default: u64) -> Result<Duration, ConfigError> {
    let Some(value) = properties.get(key) else { return Ok(Duration::from_millis(default)) };
    let invalid = |reason: &str| ConfigError::Invalid { key: key.into(), value: value.clone(), reason: reason.into() };
    let number: i64 = value.trim().parse().map_err(|_| invalid("Not a number of type LONG"))?;
    u64::try_from(number).map(Duration::from_millis).map_err(|_| invalid("Value must be at least 0"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn properties(extra: &[(&str, &str)]) -> ConfigMap {
        let base = [
            ("bootstrap.servers", "127.0.0.1:9092"),
            ("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("offset.storage.file.filename", "offsets"),
        ];
        base.iter().chain(extra).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn kafkas_defaults_hold_and_paths_start_at_the_workers_directory() {
        let config =
            StandaloneConfig::new(properties(&[("plugin.path", "a, /b")]), Path::new("/w"), Vault::default()).unwrap();
        assert_eq!(config.worker.flush_interval, Duration::from_secs(60));
        assert_eq!(config.offsets_file, Path::new("/w/offsets"));
        assert_eq!(config.worker.plugin_path, [Path::new("/w/a"), Path::new("/b")]);
    }

    #[test]
    fn a_missing_key_is_named_in_kafkas_words() {
        let mut missing = properties(&[]);
        missing.shift_remove("value.converter");
        let error = StandaloneConfig::new(missing, Path::new("/"), Vault::default()).err().unwrap();
        assert_eq!(error.to_string(), "Missing required configuration \"value.converter\" which has no default value.");
    }

    #[test]
    fn keys_nobody_reads_are_found() {
        let config = properties(&[("offset.flush.intervall.ms", "1"), ("producer.acks", "all"), ("sandbox.x", "")]);
        let config = StandaloneConfig::new(config, Path::new("/"), Vault::default()).unwrap();
        assert_eq!(config.worker.unknown_keys(), ["offset.flush.intervall.ms"]);
    }
}
