//! `org.apache.kafka.connect.storage.SimpleHeaderConverter`: headers as text that says what it is.
//!
//! Reading guesses: `5` is an INT8, `1.5` a FLOAT32, `2020-01-01` a Date, everything else text. Arrays and maps
//! are not taken apart yet; they stay text, and are the same text again when written.

use std::sync::Arc;

use super::Converter;
use crate::error::DataError;
use crate::java::calendar;
use crate::java::json::push_base64;
use crate::java::text::{self, MAX_DEPTH};
use crate::java::utf8;
use crate::logical;
use crate::schema::{BOOLEAN, FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, STRING, Schema};
use crate::value::{Decimal, SchemaAndValue, Value};

/// The default of `header.converter`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SimpleHeaderConverter;

impl Converter for SimpleHeaderConverter {
    fn from_connect(
        &self,
        _topic: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        match value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.into_bytes())),
            other => {
                let mut out = String::new();
                push(&mut out, schema.map(|schema| &**schema), &other, false, 0)?;
                Ok(Some(out.into_bytes()))
            }
        }
    }

    fn to_connect(&self, _topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        let Some(bytes) = bytes else {
            return Ok(SchemaAndValue::NULL);
        };
        Ok(guess(&utf8::decode(bytes)))
    }
}

/// `Values.parseString`, without arrays and maps.
fn guess(text: &str) -> SchemaAndValue {
    let known = |schema: &Arc<Schema>, value| SchemaAndValue::new(Some(schema.clone()), value);
    match text.trim_matches(|c| c <= ' ') {
        "null" => return SchemaAndValue::NULL,
        "true" => return known(BOOLEAN(), Value::Boolean(true)),
        "false" => return known(BOOLEAN(), Value::Boolean(false)),
        _ => {}
    }
    let mut tokens = Tokens(text);
    let first = tokens.next().unwrap_or_default().trim_matches(|c| c <= ' ');
    let begins = |wanted: fn(&char) -> bool| first.chars().next().is_some_and(|c| wanted(&c));
    if begins(char::is_ascii_digit) {
        // a colon ends a token, so a time of day is five of them
        let rest = tokens.by_ref().take(4).map(str::len).sum::<usize>();
        let start = first.as_ptr() as usize - text.as_ptr() as usize;
        let length = text.len() - start - tokens.0.len();
        let all = (rest > 0).then(|| &text[start..start + length]);
        if let Some(found) = all.and_then(temporal).or_else(|| temporal(first)) {
            return found;
        }
    }
    if begins(|c| c.is_ascii_digit() || matches!(c, '+' | '-'))
        && let Some(found) = number(first)
    {
        return found;
    }
    known(STRING(), Value::from(text))
}

/// Pieces of a text: single delimiters, and what stands between them.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        const DELIMITERS: [char; 7] = [',', '"', ':', '[', ']', '{', '}'];
        let first = self.0.chars().next()?;
        let mut escaped = false;
        let end = if DELIMITERS.contains(&first) {
            1
        } else {
            self.0
                .find(|c| {
                    let ends = !escaped && DELIMITERS.contains(&c);
                    escaped = c == '\\' && !escaped;
                    ends
                })
                .unwrap_or(self.0.len())
        };
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(token)
    }
}

/// The smallest integer that holds it, else the smaller float that does, however many digits that costs; a whole
/// number in plain digits that is beyond 64 bits stays a Decimal.
fn number(text: &str) -> Option<SchemaAndValue> {
    let decimal = Decimal::parse(text)?;
    let known = |schema: &Arc<Schema>, value| Some(SchemaAndValue::new(Some(schema.clone()), value));
    if decimal.is_whole()
        && let Some(n) = decimal.as_i64()
    {
        return if let Ok(n) = i8::try_from(n) {
            known(INT8(), Value::Int8(n))
        } else if let Ok(n) = i16::try_from(n) {
            known(INT16(), Value::Int16(n))
        } else if let Ok(n) = i32::try_from(n) {
            known(INT32(), Value::Int32(n))
        } else {
            known(INT64(), Value::Int64(n))
        };
    }
    if decimal.scale != 0 {
        match (text.parse::<f32>(), text.parse::<f64>()) {
            (Ok(n), _) if n.is_finite() => return known(FLOAT32(), Value::Float32(n + 0.0)),
            (_, Ok(n)) if n.is_finite() => return known(FLOAT64(), Value::Float64(n + 0.0)),
            _ => {}
        }
    }
    let schema = logical::decimal(decimal.scale).shared();
    Some(SchemaAndValue::new(Some(schema), Value::Decimal(decimal)))
}

