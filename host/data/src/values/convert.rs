//! `Values.convertTo...`: a value of one type as another, where that can be said.

use super::{convert_to_string, parse_string};
use crate::error::{DataError, NULL_POINTER_EXCEPTION};
use crate::java::{digits, number, text};
use crate::logical::{self, Logical};
use crate::schema::{Schema, Type};
use crate::value::{Decimal, Value};

const DAY: i64 = 86_400_000;

/// `Values.convertTo`: to whatever a schema says. `from` is the value's own schema.
///
/// # Errors
/// With Kafka's words, where there is no way.
pub fn convert_to(to: &Schema, from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    if value.is_null() {
        return if to.optional { Ok(Value::Null) } else { Err(null()) };
    }
    match (to.ty, Logical::of(to)) {
        (Type::Bytes, Some(Logical::Decimal)) => decimal(to, from, value),
        (Type::Bytes, _) => bytes(to, from, value),
        (Type::String, _) => Ok(convert_to_string(from, &value)?.map_or(Value::Null, Value::String)),
        (Type::Boolean, _) => convert_to_boolean(from, value),
        (Type::Int8, _) => convert_to_byte(from, value),
        (Type::Int16, _) => convert_to_short(from, value),
        (Type::Int32, Some(Logical::Date)) => date(from, value),
        (Type::Int32, Some(Logical::Time)) => time(from, value),
        (Type::Int32, _) => convert_to_integer(from, value),
        (Type::Int64, Some(Logical::Timestamp)) => timestamp(from, value),
        (Type::Int64, _) => convert_to_long(from, value),
        (Type::Float32, _) => convert_to_float(from, value),
        (Type::Float64, _) => convert_to_double(from, value),
        (Type::Array, _) => list(to, from, value),
        (Type::Map, _) => map(to, from, value),
        (Type::Struct, _) => structure(to, from, value),
    }
}

/// `Values.convertToBoolean`: a boolean, a text that says one, or a number other than zero. Null stays null.
///
/// # Errors
/// When it is none of these.
pub fn convert_to_boolean(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    match value {
        Value::Null | Value::Boolean(_) => Ok(value),
        value => {
            if let Value::String(text) = &value
                && let flag @ Value::Boolean(_) = parsed(text, "parsed")?
            {
                return Ok(flag);
            }
            Ok(Value::Boolean(as_long(from, &value)? != 0))
        }
    }
}

