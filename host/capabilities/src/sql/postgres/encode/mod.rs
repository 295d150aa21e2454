//! Nodes of a guest into what the server wants: in its binary format where form and type are made for each other, and
//! otherwise as text, which it reads for every type that it has.

mod numeric;
mod text;
mod time;

use bytes::{BufMut as _, BytesMut};
use watertight_sandbox::sql::ValueNode;

pub(super) use text::text;

use super::types::{Kind, Type};
use crate::sql::forms::{Form, Unit, Zone, decimal};

/// Values that follow each other; the elements of an array follow it.
pub(super) type Nodes<'a> = std::slice::Iter<'a, ValueNode>;

/// Why a value cannot be written so.
#[derive(Debug, PartialEq)]
pub(super) struct Unwritable(pub(super) String);

impl Unwritable {
    fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }

    fn mismatch(kind: &Type) -> Self {
        Self(format!("it does not go into {}", kind.name))
    }

    fn range(kind: &Type) -> Self {
        Self(format!("it is out of the range of {}", kind.name))
    }
}

/// What one call may send: more than a guest can hand over, as a number of a few bytes may have many digits.
pub(super) const MOST: usize = 256 * 1024 * 1024;

/// Whether there is room for more.
pub(super) fn room(out: &BytesMut) -> Result<(), Unwritable> {
    if out.len() > MOST { Err(Unwritable::new("all of it is too much for one call")) } else { Ok(()) }
}

/// The form that the kind of a node is meant in.
pub(super) fn natural(node: &ValueNode) -> Form {
    match node {
        ValueNode::Boolean(_) => Form::Boolean,
        ValueNode::Integer(_) => Form::Integer,
        ValueNode::Float(_) => Form::Float,
        ValueNode::Bytes(_) => Form::Bytes,
        ValueNode::Elements(_) => Form::Array(Box::new(Form::Natural)),
        ValueNode::Null | ValueNode::Text(_) | ValueNode::Entries(_) | ValueNode::Fields(_) => Form::Text,
    }
}

/// Whether [`binary`] knows how.
pub(super) fn is_binary(form: &Form, kind: &Type) -> bool {
    use Kind::{
        Array, Bool, Bytea, Date, Float4, Float8, Int2, Int4, Int8, Jsonb, Numeric, Oid, Text, Time, TimeTz, Timestamp,
        TimestampTz, Uuid,
    };
    match (form, &kind.kind) {
        (Form::Boolean, Bool)
        | (Form::Integer | Form::Decimal | Form::Unscaled(_), Int2 | Int4 | Int8 | Oid | Float4 | Float8 | Numeric)
        | (Form::Float, Float4 | Float8 | Numeric)
        | (Form::Text, Text | Jsonb | Uuid)
        | (Form::Bytes, Bytea | Uuid)
        | (Form::Date, Date | Timestamp | TimestampTz)
        | (Form::Time(_), Time | TimeTz)
        | (Form::Timestamp(..), Timestamp | TimestampTz | Date | Time) => true,
        (Form::Array(form), Array(element)) => is_binary(form, element),
        _ => false,
    }
}

/// Writes a value that is not null, of a form and type for which [`is_binary`] is true.
pub(super) fn binary(
    form: &Form,
    node: &ValueNode,
    rest: &mut Nodes<'_>,
    kind: &Type,
    out: &mut BytesMut,
) -> Result<(), Unwritable> {
    match (form, node) {
        (Form::Boolean, ValueNode::Boolean(value)) => out.put_u8((*value).into()),
        (Form::Integer, ValueNode::Integer(value)) => integer((*value).into(), kind, out)?,
        (Form::Decimal, ValueNode::Text(value)) => decimal_text(value, kind, out)?,
        (Form::Unscaled(scale), ValueNode::Bytes(value)) => unscaled(value, *scale, kind, out)?,
        (Form::Float, ValueNode::Float(value)) => float(*value, kind, out)?,
        (Form::Text, ValueNode::Text(value)) => match kind.kind {
            Kind::Uuid => out.put_slice(&uuid(value)?),
            _ => {
                if matches!(kind.kind, Kind::Jsonb) {
                    out.put_u8(1);
                }
                out.put_slice(clean(value)?.as_bytes());
            }
        },
        (Form::Bytes, ValueNode::Bytes(value)) => {
            if matches!(kind.kind, Kind::Uuid) && value.len() != 16 {
                return Err(Unwritable::new("a uuid has 16 bytes"));
            }
            out.put_slice(value);
        }
        (Form::Date, ValueNode::Integer(days)) => time::date(*days, kind, out)?,
        (Form::Time(unit), ValueNode::Integer(count)) => time::time(*count, *unit, kind, out)?,
        (Form::Timestamp(unit, zone), ValueNode::Integer(count)) => {
            time::timestamp(*count, *unit, zone, kind, out)?;
        }
        (Form::Array(form), ValueNode::Elements(count)) => array(form, *count, rest, kind, out)?,
        _ => return Err(Unwritable::mismatch(kind)),
    }
    Ok(())
}

