//! Bodies that clients send. Their readers are written by hand, because they take more than a derived reader would
//! (numbers where text is meant) and less (unknown fields); so are their descriptions.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::request::offsets::AlterOffsets;
use crate::request::{CreateConnector, FlatConfig};

impl JsonSchema for FlatConfig {
    fn schema_name() -> Cow<'static, str> {
        "Config".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Settings. What is no text becomes text as it is written.",
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        })
    }
}

impl JsonSchema for CreateConnector {
    fn schema_name() -> Cow<'static, str> {
        "CreateConnectorRequest".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "config": generator.subschema_for::<FlatConfig>(),
                "initial_state": {
                    "type": ["string", "null"],
                    "enum": ["RUNNING", "PAUSED", "STOPPED", null],
                    "description": "In any case of letters.",
                },
            },
            "required": ["name", "config"],
            "additionalProperties": false,
        })
    }
}

impl JsonSchema for AlterOffsets {
    fn schema_name() -> Cow<'static, str> {
        "AlterOffsetsRequest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "offsets": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "properties": {
                            "partition": {
                                "type": ["object", "null"],
                                "description": "Of a sink: kafka_topic and kafka_partition.",
                            },
                            "offset": {
                                "type": ["object", "null"],
                                "description": "Of a sink: kafka_offset. Null takes the offset away.",
                            },
                        },
                        "required": ["partition", "offset"],
                        "additionalProperties": false,
                    },
                },
            },
            "required": ["offsets"],
            "additionalProperties": false,
        })
    }
}

/// `PUT /admin/loggers/{name}`; read as any flat map.
pub(super) struct SetLevel;

impl JsonSchema for SetLevel {
    fn schema_name() -> Cow<'static, str> {
        "SetLevelRequest".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {"level": super::level(generator)},
            "required": ["level"],
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        })
    }
}
