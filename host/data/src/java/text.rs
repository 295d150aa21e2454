//! What `toString` prints, for values that are not text where text is wanted.

use std::fmt::Write as _;

use super::number;
use crate::error::DataError;
use crate::schema::Schema;
use crate::value::Value;

/// How deep values may be nested; Jackson's own limit for JSON.
pub const MAX_DEPTH: usize = 1000;

/// `String.valueOf(value)`. The schema is needed for the field names of structs only.
///
/// # Errors
/// When a struct comes without its schema.
pub fn to_string(schema: Option<&Schema>, value: &Value) -> Result<String, DataError> {
    let mut out = String::new();
    push(&mut out, schema, value, 0)?;
    Ok(out)
}

fn push(out: &mut String, schema: Option<&Schema>, value: &Value, depth: usize) -> Result<(), DataError> {
    if depth > MAX_DEPTH {
        return Err(DataError::new(format!("Value is nested deeper than {MAX_DEPTH} levels")));
    }
    let child = |schema: Option<&Schema>| schema.and_then(|schema| schema.value_schema.clone());
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int8(n) => integer(out, i64::from(*n)),
        Value::Int16(n) => integer(out, i64::from(*n)),
        Value::Int32(n) => integer(out, i64::from(*n)),
        Value::Int64(n) => integer(out, *n),
        Value::Float32(n) => number::push_float(out, *n),
        Value::Float64(n) => number::push_double(out, *n),
        Value::String(text) => out.push_str(text),
        Value::Bytes(bytes) => identity(out, bytes),
        Value::Decimal(decimal) => display(out, decimal),
        Value::Date(millis) => display(out, &Date(*millis)),
        Value::Array(elements) => {
            let element = child(schema);
            out.push('[');
            for (index, value) in elements.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                push(out, element.as_deref(), value, depth + 1)?;
            }
            out.push(']');
        }
        Value::Map(entries) => {
            let key_schema = schema.and_then(|schema| schema.key_schema.clone());
            let value_schema = child(schema);
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                push(out, key_schema.as_deref(), key, depth + 1)?;
                out.push('=');
                push(out, value_schema.as_deref(), value, depth + 1)?;
            }
            out.push('}');
        }
        Value::Struct(values) => {
            let Some(schema) = schema.filter(|schema| schema.fields.len() == values.len()) else {
                return Err(DataError::new("A struct needs its schema to be printed, and has none"));
            };
            out.push_str("Struct{");
            let mut first = true;
            for (field, value) in schema.fields.iter().zip(values) {
                if value.is_null() {
                    continue;
                }
                if !first {
                    out.push(',');
                }
                first = false;
                out.push_str(&field.name);
                out.push('=');
                push(out, Some(&field.schema), value, depth + 1)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn integer(out: &mut String, n: i64) {
    display(out, &n);
}

fn display(out: &mut String, what: &dyn std::fmt::Display) {
    // writing to a String does not fail
    let _ = write!(out, "{what}");
}

/// Java prints an array's class and identity. The number means nothing there, so it may as well be the same
/// for the same bytes here.
fn identity(out: &mut String, bytes: &[u8]) {
    let hash = super::hash::bytes_hash(bytes);
    let _ = write!(out, "[B@{hash:x}");
}

/// `java.util.Date.toString()` in UTC: `Thu Jan 01 00:00:00 UTC 1970`.
struct Date(i64);

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let seconds = self.0.div_euclid(1000);
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = super::calendar::civil(days);
        let name = DAYS[days.rem_euclid(7) as usize];
        let month = MONTHS[(month - 1) as usize];
        // of the era, which is not said
        let year = if year > 0 { year } else { 1 - year };
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{name} {month} {day:02} {hour:02}:{minute:02}:{second:02} UTC {year}")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::schema::{Field, INT32, OPTIONAL_STRING};

    #[test]
    fn collections_print_as_in_java() {
        let map = Value::Map(vec![
            ("a".into(), Value::Int32(1)),
            ("b".into(), Value::Array(vec![Value::Null, Value::Float64(2.0)])),
        ]);
        assert_eq!(to_string(None, &map).unwrap(), "{a=1, b=[null, 2.0]}");
        assert_eq!(to_string(None, &Value::Array(Vec::new())).unwrap(), "[]");
    }

    #[test]
    fn a_struct_prints_the_fields_it_has() {
        let schema =
            Schema::structure(vec![Field::new("a", INT32().clone()), Field::new("b", OPTIONAL_STRING().clone())]);
        let schema = schema.unwrap();
        let of = |a, b| to_string(Some(&schema), &Value::Struct(vec![a, b])).unwrap();
        assert_eq!(of(Value::Int32(1), "x".into()), "Struct{a=1,b=x}");
        assert_eq!(of(Value::Int32(1), Value::Null), "Struct{a=1}");
    }

    #[test]
    fn a_struct_without_its_schema_is_refused() {
        assert!(to_string(None, &Value::Struct(vec![Value::Null])).is_err());
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = (0..MAX_DEPTH + 5).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(to_string(None, &deep).is_err());
    }

    #[test]
    fn dates_print_in_utc() {
        assert_eq!(to_string(None, &Value::Date(0)).unwrap(), "Thu Jan 01 00:00:00 UTC 1970");
        assert_eq!(to_string(None, &Value::Date(1_700_000_000_123)).unwrap(), "Tue Nov 14 22:13:20 UTC 2023");
    }
}
