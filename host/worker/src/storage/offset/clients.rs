//! Which clients a connector's own offsets topic is read, written and made with: those of the connector, overrides
//! included, so that they have its permissions and meet its cluster.

use std::collections::BTreeSet;

use watertight_kafka::{Admin, ClientSettings, producer_settings, reader_settings};

use crate::config::{WorkerConfig, under};
use crate::distributed::config::ExactlyOnce;
use crate::entities::ConfigMap;
use crate::storage::StorageError;
use crate::storage::parts::refused;

/// Java keys of the three.
pub(super) struct Clients {
    producer: ConfigMap,
    consumer: ConfigMap,
    admin: ConfigMap,
    /// As far as their `bootstrap.servers` tell.
    pub(super) writes_to_workers_cluster: bool,
}

const ISOLATION: &str = "isolation.level";

impl Clients {
    /// By the connector's settings, which are ready for use.
    pub(super) fn of(worker: &WorkerConfig, connector: &ConfigMap, exactly_once: ExactlyOnce) -> Self {
        let base = |role: &str| {
            let mut base = ConfigMap::new();
            base.insert("bootstrap.servers".into(), worker.bootstrap.clone());
            base.extend(worker.under(role));
            base.extend(under(connector, &format!("{role}override.")));
            base
        };
        let mut producer = base("producer.");
        // That is for the task's own producer, which is another one.
        producer.shift_remove("transactional.id");
        let mut consumer = base("consumer.");
        if exactly_once.is_enabled() {
            let given = consumer.insert(ISOLATION.into(), "read_committed".into());
            if given.is_some_and(|given| !given.trim().eq_ignore_ascii_case("read_committed")) {
                tracing::warn!(
                    "isolation.level is read_committed for source connectors' offset consumers when exactly-once source support is enabled"
                );
            }
        } else {
            consumer.entry(ISOLATION.into()).or_insert_with(|| "read_committed".into());
        }
        consumer.insert("auto.offset.reset".into(), "earliest".into());
        let mut admin = worker.admin_settings();
        admin.extend(under(connector, "admin.override."));
        let servers = |list: Option<&String>| -> BTreeSet<String> {
            list.map_or("", String::as_str).split(',').map(|server| server.trim().to_owned()).collect()
        };
        let writes_to_workers_cluster = servers(producer.get("bootstrap.servers")) == servers(Some(&worker.bootstrap));
        Self { producer, consumer, admin, writes_to_workers_cluster }
    }

    /// Reads the topic.
    pub(super) fn reader(&self, connector: &str) -> Result<ClientSettings, StorageError> {
        let id = format!("connector-consumer-{connector}");
        Ok(reader_settings(&self.consumer, &id).map_err(refused)?.settings)
    }

    /// Writes to it.
    pub(super) fn writer(&self, connector: &str) -> Result<ClientSettings, StorageError> {
        let id = format!("connector-producer-{connector}");
        Ok(producer_settings(&self.producer, &id).map_err(refused)?.settings)
    }

    /// Makes it, and says where it ends.
    pub(super) fn admin(&self, connector: &str) -> Result<Admin, StorageError> {
        Ok(Admin::from_settings(&self.admin, &format!("connector-adminclient-{connector}"))?)
    }
}
