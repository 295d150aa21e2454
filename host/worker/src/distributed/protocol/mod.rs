//! What workers tell each other through the group coordinator, byte by byte as Kafka's do (KIP-415, KIP-507), so that a
//! cluster can be taken over while it runs, and a foreign worker in the group is understood, or told from one.
//!
//! Joining, each member sends a [`Subscription`]; whoever the coordinator makes the leader answers each with an
//! [`Assignment`]. Both come from other processes: whatever bytes arrive, reading them neither panics nor takes more
//! memory than a small multiple of their length.

mod assignment;
mod bytes;
mod subscription;

pub use assignment::{Assignment, Fault};
pub use bytes::ProtocolError;
pub use subscription::Subscription;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
