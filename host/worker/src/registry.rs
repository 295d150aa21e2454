//! The Schema Registry as converters see it, over the HTTP client.
//!
//! Converters are plain functions, and the client blocks. Both are right for something that is asked once per
//! schema; so the asking happens here, where the runtime is told that its thread will be busy.

use std::sync::Arc;

use indexmap::IndexMap;
use tokio::runtime::{Handle, RuntimeFlavor};
use watertight_data::ConfigError;
use watertight_data::converter::registry::{
    Definition, Reference, Registries, RegistryError, SchemaKind, SchemaRegistry, SubjectVersion,
};
use watertight_kafka::registry::{
    RegistryClient, RegistryFault, RegistryReference, RegistrySchema, RegistrySettings, RegistryVersion,
};

/// Opens registries by their settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpRegistries;

impl Registries for HttpRegistries {
    fn open(&self, settings: &IndexMap<String, String>) -> Result<Arc<dyn SchemaRegistry>, ConfigError> {
        let parsed = RegistrySettings::parse(|key| settings.get(key).map(String::as_str));
        let client = parsed.and_then(RegistryClient::new).map_err(|error| ConfigError::new(error.to_string()))?;
        Ok(Arc::new(HttpRegistry { client }))
    }
}

struct HttpRegistry {
    client: RegistryClient,
}

impl HttpRegistry {
    fn ask<T>(&self, question: impl FnOnce(&RegistryClient) -> Result<T, RegistryFault>) -> Result<T, RegistryError> {
        let many = Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
        let answer = if many { tokio::task::block_in_place(|| question(&self.client)) } else { question(&self.client) };
        answer.map_err(|fault| match fault {
            RegistryFault::Refused { status, code, message } => RegistryError::Refused { status, code, message },
            RegistryFault::Unreachable(why) => RegistryError::Unreachable(why),
            RegistryFault::Malformed(why) => RegistryError::Malformed(why),
        })
    }
}

impl SchemaRegistry for HttpRegistry {
    fn schema_by_id(&self, id: i32, subject: Option<&str>) -> Result<Arc<Definition>, RegistryError> {
        let found = self.ask(|client| client.schema_by_id(id, subject))?;
        definition(&found).map(Arc::new)
    }

    fn lookup(
        &self,
        subject: &str,
        definition: &Definition,
        normalize: bool,
    ) -> Result<Arc<SubjectVersion>, RegistryError> {
        let schema = schema(definition);
        let found = self.ask(|client| client.lookup(subject, &schema, normalize))?;
        version(&found)
    }

    fn register(&self, subject: &str, definition: &Definition, normalize: bool) -> Result<i32, RegistryError> {
        let schema = schema(definition);
        self.ask(|client| client.register(subject, &schema, normalize))
    }

    fn latest(&self, subject: &str) -> Result<Arc<SubjectVersion>, RegistryError> {
        let found = self.ask(|client| client.latest(subject))?;
        version(&found)
    }

    fn version(&self, subject: &str, number: i32) -> Result<Arc<SubjectVersion>, RegistryError> {
        let found = self.ask(|client| client.version(subject, number))?;
        version(&found)
    }
}

fn schema(definition: &Definition) -> RegistrySchema {
    RegistrySchema {
        kind: definition.kind.as_str().to_owned(),
        text: definition.text.clone(),
        references: definition
            .references
            .iter()
            .map(|one| RegistryReference { name: one.name.clone(), subject: one.subject.clone(), version: one.version })
            .collect(),
    }
}

fn definition(schema: &RegistrySchema) -> Result<Definition, RegistryError> {
    let kind = SchemaKind::from_word(&schema.kind)
        .ok_or_else(|| RegistryError::Malformed(format!("Invalid schema type {}", schema.kind)))?;
    let references = schema
        .references
        .iter()
        .map(|one| Reference { name: one.name.clone(), subject: one.subject.clone(), version: one.version })
        .collect();
    Ok(Definition { kind, text: schema.text.clone(), references })
}

fn version(found: &RegistryVersion) -> Result<Arc<SubjectVersion>, RegistryError> {
    Ok(Arc::new(SubjectVersion {
        subject: found.subject.clone(),
        version: found.version,
        id: found.id,
        definition: definition(&found.schema)?,
    }))
}
