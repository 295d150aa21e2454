//! Connect schemas that stand for something Avro has and Connect has not: unions, enums, fixed.

use super::settings::{AvroSettings, ENUM, FIXED_SIZE, GENERAL_ENUM, GENERAL_UNION, UNION};
use crate::schema::{Schema, Type};

/// A struct of which one field is set.
pub(super) fn is_union(schema: &Schema) -> bool {
    schema.is_named(UNION) || schema.parameters.contains_key(GENERAL_UNION)
}

/// A string out of a list.
pub(super) fn is_enum(schema: &Schema) -> bool {
    schema.ty == Type::String && (schema.parameters.contains_key(GENERAL_ENUM) || schema.parameters.contains_key(ENUM))
}

/// Bytes of one length.
pub(super) fn is_fixed(schema: &Schema) -> bool {
    schema.ty == Type::Bytes && schema.name.is_some() && schema.parameters.contains_key(FIXED_SIZE)
}

/// Whether a map can be Avro's map; else it is an array of pairs.
pub(super) fn has_text_keys(schema: &Schema, settings: &AvroSettings) -> bool {
    schema
        .key_schema
        .as_ref()
        .is_some_and(|key| key.ty == Type::String && (!key.optional || settings.optional_map_keys))
}
