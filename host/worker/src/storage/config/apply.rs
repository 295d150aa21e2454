//! What each record of the config topic does to what is known. A record that cannot be understood changes nothing, is
//! named in the log with its offset, and the next one is read as if it were not there; only the offset that the group
//! compares counts it all the same.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use watertight_data::java::hash::string_map_order;
use watertight_data::java::json::{Node, decode_base64, parse};
use watertight_kafka::InRecord;

use super::keys::Key;
use super::values::TARGETS;
use super::{ClusterState, ConfigEvent, SessionKey};
use crate::entities::{ConfigMap, RestartRequest, TargetState, TaskId};

/// The state and what waits for a commit. Snapshots are references: as long as somebody holds one, the next change
/// copies the index of names, and the one connector that it is about; without one, nothing is copied.
#[derive(Default)]
pub(super) struct Applied {
    state: Arc<ClusterState>,
    staged: HashMap<String, BTreeMap<u32, Arc<ConfigMap>>>,
}

/// Why a record is passed over.
type Ignored = String;

impl Applied {
    /// As of now.
    pub(super) fn snapshot(&self) -> Arc<ClusterState> {
        Arc::clone(&self.state)
    }

    fn state(&mut self) -> &mut ClusterState {
        Arc::make_mut(&mut self.state)
    }

    /// Takes the next record; what is to be told about it.
    pub(super) fn apply(&mut self, record: &InRecord) -> Option<ConfigEvent> {
        let at = format_args!("{}-{} at offset {}", record.topic, record.partition, record.offset).to_string();
        let value = match record.value.as_deref().map(parse).transpose() {
            Ok(Some(Node::Missing)) => {
                tracing::error!("Failed to convert config data to Kafka Connect format: {at} has an empty value");
                return None;
            }
            Ok(value) => value.filter(|value| *value != Node::Null),
            Err(error) => {
                tracing::error!("Failed to convert config data to Kafka Connect format: {at}: {error}");
                return None;
            }
        };
        self.state().offset = record.offset + 1;
        let key = record.key.as_deref().map(String::from_utf8_lossy);
        let Some(key) = key else {
            tracing::error!("Discarding config update record without a key: {at}");
            return None;
        };
        let Some(parsed) = Key::parse(&key) else {
            tracing::error!("Discarding config update record with invalid key: {key} ({at})");
            return None;
        };
        self.understood(parsed, value).unwrap_or_else(|why| {
            tracing::error!("Ignoring config update record {key} ({at}): {why}");
            None
        })
    }

    fn understood(&mut self, key: Key<'_>, value: Option<Node<'_>>) -> Result<Option<ConfigEvent>, Ignored> {
        match key {
            Key::Target(name) => self.target(name, value),
            Key::Connector(name) => self.connector(name, value),
            Key::Task(name, task) => self.stage(name, task, value),
            Key::Commit(name) => self.commit(name, value),
            Key::Fencing(name) => self.fencing(name, value),
            Key::Session => self.session_key(value),
            Key::Restart(name) => restart(name, value),
            Key::Logger(namespace) => logger(namespace, value),
        }
    }

    fn target(&mut self, name: &str, value: Option<Node<'_>>) -> Result<Option<ConfigEvent>, Ignored> {
        let Some(value) = value else {
            // Whoever deleted the connector deletes this too. While there is a connector, it has a state.
            let state = self.state().of(name);
            state.target = state.config.as_ref().map(|_| TargetState::Started);
            return Ok(None);
        };
        let value = object(&value)?;
        let new = match value.get("state.v2") {
            None | Some(Node::Null) => None,
            Some(Node::String(word)) => Some(word),
            Some(other) => {
                tracing::error!(
                    "Invalid data for target state for connector '{name}': 'state.v2' field should be a String but is {}",
                    other.kind()
                );
                None
            }
        };
        let word = match new {
            Some(word) => word,
            None => match value.get("state") {
                Some(Node::String(word)) => word,
                other => return Err(field("state", "a String", other)),
            },
        };
        let known = TARGETS.iter().find(|(known, _)| known == word).map(|(_, target)| *target);
        let Some(target) = known else { return Err(format!("there is no target state {word}")) };
        let state = self.state().of(name);
        let before = state.target.replace(target);
        let told = state.config.is_some() && before != Some(target);
        Ok(told.then(|| ConfigEvent::TargetChanged(name.to_owned())))
    }

    fn connector(&mut self, name: &str, value: Option<Node<'_>>) -> Result<Option<ConfigEvent>, Ignored> {
        let Some(value) = value else {
            self.forget(name);
            tracing::info!("Successfully processed removal of connector '{name}'");
            return Ok(Some(ConfigEvent::ConnectorRemoved(name.to_owned())));
        };
        let config = properties(&value)?;
        let state = self.state().of(name);
        state.config = Some(Arc::new(config));
        state.target.get_or_insert(TargetState::Started);
        Ok(Some(ConfigEvent::ConnectorChanged(name.to_owned())))
    }

    fn stage(&mut self, name: &str, task: u32, value: Option<Node<'_>>) -> Result<Option<ConfigEvent>, Ignored> {
        let value = value.ok_or("the settings of a task are unexpectedly null")?;
        let settings = Arc::new(properties(&value)?);
        self.staged.entry(name.to_owned()).or_default().insert(task, settings);
        Ok(None)
    }

