//! Avro's binary form to values, by a plan made once per schema.

use super::anything;
use crate::error::DataError;
use crate::java::hash::{sized_hash_map_order, string_hash, value_hash};
use crate::java::utf8;
use crate::logical::{Logical, integer_to_date};
use crate::value::{Decimal, Value};

/// How the data of one schema is read.
#[derive(Debug)]
pub(super) enum Read {
    Null,
    Boolean,
    Int8,
    Int16,
    Int,
    Long,
    Float,
    Double,
    String,
    Bytes,
    /// All bytes that are left: what Confluent's serializer makes of bytes at the top.
    Rest,
    Fixed(usize),
    Enum(Vec<String>),
    Array(Box<Read>),
    /// Whether the keys are Java strings before they get into the map, too.
    Map(Box<Read>, bool),
    /// A map as pairs; whether the value comes first.
    Entries(Box<Read>, Box<Read>, bool),
    Record(Vec<Read>),
    /// Whether null is the first of the two.
    Optional(Box<Read>, bool),
    /// A struct of so many fields of which one is set.
    Union(Vec<Branch>, usize),
    Decimal(Box<Read>, i32),
    Date(Box<Read>, Logical),
    Anything,
}

/// One type of a union.
#[derive(Debug)]
pub(super) enum Branch {
    Null,
    Field(Read, usize),
    /// Java finds no field for it.
    Unmatched(Read),
}

/// Why bytes cannot be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// They are not what Avro writes; the serializer's cause.
    Avro(String),
    /// They are, but Connect cannot hold it. Boxed, because every value read travels in a result beside it.
    Data(Box<DataError>),
}

impl Fault {
    pub(super) fn data(error: DataError) -> Self {
        Fault::Data(Box::new(error))
    }
}

impl From<DataError> for Fault {
    fn from(error: DataError) -> Self {
        Fault::data(error)
    }
}

/// Elements that take no bytes could be any number; nobody has that many.
const MAX_EMPTY: usize = 1 << 20;

/// Room made in advance on the word of a count.
const MAX_ROOM: usize = 1024;

pub(super) type Input<'a> = &'a [u8];

fn end() -> Fault {
    Fault::Avro("java.io.EOFException".to_owned())
}

fn malformed(text: impl Into<String>) -> Fault {
    Fault::Avro(format!("org.apache.avro.AvroRuntimeException: {}", text.into()))
}

pub(super) fn take<'a>(input: &mut Input<'a>, count: usize) -> Result<&'a [u8], Fault> {
    let (taken, rest) = input.split_at_checked(count).ok_or_else(end)?;
    *input = rest;
    Ok(taken)
}

pub(super) fn long(input: &mut Input<'_>) -> Result<i64, Fault> {
    // most are one byte
    if let [byte @ 0..0x80, rest @ ..] = *input {
        *input = rest;
        return Ok(i64::from(byte >> 1) ^ -i64::from(byte & 1));
    }
    let mut value = 0u64;
    for (place, byte) in input.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            *input = &input[place + 1..];
            return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
        }
    }
    if input.len() < 10 { Err(end()) } else { Err(malformed("Invalid long encoding")) }
}

pub(super) fn int(input: &mut Input<'_>) -> Result<i32, Fault> {
    i32::try_from(long(input)?).map_err(|_| malformed("Invalid int encoding"))
}

pub(super) fn bytes<'a>(input: &mut Input<'a>) -> Result<&'a [u8], Fault> {
    let length = long(input)?;
    let length =
        usize::try_from(length).map_err(|_| malformed(format!("Malformed data. Length is negative: {length}")))?;
    take(input, length)
}

pub(super) fn text(input: &mut Input<'_>) -> Result<String, Fault> {
    Ok(utf8::decode(bytes(input)?))
}

pub(super) fn float(input: &mut Input<'_>) -> Result<f32, Fault> {
    let mut raw = [0; 4];
    raw.copy_from_slice(take(input, 4)?);
    Ok(f32::from_le_bytes(raw))
}

