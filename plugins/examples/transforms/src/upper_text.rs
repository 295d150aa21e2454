//! A converter that anybody can check by eye: text in capital letters, both ways.

use watertight_sdk::{Class, Converter, Datum, Failure, Place, Result, Value, ids};

use crate::VERSION;

/// Capital letters.
#[derive(Debug, Default)]
pub struct UpperTextConverter;

impl Converter for UpperTextConverter {
    const CLASS: Class = Class::new("watertight.example.UpperTextConverter", VERSION)
        .documentation("UTF-8 text in capital letters, for keys, values and headers");

    fn from_connect(&mut self, datum: Datum, _place: &mut Place<'_>) -> Result<Option<Vec<u8>>> {
        match datum.value {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text.to_uppercase().into_bytes())),
            Value::Boolean(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Bytes(_)
            | Value::Json(_)
            | Value::Tape(_) => Err(Failure::data("UpperTextConverter takes text and nothing else")),
        }
    }

    fn to_connect(&mut self, bytes: Option<Vec<u8>>, _place: &mut Place<'_>) -> Result<Datum> {
        let Some(bytes) = bytes else {
            return Ok(Datum { schema: ids::optional(ids::STRING), value: Value::Null });
        };
        let text = String::from_utf8(bytes)
            .map_err(|error| Failure::data("Failed to deserialize data to text").caused_by(error))?;
        Ok(Datum::of(ids::optional(ids::STRING), text.to_uppercase()))
    }
}
