//! The herder's door: each request checked, decided under the connector's lock, published.

use async_trait::async_trait;
use serde_json::json;

use super::start::group_of;
use super::{Slot, Standalone};
use crate::entities::{
    ConfigMap, ConnectorInfo, ConnectorOffset, ConnectorType, InstanceState, PluginInfo, RestartRequest, ServerInfo,
    State, StateInfo, TargetState, TaskInfo,
};
use crate::entities::{ConfigPatch, Health, HealthState, LoggerLevel};
use crate::herder::{Herder, HerderError, Put, Result};
use crate::validate::{Catalogue, ConfigKey, Question, Validation, kind_of, refusal};
#[async_trait]
impl Herder for Standalone {
    async fn server_info(&self) -> Result<ServerInfo> {
        Ok(ServerInfo {
            version: self.0.parts.version.clone(),
            commit: option_env!("WATERTIGHT_COMMIT").unwrap_or("unknown").to_owned(),
            kafka_cluster_id: self.0.parts.cluster_id.clone(),
        })
    }

    async fn plugins(&self, connectors_only: bool) -> Result<Vec<PluginInfo>> {
        Ok(Catalogue { plugins: &self.0.parts.plugins }.list(connectors_only))
    }

    async fn connectors(&self) -> Result<Vec<String>> {
        Ok(self.names())
    }

    async fn connector(&self, name: &str) -> Result<ConnectorInfo> {
        Ok(self.published(name).ok_or_else(|| not_found(name))?.info(name))
    }

    async fn put_config(
        &self,
        name: &str,
        config: ConfigMap,
        initial_state: Option<TargetState>,
        may_replace: bool,
    ) -> Result<Put> {
        let class = config.get("connector.class").map_or("", |class| class.trim());
        if class.is_empty() {
            // Java prints the map; ours is the one without anything looked up.
            let pairs: Vec<String> = config.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let text = format!("Connector config {{{}}} contains no connector type", pairs.join(", "));
            return Err(HerderError::BadRequest(text));
        }
        let in_use = self.resolve(name, &config).await.map_err(|error| HerderError::Internal(error.to_string()))?;
        let hidden = |text: String| in_use.secrets.scrub(&text);
        let entry = self.entry_of(&in_use.settings).map_err(|error| HerderError::BadRequest(hidden(error)))?;
        self.note_passwords(&in_use, &entry.class);
        // Held until the connector is up: validating and starting share one loaded plugin.
        let _plugin = entry.plugin().await;
        let question = Question {
            host: &self.0.parts.host,
            plugins: &self.0.parts.plugins,
            entry: &entry,
            worker: &self.0.parts.config.properties,
            name,
            raw: &config,
            settings: &in_use.settings,
            secrets: &in_use.secrets,
        };
        let validation = question.answer().await.map_err(|failure| {
            HerderError::Internal(hidden(format!("Validation of connector {name} failed: {failure}")))
        })?;
        if validation.error_count() > 0 {
            return Err(HerderError::BadRequest(refusal(&validation)));
        }
        let slot = self.slot(name);
        let mut slot = slot.lock().await;
        let created = slot.config.is_none();
        if !created && !may_replace {
            return Err(HerderError::Conflict(format!("Connector {name} already exists")));
        }
        let kind = kind_of(&entry.class);
        if created {
            slot.target = initial_state.unwrap_or_default();
        } else {
            self.stop_connector(&mut slot).await;
            self.stop_tasks(&mut slot).await;
        }
        slot.config = Some(config);
        Self::hold(&mut slot, in_use);
        self.publish(name, &slot, kind);
        let brought = self.bring_up(name, &mut slot, &entry).await;
        self.publish(name, &slot, kind);
        if brought.is_err() {
            return Err(HerderError::Internal(format!("Failed to start connector: {name}")));
        }
        let info = self.published(name).ok_or_else(|| not_found(name))?.info(name);
        Ok(Put { created, info })
    }

    async fn delete(&self, name: &str) -> Result<()> {
        let slot = self.existing(name)?;
        let mut slot = slot.lock().await;
        if slot.config.is_none() {
            return Err(not_found(name));
        }
        self.stop_connector(&mut slot).await;
        self.stop_tasks(&mut slot).await;
        *slot = Slot::default();
        self.publish(name, &slot, ConnectorType::Unknown);
        self.0.board.forget(name);
        self.0.counts.forget(name);
        self.0.in_use.reset(name);
        Ok(())
    }

