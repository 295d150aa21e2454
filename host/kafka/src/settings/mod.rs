//! From Kafka's keys to librdkafka's.
//!
//! Users write Java keys. Some are librdkafka's too, some have another name there, some another
//! meaning, some none. The table is closed: a key is translated, ours to handle, left out silently
//! (it only makes sense in a JVM), left out with a warning, or refused because leaving it out would
//! change what the user asked for. And since librdkafka's defaults are not Java's, the defaults of
//! Kafka Connect are written out, every one.

mod admin;
mod defaults;
pub(crate) mod jaas;
mod keys;
mod reconcile;
pub(crate) mod security;
pub mod stores;
mod table;
mod transactional;

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::oauth::OAuth;

pub use admin::{AdminSettings, admin_settings};
pub(crate) use keys::bootstrap;
pub use transactional::transactional_settings;

/// Settings a client can be created from, in librdkafka's words.
///
/// Two are equal when a client of the one could serve the other: the client id that *we* made up
/// from the task's name does not count, the user's own does.
#[derive(Clone)]
pub struct ClientSettings {
    values: BTreeMap<String, String>,
    client_id: String,
    max_request_size: usize,
    oauth: Option<Arc<OAuth>>,
}

impl std::fmt::Debug for ClientSettings {
    /// Names of keys: values may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientSettings")
            .field("client_id", &self.client_id)
            .field("keys", &self.values.keys())
            .finish_non_exhaustive()
    }
}

/// Settings with what had to be said about them.
#[derive(Debug, Clone)]
pub struct Translated {
    /// For creating the client.
    pub settings: ClientSettings,
    /// One line per key that was left out, or that means something else here.
    pub warnings: Vec<String>,
}

/// A key or value that no client can be made from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The value is not what the key takes.
    #[error("Invalid value {value} for configuration {key}: {reason}")]
    Invalid {
        /// The key, as the user wrote it.
        key: String,
        /// The value; hidden where it may be a secret.
        value: String,
        /// Why, and what would do.
        reason: String,
    },
    /// The key asks for something that this client cannot do.
    #[error("{key} is not supported by this worker: {reason}")]
    Refused {
        /// The key, as the user wrote it.
        key: String,
        /// Why, and what would do.
        reason: String,
    },
    /// Settings that exclude each other.
    #[error("{0}")]
    Conflict(&'static str),
    /// A required key is missing.
    #[error("Missing required configuration \"{0}\" which has no default value.")]
    Missing(&'static str),
}

impl ClientSettings {
    /// The value of a librdkafka key.
    pub fn get(&self, key: &str) -> Option<&str> {
        if key == "client.id" {
            return Some(self.values.get(key).map_or(self.client_id.as_str(), String::as_str));
        }
        self.values.get(key).map(String::as_str)
    }

    /// All librdkafka keys in force, secrets included.
    pub fn effective(&self) -> BTreeMap<String, String> {
        let mut all = self.values.clone();
        all.entry("client.id".to_owned()).or_insert_with(|| self.client_id.clone());
        all
    }

    /// Whether producers of these settings may serve several tasks.
    pub fn is_shareable(&self) -> bool {
        self.get("transactional.id").is_none() && self.get("enable.idempotence") != Some("true")
    }

    /// The same with a librdkafka key that nobody may choose.
    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: &str) -> Self {
        self.values.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Where tokens come from, if the broker wants some.
    pub(crate) fn oauth(&self) -> Option<&Arc<OAuth>> {
        self.oauth.as_ref()
    }

    /// The largest record a producer takes.
    pub fn max_request_size(&self) -> usize {
        self.max_request_size
    }

    /// Whether a consumer without a committed offset starts at the beginning.
    pub fn starts_at_beginning(&self) -> bool {
        self.get("auto.offset.reset") != Some("latest")
    }
}

impl PartialEq for ClientSettings {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values && self.oauth == other.oauth
    }
}

impl Eq for ClientSettings {}

impl Hash for ClientSettings {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.values.hash(state);
    }
}

/// A source task's producer: Connect's imposed defaults, over them the user's keys.
///
/// `client_id` is used unless the user set `client.id`.
///
/// # Errors
/// A key that is refused or a value that is no good; the error names the key.
pub fn producer_settings<K: AsRef<str>, V: AsRef<str>>(
    base: impl IntoIterator<Item = (K, V)>,
    client_id: &str,
) -> Result<Translated, SettingsError> {
    keys::translate(keys::Role::Producer, defaults::PRODUCER, &keys::java(base), client_id, None)
}

/// A sink task's consumer. `group_id` is used unless the user set `group.id`.
///
/// # Errors
/// A key that is refused or a value that is no good; the error names the key.
pub fn consumer_settings<K: AsRef<str>, V: AsRef<str>>(
    base: impl IntoIterator<Item = (K, V)>,
    group_id: &str,
    client_id: &str,
) -> Result<Translated, SettingsError> {
    keys::translate(keys::Role::Consumer, defaults::CONSUMER, &keys::java(base), client_id, Some(group_id))
}

/// A reader without a group, which tells when it has come to a partition's end.
///
/// # Errors
/// A key that is refused or a value that is no good; the error names the key.
pub fn reader_settings<K: AsRef<str>, V: AsRef<str>>(
    base: impl IntoIterator<Item = (K, V)>,
    client_id: &str,
) -> Result<Translated, SettingsError> {
    let mut translated = consumer_settings(base, "none", client_id)?;
    let values = &mut translated.settings.values;
    values.remove("group.id");
    values.remove("group.instance.id");
    values.insert("allow.auto.create.topics".to_owned(), "false".to_owned());
    values.insert("enable.partition.eof".to_owned(), "true".to_owned());
    Ok(translated)
}

#[cfg(test)]
mod tests;
