//! `JsonConverterConfig`.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::error::ConfigError;
use crate::java::json::{self, Node};
use crate::schema::Schema;

/// How a Decimal stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecimalFormat {
    /// The unscaled bytes.
    #[default]
    Base64,
    /// A number.
    Numeric,
}

impl DecimalFormat {
    /// `decimal.format` of a converter's settings.
    pub(in crate::converter) fn parse(settings: &IndexMap<String, String>) -> Result<Self, ConfigError> {
        match settings.get("decimal.format").map(|text| text.trim()) {
            None => Ok(Self::default()),
            Some(text) if text.eq_ignore_ascii_case("BASE64") => Ok(Self::Base64),
            Some(text) if text.eq_ignore_ascii_case("NUMERIC") => Ok(Self::Numeric),
            Some(text) => Err(ConfigError::invalid(
                "decimal.format",
                text,
                "String must be one of (case insensitive): NUMERIC, BASE64",
            )),
        }
    }
}

/// The settings, parsed.
#[derive(Debug, Clone)]
pub struct JsonSettings {
    /// Whether there is an envelope with the schema.
    pub schemas_enable: bool,
    /// How many schemas are remembered in each direction.
    pub cache_size: usize,
    /// The schema of every record read, which then comes without envelope.
    pub schema_content: Option<Arc<Schema>>,
    /// How decimals are written.
    pub decimal_format: DecimalFormat,
    /// Whether null becomes the schema's default.
    pub replace_null_with_default: bool,
}

impl Default for JsonSettings {
    fn default() -> Self {
        Self {
            schemas_enable: true,
            cache_size: 1000,
            schema_content: None,
            decimal_format: DecimalFormat::Base64,
            replace_null_with_default: true,
        }
    }
}

impl JsonSettings {
    /// From strings.
    ///
    /// # Errors
    /// As Kafka's ConfigDef.
    pub fn parse(settings: &IndexMap<String, String>) -> Result<Self, ConfigError> {
        let mut parsed = Self::default();
        if let Some(flag) = boolean(settings, "schemas.enable")? {
            parsed.schemas_enable = flag;
        }
        if let Some(flag) = boolean(settings, "replace.null.with.default")? {
            parsed.replace_null_with_default = flag;
        }
        if let Some(text) = settings.get("schemas.cache.size") {
            let size: i32 = text
                .trim()
                .parse()
                .map_err(|_| ConfigError::invalid("schemas.cache.size", text, "Not a number of type INT"))?;
            parsed.cache_size = usize::try_from(size).unwrap_or(0);
        }
        parsed.decimal_format = DecimalFormat::parse(settings)?;
        if let Some(text) = settings.get("schema.content").filter(|text| !text.trim().is_empty()) {
            let node = json::parse(text.as_bytes()).map_err(|cause| {
                ConfigError::new(format!(
                    "Failed to parse schema in converter config due to serialization error: {cause}"
                ))
            })?;
            if node != Node::Null {
                let schema = super::schema::read(&node, &parsed).map_err(|cause| ConfigError::new(cause.message()))?;
                parsed.schema_content = Some(schema.shared());
            }
        }
        Ok(parsed)
    }
}

fn boolean(settings: &IndexMap<String, String>, name: &str) -> Result<Option<bool>, ConfigError> {
    let Some(text) = settings.get(name) else {
        return Ok(None);
    };
    match text.trim() {
        flag if flag.eq_ignore_ascii_case("true") => Ok(Some(true)),
        flag if flag.eq_ignore_ascii_case("false") => Ok(Some(false)),
        _ => Err(ConfigError::invalid(name, text, "Expected value to be either true or false")),
    }
}
