//! Restarts (KIP-745). Without flags, and of one task, whoever runs the instance does it while the client waits. With
//! flags the leader writes it down, answers with its plan, and each worker does its share.

use std::time::Duration;

use tokio::time::timeout;

use super::core::Core;
use crate::entities::{RestartRequest, StateInfo, TaskId};
use crate::herder::{HerderError, Result};
use crate::restart_plan::RestartPlan;
use crate::task_limit;

/// How long a request waits for a rebalance that is under way. Not longer than a client waits.
const REBALANCE: Duration = Duration::from_secs(60);
/// Kafka's words to a client that comes in the middle of a rebalance.
const STALE: &str =
    "Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)";

impl Core {
    /// `POST /connectors/{c}/restart`
    pub(super) async fn restart(&self, name: &str, request: RestartRequest) -> Result<Option<StateInfo>> {
        self.when_balanced().await?;
        self.known(name)?;
        if request.has_flags() {
            return self.plan_restart(name, request).await.map(Some);
        }
        let here = {
            let mut desk = self.desk();
            let here = desk.has_connector(name);
            if here {
                desk.restart_connector(name);
                self.push(&mut desk, [name]);
            }
            here
        };
        if here {
            let done = self.keepers.settled(name).await;
            return done.map(|()| None).map_err(|failure| {
                tracing::error!("Connector '{name}' restart failed: {failure}");
                HerderError::Internal(format!("Failed to start connector: {name}"))
            });
        }
        let standing = self.as_leader("Only the leader can process restart requests.").await?;
        let message = "Cannot restart connector since it is not assigned to this member".to_owned();
        Err(HerderError::Elsewhere { url: standing.owners.of_connector(name), message })
    }

    /// The plan is made before it is written down: this worker may do its share before the answer is given.
    async fn plan_restart(&self, name: &str, request: RestartRequest) -> Result<StateInfo> {
        self.as_leader("Only the leader can process restart requests.").await?;
        let status = self.status_of(name);
        let doing = format!("writing restart request for connector {name} to the config topic");
        self.write_as_leader(doing, self.configs.put_restart(name, request)).await?;
        let status = status.ok_or_else(|| HerderError::NotFound(format!("Status for connector {name} not found")))?;
        Ok(RestartPlan::of(request, status).shown)
    }

    /// `POST /connectors/{c}/tasks/{n}/restart`
    pub(super) async fn restart_task(&self, name: &str, task: u32) -> Result<()> {
        self.when_balanced().await?;
        self.known(name)?;
        let id = TaskId { connector: name.to_owned(), task };
        let state = self.configs.snapshot();
        if !state.tasks(name).contains(&id) {
            return Err(HerderError::NotFound(format!("Unknown task: {id}")));
        }
        let here = {
            let mut desk = self.desk();
            let here = desk.has_task(&id);
            if here {
                desk.restart_task(&id);
                self.push(&mut desk, [name]);
            }
            here
        };
        if here {
            let _stage = self.worker.health().stage(format!("restarting task {id}"));
            self.keepers.stopped(&[name.to_owned()]).await;
            return self.may_have(name, &id).await;
        }
        let message = "Cannot restart task since it is not assigned to this member";
        let standing = self.as_leader(message).await?;
        Err(HerderError::Elsewhere { url: standing.owners.of_task(&id), message: message.to_owned() })
    }

    /// Whether a connector may have the tasks that it has. Where it may not, the task says so in its state too.
    async fn may_have(&self, name: &str, id: &TaskId) -> Result<()> {
        let (state, failed) =
            (self.configs.snapshot(), || HerderError::Internal(format!("Failed to start task: {id}")));
        let Some(config) = state.config(name) else { return Ok(()) };
        let resolved = self.worker.resolve(name, config).await.map_err(|_| failed())?;
        task_limit::check(name, state.tasks(name).len(), &resolved.settings).map_err(|_| failed())
    }

    /// Waits until this worker knows what is whose.
    ///
    /// # Errors
    /// That takes too long.
    pub(super) async fn when_balanced(&self) -> Result<()> {
        let balanced = timeout(REBALANCE, self.settled()).await;
        balanced.map_err(|_| HerderError::Conflict(STALE.to_owned()))
    }

    fn known(&self, name: &str) -> Result<()> {
        match self.configs.snapshot().contains(name) {
            true => Ok(()),
            false => Err(HerderError::NotFound(format!("Unknown connector: {name}"))),
        }
    }
}
