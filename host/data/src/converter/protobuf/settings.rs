//! The converter's own settings; those of the registry are [`crate::converter::registry`]'s.

use indexmap::IndexMap;

use crate::converter::registry::settings::{boolean, cache_size};
use crate::error::ConfigError;

/// The settings, parsed.
#[derive(Debug, Clone)]
pub struct ProtobufSettings {
    /// Whether names carry their package.
    pub enhanced_schema: bool,
    /// Whether choices and closed sets have the names that all formats share.
    pub generalized_sum_type: bool,
    /// Whether a oneof's struct field ends in its number.
    pub generate_index_for_unions: bool,
    /// Whether a message that is not there is one of defaults.
    pub generate_struct_for_nulls: bool,
    /// Whether the fields of a oneof are fields of the struct.
    pub flatten_unions: bool,
    /// Whether enums are numbers.
    pub int_for_enums: bool,
    /// Whether null is a field marked `optional` that is not there.
    pub optional_for_nullables: bool,
    /// Whether that holds for proto2's `optional`.
    pub optional_for_proto2: bool,
    /// Whether names that Protobuf does not accept are changed.
    pub scrub_invalid_names: bool,
    /// Whether null is a wrapper that is not there.
    pub wrapper_for_nullables: bool,
    /// Whether a record that is a wrapper is the scalar in it.
    pub wrapper_for_raw_primitives: bool,
    /// How many schemas are remembered in each direction.
    pub cache_size: usize,
}

impl ProtobufSettings {
    /// From strings.
    ///
    /// # Errors
    /// When one of them is not acceptable, or asks for what is not here.
    pub fn parse(settings: &IndexMap<String, String>) -> Result<Self, ConfigError> {
        let flag = |name: &str, default: bool| boolean(settings, name, default);
        if !flag("skip.known.types", true)? {
            return Err(ConfigError::invalid(
                "skip.known.types",
                "false",
                "Google's and Confluent's own types are never registered as references here",
            ));
        }
        Ok(Self {
            enhanced_schema: flag("enhanced.protobuf.schema.support", false)?,
            generalized_sum_type: flag("generalized.sum.type.support", false)?,
            generate_index_for_unions: flag("generate.index.for.unions", true)?,
            generate_struct_for_nulls: flag("generate.struct.for.nulls", false)?,
            flatten_unions: flag("flatten.unions", false)?,
            int_for_enums: flag("int.for.enums", false)?,
            optional_for_nullables: flag("optional.for.nullables", false)?,
            optional_for_proto2: flag("optional.for.proto2", true)?,
            scrub_invalid_names: flag("scrub.invalid.names", false)?,
            wrapper_for_nullables: flag("wrapper.for.nullables", false)?,
            wrapper_for_raw_primitives: flag("wrapper.for.raw.primitives", true)?,
            cache_size: cache_size(settings)?,
        })
    }

    /// Whether the schema says which fields may be null; else all may.
    pub(super) fn marks_nullables(&self) -> bool {
        self.optional_for_nullables || self.wrapper_for_nullables
    }
}
