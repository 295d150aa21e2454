//! Starting one task: everything it needs is made here, and what cannot be made is its failure.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use watertight_kafka::{ClientSettings, consumer_settings, producer_settings, transactional_settings};
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::registry::PluginEntry;

use super::databases::of_task as databases_of_task;
use super::equip::client_base;
use super::in_use::of_task;
use super::{Parts, Worker};
use crate::config::Mode;
use crate::distributed::config::{ExactlyOnce as ExactlyOnceSupport, task_transactional_id};
use crate::entities::{ConfigMap, ConnectorType, TargetState, TaskId};
use crate::failure::Failure;
use crate::task::sink::SinkRun;
use crate::task::source::SourceRun;
use crate::task::source::transaction::{Boundary, ExactlyOnce};
use crate::task::{Order, TaskContext, TaskHandle};
use crate::topic_creation::TopicCreation;
use crate::topics::Topics;
use crate::validate::kind_of;

/// Ends the warning about settings of a producer that its owner cannot choose.
const WHY_IMPOSED: &str = "for connectors when exactly-once source support is enabled";

/// Java's default of `max.poll.records`.
const MAX_POLL_RECORDS: usize = 500;
const EXACTLY_ONCE_SUPPORT: &str = "exactly.once.source.support";
/// Java's default, and librdkafka's.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(60);

/// Whom a source task asks that writes each record exactly once, before it writes anything (KIP-618).
#[async_trait]
pub trait TaskGuard: Send + Sync {
    /// Nothing that ran as this task, or as an earlier one of its connector, can write any more when this returns.
    ///
    /// # Errors
    /// When that cannot be made sure.
    async fn before_task(&self, id: &TaskId, generation: i64) -> Result<(), Failure>;

    /// Whether the task is still this worker's, and its settings are still the newest.
    ///
    /// # Errors
    /// Kafka's words where it is not so.
    async fn may_run(&self, id: &TaskId, generation: i64) -> Result<(), Failure>;
}

/// A task to start.
pub struct StartTask {
    /// Who it is.
    pub id: TaskId,
    /// Its class.
    pub entry: PluginEntry,
    /// Its connector's config as given: the one that its own settings were made from.
    pub connector: Arc<ConfigMap>,
    /// Its own settings, as they are kept.
    pub settings: Arc<ConfigMap>,
    /// What its operator wants.
    pub target: TargetState,
    /// In a cluster: which set of settings these are of, and who knows whether it is the newest.
    pub guard: Option<(i64, Arc<dyn TaskGuard>)>,
}

impl Worker {
    /// Starts a task. Whatever goes wrong shows in its state.
    pub fn start_task(&self, task: StartTask) -> TaskHandle {
        let StartTask { id, entry, connector, settings, target, guard } = task;
        let first = match target {
            TargetState::Paused => Order::Pause,
            TargetState::Started | TargetState::Stopped => Order::Run,
        };
        let worker = self.clone();
        let version = entry.class.version.clone();
        TaskHandle::start(id, first, &version, &self.0.surroundings, move |mut context| async move {
            if !context.take_turn().await {
                return Ok(());
            }
            let in_use = worker.in_use(&context.id.connector, &connector, &entry.class).await;
            let in_use = in_use.map_err(|error| Failure::new(error.to_string()))?;
            let settings = of_task(&settings, &connector, &in_use.settings, &entry.class);
            let result = match kind_of(&entry.class) {
                ConnectorType::Sink => worker.run_sink(entry, in_use.settings, settings, context).await,
                ConnectorType::Source | ConnectorType::Unknown => {
                    worker.run_source(entry, in_use.settings, settings, guard, context).await
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
        guard: Option<(i64, Arc<dyn TaskGuard>)>,
        context: TaskContext,
    ) -> Result<(), Failure> {
        let parts = self.parts();
        let client_id = format!("connector-producer-{}", context.id);
        let base = client_base(parts, "producer.", &connector);
        let guard = guard.filter(|_| writes_exactly_once(parts));
        let translated = match &guard {
            None => producer_settings(&base, &client_id),
            Some(_) => {
                let group = parts.config.properties.get("group.id").map_or("", String::as_str);
                let id = task_transactional_id(group, &context.id.connector, context.id.task);
                transactional_settings(&base, &client_id, &id, WHY_IMPOSED)
            }
        };
        let translated = translated.map_err(|error| Failure::new(error.to_string()))?;
        translated.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        let exactly_once = match guard {
            None => None,
            Some((generation, guard)) => Some(ExactlyOnce {
                generation,
                guard,
                boundary: Boundary::of(&connector, parts.config.flush_interval)?,
                time_limit: transaction_timeout(&translated.settings),
            }),
        };
        let producer = self.producer(translated.settings).await?;
        let plugin = load(&entry).await?;
        let (chain, converters) = self.stages(&context, &connector, &entry).await?;
        let offsets = parts.offsets.of(&context.id.connector, &connector).await;
        let offsets = offsets.map_err(|error| Failure::caused("The connector's offsets cannot be reached", error))?;
        let run = SourceRun {
            plugin,
            class: PluginClass::clone(&entry.class),
            converters,
            chain,
            errors: self.source_errors(&context.id, &connector),
            admin: self.admin(&format!("connector-adminclient-{}", context.id), &connector)?,
            creation: TopicCreation::of(&parts.config.properties, &connector).map_err(Failure::new)?,
            topics: self.topics_in_use().clone(),
            databases: databases_of_task(&parts.host, &entry.class, &settings, &connector),
            settings: named(settings, &connector),
            host: Arc::clone(&parts.host),
            producer,
            offsets,
            flush_interval: parts.config.flush_interval,
            flush_timeout: parts.config.flush_timeout,
            exactly_once,
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
        let parts = self.parts();
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
            in_use: self.topics_in_use().clone(),
            topics: Topics::of(&connector),
            databases: databases_of_task(&parts.host, &entry.class, &settings, &connector),
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

/// Whether the worker's sources write exactly once. Alone it has nobody to agree with about it.
fn writes_exactly_once(parts: &Parts) -> bool {
    let word = parts.config.properties.get(EXACTLY_ONCE_SUPPORT);
    let enabled = word.and_then(|word| ExactlyOnceSupport::of(word.trim())).is_some_and(|support| support.is_enabled());
    parts.config.mode == Mode::Distributed && enabled
}

fn transaction_timeout(producer: &ClientSettings) -> Duration {
    let millis = producer.get("transaction.timeout.ms").and_then(|millis| millis.parse().ok());
    millis.map_or(TRANSACTION_TIMEOUT, Duration::from_millis)
}

/// The group of a sink: the connector's own word, the worker's, or `connect-<name>`.
pub fn group_of(worker: &ConfigMap, connector: &ConfigMap, name: &str) -> String {
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
