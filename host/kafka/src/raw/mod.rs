//! Kafka's protocol without librdkafka: single requests, asked and answered.
//!
//! librdkafka's admin calls lack some of what Connect needs (offsets of a whole group), drop the
//! broker's error text, and answer "end of topic" by the client's isolation level. Here a request
//! is built, sent to the right broker and read, with a time limit and a few retries; nothing runs
//! in the background and nothing blocks.

mod admin;
mod connection;
mod routing;

use std::time::Duration;

pub use admin::Admin;

/// What went wrong, at which broker, and which setting mends it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RawError {
    /// `bootstrap.servers` or another setting is no good.
    #[error(transparent)]
    Settings(#[from] crate::SettingsError),
    /// None of the brokers could be reached.
    #[error(
        "cannot reach a Kafka broker at {addresses} within {}s: {reason} (is it running, and is bootstrap.servers right?)",
        .waited.as_secs()
    )]
    Unreachable {
        /// What was tried.
        addresses: String,
        /// How long.
        waited: Duration,
        /// The last failure.
        reason: String,
    },
    /// A connection broke, or an answer did not come.
    #[error("broker {address}: {request}: {reason}")]
    Connection {
        /// The broker.
        address: String,
        /// The request that was under way.
        request: &'static str,
        /// What happened.
        reason: String,
    },
    /// The broker has no version of the request in common with us.
    #[error(
        "broker {address} offers {request} in versions {theirs}, this worker needs {ours}: the broker is too old or too new"
    )]
    Version {
        /// The broker.
        address: String,
        /// The request.
        request: &'static str,
        /// Versions offered.
        theirs: String,
        /// Versions understood.
        ours: String,
    },
    /// The broker answered with an error.
    #[error("broker {address}: {request}: {name} ({code}){}", detail(.message))]
    Broker {
        /// The broker.
        address: String,
        /// The request.
        request: &'static str,
        /// Kafka's error code.
        code: i16,
        /// The code's name.
        name: String,
        /// What the broker said about it, or about what.
        message: Option<String>,
    },
}

fn detail(message: &Option<String>) -> String {
    message.as_ref().map_or(String::new(), |text| format!(": {text}"))
}

impl RawError {
    /// An error code in a broker's answer.
    fn answered(address: &str, request: &'static str, code: i16, message: Option<String>) -> Self {
        let name = kafka_protocol::ResponseError::try_from_code(code)
            .map_or_else(|| "an error this worker does not know".to_owned(), |error| format!("{error:?}"));
        Self::Broker { address: address.to_owned(), request, code, name, message }
    }

    /// Whether the same request may succeed later.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Connection { .. } => true,
            Self::Broker { code, .. } => {
                kafka_protocol::ResponseError::try_from_code(*code).is_some_and(|error| error.is_retriable())
            }
            Self::Settings(_) | Self::Version { .. } => false,
        }
    }

    /// Kafka's error code, where a broker answered one.
    pub fn code(&self) -> Option<i16> {
        match self {
            Self::Broker { code, .. } => Some(*code),
            Self::Settings(_) | Self::Unreachable { .. } | Self::Connection { .. } | Self::Version { .. } => None,
        }
    }
}
