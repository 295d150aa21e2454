//! What a cluster has to do: connector instances and tasks.

use std::collections::BTreeSet;

use crate::entities::TaskId;

/// Connector instances and tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// Connectors whose instance is meant.
    pub connectors: BTreeSet<String>,
    /// Tasks.
    pub tasks: BTreeSet<TaskId>,
}

impl Work {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.connectors.is_empty() && self.tasks.is_empty()
    }

    /// With all of another's.
    pub fn add(&mut self, other: Work) {
        self.connectors.extend(other.connectors);
        self.tasks.extend(other.tasks);
    }

    /// Without what is another's.
    pub fn remove(&mut self, other: &Work) {
        self.connectors.retain(|connector| !other.connectors.contains(connector));
        self.tasks.retain(|task| !other.tasks.contains(task));
    }
}
