//! Connect's JSON, field for field in Kafka's order. Borrowed views over the worker's plain data.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::Value;
use watertight_worker::entities::{
    ConfigMap, ConnectorInfo, ConnectorOffset, ConnectorType, InstanceState, PluginInfo, ServerInfo, StateInfo, TaskId,
    TaskInfo,
};

use crate::openapi;

/// Kafka's word for a plugin that does not tell its version.
const UNDEFINED: &str = "undefined";

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServerInfo")]
pub(crate) struct ServerInfoShape<'a> {
    version: &'a str,
    commit: &'a str,
    kafka_cluster_id: &'a str,
}

impl<'a> From<&'a ServerInfo> for ServerInfoShape<'a> {
    fn from(info: &'a ServerInfo) -> Self {
        let ServerInfo { version, commit, kafka_cluster_id } = info;
        ServerInfoShape { version, commit, kafka_cluster_id }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PluginInfo")]
pub(crate) struct PluginShape<'a> {
    class: &'a str,
    #[serde(rename = "type")]
    #[schemars(schema_with = "openapi::plugin_type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "&str")]
    version: Option<&'a str>,
}

impl<'a> From<&'a PluginInfo> for PluginShape<'a> {
    fn from(info: &'a PluginInfo) -> Self {
        let PluginInfo { class, kind, version } = info;
        PluginShape { class, kind, version: version.as_deref().filter(|version| *version != UNDEFINED) }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TaskId")]
pub(crate) struct TaskIdShape<'a> {
    connector: &'a str,
    task: u32,
}

impl<'a> From<&'a TaskId> for TaskIdShape<'a> {
    fn from(id: &'a TaskId) -> Self {
        TaskIdShape { connector: &id.connector, task: id.task }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConnectorInfo")]
pub(crate) struct ConnectorShape<'a> {
    name: &'a str,
    config: &'a ConfigMap,
    tasks: Vec<TaskIdShape<'a>>,
    #[serde(rename = "type", serialize_with = "connector_type")]
    #[schemars(schema_with = "openapi::connector_type")]
    kind: ConnectorType,
}

impl<'a> From<&'a ConnectorInfo> for ConnectorShape<'a> {
    fn from(info: &'a ConnectorInfo) -> Self {
        let ConnectorInfo { name, config, tasks, kind } = info;
        ConnectorShape { name, config, tasks: tasks.iter().map(TaskIdShape::from).collect(), kind: *kind }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TaskInfo")]
pub(crate) struct TaskShape<'a> {
    id: TaskIdShape<'a>,
    config: &'a ConfigMap,
}

impl<'a> From<&'a TaskInfo> for TaskShape<'a> {
    fn from(info: &'a TaskInfo) -> Self {
        TaskShape { id: TaskIdShape::from(&info.id), config: &info.config }
    }
}

/// A connector instance, or with `id` a task. Version: Kafka leaves `undefined` out and writes an unknown one
/// as null.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InstanceState")]
pub(crate) struct InstanceShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    id: Option<u32>,
    #[schemars(schema_with = "openapi::state")]
    state: &'static str,
    worker_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "&str")]
    trace: Option<&'a str>,
    #[serde(skip_serializing_if = "is_undefined")]
    version: Option<&'a str>,
}

impl<'a> InstanceShape<'a> {
    pub(crate) fn connector(state: &'a InstanceState) -> Self {
        let InstanceState { state, worker_id, trace, version } = state;
        InstanceShape {
            id: None,
            state: state.as_str(),
            worker_id,
            trace: trace.as_deref().filter(|trace| !trace.is_empty()),
            version: version.as_deref(),
        }
    }

    pub(crate) fn task(id: u32, state: &'a InstanceState) -> Self {
        InstanceShape { id: Some(id), ..Self::connector(state) }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConnectorStateInfo")]
pub(crate) struct StateShape<'a> {
    name: &'a str,
    connector: InstanceShape<'a>,
    tasks: Vec<InstanceShape<'a>>,
    #[serde(rename = "type", serialize_with = "connector_type")]
    #[schemars(schema_with = "openapi::connector_type")]
    kind: ConnectorType,
}

impl<'a> From<&'a StateInfo> for StateShape<'a> {
    fn from(info: &'a StateInfo) -> Self {
        let StateInfo { name, connector, tasks, kind } = info;
        StateShape {
            name,
            connector: InstanceShape::connector(connector),
            tasks: tasks.iter().map(|(id, state)| InstanceShape::task(*id, state)).collect(),
            kind: *kind,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConnectorOffsets")]
pub(crate) struct OffsetsShape<'a> {
    offsets: Vec<OffsetShape<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConnectorOffset")]
struct OffsetShape<'a> {
    partition: &'a Value,
    offset: &'a Value,
}

impl<'a> From<&'a [ConnectorOffset]> for OffsetsShape<'a> {
    fn from(offsets: &'a [ConnectorOffset]) -> Self {
        let shape = |one: &'a ConnectorOffset| OffsetShape { partition: &one.partition, offset: &one.offset };
        OffsetsShape { offsets: offsets.iter().map(shape).collect() }
    }
}

fn connector_type<S: Serializer>(kind: &ConnectorType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match kind {
        ConnectorType::Source => "source",
        ConnectorType::Sink => "sink",
        ConnectorType::Unknown => "unknown",
    })
}

fn is_undefined(version: &Option<&str>) -> bool {
    *version == Some(UNDEFINED)
}
