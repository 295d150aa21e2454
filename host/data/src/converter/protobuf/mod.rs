//! `io.confluent.connect.protobuf.ProtobufConverter`: Protobuf whose `.proto` text is in a Schema Registry.
//!
//! A record is Confluent's header, the path to its message within the file, and the message. Protobuf has
//! neither null nor names on the wire, so the settings decide how null is said; what Connect's schema knows
//! beyond that stands in the options of fields.
//!
//! A schema is compiled once for each direction into a plan; records are then read and written by the plan
//! alone.

mod compile;
mod from_proto;
mod names;
mod read;
mod settings;
mod to_proto;
mod write;

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use prost_reflect::{FileDescriptor, MessageDescriptor};

pub use settings::ProtobufSettings;

use self::from_proto::Root;
use super::Converter;
use super::json_schema::cache::{Remembered, Written};
use super::json_schema::version_of;
use super::registry::{Definition, RegistryError, SchemaKind, SchemaRegistry, SerializerSettings, references_of, wire};
use crate::error::{ConfigError, DataError};
use crate::schema::Schema;
use crate::value::{SchemaAndValue, Value};

const SERIALIZATION: &str = "org.apache.kafka.common.errors.SerializationException: ";

/// The converter.
pub struct ProtobufConverter {
    settings: ProtobufSettings,
    serializer: SerializerSettings,
    registry: Arc<dyn SchemaRegistry>,
    outgoing: Written<Outgoing>,
    incoming: Remembered<(i32, Vec<i32>), Root>,
}

/// What is needed to write records of a schema.
#[derive(Debug)]
struct Outgoing {
    /// Everything before the message.
    header: Vec<u8>,
    plan: write::Plan,
}

impl fmt::Debug for ProtobufConverter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtobufConverter").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl ProtobufConverter {
    /// From its settings, prefix removed, and the registry that they name.
    ///
    /// # Errors
    /// When one of them is not acceptable.
    pub fn new(
        settings: &IndexMap<String, String>,
        is_key: bool,
        registry: Arc<dyn SchemaRegistry>,
    ) -> Result<Self, ConfigError> {
        let parsed = ProtobufSettings::parse(settings)?;
        Ok(Self {
            serializer: SerializerSettings::parse(settings, is_key)?,
            registry,
            outgoing: Written::new(parsed.cache_size),
            incoming: Remembered::new(parsed.cache_size),
            settings: parsed,
        })
    }

    fn outgoing(&self, topic: &str, schema: &Arc<Schema>) -> Result<Arc<Outgoing>, DataError> {
        if let Some(known) = self.outgoing.get(Some(schema), topic) {
            return Ok(known);
        }
        let text = to_proto::text(schema, &self.settings)?;
        let own = first(&compile::compile(&text, &[])?)?;
        let subject = self
            .serializer
            .strategy
            .subject(topic, self.serializer.is_key, Some(own.full_name()))
            .map_err(|what| DataError::caused_by(&not_written(topic), format_args!("{SERIALIZATION}{what}")))?;
        let definition = Definition::new(SchemaKind::Protobuf, text);
        let failed = |error: RegistryError| {
            let what = format!("{}{}", self.serializer.failure("Protobuf"), definition.text);
            error.into_data(&not_written(topic), "Protobuf", topic, &what)
        };
        let resolved = self.serializer.resolve(&*self.registry, &subject, &definition).map_err(failed)?;
        let mut header = Vec::new();
        wire::push_header(&mut header, resolved.id);
        let plan = match &resolved.instead {
            None => {
                wire::push_message_indexes(&mut header, &[0]);
                write::Plan::new(schema, &own, &self.settings, true)?
            }
            Some(instead) => {
                let file = self.compiled(instead).map_err(|problem| match problem {
                    Problem::Registry(error) => failed(error),
                    Problem::Schema(error) => error,
                })?;
                let index = file.messages().position(|message| message.name() == own.name()).unwrap_or(0);
                let message = match file.messages().nth(index) {
                    Some(message) => message,
                    None => first(&file)?,
                };
                wire::push_message_indexes(&mut header, &[i32::try_from(index).unwrap_or(0)]);
                write::Plan::new(schema, &message, &self.settings, resolved.strict)?
            }
        };
        let made = Arc::new(Outgoing { header, plan });
        self.outgoing.put(Some(schema), topic, &made);
        Ok(made)
    }

    fn compiled(&self, definition: &Definition) -> Result<FileDescriptor, Problem> {
        if definition.kind != SchemaKind::Protobuf {
            let message = format!("The schema is of type {}, not PROTOBUF", definition.kind.as_str());
            return Err(Problem::Schema(DataError::new(message)));
        }
        let references = references_of(&*self.registry, definition).map_err(Problem::Registry)?;
        let references: Vec<_> =
            references.into_iter().map(|(name, version)| (name, version.definition.text.clone())).collect();
        compile::compile(&definition.text, &references).map_err(Problem::Schema)
    }

    fn incoming(&self, topic: &str, id: i32, indexes: Vec<i32>) -> Result<Arc<Root>, DataError> {
        let key = (id, indexes);
        if let Some(known) = self.incoming.get(&key) {
            return Ok(known);
        }
        let failed = |problem| match problem {
            Problem::Registry(error) => error.into_data(
                &not_read(topic),
                "Protobuf",
                topic,
                &format!("Error retrieving Protobuf schema for id {id}"),
            ),
            Problem::Schema(error) => error,
        };
        let subject = self.serializer.strategy.subject_before_schema(topic, self.serializer.is_key);
        let definition =
            self.registry.schema_by_id(id, subject.as_deref()).map_err(|error| failed(Problem::Registry(error)))?;
        let file = self.compiled(&definition).map_err(failed)?;
        let message = at(&file, &key.1).ok_or_else(|| {
            let what = format!("the Protobuf schema of id {id} has no message at the indexes {:?}", key.1);
            DataError::caused_by(&not_read(topic), format_args!("{SERIALIZATION}{what}"))
        })?;
        let version = version_of(&*self.registry, &self.serializer, topic, &definition, Some(message.full_name()))
            .map_err(|error| failed(Problem::Registry(error)))?;
        let root = Arc::new(from_proto::read(&message, version, &self.settings)?);
        self.incoming.put(key, &root);
        Ok(root)
    }
}

