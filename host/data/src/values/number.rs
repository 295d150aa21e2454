//! Numbers in text.

use std::sync::Arc;

use crate::java::digits;
use crate::logical;
use crate::schema::{FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, Schema};
use crate::value::{Decimal, SchemaAndValue, Value};

/// The smallest integer that holds it, else the smaller float that does, however many digits that costs; a whole
/// number in plain digits that is beyond 64 bits stays a Decimal.
pub(super) fn parse(text: &str) -> Option<SchemaAndValue> {
    let text = digits::to_ascii(text);
    let decimal = Decimal::parse(&text)?;
    let known = |schema: &Arc<Schema>, value| Some(SchemaAndValue::new(Some(schema.clone()), value));
    if decimal.is_whole()
        && let Some(n) = decimal.as_i64()
    {
        return if let Ok(n) = i8::try_from(n) {
            known(INT8(), Value::Int8(n))
        } else if let Ok(n) = i16::try_from(n) {
            known(INT16(), Value::Int16(n))
        } else if let Ok(n) = i32::try_from(n) {
            known(INT32(), Value::Int32(n))
        } else {
            known(INT64(), Value::Int64(n))
        };
    }
    if decimal.scale != 0 {
        match (text.parse::<f32>(), text.parse::<f64>()) {
            (Ok(n), _) if n.is_finite() => return known(FLOAT32(), Value::Float32(n)),
            (_, Ok(n)) if n.is_finite() => return known(FLOAT64(), Value::Float64(n)),
            _ => {}
        }
    }
    let schema = logical::decimal(decimal.scale).shared();
    Some(SchemaAndValue::new(Some(schema), Value::Decimal(decimal)))
}