    async fn status(&self, name: &str) -> Result<StateInfo> {
        self.0.board.get(name).ok_or_else(|| HerderError::NotFound(format!("No status found for connector {name}")))
    }

    async fn tasks(&self, name: &str) -> Result<Vec<TaskInfo>> {
        Ok(self.published(name).ok_or_else(|| not_found(name))?.task_infos(name))
    }

    async fn task_status(&self, name: &str, task: u32) -> Result<InstanceState> {
        let missing = || HerderError::NotFound(format!("No status found for task {name}-{task}"));
        self.0.board.get_task(name, task).ok_or_else(missing)
    }

    async fn set_target_state(&self, name: &str, target: TargetState) -> Result<()> {
        let unknown = || HerderError::NotFound(format!("Unknown connector {name}"));
        if self.published(name).is_none() {
            return Err(unknown());
        }
        // Pausing and resuming are accepted now and done as soon as the connector's turn comes; stopping is waited for.
        let herder = self.clone();
        let owner = name.to_owned();
        let work = async move {
            let slot = herder.slot(&owner);
            let mut slot = slot.lock().await;
            if slot.config.is_none() {
                return Ok(());
            }
            let entry = herder.entry_of_slot(&slot).map_err(HerderError::Internal)?;
            herder.move_to(&owner, &mut slot, &entry, target).await;
            herder.publish(&owner, &slot, kind_of(&entry.class));
            Ok(())
        };
        match target {
            TargetState::Stopped => work.await,
            TargetState::Paused | TargetState::Started => {
                tokio::spawn(async move {
                    if let Err(error) = work.await {
                        tracing::error!("{error}");
                    }
                });
                Ok(())
            }
        }
    }

    async fn restart(&self, name: &str, request: RestartRequest) -> Result<Option<StateInfo>> {
        let slot = self.existing(name)?;
        let flagged = request.include_tasks || request.only_failed;
        let mut slot = slot.lock().await;
        slot.config.as_ref().ok_or_else(|| not_found(name))?;
        let entry = self.entry_of_slot(&slot).map_err(HerderError::Internal)?;
        let kind = kind_of(&entry.class);
        let missing = || HerderError::NotFound(format!("Status for connector {name} not found"));
        let status = self.0.board.get(name).ok_or_else(missing)?;
        let affected = |state: State| !request.only_failed || state == State::Failed;
        let connector = affected(status.connector.state);
        let tasks: Vec<u32> = match request.include_tasks {
            true => status.tasks.iter().filter(|(_, task)| affected(task.state)).map(|(task, _)| *task).collect(),
            false => Vec::new(),
        };
        let plan = flagged.then(|| plan(status, connector, &tasks));
        let version = Some(entry.class.version.as_str());
        if connector {
            self.stop_connector(&mut slot).await;
            let state = if flagged { State::Restarting } else { State::Unassigned };
            self.0.board.connector(name, kind, state, None, version);
        }
        let mut started = Ok(());
        if connector {
            for &task in &tasks {
                self.stop_one(&mut slot, task).await;
            }
            started = self.bring_up(name, &mut slot, &entry).await;
        } else {
            for &task in &tasks {
                self.cycle_task(name, &mut slot, &entry, task).await;
            }
        }
        self.publish(name, &slot, kind);
        match (flagged, started) {
            (true, _) => Ok(plan),
            (false, Ok(())) => Ok(None),
            (false, Err(_)) => Err(HerderError::Internal(format!("Failed to start connector: {name}"))),
        }
    }

    async fn restart_task(&self, name: &str, task: u32) -> Result<()> {
        let slot = self.existing(name)?;
        let mut slot = slot.lock().await;
        slot.config.as_ref().ok_or_else(|| not_found(name))?;
        if slot.tasks.len() <= task as usize {
            return Err(HerderError::NotFound(format!("Task {name}-{task} not found")));
        }
        let entry = self.entry_of_slot(&slot).map_err(HerderError::Internal)?;
        self.cycle_task(name, &mut slot, &entry, task).await;
        Ok(())
    }

