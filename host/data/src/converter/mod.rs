//! Between Connect's data and the bytes of a Kafka record.
//!
//! Every converter of Kafka's that ships here is also a header converter, as in Java, so there is one trait.
//! Converters that need a Schema Registry get a trait object ([`registry`]); nothing here does I/O.

mod avro;
mod bounded;
mod bytes;
mod catalogue;
mod header;
mod json;
mod json_schema;
mod number;
mod protobuf;
pub mod registry;
mod string;

use std::sync::Arc;

pub use avro::AvroConverter;
pub use bytes::ByteArrayConverter;
pub use catalogue::{BUILT_IN, BuiltIn, create, find};
pub use header::SimpleHeaderConverter;
pub use json::{DecimalFormat, JsonConverter, JsonSettings};
pub use json_schema::{JsonSchemaConverter, JsonSchemaSettings};
pub use number::{BooleanConverter, NumberConverter};
pub use protobuf::{ProtobufConverter, ProtobufSettings};
pub use registry::{NoRegistries, Registries};
pub use string::StringConverter;

use crate::error::DataError;
use crate::schema::Schema;
use crate::value::{SchemaAndValue, Value};

/// `org.apache.kafka.connect.storage.Converter` and `HeaderConverter`.
#[allow(clippy::wrong_self_convention)]
pub trait Converter: Send + Sync {
    /// To bytes; `None` is a null key or value. Takes the value, so that text and bytes need not be copied.
    ///
    /// # Errors
    /// When the value does not fit its schema or cannot be said in this format.
    fn from_connect(
        &self,
        topic: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError>;

    /// From bytes; `None` is a null key or value.
    ///
    /// # Errors
    /// When the bytes are not of this format.
    fn to_connect(&self, topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError>;

    /// The same, from bytes that the caller needs no more: text and bytes then need not be copied.
    ///
    /// # Errors
    /// As [`Converter::to_connect`].
    fn to_connect_owned(&self, topic: &str, bytes: Option<Vec<u8>>) -> Result<SchemaAndValue, DataError> {
        self.to_connect(topic, bytes.as_deref())
    }

    /// Whether it asks a service, so that what fails now may work at another attempt.
    fn reaches_out(&self) -> bool {
        false
    }

    /// To the bytes of a header.
    ///
    /// # Errors
    /// As [`Converter::from_connect`].
    fn from_connect_header(
        &self,
        topic: &str,
        header_key: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        let _ = header_key;
        self.from_connect(topic, schema, value)
    }

    /// From the bytes of a header.
    ///
    /// # Errors
    /// As [`Converter::to_connect`].
    fn to_connect_header(
        &self,
        topic: &str,
        header_key: &str,
        bytes: Option<&[u8]>,
    ) -> Result<SchemaAndValue, DataError> {
        let _ = header_key;
        self.to_connect(topic, bytes)
    }
}
