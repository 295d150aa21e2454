//! The herder's door: each request checked, decided under the connector's lock, published.

use async_trait::async_trait;

use super::Standalone;
use super::change::not_found;
use crate::entities::{
    ConfigMap, ConfigPatch, ConnectorInfo, ConnectorOffset, Health, InstanceState, LoggerLevel, PluginInfo,
    RestartRequest, ServerInfo, StateInfo, TargetState, TaskInfo,
};
use crate::herder::{Herder, HerderError, Internal, Put, Result};
use crate::offsets_change::Change;
use crate::validate::{Catalogue, ConfigKey, Validation};

#[async_trait]
impl Herder for Standalone {
    async fn server_info(&self) -> Result<ServerInfo> {
        Ok(ServerInfo {
            version: self.0.worker.parts().version.clone(),
            commit: option_env!("WATERTIGHT_COMMIT").unwrap_or("unknown").to_owned(),
            kafka_cluster_id: self.0.worker.parts().cluster_id.clone(),
        })
    }

    async fn plugins(&self, connectors_only: bool) -> Result<Vec<PluginInfo>> {
        Ok(Catalogue { plugins: &self.0.worker.parts().plugins }.list(connectors_only))
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
        self.put(name, config, initial_state, may_replace).await
    }

    async fn delete(&self, name: &str) -> Result<()> {
        self.remove(name).await
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
        self.change_target(name, target).await
    }

    async fn restart(&self, name: &str, request: RestartRequest) -> Result<Option<StateInfo>> {
        self.restart_connector(name, request).await
    }

    async fn restart_task(&self, name: &str, task: u32) -> Result<()> {
        self.restart_one(name, task).await
    }

    async fn offsets(&self, name: &str) -> Result<Vec<ConnectorOffset>> {
        self.offsets_of(name).await
    }

    async fn alter_offsets(&self, name: &str, offsets: Vec<ConnectorOffset>) -> Result<String> {
        self.change_offsets(name, Change::Alter(offsets)).await
    }

    async fn reset_offsets(&self, name: &str) -> Result<String> {
        self.change_offsets(name, Change::Reset).await
    }

    async fn patch_config(&self, name: &str, patch: ConfigPatch) -> Result<ConnectorInfo> {
        self.patch(name, patch).await
    }

    async fn validate(&self, plugin: &str, config: ConfigPatch) -> Result<Validation> {
        self.0.worker.validation_of(plugin, config).await
    }

    async fn plugin_config(&self, plugin: &str, version: Option<&str>) -> Result<Vec<ConfigKey>> {
        self.0.worker.settings_of_plugin(plugin, version)
    }

    async fn active_topics(&self, name: &str) -> Result<Vec<String>> {
        self.0.tracking.check()?;
        Ok(self.0.worker.topics_in_use().of(name))
    }

    async fn reset_active_topics(&self, name: &str) -> Result<()> {
        self.0.tracking.check_reset()?;
        self.0.worker.topics_in_use().reset(name);
        Ok(())
    }

    async fn loggers(&self) -> Result<Vec<(String, LoggerLevel)>> {
        Ok(self.0.worker.parts().host.loggers.list())
    }

    async fn logger(&self, name: &str) -> Result<Option<LoggerLevel>> {
        Ok(self.0.worker.parts().host.loggers.get(name))
    }

    async fn set_logger(&self, name: &str, level: &str) -> Result<Vec<String>> {
        self.0.worker.parts().host.loggers.change(name, level)
    }

    async fn set_cluster_logger(&self, name: &str, level: &str) -> Result<()> {
        self.set_logger(name, level).await.map(|_| ())
    }

    async fn put_task_configs(&self, _: &str, _: Internal) -> Result<()> {
        let text = "Kafka Connect in standalone mode does not support externally setting task configurations.";
        Err(HerderError::Internal(text.to_owned()))
    }

    async fn fence_zombies(&self, _: &str, _: Internal) -> Result<()> {
        let text = "Kafka Connect in standalone mode does not support exactly-once source connectors.";
        Err(HerderError::Internal(text.to_owned()))
    }

    async fn health(&self) -> Health {
        self.0.worker.health().health()
    }

    fn stage(&self) -> String {
        self.0.worker.health().summary()
    }
}
