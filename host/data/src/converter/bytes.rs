//! Bytes as they are.

use std::sync::Arc;

use super::Converter;
use crate::error::DataError;
use crate::schema::{OPTIONAL_BYTES, Schema, Type};
use crate::value::{SchemaAndValue, Value};

/// `org.apache.kafka.connect.converters.ByteArrayConverter`.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByteArrayConverter;

impl Converter for ByteArrayConverter {
    fn from_connect(
        &self,
        _topic: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        if let Some(schema) = schema
            && schema.ty != Type::Bytes
        {
            return Err(DataError::new(format!("Invalid schema type for ByteArrayConverter: {}", schema.ty)));
        }
        match value {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes)),
            other => Err(DataError::new(format!(
                "ByteArrayConverter is not compatible with objects of type class {}",
                other.java_class()
            ))),
        }
    }

    fn to_connect(&self, _topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        let value = bytes.map_or(Value::Null, |bytes| Value::Bytes(bytes.to_vec()));
        Ok(SchemaAndValue::new(Some(OPTIONAL_BYTES().clone()), value))
    }

    fn to_connect_owned(&self, _topic: &str, bytes: Option<Vec<u8>>) -> Result<SchemaAndValue, DataError> {
        Ok(SchemaAndValue::new(Some(OPTIONAL_BYTES().clone()), bytes.map_or(Value::Null, Value::Bytes)))
    }
}
