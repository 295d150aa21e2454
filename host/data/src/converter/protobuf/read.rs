//! A message's bytes to values, by a [`Plan`].
//!
//! The bytes come from anywhere. Recursion is the plan's, which is bounded; no length is believed before the
//! bytes are seen to be there; and since an empty message of many fields is two bytes that become many values,
//! the values of one record are counted.

use std::collections::HashMap;

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost_reflect::Kind;

use super::from_proto::{enum_value, integer};
use super::read_plan::{Item, Place, Plan, Root, Shape, Slot};
use super::write;
use crate::error::DataError;
use crate::java::{calendar, hash};
use crate::logical::{self, Logical};
use crate::schema::Type;
use crate::value::{Decimal, Value};

/// Most values that one record may become.
const MAX_VALUES: usize = 10_000_000;
const DAY: i64 = 86_400_000;

/// The value of a record.
pub(super) fn root(root: &Root, bytes: &[u8]) -> Result<Value, DataError> {
    let mut decoder = Decoder { values: 0 };
    match root {
        Root::Message(plan, _) => decoder.message(plan, bytes, None),
        Root::Wrapped(item, _) => decoder.delimited(item, bytes, None),
    }
}

struct Decoder {
    values: usize,
}

fn malformed(cause: impl std::fmt::Display) -> DataError {
    DataError::new(format!("{cause}"))
}

impl Decoder {
    fn count(&mut self, values: usize) -> Result<(), DataError> {
        self.values += values;
        if self.values > MAX_VALUES {
            return Err(malformed(format_args!("the message becomes more than {MAX_VALUES} values")));
        }
        Ok(())
    }

    /// A struct; one that was there before goes on.
    fn message(&mut self, plan: &Plan, bytes: &[u8], before: Option<Value>) -> Result<Value, DataError> {
        self.count(1 + plan.defaults.len())?;
        let mut values = match before {
            Some(Value::Struct(values)) if values.len() == plan.defaults.len() => values,
            _ => plan.defaults.clone(),
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            let (number, wire) = decode_key(&mut rest).map_err(malformed)?;
            let taken = match plan.slots.get(&number) {
                Some(slot) => self.field(slot, wire, &mut rest, &mut values)?,
                None => false,
            };
            if !taken {
                skip_field(wire, number, &mut rest, DecodeContext::default()).map_err(malformed)?;
            }
        }
        for slot in plan.slots.values() {
            if let (Shape::Map(_), Place::Field(field)) = (&slot.shape, slot.place)
                && let Some(Value::Map(entries)) = values.get_mut(field)
            {
                last_of_each_key(entries);
            }
        }
        Ok(Value::Struct(values))
    }

    /// Whether the field was of a type that it can be of; anything else is not known, as in Java.
    fn field(
        &mut self,
        slot: &Slot,
        wire: WireType,
        rest: &mut &[u8],
        values: &mut [Value],
    ) -> Result<bool, DataError> {
        let (item, many) = match &slot.shape {
            Shape::One(item) => (item, false),
            Shape::List(item) => (item, true),
            Shape::Map(plan) => {
                if wire != WireType::LengthDelimited {
                    return Ok(false);
                }
                let bytes = delimited(rest)?;
                if let Value::Struct(mut entry) = self.message(plan, bytes, None)?
                    && let (Some(value), Some(key)) = (entry.pop(), entry.pop())
                    && let Some(Value::Map(entries)) = target(slot.place, values)
                {
                    entries.push((key, value));
                }
                return Ok(true);
            }
        };
        let own = wire_type(item);
        if many {
            let Some(Value::Array(known)) = target(slot.place, values) else {
                return Ok(false);
            };
            if wire == own {
                known.push(self.item(item, rest, None)?);
            } else if wire == WireType::LengthDelimited {
                let mut packed = delimited(rest)?;
                while !packed.is_empty() {
                    known.push(self.item(item, &mut packed, None)?);
                }
            } else {
                return Ok(false);
            }
            return Ok(true);
        }
        if wire != own {
            return Ok(false);
        }
        let Some(target) = target(slot.place, values) else {
            return Ok(false);
        };
        let before = matches!(item, Item::Message(_)).then(|| std::mem::take(target));
        *target = self.item(item, rest, before)?;
        Ok(true)
    }

