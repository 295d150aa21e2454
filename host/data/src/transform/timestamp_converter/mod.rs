//! `TimestampConverter`: a point in time as text, as a number, or as one of Connect's own types.

mod format;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use self::format::{Format, Precision};
use super::cache::SchemaCache;
use super::hash_map::HashMap;
use super::{Side, Transformation, exception, require, settings, structs};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings, Validator};
use crate::error::{ConfigError, DataError};
use crate::java::date_format::DateFormat;
use crate::record::Record;
use crate::schema::{Schema, Type};
use crate::validate;
use crate::value::Value;

const PURPOSE: &str = "converting timestamp formats";

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([
        ConfigKey::defaulted("field", Kind::String, "", Importance::High)
            .documented("The field with the point in time; empty if it is the whole."),
        ConfigKey::required("target.type", Kind::String, Importance::High)
            .documented("What it becomes: string, unix, Date, Time or Timestamp.")
            .checked(Validator::one_of(&["string", "unix", "Date", "Time", "Timestamp"])),
        ConfigKey::defaulted("format", Kind::String, "", Importance::Medium)
            .documented("How text is written or read, as java.text.SimpleDateFormat has it; always in UTC."),
        ConfigKey::defaulted("unix.precision", Kind::String, "milliseconds", Importance::Low)
            .documented(
                "What a number counts: seconds, milliseconds, microseconds or nanoseconds. Whatever is finer than \
                 milliseconds is lost on the way.",
            )
            .checked(Validator::one_of(&["nanoseconds", "microseconds", "milliseconds", "seconds"])),
        settings::replace_null_key(),
    ])
}

pub(super) struct TimestampConverter {
    side: Side,
    field: String,
    converter: Converter,
    replaces_null: bool,
    plans: SchemaCache<Plan>,
}

/// What becomes of one schema, and where the field is and what it has.
struct Plan {
    schema: Arc<Schema>,
    field: Option<(usize, Result<Format, DataError>)>,
}

/// From any format to the one that is wanted.
struct Converter {
    target: Format,
    text: Option<DateFormat>,
    precision: Precision,
}

impl TimestampConverter {
    pub(super) fn new(side: Side, settings: &Settings) -> Result<Self, ConfigError> {
        let target = Format::from_word(settings.text("target.type").unwrap_or_default());
        let pattern = settings.text("format").unwrap_or_default();
        if target == Format::Text && pattern.trim().is_empty() {
            return Err(ConfigError::new(
                "TimestampConverter requires format option to be specified when using string timestamps",
            ));
        }
        let text = match pattern.trim().is_empty() {
            true => None,
            // the cause stands where a value should, and the message where a name should
            false => Some(DateFormat::new(pattern).map_err(|cause| {
                ConfigError::new(format!(
                    "Invalid value java.lang.IllegalArgumentException: {cause} for configuration TimestampConverter \
                     requires a SimpleDateFormat-compatible pattern for string timestamps: {pattern}"
                ))
            })?),
        };
        let precision = Precision::from_word(settings.text("unix.precision").unwrap_or_default());
        Ok(Self {
            side,
            field: settings::text(settings, "field"),
            converter: Converter { target, text, precision },
            replaces_null: settings::replaces_null(settings),
            plans: SchemaCache::default(),
        })
    }
}

impl Converter {
    fn convert(&self, value: Value, from: Result<Format, DataError>) -> Result<Value, DataError> {
        let from = from?;
        if value.is_null() {
            return Ok(value);
        }
        let millis = self.read(value, from)?;
        Ok(match self.target {
            Format::Text => match &self.text {
                Some(format) => Value::String(format.format(millis)),
                None => Value::Null,
            },
            Format::Unix => Value::Int64(self.precision.of_millis(millis)),
            other => Value::Date(other.cut(millis)),
        })
    }

