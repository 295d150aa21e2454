//! What REST reads of a connector: replaced whole after each decision, so that reading never waits for one.

use std::sync::Arc;

use super::{Slot, Standalone};
use crate::entities::{ConfigMap, ConnectorInfo, ConnectorType, TaskId, TaskInfo};
use crate::validate::kind_of;

/// A connector as it was last published.
#[derive(Debug, Clone)]
pub struct Published {
    /// As submitted.
    pub config: ConfigMap,
    /// Settings of each task.
    pub tasks: Vec<ConfigMap>,
    /// Which way it moves data.
    pub kind: ConnectorType,
}

impl Published {
    /// `GET /connectors/{c}`
    pub fn info(&self, name: &str) -> ConnectorInfo {
        ConnectorInfo {
            name: name.to_owned(),
            config: self.config.clone(),
            tasks: (0..self.tasks.len()).map(|task| task_id(name, task)).collect(),
            kind: self.kind,
        }
    }

    /// `GET /connectors/{c}/tasks`
    pub fn task_infos(&self, name: &str) -> Vec<TaskInfo> {
        let info = |(task, config): (usize, &ConfigMap)| TaskInfo { id: task_id(name, task), config: config.clone() };
        self.tasks.iter().enumerate().map(info).collect()
    }
}

fn task_id(connector: &str, task: usize) -> TaskId {
    TaskId { connector: connector.to_owned(), task: u32::try_from(task).unwrap_or(u32::MAX) }
}

impl Standalone {
    /// What is published of a connector.
    pub(super) fn published(&self, name: &str) -> Option<Arc<Published>> {
        self.0.published.read().ok()?.get(name).cloned()
    }

    /// Names of all connectors.
    pub(super) fn names(&self) -> Vec<String> {
        match self.0.published.read() {
            Ok(published) => published.keys().cloned().collect(),
            Err(_) => Vec::new(),
        }
    }

    /// Publishes a slot, or takes it off the list if it has no config.
    pub(super) fn publish(&self, name: &str, slot: &Slot) {
        let kind = slot.entry.as_ref().map_or(ConnectorType::Unknown, |entry| kind_of(&entry.class));
        let Ok(mut published) = self.0.published.write() else { return };
        match &slot.config {
            Some(config) => {
                // A plugin may have copied what it was given to where no reference stands for it.
                let secrets = slot.applied.as_ref().and_then(|applied| applied.secrets.as_ref());
                let shown = |settings: &ConfigMap| match secrets {
                    Some(secrets) => secrets.hide_looked_up_in(settings),
                    None => settings.clone(),
                };
                let tasks = slot.tasks.iter().map(|task| shown(&task.settings)).collect();
                published.insert(name.to_owned(), Arc::new(Published { config: config.clone(), tasks, kind }));
            }
            None => {
                published.remove(name);
            }
        }
    }
}
