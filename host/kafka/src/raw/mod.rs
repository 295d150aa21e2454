//! Kafka's protocol without librdkafka: single requests, asked and answered.
//!
//! librdkafka's admin calls lack some of what Connect needs (offsets of a whole group), drop the
//! broker's error text, and answer "end of topic" by the client's isolation level. Here a request
//! is built, sent to the right broker and read, with a time limit and a few retries; nothing runs
//! in the background and nothing blocks.

mod admin;
mod configs;
mod connection;
mod fencing;
mod groups;
mod routing;
mod sasl;
mod scram;
mod stream;
mod topics;

use std::time::Duration;

pub use admin::Admin;
pub(crate) use connection::{Request, Versions};
pub(crate) use routing::{Brokers, Coordinated};

/// A topic to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// How many partitions; -1 for the broker's `num.partitions`.
    pub partitions: i32,
    /// How many copies of each; -1 for the broker's `default.replication.factor`.
    pub replication_factor: i16,
    /// Settings such as `cleanup.policy`.
    pub configs: Vec<(String, String)>,
}

impl NewTopic {
    /// A topic with the broker's defaults.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), partitions: -1, replication_factor: -1, configs: Vec::new() }
    }
}

/// What became of a topic that was to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It was created.
    Created,
    /// There was one of that name, of whatever settings.
    AlreadyExists,
}

/// A topic as the cluster has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicDescription {
    /// Its name.
    pub name: String,
    /// How many partitions it has.
    pub partitions: usize,
    /// How many brokers have each partition, at most.
    pub replication_factor: usize,
    /// Whether it is one of Kafka's own.
    pub internal: bool,
}

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
    /// No TLS connection came about: the broker's certificate or ours is not trusted, or is for another name.
    #[error("broker {address}: SSL handshake failed: {reason}")]
    Tls {
        /// The broker.
        address: String,
        /// What is wrong.
        reason: String,
    },
    /// We could not say who we are, or the broker not who it is.
    #[error("broker {address}: {mechanism} authentication failed: {reason}")]
    Authentication {
        /// The broker.
        address: String,
        /// The SASL mechanism.
        mechanism: &'static str,
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

/// `UnknownTopicOrPartition`, as Kafka writes it: `UNKNOWN_TOPIC_OR_PARTITION`.
fn kafkas_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}

impl RawError {
    /// An error code in a broker's answer.
    pub(crate) fn answered(address: &str, request: &'static str, code: i16, message: Option<String>) -> Self {
        let name = kafka_protocol::ResponseError::try_from_code(code).map_or_else(
            || "an error this worker does not know".to_owned(),
            |error| kafkas_name(&format!("{error:?}")),
        );
        Self::Broker { address: address.to_owned(), request, code, name, message }
    }

    /// Whether the same request may succeed later.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Connection { .. } => true,
            Self::Broker { code, .. } => {
                // Java's admin client waits for a group that is being rebalanced, though the error is not one of those
                // that it calls retriable.
                const REBALANCE_IN_PROGRESS: i16 = 27;
                let known = kafka_protocol::ResponseError::try_from_code(*code);
                *code == REBALANCE_IN_PROGRESS || known.is_some_and(|error| error.is_retriable())
            }
            Self::Settings(_) | Self::Tls { .. } | Self::Authentication { .. } | Self::Version { .. } => false,
        }
    }

    /// Whether credentials or permissions are missing: asking again will not help, somebody must grant them.
    pub fn is_authorization(&self) -> bool {
        const CODES: [i16; 7] = [
            29, // TOPIC_AUTHORIZATION_FAILED
            30, // GROUP_AUTHORIZATION_FAILED
            31, // CLUSTER_AUTHORIZATION_FAILED
            33, // UNSUPPORTED_SASL_MECHANISM
            53, // TRANSACTIONAL_ID_AUTHORIZATION_FAILED
            58, // SASL_AUTHENTICATION_FAILED
            65, // DELEGATION_TOKEN_AUTHORIZATION_FAILED
        ];
        matches!(self, Self::Tls { .. } | Self::Authentication { .. })
            || self.code().is_some_and(|code| CODES.contains(&code))
    }

    /// Whether the brokers are too old (or too new) to be asked this at all.
    pub fn is_unsupported(&self) -> bool {
        const UNSUPPORTED_VERSION: i16 = 35;
        matches!(self, Self::Version { .. }) || self.code() == Some(UNSUPPORTED_VERSION)
    }

    /// The broker's own words, where it gave some.
    pub fn broker_message(&self) -> Option<&str> {
        match self {
            Self::Broker { message, .. } => message.as_deref(),
            Self::Settings(_)
            | Self::Unreachable { .. }
            | Self::Connection { .. }
            | Self::Tls { .. }
            | Self::Authentication { .. }
            | Self::Version { .. } => None,
        }
    }

    /// Kafka's error code, where a broker answered one.
    pub fn code(&self) -> Option<i16> {
        match self {
            Self::Broker { code, .. } => Some(*code),
            Self::Settings(_)
            | Self::Unreachable { .. }
            | Self::Connection { .. }
            | Self::Tls { .. }
            | Self::Authentication { .. }
            | Self::Version { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RawError;

    #[test]
    fn errors_have_kafkas_names() {
        let error = RawError::answered("a:1", "OffsetCommit", 3, Some("t-0".into()));
        assert_eq!(error.to_string(), "broker a:1: OffsetCommit: UNKNOWN_TOPIC_OR_PARTITION (3): t-0");
    }
}
