//! What converters want of a Schema Registry, whatever carries the requests.
//!
//! Nothing here does I/O: a converter is given a [`Registries`] by whoever makes it, and asks it for a
//! [`SchemaRegistry`] with its own settings. Calls may block. A converter asks once for each schema it meets,
//! so in steady state it never does.

pub(super) mod access;
pub(super) mod cache;
mod error;
pub(super) mod names;
pub(super) mod settings;
mod strategy;
pub mod wire;

use std::sync::Arc;

use indexmap::IndexMap;

pub use error::RegistryError;
use error::serialization;
pub use settings::{Resolved, SerializerSettings};
pub use strategy::SubjectNameStrategy;

use crate::error::ConfigError;

/// The kinds of schema that a registry keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SchemaKind {
    /// The one that is meant when nothing is said.
    #[default]
    Avro,
    /// A `.proto` file.
    Protobuf,
    /// JSON Schema.
    Json,
}

impl SchemaKind {
    /// The registry's `schemaType`.
    pub fn as_str(self) -> &'static str {
        match self {
            SchemaKind::Avro => "AVRO",
            SchemaKind::Protobuf => "PROTOBUF",
            SchemaKind::Json => "JSON",
        }
    }

    /// From the registry's `schemaType`.
    pub fn from_word(word: &str) -> Option<Self> {
        [SchemaKind::Avro, SchemaKind::Protobuf, SchemaKind::Json].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Another schema that a schema needs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// What the schema calls it: a record's name, a file's name, a URL.
    pub name: String,
    /// Where it is registered.
    pub subject: String,
    /// Which version of it.
    pub version: i32,
}

/// A schema as the registry keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Definition {
    /// Which language it is in.
    pub kind: SchemaKind,
    /// Its text.
    pub text: String,
    /// What it needs, in order.
    pub references: Vec<Reference>,
}

impl Definition {
    /// One that needs no other.
    pub fn new(kind: SchemaKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), references: Vec::new() }
    }
}

/// A schema at its place in a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectVersion {
    /// The subject.
    pub subject: String,
    /// 1 for the first.
    pub version: i32,
    /// The schema's id in the whole registry.
    pub id: i32,
    /// The schema.
    pub definition: Definition,
}

/// A Schema Registry. Implementations remember what cannot change (the schema of an id, the id of a schema) and
/// retry what may pass; they never remember that something was not there.
pub trait SchemaRegistry: Send + Sync {
    /// The schema with an id. The subject, where it is known, only narrows the search.
    ///
    /// # Errors
    /// When there is none, or the registry cannot be asked.
    fn schema_by_id(&self, id: i32, subject: Option<&str>) -> Result<Arc<Definition>, RegistryError>;

    /// Where a subject already has this schema.
    ///
    /// # Errors
    /// When it does not have it, or the registry cannot be asked.
    fn lookup(
        &self,
        subject: &str,
        definition: &Definition,
        normalize: bool,
    ) -> Result<Arc<SubjectVersion>, RegistryError>;

    /// The id under which a subject already has this schema.
    ///
    /// # Errors
    /// As [`SchemaRegistry::lookup`].
    fn id_of(&self, subject: &str, definition: &Definition, normalize: bool) -> Result<i32, RegistryError> {
        Ok(self.lookup(subject, definition, normalize)?.id)
    }

    /// The id of a schema, which becomes the subject's newest version unless the subject already has it.
    ///
    /// # Errors
    /// When the registry refuses it, or cannot be asked.
    fn register(&self, subject: &str, definition: &Definition, normalize: bool) -> Result<i32, RegistryError>;

    /// The newest version of a subject.
    ///
    /// # Errors
    /// When there is no such subject, or the registry cannot be asked.
    fn latest(&self, subject: &str) -> Result<Arc<SubjectVersion>, RegistryError>;

    /// One version of a subject: what references point at.
    ///
    /// # Errors
    /// When there is no such version, or the registry cannot be asked.
    fn version(&self, subject: &str, version: i32) -> Result<Arc<SubjectVersion>, RegistryError>;
}

/// Opens registries for converters.
pub trait Registries: Send + Sync {
    /// By a converter's settings (`schema.registry.url` and everything that belongs to it), prefix removed.
    ///
    /// # Errors
    /// When a setting is missing or cannot be used. That the registry does not answer is found out later.
    fn open(&self, settings: &IndexMap<String, String>) -> Result<Arc<dyn SchemaRegistry>, ConfigError>;
}

/// For places that make only converters without a registry.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRegistries;

impl Registries for NoRegistries {
    fn open(&self, _settings: &IndexMap<String, String>) -> Result<Arc<dyn SchemaRegistry>, ConfigError> {
        Err(ConfigError::new("A converter that needs a Schema Registry cannot be used here."))
    }
}

/// All schemas that a definition needs, each before those that need it, with the name each is known by.
///
/// # Errors
/// When one of them cannot be had.
pub fn references_of(
    registry: &dyn SchemaRegistry,
    definition: &Definition,
) -> Result<Vec<(String, Arc<SubjectVersion>)>, RegistryError> {
    let mut found: Vec<(String, Arc<SubjectVersion>)> = Vec::new();
    collect(registry, definition, &mut found, 0)?;
    Ok(found)
}

/// Deeper than anybody nests them, shallow enough for any stack.
const MAX_REFERENCE_DEPTH: usize = 64;

fn collect(
    registry: &dyn SchemaRegistry,
    definition: &Definition,
    found: &mut Vec<(String, Arc<SubjectVersion>)>,
    depth: usize,
) -> Result<(), RegistryError> {
    if depth > MAX_REFERENCE_DEPTH {
        return Err(RegistryError::Malformed("the references of a schema are nested too deeply".to_owned()));
    }
    for reference in &definition.references {
        if found.iter().any(|(name, _)| *name == reference.name) {
            continue;
        }
        let version = registry.version(&reference.subject, reference.version)?;
        collect(registry, &version.definition, found, depth + 1)?;
        found.push((reference.name.clone(), version));
    }
    Ok(())
}
