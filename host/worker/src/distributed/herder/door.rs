//! The herder's door. What only reads is answered from the topics' snapshots, by any worker, in any state of the group.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::timeout;

use super::core::Core;
use super::{Cluster, Life};
use crate::distributed::task_configs;
use crate::entities::{
    ConfigMap, ConfigPatch, ConnectorInfo, ConnectorOffset, Health, HealthState, InstanceState, LoggerLevel,
    PluginInfo, RestartRequest, ServerInfo, StateInfo, TargetState, TaskId, TaskInfo,
};
use crate::herder::{Herder, HerderError, Internal, Put, Result};
use crate::offsets_change::Change;
use crate::topics_in_use::TopicTracking;
use crate::validate::{Catalogue, ConfigKey, Validation};

/// Kafka's patience with a herder that is asked how it is.
const HEALTH: Duration = Duration::from_secs(10);

impl Core {
    /// A connector's config.
    ///
    /// # Errors
    /// There is no such connector.
    pub(super) fn config_of(&self, name: &str) -> Result<Arc<ConfigMap>> {
        let state = self.configs.snapshot();
        let missing = || HerderError::NotFound(format!("Connector {name} not found"));
        state.config(name).cloned().ok_or_else(missing)
    }

    /// What a connector and its tasks are doing; none where nobody has said anything.
    pub(super) fn status_of(&self, name: &str) -> Option<StateInfo> {
        let state = self.configs.snapshot();
        let kind = state.config(name).map(|config| self.kind_of(config));
        self.statuses.get(name, kind.unwrap_or(crate::entities::ConnectorType::Unknown))
    }

    fn tracking(&self) -> TopicTracking {
        TopicTracking::of(&self.config.worker.properties)
    }

    /// In the group, or able to say why not.
    async fn health(&self) -> Health {
        let watch = self.worker.health();
        let health = watch.health();
        if health.state != HealthState::Healthy || timeout(HEALTH, self.place.when(|_| true)).await.is_ok() {
            return health;
        }
        let text = "Worker was unable to handle this request and may be unable to handle other requests.";
        let message = format!("{text} {}", watch.summary());
        Health { state: HealthState::Unhealthy, message: message.trim_end().to_owned() }
    }
}

#[async_trait]
impl Herder for Cluster {
    async fn server_info(&self) -> Result<ServerInfo> {
        let core = self.up().await?;
        let parts = core.worker.parts();
        Ok(ServerInfo {
            version: parts.version.clone(),
            commit: option_env!("WATERTIGHT_COMMIT").unwrap_or("unknown").to_owned(),
            kafka_cluster_id: parts.cluster_id.clone(),
        })
    }

    async fn plugins(&self, connectors_only: bool) -> Result<Vec<PluginInfo>> {
        Ok(Catalogue { plugins: &self.up().await?.worker.parts().plugins }.list(connectors_only))
    }

    async fn connectors(&self) -> Result<Vec<String>> {
        Ok(self.up().await?.configs.snapshot().connectors().map(str::to_owned).collect())
    }

    async fn connector(&self, name: &str) -> Result<ConnectorInfo> {
        let core = self.up().await?;
        let config = core.config_of(name)?;
        let tasks = core.configs.snapshot().tasks(name);
        Ok(ConnectorInfo {
            name: name.to_owned(),
            kind: core.kind_of(&config),
            config: ConfigMap::clone(&config),
            tasks,
        })
    }

    async fn put_config(
        &self,
        name: &str,
        config: ConfigMap,
        initial_state: Option<TargetState>,
        may_replace: bool,
    ) -> Result<Put> {
        self.up().await?.put(name, config, initial_state, may_replace).await
    }

    async fn delete(&self, name: &str) -> Result<()> {
        self.up().await?.delete(name).await
    }

    async fn status(&self, name: &str) -> Result<StateInfo> {
        let status = self.up().await?.status_of(name);
        status.ok_or_else(|| HerderError::NotFound(format!("No status found for connector {name}")))
    }

    async fn tasks(&self, name: &str) -> Result<Vec<TaskInfo>> {
        let core = self.up().await?;
        core.config_of(name)?;
        let state = core.configs.snapshot();
        let info = |(task, config): (u32, &Arc<ConfigMap>)| TaskInfo {
            id: TaskId { connector: name.to_owned(), task },
            config: ConfigMap::clone(config),
        };
        Ok(state.task_configs(name).into_iter().map(info).collect())
    }

