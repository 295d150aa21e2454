//! Values to JSON (`convertToJson`).

use indexmap::IndexMap;

use super::settings::{DecimalFormat, JsonSettings};
use crate::error::{DataError, NULL_POINTER_EXCEPTION};
use crate::java::json::{MAX_DEPTH, push_base64, push_double, push_float, push_integer, push_string};
use crate::logical::{self, Logical};
use crate::schema::{Schema, Type};
use crate::value::Value;

pub(super) fn value(
    out: &mut Vec<u8>,
    schema: Option<&Schema>,
    value: &Value,
    settings: &JsonSettings,
    depth: usize,
) -> Result<(), DataError> {
    if depth > MAX_DEPTH {
        return Err(DataError::new(format!("Document nesting depth exceeds the maximum allowed ({MAX_DEPTH})")));
    }
    if value.is_null() {
        return null(out, schema, settings, depth);
    }
    let Some(schema) = schema else {
        return schemaless(out, value, settings, depth);
    };
    if let Some(kind) = Logical::of(schema) {
        return logical(out, kind, schema, value, settings);
    }
    match (schema.ty, value) {
        (Type::Int8, Value::Int8(n)) => push_integer(out, i64::from(*n)),
        (Type::Int16, Value::Int16(n)) => push_integer(out, i64::from(*n)),
        (Type::Int32, Value::Int32(n)) => push_integer(out, i64::from(*n)),
        (Type::Int64, Value::Int64(n)) => push_integer(out, *n),
        (Type::Float32, Value::Float32(n)) => push_float(out, *n),
        (Type::Float64, Value::Float64(n)) => push_double(out, *n),
        (Type::Boolean, Value::Boolean(flag)) => boolean(out, *flag),
        (Type::String, Value::String(text)) => push_string(out, text),
        (Type::Bytes, Value::Bytes(bytes)) => push_base64(out, bytes),
        (Type::Bytes, other) => {
            return Err(DataError::new(format!("Invalid type for bytes type: class {}", other.java_class())));
        }
        (Type::Array, Value::Array(elements)) => {
            array(out, schema.value_schema.as_deref(), elements, settings, depth)?;
        }
        (Type::Map, Value::Map(entries)) => map(out, Some(schema), entries, settings, depth)?,
        (Type::Struct, Value::Struct(values)) => {
            if values.len() != schema.fields.len() {
                return Err(DataError::new("Mismatching schema."));
            }
            out.push(b'{');
            for (index, (field, child)) in schema.fields.iter().zip(values).enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                push_string(out, &field.name);
                out.push(b':');
                self::value(out, Some(&field.schema), child, settings, depth + 1)?;
            }
            out.push(b'}');
        }
        (ty, other) => {
            return Err(DataError::new(format!("Invalid type for {ty}: class {}", other.java_class())));
        }
    }
    Ok(())
}

fn null(out: &mut Vec<u8>, schema: Option<&Schema>, settings: &JsonSettings, depth: usize) -> Result<(), DataError> {
    if let Some(schema) = schema {
        if let Some(default) = &schema.default
            && settings.replace_null_with_default
        {
            return value(out, Some(schema), default, settings, depth + 1);
        }
        if !schema.optional {
            return Err(DataError::new(
                "Conversion error: null value for field that is required and has no default value",
            ));
        }
    }
    out.extend_from_slice(b"null");
    Ok(())
}

fn schemaless(out: &mut Vec<u8>, value: &Value, settings: &JsonSettings, depth: usize) -> Result<(), DataError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(flag) => boolean(out, *flag),
        Value::Int8(n) => push_integer(out, i64::from(*n)),
        Value::Int16(n) => push_integer(out, i64::from(*n)),
        Value::Int32(n) => push_integer(out, i64::from(*n)),
        Value::Int64(n) => push_integer(out, *n),
        Value::Float32(n) => push_float(out, *n),
        Value::Float64(n) => push_double(out, *n),
        Value::String(text) => push_string(out, text),
        Value::Bytes(bytes) => push_base64(out, bytes),
        Value::Array(elements) => array(out, None, elements, settings, depth)?,
        Value::Map(entries) => map(out, None, entries, settings, depth)?,
        Value::Struct(_) => return Err(DataError::new("Mismatching schema.")),
        Value::Decimal(_) | Value::Date(_) => {
            return Err(DataError::new(format!(
                "Java class class {} does not have corresponding schema type.",
                value.java_class()
            )));
        }
    }
    Ok(())
}

fn boolean(out: &mut Vec<u8>, flag: bool) {
    out.extend_from_slice(if flag { b"true" } else { b"false" });
}

