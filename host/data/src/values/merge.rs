//! One schema for several values: for the elements of a text that was parsed, and for a list that has none.

use std::sync::Arc;

use crate::error::{DataError, SCHEMA_BUILDER_EXCEPTION};
use crate::schema::{BOOLEAN, BYTES, FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, STRING, Schema, Type};
use crate::value::{SchemaAndValue, Value};

/// `Values.SchemaMerger`: numbers widen, everything else must be of one type. Once two did not fit, there is no
/// common schema any more.
#[derive(Default)]
pub(super) struct Merger {
    common: Option<Arc<Schema>>,
    incompatible: bool,
}

impl Merger {
    pub(super) fn merge(&mut self, latest: Option<&SchemaAndValue>) {
        let Some(latest) = latest.and_then(|latest| latest.schema.as_ref()).filter(|_| !self.incompatible) else {
            return;
        };
        self.common = match &self.common {
            None => Some(latest.clone()),
            Some(common) => merged(common, latest),
        };
        self.incompatible = self.common.is_none();
    }

    pub(super) fn schema(&self) -> Option<Arc<Schema>> {
        self.common.clone()
    }
}

/// Of two schemas of one type the later one counts, whatever their names: what was parsed is never optional.
fn merged(previous: &Arc<Schema>, latest: &Arc<Schema>) -> Option<Arc<Schema>> {
    if previous.ty == latest.ty {
        return Some(latest.clone());
    }
    let (before, after) = (width(previous.ty)?, width(latest.ty)?);
    Some(if after > before { latest.clone() } else { previous.clone() })
}

fn width(ty: Type) -> Option<u8> {
    Some(match ty {
        Type::Int8 => 1,
        Type::Int16 => 2,
        Type::Int32 => 3,
        Type::Int64 => 4,
        Type::Float32 => 5,
        Type::Float64 => 6,
        Type::Boolean | Type::String | Type::Bytes | Type::Array | Type::Map | Type::Struct => return None,
    })
}

/// `Values.inferSchema`: none for null, for empty and mixed collections, for what only logical types have. A
/// struct needs the schema it came with.
///
/// # Errors
/// When a collection holds nothing but nulls, for which Kafka has no answer.
pub fn infer_schema(own: Option<&Arc<Schema>>, value: &Value) -> Result<Option<Arc<Schema>>, DataError> {
    Ok(Some(match value {
        Value::String(_) => STRING().clone(),
        Value::Boolean(_) => BOOLEAN().clone(),
        Value::Int8(_) => INT8().clone(),
        Value::Int16(_) => INT16().clone(),
        Value::Int32(_) => INT32().clone(),
        Value::Int64(_) => INT64().clone(),
        Value::Float32(_) => FLOAT32().clone(),
        Value::Float64(_) => FLOAT64().clone(),
        Value::Bytes(_) => BYTES().clone(),
        Value::Array(elements) if !elements.is_empty() => {
            let own = own.and_then(|own| own.value_schema.as_ref());
            let mut detector = Detector::default();
            for element in elements {
                if !detector.fits(own, element)? {
                    return Ok(None);
                }
            }
            Schema::array(detector.schema()?).shared()
        }
        Value::Map(entries) if !entries.is_empty() => {
            let own_key = own.and_then(|own| own.key_schema.as_ref());
            let own_value = own.and_then(|own| own.value_schema.as_ref());
            let (mut keys, mut values) = (Detector::default(), Detector::default());
            for (key, value) in entries {
                if !keys.fits(own_key, key)? || !values.fits(own_value, value)? {
                    return Ok(None);
                }
            }
            Schema::map(keys.schema()?, values.schema()?).shared()
        }
        Value::Struct(_) => return Ok(own.cloned()),
        Value::Array(_) | Value::Map(_) | Value::Null | Value::Decimal(_) | Value::Date(_) => return Ok(None),
    }))
}

/// `Values.SchemaDetector`: the one type that all have; optional if one is null. Only the type: what elements
/// hold themselves is forgotten.
#[derive(Default)]
struct Detector {
    known: Option<Type>,
    optional: bool,
}

impl Detector {
    fn fits(&mut self, own: Option<&Arc<Schema>>, value: &Value) -> Result<bool, DataError> {
        if value.is_null() {
            self.optional = true;
            return Ok(true);
        }
        let Some(schema) = infer_schema(own, value)? else {
            return Ok(false);
        };
        Ok(*self.known.get_or_insert(schema.ty) == schema.ty)
    }

    fn schema(&self) -> Result<Arc<Schema>, DataError> {
        match self.known {
            Some(ty) => Ok(Schema::new(ty).with_optional(self.optional).shared()),
            None => Err(DataError::new("type cannot be null").with_class(SCHEMA_BUILDER_EXCEPTION)),
        }
    }
}
