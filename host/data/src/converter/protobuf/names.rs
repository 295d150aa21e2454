//! The names that carry Connect's types through Protobuf, and the messages that stand for logical types. They
//! are interface: other converters write and look for the same.

use crate::converter::registry::names::escaped;
use crate::schema::{Schema, Type};

/// A field's number.
pub(super) const TAG: &str = "io.confluent.connect.protobuf.Tag";
/// A field's scalar type, where Connect's type does not say it (`sint32`, `fixed64`).
pub(super) const TYPE: &str = "io.confluent.connect.protobuf.Type";
/// An enum's name; with `.X`, the number of a value.
pub(super) const ENUM: &str = "io.confluent.connect.protobuf.Enum";
/// With `.X`, the name of a struct that is the oneof `X`.
pub(super) const UNION: &str = "io.confluent.connect.protobuf.Union";
/// [`ENUM`] where `generalized.sum.type.support` asks for names that all formats share.
pub(super) const GENERAL_ENUM: &str = "org.apache.kafka.connect.data.Enum";
/// Likewise for a oneof: a parameter with its name.
pub(super) const GENERAL_UNION: &str = "org.apache.kafka.connect.data.Union";

/// In a field's options: the Connect type, where Protobuf has none so narrow.
pub(super) const CONNECT_TYPE: &str = "connect.type";
/// A decimal's digits, as a parameter of its Connect schema.
pub(super) const CONNECT_PRECISION: &str = "connect.decimal.precision";
/// The same in a field's options.
pub(super) const PRECISION: &str = "precision";
/// A decimal's digits after the point, in both.
pub(super) const SCALE: &str = "scale";

/// What a struct without a name is called, with a number.
pub(super) const DEFAULT_NAME: &str = "ConnectDefault";

/// The messages that stand for logical types.
pub(super) const DECIMAL: &str = "confluent.type.Decimal";
/// See [`DECIMAL`].
pub(super) const DATE: &str = "google.type.Date";
/// See [`DECIMAL`].
pub(super) const TIME_OF_DAY: &str = "google.type.TimeOfDay";
/// See [`DECIMAL`].
pub(super) const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// The option with a field's annotations.
pub(super) const FIELD_META: &str = "confluent.field_meta";

/// Google's wrapper for a scalar that may be null.
pub(super) fn wrapper(ty: Type) -> Option<&'static str> {
    Some(match ty {
        Type::Int8 | Type::Int16 | Type::Int32 => "google.protobuf.Int32Value",
        Type::Int64 => "google.protobuf.Int64Value",
        Type::Float32 => "google.protobuf.FloatValue",
        Type::Float64 => "google.protobuf.DoubleValue",
        Type::Boolean => "google.protobuf.BoolValue",
        Type::String => "google.protobuf.StringValue",
        Type::Bytes => "google.protobuf.BytesValue",
        Type::Array | Type::Map | Type::Struct => return None,
    })
}

/// Whether a message is such a wrapper.
pub(super) fn is_wrapper(full_name: &str) -> bool {
    full_name.strip_prefix("google.protobuf.").and_then(|name| name.strip_suffix("Value")).is_some_and(|name| {
        ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"].contains(&name)
    })
}

/// The name of the oneof that a struct stands for.
pub(super) fn union_name(schema: &Schema) -> Option<&str> {
    if schema.ty != Type::Struct {
        return None;
    }
    let named = schema.name.as_deref().and_then(|name| name.strip_prefix(UNION)?.strip_prefix('.'));
    named.or_else(|| schema.parameters.get(GENERAL_UNION).map(String::as_str))
}

/// The parameter that names the enum that a schema stands for.
pub(super) fn enum_parameter(schema: &Schema) -> Option<&'static str> {
    [ENUM, GENERAL_ENUM].into_iter().find(|name| schema.parameters.contains_key(*name))
}

/// A name that Protobuf accepts: [`escaped`], and what it may begin with.
pub(super) fn scrubbed(name: &str) -> String {
    let mut out = escaped(name);
    if !out.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        out.insert(0, 'x');
    }
    out
}

/// A field's name as a type's.
pub(super) fn camel(field: &str) -> String {
    let mut out = String::with_capacity(field.len());
    let mut upper = true;
    for character in field.chars() {
        if character == '_' {
            upper = true;
        } else if upper {
            out.push(character.to_ascii_uppercase());
            upper = false;
        } else {
            out.push(character);
        }
    }
    if !out.starts_with(|first: char| first.is_ascii_alphabetic()) {
        out.insert(0, 'X');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_acceptable() {
        for (name, wanted) in [("a-b", "a_b"), ("1x", "x1x"), ("é", "_C3_A9"), ("a b", "a_b"), ("_ok", "_ok")] {
            assert_eq!(scrubbed(name), wanted);
        }
        assert_eq!(camel("some_map"), "SomeMap");
        assert_eq!(camel("_1"), "X1");
    }

    #[test]
    fn wrappers_are_known() {
        assert!(is_wrapper("google.protobuf.StringValue"));
        assert!(!is_wrapper("google.protobuf.Value") && !is_wrapper("a.StringValue"));
    }
}
