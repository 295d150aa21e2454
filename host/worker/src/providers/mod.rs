//! Config providers: settings whose values lie elsewhere, in files or in the environment.
//!
//! `${provider:path:key}` and `${provider:key}` are looked up where a setting is used: when a config is validated, and
//! when a connector or task starts. What is stored and shown is the reference. A reference to an unknown provider, or
//! to a key that is not there, stays as it is, as in Kafka; a source that cannot be read is an error. What was looked
//! up is not searched for references again.
//!
//! The providers are Kafka's three; none of them says how long its values are good (a TTL), so that
//! `config.action.reload` has nothing to act on.

mod directory;
mod environment;
mod file;
mod paths;
mod reference;

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::config::under;
use crate::entities::ConfigMap;

pub use reference::has_reference;

const LIST: &str = "config.providers";

/// A provider that cannot be used, or a source that cannot be read. The words are Kafka's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProviderError(String);

impl ProviderError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Settings with what was looked up for them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved {
    /// References replaced.
    pub settings: ConfigMap,
    /// Everything that a provider gave.
    pub looked_up: Vec<String>,
}

trait Provider: Send + Sync {
    /// Values of those keys that are there.
    fn get(&self, path: &str, keys: &[&str]) -> Result<IndexMap<String, String>, ProviderError>;
}

/// The providers of a worker, by name.
#[derive(Default)]
pub struct ConfigProviders {
    providers: IndexMap<String, Box<dyn Provider>>,
}

impl ConfigProviders {
    /// Reads `config.providers` and what belongs to it. Relative paths in references start at `base`.
    ///
    /// # Errors
    /// When a class is not known or a parameter is wrong.
    pub fn from_properties(properties: &ConfigMap, base: &Path) -> Result<Self, ProviderError> {
        let listed = properties.get(LIST).map_or("", String::as_str);
        let mut providers = IndexMap::new();
        for name in listed.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let key = format!("{LIST}.{name}.class");
            let Some(class) = properties.get(&key) else {
                tracing::warn!("config provider {name} has no {key}: references to it are left as they are");
                continue;
            };
            let parameters = under(properties, &format!("{LIST}.{name}.param."));
            let provider: Box<dyn Provider> = match class.trim() {
                "org.apache.kafka.common.config.provider.FileConfigProvider" => {
                    Box::new(file::FileProvider::new(name, &parameters, base)?)
                }
                "org.apache.kafka.common.config.provider.DirectoryConfigProvider" => {
                    Box::new(directory::DirectoryProvider::new(name, &parameters, base)?)
                }
                "org.apache.kafka.common.config.provider.EnvVarConfigProvider" => {
                    Box::new(environment::EnvironmentProvider::new(name, &parameters, std::env::vars())?)
                }
                other => {
                    return Err(ProviderError::new(format!(
                        "Invalid value {other} for configuration {key}: Could not load config provider class or one of its dependencies"
                    )));
                }
            };
            providers.insert(name.to_owned(), provider);
        }
        Ok(Self { providers })
    }

    /// Looks up all references in some settings. Reads files: not for the async runtime's threads.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn resolve_now(&self, settings: &ConfigMap) -> Result<Resolved, ProviderError> {
        let mut wanted: IndexMap<(&str, &str), Vec<&str>> = IndexMap::new();
        for reference in settings.values().flat_map(|value| reference::all(value)) {
            if self.providers.contains_key(reference.provider) {
                let keys = wanted.entry((reference.provider, reference.path)).or_default();
                if !keys.contains(&reference.key) {
                    keys.push(reference.key);
                }
            }
        }
        let mut found: IndexMap<String, IndexMap<String, IndexMap<String, String>>> = IndexMap::new();
        for ((name, path), keys) in wanted {
            if let Some(provider) = self.providers.get(name) {
                let values = provider.get(path, &keys)?;
                found.entry(name.to_owned()).or_default().insert(path.to_owned(), values);
            }
        }
        let mut resolved = ConfigMap::with_capacity(settings.len());
        for (key, value) in settings {
            let value =
                reference::replace(value, |wanted| found.get(wanted.provider)?.get(wanted.path)?.get(wanted.key));
            resolved.insert(key.clone(), value);
        }
        let looked_up = found.into_values().flat_map(IndexMap::into_values).flat_map(IndexMap::into_values).collect();
        Ok(Resolved { settings: resolved, looked_up })
    }

    /// The same, on a thread that may wait for a disk.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub async fn resolve(self: &Arc<Self>, settings: &ConfigMap) -> Result<Resolved, ProviderError> {
        if self.providers.is_empty() || !settings.values().any(|value| has_reference(value)) {
            return Ok(Resolved { settings: settings.clone(), looked_up: Vec::new() });
        }
        let (providers, settings) = (Arc::clone(self), settings.clone());
        tokio::task::spawn_blocking(move || providers.resolve_now(&settings))
            .await
            .map_err(|error| ProviderError::new(format!("Config providers could not be asked: {error}")))?
    }
}

fn warn_if_unlimited(name: &str, allowed: &paths::AllowedPaths) {
    if allowed.is_unlimited() {
        tracing::warn!(
            "config provider {name}: every file that the worker may read may be referred to; \
             config.providers.{name}.param.allowed.paths says which"
        );
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
