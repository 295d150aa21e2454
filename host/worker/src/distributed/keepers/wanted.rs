//! What a herder wants of its keepers, and what they want of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::phase::Phase;
use crate::entities::{ConfigMap, TargetState, TaskId};
use crate::failure::Failure;

/// What this worker is to run of one connector; by default nothing.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Its instance.
    pub connector: Option<WantedConnector>,
    /// Its tasks, by number.
    pub tasks: BTreeMap<u32, WantedTask>,
}

/// A connector instance that is to run here.
#[derive(Debug, Clone)]
pub struct WantedConnector {
    /// As given.
    pub config: Arc<ConfigMap>,
    /// With another number it is stopped and started anew; with the same one nothing but `target` is looked at.
    pub revision: u64,
    /// What its operator wants.
    pub target: TargetState,
}

/// A task that is to run here.
#[derive(Debug, Clone)]
pub struct WantedTask {
    /// As they are stored.
    pub settings: Arc<ConfigMap>,
    /// The connector's config in force, which may be newer than the one that they were made from.
    pub connector: Arc<ConfigMap>,
    /// With another number it is stopped and started anew; with the same one nothing but `target` is looked at.
    pub revision: u64,
    /// What its operator wants. A task of a stopped connector does not run.
    pub target: TargetState,
    /// How many tasks the connector has: more than `tasks.max` are not started.
    pub tasks: usize,
    /// Of the connector's sets of task settings, which one these are of: for exactly-once.
    pub generation: Option<i64>,
}

/// What keepers want of their herder. Whatever it does may be dropped half way, when something else is wanted.
#[async_trait]
pub trait KeepersOwner: Send + Sync {
    /// A connector has these settings for its tasks, in the form in which they are stored. Where the cluster has others,
    /// or has them from another config of the connector, they are published. Asked again with growing intervals as long
    /// as it fails and the instance runs.
    ///
    /// # Errors
    /// When the leader cannot be asked, or says no.
    async fn task_configs(&self, connector: &str, configs: Vec<ConfigMap>) -> Result<(), Failure>;

    /// A task that writes each record exactly once is about to start: nothing that ran as an earlier one of its
    /// connector can write any more when this returns.
    ///
    /// # Errors
    /// When that cannot be made sure.
    async fn before_task(&self, id: &TaskId, generation: i64) -> Result<(), Failure>;

    /// Whether such a task is still this worker's, and its settings are still the newest.
    ///
    /// # Errors
    /// Kafka's words where it is not so.
    async fn may_run(&self, id: &TaskId, generation: i64) -> Result<(), Failure>;
}

/// What a keeper has in common whatever it keeps.
pub(super) trait Claim: Clone + Send + Sync + 'static {
    /// Its number.
    fn revision(&self) -> u64;
    /// What its operator wants.
    fn target(&self) -> TargetState;
    /// Whether this is about something that is in such a phase.
    fn allows(&self, phase: &Phase) -> bool;
}

impl Claim for WantedConnector {
    fn revision(&self) -> u64 {
        self.revision
    }

    fn target(&self) -> TargetState {
        self.target
    }

    fn allows(&self, phase: &Phase) -> bool {
        match phase {
            Phase::Starting | Phase::Up => self.target == TargetState::Started,
            Phase::Paused | Phase::Stopped | Phase::Failed(_) => true,
        }
    }
}

impl Claim for WantedTask {
    fn revision(&self) -> u64 {
        self.revision
    }

    fn target(&self) -> TargetState {
        self.target
    }

    fn allows(&self, phase: &Phase) -> bool {
        match phase {
            Phase::Starting | Phase::Up => self.target != TargetState::Stopped,
            Phase::Paused | Phase::Stopped | Phase::Failed(_) => true,
        }
    }
}
