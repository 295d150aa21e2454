//! Schemas to JSON and back (`asJsonSchema`, `asConnectSchema`).

use super::settings::JsonSettings;
use super::{read, write};
use crate::error::{DataError, SCHEMA_BUILDER_EXCEPTION};
use crate::java::json::{MAX_DEPTH, Node, push_integer, push_string};
use crate::schema::{Field, Schema, Type};
use crate::validate;

fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Int8 => "int8",
        Type::Int16 => "int16",
        Type::Int32 => "int32",
        Type::Int64 => "int64",
        Type::Float32 => "float",
        Type::Float64 => "double",
        Type::Boolean => "boolean",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Array => "array",
        Type::Map => "map",
        Type::Struct => "struct",
    }
}

/// `field` is the name of the struct's field that has this schema: it stands last.
pub(super) fn write(
    out: &mut Vec<u8>,
    schema: &Schema,
    field: Option<&str>,
    settings: &JsonSettings,
    depth: usize,
) -> Result<(), DataError> {
    if depth > MAX_DEPTH {
        return Err(DataError::new(format!("Document nesting depth exceeds the maximum allowed ({MAX_DEPTH})")));
    }
    out.extend_from_slice(b"{\"type\":\"");
    out.extend_from_slice(type_name(schema.ty).as_bytes());
    out.push(b'"');
    let part = |out: &mut Vec<u8>, name: &str, schema: &Option<std::sync::Arc<Schema>>| {
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        match schema {
            Some(schema) => write(out, schema, None, settings, depth + 1),
            None => {
                out.extend_from_slice(b"null");
                Ok(())
            }
        }
    };
    match schema.ty {
        Type::Array => part(out, "items", &schema.value_schema)?,
        Type::Map => {
            part(out, "keys", &schema.key_schema)?;
            part(out, "values", &schema.value_schema)?;
        }
        Type::Struct => {
            out.extend_from_slice(b",\"fields\":[");
            for (index, field) in schema.fields.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(out, &field.schema, Some(&field.name), settings, depth + 1)?;
            }
            out.push(b']');
        }
        _ => {}
    }
    out.extend_from_slice(if schema.optional { b",\"optional\":true" } else { b",\"optional\":false" });
    if let Some(name) = &schema.name {
        out.extend_from_slice(b",\"name\":");
        push_string(out, name);
    }
    if let Some(version) = schema.version {
        out.extend_from_slice(b",\"version\":");
        push_integer(out, i64::from(version));
    }
    if let Some(doc) = &schema.doc {
        out.extend_from_slice(b",\"doc\":");
        push_string(out, doc);
    }
    if !schema.parameters.is_empty() {
        out.extend_from_slice(b",\"parameters\":");
        for (index, (key, value)) in schema.parameters.iter().enumerate() {
            out.push(if index == 0 { b'{' } else { b',' });
            push_string(out, key);
            out.push(b':');
            push_string(out, value);
        }
        out.push(b'}');
    }
    if let Some(default) = &schema.default {
        out.extend_from_slice(b",\"default\":");
        write::value(out, Some(schema), default, settings, depth + 1)?;
    }
    if let Some(field) = field {
        out.extend_from_slice(b",\"field\":");
        push_string(out, field);
    }
    out.push(b'}');
    Ok(())
}

pub(super) fn read(node: &Node<'_>, settings: &JsonSettings) -> Result<Schema, DataError> {
    let Some(name) = node.get("type").and_then(Node::text) else {
        return Err(DataError::new("Schema must contain 'type' field"));
    };
    let mut schema = match name {
        "boolean" => Schema::new(Type::Boolean),
        "int8" => Schema::new(Type::Int8),
        "int16" => Schema::new(Type::Int16),
        "int32" => Schema::new(Type::Int32),
        "int64" => Schema::new(Type::Int64),
        "float" => Schema::new(Type::Float32),
        "double" => Schema::new(Type::Float64),
        "string" => Schema::new(Type::String),
        "bytes" => Schema::new(Type::Bytes),
        "array" => match node.get("items") {
            None | Some(Node::Null) => {
                return Err(DataError::new("Array schema did not specify the element type"));
            }
            Some(items) => Schema::array(read(items, settings)?.shared()),
        },
        "map" => {
            let Some(keys) = node.get("keys") else {
                return Err(DataError::new("Map schema did not specify the key type"));
            };
            let Some(values) = node.get("values") else {
                return Err(DataError::new("Map schema did not specify the value type"));
            };
            let part = |node: &Node<'_>| match node {
                Node::Null => Ok(None),
                node => read(node, settings).map(|schema| Some(schema.shared())),
            };
            let missing =
                |what: &str| DataError::new(format!("{what} cannot be null.")).with_class(SCHEMA_BUILDER_EXCEPTION);
            let (keys, values) = (part(keys)?, part(values)?);
            Schema::map(keys.ok_or_else(|| missing("keySchema"))?, values.ok_or_else(|| missing("valueSchema"))?)
        }
        "struct" => {
            let Some(Node::Array(nodes)) = node.get("fields") else {
                return Err(DataError::new("Struct schema's \"fields\" argument is not an array."));
            };
            let mut fields = Vec::with_capacity(nodes.len());
            for node in nodes {
                let Some(name) = node.get("field").and_then(Node::text) else {
                    return Err(DataError::new("Struct schema's field name not specified properly"));
                };
                fields.push(Field::new(name, read(node, settings)?.shared()));
            }
            Schema::structure(fields)?
        }
        other => return Err(DataError::new(format!("Unknown schema type: {other}"))),
    };
    schema.optional = matches!(node.get("optional"), Some(Node::Boolean(true)));
    schema.name = node.get("name").and_then(Node::text).map(str::to_owned);
    schema.version = node.get("version").filter(|version| version.is_integral()).map(|version| version.long() as i32);
    schema.doc = node.get("doc").and_then(Node::text).map(str::to_owned);
    if let Some(Node::Object(parameters)) = node.get("parameters") {
        for (key, value) in parameters {
            let Some(value) = value.text() else {
                return Err(DataError::new("Schema parameters must have string values."));
            };
            schema.parameters.insert(key.to_string(), value.to_owned());
        }
    }
    if let Some(default) = node.get("default") {
        let value = read::value(Some(&schema), Some(default), settings)?;
        // a struct's default never passes in Java: its schema is not finished yet
        let acceptable = value.is_null() || schema.ty != Type::Struct;
        if !acceptable || validate::value(&schema, &value).is_err() {
            return Err(DataError::new("Invalid default value").with_class(SCHEMA_BUILDER_EXCEPTION));
        }
        schema = schema.with_default(value);
    }
    Ok(schema)
}
