//! Single message transforms.

mod catalogue;

pub use catalogue::{BUILT_IN, BuiltIn, create, find};

use crate::error::DataError;
use crate::record::Record;

/// `org.apache.kafka.connect.transforms.Transformation`, configured.
pub trait Transformation: Send {
    /// The record as it goes on; none: it is dropped.
    ///
    /// # Errors
    /// As Kafka's: the message and exception class are the genuine ones.
    fn apply(&mut self, record: Record) -> Result<Option<Record>, DataError>;
}
