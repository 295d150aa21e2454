//! Values as the server's types read them from text: for types that have no other way, and for COPY.

use std::fmt::Write as _;

use bytes::{BufMut as _, BytesMut};
use watertight_sandbox::sql::ValueNode;

use super::{Nodes, Unwritable, clean, clock_of, natural, room};
use crate::sql::forms::{Clock, Form, Unit, Zone, civil, decimal, notation};
use crate::sql::postgres::decode::{BEFORE, INFINITY};
use crate::sql::postgres::types::{Kind, Type};

/// Writes a value that is not null.
pub(in super::super) fn text(
    form: &Form,
    node: &ValueNode,
    rest: &mut Nodes<'_>,
    kind: &Type,
    out: &mut BytesMut,
) -> Result<(), Unwritable> {
    if let (Form::Array(form), ValueNode::Elements(count)) = (form, node) {
        return array(form, *count, rest, kind, out);
    }
    match (form, node) {
        (Form::Natural, node) => return text(&natural(node), node, rest, kind, out),
        (Form::Boolean, ValueNode::Boolean(value)) => out.put_slice(match (&kind.kind, value) {
            (Kind::Bool | Kind::Text | Kind::Jsonb | Kind::Other, true) => b"true",
            (Kind::Bool | Kind::Text | Kind::Jsonb | Kind::Other, false) => b"false",
            (_, true) => b"1",
            (_, false) => b"0",
        }),
        (Form::Integer, ValueNode::Integer(value)) => {
            if matches!(kind.kind, Kind::Bool) && !matches!(value, 0 | 1) {
                return Err(Unwritable::mismatch(kind));
            }
            out.put_slice(value.to_string().as_bytes());
        }
        (Form::Float, ValueNode::Float(value)) => out.put_slice(float(*value).as_bytes()),
        (Form::Text, ValueNode::Text(value)) => out.put_slice(clean(value)?.as_bytes()),
        (Form::Bytes, ValueNode::Bytes(value)) => match kind.kind {
            Kind::Bytea => hexadecimal(b"\\x", value, out),
            Kind::Uuid => hexadecimal(b"", value, out),
            _ => return Err(Unwritable::mismatch(kind)),
        },
        (Form::Decimal, ValueNode::Text(value)) => {
            let plain = decimal::plain_text(value).map_err(|error| Unwritable(error.to_string()))?;
            out.put_slice(plain.as_bytes());
        }
        (Form::Unscaled(scale), ValueNode::Bytes(value)) => {
            let plain = decimal::text(value, *scale).map_err(|error| Unwritable(error.to_string()))?;
            out.put_slice(plain.as_bytes());
        }
        (Form::Date, ValueNode::Integer(days)) => out.put_slice(date(*days, kind).as_bytes()),
        (Form::Time(unit), ValueNode::Integer(count)) => out.put_slice(time(*count, *unit, kind)?.as_bytes()),
        (Form::Timestamp(unit, zone), ValueNode::Integer(count)) => {
            out.put_slice(timestamp(*count, *unit, zone, kind).as_bytes());
        }
        _ => return Err(Unwritable::mismatch(kind)),
    }
    Ok(())
}

/// `{...}`, every element in quotes: what needs them is not worth finding out.
fn array(form: &Form, count: u32, rest: &mut Nodes<'_>, kind: &Type, out: &mut BytesMut) -> Result<(), Unwritable> {
    let element = match &kind.kind {
        Kind::Array(element) => element,
        // Of a type that is nothing but text to us, such as a vector of an extension.
        Kind::Other => kind,
        _ => return Err(Unwritable::mismatch(kind)),
    };
    out.put_u8(b'{');
    let mut one = BytesMut::new();
    for index in 0..count {
        room(out)?;
        if index > 0 {
            out.put_u8(b',');
        }
        let node = rest.next().ok_or_else(|| Unwritable::new("its elements are missing"))?;
        if let ValueNode::Null = node {
            out.put_slice(b"NULL");
            continue;
        }
        one.clear();
        text(form, node, rest, element, &mut one)?;
        out.put_u8(b'"');
        for byte in &one {
            if matches!(byte, b'"' | b'\\') {
                out.put_u8(b'\\');
            }
            out.put_u8(*byte);
        }
        out.put_u8(b'"');
    }
    out.put_u8(b'}');
    Ok(())
}

fn hexadecimal(prefix: &[u8], bytes: &[u8], out: &mut BytesMut) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(prefix.len() + bytes.len() * 2);
    out.put_slice(prefix);
    for byte in bytes {
        out.put_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

fn float(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else {
        value.to_string()
    }
}

/// Years before Christ as the server has them, where it is to read them.
fn push_date(out: &mut String, days: i64, kind: &Type) -> &'static str {
    let (year, month, day) = civil::date(days);
    if year > 0 || !matches!(kind.kind, Kind::Date | Kind::Timestamp | Kind::TimestampTz | Kind::Other) {
        notation::push_date(out, days);
        return "";
    }
    let _ = write!(out, "{:04}-{month:02}-{day:02}", 1 - year);
    " BC"
}

fn date(days: i64, kind: &Type) -> String {
    let mut out = String::new();
    let era = push_date(&mut out, days, kind);
    out + era
}

fn time(count: i64, unit: Unit, kind: &Type) -> Result<String, Unwritable> {
    let clock = Clock::of(count, unit);
    let second = u32::try_from(clock.seconds).ok().filter(|second| i64::from(*second) <= civil::DAY);
    let mut out = String::new();
    notation::push_time(
        &mut out,
        second.ok_or_else(|| Unwritable::range(kind))?,
        clock.nanos,
        notation::digits(clock.nanos),
    );
    if matches!(kind.kind, Kind::TimeTz) {
        out.push_str("+00");
    }
    Ok(out)
}

fn timestamp(count: i64, unit: Unit, zone: &Zone, kind: &Type) -> String {
    let ends = matches!(kind.kind, Kind::Timestamp | Kind::TimestampTz) && unit == Unit::Millis;
    if ends && count >= INFINITY {
        return "infinity".into();
    }
    if ends && count <= BEFORE {
        return "-infinity".into();
    }
    let with_zone = matches!(kind.kind, Kind::TimestampTz);
    let clock = clock_of(count, unit, zone, !with_zone);
    let (day, second) = clock.day();
    let mut out = String::new();
    let era = push_date(&mut out, day, kind);
    out.push(' ');
    notation::push_time(&mut out, second, clock.nanos, notation::digits(clock.nanos));
    if with_zone {
        out.push_str("+00");
    }
    out + era
}
