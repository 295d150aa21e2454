//! Values to a message's bytes, by a [`Plan`].
//!
//! Fields go out by number and maps in their own order, so that equal records are equal bytes.

use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{EnumDescriptor, Kind};

use super::write_plan::{Item, Plan, PlannedField, Shape};
use crate::error::DataError;
use crate::java::calendar;
use crate::logical::{self, Logical};
use crate::validate;
use crate::value::{Decimal, Value};

const DAY: i64 = 86_400_000;

impl Plan {
    /// Appends a record.
    pub(super) fn write(&self, out: &mut Vec<u8>, value: &Value) -> Result<(), DataError> {
        let Value::Struct(values) = value else {
            return Err(DataError::new(format!("Invalid type for STRUCT: class {}", value.java_class())));
        };
        if values.len() != self.schema.fields.len() {
            return Err(DataError::new("Mismatching schema."));
        }
        self.write_fields(out, |index| &values[index])
    }

    /// The fields of a struct, wherever they are.
    fn write_fields<'v>(&self, out: &mut Vec<u8>, at: impl Fn(usize) -> &'v Value) -> Result<(), DataError> {
        for field in &self.fields {
            let (index, member) = field.place;
            let mut of = &self.schema.fields[index];
            let mut value = at(index);
            if let Some(member) = member {
                let Value::Struct(members) = value else {
                    continue;
                };
                of = &of.schema.fields[member];
                match members.get(member) {
                    Some(Value::Null) | None => continue,
                    Some(chosen) => value = chosen,
                }
            }
            if value.is_null() {
                match &of.schema.default {
                    Some(default) => value = default,
                    None => {
                        validate::not_null(&of.name, &of.schema, value)?;
                        continue;
                    }
                }
            }
            field.write(out, value).map_err(|error| match error.message().contains(" field ") {
                true => error,
                false => DataError::new(format!("{} in field {}", error.message(), of.name)),
            })?;
        }
        Ok(())
    }
}

impl PlannedField {
    fn write(&self, out: &mut Vec<u8>, value: &Value) -> Result<(), DataError> {
        match (&self.shape, value) {
            (Shape::One(item), value) => item.write(out, self.number, value, self.presence),
            (Shape::List { item: Item::Scalar(kind), packed: true }, Value::Array(elements)) => {
                if elements.is_empty() {
                    return Ok(());
                }
                let mut packed = Vec::with_capacity(elements.len() * 2);
                for element in elements {
                    scalar(&mut packed, kind, element)?;
                }
                delimited(out, self.number, &packed);
                Ok(())
            }
            (Shape::List { item: Item::Enum(descriptor), packed: true }, Value::Array(elements)) => {
                if elements.is_empty() {
                    return Ok(());
                }
                let mut packed = Vec::with_capacity(elements.len());
                for element in elements {
                    encode_varint(enum_number(descriptor, element)?, &mut packed);
                }
                delimited(out, self.number, &packed);
                Ok(())
            }
            (Shape::List { item, .. }, Value::Array(elements)) => {
                elements.iter().try_for_each(|element| item.write(out, self.number, element, true))
            }
            (Shape::Map { plan, proper }, Value::Map(entries)) => {
                for (key, value) in entries {
                    if *proper && (key.is_null() || value.is_null()) {
                        return Err(refused("an entry", &Value::Null));
                    }
                    let mut entry = Vec::new();
                    plan.write_fields(&mut entry, |index| if index == 0 { key } else { value })?;
                    delimited(out, self.number, &entry);
                }
                Ok(())
            }
            (Shape::List { .. }, other) => Err(refused("ARRAY", other)),
            (Shape::Map { .. }, other) => Err(refused("MAP", other)),
        }
    }
}

fn refused(wanted: &str, value: &Value) -> DataError {
    if value.is_null() {
        return DataError::new("Protobuf has no null among elements or entries: null");
    }
    DataError::new(format!("Invalid type for {wanted}: class {}", value.java_class()))
}

impl Item {
    /// A field with its key. Where the default cannot be told from nothing, it is nothing.
    fn write(&self, out: &mut Vec<u8>, number: u32, value: &Value, presence: bool) -> Result<(), DataError> {
        match self {
            Item::Scalar(kind) => {
                if presence || !is_zero(value) {
                    encode_key(number, wire_type(kind), out);
                    scalar(out, kind, value)?;
                }
                return Ok(());
            }
            Item::Enum(descriptor) => {
                let chosen = enum_number(descriptor, value)?;
                if presence || chosen != 0 {
                    encode_key(number, WireType::Varint, out);
                    encode_varint(chosen, out);
                }
                return Ok(());
            }
            _ => {}
        }
        let mut inner = Vec::new();
        self.message(&mut inner, value)?;
        delimited(out, number, &inner);
        Ok(())
    }

