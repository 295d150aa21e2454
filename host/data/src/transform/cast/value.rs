//! One value as another primitive type, by Java's narrowing and parsing.

use crate::error::DataError;
use crate::java::json::push_base64;
use crate::java::{parse, text};
use crate::logical::{self, Logical};
use crate::schema::{Schema, Type};
use crate::value::Value;
use crate::values;

const INPUT: &str = "[INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]";

/// The value, cast. Null stays null.
pub(super) fn cast(schema: Option<&Schema>, value: Value, target: Type) -> Result<Value, DataError> {
    if value.is_null() {
        return Ok(value);
    }
    let Some(from) = schema.map(|schema| schema.ty).or_else(|| value.natural_type()) else {
        return Err(DataError::new(format!(
            "Cast transformation was passed a value of type class {} which is not supported by Connect's data API",
            value.java_class()
        )));
    };
    if !from.is_primitive() {
        return Err(DataError::new(format!(
            "Cast transformation does not support casting from {from}; supported types are {INPUT}"
        )));
    }
    if target == Type::String {
        return string(schema, value).map(Value::String);
    }
    let value = encoded(schema, value)?;
    Ok(match target {
        Type::Int8 => Value::Int8(integer(&value, "Byte", i64::from(i8::MIN)..=i64::from(i8::MAX))? as i8),
        Type::Int16 => Value::Int16(integer(&value, "Short", i64::from(i16::MIN)..=i64::from(i16::MAX))? as i16),
        Type::Int32 => Value::Int32(integer(&value, "Integer", i64::from(i32::MIN)..=i64::from(i32::MAX))? as i32),
        Type::Int64 => Value::Int64(integer(&value, "Long", i64::MIN..=i64::MAX)?),
        Type::Float32 => Value::Float32(float(&value)?),
        Type::Float64 => Value::Float64(double(&value)?),
        Type::Boolean => Value::Boolean(match &value {
            Value::Boolean(flag) => *flag,
            Value::String(text) => text.eq_ignore_ascii_case("true"),
            other => whole(other)? != 0,
        }),
        other => return Err(DataError::new(format!("{other} is not supported in the Cast transformation."))),
    })
}

/// Dates as the integers that they are encoded as; decimals are numbers already.
fn encoded(schema: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    match (schema.and_then(Logical::of), &value) {
        (Some(kind @ (Logical::Date | Logical::Time)), Value::Date(millis)) => {
            Ok(Value::Int32(logical::date_to_integer(kind, *millis)? as i32))
        }
        (Some(Logical::Timestamp), Value::Date(millis)) => Ok(Value::Int64(*millis)),
        _ => Ok(value),
    }
}

fn unexpected(value: &Value) -> DataError {
    DataError::new(format!("Unexpected type in Cast transformation: class {}", value.java_class()))
}

fn out_of_range(text: &str) -> DataError {
    DataError::caused_by(
        &format!("Value ({text}) was out of range for requested data type"),
        format_args!("java.lang.NumberFormatException: For input string: \"{text}\""),
    )
}

/// `Number.longValue` of a number; narrower types take its low bits. `Double.byteValue` and its like go by way
/// of an `int`, which the callers for floats see to.
fn whole(value: &Value) -> Result<i64, DataError> {
    Ok(match value {
        Value::Float32(n) => *n as i64,
        Value::Float64(n) => *n as i64,
        Value::Decimal(decimal) => decimal.low_i64(),
        other => other.as_i64().ok_or_else(|| unexpected(other))?,
    })
}

fn integer(value: &Value, class: &str, range: std::ops::RangeInclusive<i64>) -> Result<i64, DataError> {
    match value {
        Value::Boolean(flag) => Ok(i64::from(*flag)),
        Value::String(text) => parse::integer(text).filter(|n| range.contains(n)).ok_or_else(|| out_of_range(text)),
        // a float that is too large for an int is the largest int, whose low bits a byte then gets
        Value::Float32(n) if class != "Long" => Ok(i64::from(*n as i32)),
        Value::Float64(n) if class != "Long" => Ok(i64::from(*n as i32)),
        other => whole(other),
    }
}

fn float(value: &Value) -> Result<f32, DataError> {
    Ok(match value {
        Value::Boolean(flag) => f32::from(u8::from(*flag)),
        Value::String(text) => parse::float(text).ok_or_else(|| out_of_range(text))?,
        Value::Float32(n) => *n,
        Value::Float64(n) => *n as f32,
        Value::Decimal(decimal) => decimal.to_string().parse().map_or(0.0, |n: f32| n + 0.0),
        other => other.as_i64().ok_or_else(|| unexpected(other))? as f32,
    })
}

fn double(value: &Value) -> Result<f64, DataError> {
    Ok(match value {
        Value::Boolean(flag) => f64::from(u8::from(*flag)),
        Value::String(text) => parse::double(text).ok_or_else(|| out_of_range(text))?,
        Value::Float32(n) => f64::from(*n),
        Value::Float64(n) => *n,
        Value::Decimal(decimal) => decimal.to_f64(),
        other => other.as_i64().ok_or_else(|| unexpected(other))? as f64,
    })
}

fn string(schema: Option<&Schema>, value: Value) -> Result<String, DataError> {
    match value {
        Value::String(text) => Ok(text),
        Value::Date(millis) => Ok(values::format_date(millis)),
        Value::Bytes(bytes) => {
            let mut encoded = Vec::new();
            push_base64(&mut encoded, &bytes);
            Ok(String::from_utf8_lossy(&encoded).trim_matches('"').to_owned())
        }
        other => text::to_string(schema, &other),
    }
}