fn array(form: &Form, count: u32, rest: &mut Nodes<'_>, kind: &Type, out: &mut BytesMut) -> Result<(), Unwritable> {
    let Kind::Array(element) = &kind.kind else { return Err(Unwritable::mismatch(kind)) };
    if count as usize > rest.len() {
        return Err(Unwritable::new("its elements are missing"));
    }
    let nulls = rest.as_slice().iter().take(count as usize).any(|node| matches!(node, ValueNode::Null));
    out.put_i32(i32::from(count > 0));
    out.put_i32(nulls.into());
    out.put_u32(element.oid);
    if count > 0 {
        out.put_u32(count);
        out.put_i32(1);
    }
    for _ in 0..count {
        room(out)?;
        match rest.next() {
            None | Some(ValueNode::Null) => out.put_i32(-1),
            Some(node) => prefixed(out, |out| binary(form, node, rest, element, out))?,
        }
    }
    Ok(())
}

/// A length, and what it counts.
pub(super) fn prefixed(
    out: &mut BytesMut,
    body: impl FnOnce(&mut BytesMut) -> Result<(), Unwritable>,
) -> Result<(), Unwritable> {
    let start = out.len();
    out.put_i32(0);
    body(out)?;
    let length = i32::try_from(out.len() - start - 4).map_err(|_| Unwritable::new("it is too long"))?;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

fn integer(value: i128, kind: &Type, out: &mut BytesMut) -> Result<(), Unwritable> {
    let range = |_| Unwritable::range(kind);
    match kind.kind {
        Kind::Int2 => out.put_i16(value.try_into().map_err(range)?),
        Kind::Int4 => out.put_i32(value.try_into().map_err(range)?),
        Kind::Int8 => out.put_i64(value.try_into().map_err(range)?),
        Kind::Oid => out.put_u32(value.try_into().map_err(range)?),
        Kind::Numeric => numeric::write(&value.to_string(), out)?,
        Kind::Float4 | Kind::Float8 => float(value as f64, kind, out)?,
        _ => return Err(Unwritable::mismatch(kind)),
    }
    Ok(())
}

fn decimal_text(value: &str, kind: &Type, out: &mut BytesMut) -> Result<(), Unwritable> {
    match kind.kind {
        Kind::Numeric => {
            let plain = decimal::plain_text(value).map_err(|error| Unwritable(error.to_string()))?;
            numeric::write(&plain, out)
        }
        Kind::Float4 | Kind::Float8 => {
            let value = decimal::plain_text(value).map_err(|error| Unwritable(error.to_string()))?;
            float(value.parse().map_err(|_| Unwritable::mismatch(kind))?, kind, out)
        }
        _ => whole(decimal::unscaled(value, 0), kind, out),
    }
}

fn unscaled(value: &[u8], scale: i32, kind: &Type, out: &mut BytesMut) -> Result<(), Unwritable> {
    let number = decimal::integer(value);
    match (&kind.kind, number) {
        (Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Oid, Some(number)) => {
            whole(decimal::unscaled_of(number, scale, 0), kind, out)
        }
        _ => {
            let text = decimal::text(value, scale).map_err(|error| Unwritable(error.to_string()))?;
            decimal_text(&text, kind, out)
        }
    }
}

fn whole(bytes: Result<Vec<u8>, decimal::DecimalError>, kind: &Type, out: &mut BytesMut) -> Result<(), Unwritable> {
    let bytes = bytes.map_err(|error| Unwritable(error.to_string()))?;
    integer(decimal::integer(&bytes).ok_or_else(|| Unwritable::range(kind))?, kind, out)
}

fn float(value: f64, kind: &Type, out: &mut BytesMut) -> Result<(), Unwritable> {
    match kind.kind {
        Kind::Float4 => {
            let narrow = value as f32;
            if narrow.is_infinite() && value.is_finite() {
                return Err(Unwritable::range(kind));
            }
            out.put_f32(narrow);
        }
        Kind::Float8 => out.put_f64(value),
        Kind::Numeric => numeric::write_float(value, out)?,
        _ => return Err(Unwritable::mismatch(kind)),
    }
    Ok(())
}

/// Text as PostgreSQL can store it.
fn clean(value: &str) -> Result<&str, Unwritable> {
    if value.contains('\0') {
        return Err(Unwritable::new("PostgreSQL cannot store the character U+0000 in a text"));
    }
    Ok(value)
}

/// As the server reads it: hexadecimal digits, with dashes between or not, in braces or not.
fn uuid(value: &str) -> Result<[u8; 16], Unwritable> {
    let wrong = || Unwritable::new("it is no uuid");
    let inner = value.strip_prefix('{').and_then(|value| value.strip_suffix('}')).unwrap_or(value);
    let mut digits = 0_usize;
    let mut all = 0_u128;
    for byte in inner.bytes() {
        match (byte, char::from(byte).to_digit(16)) {
            (_, Some(digit)) if digits < 32 => {
                all = (all << 4) | u128::from(digit);
                digits += 1;
            }
            (b'-', _) if digits > 0 && digits.is_multiple_of(4) => {}
            _ => return Err(wrong()),
        }
    }
    if digits == 32 { Ok(all.to_be_bytes()) } else { Err(wrong()) }
}

/// What a time, an instant or a date is written for, told apart by nothing but its type.
fn clock_of(count: i64, unit: Unit, zone: &Zone, local: bool) -> crate::sql::forms::Clock {
    let clock = crate::sql::forms::Clock::of(count, unit);
    if local { crate::sql::forms::Clock { seconds: zone.local(clock.seconds), ..clock } } else { clock }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
