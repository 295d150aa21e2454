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
mod numbers;
mod read;
mod read_plan;
mod settings;
mod to_proto;
mod write;
mod write_plan;

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use prost_reflect::{FileDescriptor, MessageDescriptor};

pub use settings::ProtobufSettings;

use self::read_plan::Root;
use self::write_plan::Plan;
use super::Converter;
use super::registry::access::{Access, Format, Problem};
use super::registry::cache::{Remembered, Written};
use super::registry::{Definition, SchemaKind, SchemaRegistry, wire};
use crate::error::{ConfigError, DataError};
use crate::schema::Schema;
use crate::value::{SchemaAndValue, Value};

const FORMAT: Format = Format {
    kind: SchemaKind::Protobuf,
    serializer: "Protobuf",
    data: "Protobuf",
    not_written: ("Failed to serialize Protobuf data from topic ", " : "),
    not_read: ("Failed to deserialize data for topic ", " to Protobuf: "),
};

/// The converter.
pub struct ProtobufConverter {
    settings: ProtobufSettings,
    registry: Access,
    outgoing: Written<Outgoing>,
    incoming: Remembered<(i32, Vec<i32>), Root>,
}

/// What is needed to write records of a schema.
#[derive(Debug)]
struct Outgoing {
    /// Everything before the message.
    header: Vec<u8>,
    plan: Plan,
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
            registry: Access::new(&FORMAT, settings, is_key, registry)?,
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
        let found = self.registry.resolve(topic, Some(own.full_name()), text)?;
        let mut header = Vec::new();
        wire::push_header(&mut header, found.resolved.id);
        let plan = match &found.resolved.instead {
            None => {
                wire::push_message_indexes(&mut header, &[0]);
                Plan::new(schema, &own, &self.settings, true)?
            }
            Some(instead) => {
                let file = self.compiled(instead).map_err(|problem| {
                    problem.into_data(|error| self.registry.not_resolved(topic, &found.own.text, error))
                })?;
                let index = file.messages().position(|message| message.name() == own.name()).unwrap_or(0);
                let message = match file.messages().nth(index) {
                    Some(message) => message,
                    None => first(&file)?,
                };
                wire::push_message_indexes(&mut header, &[i32::try_from(index).unwrap_or(0)]);
                Plan::new(schema, &message, &self.settings, found.resolved.strict)?
            }
        };
        let made = Arc::new(Outgoing { header, plan });
        self.outgoing.put(Some(schema), topic, &made);
        Ok(made)
    }

    fn compiled(&self, definition: &Definition) -> Result<FileDescriptor, Problem> {
        self.registry.expect_kind(definition)?;
        let references = self.registry.references_of(definition)?;
        let references: Vec<_> =
            references.into_iter().map(|(name, version)| (name, version.definition.text.clone())).collect();
        Ok(compile::compile(&definition.text, &references)?)
    }

    fn incoming(&self, topic: &str, id: i32, indexes: Vec<i32>) -> Result<Arc<Root>, DataError> {
        let key = (id, indexes);
        if let Some(known) = self.incoming.get(&key) {
            return Ok(known);
        }
        let failed = |error| self.registry.not_retrieved(topic, format_args!("Protobuf schema for id {id}"), error);
        let definition = self.registry.by_id(topic, id).map_err(failed)?;
        let file = self.compiled(&definition).map_err(|problem| problem.into_data(failed))?;
        let message = at(&file, &key.1).ok_or_else(|| {
            let what = format!("the Protobuf schema of id {id} has no message at the indexes {:?}", key.1);
            self.registry.not_read(topic, &what)
        })?;
        let version = self.registry.version_of(topic, &definition, Some(message.full_name())).map_err(failed)?;
        let root = Arc::new(from_proto::read(&message, version, &self.settings)?);
        self.incoming.put(key, &root);
        Ok(root)
    }
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
        let refused = |what: &str| self.registry.not_read(topic, what);
        let (id, rest) = wire::split(bytes).map_err(refused)?;
        let (indexes, datum) = wire::split_message_indexes(rest).map_err(refused)?;
        let root = self.incoming(topic, id, indexes)?;
        let value = read::root(&root, datum)
            .map_err(|error| refused(&format!("Error deserializing Protobuf message for id {id}: {error}")))?;
        let (Root::Message(_, schema) | Root::Wrapped(_, schema)) = &*root;
        Ok(SchemaAndValue::new(Some(schema.clone()), value))
    }
}
