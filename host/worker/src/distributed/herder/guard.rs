//! What keepers want of the herder: settings of tasks are published, and tasks that write exactly once are let go.

use std::time::Duration;

use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::Instant;

use super::core::{Core, WeakCore};
use super::put::in_any_case;
use crate::distributed::colleagues::{Question, Refusal};
use crate::distributed::keepers::KeepersOwner;
use crate::distributed::signature;
use crate::distributed::task_configs;
use crate::entities::{ConfigMap, TargetState, TaskId};
use crate::failure::Failure;
use crate::herder::{HerderError, Internal, Result};
use crate::storage::ClusterState;
use crate::task_limit::retry_after;

/// What may stand in one segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// A request may be refused for as long because one of the two has the next session key, and the other has not.
const ROTATION: Duration = Duration::from_secs(60);
/// A task that may not start without the end of the config topic waits for it as long as it takes.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// The herder, as keepers know it.
pub(super) struct Guard(pub(super) WeakCore);

impl Guard {
    fn core(&self) -> std::result::Result<Core, Failure> {
        self.0.upgrade().ok_or_else(|| Failure::new("Worker is shutting down"))
    }
}

#[async_trait]
impl KeepersOwner for Guard {
    async fn task_configs(&self, connector: &str, configs: Vec<ConfigMap>) -> std::result::Result<(), Failure> {
        let done = self.core()?.publish(connector, configs).await;
        done.map_err(|error| Failure::new(error.to_string()))
    }

    async fn before_task(&self, id: &TaskId, _: i64) -> std::result::Result<(), Failure> {
        let done = self.core()?.have_fenced(&id.connector).await;
        done.map_err(|error| Failure::caused("Failed to perform round of zombie fencing", error))
    }

    async fn may_run(&self, id: &TaskId, generation: i64) -> std::result::Result<(), Failure> {
        let core = self.core()?;
        core.configs
            .refresh(LONG)
            .await
            .map_err(|error| Failure::caused("Failed to read to end of config topic", error))?;
        if core.configs.snapshot().generation(&id.connector) != Some(generation) {
            return Err(Failure::new(format!(
                "Cannot start source task {id} with exactly-once support as the connector has already generated a new set \
                 of task configs"
            )));
        }
        if !core.desk().has_task(id) {
            return Err(Failure::new(format!(
                "Cannot start source task {id} as it has already been revoked from this worker"
            )));
        }
        Ok(())
    }
}

/// Whether a connector's tasks are to have these settings, and have others, or were made from another config.
fn changes(state: &ClusterState, name: &str, configs: &[ConfigMap]) -> bool {
    let there = state.task_configs(name);
    let complete = state.task_count(name) as usize == configs.len() && there.len() == configs.len();
    !complete
        || there.iter().zip(configs).any(|((_, there), config)| ***there != *config)
        || state.applied(name) != state.config(name)
}

impl Core {
    /// A connector that runs here has these settings for its tasks.
    async fn publish(&self, name: &str, configs: Vec<ConfigMap>) -> Result<()> {
        let state = self.configs.snapshot();
        if state.target(name).unwrap_or_default() != TargetState::Started || !changes(&state, name, &configs) {
            return Ok(());
        }
        let standing = self.place.when(|_| true).await;
        if !standing.leader {
            let stage = format!("Forwarding task configurations to the leader at {}", standing.leader_url);
            let _stage = self.worker.health().stage(stage);
            return self.ask_leader("POST", name, "tasks", Some(task_configs::write(&configs))).await;
        }
        // Half of them would be as bad as none, whatever the connector wants by now.
        let (core, name) = (self.clone(), name.to_owned());
        in_any_case(async move { core.put_task_configs(&name, &configs).await }).await
    }

    /// The settings of a connector's tasks, from whoever runs it: only the leader writes them.
    pub(super) async fn put_task_configs(&self, name: &str, configs: &[ConfigMap]) -> Result<()> {
        self.as_leader("Only the leader may write task configurations.").await?;
        let _turn = self.turns.take(name).await;
        self.config_of(name)?;
        self.write_task_configs(name, configs).await
    }