/// `2020-01-01`, `12:00:00.000Z`, or both with a T.
fn temporal(text: &str) -> Option<SchemaAndValue> {
    let made = |schema: Schema, millis| Some(SchemaAndValue::new(Some(schema.shared()), Value::Date(millis)));
    let bytes = text.as_bytes();
    match bytes.len() {
        10 => made(logical::date(), date(bytes)?),
        13 => made(logical::time(), time(bytes)?),
        24 if bytes[10] == b'T' => made(logical::timestamp(), date(&bytes[..10])? + time(&bytes[11..])?),
        _ => None,
    }
}

fn date(text: &[u8]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let (year, month, day) = (digits(&[*y1, *y2, *y3, *y4])?, digits(&[*m1, *m2])?, digits(&[*d1, *d2])?);
    Some(calendar::days(year, month, day) * 86_400_000)
}

fn time(text: &[u8]) -> Option<i64> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, b'.', f1, f2, f3, b'Z'] = text else {
        return None;
    };
    let (hour, minute) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
    let (second, milli) = (digits(&[*s1, *s2])?, digits(&[*f1, *f2, *f3])?);
    Some(((hour * 60 + minute) * 60 + second) * 1000 + milli)
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |n, byte| byte.is_ascii_digit().then(|| n * 10 + i64::from(byte - b'0')))
}

/// `Values.convertToString`: like JSON, but keys need not be text.
fn push(
    out: &mut String,
    schema: Option<&Schema>,
    value: &Value,
    embedded: bool,
    depth: usize,
) -> Result<(), DataError> {
    if depth > MAX_DEPTH {
        return Err(DataError::new(format!("Value is nested deeper than {MAX_DEPTH} levels")));
    }
    match value {
        Value::String(text) => quoted(out, text),
        Value::Bytes(bytes) => {
            let mut encoded = Vec::new();
            push_base64(&mut encoded, bytes);
            let encoded = String::from_utf8_lossy(&encoded);
            out.push_str(if embedded { &encoded } else { encoded.trim_matches('"') });
        }
        Value::Date(millis) => out.push_str(&iso(*millis)),
        Value::Array(elements) => {
            let element = schema.and_then(|schema| schema.value_schema.as_deref());
            out.push('[');
            for (index, child) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push(out, element, child, true, depth + 1)?;
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (index, (key, child)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push(out, schema.and_then(|schema| schema.key_schema.as_deref()), key, true, depth + 1)?;
                out.push(':');
                push(out, schema.and_then(|schema| schema.value_schema.as_deref()), child, true, depth + 1)?;
            }
            out.push('}');
        }
        Value::Struct(values) => {
            let Some(schema) = schema.filter(|schema| schema.fields.len() == values.len()) else {
                return Err(DataError::new("A struct needs its schema to be printed, and has none"));
            };
            out.push('{');
            for (index, (field, child)) in schema.fields.iter().zip(values).enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quoted(out, &field.name);
                out.push(':');
                let child = match (&field.schema.default, child) {
                    (Some(default), Value::Null) => default,
                    _ => child,
                };
                push(out, Some(&field.schema), child, true, depth + 1)?;
            }
            out.push('}');
        }
        scalar => out.push_str(&text::to_string(schema, scalar)?),
    }
    Ok(())
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

/// Within the first day after the epoch, or before it: a time; midnight: a date; else both.
fn iso(millis: i64) -> String {
    let (day, milli) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let time =
        format!("{:02}:{:02}:{:02}.{:03}Z", milli / 3_600_000, milli / 60_000 % 60, milli / 1000 % 60, milli % 1000);
    if millis < 86_400_000 {
        return time;
    }
    let (year, month, day) = calendar::civil(day);
    if milli == 0 { format!("{year:04}-{month:02}-{day:02}") } else { format!("{year:04}-{month:02}-{day:02}T{time}") }
}