macro_rules! integers {
    ($($(#[$doc:meta])* $name:ident -> $variant:ident($type:ty);)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Errors
            /// When it is neither a number nor a text with one nor a date.
            pub fn $name(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
                match value {
                    Value::Null | Value::$variant(_) => Ok(value),
                    other => Ok(Value::$variant(as_long(from, &other)? as $type)),
                }
            }
        )*
    };
}

integers! {
    /// `Values.convertToByte`: the low bits. Null stays null.
    convert_to_byte -> Int8(i8);
    /// `Values.convertToShort`: the low bits. Null stays null.
    convert_to_short -> Int16(i16);
    /// `Values.convertToInteger`: the low bits. Null stays null.
    convert_to_integer -> Int32(i32);
    /// `Values.convertToLong`: the low bits. Null stays null.
    convert_to_long -> Int64(i64);
}

/// `Values.convertToFloat`. Null stays null.
///
/// # Errors
/// When it is neither a number nor a text with one nor a date.
pub fn convert_to_float(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    match value {
        Value::Null | Value::Float32(_) => Ok(value),
        other => Ok(Value::Float32(as_double(from, &other)? as f32)),
    }
}

/// `Values.convertToDouble`. Null stays null.
///
/// # Errors
/// When it is neither a number nor a text with one nor a date.
pub fn convert_to_double(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    match value {
        Value::Null | Value::Float64(_) => Ok(value),
        other => Ok(Value::Float64(as_double(from, &other)?)),
    }
}

/// `Values.convertToList`: a list, or a text that is one.
///
/// # Errors
/// When it is neither.
pub fn convert_to_list(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    list(&Schema::new(Type::Array), from, value)
}

/// `Values.convertToMap`: a map, or a text that is one.
///
/// # Errors
/// When it is neither.
pub fn convert_to_map(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    map(&Schema::new(Type::Map), from, value)
}

/// `Values.convertToStruct`: only a struct is one.
///
/// # Errors
/// When it is something else.
pub fn convert_to_struct(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    structure(&Schema::new(Type::Struct), from, value)
}

/// `Values.convertToDate`: a date, a timestamp without its time, days, or a text with one of these.
///
/// # Errors
/// When it is none of these, or null.
pub fn convert_to_date(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    date(from, not_null(value)?)
}

/// `Values.convertToTime`: a time, a timestamp without its day, milliseconds, or a text with one of these.
///
/// # Errors
/// When it is none of these, or null.
pub fn convert_to_time(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    time(from, not_null(value)?)
}

/// `Values.convertToTimestamp`: a timestamp, a date, a time, milliseconds, or a text with one of these.
///
/// # Errors
/// When it is none of these, or null.
pub fn convert_to_timestamp(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    timestamp(from, not_null(value)?)
}

/// `Values.convertToDecimal`: unscaled bytes, a number, or a text with one. Only bytes take the scale.
///
/// # Errors
/// When it is none of these, or null.
pub fn convert_to_decimal(from: Option<&Schema>, value: Value, scale: i32) -> Result<Value, DataError> {
    decimal(&logical::decimal(scale), from, not_null(value)?)
}

fn null() -> DataError {
    DataError::new("Unable to convert a null value to a schema that requires a value")
}

fn not_null(value: Value) -> Result<Value, DataError> {
    if value.is_null() { Err(null()) } else { Ok(value) }
}

/// The guess at a text; null has no value to ask for, which in Java is a `NullPointerException`.
fn parsed(text: &str, variable: &str) -> Result<Value, DataError> {
    let parsed = parse_string(text);
    if parsed.schema.is_none() && parsed.value.is_null() {
        return Err(DataError::new(format!(
            "Cannot invoke \"org.apache.kafka.connect.data.SchemaAndValue.value()\" because \"{variable}\" is null"
        ))
        .with_class(NULL_POINTER_EXCEPTION));
    }
    Ok(parsed.value)
}

/// `toString`, for messages.
fn shown(from: Option<&Schema>, value: &Value) -> String {
    text::to_string(from, value).unwrap_or_else(|_| "Struct{...}".to_owned())
}

fn refused(to: &dyn std::fmt::Display, from: Option<&Schema>, value: &Value) -> DataError {
    refused_class(to, from, value, value.java_class())
}

fn refused_class(to: &dyn std::fmt::Display, from: Option<&Schema>, value: &Value, class: &str) -> DataError {
    DataError::new(format!("Unable to convert {} (class {class}) to {to}", shown(from, value)))
}

fn decimal(to: &Schema, from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    let of_text = |text: &str| {
        Decimal::parse(&digits::to_ascii(text))
            .map(Value::Decimal)
            .ok_or_else(|| DataError::new(Decimal::refusal(text)).with_class("java.lang.NumberFormatException"))
    };
    match value {
        Value::Bytes(unscaled) => Ok(Value::Decimal(Decimal { unscaled, scale: logical::scale(to)? })),
        Value::Decimal(_) => Ok(value),
        Value::String(text) => of_text(&text),
        Value::Int8(_)
        | Value::Int16(_)
        | Value::Int32(_)
        | Value::Int64(_)
        | Value::Float32(_)
        | Value::Float64(_) => of_text(&number::double_to_string(as_double(from, &value)?)),
        other => Err(refused(to, from, &other)),
    }
}

fn bytes(to: &Schema, from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    match value {
        Value::Bytes(_) => Ok(value),
        Value::Decimal(decimal) => Ok(Value::Bytes(logical::decimal_bytes(to, &decimal)?.to_vec())),
        other => Err(refused(to, from, &other)),
    }
}

/// The guess at a text, everything else unchanged; and whether it was a text.
fn guessed(value: Value, variable: &str) -> Result<(Value, bool), DataError> {
    match value {
        Value::String(text) => Ok((parsed(&text, variable)?, true)),
        other => Ok((other, false)),
    }
}

/// A map in a text is of another class than one that came as such.
fn class_of(value: &Value, guessed: bool) -> &'static str {
    match value {
        Value::Map(_) if guessed => "java.util.LinkedHashMap",
        other => other.java_class(),
    }
}

/// The number of a guess.
fn guessed_long(from: Option<&Schema>, value: &Value, guessed: bool) -> Result<i64, DataError> {
    match (value, from) {
        (Value::Map(_), Some(from)) => Err(refused_class(from, Some(from), value, class_of(value, guessed))),
        (Value::Map(_), None) => Err(refused_class(&"a number", None, value, class_of(value, guessed))),
        _ => as_long(from, value),
    }
}