fn array(
    out: &mut Vec<u8>,
    element: Option<&Schema>,
    elements: &[Value],
    settings: &JsonSettings,
    depth: usize,
) -> Result<(), DataError> {
    out.push(b'[');
    for (index, child) in elements.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        value(out, element, child, settings, depth + 1)?;
    }
    out.push(b']');
    Ok(())
}

/// An object if all keys are text, else an array of pairs.
fn map(
    out: &mut Vec<u8>,
    schema: Option<&Schema>,
    entries: &[(Value, Value)],
    settings: &JsonSettings,
    depth: usize,
) -> Result<(), DataError> {
    let key_schema = schema.and_then(|schema| schema.key_schema.as_deref());
    let value_schema = schema.and_then(|schema| schema.value_schema.as_deref());
    let object = match (schema, key_schema) {
        (_, Some(schema)) => schema.ty == Type::String,
        (None, None) => entries.iter().all(|(key, _)| matches!(key, Value::String(_))),
        // such as SimpleHeaderConverter makes of keys without a common schema
        (Some(_), None) => {
            return Err(DataError::new(
                "Cannot invoke \"org.apache.kafka.connect.data.Schema.type()\" because the return value of \
                 \"org.apache.kafka.connect.data.Schema.keySchema()\" is null",
            )
            .with_class(NULL_POINTER_EXCEPTION));
        }
    };
    if object && entries.iter().any(|(key, _)| key.is_null()) {
        return nameless(out, key_schema, value_schema, entries, settings, depth);
    }
    out.push(if object { b'{' } else { b'[' });
    for (index, (key, child)) in entries.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if !object {
            out.push(b'[');
        }
        value(out, key_schema, key, settings, depth + 1)?;
        out.push(if object { b':' } else { b',' });
        value(out, value_schema, child, settings, depth + 1)?;
        if !object {
            out.push(b']');
        }
    }
    out.push(if object { b'}' } else { b']' });
    Ok(())
}

/// An object of which one key is null: it is written as its default or as the word, which may be another key's
/// name too; then the last value counts, at the first one's place.
fn nameless(
    out: &mut Vec<u8>,
    key_schema: Option<&Schema>,
    value_schema: Option<&Schema>,
    entries: &[(Value, Value)],
    settings: &JsonSettings,
    depth: usize,
) -> Result<(), DataError> {
    let mut members: IndexMap<Vec<u8>, Vec<u8>> = IndexMap::with_capacity(entries.len());
    for (key, child) in entries {
        let (mut name, mut written) = (Vec::new(), Vec::new());
        value(&mut name, key_schema, key, settings, depth + 1)?;
        if !name.starts_with(b"\"") {
            name = [b"\"", name.as_slice(), b"\""].concat();
        }
        value(&mut written, value_schema, child, settings, depth + 1)?;
        members.insert(name, written);
    }
    for (index, (name, written)) in members.iter().enumerate() {
        out.push(if index == 0 { b'{' } else { b',' });
        out.extend_from_slice(name);
        out.push(b':');
        out.extend_from_slice(written);
    }
    out.push(b'}');
    Ok(())
}

fn logical(
    out: &mut Vec<u8>,
    kind: Logical,
    schema: &Schema,
    value: &Value,
    settings: &JsonSettings,
) -> Result<(), DataError> {
    let refuse = |name: &str, wanted: &str| {
        DataError::new(format!("Invalid type for {name}, expected {wanted} but was class {}", value.java_class()))
    };
    match (kind, value) {
        (Logical::Decimal, Value::Decimal(decimal)) => match settings.decimal_format {
            DecimalFormat::Base64 => push_base64(out, logical::decimal_bytes(schema, decimal)?),
            DecimalFormat::Numeric => out.extend_from_slice(decimal.to_string().as_bytes()),
        },
        (Logical::Decimal, _) => return Err(refuse("Decimal", "BigDecimal")),
        (Logical::Date | Logical::Time | Logical::Timestamp, Value::Date(millis)) => {
            let encoded = logical::date_to_integer(kind, *millis)?;
            // a Date is 32 bits of days, and Java lets the rest go
            push_integer(out, if kind == Logical::Date { i64::from(encoded as i32) } else { encoded });
        }
        (Logical::Date, _) => return Err(refuse("Date", "Date")),
        (Logical::Time, _) => return Err(refuse("Time", "Date")),
        (Logical::Timestamp, _) => return Err(refuse("Timestamp", "Date")),
    }
    Ok(())
}
