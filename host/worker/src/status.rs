//! Who does what, in memory: standalone mode forgets it when it ends, as Kafka's does.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use crate::entities::{ConnectorType, InstanceState, State, StateInfo, TaskId};
use crate::restart_plan::RestartPlan;
use crate::secrets::Vault;

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

    /// Sets a connector's state; makes the entry if it is new.
    pub fn connector(
        &self,
        name: &str,
        kind: ConnectorType,
        state: State,
        trace: Option<String>,
        version: Option<&str>,
    ) {
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

    /// Sets a task's state. A connector that was deleted meanwhile stays deleted.
    pub fn task(&self, id: &TaskId, state: State, trace: Option<String>, version: Option<&str>) {
        let task = self.instance(&id.connector, state, trace, version);
        if let Ok(mut board) = self.connectors.write()
            && let Some(entry) = board.get_mut(&id.connector)
        {
            entry.tasks.insert(id.task, task);
        }
    }

    /// A task that nobody runs, yet or any more. One that is being restarted says so until it is up again.
    pub fn unassigned_task(&self, id: &TaskId, version: Option<&str>) {
        if self.get_task(&id.connector, id.task).is_none_or(|task| task.state != State::Restarting) {
            self.task(id, State::Unassigned, None, version);
        }
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
