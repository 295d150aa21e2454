//! What the three logs are made from: the worker's settings, and its admin client.

use std::sync::Arc;

use watertight_kafka::{
    Admin, ClientSettings, SettingsError, producer_settings, reader_settings, transactional_settings,
};

use super::StorageError;
use super::topics::{self, Purpose};
use crate::config::WorkerConfig;
use crate::distributed::config::{DistributedConfig, StorageTopic};
use crate::entities::ConfigMap;

/// For starting the logs. Cheap to clone.
#[derive(Clone)]
pub struct StorageParts {
    pub(super) config: Arc<DistributedConfig>,
    pub(super) admin: Arc<Admin>,
}

impl StorageParts {
    /// `admin` belongs to the worker itself.
    pub fn new(config: Arc<DistributedConfig>, admin: Arc<Admin>) -> Self {
        Self { config, admin }
    }

    /// Whether records of open and of aborted transactions are left out.
    pub(super) fn read_committed(&self) -> bool {
        self.config.exactly_once.is_enabled()
    }

    /// Creates one of the worker's topics, or checks it.
    pub(super) async fn ensure(&self, topic: &StorageTopic, purpose: Purpose) -> Result<(), StorageError> {
        topics::ensure(&self.admin, &self.config.worker.properties, topic, purpose, self.config.create_topics).await
    }

    /// Settings of a reader.
    pub(super) fn reader(&self, what: &str) -> Result<ClientSettings, StorageError> {
        let mut settings = own_settings(&self.config.worker);
        settings.insert("auto.offset.reset".into(), "earliest".into());
        if self.read_committed() {
            settings.insert("isolation.level".into(), "read_committed".into());
        }
        Ok(reader_settings(&settings, &self.client_id(what)).map_err(refused)?.settings)
    }

    /// Settings of a writer, with `more` over them.
    pub(super) fn writer(&self, what: &str, more: &[(&str, &str)]) -> Result<ClientSettings, StorageError> {
        let mut settings = own_settings(&self.config.worker);
        settings.insert("enable.idempotence".into(), "false".into());
        settings.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        Ok(producer_settings(&settings, &self.client_id(what)).map_err(refused)?.settings)
    }

    /// Settings of a writer in transactions; `reason` is told where somebody has set otherwise.
    pub(super) fn transactional_writer(
        &self,
        what: &str,
        id: &str,
        reason: &str,
    ) -> Result<ClientSettings, StorageError> {
        let settings = own_settings(&self.config.worker);
        let made = transactional_settings(&settings, &self.client_id(what), id, reason).map_err(refused)?;
        Ok(made.settings)
    }

    fn client_id(&self, what: &str) -> String {
        format!("{}{what}", self.config.client_id_base())
    }
}

pub(super) fn refused(error: SettingsError) -> StorageError {
    StorageError::Config(error.to_string())
}

/// The worker's own settings are those of the clients that serve itself: trust, credentials, time limits. What stands
/// behind a prefix is for other clients; what is about its group membership, and its client id, is not for these.
fn own_settings(worker: &WorkerConfig) -> ConfigMap {
    const OTHERS: [&str; 3] = ["producer.", "consumer.", "admin."];
    const MEMBERSHIP: [&str; 5] =
        ["group.id", "client.id", "session.timeout.ms", "heartbeat.interval.ms", "transactional.id"];
    let own = |key: &str| !OTHERS.iter().any(|prefix| key.starts_with(prefix)) && !MEMBERSHIP.contains(&key);
    let settings = worker.properties.iter().filter(|(key, _)| own(key));
    settings.map(|(key, value)| (key.clone(), value.clone())).collect()
}