pub(super) fn double(input: &mut Input<'_>) -> Result<f64, Fault> {
    let mut raw = [0; 8];
    raw.copy_from_slice(take(input, 8)?);
    Ok(f64::from_le_bytes(raw))
}

pub(super) fn boolean(input: &mut Input<'_>) -> Result<bool, Fault> {
    Ok(take(input, 1)? == [1])
}

/// Blocks of elements, each with its count in front; an empty one ends them. An element is told how many there may
/// be from it on, for room to be made: never more than there are bytes.
pub(super) fn blocks<'a>(
    input: &mut Input<'a>,
    mut element: impl FnMut(&mut Input<'a>, usize) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut empty = 0;
    loop {
        let mut count = long(input)?;
        if count == 0 {
            return Ok(());
        }
        if count < 0 {
            count = count.checked_neg().ok_or_else(|| malformed("Malformed data. Length is negative"))?;
            long(input)?;
        }
        for place in 0..count {
            let before = input.len();
            element(input, usize::try_from(count - place).unwrap_or(before).min(before))?;
            if input.len() == before {
                empty += 1;
                if empty > MAX_EMPTY {
                    return Err(malformed(format!("Malformed data. More than {MAX_EMPTY} elements without content")));
                }
            }
        }
    }
}

/// `new BigDecimal(new BigInteger(bytes), scale)`.
pub(super) fn decimal(bytes: &[u8], scale: i32) -> Result<Value, DataError> {
    let superfluous = matches!(bytes, [0, second, ..] if second & 0x80 == 0)
        || matches!(bytes, [0xFF, second, ..] if second & 0x80 != 0);
    if bytes.is_empty() {
        return Err(DataError::new("Zero length BigInteger").with_class("java.lang.NumberFormatException"));
    }
    let unscaled =
        if superfluous { num_bigint::BigInt::from_signed_bytes_be(bytes).to_signed_bytes_be() } else { bytes.to_vec() };
    Ok(Value::Decimal(Decimal { unscaled, scale }))
}

impl Read {
    pub(super) fn value(&self, input: &mut Input<'_>) -> Result<Value, Fault> {
        Ok(match self {
            Read::Null => Value::Null,
            Read::Boolean => Value::Boolean(boolean(input)?),
            Read::Int8 => Value::Int8(int(input)? as i8),
            Read::Int16 => Value::Int16(int(input)? as i16),
            Read::Int => Value::Int32(int(input)?),
            Read::Long => Value::Int64(long(input)?),
            Read::Float => Value::Float32(float(input)?),
            Read::Double => Value::Float64(double(input)?),
            Read::String => Value::String(text(input)?),
            Read::Bytes => Value::Bytes(bytes(input)?.to_vec()),
            Read::Rest => Value::Bytes(std::mem::take(input).to_vec()),
            Read::Fixed(size) => Value::Bytes(take(input, *size)?.to_vec()),
            Read::Enum(symbols) => {
                let place = int(input)?;
                let symbol = usize::try_from(place).ok().and_then(|place| symbols.get(place));
                Value::String(symbol.ok_or_else(|| malformed(format!("no symbol {place} in the enum")))?.clone())
            }
            Read::Array(inner) => {
                let mut values = Vec::new();
                blocks(input, |input, room| {
                    if values.is_empty() {
                        values.reserve_exact(room.min(MAX_ROOM));
                    }
                    values.push(inner.value(input)?);
                    Ok(())
                })?;
                Value::Array(values)
            }
            Read::Map(inner, text_keys) => map(input, inner, *text_keys)?,
            Read::Entries(key, value, value_first) => entries(input, key, value, *value_first)?,
            Read::Record(fields) => {
                let mut values = Vec::with_capacity(fields.len());
                for field in fields {
                    values.push(field.value(input)?);
                }
                Value::Struct(values)
            }
            Read::Optional(inner, null_first) => match (int(input)?, *null_first) {
                (0, true) | (1, false) => Value::Null,
                (0 | 1, _) => inner.value(input)?,
                (place, _) => return Err(malformed(format!("no branch {place} in the union"))),
            },
            Read::Union(branches, width) => union(input, branches, *width)?,
            Read::Decimal(inner, scale) => match &**inner {
                Read::Bytes => decimal(bytes(input)?, *scale)?,
                inner => match inner.value(input)? {
                    Value::Bytes(bytes) => decimal(&bytes, *scale)?,
                    other => return Err(underlying("Decimal", "bytes", &other)),
                },
            },
            Read::Date(inner, kind) => match (kind, inner.value(input)?) {
                (Logical::Timestamp, Value::Int64(n)) => Value::Date(n),
                (Logical::Timestamp, other) => return Err(underlying("Timestamp", "int64", &other)),
                (Logical::Date, Value::Int32(n)) | (Logical::Time, Value::Int32(n)) => {
                    Value::Date(integer_to_date(*kind, i64::from(n))?)
                }
                (Logical::Time, other) => return Err(underlying("Time", "int32", &other)),
                (_, other) => return Err(underlying("Date", "int32", &other)),
            },
            Read::Anything => anything::read(input, 0)?,
        })
    }
}

