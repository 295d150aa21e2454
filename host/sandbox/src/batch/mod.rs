//! Records in batches, to transforms, predicates and converters and back.
//!
//! On the way in, records are only looked at (`plan`): the worker keeps them, so that one that a transform leaves
//! alone costs nothing on the way back. On the way out every answer is checked (`outcome`) before anybody sees it:
//! one outcome a record, topics that exist, values that fit their schemas, no more bytes than allowed.
//!
//! Two kinds of wrong answers are told apart. What makes the *batch* unreadable (too few outcomes, a topic out of
//! range, too many bytes) is against the contract, and the instance is not used again. A *value* that does not hold
//! fails its record only, as an exception of a transform in Java does, and `errors.tolerance` decides.

mod items;
mod outcome;
mod plan;
mod wire;

pub(crate) use items::{plan_data, plan_raw};
pub use outcome::{Encoded, Outcome, data_error, size_of_datum};
pub(crate) use outcome::{Settled, bytes_out, data_in, same_number, settle, size_of};
pub use plan::{FromItem, ToItem};
pub(crate) use plan::{Room, plan};
pub(crate) use wire::{FromItem as WireFromItem, MessageBatch, ToItem as WireToItem};

use crate::bindings::watertight::types::common::Failure;

/// At most so many records go in one call: larger batches gain nothing and hold more memory.
pub(crate) const RECORDS: usize = 1_000;

/// A record whose data is at fault.
pub(crate) fn refused(message: String) -> Failure {
    Failure { code: "data".into(), message, trace: None, retriable: false, retry_after_ms: None }
}
