//! What a Connect record *is*, and how it becomes bytes: the data model, ConfigDef, converters, transforms, predicates.
//!
//! Nothing here does I/O or waits, so that everything can be tested as a table of inputs and outputs, and the
//! tables can be recorded from the genuine Java code. Where this crate looks odd (hash order, digits of a
//! double, upper-case hex) it is because Java's behaviour is part of the format: offset keys and compacted
//! topics are compared as bytes.

pub mod config;
pub mod converter;
pub mod error;
pub mod java;
pub mod logical;
pub mod predicate;
pub mod projector;
pub mod properties;
pub mod record;
pub mod schema;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transform;
pub mod validate;
pub mod value;
pub mod values;

pub use error::{ConfigError, DataError};
pub use record::{Origin, Record, RecordHeader, TimestampType};
pub use schema::{Field, Schema, Type};
pub use value::{Decimal, SchemaAndValue, Value};
