//! What the status topic says: the last record of each key, but for reports that are known to have been overtaken.

use std::collections::BTreeMap;

use super::record::Status;
use crate::entities::{State, TaskId};

/// States by connector.
#[derive(Debug, Default)]
pub(super) struct Cache {
    connectors: BTreeMap<String, Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    connector: Option<Status>,
    tasks: BTreeMap<u32, Status>,
}

impl Cache {
    /// A connector's state was read.
    pub(super) fn connector(&mut self, name: &str, status: Option<Status>) {
        match status {
            Some(status) => self.entry(name).connector = Some(status),
            // Its tasks go with it: their own tombstones may lie in other partitions, and come later.
            None => drop(self.connectors.remove(name)),
        }
    }

    /// A task's state was read.
    pub(super) fn task(&mut self, id: &TaskId, status: Option<Status>) {
        let Some(status) = status else {
            if let Some(entry) = self.connectors.get_mut(&id.connector) {
                entry.tasks.remove(&id.task);
                if entry.tasks.is_empty() && entry.connector.is_none() {
                    self.connectors.remove(&id.connector);
                }
            }
            return;
        };
        let known = self.task_of(id);
        // In a rebalance one worker says that it has stopped a task after another one has said that it runs it.
        let overtaken = |known: &Status| known.state == State::Running && known.generation >= status.generation;
        if status.state == State::Unassigned && known.is_some_and(overtaken) {
            tracing::trace!("Ignoring stale status of {id} in favour of a more up to date one");
            return;
        }
        self.entry(&id.connector).tasks.insert(id.task, status);
    }

    fn entry(&mut self, name: &str) -> &mut Entry {
        if !self.connectors.contains_key(name) {
            self.connectors.insert(name.to_owned(), Entry::default());
        }
        self.connectors.entry(name.to_owned()).or_default()
    }

    /// A connector's state.
    pub(super) fn connector_of(&self, name: &str) -> Option<&Status> {
        self.connectors.get(name)?.connector.as_ref()
    }

    /// A task's state.
    pub(super) fn task_of(&self, id: &TaskId) -> Option<&Status> {
        self.connectors.get(&id.connector)?.tasks.get(&id.task)
    }

    /// States of a connector's tasks, by number.
    pub(super) fn tasks_of(&self, name: &str) -> impl Iterator<Item = (u32, &Status)> {
        self.connectors.get(name).into_iter().flat_map(|entry| &entry.tasks).map(|(task, status)| (*task, status))
    }

    /// Names of which anything is known, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.connectors.keys()
    }
}
