//! Connect's values.
//!
//! A value does not carry its schema; it always travels beside one ([`SchemaAndValue`]). That keeps a struct a
//! plain vector in the order of its schema's fields, at the price that a struct without a schema has no field
//! names: such a value is refused wherever names matter.

use std::sync::Arc;

use crate::schema::{Schema, Type};

/// A datum. Java's `Object` as Connect uses it.
///
/// Logical types have representations of their own, as in Java: a schema named
/// `org.apache.kafka.connect.data.Decimal` goes with [`Value::Decimal`] (`BigDecimal`), and `...Date`,
/// `...Time` and `...Timestamp` all go with [`Value::Date`] (`java.util.Date`), never with the bytes or
/// integers that they are encoded as. [`crate::logical`] converts between the two.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Boolean(bool),
    /// 8 bits.
    Int8(i8),
    /// 16 bits.
    Int16(i16),
    /// 32 bits.
    Int32(i32),
    /// 64 bits.
    Int64(i64),
    /// Single precision.
    Float32(f32),
    /// Double precision.
    Float64(f64),
    /// Text.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Elements.
    Array(Vec<Value>),
    /// Pairs in iteration order, keys unique. Where Java would hold a `HashMap`, whoever makes the pairs puts
    /// them in that map's order ([`crate::java::hash::hash_map_order`]).
    Map(Vec<(Value, Value)>),
    /// Values in the order of the schema's fields.
    Struct(Vec<Value>),
    /// `BigDecimal`.
    Decimal(Decimal),
    /// `java.util.Date`: milliseconds since the epoch, UTC. What the logical types Date, Time and Timestamp hold.
    Date(i64),
}

/// `BigDecimal`: unscaled x 10^-scale.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// Two's complement, big-endian, no superfluous bytes: what `BigInteger.toByteArray` gives.
    pub unscaled: Vec<u8>,
    /// Digits after the point; may be negative.
    pub scale: i32,
}

/// A value and what it is; no schema means schemaless.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SchemaAndValue {
    /// None where the data has none.
    pub schema: Option<Arc<Schema>>,
    /// The datum.
    pub value: Value,
}

impl SchemaAndValue {
    /// A pair.
    pub fn new(schema: Option<Arc<Schema>>, value: Value) -> Self {
        Self { schema, value }
    }

    /// Neither schema nor value: a tombstone.
    pub const NULL: Self = Self { schema: None, value: Value::Null };
}

impl Value {
    /// Whether there is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Any integer, widened.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int8(n) => Some(i64::from(*n)),
            Value::Int16(n) => Some(i64::from(*n)),
            Value::Int32(n) => Some(i64::from(*n)),
            Value::Int64(n) => Some(*n),
            _ => None,
        }
    }

    /// What the type of a schema for this value would be (`ConnectSchema.schemaType`); none for null and for
    /// the Java classes that only logical types have.
    pub fn natural_type(&self) -> Option<Type> {
        Some(match self {
            Value::Null | Value::Decimal(_) | Value::Date(_) => return None,
            Value::Boolean(_) => Type::Boolean,
            Value::Int8(_) => Type::Int8,
            Value::Int16(_) => Type::Int16,
            Value::Int32(_) => Type::Int32,
            Value::Int64(_) => Type::Int64,
            Value::Float32(_) => Type::Float32,
            Value::Float64(_) => Type::Float64,
            Value::String(_) => Type::String,
            Value::Bytes(_) => Type::Bytes,
            Value::Array(_) => Type::Array,
            Value::Map(_) => Type::Map,
            Value::Struct(_) => Type::Struct,
        })
    }

    /// `Objects.deepEquals`: NaN is NaN, 0.0 is not -0.0, and the order of a map's entries does not matter.
    pub fn java_equals(&self, other: &Value) -> bool {
        let all = |one: &[Value], other: &[Value]| {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.java_equals(other))
        };
        match (self, other) {
            (Value::Float32(one), Value::Float32(other)) => {
                one.to_bits() == other.to_bits() || one.is_nan() && other.is_nan()
            }
            (Value::Float64(one), Value::Float64(other)) => {
                one.to_bits() == other.to_bits() || one.is_nan() && other.is_nan()
            }
            (Value::Array(one), Value::Array(other)) | (Value::Struct(one), Value::Struct(other)) => all(one, other),
            (Value::Map(one), Value::Map(other)) => {
                // nearly always they come in one order
                one.len() == other.len()
                    && one.iter().enumerate().all(|(index, (key, value))| {
                        let same = |(k, v): &(Value, Value)| k.java_equals(key) && v.java_equals(value);
                        other.get(index).is_some_and(same) || other.iter().any(same)
                    })
            }
            _ => self == other,
        }
    }

    /// The Java class that Kafka's messages would name for this value.
    pub fn java_class(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Boolean(_) => "java.lang.Boolean",
            Value::Int8(_) => "java.lang.Byte",
            Value::Int16(_) => "java.lang.Short",
            Value::Int32(_) => "java.lang.Integer",
            Value::Int64(_) => "java.lang.Long",
            Value::Float32(_) => "java.lang.Float",
            Value::Float64(_) => "java.lang.Double",
            Value::String(_) => "java.lang.String",
            Value::Bytes(_) => "[B",
            Value::Array(_) => "java.util.ArrayList",
            Value::Map(_) => "java.util.HashMap",
            Value::Struct(_) => "org.apache.kafka.connect.data.Struct",
            Value::Decimal(_) => "java.math.BigDecimal",
            Value::Date(_) => "java.util.Date",
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}
