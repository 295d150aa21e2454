//! What a herder tells: connectors, tasks, their states. Plain data, no JSON: how it looks on the wire is
//! the REST crate's business.

use indexmap::IndexMap;

/// A connector's or worker's settings, in the order given. A `None` never gets this far: REST refuses it.
pub type ConfigMap = IndexMap<String, String>;

/// What is to change in a config; `None` takes the setting away (KIP-477).
pub type ConfigPatch = IndexMap<String, Option<String>>;

/// `connector-task`, as in Kafka's `ConnectorTaskId`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId {
    /// Name of the connector.
    pub connector: String,
    /// From 0.
    pub task: u32,
}

impl std::fmt::Display for TaskId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.connector, self.task)
    }
}

/// Which way a connector moves data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectorType {
    /// Into Kafka.
    Source,
    /// Out of Kafka.
    Sink,
    /// Its plugin is not there to ask.
    Unknown,
}

/// What an operator wants of a connector (`TargetState`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TargetState {
    /// Run connector and tasks.
    #[default]
    Started,
    /// Keep tasks allocated, but idle.
    Paused,
    /// No tasks at all.
    Stopped,
}

/// What a connector or task is doing (`AbstractStatus.State`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Nobody runs it.
    Unassigned,
    /// It runs.
    Running,
    /// It is there and idle.
    Paused,
    /// It ended with an error and waits for a person.
    Failed,
    /// Stopped by an operator: connectors only.
    Stopped,
    /// On its way down and up again.
    Restarting,
}

impl State {
    /// Kafka's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Unassigned => "UNASSIGNED",
            State::Running => "RUNNING",
            State::Paused => "PAUSED",
            State::Failed => "FAILED",
            State::Stopped => "STOPPED",
            State::Restarting => "RESTARTING",
        }
    }
}

/// `GET /connectors/{c}`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectorInfo {
    /// Its name.
    pub name: String,
    /// As submitted, `name` included, references to secrets unresolved.
    pub config: ConfigMap,
    /// Sorted by number.
    pub tasks: Vec<TaskId>,
    /// Which way it moves data.
    pub kind: ConnectorType,
}

/// `GET /connectors/{c}/tasks`, one entry.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskInfo {
    /// Which task.
    pub id: TaskId,
    /// What the connector's `task-configs` gave it, `task.class` included.
    pub config: ConfigMap,
}

/// State of one connector instance or one task.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceState {
    /// What it is doing.
    pub state: State,
    /// `host:port` of the worker that said so.
    pub worker_id: String,
    /// Why it failed.
    pub trace: Option<String>,
    /// Of the plugin; `None` where it is not known.
    pub version: Option<String>,
}

/// `GET /connectors/{c}/status`.
#[derive(Debug, Clone, PartialEq)]
pub struct StateInfo {
    /// Name of the connector.
    pub name: String,
    /// The connector instance.
    pub connector: InstanceState,
    /// By task number, ascending.
    pub tasks: Vec<(u32, InstanceState)>,
    /// Which way it moves data.
    pub kind: ConnectorType,
}

/// `GET /connector-plugins`, one entry.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginInfo {
    /// Full class name.
    pub class: String,
    /// `source`, `sink`, `transformation`, `predicate`, `converter`, `header_converter`.
    pub kind: String,
    /// Of the plugin; `None` is Kafka's `undefined` and is left out.
    pub version: Option<String>,
}

/// `GET /connectors/{c}/offsets`, one entry. Both sides are JSON objects; an offset may be null.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectorOffset {
    /// Source: the connector's own; sink: `kafka_topic` and `kafka_partition`.
    pub partition: serde_json::Value,
    /// Source: the connector's own; sink: `kafka_offset`.
    pub offset: serde_json::Value,
}

/// `GET /`.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerInfo {
    /// Kafka's release first, then ours: clients gate on it.
    pub version: String,
    /// Commit of the build, or `unknown`.
    pub commit: String,
    /// As the broker tells it.
    pub kafka_cluster_id: String,
}

/// Query of `POST /connectors/{c}/restart` (KIP-745).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RestartRequest {
    /// Tasks too.
    pub include_tasks: bool,
    /// Only what is FAILED.
    pub only_failed: bool,
}

/// A logger as `/admin/loggers` shows it (KIP-495, KIP-976).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggerLevel {
    /// log4j's word: `INFO`.
    pub level: String,
    /// Milliseconds since 1970; none where nobody changed it since the start.
    pub last_modified: Option<i64>,
}

/// `GET /health` (KIP-1017).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// In which of the three states.
    pub state: HealthState,
    /// Kafka's sentence for a person.
    pub message: String,
}

/// How a worker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthState {
    /// Up and answering.
    Healthy,
    /// Not up yet.
    Starting,
    /// Its herder does not answer.
    Unhealthy,
}
