//! The key that internal requests are signed with (KIP-507). The leader makes one when there is none, when it is too
//! old, and when it is of another kind than the leader's settings ask for; everybody gets it from the config topic.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::core::Core;
use crate::distributed::config::DistributedConfig;
use crate::distributed::signature::key;
use crate::storage::SessionKey;

/// Where nothing is due, somebody looks again after this.
const SELDOM: Duration = Duration::from_secs(60);
/// A key that could not be written is not written again at once.
const PAUSE: Duration = Duration::from_secs(1);

/// When there has to be a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Now,
    After(Duration),
}

fn due(config: &DistributedConfig, key: Option<&SessionKey>, now: Duration) -> Due {
    let Some(key) = key else { return Due::Now };
    if key.algorithm != config.key_algorithm || key.key.len() != config.key_length {
        return Due::Now;
    }
    let created = Duration::from_millis(u64::try_from(key.created).unwrap_or(0));
    match (created + config.key_ttl).checked_sub(now) {
        None | Some(Duration::ZERO) => Due::Now,
        Some(rest) => Due::After(rest),
    }
}

/// Only one key is on its way.
#[derive(Default)]
pub(super) struct Locksmith(AtomicBool);

impl Core {
    /// Sees to it that there is a key, if that is this worker's business; when to look again.
    pub(super) fn tend_session_key(&self) -> Duration {
        if !self.place.now().is_some_and(|standing| standing.leader && standing.is_sessioned()) {
            return SELDOM;
        }
        match due(&self.config, self.configs.snapshot().session_key.as_ref(), since_1970()) {
            Due::After(rest) => rest.min(SELDOM),
            Due::Now => {
                if !self.locksmith.0.swap(true, Ordering::AcqRel) {
                    let core = self.clone();
                    tokio::spawn(async move {
                        if !core.write_session_key().await {
                            tokio::time::sleep(PAUSE).await;
                        }
                        core.locksmith.0.store(false, Ordering::Release);
                    });
                }
                PAUSE
            }
        }
    }

    async fn write_session_key(&self) -> bool {
        let made = match key::generate(&self.config.key_algorithm, self.config.key_size) {
            Ok(key) => key,
            Err(error) => {
                tracing::error!("No session key can be made: {error}");
                return false;
            }
        };
        let created = i64::try_from(since_1970().as_millis()).unwrap_or(i64::MAX);
        let key = SessionKey { key: made, algorithm: self.config.key_algorithm.clone(), created };
        let doing = "writing a new session key to the config topic".to_owned();
        match self.write_as_leader(doing, self.configs.put_session_key(&key)).await {
            Ok(()) => true,
            Err(error) => {
                tracing::info!("Failed to write new session key to config topic: {error}");
                false
            }
        }
    }

    /// The key that requests are signed with, where they are. None: there is none yet.
    pub(super) fn session_key(&self) -> Option<SessionKey> {
        self.configs.snapshot().session_key.clone()
    }

    /// Whether requests between workers are signed.
    pub(super) fn is_sessioned(&self) -> bool {
        self.place.now().map_or_else(
            || self.config.protocol.version() >= crate::distributed::config::ConnectProtocol::Sessioned.version(),
            |standing| standing.is_sessioned(),
        )
    }
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::secrets::Vault;

    #[test]
    fn a_key_is_due_when_there_is_none_or_it_is_old_or_of_another_kind() {
        let properties = [
            ("bootstrap.servers", "127.0.0.1:9092"),
            ("group.id", "g"),
            ("config.storage.topic", "a"),
            ("offset.storage.topic", "b"),
            ("status.storage.topic", "c"),
            ("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("inter.worker.key.ttl.ms", "60000"),
        ];
        let properties = properties.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect();
        let config = DistributedConfig::new(properties, std::path::Path::new("."), Vault::default()).unwrap();
        let key =
            |length, algorithm: &str| SessionKey { key: vec![1; length], algorithm: algorithm.into(), created: 1000 };
        let at = Duration::from_millis;
        let good = key(32, "HmacSHA256");
        assert_eq!(due(&config, None, at(2000)), Due::Now);
        assert_eq!(due(&config, Some(&good), at(2000)), Due::After(at(59_000)));
        assert_eq!(due(&config, Some(&good), at(61_000)), Due::Now);
        assert_eq!(due(&config, Some(&key(16, "HmacSHA256")), at(2000)), Due::Now);
        assert_eq!(due(&config, Some(&key(32, "HmacSHA1")), at(2000)), Due::Now);
    }
}
