//! The converter's own settings; those of the registry are [`crate::converter::registry`]'s.

use indexmap::IndexMap;

use crate::converter::DecimalFormat;
use crate::converter::registry::settings::{boolean, cache_size};
use crate::error::ConfigError;

/// The settings, parsed.
#[derive(Debug, Clone)]
pub struct JsonSchemaSettings {
    /// Whether objects may have properties that the schema does not name.
    pub additional_properties: bool,
    /// Whether a field that may be null is a property that may be missing.
    pub optional_for_nonrequired: bool,
    /// How decimals stand in the payload.
    pub decimal_format: DecimalFormat,
    /// Whether null becomes the schema's default.
    pub replace_null_with_default: bool,
    /// Whether choices and closed sets have the names that all formats share.
    pub generalized_sum_type: bool,
    /// Whether a choice of one is no choice.
    pub flatten_singleton_unions: bool,
    /// How many schemas are remembered in each direction.
    pub cache_size: usize,
}

impl JsonSchemaSettings {
    /// From strings.
    ///
    /// # Errors
    /// When one of them is not acceptable, or asks for what is not here.
    pub fn parse(settings: &IndexMap<String, String>) -> Result<Self, ConfigError> {
        let flag = |name: &str, default: bool| boolean(settings, name, default);
        for (name, why) in [
            ("json.fail.invalid.schema", "records are not validated against their JSON Schema here"),
            ("json.write.dates.iso8601", "dates are written as Connect's logical types only"),
        ] {
            if flag(name, false)? {
                return Err(ConfigError::invalid(name, "true", why));
            }
        }
        Ok(Self {
            additional_properties: flag("object.additional.properties", true)?,
            optional_for_nonrequired: flag("use.optional.for.nonrequired", false)?,
            decimal_format: DecimalFormat::parse(settings)?,
            replace_null_with_default: flag("replace.null.with.default", true)?
                && !flag("ignore.default.for.nullables", false)?,
            generalized_sum_type: flag("generalized.sum.type.support", false)?,
            flatten_singleton_unions: flag("flatten.singleton.unions", true)?,
            cache_size: cache_size(settings)?,
        })
    }
}
