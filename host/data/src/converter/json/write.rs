//! Values to JSON (`convertToJson`): [`JsonSettings`] has JsonConverter's ways, and whoever writes nearly the same
//! JSON says with a [`Dialect`] of its own what is different. Resolved when compiled, so that nobody pays for it.

use indexmap::IndexMap;

use super::settings::{DecimalFormat, JsonSettings};
use crate::error::{DataError, NULL_POINTER_EXCEPTION};
use crate::java::json::{MAX_DEPTH, push_base64, push_double, push_float, push_integer, push_string};
use crate::logical::{self, Logical};
use crate::schema::{Field, Schema, Type};
use crate::value::Value;

/// Where converters that write JSON differ.
pub(in crate::converter) trait Dialect: Sized {
    /// An entry of a map that is no object: before the key, before the value, behind it.
    const ENTRY: [&'static [u8]; 3];

    /// How decimals are written.
    fn decimal_format(&self) -> DecimalFormat;

    /// Whether null becomes the schema's default.
    fn replaces_null_with_default(&self) -> bool;

    /// What is said of a value that its schema does not allow.
    fn mismatch(ty: Type, value: &Value) -> DataError {
        DataError::new(format!("Invalid type for {ty}: class {}", value.java_class()))
    }

    /// How many days a Date is written as.
    fn days(days: i64) -> i64 {
        days
    }

    /// Whether a struct is written without this field.
    fn leaves_out(&self, field: &Field, value: &Value) -> bool {
        let _ = (field, value);
        false
    }

    /// A struct with as many values as fields.
    fn structure(&self, out: &mut Vec<u8>, schema: &Schema, values: &[Value], depth: usize) -> Result<(), DataError> {
        members(out, schema, values, self, depth)
    }

    /// A map, most likely by [`entries`].
    fn map(
        &self,
        out: &mut Vec<u8>,
        schema: Option<&Schema>,
        entries: &[(Value, Value)],
        depth: usize,
    ) -> Result<(), DataError>;
}

impl Dialect for JsonSettings {
    const ENTRY: [&'static [u8]; 3] = [b"[", b",", b"]"];

    fn decimal_format(&self) -> DecimalFormat {
        self.decimal_format
    }

    fn replaces_null_with_default(&self) -> bool {
        self.replace_null_with_default
    }

    fn mismatch(ty: Type, value: &Value) -> DataError {
        let name = if ty == Type::Bytes { "bytes type" } else { ty.as_str() };
        DataError::new(format!("Invalid type for {name}: class {}", value.java_class()))
    }

    /// 32 bits, and Java lets the rest go.
    fn days(days: i64) -> i64 {
        i64::from(days as i32)
    }

    /// An object if all keys are text, else an array of pairs.
    fn map(
        &self,
        out: &mut Vec<u8>,
        schema: Option<&Schema>,
        entries: &[(Value, Value)],
        depth: usize,
    ) -> Result<(), DataError> {
        let object = match (schema, schema.and_then(|schema| schema.key_schema.as_deref())) {
            (_, Some(schema)) => schema.ty == Type::String,
            (None, None) => all_text(entries),
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
            return nameless(out, schema, entries, self, depth);
        }
        self::entries(out, object, schema, entries, self, depth)
    }
}

/// Appends a value.
pub(in crate::converter) fn value<D: Dialect>(
    out: &mut Vec<u8>,
    schema: Option<&Schema>,
    value: &Value,
    dialect: &D,
    depth: usize,
) -> Result<(), DataError> {
    if depth > MAX_DEPTH {
        return Err(DataError::new(format!("Document nesting depth exceeds the maximum allowed ({MAX_DEPTH})")));
    }
    if value.is_null() {
        return null(out, schema, dialect, depth);
    }
    let Some(schema) = schema else {
        return schemaless(out, value, dialect, depth);
    };
    if let Some(kind) = Logical::of(schema) {
        return logical(out, kind, schema, value, dialect);
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
            array(out, schema.value_schema.as_deref(), elements, dialect, depth)?;
        }
        (Type::Map, Value::Map(entries)) => dialect.map(out, Some(schema), entries, depth)?,
        (Type::Struct, Value::Struct(values)) => {
            if values.len() != schema.fields.len() {
                return Err(DataError::new("Mismatching schema."));
            }
            dialect.structure(out, schema, values, depth)?;
        }
        (ty, other) => return Err(D::mismatch(ty, other)),
    }
    Ok(())
}

fn null<D: Dialect>(out: &mut Vec<u8>, schema: Option<&Schema>, dialect: &D, depth: usize) -> Result<(), DataError> {
    if let Some(schema) = schema {
        if let Some(default) = &schema.default
            && dialect.replaces_null_with_default()
        {
            return value(out, Some(schema), default, dialect, depth + 1);
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

fn schemaless<D: Dialect>(out: &mut Vec<u8>, value: &Value, dialect: &D, depth: usize) -> Result<(), DataError> {
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
        Value::Array(elements) => array(out, None, elements, dialect, depth)?,
        Value::Map(entries) => dialect.map(out, None, entries, depth)?,
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

fn array<D: Dialect>(
    out: &mut Vec<u8>,
    element: Option<&Schema>,
    elements: &[Value],
    dialect: &D,
    depth: usize,
) -> Result<(), DataError> {
    out.push(b'[');
    for (index, child) in elements.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        value(out, element, child, dialect, depth + 1)?;
    }
    out.push(b']');
    Ok(())
}

/// An object of the fields.
pub(in crate::converter) fn members<D: Dialect>(
    out: &mut Vec<u8>,
    schema: &Schema,
    values: &[Value],
    dialect: &D,
    depth: usize,
) -> Result<(), DataError> {
    out.push(b'{');
    let written = schema.fields.iter().zip(values).filter(|(field, child)| !dialect.leaves_out(field, child));
    for (index, (field, child)) in written.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_string(out, &field.name);
        out.push(b':');
        value(out, Some(&field.schema), child, dialect, depth + 1)?;
    }
    out.push(b'}');
    Ok(())
}

/// Whether the keys of a map without a schema can be the names of an object.
pub(in crate::converter) fn all_text(entries: &[(Value, Value)]) -> bool {
    entries.iter().all(|(key, _)| matches!(key, Value::String(_)))
}

/// A map as an object or as an array of entries.
pub(in crate::converter) fn entries<D: Dialect>(
    out: &mut Vec<u8>,
    object: bool,
    schema: Option<&Schema>,
    entries: &[(Value, Value)],
    dialect: &D,
    depth: usize,
) -> Result<(), DataError> {
    let key_schema = schema.and_then(|schema| schema.key_schema.as_deref());
    let value_schema = schema.and_then(|schema| schema.value_schema.as_deref());
    let [before, between, after] = D::ENTRY;
    out.push(if object { b'{' } else { b'[' });
    for (index, (key, child)) in entries.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if !object {
            out.extend_from_slice(before);
        }
        value(out, key_schema, key, dialect, depth + 1)?;
        out.extend_from_slice(if object { b":" } else { between });
        value(out, value_schema, child, dialect, depth + 1)?;
        if !object {
            out.extend_from_slice(after);
        }
    }
    out.push(if object { b'}' } else { b']' });
    Ok(())
}

/// An object of which one key is null: it is written as its default or as the word, which may be another key's
/// name too; then the last value counts, at the first one's place.
fn nameless<D: Dialect>(
    out: &mut Vec<u8>,
    schema: Option<&Schema>,
    entries: &[(Value, Value)],
    dialect: &D,
    depth: usize,
) -> Result<(), DataError> {
    let key_schema = schema.and_then(|schema| schema.key_schema.as_deref());
    let value_schema = schema.and_then(|schema| schema.value_schema.as_deref());
    let mut members: IndexMap<Vec<u8>, Vec<u8>> = IndexMap::with_capacity(entries.len());
    for (key, child) in entries {
        let (mut name, mut written) = (Vec::new(), Vec::new());
        value(&mut name, key_schema, key, dialect, depth + 1)?;
        if !name.starts_with(b"\"") {
            name = [b"\"", name.as_slice(), b"\""].concat();
        }
        value(&mut written, value_schema, child, dialect, depth + 1)?;
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

fn logical<D: Dialect>(
    out: &mut Vec<u8>,
    kind: Logical,
    schema: &Schema,
    value: &Value,
    dialect: &D,
) -> Result<(), DataError> {
    let refuse = |name: &str, wanted: &str| {
        DataError::new(format!("Invalid type for {name}, expected {wanted} but was class {}", value.java_class()))
    };
    match (kind, value) {
        (Logical::Decimal, Value::Decimal(decimal)) => match dialect.decimal_format() {
            DecimalFormat::Base64 => push_base64(out, logical::decimal_bytes(schema, decimal)?),
            DecimalFormat::Numeric => out.extend_from_slice(decimal.to_string().as_bytes()),
        },
        (Logical::Decimal, _) => return Err(refuse("Decimal", "BigDecimal")),
        (Logical::Date | Logical::Time | Logical::Timestamp, Value::Date(millis)) => {
            let encoded = logical::date_to_integer(kind, *millis)?;
            push_integer(out, if kind == Logical::Date { D::days(encoded) } else { encoded });
        }
        (Logical::Date, _) => return Err(refuse("Date", "Date")),
        (Logical::Time, _) => return Err(refuse("Time", "Date")),
        (Logical::Timestamp, _) => return Err(refuse("Timestamp", "Date")),
    }
    Ok(())
}
