//! A client for Schema Registries that speak Confluent's REST interface.
//!
//! Blocking, because it is asked a few times in a task's life: converters remember what they learn, and what they
//! forget is remembered here. Several addresses are tried in turn, answers that may be better a little later are
//! waited for, and everything that cannot change (the schema of an id, the id of a schema) is asked once. That
//! something is *not* there is never remembered.

mod auth;
mod cache;
mod client;
mod settings;
#[cfg(test)]
mod tests;
mod tls;

pub use client::RegistryClient;
pub use settings::RegistrySettings;

/// A schema as a registry keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegistrySchema {
    /// `AVRO`, `PROTOBUF`, `JSON`.
    pub kind: String,
    /// Its text.
    pub text: String,
    /// What it needs, in order.
    pub references: Vec<RegistryReference>,
}

/// Another schema that a schema needs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegistryReference {
    /// What the schema calls it.
    pub name: String,
    /// Where it is registered.
    pub subject: String,
    /// Which version of it.
    pub version: i32,
}

/// A schema at its place in a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryVersion {
    /// The subject.
    pub subject: String,
    /// 1 for the first.
    pub version: i32,
    /// The schema's id.
    pub id: i32,
    /// The schema.
    pub schema: RegistrySchema,
}

/// Why there is no answer. None of its texts holds credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryFault {
    /// The registry's own answer.
    #[error("{message}; error code: {code}")]
    Refused {
        /// HTTP's status.
        status: u16,
        /// The registry's `error_code`; the status where it has none.
        code: i32,
        /// Its words.
        message: String,
    },
    /// No address could be reached.
    #[error("{0}")]
    Unreachable(String),
    /// An answer that cannot be understood.
    #[error("{0}")]
    Malformed(String),
}

impl RegistryFault {
    /// Whether the same question may be answered later.
    pub fn is_passing(&self) -> bool {
        match self {
            RegistryFault::Refused { status, .. } => matches!(status, 408 | 429 | 500..=599),
            RegistryFault::Unreachable(_) => true,
            RegistryFault::Malformed(_) => false,
        }
    }
}
