//! Connect's schemas.
//!
//! A schema is shared by every record of its kind, hence `Arc` everywhere; converters recognise a schema they
//! have seen by its address before they compare it field by field.

use std::fmt;
use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;

use crate::error::{DataError, SCHEMA_BUILDER_EXCEPTION};
use crate::value::Value;

/// The closed set of types (`Schema.Type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// 8 bits, signed.
    Int8,
    /// 16 bits, signed.
    Int16,
    /// 32 bits, signed.
    Int32,
    /// 64 bits, signed.
    Int64,
    /// IEEE 754 single precision.
    Float32,
    /// IEEE 754 double precision.
    Float64,
    /// True or false.
    Boolean,
    /// Text.
    String,
    /// Bytes without a meaning of their own.
    Bytes,
    /// Elements of one schema.
    Array,
    /// Keys of one schema, values of one schema.
    Map,
    /// Named fields, each with its schema.
    Struct,
}

impl Type {
    /// Java's constant name, as it stands in error messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Type::Int8 => "INT8",
            Type::Int16 => "INT16",
            Type::Int32 => "INT32",
            Type::Int64 => "INT64",
            Type::Float32 => "FLOAT32",
            Type::Float64 => "FLOAT64",
            Type::Boolean => "BOOLEAN",
            Type::String => "STRING",
            Type::Bytes => "BYTES",
            Type::Array => "ARRAY",
            Type::Map => "MAP",
            Type::Struct => "STRUCT",
        }
    }

    /// Everything but arrays, maps and structs.
    pub fn is_primitive(self) -> bool {
        !matches!(self, Type::Array | Type::Map | Type::Struct)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One field of a struct; its index is its place in [`Schema::fields`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Unique within the struct.
    pub name: String,
    /// What it holds.
    pub schema: Arc<Schema>,
}

/// `org.apache.kafka.connect.data.Schema`. Plain data: build one with the constructors, change it with the
/// `with_` methods, share it with [`Schema::shared`].
///
/// Two are equal as `ConnectSchema.equals` has it: in everything, docs and defaults included, but not in the order
/// of parameters.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Its type.
    pub ty: Type,
    /// Whether null is allowed.
    pub optional: bool,
    /// Logical type or record name.
    pub name: Option<String>,
    /// Version of the record, where somebody keeps one.
    pub version: Option<i32>,
    /// For people.
    pub doc: Option<String>,
    /// Whatever else belongs to the logical type, in order. Java's null and an empty map are the same here:
    /// they look the same in every format.
    pub parameters: IndexMap<String, String>,
    /// Used for null if the converter says so. Never [`Value::Null`].
    pub default: Option<Value>,
    /// Of a struct, in order; else empty.
    pub fields: Vec<Field>,
    /// Of a map.
    pub key_schema: Option<Arc<Schema>>,
    /// Of a map's values or an array's elements.
    pub value_schema: Option<Arc<Schema>>,
}

impl Schema {
    /// A required schema of this type, with nothing else set.
    pub fn new(ty: Type) -> Self {
        Self {
            ty,
            optional: false,
            name: None,
            version: None,
            doc: None,
            parameters: IndexMap::new(),
            default: None,
            fields: Vec::new(),
            key_schema: None,
            value_schema: None,
        }
    }

    /// An optional schema of this type.
    pub fn optional(ty: Type) -> Self {
        Self { optional: true, ..Self::new(ty) }
    }

    /// An array of such elements.
    pub fn array(element: Arc<Schema>) -> Self {
        Self { value_schema: Some(element), ..Self::new(Type::Array) }
    }

    /// A map from such keys to such values.
    pub fn map(key: Arc<Schema>, value: Arc<Schema>) -> Self {
        Self { key_schema: Some(key), value_schema: Some(value), ..Self::new(Type::Map) }
    }

    /// A struct of these fields.
    ///
    /// # Errors
    /// When two fields have one name.
    pub fn structure(fields: Vec<Field>) -> Result<Self, DataError> {
        let mut seen = std::collections::HashSet::with_capacity(fields.len());
        for field in &fields {
            if field.name.is_empty() {
                return Err(DataError::new("fieldName cannot be null.").with_class(SCHEMA_BUILDER_EXCEPTION));
            }
            if !seen.insert(field.name.as_str()) {
                let message = format!("Cannot create field because of field name duplication {}", field.name);
                return Err(DataError::new(message).with_class(SCHEMA_BUILDER_EXCEPTION));
            }
        }
        Ok(Self { fields, ..Self::new(Type::Struct) })
    }

