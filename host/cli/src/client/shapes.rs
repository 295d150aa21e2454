//! What a worker answers, as far as tables show it. Read leniently: older and newer workers leave out fields, or have
//! more of them.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

/// Settings; a value that is no text is shown as JSON.
pub(crate) type Settings = IndexMap<String, Value>;

/// `GET /connectors?expand=info&expand=status`, one entry.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Expanded {
    /// Absent where a connector has none yet.
    #[serde(default)]
    pub(crate) status: Option<Status>,
    /// Absent where it was not asked for.
    #[serde(default)]
    pub(crate) info: Option<Info>,
}

/// `GET /connectors/{c}/status`
#[derive(Debug, Deserialize)]
pub(crate) struct Status {
    /// The connector's.
    #[serde(default)]
    pub(crate) name: String,
    /// The connector instance.
    pub(crate) connector: Instance,
    /// By number.
    #[serde(default)]
    pub(crate) tasks: Vec<Instance>,
    /// `source`, `sink`
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
}

/// A connector instance or a task.
#[derive(Debug, Deserialize)]
pub(crate) struct Instance {
    /// Of a task.
    #[serde(default)]
    pub(crate) id: Option<u32>,
    /// RUNNING and so on.
    pub(crate) state: String,
    /// `host:port`
    #[serde(default)]
    pub(crate) worker_id: String,
    /// Why it failed.
    #[serde(default)]
    pub(crate) trace: Option<String>,
    /// Of the plugin.
    #[serde(default)]
    pub(crate) version: Option<String>,
}

/// `GET /connectors/{c}`
#[derive(Debug, Deserialize)]
pub(crate) struct Info {
    /// Its name.
    pub(crate) name: String,
    /// As it was given.
    #[serde(default)]
    pub(crate) config: Settings,
    /// Which there are.
    #[serde(default)]
    pub(crate) tasks: Vec<TaskId>,
    /// `source`, `sink`
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
}

/// A task's name.
#[derive(Debug, Deserialize)]
pub(crate) struct TaskId {
    /// Its number.
    pub(crate) task: u32,
}

/// `GET /connectors/{c}/tasks`, one entry.
#[derive(Debug, Deserialize)]
pub(crate) struct Task {
    /// Which.
    pub(crate) id: TaskId,
    /// What it got.
    #[serde(default)]
    pub(crate) config: Settings,
}

/// `GET /connectors/{c}/offsets`
#[derive(Debug, Deserialize)]
pub(crate) struct Offsets {
    /// All there are.
    pub(crate) offsets: Vec<Offset>,
}

/// One of them.
#[derive(Debug, Deserialize)]
pub(crate) struct Offset {
    /// Of the source, or of a topic.
    pub(crate) partition: Value,
    /// Where it stands.
    pub(crate) offset: Value,
}

/// `GET /connector-plugins`, one entry.
#[derive(Debug, Deserialize)]
pub(crate) struct Plugin {
    /// The class.
    pub(crate) class: String,
    /// `source`, `sink`, ...
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
    /// Where it has one.
    #[serde(default)]
    pub(crate) version: Option<String>,
}

/// A setting's definition.
#[derive(Debug, Deserialize)]
pub(crate) struct Definition {
    /// Its key.
    pub(crate) name: String,
    /// STRING and so on.
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
    /// Whether it must be there.
    #[serde(default)]
    pub(crate) required: bool,
    /// What it is otherwise.
    #[serde(default)]
    pub(crate) default_value: Option<Value>,
    /// HIGH, MEDIUM, LOW
    #[serde(default)]
    pub(crate) importance: String,
    /// What it is for.
    #[serde(default)]
    pub(crate) documentation: Option<String>,
    /// Where it belongs.
    #[serde(default)]
    pub(crate) group: Option<String>,
}

/// `PUT /connector-plugins/{p}/config/validate`
#[derive(Debug, Deserialize)]
pub(crate) struct Validation {
    /// All there are.
    #[serde(default)]
    pub(crate) error_count: u64,
    /// By setting.
    #[serde(default)]
    pub(crate) configs: Vec<Validated>,
}

/// One setting.
#[derive(Debug, Deserialize)]
pub(crate) struct Validated {
    /// What was found.
    #[serde(default)]
    pub(crate) value: Option<ValidatedValue>,
}

/// What was found about one setting.
#[derive(Debug, Deserialize)]
pub(crate) struct ValidatedValue {
    /// The key.
    pub(crate) name: String,
    /// As it would be.
    #[serde(default)]
    pub(crate) value: Option<Value>,
    /// What is wrong with it.
    #[serde(default)]
    pub(crate) errors: Vec<String>,
    /// What would do.
    #[serde(default)]
    pub(crate) recommended_values: Vec<Value>,
}

/// A logger.
#[derive(Debug, Deserialize)]
pub(crate) struct Logger {
    /// INFO and so on.
    #[serde(default)]
    pub(crate) level: Option<String>,
    /// Milliseconds since 1970.
    #[serde(default)]
    pub(crate) last_modified: Option<i64>,
}

/// `GET /health`
#[derive(Debug, Deserialize)]
pub(crate) struct Health {
    /// healthy, starting, unhealthy
    pub(crate) status: String,
    /// A sentence.
    #[serde(default)]
    pub(crate) message: String,
}

/// `GET /`
#[derive(Debug, Deserialize)]
pub(crate) struct Server {
    /// Kafka's.
    pub(crate) version: String,
    /// Of the build.
    #[serde(default)]
    pub(crate) commit: String,
    /// Of the brokers.
    #[serde(default)]
    pub(crate) kafka_cluster_id: Option<String>,
}

/// A value as a person would write it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
