//! Connect's logical types: a name on a schema, and how the value is encoded underneath.

use std::sync::Arc;

use crate::error::{DataError, NULL_POINTER_EXCEPTION};
use crate::schema::{Schema, Type};
use crate::value::{Decimal, Value};

/// `BigDecimal` over BYTES, with parameter [`SCALE`].
pub const DECIMAL: &str = "org.apache.kafka.connect.data.Decimal";
/// A day, over INT32: days since the epoch.
pub const DATE: &str = "org.apache.kafka.connect.data.Date";
/// A time of day, over INT32: milliseconds.
pub const TIME: &str = "org.apache.kafka.connect.data.Time";
/// An instant, over INT64: milliseconds since the epoch.
pub const TIMESTAMP: &str = "org.apache.kafka.connect.data.Timestamp";
/// The decimal's parameter.
pub const SCALE: &str = "scale";

const DAY: i64 = 86_400_000;

/// Which of the four a schema is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logical {
    /// [`DECIMAL`]
    Decimal,
    /// [`DATE`]
    Date,
    /// [`TIME`]
    Time,
    /// [`TIMESTAMP`]
    Timestamp,
}

impl Logical {
    /// By the schema's name; none for any other schema.
    pub fn of(schema: &Schema) -> Option<Self> {
        match schema.name.as_deref()? {
            DECIMAL => Some(Self::Decimal),
            DATE => Some(Self::Date),
            TIME => Some(Self::Time),
            TIMESTAMP => Some(Self::Timestamp),
            _ => None,
        }
    }
}

/// `Decimal.schema(scale)`.
pub fn decimal(scale: i32) -> Schema {
    Schema::new(Type::Bytes).with_name(DECIMAL).with_version(1).with_parameter(SCALE, scale.to_string())
}

/// `Date.SCHEMA`.
pub fn date() -> Schema {
    Schema::new(Type::Int32).with_name(DATE).with_version(1)
}

/// `Time.SCHEMA`.
pub fn time() -> Schema {
    Schema::new(Type::Int32).with_name(TIME).with_version(1)
}

/// `Timestamp.SCHEMA`.
pub fn timestamp() -> Schema {
    Schema::new(Type::Int64).with_name(TIMESTAMP).with_version(1)
}

/// A decimal schema's scale.
///
/// # Errors
/// When the parameter is missing or not a number.
pub fn scale(schema: &Schema) -> Result<i32, DataError> {
    if schema.parameters.is_empty() {
        return Err(DataError::new(
            "Cannot invoke \"java.util.Map.get(Object)\" because the return value of \
             \"org.apache.kafka.connect.data.Schema.parameters()\" is null",
        )
        .with_class(NULL_POINTER_EXCEPTION));
    }
    let Some(text) = schema.parameters.get(SCALE) else {
        return Err(DataError::new("Invalid Decimal schema: scale parameter not found."));
    };
    text.parse().map_err(|_| {
        let cause = format!("java.lang.NumberFormatException: For input string: \"{text}\"");
        DataError::caused_by("Invalid scale parameter found in Decimal schema: ", cause)
    })
}

/// The unscaled bytes of a decimal, whose scale must be the schema's (`Decimal.fromLogical`).
///
/// # Errors
/// When the scales differ.
pub fn decimal_bytes<'a>(schema: &Schema, value: &'a Decimal) -> Result<&'a [u8], DataError> {
    let wanted = scale(schema)?;
    if value.scale != wanted {
        return Err(DataError::new(format!(
            "Decimal value has mismatching scale for given Decimal schema. Schema has scale {wanted}, value has scale {}.",
            value.scale
        )));
    }
    Ok(&value.unscaled)
}

