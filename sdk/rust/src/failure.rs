//! Errors as the worker wants them: a message to a person and an instruction to the host.

use crate::Failure;

impl Failure {
    /// A failure with a code of the plugin's own; a Java exception's class name is welcome.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), trace: None, retriable: false, retry_after_ms: None }
    }

    /// The configuration is at fault.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new("config", message)
    }

    /// Kafka's wording for a value that will not do.
    pub fn invalid_value(name: &str, value: &str, reason: &str) -> Self {
        Self::config(format!("Invalid value {value} for configuration {name}: {reason}"))
    }

    /// The data is at fault: this record will never pass.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new("data", message)
    }

    /// The other system cannot be reached at the moment: the same call may succeed later.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new("unavailable", message).retriable(None)
    }

    /// Not offered by this plugin.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new("unsupported", message)
    }

    /// Asks the worker to try the same call again, after so many milliseconds if given.
    #[must_use]
    pub fn retriable(mut self, after_ms: Option<u64>) -> Self {
        self.retriable = true;
        self.retry_after_ms = after_ms;
        self
    }

    /// What led here, for the trace in the connector's status.
    #[must_use]
    pub fn caused_by(mut self, cause: impl std::fmt::Display) -> Self {
        let cause = format!("Caused by: {cause}");
        self.trace = Some(match self.trace {
            Some(trace) => format!("{trace}\n{cause}"),
            None => cause,
        });
        self
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new("io", error.to_string())
    }
}
