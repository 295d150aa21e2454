//! Predicates: what decides whether a transform applies to a record.

mod catalogue;
mod has_header_key;
mod record_is_tombstone;
mod topic_name_matches;

pub use catalogue::{BUILT_IN, BuiltIn, PLUGIN_TYPE, create, find};

use crate::error::DataError;
use crate::record::Record;

/// `org.apache.kafka.connect.transforms.predicates.Predicate`, configured.
pub trait Predicate: Send {
    /// Whether the transform applies.
    ///
    /// # Errors
    /// As Kafka's.
    fn test(&mut self, record: &Record) -> Result<bool, DataError>;
}
