//! Closed sets of words, taken from where they are closed.

use schemars::{Schema, SchemaGenerator, json_schema};
use watertight_worker::entities::State;
use watertight_worker::loggers::Level;

/// State of a connector or task.
pub(crate) fn state(_: &mut SchemaGenerator) -> Schema {
    let all = [State::Unassigned, State::Running, State::Paused, State::Failed, State::Stopped, State::Restarting];
    json_schema!({"type": "string", "enum": all.map(State::as_str)})
}

/// Which way a connector moves data.
pub(crate) fn connector_type(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["source", "sink", "unknown"]})
}

/// What a plugin is.
pub(crate) fn plugin_type(_: &mut SchemaGenerator) -> Schema {
    let all = ["source", "sink", "transformation", "predicate", "converter", "header_converter"];
    json_schema!({"type": "string", "enum": all})
}

/// A worker's health.
pub(crate) fn status(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["healthy", "starting", "unhealthy"]})
}

/// log4j's levels.
pub(crate) fn level(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": Level::WORDS.map(Level::as_str)})
}

/// Type of a setting.
pub(crate) fn kind(_: &mut SchemaGenerator) -> Schema {
    let all = ["BOOLEAN", "STRING", "INT", "SHORT", "LONG", "DOUBLE", "LIST", "CLASS", "PASSWORD"];
    json_schema!({"type": "string", "enum": all})
}

/// How much a setting matters.
pub(crate) fn importance(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["HIGH", "MEDIUM", "LOW"]})
}

/// Room that a form should give a setting.
pub(crate) fn width(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["NONE", "SHORT", "MEDIUM", "LONG"]})
}
