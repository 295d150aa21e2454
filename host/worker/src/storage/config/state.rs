//! What the config topic says, as of one record. Herders decide by a snapshot, and so see nothing change under their
//! hands. A snapshot shares everything with the next one but the connectors that changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::entities::{ConfigMap, TargetState, TaskId};

/// The key that internal requests of a cluster are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey {
    /// The secret itself.
    pub key: Vec<u8>,
    /// What made it, such as `HmacSHA256`.
    pub algorithm: String,
    /// Milliseconds since 1970, by the leader's clock.
    pub created: i64,
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionKey").field("algorithm", &self.algorithm).field("created", &self.created).finish()
    }
}

/// Everything about one name. There may be some of it without a connector: a deleted one leaves its fencing record,
/// and a new one's target state comes before its config.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConnectorState {
    /// As submitted, references to secrets unresolved.
    pub config: Option<Arc<ConfigMap>>,
    /// What an operator wants of it.
    pub target: Option<TargetState>,
    /// How many tasks the last commit spoke of.
    pub task_count: Option<u32>,
    /// Settings of committed tasks; there may be leftovers beyond `task_count`.
    pub tasks: BTreeMap<u32, Arc<ConfigMap>>,
    /// How many tasks the producers of which have been fenced at last (KIP-618).
    pub task_count_record: Option<u32>,
    /// How many commits with new settings there were since the start of the replay, from 0. Another worker may count
    /// otherwise.
    pub generation: Option<i64>,
    /// The config in force when the tasks were committed.
    pub applied: Option<Arc<ConfigMap>>,
    /// The last commit spoke of tasks that nobody described: there are none, until they are committed again.
    pub inconsistent: bool,
    /// Tasks were committed since the last fencing.
    pub pending_fencing: bool,
}

/// What the config topic says. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterState {
    /// Offset of the last record, plus one; -1 before the first. Members of the group compare it: it counts records,
    /// not what else takes up offsets in the topic.
    pub offset: i64,
    /// The newest one.
    pub session_key: Option<SessionKey>,
    pub(super) names: BTreeMap<Arc<str>, Arc<ConnectorState>>,
}

impl Default for ClusterState {
    fn default() -> Self {
        Self { offset: -1, session_key: None, names: BTreeMap::new() }
    }
}

impl ClusterState {
    /// All that is known of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<ConnectorState>> {
        self.names.get(name)
    }

    /// Whether there is such a connector.
    pub fn contains(&self, name: &str) -> bool {
        self.config(name).is_some()
    }

    /// Names of the connectors, sorted.
    pub fn connectors(&self) -> impl Iterator<Item = &str> {
        self.names.iter().filter(|(_, state)| state.config.is_some()).map(|(name, _)| &**name)
    }

    /// How many connectors there are.
    pub fn connector_count(&self) -> usize {
        self.connectors().count()
    }

    /// A connector's config.
    pub fn config(&self, name: &str) -> Option<&Arc<ConfigMap>> {
        self.get(name)?.config.as_ref()
    }

    /// What is wanted of a connector; none where there is no such name.
    pub fn target(&self, name: &str) -> Option<TargetState> {
        self.get(name)?.target
    }

    /// How many tasks a connector has by its last commit, consistent or not.
    pub fn task_count(&self, name: &str) -> u32 {
        self.get(name).and_then(|state| state.task_count).unwrap_or(0)
    }

    /// A connector's tasks; none where their settings are incomplete.
    pub fn tasks(&self, name: &str) -> Vec<TaskId> {
        let Some(state) = self.get(name).filter(|state| !state.inconsistent) else { return Vec::new() };
        (0..state.task_count.unwrap_or(0)).map(|task| TaskId { connector: name.to_owned(), task }).collect()
    }

    /// A task's settings.
    pub fn task_config(&self, name: &str, task: u32) -> Option<&Arc<ConfigMap>> {
        self.get(name)?.tasks.get(&task)
    }

    /// Settings of all tasks that a connector has, by number. Incomplete where it is inconsistent.
    pub fn task_configs(&self, name: &str) -> Vec<(u32, &Arc<ConfigMap>)> {
        let Some(state) = self.get(name) else { return Vec::new() };
        let count = state.task_count.unwrap_or(0);
        state.tasks.range(..count).map(|(task, config)| (*task, config)).collect()
    }

    /// How many tasks of a connector were fenced at last.
    pub fn task_count_record(&self, name: &str) -> Option<u32> {
        self.get(name)?.task_count_record
    }

    /// Which commit of task settings holds, from 0; none before the first.
    pub fn generation(&self, name: &str) -> Option<i64> {
        self.get(name)?.generation
    }

    /// The config that a connector's tasks were made from.
    pub fn applied(&self, name: &str) -> Option<&Arc<ConfigMap>> {
        self.get(name)?.applied.as_ref()
    }

    /// Whether the connector's tasks must wait until producers of earlier ones have been fenced.
    pub fn pending_fencing(&self, name: &str) -> bool {
        self.get(name).is_some_and(|state| state.pending_fencing)
    }

    /// Connectors with an incomplete set of task settings, sorted: somebody has to write them again.
    pub fn inconsistent(&self) -> impl Iterator<Item = &str> {
        self.names.iter().filter(|(_, state)| state.inconsistent).map(|(name, _)| &**name)
    }

    pub(super) fn of(&mut self, name: &str) -> &mut ConnectorState {
        if !self.names.contains_key(name) {
            self.names.insert(name.into(), Arc::default());
        }
        // Inserted just now if it was missing; the entry API would want a key for each look-up.
        Arc::make_mut(self.names.entry(name.into()).or_default())
    }
}
