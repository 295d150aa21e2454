//! The names that carry Connect's types through JSON Schema. They are interface: other converters write and
//! look for the same.

use crate::schema::{Schema, Type};

/// Which Connect type a JSON type stands for.
pub(super) const CONNECT_TYPE: &str = "connect.type";
/// The place of a property in its struct.
pub(super) const CONNECT_INDEX: &str = "connect.index";
/// The schema's version.
pub(super) const CONNECT_VERSION: &str = "connect.version";
/// The schema's parameters.
pub(super) const CONNECT_PARAMETERS: &str = "connect.parameters";

/// A struct that is a choice, and, with `.field.N`, one of its alternatives.
pub(super) const ONE_OF: &str = "io.confluent.connect.json.OneOf";
/// The parameter of a string that has a closed set of values; with `.X`, one of them.
pub(super) const ENUM: &str = "io.confluent.connect.json.Enum";

/// The same two where `generalized.sum.type.support` asks for names that all formats share.
pub(super) const GENERAL_UNION: &str = "org.apache.kafka.connect.data.Union";
/// See [`GENERAL_UNION`].
pub(super) const GENERAL_ENUM: &str = "org.apache.kafka.connect.data.Enum";
/// What a general union and its fields (`connect_union_field_N`) are called.
pub(super) const GENERAL_UNION_NAME: &str = "connect_union";

/// Whether a struct is a choice between its fields.
pub(super) fn is_union(schema: &Schema) -> bool {
    schema.ty == Type::Struct && (schema.is_named(ONE_OF) || schema.parameters.contains_key(GENERAL_UNION))
}

/// The parameter under which this schema lists the values that are allowed.
pub(super) fn enum_parameter(schema: &Schema) -> Option<&'static str> {
    [ENUM, GENERAL_ENUM].into_iter().find(|name| schema.parameters.contains_key(*name))
}

/// Whether keys of this schema can be the names of an object.
pub(super) fn is_object_key(schema: &Schema) -> bool {
    schema.ty == Type::String && !schema.optional
}

/// `connect.type`'s word.
pub(super) fn type_word(ty: Type) -> &'static str {
    match ty {
        Type::Int8 => "int8",
        Type::Int16 => "int16",
        Type::Int32 => "int32",
        Type::Int64 => "int64",
        Type::Float32 => "float32",
        Type::Float64 => "float64",
        Type::Boolean => "boolean",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Array => "array",
        Type::Map => "map",
        Type::Struct => "struct",
    }
}

/// The other way.
pub(super) fn type_of(word: &str) -> Option<Type> {
    use Type::{Array, Boolean, Bytes, Float32, Float64, Int8, Int16, Int32, Int64, Map, String, Struct};
    [Int8, Int16, Int32, Int64, Float32, Float64, Boolean, String, Bytes, Array, Map, Struct]
        .into_iter()
        .find(|ty| type_word(*ty) == word)
}