fn underlying(logical: &str, wanted: &str, value: &Value) -> Fault {
    Fault::data(DataError::new(format!(
        "Invalid type for {logical}, underlying representation should be {wanted} but was class {}",
        value.java_class()
    )))
}

/// A map has been through two of Java's: one whose keys hash as bytes, and one of strings.
fn map(input: &mut Input<'_>, inner: &Read, text_keys: bool) -> Result<Value, Fault> {
    let mut entries: Vec<(String, Value)> = Vec::new();
    blocks(input, |input, _| {
        let key = text(input)?;
        entries.push((key, inner.value(input)?));
        Ok(())
    })?;
    if entries.len() > 1 {
        entries = crate::java::hash::put_all(entries);
        if !text_keys {
            sized_hash_map_order(&mut entries, |(key, _)| utf8_hash(key));
        }
        sized_hash_map_order(&mut entries, |(key, _)| string_hash(key));
    }
    Ok(Value::Map(entries.into_iter().map(|(key, value)| (Value::String(key), value)).collect()))
}

/// `org.apache.avro.util.Utf8.hashCode`: over bytes, where a string's is over UTF-16.
fn utf8_hash(text: &str) -> i32 {
    text.bytes().fold(0, |hash: i32, byte| hash.wrapping_mul(31).wrapping_add(i32::from(byte.cast_signed())))
}

fn entries(input: &mut Input<'_>, key: &Read, value: &Read, value_first: bool) -> Result<Value, Fault> {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    blocks(input, |input, _| {
        entries.push(if value_first {
            let value = value.value(input)?;
            (key.value(input)?, value)
        } else {
            (key.value(input)?, value.value(input)?)
        });
        Ok(())
    })?;
    Ok(Value::Map(hashed(entries)))
}

/// What a `HashMap` made for as many entries as there are gives back.
pub(super) fn hashed(entries: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    let count = entries.len();
    let mut unique: Vec<(Value, Value)> = Vec::with_capacity(count);
    let mut seen: std::collections::HashMap<i32, Vec<usize>> = std::collections::HashMap::new();
    for (key, value) in entries {
        let places = seen.entry(value_hash(&key)).or_default();
        match places.iter().find(|place| unique[**place].0 == key) {
            Some(place) => unique[*place].1 = value,
            None => {
                places.push(unique.len());
                unique.push((key, value));
            }
        }
    }
    sized_hash_map_order(&mut unique, |(key, _)| value_hash(key));
    unique
}

fn union(input: &mut Input<'_>, branches: &[Branch], width: usize) -> Result<Value, Fault> {
    let place = int(input)?;
    let branch = usize::try_from(place).ok().and_then(|place| branches.get(place));
    match branch.ok_or_else(|| malformed(format!("no branch {place} in the union")))? {
        Branch::Null => Ok(Value::Null),
        Branch::Field(read, field) => {
            let mut values = vec![Value::Null; width];
            values[*field] = read.value(input)?;
            Ok(Value::Struct(values))
        }
        Branch::Unmatched(read) => {
            read.value(input)?;
            Err(Fault::data(DataError::new("Did not find matching union field for data")))
        }
    }
}
