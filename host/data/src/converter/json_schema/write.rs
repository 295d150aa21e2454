//! Values to the JSON of the payload. Like JsonConverter's, but a map whose keys are no text is an array of
//! `{"key":…,"value":…}`, a union is the one alternative that is set, and a field may be left out.

use super::names;
use super::settings::JsonSchemaSettings;
use crate::converter::DecimalFormat;
use crate::error::DataError;
use crate::java::json::{MAX_DEPTH, push_base64, push_double, push_float, push_integer, push_string};
use crate::logical::{self, Logical};
use crate::schema::{Schema, Type};
use crate::value::Value;

/// Appends a value.
pub(super) fn value(
    out: &mut Vec<u8>,
    schema: Option<&Schema>,
    value: &Value,
    settings: &JsonSchemaSettings,
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
        (Type::Array, Value::Array(elements)) => {
            array(out, schema.value_schema.as_deref(), elements, settings, depth)?;
        }
        (Type::Map, Value::Map(entries)) => map(out, Some(schema), entries, settings, depth)?,
        (Type::Struct, Value::Struct(values)) => {
            if values.len() != schema.fields.len() {
                return Err(DataError::new("Mismatching schema."));
            }
            if names::is_union(schema) {
                union(out, schema, values, settings, depth)?;
            } else {
                structure(out, schema, values, settings, depth)?;
            }
        }
        (ty, other) => {
            return Err(DataError::new(format!("Invalid type for {ty}: class {}", other.java_class())));
        }
    }
    Ok(())
}

fn null(
    out: &mut Vec<u8>,
    schema: Option<&Schema>,
    settings: &JsonSchemaSettings,
    depth: usize,
) -> Result<(), DataError> {
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

fn structure(
    out: &mut Vec<u8>,
    schema: &Schema,
    values: &[Value],
    settings: &JsonSchemaSettings,
    depth: usize,
) -> Result<(), DataError> {
    out.push(b'{');
    let mut first = true;
    for (field, child) in schema.fields.iter().zip(values) {
        // its JSON Schema then allows the field to be missing, but not to be null
        let left_out = settings.optional_for_nonrequired
            && child.is_null()
            && field.schema.optional
            && (field.schema.default.is_none() || !settings.replace_null_with_default);
        if left_out {
            continue;
        }
        if !first {
            out.push(b',');
        }
        first = false;
        push_string(out, &field.name);
        out.push(b':');
        value(out, Some(&field.schema), child, settings, depth + 1)?;
    }
    out.push(b'}');
    Ok(())
}

fn union(
    out: &mut Vec<u8>,
    schema: &Schema,
    values: &[Value],
    settings: &JsonSchemaSettings,
    depth: usize,
) -> Result<(), DataError> {
    match schema.fields.iter().zip(values).find(|(_, child)| !child.is_null()) {
        Some((field, child)) => value(out, Some(&field.schema), child, settings, depth + 1),
        None if schema.optional => {
            out.extend_from_slice(b"null");
            Ok(())
        }
        None => Err(DataError::new("Cannot find non-null field")),
    }
}

fn schemaless(out: &mut Vec<u8>, value: &Value, settings: &JsonSchemaSettings, depth: usize) -> Result<(), DataError> {
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
    settings: &JsonSchemaSettings,
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

/// An object if the keys are text that is always there, else an array of entries.
fn map(
    out: &mut Vec<u8>,
    schema: Option<&Schema>,
    entries: &[(Value, Value)],
    settings: &JsonSchemaSettings,
    depth: usize,
) -> Result<(), DataError> {
    let key_schema = schema.and_then(|schema| schema.key_schema.as_deref());
    let value_schema = schema.and_then(|schema| schema.value_schema.as_deref());
    let object = match key_schema {
        Some(schema) => names::is_object_key(schema),
        None => entries.iter().all(|(key, _)| matches!(key, Value::String(_))),
    };
    out.push(if object { b'{' } else { b'[' });
    for (index, (key, child)) in entries.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if !object {
            out.extend_from_slice(b"{\"key\":");
        }
        value(out, key_schema, key, settings, depth + 1)?;
        out.extend_from_slice(if object { b":" } else { b",\"value\":" });
        value(out, value_schema, child, settings, depth + 1)?;
        if !object {
            out.push(b'}');
        }
    }
    out.push(if object { b'}' } else { b']' });
    Ok(())
}

fn logical(
    out: &mut Vec<u8>,
    kind: Logical,
    schema: &Schema,
    value: &Value,
    settings: &JsonSchemaSettings,
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
            push_integer(out, logical::date_to_integer(kind, *millis)?);
        }
        (Logical::Date, _) => return Err(refuse("Date", "Date")),
        (Logical::Time, _) => return Err(refuse("Time", "Date")),
        (Logical::Timestamp, _) => return Err(refuse("Timestamp", "Date")),
    }
    Ok(())
}
