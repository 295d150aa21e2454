//! `io.confluent.connect.avro.AvroConverter`, to the byte.
//!
//! A schema is translated once, and with it a plan is made by which values are written or read without looking
//! at a schema again. What is remembered is found by a schema's address (writing) or its id (reading): neither
//! the registry nor Avro's schemas are touched for the second record.
//!
//! The model of Avro's schemas is our own ([`schema`] says why), and so is the binary form, which is smaller than
//! a translation into some library's values would be.

mod anything;
mod cache;
mod default;
mod from_connect;
mod json;
mod kinds;
mod names;
mod parse;
mod plan;
mod read;
mod schema;
mod settings;
#[cfg(test)]
mod tests;
mod to_connect;
mod write;

use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;

use self::cache::{Readers, Writer, Writers};
use self::read::{Fault, Read};
use self::schema::{AvroSchema, Shape};
use self::settings::AvroSettings;
use self::write::Write;
use super::Converter;
use super::registry::{Definition, RegistryError, SchemaKind, SchemaRegistry, SerializerSettings, references_of, wire};
use crate::converter::registry::serialization;
use crate::error::{ConfigError, DataError};
use crate::schema::Schema;
use crate::value::{SchemaAndValue, Value};

/// The converter.
pub struct AvroConverter {
    registry: Arc<dyn SchemaRegistry>,
    serializer: SerializerSettings,
    settings: AvroSettings,
    writers: Writers,
    readers: Readers,
    unions: Mutex<usize>,
}

impl AvroConverter {
    /// From its settings, prefix removed, and the registry that they name.
    ///
    /// # Errors
    /// When one of them is not acceptable.
    pub fn new(
        settings: &IndexMap<String, String>,
        is_key: bool,
        registry: Arc<dyn SchemaRegistry>,
    ) -> Result<Self, ConfigError> {
        let serializer = SerializerSettings::parse(settings, is_key)?;
        let settings = AvroSettings::parse(settings)?;
        let size = serializer.cache_size.min(settings.cache_size);
        Ok(Self {
            registry,
            serializer,
            settings,
            writers: Writers::new(size),
            readers: Readers::new(size),
            unions: Mutex::new(0),
        })
    }

    fn writer(&self, topic: &str, schema: Option<&Arc<Schema>>, value: &Value) -> Result<Arc<Writer>, DataError> {
        if let Some(known) = self.writers.get(topic, schema) {
            return Ok(known);
        }
        let (avro, text, write) = match schema {
            None => (parsed(anything::SCHEMA).map_err(DataError::new)?, anything::SCHEMA.to_owned(), Write::Anything),
            Some(schema) => {
                let avro = from_connect::avro_schema(schema, &self.settings)?;
                let text = avro
                    .text()
                    .map_err(|why| DataError::new(why).with_class("org.apache.avro.SchemaParseException"))?;
                let (write, _) = plan::plan(schema, &avro, &self.settings);
                (avro, text, write)
            }
        };
        // a value that cannot be written must not register a schema
        write.value(&mut Vec::new(), value).map_err(|fault| not_written(topic, fault))?;
        let record = avro.top().name().map(ToString::to_string);
        let subject = self
            .serializer
            .strategy
            .subject(topic, self.serializer.is_key, record.as_deref())
            .map_err(|why| serialization(&writing(topic), &why))?;
        let definition = Definition::new(SchemaKind::Avro, text);
        let resolved = self.serializer.resolve(&*self.registry, &subject, &definition).map_err(|error| {
            let what = format!("{}{}", self.serializer.failure("Avro"), definition.text);
            error.into_data(&writing(topic), "Avro", topic, &what)
        })?;
        let write = match (&resolved.instead, schema) {
            (Some(instead), Some(schema)) if instead.text != definition.text => {
                self.instead(topic, schema, &definition, instead, resolved.strict)?
            }
            _ => write,
        };
        Ok(self.writers.put(topic, schema, Writer { id: resolved.id, write }))
    }

    /// The plan for a schema that the registry has and the record has not.
    fn instead(
        &self,
        topic: &str,
        schema: &Schema,
        own: &Definition,
        instead: &Definition,
        strict: bool,
    ) -> Result<Write, DataError> {
        let avro = self
            .resolved(instead)
            .map_err(|error| error.into_data(&writing(topic), "Avro", topic, &self.serializer.failure("Avro")))?;
        let (write, refused) = plan::plan(schema, &avro, &self.settings);
        match refused.first().filter(|_| strict) {
            None => Ok(write),
            Some(why) => {
                let setting = if self.serializer.use_schema_id.is_some() {
                    "id.compatibility.strict"
                } else {
                    "latest.compatibility.strict"
                };
                Err(DataError::caused_by(
                    &writing(topic),
                    format_args!(
                        "org.apache.kafka.common.errors.SerializationException: Error serializing Avro message\n\
                         Caused by: java.io.IOException: Incompatible schema {} for schema {}: {why}. \
                         Set {setting}=false to disable this check",
                        instead.text, own.text
                    ),
                ))
            }
        }
    }

