//! `ReplaceField`: fewer fields, or fields of other names.

use std::collections::HashSet;
use std::sync::Arc;

use super::cache::SchemaCache;
use super::hash_map::HashMap;
use super::{Side, Transformation, exception, require, settings, structs};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Parsed, Settings, Validator};
use crate::error::{ConfigError, DataError};
use crate::record::Record;
use crate::schema::{Schema, Type};
use crate::validate;
use crate::value::Value;

const PURPOSE: &str = "field replacement";

pub(super) fn definition() -> ConfigDef {
    let list = |name: &str, documentation: &str| {
        ConfigKey::defaulted(name, Kind::List, "", Importance::Medium).documented(documentation)
    };
    ConfigDef::new([
        list("exclude", "Fields that go away, even if they are in include.").checked(Validator::NoDuplicates),
        list("include", "If there are any here, only these fields stay.").checked(Validator::NoDuplicates),
        list("renames", "New names, as old:new.").checked(Validator::Custom(|_, value| match value {
            Some(Parsed::List(mappings)) => renames(mappings).map(|_| ()),
            _ => Ok(()),
        })),
        settings::replace_null_key(),
    ])
}

pub(super) struct ReplaceField {
    side: Side,
    exclude: Names,
    include: Names,
    /// Old name and new.
    renames: Vec<(String, String)>,
    replaces_null: bool,
    plans: SchemaCache<Plan>,
}

/// Names of fields: a few are compared faster than hashed.
enum Names {
    Few(Vec<String>),
    Many(HashSet<String>),
}

impl Names {
    fn of(names: &[String]) -> Self {
        if names.len() <= 8 { Names::Few(names.to_vec()) } else { Names::Many(names.iter().cloned().collect()) }
    }

    fn contains(&self, name: &str) -> bool {
        match self {
            Names::Few(names) => names.iter().any(|known| known == name),
            Names::Many(names) => names.contains(name),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Names::Few(names) if names.is_empty())
    }
}

/// What becomes of one schema: the new one, and where the value of each of its fields comes from.
struct Plan {
    schema: Arc<Schema>,
    sources: Vec<Result<usize, String>>,
    /// No source serves two fields, so that values can be moved.
    distinct: bool,
}

/// As a map: of two mappings for one name the later counts.
fn renames(mappings: &[String]) -> Result<Vec<(String, String)>, ConfigError> {
    let mut renames: Vec<(String, String)> = Vec::new();
    for mapping in mappings {
        let mut parts: Vec<&str> = mapping.split(':').collect();
        while parts.last().is_some_and(|part| part.is_empty()) {
            parts.pop();
        }
        let [old, new] = parts.as_slice() else {
            let all = Parsed::List(mappings.to_vec());
            return Err(ConfigError::invalid("renames", all, format_args!("Invalid rename mapping: {mapping}")));
        };
        renames.retain(|(known, _)| known != old);
        renames.push(((*old).to_owned(), (*new).to_owned()));
    }
    Ok(renames)
}

impl ReplaceField {
    pub(super) fn new(side: Side, settings: &Settings) -> Result<Self, ConfigError> {
        let set = |name: &str| Names::of(settings.list(name).unwrap_or_default());
        Ok(Self {
            side,
            exclude: set("exclude"),
            include: set("include"),
            renames: renames(settings.list("renames").unwrap_or_default())?,
            replaces_null: settings::replaces_null(settings),
            plans: SchemaCache::default(),
        })
    }

    fn keeps(&self, name: Option<&str>) -> bool {
        let is_in = |set: &Names| name.is_some_and(|name| set.contains(name));
        !is_in(&self.exclude) && (self.include.is_empty() || is_in(&self.include))
    }

    fn renamed<'a>(&'a self, name: &'a str) -> &'a str {
        self.renames.iter().find(|(old, _)| old == name).map_or(name, |(_, new)| new)
    }

    /// The old name of a new one. That a field of the new name was there before is not considered, so it then
    /// gets the value of the renamed one: Kafka's own behaviour.
    fn reverse_renamed<'a>(&'a self, name: &'a str) -> &'a str {
        self.renames.iter().find(|(_, new)| new == name).map_or(name, |(old, _)| old)
    }

    fn plan(&self, schema: &Schema) -> Result<Plan, DataError> {
        let mut made = structs::copy_basics(schema, Schema::new(Type::Struct));
        for field in schema.fields.iter().filter(|field| self.keeps(Some(&field.name))) {
            structs::add_field(&mut made, self.renamed(&field.name), &field.schema)?;
        }
        let sources: Vec<_> = made
            .fields
            .iter()
            .map(|field| {
                let old = self.reverse_renamed(&field.name);
                schema.field(old).map(|(index, _)| index).ok_or_else(|| format!("{old} is not a valid field name"))
            })
            .collect();
        let mut seen = HashSet::new();
        let distinct = sources.iter().flatten().all(|source| seen.insert(*source));
        Ok(Plan { schema: made.shared(), sources, distinct })
    }

    fn schemaless(&self, value: Value) -> Result<Value, DataError> {
        let entries = require::map(value, PURPOSE)?;
        let mut map = HashMap::with_capacity(entries.len());
        for (key, value) in entries {
            let name = match &key {
                Value::String(name) => Some(name.as_str()),
                Value::Null => None,
                other => return Err(exception::not_a_string(other.java_class())),
            };
            if self.keeps(name) {
                let renamed = name.map(|name| self.renamed(name));
                match renamed {
                    Some(renamed) if Some(renamed) != name => map.put_text(renamed, value),
                    // only a renamed field can have come under this name before
                    Some(name) if self.renames.iter().any(|(_, new)| new == name) => map.put(key, value),
                    _ => map.put_new(key, value),
                }
            }
        }
        Ok(map.into_value())
    }
}

impl Transformation for ReplaceField {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let datum = self.side.of(&mut record);
        let value = std::mem::take(&mut datum.value);
        if value.is_null() {
            return Ok(Some(record));
        }
        let Some(schema) = datum.schema.take() else {
            datum.value = self.schemaless(value)?;
            return Ok(Some(record));
        };
        let mut values = require::structure(&schema, value, PURPOSE)?;
        let mut plans = std::mem::take(&mut self.plans);
        let applied = plans.get(&schema, || self.plan(&schema)).and_then(|plan| {
            let mut kept = Vec::with_capacity(plan.sources.len());
            for (target, source) in plan.schema.fields.iter().zip(&plan.sources) {
                let index = *source.as_ref().map_err(|message| DataError::new(message.as_str()))?;
                let field = &schema.fields[index];
                let value = if plan.distinct {
                    structs::take(field, &mut values[index], self.replaces_null)
                } else {
                    structs::get(field, &values[index], self.replaces_null).clone()
                };
                if Arc::ptr_eq(&target.schema, &field.schema) {
                    validate::not_null(&target.name, &target.schema, &value)?;
                } else {
                    validate::field(&target.name, &target.schema, &value)?;
                }
                kept.push(value);
            }
            Ok((plan.schema.clone(), kept))
        });
        self.plans = plans;
        let (schema, kept) = applied?;
        let datum = self.side.of(&mut record);
        datum.schema = Some(schema);
        datum.value = Value::Struct(kept);
        Ok(Some(record))
    }
}
