//! Producers shared by tasks, with a window in front of each task.
//!
//! A librdkafka producer costs three threads and wakes them every second, so tasks of equal
//! settings share a few. What sharing must not do is let one task fill the queue of all, or let a
//! cancelled task's records trickle out long after its successor started: each task has a
//! **window** ([`WINDOW_RECORDS`], [`WINDOW_BYTES`]), and only what is inside it can still be sent
//! once the task is gone.
//!
//! Delivery reports come back as events. Whoever polls them, usually a task that is sending
//! anyway, sorts them into the owners' queues, one lock per run of records of one task. Nothing is
//! allocated or counted per record: the record's opaque pointer holds the task's slot and its
//! sequence number.

mod close;
mod lease;
mod pool;
mod send;
mod shared;
mod slot;
mod transactions;

pub use lease::ProducerLease;
pub use pool::ProducerPool;
pub use send::{OutRecord, SendError};
pub use transactions::TransactionError;

/// Records of one task that may be on their way.
pub const WINDOW_RECORDS: usize = 100_000;

/// Bytes (keys and values) of one task that may be on their way; one record may always be.
pub const WINDOW_BYTES: usize = 16 * 1024 * 1024;

/// The fate of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// The number given to [`ProducerLease::send`].
    pub seq: u64,
    /// Partition and offset, or why it was not written. The offset is negative where the broker
    /// tells none (`acks=0`).
    pub result: Result<(i32, i64), DeliveryError>,
}

/// Why a record was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text} ({name})")]
pub struct DeliveryError {
    /// Sending it again may succeed. Java waits for a missing topic for ever, so that counts too.
    pub retriable: bool,
    /// The producer is of no use any more.
    pub fatal: bool,
    /// librdkafka's code.
    pub code: i32,
    /// The code's name, such as `_MSG_TIMED_OUT`.
    pub name: &'static str,
    /// The code's description.
    pub text: &'static str,
}
