//! Kafka's own binary forms of numbers and booleans.

use std::sync::Arc;

use super::Converter;
use crate::error::DataError;
use crate::schema::{
    OPTIONAL_BOOLEAN, OPTIONAL_FLOAT32, OPTIONAL_FLOAT64, OPTIONAL_INT16, OPTIONAL_INT32, OPTIONAL_INT64, Schema, Type,
};
use crate::value::{SchemaAndValue, Value};

/// `ShortConverter` and its four siblings: big-endian, of one width, whatever the schema says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberConverter {
    /// `org.apache.kafka.connect.converters.ShortConverter`
    Short,
    /// `org.apache.kafka.connect.converters.IntegerConverter`
    Integer,
    /// `org.apache.kafka.connect.converters.LongConverter`
    Long,
    /// `org.apache.kafka.connect.converters.FloatConverter`
    Float,
    /// `org.apache.kafka.connect.converters.DoubleConverter`
    Double,
}

impl NumberConverter {
    fn word(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Integer => "integer",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
        }
    }

    fn schema(self) -> &'static Arc<Schema> {
        match self {
            Self::Short => OPTIONAL_INT16(),
            Self::Integer => OPTIONAL_INT32(),
            Self::Long => OPTIONAL_INT64(),
            Self::Float => OPTIONAL_FLOAT32(),
            Self::Double => OPTIONAL_FLOAT64(),
        }
    }

    fn decode(self, bytes: &[u8]) -> Result<Value, String> {
        let size = |name: &str, size: usize| format!("Size of data received by {name} is not {size}");
        match self {
            Self::Short => {
                fixed(bytes).map(|b| Value::Int16(i16::from_be_bytes(b))).ok_or(size("ShortDeserializer", 2))
            }
            Self::Integer => {
                fixed(bytes).map(|b| Value::Int32(i32::from_be_bytes(b))).ok_or(size("IntegerDeserializer", 4))
            }
            Self::Long => fixed(bytes).map(|b| Value::Int64(i64::from_be_bytes(b))).ok_or(size("LongDeserializer", 8)),
            Self::Float => fixed(bytes).map(|b| Value::Float32(f32::from_be_bytes(b))).ok_or(size("Deserializer", 4)),
            Self::Double => fixed(bytes).map(|b| Value::Float64(f64::from_be_bytes(b))).ok_or(size("Deserializer", 8)),
        }
    }
}

fn not_read(word: &str, cause: &str) -> DataError {
    let cause = format_args!("org.apache.kafka.common.errors.SerializationException: {cause}");
    DataError::caused_by(&format!("Failed to deserialize {word}: "), cause)
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

impl Converter for NumberConverter {
    fn from_connect(
        &self,
        _topic: &str,
        _schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        Ok(Some(match (self, value) {
            (_, Value::Null) => return Ok(None),
            (Self::Short, Value::Int16(n)) => n.to_be_bytes().to_vec(),
            (Self::Integer, Value::Int32(n)) => n.to_be_bytes().to_vec(),
            (Self::Long, Value::Int64(n)) => n.to_be_bytes().to_vec(),
            (Self::Float, Value::Float32(n)) => n.to_be_bytes().to_vec(),
            (Self::Double, Value::Float64(n)) => n.to_be_bytes().to_vec(),
            (_, other) => {
                return Err(DataError::new(format!(
                    "Failed to serialize to {} (was class {}): ",
                    self.word(),
                    other.java_class()
                )));
            }
        }))
    }

    fn to_connect(&self, _topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        let value = match bytes {
            None => Value::Null,
            Some(bytes) => self.decode(bytes).map_err(|cause| not_read(self.word(), &cause))?,
        };
        Ok(SchemaAndValue::new(Some(self.schema().clone()), value))
    }
}

/// `org.apache.kafka.connect.converters.BooleanConverter`: one byte.
#[derive(Debug, Clone, Copy, Default)]
pub struct BooleanConverter;

impl Converter for BooleanConverter {
    fn from_connect(
        &self,
        _topic: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        if let Some(schema) = schema
            && schema.ty != Type::Boolean
        {
            return Err(DataError::new(format!("Invalid schema type for BooleanConverter: {}", schema.ty)));
        }
        match value {
            Value::Null => Ok(None),
            Value::Boolean(flag) => Ok(Some(vec![u8::from(flag)])),
            other => Err(DataError::new(format!(
                "BooleanConverter is not compatible with objects of type class {}",
                other.java_class()
            ))),
        }
    }

    fn to_connect(&self, _topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        let refuse = |cause: String| Err(not_read("boolean", &cause));
        let value = match bytes {
            None => Value::Null,
            Some([0]) => Value::Boolean(false),
            Some([1]) => Value::Boolean(true),
            Some([byte]) => {
                return refuse(format!("Unexpected byte received by BooleanDeserializer: {}", byte.cast_signed()));
            }
            Some(_) => {
                return refuse("Size of data received by BooleanDeserializer is not 1".to_owned());
            }
        };
        Ok(SchemaAndValue::new(Some(OPTIONAL_BOOLEAN().clone()), value))
    }
}
