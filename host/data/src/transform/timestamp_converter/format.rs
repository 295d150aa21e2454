//! The forms in which a point in time comes and goes.

use std::sync::{Arc, LazyLock};

use super::super::exception;
use crate::error::DataError;
use crate::logical::{self, Logical};
use crate::schema::{INT64, OPTIONAL_INT64, OPTIONAL_STRING, STRING, Schema, Type};
use crate::value::Value;

const DAY: i64 = 86_400_000;

/// `target.type`, and what a schema or value is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Unix,
    Date,
    Time,
    Timestamp,
}

type Pair = [LazyLock<Arc<Schema>>; 2];

static DATE: Pair =
    [LazyLock::new(|| logical::date().shared()), LazyLock::new(|| logical::date().with_optional(true).shared())];
static TIME: Pair =
    [LazyLock::new(|| logical::time().shared()), LazyLock::new(|| logical::time().with_optional(true).shared())];
static TIMESTAMP: Pair = [
    LazyLock::new(|| logical::timestamp().shared()),
    LazyLock::new(|| logical::timestamp().with_optional(true).shared()),
];

impl Format {
    /// The word of the setting.
    pub(super) fn word(self) -> &'static str {
        match self {
            Format::Text => "string",
            Format::Unix => "unix",
            Format::Date => "Date",
            Format::Time => "Time",
            Format::Timestamp => "Timestamp",
        }
    }

    pub(super) fn from_word(word: &str) -> Self {
        match word {
            "string" => Format::Text,
            "unix" => Format::Unix,
            "Date" => Format::Date,
            "Time" => Format::Time,
            _ => Format::Timestamp,
        }
    }

    /// What a schema says.
    pub(super) fn of_schema(schema: &Schema) -> Result<Self, DataError> {
        match (Logical::of(schema), schema.ty) {
            (Some(Logical::Timestamp), _) => Ok(Format::Timestamp),
            (Some(Logical::Date), _) => Ok(Format::Date),
            (Some(Logical::Time), _) => Ok(Format::Time),
            (_, Type::String) => Ok(Format::Text),
            (_, Type::Int64) => Ok(Format::Unix),
            _ => {
                Err(exception::connect(format!("Schema {schema} does not correspond to a known timestamp type format")))
            }
        }
    }

    /// What a value without a schema looks like.
    pub(super) fn of_value(value: &Value) -> Result<Self, DataError> {
        match value {
            Value::Date(_) => Ok(Format::Timestamp),
            Value::Int64(_) => Ok(Format::Unix),
            Value::String(_) => Ok(Format::Text),
            other => Err(DataError::new(format!(
                "TimestampConverter does not support class {} objects as timestamps",
                other.java_class()
            ))),
        }
    }

    /// The schema of what comes out.
    pub(super) fn schema(self, optional: bool) -> Arc<Schema> {
        let index = usize::from(optional);
        match (self, optional) {
            (Format::Text, false) => STRING().clone(),
            (Format::Text, true) => OPTIONAL_STRING().clone(),
            (Format::Unix, false) => INT64().clone(),
            (Format::Unix, true) => OPTIONAL_INT64().clone(),
            (Format::Date, _) => DATE[index].clone(),
            (Format::Time, _) => TIME[index].clone(),
            (Format::Timestamp, _) => TIMESTAMP[index].clone(),
        }
    }

    /// The part of an instant that this type has.
    pub(super) fn cut(self, millis: i64) -> i64 {
        match self {
            Format::Date => millis - millis.rem_euclid(DAY),
            Format::Time => millis.rem_euclid(DAY),
            Format::Text | Format::Unix | Format::Timestamp => millis,
        }
    }
}

/// `unix.precision`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    Seconds,
    Millis,
    Micros,
    Nanos,
}

impl Precision {
    pub(super) fn from_word(word: &str) -> Self {
        match word {
            "seconds" => Precision::Seconds,
            "microseconds" => Precision::Micros,
            "nanoseconds" => Precision::Nanos,
            _ => Precision::Millis,
        }
    }

    /// As `TimeUnit` does it: towards zero, and no further than 64 bits.
    pub(super) fn to_millis(self, n: i64) -> i64 {
        match self {
            Precision::Seconds => n.saturating_mul(1000),
            Precision::Millis => n,
            Precision::Micros => n / 1000,
            Precision::Nanos => n / 1_000_000,
        }
    }

    pub(super) fn of_millis(self, millis: i64) -> i64 {
        match self {
            Precision::Seconds => millis / 1000,
            Precision::Millis => millis,
            Precision::Micros => millis.saturating_mul(1000),
            Precision::Nanos => millis.saturating_mul(1_000_000),
        }
    }
}
