//! What may go wrong, with the line that would mend it.

use std::net::IpAddr;
use std::time::Duration;

use super::address::Kind;
use super::{BadHost, KEY};

/// A policy that cannot be meant, in Kafka's words.
#[derive(Debug, thiserror::Error)]
#[error("Invalid value {value} for configuration {KEY}: {reason}")]
pub struct PolicyError {
    pub(super) value: String,
    pub(super) reason: String,
}

/// No connection.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// This can name no host.
    #[error(transparent)]
    Host(#[from] BadHost),
    /// The policy does not name it.
    #[error(
        "Connecting to {target} is not granted. If the address is right, add it to the worker property {KEY}: {target}"
    )]
    Denied {
        /// Host and port, as they stand in the setting.
        target: String,
    },
    /// The name leads to where a name alone may not lead.
    #[error(
        "Connecting to {target} is not granted: the name leads to {address}, {kind}. If that is meant, add it to the \
         worker property {KEY}: {line}"
    )]
    Redirected {
        /// Host and port, as they were asked for.
        target: String,
        /// The address that was answered.
        address: IpAddr,
        /// What is special about it.
        kind: Kind,
        /// Address and port, as they stand in the setting.
        line: String,
    },
    /// The name leads nowhere.
    #[error("Cannot find the address of {host}: {reason}")]
    Unknown {
        /// The name.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// Nobody answers, or somebody refuses.
    #[error("Cannot connect to {target}: {reason}")]
    Unreachable {
        /// Host and port.
        target: String,
        /// What each address said.
        reason: String,
    },
    /// It took too long.
    #[error("Cannot connect to {target} within {} ms", limit.as_millis())]
    TimedOut {
        /// Host and port.
        target: String,
        /// How long was waited.
        limit: Duration,
    },
}

impl NetError {
    /// A grant is missing, or the name is none: trying again helps nobody.
    pub fn denied(&self) -> bool {
        match self {
            Self::Host(_) | Self::Denied { .. } | Self::Redirected { .. } => true,
            Self::Unknown { .. } | Self::Unreachable { .. } | Self::TimedOut { .. } => false,
        }
    }
}
