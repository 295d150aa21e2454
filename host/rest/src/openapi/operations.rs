//! What each operation is for and what it answers. Operations have the names that Kafka's document gives them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::operation::Operation;
use super::requests::SetLevel;
use super::{PATH, Shapes};
use crate::error::ErrorBody;
use crate::expand::ExpandedShape;
use crate::health::HealthShape;
use crate::loggers::LevelShape;
use crate::offsets::MessageShape;
use crate::request::offsets::AlterOffsets;
use crate::request::{CreateConnector, FlatConfig};
use crate::shapes::{ConnectorShape, InstanceShape, OffsetsShape, PluginShape, ServerInfoShape, StateShape, TaskShape};
use crate::topics::TopicsShape;
use crate::validation::{KeyShape, ValidationShape};

const WORKER: &str = "Worker";
const PLUGINS: &str = "Connector Plugins";
const CONNECTORS: &str = "Connectors";
const ADMIN: &str = "Admin";
/// What workers of a cluster ask of each other. Kafka's document keeps silent about it.
const INTERNAL: &str = "Internal";

const NO_CONNECTOR: (u16, &str) = (404, "There is no such connector");
const NO_TASK: (u16, &str) = (404, "There is no such connector or task");
const BUSY: (u16, &str) = (409, "It cannot be done now, or by no worker that is known at the moment");
const UNSIGNED: (u16, &str) = (403, "It is not signed with the key of the cluster");
const NO_KEY: (u16, &str) =
    (503, "This worker does not know the key of the cluster yet, or all connections are at work");
const UNTRACKED: (u16, &str) = (403, "Topics are not tracked, or may not be reset");

