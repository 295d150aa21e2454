//! A source and a sink that do next to nothing: what is left is the boundary between worker and plugin.
//!
//! They are compiled twice, as a component and as an ordinary Rust library, and the benchmark calls both. What a
//! record costs natively is what the connector itself costs; the rest is the boundary's.

pub mod sink;
pub mod source;

use watertight_sdk::{Config, ConfigKey, Failure, Kind, Result};

watertight_sdk::export! { sources: [source::BenchSourceConnector], sinks: [sink::BenchSinkConnector] }

const SHAPE: ConfigKey = ConfigKey::new("shape", Kind::String)
    .default_value("text")
    .documentation("What the source makes: text of 100 bytes, or a row of ten fields");

const RECORDS: ConfigKey = ConfigKey::new("records", Kind::Long)
    .default_value("-1")
    .documentation("How many records the source makes; -1: no end");

const TOPIC: ConfigKey = ConfigKey::new("topic", Kind::String).default_value("bench").documentation("Where they go");

/// Bytes of a text record.
pub const WIDTH: usize = 100;

/// What a record is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// [`WIDTH`] bytes.
    #[default]
    Text,
    /// Ten fields under one schema: four numbers, two floats, two booleans, two texts of 20 bytes.
    Row,
}

impl Shape {
    /// As in the setting.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Row => "row",
        }
    }

    fn of(config: &Config) -> Result<Self> {
        match config.string(&SHAPE)? {
            "text" => Ok(Self::Text),
            "row" => Ok(Self::Row),
            other => Err(Failure::config(format!("shape={other} is neither text nor row"))),
        }
    }
}
