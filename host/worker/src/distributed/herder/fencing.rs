//! Zombie fencing (KIP-618): before a connector's new tasks write in transactions, the producers of its earlier tasks
//! are shut out, wherever those still run. The leader does that once for each set of task settings, and notes in the
//! config topic for how many tasks: so it knows next time how many there are to shut out.

use std::time::Duration;

use super::core::Core;
use crate::entities::ConnectorType;
use crate::herder::{HerderError, Result};

/// As long as a client waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(90);

impl Core {
    /// Shuts out the producers of a connector's earlier tasks.
    pub(super) async fn fence(&self, name: &str) -> Result<()> {
        self.as_leader("Only the leader may perform zombie fencing.").await?;
        let _turn = self.fence_turns.take(name).await;
        let config = self.config_of(name)?;
        if self.kind_of(&config) != ConnectorType::Source {
            return Err(HerderError::BadRequest(format!("Connector {name} is not a source connector")));
        }
        self.configs.refresh(self.config.sync_timeout).await.map_err(|error| {
            let what = "Failed to read to end of config topic before performing zombie fencing";
            HerderError::Internal(format!("{what}: {error}"))
        })?;
        let state = self.configs.snapshot();
        if !state.pending_fencing(name) {
            tracing::debug!(connector = name, "all earlier tasks have been fenced already");
            return Ok(());
        }
        let (count, generation) = (state.task_count(name), state.generation(name));
        match state.task_count_record(name) {
            // Nobody has ever written in transactions for it.
            None => {}
            // The new task shuts out the old one by itself, having the same transactional id.
            Some(1) if count == 1 => {}
            Some(before) => self.shut_out(name, before, generation).await?,
        }
        let doing = format!("writing a task count record for connector {name} to the config topic");
        let _turn = self.turns.take(name).await;
        if self.configs.snapshot().generation(name) != generation {
            return Err(outdated());
        }
        self.write_as_leader(doing, self.configs.put_task_count(name, count)).await
    }

    async fn shut_out(&self, name: &str, count: u32, generation: Option<i64>) -> Result<()> {
        let _stage = self.worker.health().stage(format!("initiating a round of zombie fencing for connector {name}"));
        let mut changes = self.changes.subscribe();
        let newer = async {
            loop {
                if self.configs.snapshot().generation(name) != generation {
                    return;
                }
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        let ids: Vec<String> = (0..count).map(|task| self.config.task_transactional_id(name, task)).collect();
        let config = self.config_of(name)?;
        let fenced = tokio::select! {
            fenced = self.worker.fence_producers(name, &config, &ids, TIMEOUT) => fenced,
            () = newer => return Err(outdated()),
        };
        fenced.map_err(|failure| HerderError::Internal(format!("Failed to perform zombie fencing: {failure}")))?;
        self.configs
            .refresh(self.config.sync_timeout)
            .await
            .map_err(|error| HerderError::Internal(format!("Failed to read to end of config topic: {error}")))
    }
}

fn outdated() -> HerderError {
    HerderError::Conflict(
        "Failed to complete zombie fencing because a new set of task configs was generated".to_owned(),
    )
}