    fn item(&mut self, item: &Item, rest: &mut &[u8], before: Option<Value>) -> Result<Value, DataError> {
        match item {
            Item::Scalar(kind, ty) => {
                self.count(1)?;
                scalar(kind, *ty, rest)
            }
            Item::Enum { descriptor, number } => {
                self.count(1)?;
                Ok(enum_value(descriptor, decode_varint(rest).map_err(malformed)? as i32, *number))
            }
            _ => {
                let bytes = delimited(rest)?;
                self.delimited(item, bytes, before)
            }
        }
    }

    fn delimited(&mut self, item: &Item, bytes: &[u8], before: Option<Value>) -> Result<Value, DataError> {
        match item {
            Item::Message(plan) => return self.message(plan, bytes, before),
            Item::Scalar(..) | Item::Enum { .. } => return Err(malformed("a scalar is not a message")),
            Item::Decimal | Item::Date | Item::Time | Item::Timestamp | Item::Wrapper(_) => {}
        }
        self.count(1)?;
        match item {
            Item::Wrapper(inner) => {
                let Item::Scalar(kind, ty) = &**inner else {
                    return Err(malformed("a wrapper holds a scalar"));
                };
                let mut value = zero(*ty);
                each(bytes, |number, wire, rest| {
                    if number == 1 && wire == wire_type(inner) {
                        value = scalar(kind, *ty, rest)?;
                        return Ok(true);
                    }
                    Ok(false)
                })?;
                Ok(value)
            }
            Item::Decimal => {
                let (mut unscaled, mut scale) = (Vec::new(), 0);
                each(bytes, |number, wire, rest| {
                    match (number, wire) {
                        (1, WireType::LengthDelimited) => unscaled = delimited(rest)?.to_vec(),
                        (3, WireType::Varint) => scale = decode_varint(rest).map_err(malformed)? as i32,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
                let unscaled = num_bigint::BigInt::from_signed_bytes_be(&unscaled);
                Ok(Value::Decimal(Decimal::of(&unscaled, scale)))
            }
            Item::Date => {
                let [year, month, day, _] = numbers(bytes)?;
                let part = |n: i64| i64::from(n as i32);
                // a date without a day, or without a month, is its first
                let days = calendar::days(part(year), part(month).max(1), part(day).max(1));
                Ok(Value::Date(days.saturating_mul(DAY)))
            }
            Item::Time => {
                let [hours, minutes, seconds, nanos] = numbers(bytes)?.map(|n| i64::from(n as i32));
                let millis = ((hours * 60 + minutes) * 60 + seconds) * 1000 + nanos / 1_000_000;
                logical::integer_to_date(Logical::Time, millis).map(Value::Date)
            }
            Item::Timestamp => {
                let [seconds, nanos, ..] = numbers(bytes)?;
                let nanos = i64::from(nanos as i32);
                let millis = seconds
                    .checked_mul(1000)
                    .and_then(|millis| millis.checked_add(nanos.div_euclid(1_000_000)))
                    .ok_or_else(|| {
                        malformed("a google.protobuf.Timestamp is beyond what 64 bits of milliseconds hold")
                    })?;
                Ok(Value::Date(millis))
            }
            Item::Message(_) | Item::Scalar(..) | Item::Enum { .. } => Ok(Value::Null),
        }
    }
}

/// The value at a place; a oneof's other members become null.
fn target(place: Place, values: &mut [Value]) -> Option<&mut Value> {
    match place {
        Place::Field(field) => values.get_mut(field),
        Place::Union { field, member, members } => {
            let union = values.get_mut(field)?;
            let fresh = !matches!(union, Value::Struct(known) if known.get(member).is_some_and(|one| !one.is_null()));
            if fresh {
                *union = Value::Struct(vec![Value::Null; members]);
            }
            match union {
                Value::Struct(known) => known.get_mut(member),
                _ => None,
            }
        }
    }
}

/// Walks over the fields of a small message.
fn each(
    bytes: &[u8],
    mut take: impl FnMut(u32, WireType, &mut &[u8]) -> Result<bool, DataError>,
) -> Result<(), DataError> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (number, wire) = decode_key(&mut rest).map_err(malformed)?;
        if !take(number, wire, &mut rest)? {
            skip_field(wire, number, &mut rest, DecodeContext::default()).map_err(malformed)?;
        }
    }
    Ok(())
}

/// A message whose first four fields are whole numbers.
fn numbers(bytes: &[u8]) -> Result<[i64; 4], DataError> {
    let mut found = [0; 4];
    each(bytes, |number, wire, rest| match found.get_mut(number as usize - 1) {
        Some(place) if wire == WireType::Varint => {
            *place = decode_varint(rest).map_err(malformed)?.cast_signed();
            Ok(true)
        }
        _ => Ok(false),
    })?;
    Ok(found)
}

fn delimited<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], DataError> {
    let length = decode_varint(rest).map_err(malformed)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= rest.len());
    let length = length.ok_or_else(|| malformed("a field is longer than the message it is in"))?;
    let (bytes, after) = rest.split_at(length);
    *rest = after;
    Ok(bytes)
}