    /// Writes them. Whoever calls has the connector's turn.
    pub(super) async fn write_task_configs(&self, name: &str, configs: &[ConfigMap]) -> Result<()> {
        if !configs.is_empty() && self.configs.snapshot().target(name) == Some(TargetState::Stopped) {
            return Err(HerderError::BadRequest(format!(
                "Cannot submit non-empty set of task configs for stopped connector {name}"
            )));
        }
        let doing = format!("writing {} task configs for connector {name} to the config topic", configs.len());
        self.write_as_leader(doing, self.configs.put_task_configs(name, configs)).await
    }

    /// Has the producers of a connector's earlier tasks fenced, by the leader.
    async fn have_fenced(&self, name: &str) -> Result<()> {
        let standing = self.place.when(|_| true).await;
        if !standing.leader {
            let stage = format!("Forwarding zombie fencing request to the leader at {}", standing.leader_url);
            let _stage = self.worker.health().stage(stage);
            return self.ask_leader("PUT", name, "fence", None).await;
        }
        let (core, name) = (self.clone(), name.to_owned());
        in_any_case(async move { core.fence(&name).await }).await
    }

    /// Asks the leader something about a connector. For a while it may refuse what is signed with another key than its
    /// own; then both read on.
    async fn ask_leader(&self, method: &'static str, name: &str, what: &str, body: Option<Vec<u8>>) -> Result<()> {
        let begun = Instant::now();
        for attempt in 0.. {
            let standing = self.place.when(|_| true).await;
            if standing.leader_url.is_empty() {
                let text = "Request to leader failed because the URL of the leader's REST interface is empty!";
                return Err(HerderError::Internal(text.to_owned()));
            }
            let signature = match (standing.is_sessioned(), self.session_key()) {
                (false, _) => None,
                (true, None) => return Err(HerderError::Internal("there is no session key yet".to_owned())),
                (true, Some(key)) => {
                    let algorithm = &self.config.signature_algorithm;
                    let signed = signature::sign(&key.key, algorithm, body.as_deref().unwrap_or_default());
                    Some(signed.map_err(|error| HerderError::Internal(error.to_string()))?)
                }
            };
            let path = format!("connectors/{}/{what}", encoded(name));
            let question = Question { method, url: standing.leader_url, path, body: body.clone(), signature };
            match self.colleagues.ask(question).await {
                Ok(()) => return Ok(()),
                Err(Refusal { status: Some(403), message }) if begun.elapsed() < ROTATION => {
                    tracing::debug!(
                        connector = name,
                        "refused by the leader, which may have another session key: {message}"
                    );
                    let _ = self.configs.refresh(self.config.sync_timeout).await;
                    tokio::time::sleep(retry_after(attempt)).await;
                }
                Err(Refusal { status: Some(409), message }) => return Err(HerderError::Conflict(message)),
                Err(refusal) => return Err(HerderError::Internal(refusal.message)),
            }
        }
        Ok(())
    }

    /// Whether a worker of the cluster asks.
    ///
    /// # Errors
    /// It is not proved.
    pub(super) fn verify(&self, request: &Internal) -> Result<()> {
        if !self.is_sessioned() {
            return Ok(());
        }
        let key = self.session_key();
        signature::verify(request, key.as_ref().map(|key| key.key.as_slice()), &self.config.verification_algorithms)
    }
}

/// As one segment of a path.
fn encoded(name: &str) -> impl std::fmt::Display {
    utf8_percent_encode(name, SEGMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_segment_of_a_path_whatever_is_in_it() {
        assert_eq!(encoded("a-b_1.c~").to_string(), "a-b_1.c~");
        assert_eq!(encoded("a/b ?é%").to_string(), "a%2Fb%20%3F%C3%A9%25");
    }
}
