//! What a cluster of workers knows, in three compacted topics of Kafka Connect's own format: which connectors there
//! are and what is wanted of them ([`ConfigLog`]), how everything is doing ([`StatusLog`]), how far sources have got
//! ([`OffsetLog`]). A worker holds what they say in memory and answers from there; what it writes, it reads back like
//! everybody else. So all workers see the same in the same order, a restart forgets nothing, and a JVM worker can be
//! pointed at the same topics, before us or after us.
//!
//! Nothing here decides who may write: that is the herder's business. What cannot be understood in a topic is said in
//! the log and passed over; it is never overwritten.

pub mod config;
pub mod error;
mod live;
mod log;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod memory;
pub mod offset;
mod parts;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod recorded;
pub mod status;
pub mod topics;
mod write;

pub use config::{ClusterState, ConfigEvent, ConfigLog, ConnectorState, SessionKey};
pub use error::StorageError;
pub use offset::{ConnectorOffsets, OffsetLog, OffsetLogs};
pub use parts::StorageParts;
pub use status::StatusLog;
