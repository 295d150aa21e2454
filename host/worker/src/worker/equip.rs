//! What a task needs besides its plugin and its client: transforms, converters, and somewhere for bad records to go.

use std::collections::BTreeMap;
use std::sync::Arc;

use watertight_kafka::{Admin, ClientSettings, NewTopic, ProducerLease, producer_settings};
use watertight_sandbox::registry::PluginEntry;

use super::{Parts, Worker};
use crate::chain::{Chain, ChainBuilder};
use crate::config::under;
use crate::converters::{ConverterBuilder, Converters};
use crate::entities::{ConfigMap, TaskId};
use crate::errors::{DeadLetterSettings, DeadLetters, ErrorHandler, Logging, Policy};
use crate::failure::Failure;
use crate::instances::Instances;
use crate::task::TaskContext;

impl Worker {
    /// A task's transforms and converters.
    pub(super) async fn stages(
        &self,
        context: &TaskContext,
        connector: &ConfigMap,
        entry: &PluginEntry,
    ) -> Result<(Chain, Converters), Failure> {
        let parts = self.parts();
        let (task, stopping) = (&context.id, &context.stopping);
        let instances = &Instances { plugins: &parts.plugins, host: &parts.host, task, stopping, beside: entry };
        let chain = ChainBuilder { settings: connector, instances }.build().await.map_err(Failure::new)?;
        let worker = &parts.config.properties;
        let converters = ConverterBuilder { worker, connector, instances }.build().await.map_err(Failure::new)?;
        Ok((chain, converters))
    }

    /// What becomes of a source's bad records.
    pub(super) fn source_errors(&self, id: &TaskId, connector: &ConfigMap) -> ErrorHandler {
        ErrorHandler {
            id: id.clone(),
            policy: Policy::of(connector),
            counts: self.counts().of(id),
            logging: Logging::of(connector),
            dead_letters: None,
        }
    }

    /// What becomes of a sink's bad records. Makes the dead letter queue's topic if it has to.
    pub(super) async fn sink_errors(
        &self,
        context: &TaskContext,
        connector: &ConfigMap,
    ) -> Result<ErrorHandler, Failure> {
        let id = &context.id;
        let dead_letters = match DeadLetterSettings::of(connector) {
            Some(settings) => Some(self.dead_letters(context, connector, settings).await?),
            None => None,
        };
        Ok(ErrorHandler { dead_letters, ..self.source_errors(id, connector) })
    }

    async fn dead_letters(
        &self,
        context: &TaskContext,
        connector: &ConfigMap,
        settings: DeadLetterSettings,
    ) -> Result<DeadLetters, Failure> {
        let id = &context.id;
        let topic = &settings.topic;
        let failed = |error: &dyn std::fmt::Display| {
            let text = format!("Could not initialize dead letter queue with topic={topic}");
            Failure::caused(&format!("org.apache.kafka.connect.errors.ConnectException: {text}"), error)
        };
        let admin = self.admin("connector-dlq-adminclient-", connector).map_err(|failure| failed(&failure))?;
        if admin.describe_topic(topic).await.map_err(|error| failed(&error))?.is_none() {
            tracing::error!("Topic {topic} doesn't exist. Will attempt to create topic.");
            let wanted =
                NewTopic { partitions: 1, replication_factor: settings.replication_factor, ..NewTopic::new(topic) };
            admin.create_topic(&wanted).await.map_err(|error| failed(&error))?;
        }
        let translated = producer_settings(
            client_base(self.parts(), "producer.", connector),
            &format!("connector-dlq-producer-{id}"),
        );
        let translated = translated.map_err(|error| failed(&error))?;
        translated.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        let producer = self.producer(translated.settings).await.map_err(|error| failed(&error))?;
        let known = producer.refresh_topic(topic).await;
        known.map_err(|error| failed(&error))?;
        let secrets = self.parts().config.vault.of(&id.connector);
        Ok(DeadLetters::new(settings, producer, secrets, Arc::clone(&context.stopping)))
    }

    /// A share of a producer; creating one blocks for a while.
    pub(super) async fn producer(&self, settings: ClientSettings) -> Result<ProducerLease, Failure> {
        let pool = self.0.producers.clone();
        let leased = tokio::task::spawn_blocking(move || pool.lease(&settings)).await;
        let failed = |error: &dyn std::fmt::Display| Failure::caused("Failed to create the producer", error);
        leased.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
    }

    /// The client for questions to the cluster: the worker's own, unless the connector brings settings for it.
    pub(super) fn admin(&self, client_id: &str, connector: &ConfigMap) -> Result<Arc<Admin>, Failure> {
        let own = under(connector, "admin.override.");
        if own.is_empty() {
            return Ok(Arc::clone(&self.parts().admin));
        }
        let mut settings = self.parts().config.admin_settings();
        settings.extend(own);
        admin(&settings, client_id)
    }

    /// The client for questions that Kafka's worker asks through the consumer: of the consumer's cluster, as the
    /// consumer's principal. The worker's own where that is the same.
    pub(super) fn consumers_admin(&self, client_id: &str, consumer: &ConfigMap) -> Result<Arc<Admin>, Failure> {
        let parts = self.parts();
        if connection(consumer) == connection(&parts.config.admin_settings()) {
            return Ok(Arc::clone(&parts.admin));
        }
        admin(consumer, client_id)
    }
}

fn admin(settings: &ConfigMap, client_id: &str) -> Result<Arc<Admin>, Failure> {
    let made = Admin::from_settings(settings, client_id);
    made.map(Arc::new).map_err(|error| Failure::caused("Failed to create the admin client", error))
}

/// What says where a client connects to, and as whom.
fn connection(settings: &ConfigMap) -> BTreeMap<&str, &str> {
    let decides = |key: &str| {
        key == "bootstrap.servers" || ["security.", "sasl.", "ssl."].iter().any(|prefix| key.starts_with(prefix))
    };
    settings.iter().filter(|(key, _)| decides(key)).map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// Client settings: `bootstrap.servers`, then the worker's for the role, then the connector's overrides.
pub fn client_base(parts: &Parts, role: &str, connector: &ConfigMap) -> ConfigMap {
    let mut base = ConfigMap::new();
    base.insert("bootstrap.servers".into(), parts.config.bootstrap.clone());
    base.extend(parts.config.under(role));
    base.extend(under(connector, &format!("{role}override.")));
    base
}
