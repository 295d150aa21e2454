//! `org.apache.kafka.connect.storage.SimpleHeaderConverter`: headers as text that says what it is.
//!
//! Reading guesses: `5` is an INT8, `1.5` a FLOAT32, `2020-01-01` a Date, `[1,2]` an array, everything else text.

use std::sync::Arc;

use super::Converter;
use crate::error::DataError;
use crate::java::utf8;
use crate::schema::Schema;
use crate::value::{SchemaAndValue, Value};
use crate::values;

/// The default of `header.converter`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SimpleHeaderConverter;

impl Converter for SimpleHeaderConverter {
    fn from_connect(
        &self,
        _topic: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        match value {
            Value::String(text) => Ok(Some(text.into_bytes())),
            other => Ok(values::convert_to_string(schema.map(|schema| &**schema), &other)?.map(String::into_bytes)),
        }
    }

    fn to_connect(&self, _topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        Ok(bytes.map_or(SchemaAndValue::NULL, |bytes| values::parse_string(&utf8::decode(bytes))))
    }
}
