//! Who was given what in the last assignment: only the leader, who made it, knows. It tells where a request is answered
//! that only the worker can answer that runs something.

use std::collections::HashMap;
use std::sync::Arc;

use crate::distributed::work::Work;
use crate::entities::TaskId;

/// REST interfaces by what their workers run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Owners {
    connectors: HashMap<String, Arc<str>>,
    tasks: HashMap<TaskId, Arc<str>>,
}

impl Owners {
    /// Of all members: where their REST interface is, and all that they are to run.
    pub(super) fn of<'a>(members: impl IntoIterator<Item = (&'a str, &'a Work)>) -> Self {
        let mut owners = Self::default();
        for (url, work) in members {
            let url: Arc<str> = url.into();
            owners.connectors.extend(work.connectors.iter().map(|name| (name.clone(), Arc::clone(&url))));
            owners.tasks.extend(work.tasks.iter().map(|id| (id.clone(), Arc::clone(&url))));
        }
        owners
    }

    /// Where a connector's instance is.
    pub(super) fn of_connector(&self, name: &str) -> Option<String> {
        self.connectors.get(name).map(|url| url.to_string())
    }

    /// Where a task is.
    pub(super) fn of_task(&self, id: &TaskId) -> Option<String> {
        self.tasks.get(id).map(|url| url.to_string())
    }
}