    fn commit(&mut self, name: &str, value: Option<Node<'_>>) -> Result<Option<ConfigEvent>, Ignored> {
        let Some(config) = self.state.config(name).cloned() else {
            // Deleted long ago, and compaction has left nothing but this.
            self.forget(name);
            tracing::debug!("Ignoring task configs for connector {name}: it appears that it was deleted previously");
            return Ok(None);
        };
        let value = value.ok_or("the number of tasks is unexpectedly null")?;
        let count = count(object(&value)?, "tasks")?;
        let staged = self.staged.remove(name);
        let complete = (0..count).all(|task| staged.as_ref().is_some_and(|staged| staged.contains_key(&task)));
        let state = self.state().of(name);
        let mut changed = Vec::new();
        state.inconsistent = !complete;
        if complete {
            if let Some(staged) = staged {
                changed.extend(staged.keys().map(|task| TaskId { connector: name.to_owned(), task: *task }));
                state.tasks.extend(staged);
                state.generation = Some(state.generation.map_or(0, |generation| generation + 1));
            }
            state.applied = Some(config);
        } else {
            tracing::debug!("An incomplete set of task configs for connector '{name}', probably due to compaction");
        }
        state.task_count = Some(count);
        state.pending_fencing = true;
        Ok(Some(ConfigEvent::TasksChanged(name.to_owned(), changed)))
    }

    fn fencing(&mut self, name: &str, value: Option<Node<'_>>) -> Result<Option<ConfigEvent>, Ignored> {
        let value = value.ok_or("the number of fenced tasks is unexpectedly null")?;
        let count = count(object(&value)?, "task-count")?;
        let state = self.state().of(name);
        state.task_count_record = Some(count);
        state.pending_fencing = false;
        Ok(None)
    }

    fn session_key(&mut self, value: Option<Node<'_>>) -> Result<Option<ConfigEvent>, Ignored> {
        let value = value.ok_or("the session key is unexpectedly null")?;
        let value = object(&value)?;
        let key = decode_base64(text(value, "key")?).ok_or("the session key is no base64")?;
        let algorithm = text(value, "algorithm")?.to_owned();
        let created = whole(value, "creation-timestamp")?;
        let key = SessionKey { key, algorithm, created };
        self.state().session_key = Some(key.clone());
        Ok(Some(ConfigEvent::SessionKey(key)))
    }

    /// What goes with a connector's config. Its target state has a tombstone of its own, and fencing must outlive it.
    fn forget(&mut self, name: &str) {
        self.staged.remove(name);
        if self.state.get(name).is_none() {
            return;
        }
        let state = self.state().of(name);
        state.config = None;
        state.task_count = None;
        state.tasks.clear();
        state.applied = None;
    }
}

fn restart(name: &str, value: Option<Node<'_>>) -> Result<Option<ConfigEvent>, Ignored> {
    let value = value.ok_or("the restart request is unexpectedly null")?;
    let value = object(&value)?;
    let flag = |name: &str| match value.get(name) {
        Some(Node::Boolean(flag)) => *flag,
        other => {
            tracing::warn!("{}, defaulting to false", field(name, "a Boolean", other));
            false
        }
    };
    let request = RestartRequest { include_tasks: flag("include-tasks"), only_failed: flag("only-failed") };
    Ok(Some(ConfigEvent::Restart { connector: name.to_owned(), request }))
}

fn logger(namespace: &str, value: Option<Node<'_>>) -> Result<Option<ConfigEvent>, Ignored> {
    let value = value.ok_or("the logging level is unexpectedly null")?;
    let level = text(object(&value)?, "level")?.to_owned();
    Ok(Some(ConfigEvent::Logger { namespace: namespace.to_owned(), level }))
}

fn object<'n, 'a>(value: &'n Node<'a>) -> Result<&'n Node<'a>, Ignored> {
    match value {
        Node::Object(_) => Ok(value),
        other => Err(format!("the value is not a Map but is {}", other.kind())),
    }
}

/// The settings of a record, in the order in which a JVM's worker would hold them.
fn properties(value: &Node<'_>) -> Result<ConfigMap, Ignored> {
    let Some(Node::Object(fields)) = object(value)?.get("properties") else {
        return Err(field("properties", "a Map", value.get("properties")));
    };
    let mut settings = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        match value {
            Node::String(text) => settings.push((name.clone().into_owned(), text.clone().into_owned())),
            // The schema allows it, and it says nothing.
            Node::Null => {}
            other => return Err(field(&format!("properties.{name}"), "a String", Some(other))),
        }
    }
    string_map_order(&mut settings);
    Ok(settings.into_iter().collect())
}

fn text<'n>(value: &'n Node<'_>, name: &str) -> Result<&'n str, Ignored> {
    let found = value.get(name);
    found.and_then(Node::text).ok_or_else(|| field(name, "a String", found))
}

fn whole(value: &Node<'_>, name: &str) -> Result<i64, Ignored> {
    match value.get(name) {
        Some(Node::Integer(number)) => Ok(*number),
        other => Err(field(name, "a whole number", other)),
    }
}

fn count(value: &Node<'_>, name: &str) -> Result<u32, Ignored> {
    let number = whole(value, name)?;
    u32::try_from(number).map_err(|_| format!("'{name}' cannot be {number}"))
}

fn field(name: &str, wanted: &str, found: Option<&Node<'_>>) -> Ignored {
    format!("'{name}' field should be {wanted} but is {}", found.map_or("missing", Node::kind))
}
