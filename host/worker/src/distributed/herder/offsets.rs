//! Offsets of connectors, shown by any worker and changed by the leader while the connector is stopped everywhere.

use std::sync::Arc;

use super::core::Core;
use super::put::in_any_case;
use crate::entities::{ConfigMap, ConnectorOffset, ConnectorType, TargetState};
use crate::herder::{HerderError, Result};
use crate::offsets_change::{self, Change};
use crate::worker::CONNECTOR_STOP;

impl Core {
    /// `GET /connectors/{c}/offsets`
    pub(super) async fn offsets(&self, name: &str) -> Result<Vec<ConnectorOffset>> {
        let config = self.config_of(name)?;
        self.worker.offsets_of(name, self.kind_of(&config), &config).await
    }

    /// `PATCH` and `DELETE /connectors/{c}/offsets`
    pub(super) async fn change_offsets(&self, name: &str, change: Change) -> Result<String> {
        change.check()?;
        self.when_balanced().await?;
        let (core, name) = (self.clone(), name.to_owned());
        in_any_case(async move {
            let _turn = core.offset_turns.take(&name).await;
            let config = core.stopped_config(&name).await?;
            let fences = core.config.exactly_once.is_enabled() && core.kind_of(&config) == ConnectorType::Source;
            let config = match fences {
                true => {
                    core.fence(&name).await.map_err(|error| {
                        tracing::error!(
                            "Failed to perform zombie fencing for source connector prior to modifying offsets: {error}"
                        );
                        let text = "Failed to perform zombie fencing for source connector prior to modifying offsets";
                        HerderError::Internal(text.to_owned())
                    })?;
                    core.stopped_config(&name).await?
                }
                false => config,
            };
            let _stage = core.worker.health().stage(format!("modifying offsets for connector {name}"));
            let cut_off = Box::pin(core.impatience(&name));
            core.worker.change_offsets(&name, &config, &change, cut_off).await
        })
        .await
    }

    /// The config of a connector that is stopped, as far as the whole cluster knows.
    async fn stopped_config(&self, name: &str) -> Result<Arc<ConfigMap>> {
        self.as_leader("Only the leader can process external offsets modification requests").await?;
        self.configs.refresh(self.config.sync_timeout).await.map_err(|error| {
            let what = "Failed to read to end of config topic before modifying connector offsets";
            HerderError::Internal(format!("{what}: {error}"))
        })?;
        let config = self.config_of(name)?;
        let state = self.configs.snapshot();
        if state.target(name) != Some(TargetState::Stopped) || state.task_count(name) != 0 {
            return Err(offsets_change::not_stopped(name));
        }
        Ok(config)
    }

    /// Ends when the connector is to be something else than stopped, and its plugin has had its time.
    async fn impatience(&self, name: &str) {
        let mut changes = self.changes.subscribe();
        loop {
            if self.configs.snapshot().target(name) != Some(TargetState::Stopped) {
                return tokio::time::sleep(CONNECTOR_STOP).await;
            }
            if changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}
