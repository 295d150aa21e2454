//! Values of the config topic, byte for byte as Kafka Connect writes them.

use watertight_data::java::hash::string_map_order;

use super::SessionKey;
use crate::entities::{ConfigMap, RestartRequest, TargetState};
use crate::storage::write::{Field, object};

/// Kafka's words for a target state.
pub(super) const TARGETS: [(&str, TargetState); 3] =
    [("STARTED", TargetState::Started), ("PAUSED", TargetState::Paused), ("STOPPED", TargetState::Stopped)];

fn word(target: TargetState) -> &'static str {
    match target {
        TargetState::Started => "STARTED",
        TargetState::Paused => "PAUSED",
        TargetState::Stopped => "STOPPED",
    }
}

/// A task's settings. Kafka's worker makes a `HashMap` of them.
pub(super) fn task(settings: &ConfigMap) -> Vec<u8> {
    let mut fields: Vec<(String, String)> =
        settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    string_map_order(&mut fields);
    properties(&fields.into_iter().collect())
}

/// A connector's config, in the order in which it was given.
pub(super) fn properties(config: &ConfigMap) -> Vec<u8> {
    object(&[("properties", Field::Map(config))])
}

/// A commit of so many tasks.
pub(super) fn commit(tasks: u32) -> Vec<u8> {
    object(&[("tasks", Field::Number(tasks.into()))])
}

/// What is wanted. Workers that know nothing of stopping pause instead.
pub(super) fn target(target: TargetState) -> Vec<u8> {
    let old = if target == TargetState::Stopped { TargetState::Paused } else { target };
    object(&[("state", Field::Text(word(old))), ("state.v2", Field::Text(word(target)))])
}

/// So many tasks have been fenced.
pub(super) fn task_count(tasks: u32) -> Vec<u8> {
    object(&[("task-count", Field::Number(tasks.into()))])
}

/// The key of internal requests.
pub(super) fn session_key(key: &SessionKey) -> Vec<u8> {
    object(&[
        ("key", Field::Bytes(&key.key)),
        ("algorithm", Field::Text(&key.algorithm)),
        ("creation-timestamp", Field::Number(key.created)),
    ])
}

/// A wish for a restart.
pub(super) fn restart(request: RestartRequest) -> Vec<u8> {
    object(&[("include-tasks", Field::Flag(request.include_tasks)), ("only-failed", Field::Flag(request.only_failed))])
}

/// A logger's level.
pub(super) fn logger(level: &str) -> Vec<u8> {
    object(&[("level", Field::Text(level))])
}
