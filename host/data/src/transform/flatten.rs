//! `Flatten`: nested structs or maps as one, with names put together.

use std::sync::Arc;

use super::cache::SchemaCache;
use super::{Side, Transformation, exception, require, settings, structs};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings};
use crate::error::{ConfigError, DataError};
use crate::record::Record;
use crate::schema::{Schema, Type};
use crate::validate;
use crate::value::Value;

const PURPOSE: &str = "flattening";

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([ConfigKey::defaulted("delimiter", Kind::String, ".", Importance::Medium)
        .documented("What stands between the names of the levels in the name of a resulting field.")])
}

pub(super) struct Flatten {
    side: Side,
    delimiter: String,
    schemas: SchemaCache<Arc<Schema>>,
}

impl Flatten {
    pub(super) fn new(side: Side, settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self { side, delimiter: settings::text(settings, "delimiter"), schemas: SchemaCache::default() })
    }
}

impl Transformation for Flatten {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let datum = self.side.of(&mut record);
        let value = std::mem::take(&mut datum.value);
        if value.is_null() {
            return Ok(Some(record));
        }
        let Some(schema) = &mut datum.schema else {
            let mut flat = Vec::new();
            map(&self.delimiter, require::map(value, PURPOSE)?, "", &mut flat)?;
            datum.value = Value::Map(flat);
            return Ok(Some(record));
        };
        let values = require::structure(schema, value, PURPOSE)?;
        let made = self.schemas.get(schema, || {
            let mut made = structs::copy_basics(schema, Schema::new(Type::Struct));
            fields(&self.delimiter, schema, "", &mut made, schema.optional, schema.default.as_ref())?;
            Ok(made.shared())
        })?;
        let mut flat = Vec::with_capacity(made.fields.len());
        structure(schema, values, made, &mut flat)?;
        datum.value = Value::Struct(flat);
        *schema = made.clone();
        Ok(Some(record))
    }
}

fn join(delimiter: &str, prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}{delimiter}{name}") }
}

/// The entries of a map and of the maps in it. A later entry of the same name takes the earlier one's place.
fn map(
    delimiter: &str,
    entries: Vec<(Value, Value)>,
    prefix: &str,
    flat: &mut Vec<(Value, Value)>,
) -> Result<(), DataError> {
    for (key, value) in entries {
        let name = match &key {
            Value::String(name) => Some(join(delimiter, prefix, name)),
            Value::Null if prefix.is_empty() => None,
            Value::Null => Some(join(delimiter, prefix, "null")),
            other => return Err(exception::not_a_string(other.java_class())),
        };
        let class = value.java_class();
        match (value.natural_type(), value) {
            (Some(Type::Map), Value::Map(inner)) => {
                map(delimiter, inner, name.as_deref().unwrap_or_default(), flat)?;
            }
            (Some(Type::Struct), _) => {
                return Err(DataError::new(format!(
                    "Flatten transformation does not support class {class} for record without schemas (for field {}).",
                    name.as_deref().unwrap_or("null")
                )));
            }
            (None, Value::Decimal(_) | Value::Date(_)) => {
                return Err(DataError::new(format!(
                    "Flatten transformation was passed a value of type class {class} which is not supported by \
                     Connect's data API"
                )));
            }
            (_, value) => {
                let key = name.map_or(Value::Null, Value::String);
                match flat.iter_mut().find(|(known, _)| *known == key) {
                    Some(entry) => entry.1 = value,
                    None => flat.push((key, value)),
                }
            }
        }
    }
    Ok(())
}

fn unsupported(ty: Type, name: &str) -> DataError {
    DataError::new(format!("Flatten transformation does not support {ty} for record with schemas (for field {name})."))
}

/// The fields of a schema and of the structs in it: optional and defaulted as whatever holds them is.
fn fields(
    delimiter: &str,
    schema: &Schema,
    prefix: &str,
    made: &mut Schema,
    optional: bool,
    default: Option<&Value>,
) -> Result<(), DataError> {
    for (index, field) in schema.fields.iter().enumerate() {
        let name = join(delimiter, prefix, &field.name);
        let optional = optional || field.schema.optional;
        let default = field.schema.default.as_ref().or(match default {
            Some(Value::Struct(values)) => values.get(index).filter(|value| !value.is_null()),
            _ => None,
        });
        match field.schema.ty {
            Type::Struct => fields(delimiter, &field.schema, &name, made, optional, default)?,
            Type::Map => return Err(unsupported(field.schema.ty, &name)),
            ty => {
                let basics = Schema { value_schema: field.schema.value_schema.clone(), ..Schema::new(ty) };
                let mut flat = structs::copy_basics(&field.schema, basics).with_optional(optional);
                if let Some(default) = default {
                    structs::set_default(&mut flat, default.clone())?;
                }
                structs::add_field(made, &name, &flat.shared())?;
            }
        }
    }
    Ok(())
}

/// The values of a struct and of the structs in it, in the order of the new schema's fields.
fn structure(schema: &Schema, values: Vec<Value>, made: &Schema, flat: &mut Vec<Value>) -> Result<(), DataError> {
    for (field, mut value) in schema.fields.iter().zip(values) {
        if field.schema.ty != Type::Struct {
            let value = structs::take(field, &mut value, true);
            let target = &made.fields[flat.len()];
            validate::not_null(&target.name, &target.schema, &value)?;
            flat.push(value);
        } else if value.is_null() {
            flat.extend(std::iter::repeat_n(Value::Null, leaves(&field.schema)));
        } else {
            structure(&field.schema, require::structure(&field.schema, value, PURPOSE)?, made, flat)?;
        }
    }
    Ok(())
}

fn leaves(schema: &Schema) -> usize {
    schema.fields.iter().map(|field| if field.schema.ty == Type::Struct { leaves(&field.schema) } else { 1 }).sum()
}
