//! `Struct` and `SchemaBuilder`, as far as transforms use them: a value with its default, a schema with the
//! basics of another.

use std::sync::Arc;

use super::exception::schema_builder;
use crate::error::DataError;
use crate::schema::{Field, Schema};
use crate::validate;
use crate::value::Value;

/// A field's value, taken out; its default in place of null, if wanted (`Struct.get`).
pub(super) fn take(field: &Field, value: &mut Value, with_default: bool) -> Value {
    match std::mem::take(value) {
        Value::Null if with_default => field.schema.default.clone().unwrap_or_default(),
        value => value,
    }
}

/// A field's value, looked at.
pub(super) fn get<'a>(field: &'a Field, value: &'a Value, with_default: bool) -> &'a Value {
    match (value, &field.schema.default) {
        (Value::Null, Some(default)) if with_default => default,
        _ => value,
    }
}

/// A field that goes on as it came: only a null may be out of place now.
pub(super) fn pass(field: &Field, value: &mut Value, with_default: bool) -> Result<(), DataError> {
    if value.is_null() {
        *value = take(field, value, with_default);
        validate::not_null(&field.name, &field.schema, value)?;
    }
    Ok(())
}

/// `SchemaUtil.copySchemaBasics`: a schema in the making, with name, version, doc and parameters of another.
pub(super) fn copy_basics(source: &Schema, made: Schema) -> Schema {
    Schema {
        name: source.name.clone(),
        version: source.version,
        doc: source.doc.clone(),
        parameters: source.parameters.clone(),
        ..made
    }
}

/// `SchemaBuilder.field`.
pub(super) fn add_field(schema: &mut Schema, name: &str, field: &Arc<Schema>) -> Result<(), DataError> {
    if name.is_empty() {
        return Err(schema_builder("fieldName cannot be null."));
    }
    if schema.field(name).is_some() {
        return Err(schema_builder(format!("Cannot create field because of field name duplication {name}")));
    }
    schema.fields.push(Field::new(name, field.clone()));
    Ok(())
}

/// `SchemaBuilder.defaultValue`.
pub(super) fn set_default(schema: &mut Schema, value: Value) -> Result<(), DataError> {
    if let Err(cause) = validate::value(schema, &value) {
        return Err(DataError::caused_by("Invalid default value", format_args!("{}: {cause}", cause.class()))
            .with_class("org.apache.kafka.connect.errors.SchemaBuilderException"));
    }
    schema.default = Some(value);
    Ok(())
}
