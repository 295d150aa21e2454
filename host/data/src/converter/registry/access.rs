//! How a converter gets at schemas, whatever language they are in: in which subject, under which id, and what it
//! says when there is none. The words are each converter's own, the steps are the same.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{
    Definition, RegistryError, Resolved, SchemaKind, SchemaRegistry, SerializerSettings, SubjectVersion, references_of,
    serialization,
};
use crate::error::{ConfigError, DataError};

/// What one converter says where another says something else.
#[derive(Debug)]
pub(in crate::converter) struct Format {
    /// The language of its schemas.
    pub(in crate::converter) kind: SchemaKind,
    /// The serializer's word for it, as in `Error registering Avro schema`.
    pub(in crate::converter) serializer: &'static str,
    /// The converter's word for it, as in `Failed to access Avro data`.
    pub(in crate::converter) data: &'static str,
    /// The converter's own sentence when a record cannot be written: what stands before the topic and after it.
    pub(in crate::converter) not_written: (&'static str, &'static str),
    /// The same when it cannot be read.
    pub(in crate::converter) not_read: (&'static str, &'static str),
}

/// A registry with the settings by which it is asked.
pub(in crate::converter) struct Access {
    format: &'static Format,
    serializer: SerializerSettings,
    registry: Arc<dyn SchemaRegistry>,
}

/// What to write a topic's records of one schema with.
pub(in crate::converter) struct Found {
    /// Where it was looked for.
    pub(in crate::converter) subject: String,
    /// The schema of the records themselves.
    pub(in crate::converter) own: Definition,
    /// What the registry has for it.
    pub(in crate::converter) resolved: Resolved,
}

/// Whose fault it is that there is no schema.
pub(in crate::converter) enum Problem {
    /// The registry's.
    Registry(RegistryError),
    /// The schema's.
    Schema(DataError),
}

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

impl From<DataError> for Problem {
    fn from(error: DataError) -> Self {
        Self::Schema(error)
    }
}

impl Problem {
    /// As a converter's error, `said` being what it makes of the registry's.
    pub(in crate::converter) fn into_data(self, said: impl FnOnce(RegistryError) -> DataError) -> DataError {
        match self {
            Self::Registry(error) => said(error),
            Self::Schema(error) => error,
        }
    }
}

fn sentence((before, after): (&str, &str), topic: &str) -> String {
    format!("{before}{topic}{after}")
}

impl Access {
    /// By a converter's settings, prefix removed.
    pub(in crate::converter) fn new(
        format: &'static Format,
        settings: &IndexMap<String, String>,
        is_key: bool,
        registry: Arc<dyn SchemaRegistry>,
    ) -> Result<Self, ConfigError> {
        Ok(Self { format, serializer: SerializerSettings::parse(settings, is_key)?, registry })
    }

    pub(in crate::converter) fn serializer(&self) -> &SerializerSettings {
        &self.serializer
    }

    /// What to write a topic's records with whose schema is this text. `record` is its name, where it has one.
    pub(in crate::converter) fn resolve(
        &self,
        topic: &str,
        record: Option<&str>,
        text: String,
    ) -> Result<Found, DataError> {
        let subject = self
            .serializer
            .strategy
            .subject(topic, self.serializer.is_key, record)
            .map_err(|what| self.not_written(topic, &what))?;
        let own = Definition::new(self.format.kind, text);
        let resolved = self
            .serializer
            .resolve(&*self.registry, &subject, &own)
            .map_err(|error| self.not_resolved(topic, &own.text, error))?;
        Ok(Found { subject, own, resolved })
    }

    /// What a registry's error means when the schema with this text was to be written with.
    pub(in crate::converter) fn not_resolved(&self, topic: &str, text: &str, error: RegistryError) -> DataError {
        let what = format!("{}{text}", self.serializer.failure(self.format.serializer));
        error.into_data(&sentence(self.format.not_written, topic), self.format.data, topic, &what)
    }

    /// The schema that a record of a topic says it has.
    pub(in crate::converter) fn by_id(&self, topic: &str, id: i32) -> Result<Arc<Definition>, RegistryError> {
        let subject = self.serializer.strategy.subject_before_schema(topic, self.serializer.is_key);
        self.registry.schema_by_id(id, subject.as_deref())
    }

    /// All that a definition refers to, as [`references_of`].
    pub(in crate::converter) fn references_of(
        &self,
        definition: &Definition,
    ) -> Result<Vec<(String, Arc<SubjectVersion>)>, RegistryError> {
        references_of(&*self.registry, definition)
    }

    /// Refuses a schema that another converter has to read.
    pub(in crate::converter) fn expect_kind(&self, definition: &Definition) -> Result<(), DataError> {
        if definition.kind == self.format.kind {
            return Ok(());
        }
        let (is, wanted) = (definition.kind.as_str(), self.format.kind.as_str());
        Err(DataError::new(format!("The schema is of type {is}, not {wanted}")))
    }

    /// Which version of its subject a schema is. One that is not in the subject has none: that the records can be
    /// read does not hang on it.
    pub(in crate::converter) fn version_of(
        &self,
        topic: &str,
        definition: &Definition,
        record: Option<&str>,
    ) -> Result<Option<i32>, RegistryError> {
        let Ok(subject) = self.serializer.strategy.subject(topic, self.serializer.is_key, record) else {
            return Ok(None);
        };
        match self.registry.lookup(&subject, definition, false) {
            Ok(found) => Ok(Some(found.version)),
            Err(RegistryError::Refused { status: 404, .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// What a registry's error means when the schema of records was to be read with. `what` is such as `JSON
    /// schema for id 1`.
    pub(in crate::converter) fn not_retrieved(
        &self,
        topic: &str,
        what: fmt::Arguments<'_>,
        error: RegistryError,
    ) -> DataError {
        let what = format!("Error retrieving {what}");
        error.into_data(&sentence(self.format.not_read, topic), self.format.data, topic, &what)
    }

    /// The serializer's complaint as the converter passes it on.
    pub(in crate::converter) fn not_written(&self, topic: &str, what: &str) -> DataError {
        serialization(&sentence(self.format.not_written, topic), what)
    }

    /// The deserializer's complaint as the converter passes it on.
    pub(in crate::converter) fn not_read(&self, topic: &str, what: &str) -> DataError {
        serialization(&sentence(self.format.not_read, topic), what)
    }
}