    async fn task_status(&self, name: &str, task: u32) -> Result<InstanceState> {
        let status = self.up().await?.statuses.get_task(&TaskId { connector: name.to_owned(), task });
        status.ok_or_else(|| HerderError::NotFound(format!("No status found for task {name}-{task}")))
    }

    async fn set_target_state(&self, name: &str, target: TargetState) -> Result<()> {
        self.up().await?.change_target(name, target).await
    }

    async fn restart(&self, name: &str, request: RestartRequest) -> Result<Option<StateInfo>> {
        self.up().await?.restart(name, request).await
    }

    async fn restart_task(&self, name: &str, task: u32) -> Result<()> {
        self.up().await?.restart_task(name, task).await
    }

    async fn offsets(&self, name: &str) -> Result<Vec<ConnectorOffset>> {
        self.up().await?.offsets(name).await
    }

    async fn alter_offsets(&self, name: &str, offsets: Vec<ConnectorOffset>) -> Result<String> {
        self.up().await?.change_offsets(name, Change::Alter(offsets)).await
    }

    async fn reset_offsets(&self, name: &str) -> Result<String> {
        self.up().await?.change_offsets(name, Change::Reset).await
    }

    async fn patch_config(&self, name: &str, patch: ConfigPatch) -> Result<ConnectorInfo> {
        self.up().await?.patch(name, patch).await
    }

    async fn validate(&self, plugin: &str, config: ConfigPatch) -> Result<Validation> {
        self.up().await?.worker.validation_of(plugin, config).await
    }

    async fn plugin_config(&self, plugin: &str, version: Option<&str>) -> Result<Vec<ConfigKey>> {
        self.up().await?.worker.settings_of_plugin(plugin, version)
    }

    async fn active_topics(&self, name: &str) -> Result<Vec<String>> {
        let core = self.up().await?;
        core.tracking().check()?;
        Ok(core.statuses.topics_in_use().of(name))
    }

    async fn reset_active_topics(&self, name: &str) -> Result<()> {
        let core = self.up().await?;
        core.tracking().check_reset()?;
        core.statuses.reset_topics(name);
        Ok(())
    }

    async fn loggers(&self) -> Result<Vec<(String, LoggerLevel)>> {
        Ok(self.up().await?.worker.parts().host.loggers.list())
    }

    async fn logger(&self, name: &str) -> Result<Option<LoggerLevel>> {
        Ok(self.up().await?.worker.parts().host.loggers.get(name))
    }

    async fn set_logger(&self, name: &str, level: &str) -> Result<Vec<String>> {
        self.up().await?.worker.parts().host.loggers.change(name, level)
    }

    async fn set_cluster_logger(&self, name: &str, level: &str) -> Result<()> {
        let core = self.up().await?;
        let doing = format!("writing the level of logger {name} to the config topic");
        core.write(doing, core.configs.put_logger(name, level)).await
    }

    async fn put_task_configs(&self, name: &str, request: Internal) -> Result<()> {
        let core = self.up().await?;
        core.verify(&request)?;
        let configs = task_configs::parse(&request.body)?;
        let name = name.to_owned();
        super::put::in_any_case(async move { core.put_task_configs(&name, &configs).await }).await
    }

    async fn fence_zombies(&self, name: &str, request: Internal) -> Result<()> {
        let core = self.up().await?;
        core.verify(&request)?;
        let name = name.to_owned();
        super::put::in_any_case(async move { core.fence(&name).await }).await
    }

    async fn health(&self) -> Health {
        let life = self.life.borrow().clone();
        match life {
            Life::Up(core) => core.health().await,
            Life::Preparing => self.health.health(),
            Life::Over(_) => {
                let message = "Worker was unable to handle this request and may be unable to handle other requests. It is \
                               shutting down.";
                Health { state: HealthState::Unhealthy, message: message.to_owned() }
            }
        }
    }

    fn stage(&self) -> String {
        match &*self.life.borrow() {
            Life::Up(core) => core.worker.health().summary(),
            Life::Preparing | Life::Over(_) => self.health.summary(),
        }
    }
}
