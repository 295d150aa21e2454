//! Records of the status topic: their keys and values, as Kafka Connect writes and reads them.

use watertight_data::java::json::{Node, parse};

use crate::entities::{State, TaskId};
use crate::storage::write::{Field, object};

const CONNECTOR: &str = "status-connector-";
const TASK: &str = "status-task-";
const TOPIC: &str = "status-topic-";
const SEPARATOR: &str = ":connector-";
const STATES: [State; 6] =
    [State::Unassigned, State::Running, State::Paused, State::Failed, State::Stopped, State::Restarting];

/// What a record is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A connector instance.
    Connector(String),
    /// A task.
    Task(TaskId),
    /// A topic that a connector has used.
    Topic {
        /// Its name.
        topic: String,
        /// Who used it.
        connector: String,
    },
}

impl Key {
    /// None if it is none of them. A topic's name holds no colon, a connector's name may.
    pub(super) fn parse(key: &str) -> Option<Self> {
        if let Some(name) = key.strip_prefix(CONNECTOR) {
            return (!name.is_empty()).then(|| Self::Connector(name.to_owned()));
        }
        if let Some(rest) = key.strip_prefix(TASK) {
            let (name, number) = rest.rsplit_once('-')?;
            return Some(Self::Task(TaskId { connector: name.to_owned(), task: number.parse().ok()? }));
        }
        let (topic, rest) = key.strip_prefix(TOPIC)?.split_once(':')?;
        let connector = rest.strip_prefix(&SEPARATOR[1..])?;
        let whole = !topic.is_empty() && !connector.is_empty();
        whole.then(|| Self::Topic { topic: topic.to_owned(), connector: connector.to_owned() })
    }
}

impl std::fmt::Display for Key {
    /// As it is written.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connector(name) => write!(f, "{CONNECTOR}{name}"),
            Self::Task(id) => write!(f, "{TASK}{id}"),
            Self::Topic { topic, connector } => write!(f, "{TOPIC}{topic}{SEPARATOR}{connector}"),
        }
    }
}

/// State of one connector instance or task, with what is needed to compare two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) state: State,
    pub(super) trace: Option<String>,
    pub(super) worker_id: String,
    /// Of the group, when the worker said so.
    pub(super) generation: i32,
    /// Of the plugin.
    pub(super) version: Option<String>,
}

impl Status {
    /// Its value.
    pub(super) fn bytes(&self) -> Vec<u8> {
        object(&[
            ("state", Field::Text(self.state.as_str())),
            ("trace", Field::Optional(self.trace.as_deref())),
            ("worker_id", Field::Text(&self.worker_id)),
            ("generation", Field::Number(self.generation.into())),
            ("version", Field::Optional(self.version.as_deref())),
        ])
    }

    /// From a value; otherwise why it is none.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let value = parse(bytes).map_err(|error| error.to_string())?;
        let word = text(&value, "state")?;
        let known = STATES.into_iter().find(|state| state.as_str() == word);
        let state = known.ok_or_else(|| format!("there is no state {word}"))?;
        Ok(Self {
            state,
            trace: optional(&value, "trace")?,
            worker_id: optional(&value, "worker_id")?.unwrap_or_default(),
            generation: int(whole(&value, "generation")?),
            // Written since Kafka 4.
            version: optional(&value, "version")?,
        })
    }

    /// Whether `new` may be written although others may have written since: nothing is known better than it.
    pub(super) fn may_give_way(&self, new: &Self) -> bool {
        self.worker_id == new.worker_id || self.generation <= new.generation
    }
}

/// The value of a topic that was used.
pub(super) fn topic_bytes(topic: &str, task: &TaskId, discovered: i64) -> Vec<u8> {
    let inner = [
        ("name", Field::Text(topic)),
        ("connector", Field::Text(&task.connector)),
        ("task", Field::Number(task.task.into())),
        ("discoverTimestamp", Field::Number(discovered)),
    ];
    object(&[("topic", Field::Struct(&inner))])
}

/// Whether a value says that a topic was used; otherwise why not. What it says stands in the key as well.
pub(super) fn check_topic(bytes: &[u8]) -> Result<(), String> {
    let value = parse(bytes).map_err(|error| error.to_string())?;
    let inner = value.get("topic").ok_or("'topic' field is missing")?;
    text(inner, "name")?;
    text(inner, "connector")?;
    whole(inner, "task")?;
    whole(inner, "discoverTimestamp")?;
    Ok(())
}

/// Java's `intValue`.
#[allow(clippy::cast_possible_truncation)]
fn int(number: i64) -> i32 {
    number as i32
}

fn text<'n>(value: &'n Node<'_>, name: &str) -> Result<&'n str, String> {
    let found = value.get(name);
    found.and_then(Node::text).ok_or_else(|| wrong(name, "a String", found))
}

fn optional(value: &Node<'_>, name: &str) -> Result<Option<String>, String> {
    match value.get(name) {
        None | Some(Node::Null) => Ok(None),
        Some(Node::String(text)) => Ok(Some(text.clone().into_owned())),
        other => Err(wrong(name, "a String", other)),
    }
}

fn whole(value: &Node<'_>, name: &str) -> Result<i64, String> {
    match value.get(name) {
        Some(Node::Integer(number)) => Ok(*number),
        other => Err(wrong(name, "a whole number", other)),
    }
}

fn wrong(name: &str, wanted: &str, found: Option<&Node<'_>>) -> String {
    format!("'{name}' field should be {wanted} but is {}", found.map_or("missing", Node::kind))
}
