//! Who does what. Where that is told is the herder's business: a standalone worker keeps it in memory and forgets it
//! when it ends, as Kafka's does; a cluster keeps it in a topic.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use crate::entities::{ConnectorType, InstanceState, State, StateInfo, TaskId};
use crate::restart_plan::RestartPlan;
use crate::secrets::Vault;

/// Where connectors and tasks say what they are doing. Nobody waits for what becomes of it. Whoever takes it keeps what
/// is secret out of the traces.
pub trait Statuses: Send + Sync {
    /// A connector's state.
    fn connector(&self, name: &str, kind: ConnectorType, state: State, trace: Option<String>, version: Option<&str>);
    /// A task's state.
    fn task(&self, id: &TaskId, state: State, trace: Option<String>, version: Option<&str>);
    /// A connector instance has ended. One that is being restarted says so until it is up again.
    fn connector_unassigned(&self, name: &str, kind: ConnectorType, version: Option<&str>);
    /// A task has ended, likewise.
    fn task_unassigned(&self, id: &TaskId, version: Option<&str>);
    /// A task is there, and does not run yet. Kafka's cluster does not say so.
    fn task_created(&self, _id: &TaskId, _version: Option<&str>) {}
}

/// States of all connectors and tasks of a worker. Clones share one board.
#[derive(Clone)]
pub struct StatusBoard {
    worker_id: Arc<str>,
    vault: Vault,
    connectors: Arc<RwLock<HashMap<String, Entry>>>,
}

struct Entry {
    kind: ConnectorType,
    connector: InstanceState,
    tasks: BTreeMap<u32, InstanceState>,
}

impl StatusBoard {
    /// An empty board; `worker_id` is the advertised `host:port`. Traces lose what `vault` holds of their connector.
    pub fn new(worker_id: impl Into<Arc<str>>, vault: Vault) -> Self {
        Self { worker_id: worker_id.into(), vault, connectors: Arc::default() }
    }

    fn instance(&self, name: &str, state: State, trace: Option<String>, version: Option<&str>) -> InstanceState {
        let trace = trace.map(|trace| self.vault.scrub_trace(name, &trace));
        InstanceState { state, worker_id: self.worker_id.to_string(), trace, version: version.map(str::to_owned) }
    }

    /// Marks what a plan restarts; version and trace stay until it is up again.
    pub fn restarting(&self, plan: &RestartPlan) {
        let Ok(mut board) = self.connectors.write() else { return };
        let Some(entry) = board.get_mut(&plan.shown.name) else { return };
        if plan.connector {
            entry.connector.state = State::Restarting;
        }
        for task in &plan.tasks {
            if let Some(task) = entry.tasks.get_mut(task) {
                task.state = State::Restarting;
            }
        }
    }

    /// Forgets tasks from number `from` on.
    pub fn forget_tasks(&self, name: &str, from: u32) {
        if let Ok(mut board) = self.connectors.write()
            && let Some(entry) = board.get_mut(name)
        {
            entry.tasks.retain(|&task, _| task < from);
        }
    }

    /// Forgets a connector and its tasks.
    pub fn forget(&self, name: &str) {
        if let Ok(mut board) = self.connectors.write() {
            board.remove(name);
        }
    }

    /// State of a connector and its tasks.
    pub fn get(&self, name: &str) -> Option<StateInfo> {
        let board = self.connectors.read().ok()?;
        let entry = board.get(name)?;
        Some(StateInfo {
            name: name.to_owned(),
            connector: entry.connector.clone(),
            tasks: entry.tasks.iter().map(|(task, state)| (*task, state.clone())).collect(),
            kind: entry.kind,
        })
    }

    /// State of one task.
    pub fn get_task(&self, name: &str, task: u32) -> Option<InstanceState> {
        self.connectors.read().ok()?.get(name)?.tasks.get(&task).cloned()
    }
}

impl Statuses for StatusBoard {
    /// Makes the entry if it is new.
    fn connector(&self, name: &str, kind: ConnectorType, state: State, trace: Option<String>, version: Option<&str>) {
        let connector = self.instance(name, state, trace, version);
        let Ok(mut board) = self.connectors.write() else { return };
        match board.get_mut(name) {
            Some(entry) => {
                entry.kind = kind;
                entry.connector = connector;
            }
            None => {
                board.insert(name.to_owned(), Entry { kind, connector, tasks: BTreeMap::new() });
            }
        }
    }

    /// A connector that was deleted meanwhile stays deleted.
    fn task(&self, id: &TaskId, state: State, trace: Option<String>, version: Option<&str>) {
        let task = self.instance(&id.connector, state, trace, version);
        if let Ok(mut board) = self.connectors.write()
            && let Some(entry) = board.get_mut(&id.connector)
        {
            entry.tasks.insert(id.task, task);
        }
    }

    fn connector_unassigned(&self, name: &str, kind: ConnectorType, version: Option<&str>) {
        if self.get(name).is_none_or(|status| status.connector.state != State::Restarting) {
            self.connector(name, kind, State::Unassigned, None, version);
        }
    }

    fn task_unassigned(&self, id: &TaskId, version: Option<&str>) {
        if self.get_task(&id.connector, id.task).is_none_or(|task| task.state != State::Restarting) {
            self.task(id, State::Unassigned, None, version);
        }
    }

    fn task_created(&self, id: &TaskId, version: Option<&str>) {
        self.task_unassigned(id, version);
    }
}
