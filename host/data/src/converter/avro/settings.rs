//! `AvroDataConfig`: how Connect's schemas and Avro's are mapped to each other.

use indexmap::IndexMap;

use crate::converter::registry::settings::{boolean, integer};
use crate::error::ConfigError;

/// Where Confluent's converter keeps what Avro has no word for.
pub(super) const NAMESPACE: &str = "io.confluent.connect.avro";
pub(super) const DEFAULT_NAME: &str = "ConnectDefault";
pub(super) const DEFAULT_FULL_NAME: &str = "io.confluent.connect.avro.ConnectDefault";
pub(super) const MAP_ENTRY: &str = "MapEntry";
pub(super) const UNION: &str = "io.confluent.connect.avro.Union";
pub(super) const ENUM: &str = "io.confluent.connect.avro.Enum";
pub(super) const GENERAL_UNION: &str = "org.apache.kafka.connect.data.Union";
pub(super) const GENERAL_ENUM: &str = "org.apache.kafka.connect.data.Enum";
pub(super) const RECORD_DOC: &str = "io.confluent.connect.avro.record.doc";
pub(super) const ENUM_DOC: &str = "io.confluent.connect.avro.enum.doc.";
pub(super) const ENUM_DEFAULT: &str = "io.confluent.connect.avro.enum.default.";
pub(super) const FIELD_DOC: &str = "io.confluent.connect.avro.field.doc.";
pub(super) const FIELD_DEFAULT: &str = "io.confluent.connect.avro.field.default";
pub(super) const CONNECT_RECORD_DOC: &str = "connect.record.doc";
pub(super) const CONNECT_ENUM_DOC: &str = "connect.enum.doc";
pub(super) const CONNECT_NAME: &str = "connect.name";
pub(super) const CONNECT_DOC: &str = "connect.doc";
pub(super) const CONNECT_VERSION: &str = "connect.version";
pub(super) const CONNECT_DEFAULT: &str = "connect.default";
pub(super) const CONNECT_PARAMETERS: &str = "connect.parameters";
pub(super) const CONNECT_TYPE: &str = "connect.type";
pub(super) const INTERNAL_TYPE: &str = "connect.internal.type";
pub(super) const FIXED_SIZE: &str = "connect.fixed.size";
pub(super) const PRECISION: &str = "connect.decimal.precision";
pub(super) const DEFAULT_PRECISION: i64 = 64;
pub(super) const LOGICAL_TYPE: &str = "logicalType";
/// Properties with this prefix and parameters with it are the same thing.
pub(super) const AVRO_PREFIX: &str = "avro";

/// The settings, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AvroSettings {
    /// `connect.meta.data`
    pub(super) meta_data: bool,
    /// `enhanced.avro.schema.support`
    pub(super) enhanced: bool,
    /// `scrub.invalid.names`
    pub(super) scrub: bool,
    /// `ignore.default.for.nullables`
    pub(super) ignore_default_for_nullables: bool,
    /// `discard.type.doc.default`
    pub(super) discard_type_doc_default: bool,
    /// `allow.optional.map.keys`
    pub(super) optional_map_keys: bool,
    /// `generalized.sum.type.support`
    pub(super) generalized_sum_types: bool,
    /// `schemas.cache.config`
    pub(super) cache_size: usize,
}

impl Default for AvroSettings {
    fn default() -> Self {
        Self {
            meta_data: true,
            enhanced: false,
            scrub: false,
            ignore_default_for_nullables: false,
            discard_type_doc_default: false,
            optional_map_keys: false,
            generalized_sum_types: false,
            cache_size: 1000,
        }
    }
}

impl AvroSettings {
    pub(super) fn parse(settings: &IndexMap<String, String>) -> Result<Self, ConfigError> {
        let flag = |name: &str, default: bool| boolean(settings, name, default);
        Ok(Self {
            meta_data: flag("connect.meta.data", true)?,
            enhanced: flag("enhanced.avro.schema.support", false)?,
            scrub: flag("scrub.invalid.names", false)?,
            ignore_default_for_nullables: flag("ignore.default.for.nullables", false)?,
            discard_type_doc_default: flag("discard.type.doc.default", false)?,
            optional_map_keys: flag("allow.optional.map.keys", false)?,
            generalized_sum_types: flag("generalized.sum.type.support", false)?,
            cache_size: usize::try_from(integer(settings, "schemas.cache.config", 1000)?).unwrap_or(0),
        })
    }

    /// The parameter that tells an enum.
    pub(super) fn enum_parameter(&self) -> &'static str {
        if self.generalized_sum_types { GENERAL_ENUM } else { ENUM }
    }
}
