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
use super::registry::access::{Access, Format};
use super::registry::{Definition, RegistryError, SchemaKind, SchemaRegistry, wire};
use crate::error::{ConfigError, DataError};
use crate::schema::Schema;
use crate::value::{SchemaAndValue, Value};

const FORMAT: Format = Format {
    kind: SchemaKind::Avro,
    serializer: "Avro",
    data: "Avro",
    not_written: ("Failed to serialize Avro data from topic ", " :"),
    not_read: ("Failed to deserialize data for topic ", " to Avro: "),
};

/// The converter.
pub struct AvroConverter {
    registry: Access,
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
        let registry = Access::new(&FORMAT, settings, is_key, registry)?;
        let settings = AvroSettings::parse(settings)?;
        let size = registry.serializer().cache_size.min(settings.cache_size);
        Ok(Self { registry, settings, writers: Writers::new(size), readers: Readers::new(size), unions: Mutex::new(0) })
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
        write.value(&mut Vec::new(), value).map_err(|fault| self.not_written(topic, fault))?;
        let record = avro.top().name().map(ToString::to_string);
        let found = self.registry.resolve(topic, record.as_deref(), text)?;
        let write = match (&found.resolved.instead, schema) {
            (Some(instead), Some(schema)) if instead.text != found.own.text => {
                self.instead(topic, schema, &found.own, instead, found.resolved.strict)?
            }
            _ => write,
        };
        Ok(self.writers.put(topic, schema, Writer { id: found.resolved.id, write }))
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
        let avro = self.resolved(instead).map_err(|error| self.registry.not_resolved(topic, "", error))?;
        let (write, refused) = plan::plan(schema, &avro, &self.settings);
        match refused.first().filter(|_| strict) {
            None => Ok(write),
            Some(why) => {
                let setting = self.registry.serializer().strict_setting();
                let what = format!(
                    "Error serializing Avro message\nCaused by: java.io.IOException: Incompatible schema {} for schema \
                     {}: {why}. Set {setting}=false to disable this check",
                    instead.text, own.text
                );
                Err(self.registry.not_written(topic, &what))
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
        for (_, needed) in self.registry.references_of(definition)? {
            parser.add(&needed.definition.text).map_err(malformed)?;
        }
        parser.add(&definition.text).map_err(malformed)?;
        Ok(parser.finish())
    }

    fn reader(&self, topic: &str, id: i32) -> Result<Arc<cache::Reader>, DataError> {
        if let Some(known) = self.readers.get(topic, id) {
            return Ok(known);
        }
        let part = if self.registry.serializer().is_key { "key" } else { "value" };
        let failed = |what: &str, error: RegistryError| {
            self.registry.not_retrieved(topic, format_args!("Avro {part} {what} {id}"), error)
        };
        let definition = self.registry.by_id(topic, id).map_err(|error| failed("schema for id", error))?;
        let avro = self.resolved(&definition).map_err(|error| failed("schema for id", error))?;
        if avro.top().name().is_some_and(|name| name.full() == anything::NAME) {
            return Ok(self.readers.put(topic, id, cache::Reader { schema: None, read: Read::Anything }));
        }
        if avro.top().shape == Shape::Null {
            return Ok(self.readers.put(topic, id, cache::Reader { schema: None, read: Read::Null }));
        }
        let record = avro.top().name().map(ToString::to_string);
        let version = self
            .registry
            .version_of(topic, &definition, record.as_deref())
            .map_err(|error| failed("schema version for id", error))?;
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

    fn not_written(&self, topic: &str, fault: Fault) -> DataError {
        match fault {
            Fault::Data(error) => *error,
            Fault::Avro(cause) => {
                self.registry.not_written(topic, &format!("Error serializing Avro message\nCaused by: {cause}"))
            }
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
        writer.write.value(&mut out, &value).map_err(|fault| self.not_written(topic, fault))?;
        Ok(Some(out))
    }

    fn to_connect(&self, topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        let Some(bytes) = bytes else {
            return Ok(SchemaAndValue::NULL);
        };
        let (id, mut datum) = wire::split(bytes).map_err(|why| self.registry.not_read(topic, why))?;
        let reader = self.reader(topic, id)?;
        let value = reader.read.value(&mut datum).map_err(|fault| match fault {
            Fault::Data(error) => *error,
            Fault::Avro(cause) => self
                .registry
                .not_read(topic, &format!("Error deserializing Avro message for id {id}\nCaused by: {cause}")),
        })?;
        if value.is_null() {
            return Ok(SchemaAndValue::NULL);
        }
        Ok(SchemaAndValue::new(reader.schema.clone(), value))
    }
}
