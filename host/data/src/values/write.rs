//! `Values.convertToString`: like JSON, but keys need not be text.

use super::format_date;
use crate::error::DataError;
use crate::java::json::push_base64;
use crate::java::text::{self, MAX_DEPTH};
use crate::schema::Schema;
use crate::value::Value;

/// The value as text; none for null. The schema is needed for the field names and defaults of structs only.
///
/// # Errors
/// When a struct comes without its schema, or is nested too deep.
pub fn convert_to_string(schema: Option<&Schema>, value: &Value) -> Result<Option<String>, DataError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        other => {
            let mut out = String::new();
            push(&mut out, schema, other, false, 0)?;
            Ok(Some(out))
        }
    }
}

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
        Value::Date(millis) => out.push_str(&format_date(*millis)),
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
            let keys = schema.and_then(|schema| schema.key_schema.as_deref());
            let values = schema.and_then(|schema| schema.value_schema.as_deref());
            out.push('{');
            for (index, (key, child)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push(out, keys, key, true, depth + 1)?;
                out.push(':');
                push(out, values, child, true, depth + 1)?;
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
