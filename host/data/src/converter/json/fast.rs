//! JSON to values without a tree in between, for text that is as it should be.
//!
//! Nothing here is an error: at the first thing that is out of the ordinary (a number that does not fit, a null
//! that is not allowed, a repeated name, bad JSON) the answer is none, and the caller starts again with the tree,
//! which knows every rule and every message. So this file only has to be right about what it accepts.

use super::settings::JsonSettings;
use crate::java::hash;
use crate::java::json::{MAX_DEPTH, Parser, decode_base64};
use crate::logical::{self, Logical};
use crate::schema::{Schema, Type};
use crate::value::{Decimal, Value};

/// The next value, of this schema.
pub(super) fn value(parser: &mut Parser<'_>, schema: &Schema, settings: &JsonSettings) -> Option<Value> {
    match parser.peek()? {
        b'n' => {
            parser.eat_word(b"null")?;
            return match &schema.default {
                Some(default) if settings.replace_null_with_default => Some(default.clone()),
                _ => schema.optional.then_some(Value::Null),
            };
        }
        first if schema.name.is_some() => {
            if let Some(kind) = Logical::of(schema) {
                return logical(parser, first, kind, schema);
            }
        }
        _ => {}
    }
    Some(match schema.ty {
        Type::Int8 => Value::Int8(parser.integer()?.try_into().ok()?),
        Type::Int16 => Value::Int16(parser.integer()?.try_into().ok()?),
        Type::Int32 => Value::Int32(parser.integer()?.try_into().ok()?),
        Type::Int64 => Value::Int64(parser.integer()?),
        Type::Float32 => Value::Float32(unsigned_zero(parser.number_text()?.parse().ok()?)?),
        Type::Float64 => Value::Float64(unsigned_zero(parser.number_text()?.parse().ok()?)?),
        Type::Boolean => Value::Boolean(boolean(parser)?),
        Type::String => Value::String(text(parser)?),
        Type::Bytes => Value::Bytes(decode_base64(&parser.string_here()?)?),
        Type::Array => array(parser, schema, settings)?,
        Type::Map => map(parser, schema, settings)?,
        Type::Struct => structure(parser, schema, settings)?,
    })
}

/// The next value, whatever it is.
pub(super) fn schemaless(parser: &mut Parser<'_>, depth: usize) -> Option<Value> {
    if depth >= MAX_DEPTH {
        return None;
    }
    Some(match parser.peek()? {
        b'"' => Value::String(text(parser)?),
        b't' | b'f' => Value::Boolean(boolean(parser)?),
        b'n' => {
            parser.eat_word(b"null")?;
            Value::Null
        }
        b'[' => {
            let mut elements = Vec::new();
            parser.eat(b'[');
            if !parser.eat(b']') {
                loop {
                    elements.push(schemaless(parser, depth + 1)?);
                    if parser.eat(b']') {
                        break;
                    }
                    parser.eat(b',').then_some(())?;
                }
            }
            Value::Array(elements)
        }
        b'{' => entries(parser, |parser| schemaless(parser, depth + 1))?,
        _ => {
            let number = parser.number_text()?;
            if number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
                Value::Int64(number.parse().ok()?)
            } else {
                Value::Float64(unsigned_zero(number.parse().ok()?)?)
            }
        }
    })
}

#[inline]
fn text(parser: &mut Parser<'_>) -> Option<String> {
    (parser.peek()? == b'"').then_some(())?;
    parser.string_here().map(std::borrow::Cow::into_owned)
}

fn boolean(parser: &mut Parser<'_>) -> Option<bool> {
    if parser.peek()? == b't' {
        parser.eat_word(b"true")?;
        return Some(true);
    }
    parser.eat_word(b"false")?;
    Some(false)
}

/// Which zeros have a sign is for the tree to say.
fn unsigned_zero<T: Default + PartialEq>(n: T) -> Option<T> {
    (n != T::default()).then_some(n)
}

fn logical(parser: &mut Parser<'_>, first: u8, kind: Logical, schema: &Schema) -> Option<Value> {
    match kind {
        Logical::Decimal if first == b'"' => {
            let unscaled = decode_base64(&parser.string_here()?)?;
            let unscaled = shortest(&unscaled)?.to_vec();
            Some(Value::Decimal(Decimal { unscaled, scale: logical::scale(schema).ok()? }))
        }
        Logical::Decimal => Decimal::parse(parser.number_text()?).map(Value::Decimal),
        Logical::Timestamp => parser.integer().map(Value::Date),
        Logical::Date | Logical::Time => {
            let encoded = i32::try_from(parser.integer()?).ok()?;
            logical::integer_to_date(kind, i64::from(encoded)).ok().map(Value::Date)
        }
    }
}

/// Without bytes that only repeat the sign.
fn shortest(unscaled: &[u8]) -> Option<&[u8]> {
    let mut rest = unscaled;
    loop {
        match rest {
            [] => return None,
            [0, second, ..] if *second < 0x80 => rest = &rest[1..],
            [0xFF, second, ..] if *second >= 0x80 => rest = &rest[1..],
            _ => return Some(rest),
        }
    }
}

fn array(parser: &mut Parser<'_>, schema: &Schema, settings: &JsonSettings) -> Option<Value> {
    let element = schema.value_schema.as_deref()?;
    let mut elements = Vec::new();
    parser.eat(b'[').then_some(())?;
    if !parser.eat(b']') {
        loop {
            elements.push(value(parser, element, settings)?);
            if parser.eat(b']') {
                break;
            }
            parser.eat(b',').then_some(())?;
        }
    }
    Some(Value::Array(elements))
}

fn map(parser: &mut Parser<'_>, schema: &Schema, settings: &JsonSettings) -> Option<Value> {
    let values = schema.value_schema.as_deref()?;
    (schema.key_schema.as_deref()?.ty == Type::String).then_some(())?;
    entries(parser, |parser| value(parser, values, settings))
}

/// An object as a map.
fn entries<'a>(parser: &mut Parser<'a>, mut child: impl FnMut(&mut Parser<'a>) -> Option<Value>) -> Option<Value> {
    let mut entries: Vec<(Value, Value)> = Vec::with_capacity(12);
    let mut hashes: Vec<i32> = Vec::with_capacity(12);
    parser.eat(b'{').then_some(())?;
    if !parser.eat(b'}') {
        loop {
            let name = text(parser)?;
            parser.eat(b':').then_some(())?;
            let hash = hash::string_hash(&name);
            // perhaps a repeated name
            if hashes.len() >= 64 || hashes.contains(&hash) {
                return None;
            }
            hashes.push(hash);
            entries.push((Value::String(name), child(parser)?));
            if parser.eat(b'}') {
                break;
            }
            parser.eat(b',').then_some(())?;
        }
    }
    hash::known_map_order(&mut entries, &hashes);
    Some(Value::Map(entries))
}

fn structure(parser: &mut Parser<'_>, schema: &Schema, settings: &JsonSettings) -> Option<Value> {
    parser.eat(b'{').then_some(())?;
    let mut values = Vec::with_capacity(schema.fields.len());
    if parser.eat(b'}') {
        return schema.fields.is_empty().then_some(Value::Struct(values));
    }
    for (index, field) in schema.fields.iter().enumerate() {
        if index > 0 {
            parser.eat(b',').then_some(())?;
        }
        parser.eat_name(&field.name)?;
        values.push(value(parser, &field.schema, settings)?);
    }
    parser.eat(b'}').then_some(Value::Struct(values))
}
