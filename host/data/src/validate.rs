//! Whether a value fits its schema (`ConnectSchema.validateValue`). Guests send values beside schemas, and
//! nothing but this stands between a wrong pair and a converter that trusts it.

use std::fmt;

use crate::error::DataError;
use crate::java::text::MAX_DEPTH;
use crate::logical::Logical;
use crate::schema::Schema;
use crate::value::Value;

/// A value that stands alone.
///
/// # Errors
/// With Kafka's words, when it does not fit.
pub fn value(schema: &Schema, value: &Value) -> Result<(), DataError> {
    check(&Place::Value, schema, value, 0)
}

/// The value of a field.
///
/// # Errors
/// With Kafka's words, when it does not fit.
pub fn field(name: &str, schema: &Schema, value: &Value) -> Result<(), DataError> {
    check(&Place::Field(name), schema, value, 0)
}

/// Only whether null is allowed where it stands.
///
/// # Errors
/// When it is not.
pub fn not_null(name: &str, schema: &Schema, value: &Value) -> Result<(), DataError> {
    if value.is_null() && !schema.optional { Err(null(&Place::Field(name), schema)) } else { Ok(()) }
}

/// Where a value stands, said from the inside out. Built on the way down, printed only for an error.
enum Place<'a> {
    Value,
    Field(&'a str),
    Element(&'a Place<'a>),
    Key(&'a Place<'a>),
    Entry(&'a Place<'a>),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Value => f.write_str("value"),
            Place::Field(name) => write!(f, "field: \"{name}\""),
            Place::Element(outer) => write!(f, "element of array {outer}"),
            Place::Key(outer) => write!(f, "key of map {outer}"),
            Place::Entry(outer) => write!(f, "value of map {outer}"),
        }
    }
}

fn null(place: &Place<'_>, schema: &Schema) -> DataError {
    DataError::new(format!("Invalid value: null used for required {place}, schema type: {}", schema.ty))
}

fn check(place: &Place<'_>, schema: &Schema, value: &Value, depth: usize) -> Result<(), DataError> {
    if depth > MAX_DEPTH {
        return Err(DataError::new(format!("Value is nested deeper than {MAX_DEPTH} levels")));
    }
    if value.is_null() {
        return if schema.optional { Ok(()) } else { Err(null(place, schema)) };
    }
    let fits = match (Logical::of(schema), value) {
        (Some(Logical::Decimal), other) => matches!(other, Value::Decimal(_)),
        (Some(_), other) => matches!(other, Value::Date(_)),
        (None, other) => other.natural_type() == Some(schema.ty),
    };
    if !fits {
        let of = schema.name.as_ref().map(|name| format!(" \"{name}\"")).unwrap_or_default();
        return Err(DataError::new(format!(
            "Invalid Java object for schema{of} with type {}: class {} for {place}",
            schema.ty,
            value.java_class()
        )));
    }
    match value {
        Value::Array(elements) => {
            if let Some(element) = &schema.value_schema {
                for value in elements {
                    check(&Place::Element(place), element, value, depth + 1)?;
                }
            }
        }
        Value::Map(entries) => {
            if let (Some(keys), Some(values)) = (&schema.key_schema, &schema.value_schema) {
                for (key, value) in entries {
                    check(&Place::Key(place), keys, key, depth + 1)?;
                    check(&Place::Entry(place), values, value, depth + 1)?;
                }
            }
        }
        Value::Struct(values) => {
            if values.len() != schema.fields.len() {
                return Err(DataError::new("Struct schemas do not match."));
            }
            for (field, value) in schema.fields.iter().zip(values) {
                // a required field that is null counts as its default
                if !(value.is_null() && field.schema.default.is_some()) {
                    check(&Place::Field(&field.name), &field.schema, value, depth + 1)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::logical;
    use crate::schema::{Field, INT32, OPTIONAL_STRING, STRING};

    fn said(schema: &Schema, wrong: &Value) -> (String, String) {
        (value(schema, wrong).unwrap_err().to_string(), field("fld", schema, wrong).unwrap_err().to_string())
    }

    #[test]
    fn a_wrong_value_is_named_in_kafkas_words() {
        let array = Schema::array(INT32().clone());
        let map = Schema::map(STRING().clone(), INT32().clone());
        for (schema, wrong, message) in [
            (
                &**INT32(),
                Value::from("x"),
                "Invalid Java object for schema with type INT32: class java.lang.String for @",
            ),
            (INT32(), Value::Null, "Invalid value: null used for required @, schema type: INT32"),
            (
                &logical::decimal(2),
                Value::Bytes(vec![1]),
                "Invalid Java object for schema \"org.apache.kafka.connect.data.Decimal\" with type BYTES: class [B for @",
            ),
            (
                &array,
                Value::Array(vec![Value::Int32(1), Value::Null]),
                "Invalid value: null used for required element of array @, schema type: INT32",
            ),
            (
                &map,
                Value::Map(vec![("a".into(), "b".into())]),
                "Invalid Java object for schema with type INT32: class java.lang.String for value of map @",
            ),
            (
                &map,
                Value::Map(vec![(Value::Int32(5), Value::Int32(6))]),
                "Invalid Java object for schema with type STRING: class java.lang.Integer for key of map @",
            ),
        ] {
            let expected = (message.replace('@', "value"), message.replace('@', "field: \"fld\""));
            assert_eq!(said(schema, &wrong), expected);
        }
    }

    #[test]
    fn structs_are_checked_field_by_field() {
        let schema =
            Schema::structure(vec![Field::new("a", INT32().clone()), Field::new("b", OPTIONAL_STRING().clone())]);
        let schema = schema.unwrap();
        assert!(value(&schema, &Value::Struct(vec![Value::Int32(1), Value::Null])).is_ok());
        let missing = value(&schema, &Value::Struct(vec![Value::Null, Value::Null])).unwrap_err();
        assert_eq!(missing.message(), "Invalid value: null used for required field: \"a\", schema type: INT32");
        let short = value(&schema, &Value::Struct(vec![Value::Int32(1)])).unwrap_err();
        assert_eq!(short.message(), "Struct schemas do not match.");
    }
}