    /// The same, null allowed or not.
    pub fn with_optional(mut self, optional: bool) -> Self {
        self.optional = optional;
        self
    }

    /// The same with a name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same with a version.
    pub fn with_version(mut self, version: i32) -> Self {
        self.version = Some(version);
        self
    }

    /// The same with a text for people.
    pub fn with_doc(mut self, doc: impl Into<String>) -> Self {
        self.doc = Some(doc.into());
        self
    }

    /// The same with one parameter more.
    pub fn with_parameter(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.insert(key.into(), value.into());
        self
    }

    /// The same with a default; null means none.
    pub fn with_default(mut self, value: Value) -> Self {
        self.default = if value.is_null() { None } else { Some(value) };
        self
    }

    /// Ready to be shared.
    pub fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }

    /// A field and its index, by name.
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.name == name)
    }

    /// Whether this is the logical type of that name.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        let defaults = match (&self.default, &other.default) {
            (Some(one), Some(other)) => one.java_equals(other),
            (None, None) => true,
            _ => false,
        };
        self.ty == other.ty
            && self.optional == other.optional
            && self.version == other.version
            && self.name == other.name
            && self.doc == other.doc
            && defaults
            && self.fields == other.fields
            && self.key_schema == other.key_schema
            && self.value_schema == other.value_schema
            && self.parameters == other.parameters
    }
}

/// `Double.equals` knows NaN, so this holds; comparing shared schemas then stops at their addresses.
impl Eq for Schema {}

impl fmt::Display for Schema {
    /// `ConnectSchema.toString`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "Schema{{{name}:{}}}", self.ty),
            None => write!(f, "Schema{{{}}}", self.ty),
        }
    }
}

impl Field {
    /// A field.
    pub fn new(name: impl Into<String>, schema: Arc<Schema>) -> Self {
        Self { name: name.into(), schema }
    }
}

macro_rules! shared_schemas {
    ($($name:ident, $optional:ident: $ty:ident;)*) => {
        $(
            #[doc = concat!("The one required ", stringify!($ty), " schema (`Schema.", stringify!($name), "_SCHEMA`).")]
            #[allow(non_snake_case)]
            pub fn $name() -> &'static Arc<Schema> {
                static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| Schema::new(Type::$ty).shared());
                &SCHEMA
            }

            #[doc = concat!("The one optional ", stringify!($ty), " schema (`Schema.", stringify!($optional), "_SCHEMA`).")]
            #[allow(non_snake_case)]
            pub fn $optional() -> &'static Arc<Schema> {
                static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| Schema::optional(Type::$ty).shared());
                &SCHEMA
            }
        )*
    };
}

shared_schemas! {
    INT8, OPTIONAL_INT8: Int8;
    INT16, OPTIONAL_INT16: Int16;
    INT32, OPTIONAL_INT32: Int32;
    INT64, OPTIONAL_INT64: Int64;
    FLOAT32, OPTIONAL_FLOAT32: Float32;
    FLOAT64, OPTIONAL_FLOAT64: Float64;
    BOOLEAN, OPTIONAL_BOOLEAN: Boolean;
    STRING, OPTIONAL_STRING: String;
    BYTES, OPTIONAL_BYTES: Bytes;
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn two_fields_of_one_name_are_refused() {
        let fields = vec![Field::new("a", INT32().clone()), Field::new("a", STRING().clone())];
        let refused = Schema::structure(fields).unwrap_err();
        assert_eq!(refused.message(), "Cannot create field because of field name duplication a");
    }

    #[test]
    fn shared_schemas_are_one_object() {
        assert!(Arc::ptr_eq(STRING(), STRING()));
        assert!(OPTIONAL_STRING().optional && !STRING().optional);
    }

    #[test]
    fn null_is_no_default() {
        assert_eq!(Schema::new(Type::Int8).with_default(Value::Null).default, None);
    }
}
