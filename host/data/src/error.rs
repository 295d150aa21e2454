//! The two ways data can be wrong: the data itself, or the setting that says how to read it.
//!
//! Both carry one finished sentence, because that sentence ends up in a task's trace or in a REST answer and
//! is compared with Kafka's by people and by tests.

use std::borrow::Cow;
use std::fmt::Display;

/// Data that does not fit: one of Kafka's exceptions, mostly `DataException`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DataError {
    class: Cow<'static, str>,
    message: String,
    /// How much of `message` is the exception's own; the rest is its cause's.
    own: usize,
    /// Where the cause begins.
    cause: usize,
    trace: Option<String>,
    retriable: bool,
}

/// What Kafka throws unless it has something more exact.
pub const DATA_EXCEPTION: &str = "org.apache.kafka.connect.errors.DataException";

/// What Kafka throws for a schema that cannot be.
pub const SCHEMA_BUILDER_EXCEPTION: &str = "org.apache.kafka.connect.errors.SchemaBuilderException";
/// What Java throws where Kafka forgot that something may be missing.
pub const NULL_POINTER_EXCEPTION: &str = "java.lang.NullPointerException";

impl DataError {
    /// An error with Kafka's words.
    pub fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        let own = message.len();
        Self { class: Cow::Borrowed(DATA_EXCEPTION), message, own, cause: own, trace: None, retriable: false }
    }

    /// Kafka's words (which often end in `: `) followed by what Java would put under `Caused by`.
    pub fn caused_by(message: &str, cause: impl Display) -> Self {
        let link = if message.ends_with(' ') { "" } else { ": " };
        let error = Self::new(format!("{message}{link}{cause}"));
        Self { own: message.len(), cause: message.len() + link.len(), ..error }
    }

    /// The same as another of Kafka's or Java's exception classes (full name).
    pub fn with_class(mut self, class: impl Into<Cow<'static, str>>) -> Self {
        self.class = class.into();
        self
    }

    /// The same, worth another try (`RetriableException`).
    pub fn with_retriable(mut self, retriable: bool) -> Self {
        self.retriable = retriable;
        self
    }

    /// The same with more for the trace, such as the stack of a guest.
    pub fn with_trace(mut self, trace: Option<String>) -> Self {
        self.trace = trace;
        self
    }

    /// The Java class that Kafka's context headers and traces name.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// The whole sentence, cause included.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What Java's `getMessage` gives: without the cause.
    pub fn own_message(&self) -> &str {
        self.message.get(..self.own).unwrap_or(&self.message)
    }

    /// Worth another try.
    pub fn is_retriable(&self) -> bool {
        self.retriable
    }

    /// As Java prints it: class, message, cause.
    pub fn stack_trace(&self) -> String {
        let mut text = format!("{}: {}", self.class, self.own_message());
        if let Some(cause) = self.message.get(self.cause..).filter(|cause| !cause.is_empty()) {
            text.push_str("\nCaused by: ");
            text.push_str(cause);
        }
        if let Some(trace) = &self.trace {
            text.push('\n');
            text.push_str(trace);
        }
        text
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