fn date(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    let (value, was_text) = guessed(value, "parsed")?;
    if let Value::Date(millis) = value {
        match from.map(Logical::of) {
            None | Some(Some(Logical::Date)) => return Ok(value),
            Some(Some(Logical::Timestamp)) => return Ok(Value::Date(i64::from((millis / DAY) as i32) * DAY)),
            Some(_) => {}
        }
    }
    let days = guessed_long(from, &value, was_text)? as i32;
    logical::integer_to_date(Logical::Date, i64::from(days)).map(Value::Date)
}

fn time(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    let (value, was_text) = guessed(value, "parsed")?;
    let encoded = match (&value, from.map(Logical::of)) {
        (Value::Date(_), None | Some(Some(Logical::Time))) => return Ok(value),
        (Value::Date(millis), Some(Some(Logical::Timestamp))) => millis.rem_euclid(DAY) as i32,
        _ => guessed_long(from, &value, was_text)? as i32,
    };
    logical::integer_to_date(Logical::Time, i64::from(encoded)).map(Value::Date)
}

fn timestamp(from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    let (value, was_text) = guessed(value, "parsed")?;
    if let (Value::Date(millis), None) = (&value, from) {
        return Ok(Value::Date(*millis));
    }
    if let (Value::Date(millis), Some(kind @ (Logical::Date | Logical::Time | Logical::Timestamp))) =
        (&value, from.and_then(Logical::of))
    {
        let encoded = logical::date_to_integer(kind, *millis)?;
        return Ok(Value::Date(if kind == Logical::Date { encoded * DAY } else { encoded }));
    }
    guessed_long(from, &value, was_text).map(Value::Date)
}

fn list(to: &Schema, from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    match guessed(not_null(value)?, "schemaAndValue")? {
        (list @ Value::Array(_), _) => Ok(list),
        (other, was_text) => Err(refused_class(to, from, &other, class_of(&other, was_text))),
    }
}

fn map(to: &Schema, from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    match guessed(not_null(value)?, "schemaAndValue")? {
        (map @ Value::Map(_), _) => Ok(map),
        (other, was_text) => Err(refused_class(to, from, &other, class_of(&other, was_text))),
    }
}

fn structure(to: &Schema, from: Option<&Schema>, value: Value) -> Result<Value, DataError> {
    match not_null(value)? {
        found @ Value::Struct(_) => Ok(found),
        other => Err(refused(to, from, &other)),
    }
}

/// `Number.longValue`, a number in text, or what a date is encoded as.
fn as_long(from: Option<&Schema>, value: &Value) -> Result<i64, DataError> {
    let mut cause = None;
    match value {
        Value::Int8(n) => return Ok(i64::from(*n)),
        Value::Int16(n) => return Ok(i64::from(*n)),
        Value::Int32(n) => return Ok(i64::from(*n)),
        Value::Int64(n) => return Ok(*n),
        Value::Float32(n) => return Ok(*n as i64),
        Value::Float64(n) => return Ok(*n as i64),
        Value::Decimal(decimal) => return Ok(decimal.low_i64()),
        Value::String(text) => match Decimal::parse(&digits::to_ascii(text)) {
            Some(decimal) => return Ok(decimal.low_i64()),
            None => cause = Some(format!("java.lang.NumberFormatException: {}", Decimal::refusal(text))),
        },
        Value::Date(millis) => {
            if let Some(kind @ (Logical::Date | Logical::Time | Logical::Timestamp)) = from.and_then(Logical::of) {
                return logical::date_to_integer(kind, *millis);
            }
        }
        _ => {}
    }
    let error = match from {
        Some(from) => refused(from, Some(from), value),
        None => refused(&"a number", None, value),
    };
    Err(match cause {
        Some(cause) => DataError::caused_by(error.message(), cause),
        None => error,
    })
}

fn as_double(from: Option<&Schema>, value: &Value) -> Result<f64, DataError> {
    match value {
        Value::Float32(n) => Ok(f64::from(*n)),
        Value::Float64(n) => Ok(*n),
        Value::Decimal(decimal) => Ok(decimal.to_f64()),
        Value::String(text) => match Decimal::parse(&digits::to_ascii(text)) {
            Some(decimal) => Ok(decimal.to_f64()),
            None => as_long(from, value).map(|n| n as f64),
        },
        other => as_long(from, other).map(|n| n as f64),
    }
}
