//! `Cast`: a field, or the whole, as another primitive type.

mod spec;
mod value;

use std::sync::Arc;

use self::spec::{Spec, WHOLE};
use super::cache::SchemaCache;
use super::hash_map::HashMap;
use super::{Side, Transformation, require, settings, structs};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings};
use crate::error::{ConfigError, DataError};
use crate::record::Record;
use crate::schema::{Schema, Type};
use crate::validate;
use crate::value::Value;

const PURPOSE: &str = "cast types";

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([
        ConfigKey::required("spec", Kind::List, Importance::High)
            .documented(
                "What becomes which type: field:type for each field, or one type for the whole. Types are int8, \
                 int16, int32, int64, float32, float64, boolean and string; bytes can become a string only.",
            )
            .checked(spec::validator()),
        settings::replace_null_key(),
    ])
}

pub(super) struct Cast {
    side: Side,
    spec: Spec,
    replaces_null: bool,
    plans: SchemaCache<Plan>,
}

/// What becomes of one schema: the new one, and a type for each field that is cast.
struct Plan {
    schema: Arc<Schema>,
    casts: Vec<Option<Type>>,
}

impl Cast {
    pub(super) fn new(side: Side, settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            side,
            spec: spec::parse(settings.list("spec").unwrap_or_default())?,
            replaces_null: settings::replaces_null(settings),
            plans: SchemaCache::default(),
        })
    }

    fn schemaless(spec: &Spec, value: Value) -> Result<Value, DataError> {
        if let Some(ty) = spec::target(spec, WHOLE) {
            return value::cast(None, value, ty);
        }
        let mut map = HashMap::copy_of(require::map(value, PURPOSE)?);
        for (field, ty) in spec {
            let field = field.as_deref().unwrap_or_default();
            let cast = match map.get_mut(field) {
                Some(value) => value::cast(None, std::mem::take(value), *ty)?,
                None => Value::Null,
            };
            map.put_text(field, cast);
        }
        Ok(map.into_value())
    }
}

fn plan(spec: &Spec, schema: &Schema) -> Result<Plan, DataError> {
    let mut casts = Vec::new();
    let mut made = if let Some(ty) = spec::target(spec, WHOLE) {
        structs::copy_basics(schema, Schema::new(ty))
    } else {
        require::fields(schema)?;
        let mut made = structs::copy_basics(schema, Schema::new(Type::Struct));
        for field in &schema.fields {
            let ty = spec::target(spec, Some(&field.name));
            casts.push(ty);
            let Some(ty) = ty else {
                structs::add_field(&mut made, &field.name, &field.schema)?;
                continue;
            };
            let mut cast = Schema::new(ty).with_optional(field.schema.optional);
            if let Some(default) = &field.schema.default {
                structs::set_default(&mut cast, value::cast(Some(&field.schema), default.clone(), ty)?)?;
            }
            structs::add_field(&mut made, &field.name, &cast.shared())?;
        }
        made
    };
    made.optional = schema.optional;
    if let Some(default) = &schema.default {
        let ty = made.ty;
        structs::set_default(&mut made, value::cast(Some(schema), default.clone(), ty)?)?;
    }
    Ok(Plan { schema: made.shared(), casts })
}

impl Transformation for Cast {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let datum = self.side.of(&mut record);
        let value = std::mem::take(&mut datum.value);
        if value.is_null() {
            return Ok(Some(record));
        }
        let Some(schema) = datum.schema.take() else {
            datum.value = Self::schemaless(&self.spec, value)?;
            return Ok(Some(record));
        };
        let plan = self.plans.get(&schema, || plan(&self.spec, &schema))?;
        datum.schema = Some(plan.schema.clone());
        if let Some(ty) = spec::target(&self.spec, WHOLE) {
            datum.value = value::cast(Some(&schema), value, ty)?;
            return Ok(Some(record));
        }
        let mut values = require::structure(&schema, value, PURPOSE)?;
        for (index, value) in values.iter_mut().enumerate() {
            let field = &schema.fields[index];
            match plan.casts.get(index).copied().flatten() {
                None => structs::pass(field, value, self.replaces_null)?,
                Some(ty) => {
                    let cast = value::cast(Some(&field.schema), structs::take(field, value, self.replaces_null), ty)?;
                    validate::field(&field.name, &plan.schema.fields[index].schema, &cast)?;
                    *value = cast;
                }
            }
        }
        datum.value = Value::Struct(values);
        Ok(Some(record))
    }
}

/// The fields of a specification in the order of Kafka's map, which is the order that errors come in.
fn map_order(fields: Vec<(Option<String>, Type)>) -> Spec {
    let mut map = HashMap::new();
    for (index, (field, _)) in fields.iter().enumerate() {
        let key = field.as_deref().map_or(Value::Null, Value::from);
        map.put(key, Value::Int64(index as i64));
    }
    let Value::Map(entries) = map.into_value() else {
        return fields;
    };
    entries.iter().filter_map(|(_, index)| fields.get(index.as_i64()? as usize).cloned()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_field_named_twice_is_cast_to_the_later_type() {
        let spec = spec::parse(&["a:int8".to_owned(), "a:int16".to_owned()]).unwrap();
        assert_eq!(spec, [(Some("a".to_owned()), Type::Int16)]);
    }
}