/// What stands here of an operation; none where nobody has described it.
pub(super) fn describe(method: &str, path: &str, shapes: &mut Shapes) -> Option<Operation> {
    let op = Operation::new;
    Some(match (method, path) {
        ("GET", "/") => op("serverInfo", WORKER, "Release of this worker, and the Kafka cluster it works for").answers(
            200,
            "Both",
            shapes.of::<ServerInfoShape<'_>>(),
        ),
        ("GET", PATH) => op("openApi", WORKER, "This document").answers(200, "It", json!({"type": "object"})),
        ("GET", "/health") => health(shapes),
        ("GET", "/connector-plugins") => op("listConnectorPlugins", PLUGINS, "Plugins that are installed")
            .query("connectorsOnly", "Whether to leave out what is no connector", flag(true))
            .answers(200, "Connectors first", list_of::<PluginShape<'_>>(shapes)),
        ("GET", "/connector-plugins/{name}/config") => {
            op("getConnectorConfigDef", PLUGINS, "Settings that a plugin defines")
                .query("version", "Of which version, or range of versions; otherwise the latest", text())
                .answers(200, "In the plugin's order", list_of::<KeyShape<'_>>(shapes))
                .fails(&[(404, "There is no such plugin")])
        }
        ("PUT", "/connector-plugins/{name}/config/validate") => {
            op("validateConfigs", PLUGINS, "What is wrong with settings, and what else there is to set")
                .body(shapes.of::<FlatConfig>())
                .answers(200, "However much is wrong", shapes.of::<ValidationShape<'_>>())
                .fails(&[(404, "There is no such plugin")])
        }
        ("GET", "/connectors") => list(shapes),
        ("POST", "/connectors") => op("createConnector", CONNECTORS, "Creates a connector")
            .body(shapes.of::<CreateConnector>())
            .creates("It is there", shapes.of::<ConnectorShape<'_>>())
            .fails(&[(409, "There is one of that name, or it cannot be done now")]),
        ("GET", "/connectors/{name}") => op("getConnector", CONNECTORS, "A connector, its settings and its tasks")
            .answers(200, "All of it", shapes.of::<ConnectorShape<'_>>())
            .fails(&[NO_CONNECTOR, BUSY]),
        ("DELETE", "/connectors/{name}") => op("destroyConnector", CONNECTORS, "Deletes a connector")
            .answers_empty(204, "It is gone")
            .fails(&[NO_CONNECTOR, BUSY]),
        ("POST", "/connectors/{name}/tasks") => {
            internal("putTaskConfigs", "Gives a connector's tasks their settings").body(list_of::<FlatConfig>(shapes))
        }
        ("PUT", "/connectors/{name}/fence") => internal("fenceZombies", "Shuts out what former tasks still write"),
        (method, path) => return of_one_connector(method, path, shapes).or_else(|| of_loggers(method, path, shapes)),
    })
}

fn of_one_connector(method: &str, path: &str, shapes: &mut Shapes) -> Option<Operation> {
    let op = |id, summary| Operation::new(id, CONNECTORS, summary);
    let path = path.strip_prefix("/connectors/{name}/")?;
    Some(match (method, path) {
        ("GET", "config") => op("getConnectorConfig", "A connector's settings")
            .answers(200, "As they were given", shapes.of::<BTreeMap<String, String>>())
            .fails(&[NO_CONNECTOR, BUSY]),
        ("PUT", "config") => op("putConnectorConfig", "Creates a connector, or gives it other settings")
            .body(shapes.of::<FlatConfig>())
            .answers(200, "It has them", shapes.of::<ConnectorShape<'_>>())
            .creates("It is there", shapes.of::<ConnectorShape<'_>>())
            .fails(&[BUSY]),
        ("PATCH", "config") => op("patchConnectorConfig", "Changes some settings; null takes one away")
            .body(shapes.of::<FlatConfig>())
            .answers(200, "It has them", shapes.of::<ConnectorShape<'_>>())
            .fails(&[NO_CONNECTOR, BUSY]),
        ("GET", "status") => op("getConnectorStatus", "What a connector and its tasks are doing")
            .answers(200, "As far as it is known", shapes.of::<StateShape<'_>>())
            .fails(&[(404, "There is no such connector, or nothing is known of it yet")]),
        ("PUT", "pause") => op("pauseConnector", "Lets a connector and its tasks rest")
            .answers_empty(202, "They will")
            .fails(&[NO_CONNECTOR]),
        ("PUT", "resume") => op("resumeConnector", "Lets a connector and its tasks go on")
            .answers_empty(202, "They will")
            .fails(&[NO_CONNECTOR]),
        ("PUT", "stop") => op("stopConnector", "Stops a connector and takes its tasks away")
            .answers_empty(204, "It is done")
            .fails(&[NO_CONNECTOR, BUSY]),
        ("POST", "restart") => op("restartConnector", "Starts a connector anew")
            .query("includeTasks", "Its tasks, too", flag(false))
            .query("onlyFailed", "Only what has failed", flag(false))
            .answers(202, "This will be done (where a flag is set)", shapes.of::<StateShape<'_>>())
            .answers_empty(204, "It is done")
            .fails(&[NO_CONNECTOR, BUSY]),
        ("GET", "tasks") => op("getTaskConfigs", "A connector's tasks and their settings")
            .answers(200, "By number", list_of::<TaskShape<'_>>(shapes))
            .fails(&[NO_CONNECTOR, BUSY]),
        ("GET", "tasks/{task}/status") => op("getTaskStatus", "What a task is doing")
            .answers(200, "As far as it is known", shapes.of::<InstanceShape<'_>>())
            .fails(&[NO_TASK]),
        ("POST", "tasks/{task}/restart") => {
            op("restartTask", "Starts a task anew").answers_empty(204, "It is done").fails(&[NO_TASK, BUSY])
        }
        ("GET", "offsets") => op("getOffsets", "How far a connector has come")
            .answers(200, "As it is stored", shapes.of::<OffsetsShape<'_>>())
            .fails(&[NO_CONNECTOR]),
        ("PATCH", "offsets") => op("alterConnectorOffsets", "Sets how far a stopped connector has come")
            .body(shapes.of::<AlterOffsets>())
            .answers(200, "It is done, for a person to read", shapes.of::<MessageShape>())
            .fails(&[NO_CONNECTOR, BUSY]),
        ("DELETE", "offsets") => op("resetConnectorOffsets", "Lets a stopped connector begin again")
            .answers(200, "It is done, for a person to read", shapes.of::<MessageShape>())
            .fails(&[NO_CONNECTOR, BUSY]),
        ("GET", "topics") => op("getConnectorActiveTopics", "Topics that a connector has used")
            .answers(200, "By its name, whether it is there or not", shapes.of::<BTreeMap<String, TopicsShape>>())
            .fails(&[UNTRACKED]),
        ("PUT", "topics/reset") => op("resetConnectorActiveTopics", "Forgets which topics a connector has used")
            .answers_empty(202, "They are forgotten")
            .fails(&[UNTRACKED]),
        _ => return None,
    })
}

fn of_loggers(method: &str, path: &str, shapes: &mut Shapes) -> Option<Operation> {
    let op = |id, summary| Operation::new(id, ADMIN, summary);
    Some(match (method, path) {
        ("GET", "/admin/loggers") => op("listLoggers", "Loggers and their levels").answers(
            200,
            "By name",
            shapes.of::<BTreeMap<String, LevelShape<'_>>>(),
        ),
        ("GET", "/admin/loggers/{name}") => op("getLogger", "A logger's level")
            .answers(200, "And when it was changed", shapes.of::<LevelShape<'_>>())
            .fails(&[(404, "There is no such logger")]),
        ("PUT", "/admin/loggers/{name}") => op("setLevel", "Sets a logger's level, and that of those below it")
            .query("scope", "cluster: in all workers; whatever else is said: in this one", text())
            .body(shapes.of::<SetLevel>())
            .answers(200, "Loggers that have another level now", shapes.of::<Vec<String>>())
            .answers_empty(204, "All workers are told")
            .fails(&[(404, "There is no such level")]),
        _ => return None,
    })
}

/// For workers, which sign them. A worker that is alone always fails, and says so.
fn internal(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, INTERNAL, summary).between_workers().answers_empty(204, "It is done").fails(&[
        (400, "The request cannot be understood, or is not signed at all"),
        UNSIGNED,
        NO_CONNECTOR,
        BUSY,
        NO_KEY,
    ])
}

/// Its failures have a shape of their own, unless it was not even asked.
fn health(shapes: &mut Shapes) -> Operation {
    let health = shapes.of::<HealthShape<'_>>();
    let or_error = json!({"anyOf": [health, shapes.of::<ErrorBody>()]});
    Operation::new("healthCheck", WORKER, "Whether this worker can do its work")
        .answers(200, "It can", health)
        .answers(500, "It cannot", or_error.clone())
        .answers(503, "Not yet", or_error)
}

fn list(shapes: &mut Shapes) -> Operation {
    let names = shapes.of::<Vec<String>>();
    let expanded = shapes.of::<BTreeMap<String, ExpandedShape<'_>>>();
    let expand = json!({"type": "array", "items": {"type": "string", "enum": ["status", "info"]}});
    Operation::new("listConnectors", CONNECTORS, "Names of all connectors, or more about each")
        .query("expand", "What more; may come twice", expand)
        .answers(200, "Names, or by name what was asked for", json!({"anyOf": [names, expanded]}))
        .fails(&[BUSY])
}

fn list_of<T: JsonSchema>(shapes: &mut Shapes) -> Value {
    json!({"type": "array", "items": shapes.of::<T>()})
}

fn flag(default: bool) -> Value {
    json!({"type": "boolean", "default": default})
}

fn text() -> Value {
    json!({"type": "string"})
}
