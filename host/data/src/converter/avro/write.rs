//! Values to Avro's binary form, by a plan made once per schema.

use super::anything;
use super::read::Fault;
use crate::error::DataError;
use crate::java::hash::{hash_map_order, string_hash};
use crate::logical::{self, Logical};
use crate::schema::{Schema, Type};
use crate::value::Value;

/// How the data of one schema is written.
#[derive(Debug)]
pub(super) enum Write {
    Boolean,
    /// An integer or a number of that Connect type as that of Avro's.
    Number(Type, Number),
    String,
    Bytes,
    /// Without a length: what Confluent's serializer makes of bytes at the top.
    Rest(Box<Write>),
    Fixed(usize),
    Enum(Vec<String>),
    Decimal(Box<Schema>, Box<Write>),
    Date(Logical, Number),
    Array(Box<Write>),
    Map(Box<Write>),
    Entries(Box<Write>, Box<Write>),
    Record(Vec<FieldWrite>),
    /// Null, or a value behind a branch's number. The places of both branches, where there is a union.
    Optional(Option<usize>, Option<usize>, Box<Write>),
    /// A value behind a branch's number.
    Tagged(usize, Box<Write>),
    /// A struct of which the first field that is set is meant: default, place, how. The place of null.
    Union(Vec<(Option<Value>, usize, Write)>, Option<usize>),
    Anything,
    /// There is no place for it in the schema that the registry has.
    Refuse(String),
}

/// Avro's four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Int,
    Long,
    Float,
    Double,
}

/// One field of a record.
#[derive(Debug)]
pub(super) enum FieldWrite {
    /// From the struct's field of that index, or a default if that is null.
    From(usize, Option<Value>, Write),
    /// A field that the struct has not: its default, encoded.
    Constant(Vec<u8>),
}

