//! Other target states. Pausing and resuming is one record that any worker may write; stopping takes the tasks away
//! first, and only the leader writes those.

use super::core::Core;
use super::put::in_any_case;
use crate::entities::TargetState;
use crate::herder::{HerderError, Result};

impl Core {
    /// `PUT /connectors/{c}/pause|resume|stop`
    pub(super) async fn change_target(&self, name: &str, target: TargetState) -> Result<()> {
        if !self.configs.snapshot().contains(name) {
            return Err(HerderError::NotFound(format!("Unknown connector {name}")));
        }
        let (core, owned) = (self.clone(), name.to_owned());
        match target {
            TargetState::Started | TargetState::Paused => {
                let doing = format!("writing the target state of connector {name} to the config topic");
                in_any_case(async move { core.write(doing, core.configs.put_target_state(&owned, target)).await }).await
            }
            TargetState::Stopped => {
                self.as_leader("Only the leader can transition connectors to the STOPPED state.").await?;
                in_any_case(async move { core.stop(&owned).await }).await
            }
        }
    }

    /// No tasks first: a running connector without tasks is strange, a stopped one with tasks is wrong.
    async fn stop(&self, name: &str) -> Result<()> {
        let _turn = self.turns.take(name).await;
        self.write_task_configs(name, &[]).await?;
        let doing = format!("writing the STOPPED target stage for connector {name} to the config topic");
        self.write(doing, self.configs.put_target_state(name, TargetState::Stopped)).await?;
        if let Err(error) = self.configs.refresh(self.config.sync_timeout).await {
            tracing::warn!(
                "Failed to read to end of config topic after writing the STOPPED target state for connector {name}: {error}"
            );
        }
        Ok(())
    }
}
