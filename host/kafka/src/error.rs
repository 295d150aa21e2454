//! What librdkafka reports, sorted by what the caller can do about it.

use crate::native::code;

/// A failed call or a reported condition of a librdkafka client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KafkaError {
    /// The client could not be created from its settings.
    #[error("cannot create the Kafka client: {0}")]
    Creation(String),
    /// A call failed, or the client reported an error on its own.
    #[error("{action}: {text} ({name})")]
    Client {
        /// What was being done.
        action: &'static str,
        /// librdkafka's error code; negative codes are its own, positive ones the broker's.
        code: i32,
        /// The code's name, such as `_TRANSPORT`.
        name: &'static str,
        /// What librdkafka said.
        text: String,
    },
    /// The blocking half of a call was cancelled by the runtime's shutdown.
    #[error("{0}: the worker is shutting down")]
    ShuttingDown(&'static str),
}

impl KafkaError {
    pub(crate) fn from_code(action: &'static str, code: i32) -> Self {
        Self::Client { action, code, name: code::name(code), text: code::text(code).to_owned() }
    }

    pub(crate) fn with_text(action: &'static str, code: i32, text: String) -> Self {
        if text.is_empty() {
            return Self::from_code(action, code);
        }
        Self::Client { action, code, name: code::name(code), text }
    }

    /// librdkafka's code, where there is one.
    pub fn code(&self) -> Option<i32> {
        match self {
            Self::Client { code, .. } => Some(*code),
            Self::Creation(_) | Self::ShuttingDown(_) => None,
        }
    }

    /// That code's name, such as `_FENCED`; empty where there is none.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Client { name, .. } => name,
            Self::Creation(_) | Self::ShuttingDown(_) => "",
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_retriable(&self) -> bool {
        !self.is_authorization() && self.code().is_some_and(code::is_retriable)
    }

    /// Whether credentials or permissions are missing. librdkafka would retry for ever; the Java
    /// clients throw, and so a task fails.
    pub fn is_authorization(&self) -> bool {
        match self {
            Self::Client { code, text, .. } => {
                code::is_authorization(*code) || *code == code::TRANSPORT && is_about_certificates(text)
            }
            Self::Creation(_) | Self::ShuttingDown(_) => false,
        }
    }
}

/// A certificate that one side does not accept is a broken connection to librdkafka, now and then. With TLS 1.3 the
/// broker even says so after the handshake.
fn is_about_certificates(text: &str) -> bool {
    const PHRASES: [&str; 8] = [
        "certificate verify failed",
        "alert certificate required",
        "alert unknown ca",
        "alert bad certificate",
        "alert unsupported certificate",
        "alert certificate revoked",
        "alert certificate expired",
        "alert certificate unknown",
    ];
    PHRASES.iter().any(|phrase| text.contains(phrase))
}
