//! Short ways to say what a value is.

use crate::{Datum, Message, Scalar, Value};

/// The schema numbers that the contract reserves.
pub mod ids {
    use crate::SchemaId;

    /// The natural schema of the value: all that a simple connector ever needs.
    pub const NATURAL: SchemaId = 0;
    /// No schema.
    pub const NONE: SchemaId = 1;
    /// BOOLEAN.
    pub const BOOLEAN: SchemaId = 2;
    /// INT8.
    pub const INT8: SchemaId = 3;
    /// INT16.
    pub const INT16: SchemaId = 4;
    /// INT32.
    pub const INT32: SchemaId = 5;
    /// INT64.
    pub const INT64: SchemaId = 6;
    /// FLOAT32.
    pub const FLOAT32: SchemaId = 7;
    /// FLOAT64.
    pub const FLOAT64: SchemaId = 8;
    /// STRING.
    pub const STRING: SchemaId = 9;
    /// BYTES.
    pub const BYTES: SchemaId = 10;
    /// `org.apache.kafka.connect.data.Date`.
    pub const DATE: SchemaId = 20;
    /// `org.apache.kafka.connect.data.Time`.
    pub const TIME: SchemaId = 21;
    /// `org.apache.kafka.connect.data.Timestamp`.
    pub const TIMESTAMP: SchemaId = 22;

    /// The optional variant of a reserved schema.
    pub const fn optional(id: SchemaId) -> SchemaId {
        match id {
            BOOLEAN..=BYTES => id + 9,
            DATE..=TIMESTAMP => id + 3,
            other => other,
        }
    }
}

impl Datum {
    /// Null without a schema.
    pub const NULL: Self = Self { schema: ids::NATURAL, value: Value::Null };

    /// A value under its natural schema.
    pub fn natural(value: impl Into<Value>) -> Self {
        Self { schema: ids::NATURAL, value: value.into() }
    }

    /// A value under this schema.
    pub fn of(schema: crate::SchemaId, value: impl Into<Value>) -> Self {
        Self { schema, value: value.into() }
    }
}

impl Message {
    /// A message without key, headers, partition and timestamp.
    pub fn new(topic: u32, value: Datum) -> Self {
        Self { topic, partition: None, key: Datum::NULL, value, headers: Vec::new(), timestamp: None }
    }
}

macro_rules! conversions {
    ($($target:ident: $($from:ty => $variant:ident),*;)*) => { $($(
        impl From<$from> for $target {
            fn from(value: $from) -> Self { Self::$variant(value.into()) }
        }
    )*)* };
}

conversions! {
    Value: bool => Boolean, i8 => Integer, i16 => Integer, i32 => Integer, i64 => Integer, f32 => Float, f64 => Float,
        String => Text, &str => Text, Vec<u8> => Bytes;
    Scalar: bool => Boolean, i32 => Integer, i64 => Integer, f64 => Float, String => Text, &str => Text;
}