/// Appends a varint, zigzag.
pub(super) fn push_long(out: &mut Vec<u8>, n: i64) {
    let mut rest = ((n << 1) ^ (n >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Appends length and bytes.
pub(super) fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    push_long(out, bytes.len() as i64);
    out.extend_from_slice(bytes);
}

fn push_integer(out: &mut Vec<u8>, n: i64, number: Number) {
    match number {
        Number::Int | Number::Long => push_long(out, n),
        Number::Float => out.extend((n as f32).to_le_bytes()),
        Number::Double => out.extend((n as f64).to_le_bytes()),
    }
}

fn null() -> Fault {
    Fault::data(DataError::new("Found null value for non-optional schema"))
}

fn wrong(ty: Type, value: &Value) -> Fault {
    if value.is_null() {
        return null();
    }
    Fault::data(DataError::new(format!("Invalid type for {ty}: class {}", value.java_class())))
}

impl Write {
    pub(super) fn value(&self, out: &mut Vec<u8>, value: &Value) -> Result<(), Fault> {
        match (self, value) {
            (Write::Boolean, Value::Boolean(flag)) => out.push(u8::from(*flag)),
            (Write::Number(Type::Int8, number), Value::Int8(n)) => push_integer(out, i64::from(*n), *number),
            (Write::Number(Type::Int16, number), Value::Int16(n)) => push_integer(out, i64::from(*n), *number),
            (Write::Number(Type::Int32, number), Value::Int32(n)) => push_integer(out, i64::from(*n), *number),
            (Write::Number(Type::Int64, number), Value::Int64(n)) => push_integer(out, *n, *number),
            (Write::Number(Type::Float32, Number::Double), Value::Float32(n)) => {
                out.extend(f64::from(*n).to_le_bytes());
            }
            (Write::Number(Type::Float32, _), Value::Float32(n)) => out.extend(n.to_le_bytes()),
            (Write::Number(Type::Float64, _), Value::Float64(n)) => out.extend(n.to_le_bytes()),
            (Write::String, Value::String(text)) => push_bytes(out, text.as_bytes()),
            (Write::Bytes, Value::Bytes(bytes)) => push_bytes(out, bytes),
            (Write::Rest(_), Value::Bytes(bytes)) => out.extend_from_slice(bytes),
            (Write::Rest(inner), value) => {
                let mut prefixed = Vec::new();
                inner.value(&mut prefixed, value)?;
                let mut rest = prefixed.as_slice();
                out.extend_from_slice(super::read::bytes(&mut rest)?);
            }
            (Write::Fixed(size), Value::Bytes(bytes)) => push_fixed(out, *size, bytes)?,
            (Write::Enum(symbols), Value::String(text)) => match symbols.iter().position(|symbol| symbol == text) {
                Some(place) => push_long(out, place as i64),
                None => {
                    return Err(Fault::Avro(format!(
                        "org.apache.avro.AvroTypeException: \"{text}\" is no symbol of the enum {symbols:?}"
                    )));
                }
            },
            (Write::Decimal(schema, inner), value) => write_decimal(out, schema, inner, value)?,
            (Write::Date(kind, number), Value::Date(millis)) => {
                let encoded = logical::date_to_integer(*kind, *millis)?;
                push_integer(
                    out,
                    if *kind == Logical::Timestamp { encoded } else { i64::from(encoded as i32) },
                    *number,
                );
            }
            (Write::Array(inner), Value::Array(items)) => {
                if !items.is_empty() {
                    push_long(out, items.len() as i64);
                }
                for item in items {
                    inner.value(out, item)?;
                }
                out.push(0);
            }
            (Write::Map(inner), Value::Map(entries)) => write_map(out, inner, entries)?,
            (Write::Entries(key, inner), Value::Map(entries)) => {
                if !entries.is_empty() {
                    push_long(out, entries.len() as i64);
                }
                for (one, other) in entries {
                    key.value(out, one)?;
                    inner.value(out, other)?;
                }
                out.push(0);
            }
            (Write::Record(fields), Value::Struct(values)) => {
                for field in fields {
                    field.write(out, values)?;
                }
            }
            (Write::Optional(null, some, inner), value) => match (value, null, some) {
                (Value::Null, Some(place), _) => push_long(out, *place as i64),
                (Value::Null, None, _) => {
                    return Err(Fault::Avro(
                        "java.lang.NullPointerException: null value for a type that allows none in the registry's schema"
                            .to_owned(),
                    ));
                }
                (value, _, some) => {
                    if let Some(place) = some {
                        push_long(out, *place as i64);
                    }
                    inner.value(out, value)?;
                }
            },
            (Write::Tagged(place, inner), value) => {
                if value.is_null() && !matches!(**inner, Write::Anything) {
                    return Err(null());
                }
                push_long(out, *place as i64);
                inner.value(out, value)?;
            }
            (Write::Union(fields, null), value) => write_union(out, fields, *null, value)?,
            (Write::Anything, value) => anything::write(out, value, 0)?,
            (Write::Refuse(why), _) => return Err(Fault::Avro(why.clone())),
            (write, value) => return Err(write.mismatch(value)),
        }
        Ok(())
    }

    fn mismatch(&self, value: &Value) -> Fault {
        let ty = match self {
            Write::Boolean => Type::Boolean,
            Write::Number(ty, _) => *ty,
            Write::String | Write::Enum(_) => Type::String,
            Write::Array(_) => Type::Array,
            Write::Map(_) | Write::Entries(..) => Type::Map,
            Write::Record(_) | Write::Union(..) => Type::Struct,
            Write::Date(kind, _) if !value.is_null() => {
                let name = match kind {
                    Logical::Decimal => "Decimal",
                    Logical::Date => "Date",
                    Logical::Time => "Time",
                    Logical::Timestamp => "Timestamp",
                };
                let class = value.java_class();
                return Fault::data(DataError::new(format!(
                    "Invalid type for {name}, expected Date but was class {class}"
                )));
            }
            _ => Type::Bytes,
        };
        wrong(ty, value)
    }
}

impl FieldWrite {
    fn write(&self, out: &mut Vec<u8>, values: &[Value]) -> Result<(), Fault> {
        match self {
            FieldWrite::Constant(bytes) => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            FieldWrite::From(index, default, write) => {
                let value = values.get(*index).ok_or_else(|| DataError::new("Mismatching struct schema"))?;
                match (value, default) {
                    (Value::Null, Some(default)) => write.value(out, default),
                    _ => write.value(out, value),
                }
            }
        }
    }
}

fn push_fixed(out: &mut Vec<u8>, size: usize, bytes: &[u8]) -> Result<(), Fault> {
    if bytes.len() != size {
        return Err(Fault::Avro(format!(
            "org.apache.avro.AvroTypeException: {} bytes for a fixed of {size}",
            bytes.len()
        )));
    }
    out.extend_from_slice(bytes);
    Ok(())
}

fn write_decimal(out: &mut Vec<u8>, schema: &Schema, inner: &Write, value: &Value) -> Result<(), Fault> {
    match value {
        Value::Null => Err(null()),
        Value::Decimal(decimal) => {
            let bytes = logical::decimal_bytes(schema, decimal)?;
            match inner {
                Write::Fixed(size) => push_fixed(out, *size, bytes),
                _ => {
                    push_bytes(out, bytes);
                    Ok(())
                }
            }
        }
        other => Err(Fault::data(DataError::new(format!(
            "Invalid type for Decimal, expected BigDecimal but was class {}",
            other.java_class()
        )))),
    }
}

/// Java copies a map into a `HashMap` before it writes it.
fn write_map(out: &mut Vec<u8>, inner: &Write, entries: &[(Value, Value)]) -> Result<(), Fault> {
    let mut ordered: Vec<(&str, &Value)> = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        match key {
            Value::String(key) => ordered.push((key, value)),
            other => return Err(wrong(Type::Map, other)),
        }
    }
    if ordered.len() > 1 {
        hash_map_order(&mut ordered, |(key, _)| string_hash(key));
    }
    if !ordered.is_empty() {
        push_long(out, ordered.len() as i64);
    }
    for (key, value) in ordered {
        push_bytes(out, key.as_bytes());
        inner.value(out, value)?;
    }
    out.push(0);
    Ok(())
}

fn write_union(
    out: &mut Vec<u8>,
    fields: &[(Option<Value>, usize, Write)],
    null_place: Option<usize>,
    value: &Value,
) -> Result<(), Fault> {
    let values = match value {
        Value::Null => &[],
        Value::Struct(values) => values.as_slice(),
        other => return Err(wrong(Type::Struct, other)),
    };
    for ((default, place, write), value) in fields.iter().zip(values) {
        let value = match (value, default) {
            (Value::Null, Some(default)) => default,
            _ => value,
        };
        if !value.is_null() {
            push_long(out, *place as i64);
            return write.value(out, value);
        }
    }
    match null_place {
        Some(place) => {
            push_long(out, place as i64);
            Ok(())
        }
        None => Err(null()),
    }
}
