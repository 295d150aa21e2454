//! Starting one task: everything it needs is made here, and what cannot be made is its failure.

use std::sync::Arc;

use watertight_kafka::{consumer_settings, producer_settings};
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::registry::PluginEntry;

use super::Standalone;
use super::equip::client_base;
use super::in_use::of_task;
use crate::entities::{ConfigMap, ConnectorType, TargetState, TaskId};
use crate::failure::Failure;
use crate::task::sink::SinkRun;
use crate::task::source::SourceRun;
use crate::task::{Order, TaskContext, TaskHandle};
use crate::topic_creation::TopicCreation;
use crate::topics::Topics;
use crate::validate::kind_of;

/// Java's default of `max.poll.records`.
const MAX_POLL_RECORDS: usize = 500;

impl Standalone {
    /// Starts a task. Whatever goes wrong shows in its state.
    pub(super) fn start_task(
        &self,
        id: TaskId,
        entry: &PluginEntry,
        connector: &ConfigMap,
        settings: &ConfigMap,
        target: TargetState,
    ) -> TaskHandle {
        let first = match target {
            TargetState::Paused => Order::Pause,
            TargetState::Started | TargetState::Stopped => Order::Run,
        };
        let (herder, entry, connector, settings) = (self.clone(), entry.clone(), connector.clone(), settings.clone());
        let version = entry.class.version.clone();
        let board = self.0.board.clone();
        TaskHandle::start(id, first, &version, &board, move |context| async move {
            let in_use = herder.in_use(&context.id.connector, &connector, &entry.class).await;
            let in_use = in_use.map_err(|error| Failure::new(error.to_string()))?;
            let settings = of_task(&settings, &connector, &in_use.settings, &entry.class);
            let result = match kind_of(&entry.class) {
                ConnectorType::Sink => herder.run_sink(entry, in_use.settings, settings, context).await,
                ConnectorType::Source | ConnectorType::Unknown => {
                    herder.run_source(entry, in_use.settings, settings, context).await
                }
            };
            // Here, because afterwards nobody may hold the secrets any more.
            result.map_err(|failure| Failure { trace: in_use.secrets.scrub(&failure.trace) })
        })
    }

    async fn run_source(
        self,
        entry: PluginEntry,
        connector: ConfigMap,
        settings: ConfigMap,
        context: TaskContext,
    ) -> Result<(), Failure> {
        let parts = &self.0.parts;
        let client_id = format!("connector-producer-{}", context.id);
        let base = client_base(parts, "producer.", &connector);
        let translated = producer_settings(&base, &client_id).map_err(|error| Failure::new(error.to_string()))?;
        translated.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        let producer = self.producer(translated.settings).await?;
        let plugin = load(&entry).await?;
        let (chain, converters) = self.stages(&context, &connector, &entry).await?;
        let run = SourceRun {
            plugin,
            class: PluginClass::clone(&entry.class),
            converters,
            chain,
            errors: self.source_errors(&context.id, &connector),
            admin: self.admin(&format!("connector-adminclient-{}", context.id), &connector)?,
            creation: TopicCreation::of(&parts.config.properties, &connector).map_err(Failure::new)?,
            topics: self.0.in_use.clone(),
            settings: named(settings, &connector),
            host: Arc::clone(&parts.host),
            producer,
            offsets: Arc::clone(&parts.offsets),
            flush_interval: parts.config.flush_interval,
            flush_timeout: parts.config.flush_timeout,
        };
        // The herder is not held on to by what it holds.
        drop(self);
        run.run(context).await
    }

    async fn run_sink(
        self,
        entry: PluginEntry,
        connector: ConfigMap,
        settings: ConfigMap,
        context: TaskContext,
    ) -> Result<(), Failure> {
        let parts = &self.0.parts;
        let group = group_of(&parts.config.under("consumer."), &connector, &context.id.connector);
        let client_id = format!("connector-consumer-{}", context.id);
        let base = client_base(parts, "consumer.", &connector);
        let translated =
            consumer_settings(&base, &group, &client_id).map_err(|error| Failure::new(error.to_string()))?;
        translated.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        let max_records = base.get("max.poll.records").and_then(|value| value.trim().parse().ok());
        let plugin = load(&entry).await?;
        let (chain, converters) = self.stages(&context, &connector, &entry).await?;
        let run = SinkRun {
            plugin,
            class: PluginClass::clone(&entry.class),
            converters,
            chain,
            errors: self.sink_errors(&context, &connector).await?,
            in_use: self.0.in_use.clone(),
            topics: Topics::of(&connector),
            settings: named(settings, &connector),
            host: Arc::clone(&parts.host),
            consumer: translated.settings,
            admin: self.consumers_admin(&client_id, &base)?,
            commit_interval: parts.config.flush_interval,
            max_records: max_records.unwrap_or(MAX_POLL_RECORDS).max(1),
        };
        drop(self);
        run.run(context).await
    }
}

/// The group of a sink: the connector's own word, the worker's, or `connect-<name>`.
pub(super) fn group_of(worker: &ConfigMap, connector: &ConfigMap, name: &str) -> String {
    let own = connector.get("consumer.override.group.id").or_else(|| worker.get("group.id"));
    own.cloned().unwrap_or_else(|| format!("connect-{name}"))
}

async fn load(entry: &PluginEntry) -> Result<Arc<watertight_sandbox::loader::Plugin>, Failure> {
    entry.plugin().await.map_err(|error| Failure::new(format!("plugin file {} cannot be used: {error}", entry.file)))
}

/// A task's settings name their connector even if its `task-configs` left that out.
fn named(mut settings: ConfigMap, connector: &ConfigMap) -> ConfigMap {
    if let Some(name) = connector.get("name")
        && !settings.contains_key("name")
    {
        settings.insert("name".into(), name.clone());
    }
    settings
}
