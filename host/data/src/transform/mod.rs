//! Single message transforms: all that Kafka ships, with its messages and its map orders.
//!
//! A record is moved through a transform, and values are taken out of it rather than copied. What follows from
//! a schema alone (the new schema, which field goes where) is worked out once per schema and kept.

mod cache;
mod cast;
mod catalogue;
mod drop_headers;
mod exception;
mod extract_field;
mod field_path;
mod filter;
mod flatten;
mod hash_map;
mod header_from;
mod hoist_field;
mod insert_field;
mod insert_header;
mod mask_field;
mod regex_router;
mod replace_field;
mod require;
mod set_schema_metadata;
mod settings;
mod side;
mod structs;
mod timestamp_converter;
mod timestamp_router;
mod value_to_key;

pub use catalogue::{BUILT_IN, BuiltIn, PLUGIN_TYPE, create, find};
use side::Side;

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