    fn read(&self, value: Value, from: Format) -> Result<i64, DataError> {
        let unexpected = |what: &str, class: &str, value: &Value| {
            DataError::new(format!("Expected {what} to be a {class}, but found class {}", value.java_class()))
        };
        match (from, value) {
            (Format::Text, Value::String(text)) => {
                let Some(format) = &self.text else {
                    return Err(exception::null_pointer(
                        "Cannot invoke \"java.text.SimpleDateFormat.parse(String)\" because \"config.format\" is null",
                    ));
                };
                format.parse(&text, now()).ok_or_else(|| {
                    DataError::caused_by(
                        &format!(
                            "Could not parse timestamp: value ({text}) does not match pattern ({})",
                            format.pattern()
                        ),
                        format_args!("java.text.ParseException: Unparseable date: \"{text}\""),
                    )
                })
            }
            (Format::Text, other) => Err(unexpected("string timestamp", "String", &other)),
            (Format::Unix, Value::Int64(n)) => Ok(self.precision.to_millis(n)),
            (Format::Unix, other) => Err(unexpected("Unix timestamp", "Long", &other)),
            (_, Value::Date(millis)) => Ok(millis),
            (other, value) => Err(unexpected(other.word(), "java.util.Date", &value)),
        }
    }

    fn schemaless(&self, value: Value) -> Result<Value, DataError> {
        if value.is_null() {
            return Ok(value);
        }
        let from = Format::of_value(&value);
        self.convert(value, from)
    }

    fn structure(
        &self,
        plan: &Plan,
        schema: &Schema,
        values: &mut [Value],
        replaces_null: bool,
    ) -> Result<(), DataError> {
        for (index, (field, value)) in schema.fields.iter().zip(values).enumerate() {
            match &plan.field {
                Some((at, from)) if *at == index => {
                    let converted = self.convert(structs::take(field, value, replaces_null), from.clone())?;
                    validate::field(&field.name, &plan.schema.fields[index].schema, &converted)?;
                    *value = converted;
                }
                _ => structs::pass(field, value, replaces_null)?,
            }
        }
        Ok(())
    }
}

/// Years of two digits depend on it, and nothing else.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

impl TimestampConverter {
    fn plan(&self, schema: &Schema) -> Result<Plan, DataError> {
        require::fields(schema)?;
        let mut made = structs::copy_basics(schema, Schema::new(Type::Struct)).with_optional(schema.optional);
        let mut found = None;
        for (index, field) in schema.fields.iter().enumerate() {
            if field.name == self.field {
                found = Some((index, Format::of_schema(&field.schema)));
                made.fields.push(crate::schema::Field {
                    name: field.name.clone(),
                    schema: self.converter.target.schema(field.schema.optional),
                });
            } else {
                made.fields.push(field.clone());
            }
        }
        let mut plan = Plan { schema: made.shared(), field: found };
        if let Some(default) = &schema.default {
            let mut values = require::structure(schema, default.clone(), PURPOSE)?;
            self.converter.structure(&plan, schema, &mut values, self.replaces_null)?;
            let mut made = Schema::clone(&plan.schema);
            structs::set_default(&mut made, Value::Struct(values))?;
            plan.schema = made.shared();
        }
        Ok(plan)
    }
}

impl Transformation for TimestampConverter {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let datum = self.side.of(&mut record);
        let value = std::mem::take(&mut datum.value);
        let Some(schema) = datum.schema.take() else {
            datum.value = if value.is_null() || self.field.is_empty() {
                self.converter.schemaless(value)?
            } else {
                let mut map = HashMap::copy_of(require::map(value, PURPOSE)?);
                let found = map.get_mut(&self.field).map(std::mem::take).unwrap_or_default();
                map.put_text(&self.field, self.converter.schemaless(found)?);
                map.into_value()
            };
            return Ok(Some(record));
        };
        if self.field.is_empty() {
            datum.schema = Some(self.converter.target.schema(schema.optional));
            datum.value = self.converter.convert(value, Format::of_schema(&schema))?;
            return Ok(Some(record));
        }
        let values = match value {
            Value::Null => None,
            value => Some(require::structure(&schema, value, PURPOSE)?),
        };
        let mut plans = std::mem::take(&mut self.plans);
        let applied = plans.get(&schema, || self.plan(&schema)).and_then(|plan| {
            let Some(mut values) = values else {
                return Ok((plan.schema.clone(), Value::Null));
            };
            self.converter.structure(plan, &schema, &mut values, self.replaces_null)?;
            Ok((plan.schema.clone(), Value::Struct(values)))
        });
        self.plans = plans;
        let (schema, value) = applied?;
        let datum = self.side.of(&mut record);
        datum.schema = Some(schema);
        datum.value = value;
        Ok(Some(record))
    }
}