fn fixed<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], DataError> {
    let (bytes, after) = rest.split_first_chunk::<N>().ok_or_else(|| malformed("the message is cut short"))?;
    *rest = after;
    Ok(*bytes)
}

fn scalar(kind: &Kind, ty: Type, rest: &mut &[u8]) -> Result<Value, DataError> {
    let varint = |rest: &mut &[u8]| decode_varint(rest).map_err(malformed);
    Ok(match kind {
        Kind::Double => Value::Float64(f64::from_le_bytes(fixed(rest)?)),
        Kind::Float => Value::Float32(f32::from_le_bytes(fixed(rest)?)),
        Kind::Int32 => integer(i64::from(varint(rest)? as i32), ty),
        Kind::Int64 | Kind::Uint64 => integer(varint(rest)?.cast_signed(), ty),
        Kind::Uint32 => integer(i64::from(varint(rest)? as u32), ty),
        Kind::Sint32 => {
            let n = varint(rest)? as u32;
            integer(i64::from((n >> 1).cast_signed() ^ -(n & 1).cast_signed()), ty)
        }
        Kind::Sint64 => {
            let n = varint(rest)?;
            integer((n >> 1).cast_signed() ^ -(n & 1).cast_signed(), ty)
        }
        Kind::Fixed32 => integer(i64::from(u32::from_le_bytes(fixed(rest)?)), ty),
        Kind::Fixed64 | Kind::Sfixed64 => integer(i64::from_le_bytes(fixed(rest)?), ty),
        Kind::Sfixed32 => integer(i64::from(i32::from_le_bytes(fixed(rest)?)), ty),
        Kind::Bool => Value::Boolean(varint(rest)? != 0),
        Kind::String => {
            let text = std::str::from_utf8(delimited(rest)?);
            Value::String(text.map_err(|_| malformed("Protocol message had invalid UTF-8."))?.to_owned())
        }
        Kind::Bytes => Value::Bytes(delimited(rest)?.to_vec()),
        Kind::Message(_) | Kind::Enum(_) => return Err(malformed("a message is not a scalar")),
    })
}

/// What a wrapper without its field holds.
fn zero(ty: Type) -> Value {
    match ty {
        Type::Boolean => Value::Boolean(false),
        Type::Float32 => Value::Float32(0.0),
        Type::Float64 => Value::Float64(0.0),
        Type::String => Value::String(String::new()),
        Type::Bytes => Value::Bytes(Vec::new()),
        other => integer(0, other),
    }
}

fn wire_type(item: &Item) -> WireType {
    match item {
        Item::Enum { .. } => WireType::Varint,
        Item::Scalar(kind, _) => write::wire_type(kind),
        _ => WireType::LengthDelimited,
    }
}

/// As a Java map: a key that comes again keeps its place and takes the later value.
fn last_of_each_key(entries: &mut Vec<(Value, Value)>) {
    // not by Java's hash codes: whoever makes the bytes could make them all equal
    let mut places: HashMap<String, usize> = HashMap::with_capacity(entries.len());
    let mut unique: Vec<(Value, Value)> = Vec::with_capacity(entries.len());
    for (key, value) in entries.drain(..) {
        let text = match &key {
            Value::String(text) => text.clone(),
            other => format!("{other:?}"),
        };
        match places.get(&text) {
            Some(place) => unique[*place].1 = value,
            None => {
                places.insert(text, unique.len());
                unique.push((key, value));
            }
        }
    }
    hash::value_map_order(&mut unique);
    *entries = unique;
}
