//! Languages without 64-bit integers. A JavaScript guest that is handed 2^53+1 has 2^53 afterwards, and says
//! nothing. So a class that declares [`FEATURE`] is never handed such a number: the record fails instead, and
//! `errors.tolerance` decides about it. Nothing is ever rounded.
//!
//! The way back is checked as far as it shows: an integer beyond the range cannot have been exact in such a guest,
//! and neither can a schemaless float that looks like one. A float under a FLOAT schema is what it is.

use std::sync::Arc;

use watertight_data::schema::{Schema, Type};
use watertight_data::value::{SchemaAndValue, Value};

use crate::lift::LiftError;

/// What a class without 64-bit integers declares.
pub const FEATURE: &str = "exact-to-2^53";
/// The largest magnitude up to which every integer is a float of double precision.
pub const LIMIT: i64 = 1 << 53;

/// Whether a guest of this kind reads the integer as it stands.
pub fn integer(value: i64) -> Result<(), LiftError> {
    if (-LIMIT..=LIMIT).contains(&value) { Ok(()) } else { Err(LiftError::Inexact(value)) }
}

/// What is about to be handed to such a guest.
pub fn outgoing(datum: &SchemaAndValue) -> Result<(), LiftError> {
    walk(&datum.value, datum.schema.as_ref(), false)
}

/// What came from such a guest.
pub fn incoming(datum: &SchemaAndValue) -> Result<(), LiftError> {
    walk(&datum.value, datum.schema.as_ref(), true)
}

fn walk(value: &Value, schema: Option<&Arc<Schema>>, incoming: bool) -> Result<(), LiftError> {
    match value {
        Value::Int64(number) => integer(*number),
        Value::Date(millis) => integer(*millis),
        Value::Float64(number) if incoming && schema.is_none() => float(*number),
        // The guest reads the default instead.
        Value::Null => match schema.and_then(|schema| Some((schema, schema.default.as_ref()?))) {
            Some((schema, default)) if !default.is_null() => walk(default, Some(schema), incoming),
            Some(_) | None => Ok(()),
        },
        Value::Array(items) => {
            let element = schema.and_then(|schema| schema.value_schema.as_ref());
            if cannot_overflow(element) {
                return Ok(());
            }
            items.iter().try_for_each(|item| walk(item, element, incoming))
        }
        Value::Map(pairs) => {
            let key = schema.and_then(|schema| schema.key_schema.as_ref());
            let element = schema.and_then(|schema| schema.value_schema.as_ref());
            pairs.iter().try_for_each(|(name, item)| {
                walk(name, key, incoming)?;
                walk(item, element, incoming)
            })
        }
        Value::Struct(values) => values.iter().enumerate().try_for_each(|(index, item)| {
            let field = schema.and_then(|schema| schema.fields.get(index)).map(|field| &field.schema);
            walk(item, field, incoming)
        }),
        Value::Boolean(_)
        | Value::Int8(_)
        | Value::Int16(_)
        | Value::Int32(_)
        | Value::Float32(_)
        | Value::Float64(_)
        | Value::String(_)
        | Value::Bytes(_)
        | Value::Decimal(_) => Ok(()),
    }
}

/// Long arrays of texts or small numbers need no look at each element.
fn cannot_overflow(schema: Option<&Arc<Schema>>) -> bool {
    schema.is_some_and(|schema| {
        schema.default.is_none() && schema.ty.is_primitive() && !matches!(schema.ty, Type::Int64 | Type::Int32)
    })
}

/// A schemaless float with the value of an integer that such a guest cannot have counted to. Larger than any
/// integer of Connect's, it is a float in earnest.
fn float(number: f64) -> Result<(), LiftError> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    let magnitude = number.abs();
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
    if magnitude > LIMIT as f64 && magnitude < BEYOND { Err(LiftError::Inexact(number as i64)) } else { Ok(()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use watertight_data::schema::{FLOAT64, Field, INT64, STRING};

    fn nested(value: i64) -> SchemaAndValue {
        let list = Schema::array(INT64().clone()).shared();
        let map = Schema::map(STRING().clone(), list.clone()).shared();
        let schema = Schema::structure(vec![Field::new("m", map)]).unwrap().shared();
        let list = Value::Array(vec![Value::Int64(1), Value::Int64(value)]);
        SchemaAndValue::new(Some(schema), Value::Struct(vec![Value::Map(vec![("k".into(), list)])]))
    }

    #[test]
    fn every_integer_up_to_2_to_the_53_passes_and_the_next_does_not_however_deep() {
        for fits in [0, LIMIT, -LIMIT] {
            assert_eq!(outgoing(&nested(fits)), Ok(()));
        }
        for beyond in [LIMIT + 1, -LIMIT - 1, i64::MIN, i64::MAX] {
            assert_eq!(outgoing(&nested(beyond)), Err(LiftError::Inexact(beyond)));
        }
    }

    #[test]
    fn a_default_that_the_guest_would_read_counts() {
        let schema = Schema::optional(Type::Int64).with_default(Value::Int64(LIMIT + 1)).shared();
        let null = SchemaAndValue::new(Some(schema), Value::Null);
        assert_eq!(outgoing(&null), Err(LiftError::Inexact(LIMIT + 1)));
    }

    #[test]
    fn a_float_is_refused_only_where_it_may_have_been_an_integer() {
        let schemaless = |value| SchemaAndValue::new(None, Value::Float64(value));
        assert_eq!(incoming(&schemaless(9_007_199_254_740_994.0)), Err(LiftError::Inexact(9_007_199_254_740_994)));
        assert_eq!(incoming(&schemaless(1e300)), Ok(()));
        assert_eq!(incoming(&schemaless(0.5)), Ok(()));
        assert_eq!(incoming(&schemaless(f64::NAN)), Ok(()));
        let typed = SchemaAndValue::new(Some(FLOAT64().clone()), Value::Float64(9_007_199_254_740_994.0));
        assert_eq!(incoming(&typed), Ok(()));
        assert_eq!(outgoing(&schemaless(9_007_199_254_740_994.0)), Ok(()), "it was a float before");
    }
}