/// The integer under a Date, Time or Timestamp (`fromLogical`).
///
/// # Errors
/// When a date has a time of day, or a time a date.
pub fn date_to_integer(kind: Logical, millis: i64) -> Result<i64, DataError> {
    match kind {
        Logical::Date if millis % DAY == 0 => Ok(millis / DAY),
        Logical::Date => {
            Err(DataError::new("Kafka Connect Date type should not have any time fields set to non-zero values."))
        }
        Logical::Time if (0..=DAY).contains(&millis) => Ok(millis),
        Logical::Time => {
            Err(DataError::new("Kafka Connect Time type should not have any date fields set to non-zero values."))
        }
        Logical::Timestamp | Logical::Decimal => Ok(millis),
    }
}

/// The instant that an encoded Date, Time or Timestamp means (`toLogical`).
///
/// # Errors
/// When a time is not within a day.
pub fn integer_to_date(kind: Logical, encoded: i64) -> Result<i64, DataError> {
    match kind {
        Logical::Date => Ok(encoded.saturating_mul(DAY)),
        Logical::Time if !(0..=DAY).contains(&encoded) => {
            Err(DataError::new("Time values must use number of milliseconds greater than 0 and less than 86400000"))
        }
        Logical::Time | Logical::Timestamp | Logical::Decimal => Ok(encoded),
    }
}

/// From the encoded form (bytes, int32, int64) that a guest or a format carries to the form that [`Value`] has
/// for the schema. Whatever is no logical type passes unchanged.
///
/// # Errors
/// When it cannot be such a value.
pub fn from_encoded(schema: &Arc<Schema>, value: Value) -> Result<Value, DataError> {
    let Some(kind) = Logical::of(schema) else {
        return Ok(value);
    };
    match (kind, value) {
        (Logical::Decimal, Value::Bytes(unscaled)) => Ok(Value::Decimal(Decimal { unscaled, scale: scale(schema)? })),
        (Logical::Date | Logical::Time | Logical::Timestamp, other) => match other.as_i64() {
            Some(encoded) => Ok(Value::Date(integer_to_date(kind, encoded)?)),
            None => Ok(other),
        },
        (Logical::Decimal, other) => Ok(other),
    }
}

/// The reverse of [`from_encoded`].
///
/// # Errors
/// When the value has something that the schema cannot say.
pub fn to_encoded(schema: &Arc<Schema>, value: Value) -> Result<Value, DataError> {
    let Some(kind) = Logical::of(schema) else {
        return Ok(value);
    };
    match (kind, value) {
        (Logical::Decimal, Value::Decimal(decimal)) => Ok(Value::Bytes(decimal_bytes(schema, &decimal)?.to_vec())),
        (Logical::Timestamp, Value::Date(millis)) => Ok(Value::Int64(millis)),
        (Logical::Date | Logical::Time, Value::Date(millis)) => {
            let encoded = date_to_integer(kind, millis)?;
            i32::try_from(encoded)
                .map(Value::Int32)
                .map_err(|_| DataError::new("Date is too far from 1970 for 32 bits of days"))
        }
        (_, other) => Ok(other),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn encoded_values_come_back() {
        for (schema, encoded, value) in [
            (date(), Value::Int32(-1), Value::Date(-86_400_000)),
            (time(), Value::Int32(5), Value::Date(5)),
            (timestamp(), Value::Int64(5), Value::Date(5)),
            (decimal(2), Value::Bytes(vec![0, 0x9C]), Value::Decimal(Decimal::new(156, 2))),
            (Schema::new(Type::Int32), Value::Int32(7), Value::Int32(7)),
        ] {
            let schema = schema.shared();
            assert_eq!(from_encoded(&schema, encoded.clone()).unwrap(), value);
            assert_eq!(to_encoded(&schema, value).unwrap(), encoded);
        }
    }

    #[test]
    fn what_the_schema_cannot_say_is_refused() {
        assert!(to_encoded(&date().shared(), Value::Date(1)).is_err());
        assert!(to_encoded(&time().shared(), Value::Date(-1)).is_err());
        assert!(from_encoded(&time().shared(), Value::Int32(86_400_001)).is_err());
        assert!(to_encoded(&decimal(1).shared(), Value::Decimal(Decimal::new(156, 2))).is_err());
        assert!(scale(&Schema::new(Type::Bytes)).is_err());
    }
}
