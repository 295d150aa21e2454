//! The two ways data can be wrong: the data itself, or the setting that says how to read it.
//!
//! Both carry one finished sentence, because that sentence ends up in a task's trace or in a REST answer and
//! is compared with Kafka's by people and by tests.

use std::fmt::Display;

/// Data that does not fit: Kafka's `DataException`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DataError {
    message: String,
}

impl DataError {
    /// An error with Kafka's words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// Kafka's words (which then end in `: `) followed by what Java would put under `Caused by`.
    pub fn caused_by(message: &str, cause: impl Display) -> Self {
        Self { message: format!("{message}{cause}") }
    }

    /// The whole sentence.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A setting that cannot be used: Kafka's `ConfigException`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    message: String,
}

impl ConfigError {
    /// An error in words of its own.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// `Invalid value V for configuration K: reason`, the form nearly all of them have.
    pub fn invalid(name: &str, value: impl Display, reason: impl Display) -> Self {
        Self { message: format!("Invalid value {value} for configuration {name}: {reason}") }
    }

    /// `Missing required configuration "K" which has no default value.`
    pub fn missing(name: &str) -> Self {
        Self { message: format!("Missing required configuration \"{name}\" which has no default value.") }
    }

    /// The whole sentence.
    pub fn message(&self) -> &str {
        &self.message
    }
}