    /// A definition with all that it refers to.
    fn resolved(&self, definition: &Definition) -> Result<AvroSchema, RegistryError> {
        if definition.kind != SchemaKind::Avro {
            return Err(RegistryError::Malformed(format!(
                "The schema is {} and not AVRO; another converter was used to write it.",
                definition.kind.as_str()
            )));
        }
        let malformed =
            |why: String| RegistryError::Malformed(format!("Could not parse Avro schema {}: {why}", definition.text));
        let mut parser = parse::Parser::default();
        for (_, needed) in references_of(&*self.registry, definition)? {
            parser.add(&needed.definition.text).map_err(malformed)?;
        }
        parser.add(&definition.text).map_err(malformed)?;
        Ok(parser.finish())
    }

    fn reader(&self, topic: &str, id: i32) -> Result<Arc<cache::Reader>, DataError> {
        if let Some(known) = self.readers.get(topic, id) {
            return Ok(known);
        }
        let part = if self.serializer.is_key { "key" } else { "value" };
        let failed = |what: &str, error: RegistryError| {
            error.into_data(&reading(topic), "Avro", topic, &format!("Error retrieving Avro {part} {what} {id}"))
        };
        let strategy = self.serializer.strategy;
        let subject = strategy.subject_before_schema(topic, self.serializer.is_key);
        let definition =
            self.registry.schema_by_id(id, subject.as_deref()).map_err(|error| failed("schema for id", error))?;
        let avro = self.resolved(&definition).map_err(|error| failed("schema for id", error))?;
        if avro.top().name().is_some_and(|name| name.full() == anything::NAME) {
            return Ok(self.readers.put(topic, id, cache::Reader { schema: None, read: Read::Anything }));
        }
        if avro.top().shape == Shape::Null {
            return Ok(self.readers.put(topic, id, cache::Reader { schema: None, read: Read::Null }));
        }
        let record = avro.top().name().map(ToString::to_string);
        let version = match strategy.subject(topic, self.serializer.is_key, record.as_deref()) {
            Ok(subject) => {
                self.version(&subject, &definition).map_err(|error| failed("schema version for id", error))?
            }
            Err(_) => None,
        };
        let mut unions = self.unions.lock().unwrap_or_else(PoisonError::into_inner);
        let (schema, read) = to_connect::connect_schema(&avro, version, &self.settings, &mut unions)?;
        let read = match (&avro.top().shape, read) {
            // a decimal's logical form stays around it
            (Shape::Bytes, Read::Decimal(_, scale)) => Read::Decimal(Box::new(Read::Rest), scale),
            (Shape::Bytes, _) => Read::Rest,
            (_, read) => read,
        };
        Ok(self.readers.put(topic, id, cache::Reader { schema: Some(schema.shared()), read }))
    }

    /// Which version of the subject a schema is. One that is not in the subject has none: that the records can
    /// be read does not hang on it.
    fn version(&self, subject: &str, definition: &Definition) -> Result<Option<i32>, RegistryError> {
        match self.registry.lookup(subject, definition, false) {
            Ok(found) => Ok(Some(found.version)),
            Err(RegistryError::Refused { status: 404, .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

impl std::fmt::Debug for AvroConverter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AvroConverter").field("settings", &self.settings).finish_non_exhaustive()
    }
}

fn parsed(text: &str) -> Result<AvroSchema, String> {
    let mut parser = parse::Parser::default();
    parser.add(text)?;
    Ok(parser.finish())
}

fn writing(topic: &str) -> String {
    format!("Failed to serialize Avro data from topic {topic} :")
}

fn reading(topic: &str) -> String {
    format!("Failed to deserialize data for topic {topic} to Avro: ")
}

fn not_written(topic: &str, fault: Fault) -> DataError {
    match fault {
        Fault::Data(error) => *error,
        Fault::Avro(cause) => {
            serialization(&writing(topic), &format!("Error serializing Avro message\nCaused by: {cause}"))
        }
    }
}

impl Converter for AvroConverter {
    fn from_connect(
        &self,
        topic: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        if value.is_null() {
            return match schema {
                Some(schema) if !schema.optional => Err(DataError::new("Found null value for non-optional schema")),
                _ => Ok(None),
            };
        }
        let writer = self.writer(topic, schema, &value)?;
        let mut out = Vec::with_capacity(128);
        wire::push_header(&mut out, writer.id);
        writer.write.value(&mut out, &value).map_err(|fault| not_written(topic, fault))?;
        Ok(Some(out))
    }

    fn to_connect(&self, topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        let Some(bytes) = bytes else {
            return Ok(SchemaAndValue::NULL);
        };
        let (id, mut datum) = wire::split(bytes).map_err(|why| serialization(&reading(topic), why))?;
        let reader = self.reader(topic, id)?;
        let value = reader.read.value(&mut datum).map_err(|fault| match fault {
            Fault::Data(error) => *error,
            Fault::Avro(cause) => serialization(
                &reading(topic),
                &format!("Error deserializing Avro message for id {id}\nCaused by: {cause}"),
            ),
        })?;
        if value.is_null() {
            return Ok(SchemaAndValue::NULL);
        }
        Ok(SchemaAndValue::new(reader.schema.clone(), value))
    }
}
