//! The settings that every converter with a registry has, and how a schema gets its id by them.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Definition, RegistryError, SchemaRegistry, SubjectNameStrategy};
use crate::error::ConfigError;

/// Confluent's `AbstractKafkaSchemaSerDeConfig`, as far as it is about schemas and not about the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerializerSettings {
    /// `auto.register.schemas`
    pub auto_register: bool,
    /// `use.latest.version`: only looked at where nothing is registered.
    pub use_latest_version: bool,
    /// `latest.compatibility.strict`: whether the newest version must fit what is written.
    pub latest_compatibility_strict: bool,
    /// `use.schema.id`
    pub use_schema_id: Option<i32>,
    /// `id.compatibility.strict`: the same for the schema of that id.
    pub id_compatibility_strict: bool,
    /// `normalize.schemas`
    pub normalize: bool,
    /// `key.subject.name.strategy` or `value.subject.name.strategy`.
    pub strategy: SubjectNameStrategy,
    /// `max.schemas.per.subject`: how many schemas are remembered.
    pub cache_size: usize,
    /// Which of the two it is.
    pub is_key: bool,
}

/// What to write with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// For the header.
    pub id: i32,
    /// The registry's schema, to be written by instead of the record's own.
    pub instead: Option<Arc<Definition>>,
    /// Whether that schema must be able to take everything that the record's own can.
    pub strict: bool,
}

impl SerializerSettings {
    /// From strings.
    ///
    /// # Errors
    /// As Kafka's ConfigDef.
    pub fn parse(settings: &IndexMap<String, String>, is_key: bool) -> Result<Self, ConfigError> {
        let strategy = if is_key { "key.subject.name.strategy" } else { "value.subject.name.strategy" };
        let cache_size = integer(settings, "max.schemas.per.subject", 1000)?;
        let use_schema_id = integer(settings, "use.schema.id", -1)?;
        Ok(Self {
            auto_register: boolean(settings, "auto.register.schemas", true)?,
            use_latest_version: boolean(settings, "use.latest.version", false)?,
            latest_compatibility_strict: boolean(settings, "latest.compatibility.strict", true)?,
            use_schema_id: (use_schema_id >= 0).then_some(use_schema_id),
            id_compatibility_strict: boolean(settings, "id.compatibility.strict", true)?,
            normalize: boolean(settings, "normalize.schemas", false)?,
            strategy: match settings.get(strategy) {
                Some(class) => SubjectNameStrategy::parse(strategy, class)?,
                None => SubjectNameStrategy::default(),
            },
            cache_size: usize::try_from(cache_size).unwrap_or(0),
            is_key,
        })
    }

    /// The id to write a schema's data with.
    ///
    /// # Errors
    /// What the registry said; [`SerializerSettings::failure`] has the words that go with it.
    pub fn resolve(
        &self,
        registry: &dyn SchemaRegistry,
        subject: &str,
        definition: &Definition,
    ) -> Result<Resolved, RegistryError> {
        if self.auto_register {
            let id = registry.register(subject, definition, self.normalize)?;
            Ok(Resolved { id, instead: None, strict: false })
        } else if let Some(id) = self.use_schema_id {
            let instead = Some(registry.schema_by_id(id, Some(subject))?);
            Ok(Resolved { id, instead, strict: self.id_compatibility_strict })
        } else if self.use_latest_version {
            let latest = registry.latest(subject)?;
            let instead = Some(Arc::new(latest.definition.clone()));
            Ok(Resolved { id: latest.id, instead, strict: self.latest_compatibility_strict })
        } else {
            let id = registry.id_of(subject, definition, self.normalize)?;
            Ok(Resolved { id, instead: None, strict: false })
        }
    }

    /// What switches off the check that [`Resolved::strict`] asks for.
    pub(in crate::converter) fn strict_setting(&self) -> &'static str {
        if self.use_schema_id.is_some() { "id.compatibility.strict" } else { "latest.compatibility.strict" }
    }

    /// What the serializer says when [`SerializerSettings::resolve`] fails; the schema's text follows.
    /// `format` is `Avro`, `Protobuf` or `JSON`.
    pub fn failure(&self, format: &str) -> String {
        if self.auto_register {
            format!("Error registering {format} schema")
        } else if self.use_schema_id.is_some() {
            format!("Error retrieving schema ID for {format} schema")
        } else if self.use_latest_version {
            format!("Error retrieving latest version of {format} schema")
        } else {
            format!("Error retrieving {format} schema")
        }
    }
}

/// A BOOLEAN setting.
///
/// # Errors
/// When it is neither true nor false.
pub(crate) fn boolean(settings: &IndexMap<String, String>, name: &str, default: bool) -> Result<bool, ConfigError> {
    match settings.get(name).map(|text| text.trim()) {
        None => Ok(default),
        Some(flag) if flag.eq_ignore_ascii_case("true") => Ok(true),
        Some(flag) if flag.eq_ignore_ascii_case("false") => Ok(false),
        Some(other) => Err(ConfigError::invalid(name, other, "Expected value to be either true or false")),
    }
}

/// An INT setting.
///
/// # Errors
/// When it is no 32-bit number.
pub(crate) fn integer(settings: &IndexMap<String, String>, name: &str, default: i32) -> Result<i32, ConfigError> {
    match settings.get(name).map(|text| text.trim()) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| ConfigError::invalid(name, text, "Not a number of type INT")),
    }
}

/// How many schemas a converter remembers in each direction, under either of the setting's names.
pub(in crate::converter) fn cache_size(settings: &IndexMap<String, String>) -> Result<usize, ConfigError> {
    for name in ["schemas.cache.size", "schemas.cache.config"] {
        if let Some(text) = settings.get(name) {
            let size: i32 =
                text.trim().parse().map_err(|_| ConfigError::invalid(name, text, "Not a number of type INT"))?;
            return Ok(usize::try_from(size).unwrap_or(0));
        }
    }
    Ok(1000)
}
