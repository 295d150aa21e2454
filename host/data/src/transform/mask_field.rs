//! `MaskField`: fields with an empty value of their type, or with a replacement, in place of what they had.

use std::collections::HashSet;

use super::cache::SchemaCache;
use super::hash_map::{self, HashMap};
use super::{Side, Transformation, require, settings, structs};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings, Validator};
use crate::error::{ConfigError, DataError};
use crate::record::Record;
use crate::validate;
use crate::value::{Decimal, Value};
use crate::values;

const PURPOSE: &str = "mask fields";

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([
        settings::distinct_list("fields", Importance::High).documented("The fields to mask."),
        ConfigKey::optional("replacement", Kind::String, Importance::Low)
            .documented("What all of these fields get instead; for numbers and texts only.")
            .checked(Validator::NonEmpty),
        settings::replace_null_key(),
    ])
}

pub(super) struct MaskField {
    side: Side,
    /// In the order of Kafka's set.
    fields: Vec<String>,
    replacement: Option<String>,
    replaces_null: bool,
    /// For each field of a schema whether it is masked.
    plans: SchemaCache<Vec<bool>>,
}

impl MaskField {
    pub(super) fn new(side: Side, settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            side,
            fields: hash_map::set_order(settings.list("fields").unwrap_or_default()),
            replacement: settings.text("replacement").map(str::to_owned),
            replaces_null: settings::replaces_null(settings),
            plans: SchemaCache::default(),
        })
    }

    fn schemaless(&self, value: Value) -> Result<Value, DataError> {
        let mut map = HashMap::copy_of(require::map(value, PURPOSE)?);
        for field in &self.fields {
            match map.get_mut(field) {
                Some(value) => *value = masked(&*value, self.replacement.as_deref())?,
                // a field that was not there is there from now on
                None => map.put_text(field, Value::Null),
            }
        }
        Ok(map.into_value())
    }
}

fn masked(value: &Value, replacement: Option<&str>) -> Result<Value, DataError> {
    match (value, replacement) {
        (Value::Null, _) => Ok(Value::Null),
        (value, None) => emptied(value),
        (value, Some(replacement)) => replaced(value, replacement),
    }
}

fn emptied(value: &Value) -> Result<Value, DataError> {
    Ok(match value {
        Value::Null => Value::Null,
        Value::Boolean(_) => Value::Boolean(false),
        Value::Int8(_) => Value::Int8(0),
        Value::Int16(_) => Value::Int16(0),
        Value::Int32(_) => Value::Int32(0),
        Value::Int64(_) => Value::Int64(0),
        Value::Float32(_) => Value::Float32(0.0),
        Value::Float64(_) => Value::Float64(0.0),
        Value::String(_) => Value::String(String::new()),
        Value::Decimal(_) => Value::Decimal(Decimal::new(0, 0)),
        Value::Date(_) => Value::Date(0),
        Value::Array(_) => Value::Array(Vec::new()),
        Value::Map(_) => Value::Map(Vec::new()),
        Value::Bytes(_) | Value::Struct(_) => {
            return Err(DataError::new(format!("Cannot mask value of type: class {}", value.java_class())));
        }
    })
}

fn replaced(value: &Value, replacement: &str) -> Result<Value, DataError> {
    let text = Value::from(replacement);
    match value {
        Value::Int8(_) => values::convert_to_byte(None, text),
        Value::Int16(_) => values::convert_to_short(None, text),
        Value::Int32(_) => values::convert_to_integer(None, text),
        Value::Int64(_) => values::convert_to_long(None, text),
        Value::Float32(_) => values::convert_to_float(None, text),
        Value::Float64(_) => values::convert_to_double(None, text),
        Value::String(_) => Ok(text),
        Value::Decimal(_) => Decimal::parse(replacement).map(Value::Decimal).ok_or_else(|| {
            DataError::new(format!("Unable to convert {replacement} (class java.lang.String) to number"))
        }),
        other => Err(DataError::new(format!(
            "Cannot mask value of type class {} with custom replacement.",
            other.java_class()
        ))),
    }
}

impl Transformation for MaskField {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let datum = self.side.of(&mut record);
        let value = std::mem::take(&mut datum.value);
        let Some(schema) = &datum.schema else {
            datum.value = self.schemaless(value)?;
            return Ok(Some(record));
        };
        let mut values = require::structure(schema, value, PURPOSE)?;
        let plan = self.plans.get(schema, || {
            let fields: HashSet<&str> = self.fields.iter().map(String::as_str).collect();
            Ok(schema.fields.iter().map(|field| fields.contains(field.name.as_str())).collect())
        })?;
        for ((field, value), mask) in schema.fields.iter().zip(&mut values).zip(plan) {
            if *mask {
                let original = structs::take(field, value, self.replaces_null);
                *value = masked(&original, self.replacement.as_deref())?;
                validate::field(&field.name, &field.schema, value)?;
            } else {
                structs::pass(field, value, self.replaces_null)?;
            }
        }
        datum.value = Value::Struct(values);
        Ok(Some(record))
    }
}