/// Whose fault it is that there is no schema.
enum Problem {
    Registry(RegistryError),
    Schema(DataError),
}

fn not_written(topic: &str) -> String {
    format!("Failed to serialize Protobuf data from topic {topic} : ")
}

fn not_read(topic: &str) -> String {
    format!("Failed to deserialize data for topic {topic} to Protobuf: ")
}

fn first(file: &FileDescriptor) -> Result<MessageDescriptor, DataError> {
    file.messages().next().ok_or_else(|| DataError::new("The Protobuf schema has no message"))
}

/// The message that a record's indexes lead to.
fn at(file: &FileDescriptor, indexes: &[i32]) -> Option<MessageDescriptor> {
    let (outer, inner) = indexes.split_first()?;
    let mut message = file.messages().nth(usize::try_from(*outer).ok()?)?;
    for index in inner {
        let child = message.child_messages().nth(usize::try_from(*index).ok()?)?;
        message = child;
    }
    Some(message)
}

impl Converter for ProtobufConverter {
    fn from_connect(
        &self,
        topic: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        let Some(schema) = schema else {
            return match value {
                Value::Null => Ok(None),
                _ => Err(DataError::new(
                    "Data without a schema cannot be written as Protobuf; use a converter or transformation that gives it one",
                )),
            };
        };
        if value.is_null() && schema.ty == crate::schema::Type::Struct {
            return Ok(None);
        }
        let outgoing = self.outgoing(topic, schema)?;
        let mut out = Vec::with_capacity(128);
        out.extend_from_slice(&outgoing.header);
        outgoing.plan.write(&mut out, &value)?;
        Ok(Some(out))
    }

    fn to_connect(&self, topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        let Some(bytes) = bytes else {
            return Ok(SchemaAndValue::NULL);
        };
        let refused =
            |what: &dyn fmt::Display| DataError::caused_by(&not_read(topic), format_args!("{SERIALIZATION}{what}"));
        let (id, rest) = wire::split(bytes).map_err(|what| refused(&what))?;
        let (indexes, datum) = wire::split_message_indexes(rest).map_err(|what| refused(&what))?;
        let root = self.incoming(topic, id, indexes)?;
        let value = read::root(&root, datum)
            .map_err(|error| refused(&format_args!("Error deserializing Protobuf message for id {id}: {error}")))?;
        let (Root::Message(_, schema) | Root::Wrapped(_, schema)) = &*root;
        Ok(SchemaAndValue::new(Some(schema.clone()), value))
    }
}