    async fn offsets(&self, name: &str) -> Result<Vec<ConnectorOffset>> {
        let published = self.published(name).ok_or_else(|| not_found(name))?;
        let internal = |error: String| HerderError::Internal(error);
        match published.kind {
            ConnectorType::Sink => {
                let resolved = self.0.parts.config.providers.resolve(&published.config).await;
                let settings = resolved.map_err(|error| internal(error.to_string()))?.settings;
                let group = group_of(&self.0.parts.config.under("consumer."), &settings, name);
                let list = self.0.parts.admin.group_offsets(&group).await.map_err(|error| {
                    internal(format!("Failed to retrieve consumer group offsets for sink connector {name}: {error}"))
                })?;
                Ok(list
                    .into_iter()
                    .map(|(place, offset)| ConnectorOffset {
                        partition: json!({"kafka_topic": place.topic, "kafka_partition": place.partition}),
                        offset: json!({"kafka_offset": offset}),
                    })
                    .collect())
            }
            ConnectorType::Source | ConnectorType::Unknown => {
                let stored = self.0.parts.offsets.all(name).await.map_err(|error| internal(error.to_string()))?;
                Ok(stored
                    .into_iter()
                    .map(|stored| ConnectorOffset {
                        partition: stored.partition.into(),
                        offset: stored.offset.map_or(serde_json::Value::Null, Into::into),
                    })
                    .collect())
            }
        }
    }

    async fn alter_offsets(&self, name: &str, offsets: Vec<ConnectorOffset>) -> Result<String> {
        let _ = (name, offsets);
        Err(HerderError::Internal("not built".into()))
    }

    async fn reset_offsets(&self, name: &str) -> Result<String> {
        let _ = name;
        Err(HerderError::Internal("not built".into()))
    }

    async fn patch_config(&self, name: &str, patch: ConfigPatch) -> Result<ConnectorInfo> {
        let _ = (name, patch);
        Err(HerderError::Internal("not built".into()))
    }

    async fn validate(&self, plugin: &str, config: ConfigMap) -> Result<Validation> {
        let _ = (plugin, config);
        Err(HerderError::Internal("not built".into()))
    }

    async fn plugin_config(&self, plugin: &str, version: Option<&str>) -> Result<Vec<ConfigKey>> {
        let _ = (plugin, version);
        Err(HerderError::Internal("not built".into()))
    }

    async fn active_topics(&self, name: &str) -> Result<Vec<String>> {
        let _ = name;
        Err(HerderError::Internal("not built".into()))
    }

    async fn reset_active_topics(&self, name: &str) -> Result<()> {
        let _ = name;
        Err(HerderError::Internal("not built".into()))
    }

    async fn loggers(&self) -> Result<Vec<(String, LoggerLevel)>> {
        Err(HerderError::Internal("not built".into()))
    }

    async fn logger(&self, name: &str) -> Result<Option<LoggerLevel>> {
        let _ = name;
        Err(HerderError::Internal("not built".into()))
    }

    async fn set_logger(&self, name: &str, level: &str) -> Result<Vec<String>> {
        let _ = (name, level);
        Err(HerderError::Internal("not built".into()))
    }

    async fn set_cluster_logger(&self, name: &str, level: &str) -> Result<()> {
        self.set_logger(name, level).await.map(|_| ())
    }

    async fn health(&self) -> Health {
        let message = "Worker has completed startup and is ready to handle requests.".to_owned();
        Health { state: HealthState::Healthy, message }
    }
}

impl Standalone {
    fn existing(&self, name: &str) -> Result<std::sync::Arc<tokio::sync::Mutex<Slot>>> {
        match self.published(name) {
            Some(_) => Ok(self.slot(name)),
            None => Err(not_found(name)),
        }
    }

    async fn stop_one(&self, slot: &mut Slot, task: u32) {
        let handle = slot.tasks.get_mut(task as usize).and_then(|task| task.handle.take());
        if let Some(handle) = handle {
            handle.stop(self.0.parts.config.shutdown_timeout).await;
        }
    }

    async fn cycle_task(
        &self,
        name: &str,
        slot: &mut Slot,
        entry: &watertight_sandbox::registry::PluginEntry,
        task: u32,
    ) {
        self.stop_one(slot, task).await;
        self.start_numbered(name, slot, entry, task as usize);
    }
}

/// The answer to a restart with flags: what will be restarted says so, the rest stays as it is.
fn plan(mut status: StateInfo, connector: bool, tasks: &[u32]) -> StateInfo {
    if connector {
        status.connector.state = State::Restarting;
    }
    for (task, state) in &mut status.tasks {
        if tasks.contains(task) {
            state.state = State::Restarting;
        }
    }
    status
}

fn not_found(name: &str) -> HerderError {
    HerderError::NotFound(format!("Connector {name} not found"))
}