    fn message(&self, out: &mut Vec<u8>, value: &Value) -> Result<(), DataError> {
        match (self, value) {
            (Item::Message(plan), value) if !value.is_null() => plan.write(out, value),
            (Item::Wrapper(kind), value) if !value.is_null() => Item::Scalar(kind.clone()).write(out, 1, value, false),
            (Item::Decimal, Value::Decimal(decimal)) => {
                decimal_message(out, decimal);
                Ok(())
            }
            (Item::Date, Value::Date(millis)) => {
                let (year, month, day) = calendar::civil(logical::date_to_integer(Logical::Date, *millis)?);
                numbers(out, [year, i64::from(month), i64::from(day), 0]);
                Ok(())
            }
            (Item::Time, Value::Date(millis)) => {
                let millis = logical::date_to_integer(Logical::Time, *millis)?.rem_euclid(DAY);
                let (seconds, nanos) = (millis / 1000, millis % 1000 * 1_000_000);
                numbers(out, [seconds / 3600, seconds / 60 % 60, seconds % 60, nanos]);
                Ok(())
            }
            (Item::Timestamp, Value::Date(millis)) => {
                numbers(out, [millis.div_euclid(1000), millis.rem_euclid(1000) * 1_000_000, 0, 0]);
                Ok(())
            }
            (Item::Decimal, other) => Err(refused("Decimal", other)),
            (Item::Date, other) => Err(refused("Date", other)),
            (Item::Time, other) => Err(refused("Time", other)),
            (Item::Timestamp, other) => Err(refused("Timestamp", other)),
            (Item::Message(_) | Item::Wrapper(_) | Item::Scalar(_) | Item::Enum(_), other) => {
                Err(refused("STRUCT", other))
            }
        }
    }
}

fn delimited(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// The first four fields of a message, zeros left out.
fn numbers(out: &mut Vec<u8>, numbers: [i64; 4]) {
    for (number, n) in (1..).zip(numbers) {
        if n != 0 {
            encode_key(number, WireType::Varint, out);
            encode_varint(n.cast_unsigned(), out);
        }
    }
}

fn decimal_message(out: &mut Vec<u8>, decimal: &Decimal) {
    let digits = decimal.unscaled_int().magnitude().to_string().len();
    delimited(out, 1, &decimal.unscaled);
    encode_key(2, WireType::Varint, out);
    encode_varint(digits as u64, out);
    if decimal.scale != 0 {
        encode_key(3, WireType::Varint, out);
        encode_varint(i64::from(decimal.scale).cast_unsigned(), out);
    }
}

fn enum_number(descriptor: &EnumDescriptor, value: &Value) -> Result<u64, DataError> {
    let number = match value {
        Value::Int32(number) => Some(*number),
        Value::String(name) => descriptor.get_value_by_name(name).map(|value| value.number()).or_else(|| {
            name.strip_prefix("UNKNOWN_ENUM_VALUE_")?.strip_prefix(descriptor.name())?.strip_prefix('_')?.parse().ok()
        }),
        other => return Err(refused("enum", other)),
    };
    match number {
        Some(number) => Ok(i64::from(number).cast_unsigned()),
        None => Err(DataError::new(format!(
            "Protobuf enum {} has no value {}",
            descriptor.full_name(),
            value.as_str().unwrap_or_default()
        ))),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Boolean(flag) => !flag,
        Value::Float32(n) => n.to_bits() == 0,
        Value::Float64(n) => n.to_bits() == 0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        other => other.as_i64() == Some(0),
    }
}

/// How a scalar stands on the wire.
pub(super) fn wire_type(kind: &Kind) -> WireType {
    match kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => WireType::SixtyFourBit,
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => WireType::ThirtyTwoBit,
        Kind::String | Kind::Bytes | Kind::Message(_) => WireType::LengthDelimited,
        _ => WireType::Varint,
    }
}

fn scalar(out: &mut Vec<u8>, kind: &Kind, value: &Value) -> Result<(), DataError> {
    match (kind, value) {
        (Kind::Double, Value::Float64(n)) => out.extend_from_slice(&n.to_le_bytes()),
        (Kind::Double, Value::Float32(n)) => out.extend_from_slice(&f64::from(*n).to_le_bytes()),
        (Kind::Float, Value::Float32(n)) => out.extend_from_slice(&n.to_le_bytes()),
        (Kind::Bool, Value::Boolean(flag)) => out.push(u8::from(*flag)),
        (Kind::String, Value::String(text)) => {
            encode_varint(text.len() as u64, out);
            out.extend_from_slice(text.as_bytes());
        }
        (Kind::Bytes, Value::Bytes(bytes)) => {
            encode_varint(bytes.len() as u64, out);
            out.extend_from_slice(bytes);
        }
        (kind, value) => {
            let Some(n) = value.as_i64() else {
                return Err(refused(&format!("{kind:?}"), value));
            };
            return whole(out, kind, n);
        }
    }
    Ok(())
}

fn whole(out: &mut Vec<u8>, kind: &Kind, n: i64) -> Result<(), DataError> {
    let beyond = || DataError::new(format!("{n} is beyond what the Protobuf type {kind:?} holds"));
    let signed = || i32::try_from(n).map_err(|_| beyond());
    let unsigned = || u32::try_from(n).map_err(|_| beyond());
    match kind {
        Kind::Int32 => encode_varint(i64::from(signed()?).cast_unsigned(), out),
        Kind::Int64 | Kind::Uint64 => encode_varint(n.cast_unsigned(), out),
        Kind::Uint32 => encode_varint(u64::from(unsigned()?), out),
        Kind::Sint32 => {
            let n = signed()?;
            encode_varint(u64::from(((n << 1) ^ (n >> 31)).cast_unsigned()), out);
        }
        Kind::Sint64 => encode_varint(((n << 1) ^ (n >> 63)).cast_unsigned(), out),
        Kind::Fixed32 => out.extend_from_slice(&unsigned()?.to_le_bytes()),
        Kind::Sfixed32 => out.extend_from_slice(&signed()?.to_le_bytes()),
        Kind::Fixed64 | Kind::Sfixed64 => out.extend_from_slice(&n.to_le_bytes()),
        _ => return Err(DataError::new(format!("Invalid type for {kind:?}: a whole number"))),
    }
    Ok(())
}
