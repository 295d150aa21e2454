//! `io.confluent.connect.json.JsonSchemaConverter`: JSON whose schema is a JSON Schema in a Schema Registry.
//!
//! A record is Confluent's header and then plain JSON, so whoever has no registry can still read it behind the
//! fifth byte. What JSON Schema has no word for (the width of an integer, the order of fields, names, versions)
//! stands in the schema under `connect.` names, which other readers ignore.

pub(in crate::converter) mod cache;
mod compatible;
mod document;
mod from_schema;
mod names;
mod read;
mod settings;
mod to_schema;
mod write;

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

pub use settings::JsonSchemaSettings;
pub(in crate::converter) use settings::cache_size;

use self::cache::{Remembered, Written};
use self::document::Documents;
use super::Converter;
use super::registry::{Definition, RegistryError, SchemaKind, SchemaRegistry, SerializerSettings, references_of, wire};
use crate::error::{ConfigError, DataError};
use crate::java::json;
use crate::schema::Schema;
use crate::value::{SchemaAndValue, Value};

const SERIALIZATION: &str = "org.apache.kafka.common.errors.SerializationException: ";

/// The converter.
pub struct JsonSchemaConverter {
    settings: JsonSchemaSettings,
    serializer: SerializerSettings,
    registry: Arc<dyn SchemaRegistry>,
    ids: Written<i32>,
    schemas: Remembered<i32, Option<Arc<Schema>>>,
}

impl fmt::Debug for JsonSchemaConverter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonSchemaConverter").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl JsonSchemaConverter {
    /// From its settings, prefix removed, and the registry that they name.
    ///
    /// # Errors
    /// When one of them is not acceptable.
    pub fn new(
        settings: &IndexMap<String, String>,
        is_key: bool,
        registry: Arc<dyn SchemaRegistry>,
    ) -> Result<Self, ConfigError> {
        let parsed = JsonSchemaSettings::parse(settings)?;
        Ok(Self {
            serializer: SerializerSettings::parse(settings, is_key)?,
            registry,
            ids: Written::new(parsed.cache_size),
            schemas: Remembered::new(parsed.cache_size),
            settings: parsed,
        })
    }

    fn id(&self, topic: &str, schema: Option<&Arc<Schema>>) -> Result<i32, DataError> {
        if let Some(id) = self.ids.get(schema, topic) {
            return Ok(*id);
        }
        let text = to_schema::text(schema.map(|schema| &**schema), &self.settings)?;
        let record = schema.and_then(|schema| schema.name.as_deref());
        let subject = self
            .serializer
            .strategy
            .subject(topic, self.serializer.is_key, record)
            .map_err(|what| DataError::caused_by(&not_written(topic), format_args!("{SERIALIZATION}{what}")))?;
        let definition = Definition::new(SchemaKind::Json, text);
        let failed = |error: RegistryError| {
            let what = format!("{}{}", self.serializer.failure("JSON"), definition.text);
            error.into_data(&not_written(topic), "JSON Schema", topic, &what)
        };
        let resolved = self.serializer.resolve(&*self.registry, &subject, &definition).map_err(failed)?;
        if let (Some(instead), true) = (&resolved.instead, resolved.strict) {
            let theirs = self.schema_of(instead).map_err(|problem| match problem {
                Problem::Registry(error) => failed(error),
                Problem::Schema(error) => error,
            })?;
            if let (Some(ours), Some(theirs)) = (schema, &theirs) {
                compatible::check(ours, theirs).map_err(|what| {
                    let what = format!(
                        "Incompatible schema: the schema of id {} in subject {subject} cannot take this data: {what}. \
                         Set {}=false to disable this check",
                        resolved.id,
                        strict_setting(&self.serializer)
                    );
                    DataError::caused_by(&not_written(topic), format_args!("{SERIALIZATION}{what}"))
                })?;
            }
        }
        self.ids.put(schema, topic, &Arc::new(resolved.id));
        Ok(resolved.id)
    }

    /// The Connect schema of what the registry has.
    fn schema_of(&self, definition: &Definition) -> Result<Option<Arc<Schema>>, Problem> {
        if definition.kind != SchemaKind::Json {
            return Err(Problem::Schema(DataError::new(format!(
                "The schema is of type {}, not JSON",
                definition.kind.as_str()
            ))));
        }
        let references = references_of(&*self.registry, definition).map_err(Problem::Registry)?;
        let root = parse(&definition.text)?;
        let mut others = Vec::with_capacity(references.len());
        for (name, version) in &references {
            others.push((name.clone(), parse(&version.definition.text)?));
        }
        let documents = Documents::new(root, others);
        from_schema::read(&documents, &self.settings).map(|schema| schema.map(Arc::new)).map_err(Problem::Schema)
    }

    fn schema(&self, topic: &str, id: i32) -> Result<Option<Arc<Schema>>, DataError> {
        if let Some(schema) = self.schemas.get(&id) {
            return Ok((*schema).clone());
        }
        let failed = |problem| match problem {
            Problem::Registry(error) => error.into_data(
                &not_read(topic),
                "JSON Schema",
                topic,
                &format!("Error retrieving JSON schema for id {id}"),
            ),
            Problem::Schema(error) => error,
        };
        let subject = self.serializer.strategy.subject_before_schema(topic, self.serializer.is_key);
        let definition =
            self.registry.schema_by_id(id, subject.as_deref()).map_err(|error| failed(Problem::Registry(error)))?;
        let schema = self.schema_of(&definition).map_err(failed)?;
        let version = version_of(&*self.registry, &self.serializer, topic, &definition, name_of(&schema))
            .map_err(|error| failed(Problem::Registry(error)))?;
        let schema = schema.map(|schema| match (schema.version, version) {
            (None, Some(version)) => Arc::new((*schema).clone().with_version(version)),
            _ => schema,
        });
        self.schemas.put(id, &Arc::new(schema.clone()));
        Ok(schema)
    }
}

fn parse(text: &str) -> Result<json::Node<'_>, Problem> {
    json::parse(text.as_bytes())
        .map_err(|cause| Problem::Schema(DataError::new(format!("The schema is not JSON: {cause}"))))
}

/// What switches the check off.
pub(in crate::converter) fn strict_setting(serializer: &SerializerSettings) -> &'static str {
    if serializer.use_schema_id.is_some() { "id.compatibility.strict" } else { "latest.compatibility.strict" }
}

fn name_of(schema: &Option<Arc<Schema>>) -> Option<&str> {
    schema.as_ref().and_then(|schema| schema.name.as_deref())
}

/// Which version of its subject a schema is. One that is not in the subject has none: that the records can be
/// read does not hang on it.
pub(in crate::converter) fn version_of(
    registry: &dyn SchemaRegistry,
    serializer: &SerializerSettings,
    topic: &str,
    definition: &Definition,
    record: Option<&str>,
) -> Result<Option<i32>, RegistryError> {
    let Ok(subject) = serializer.strategy.subject(topic, serializer.is_key, record) else {
        return Ok(None);
    };
    match registry.lookup(&subject, definition, false) {
        Ok(found) => Ok(Some(found.version)),
        Err(RegistryError::Refused { status: 404, .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Whose fault it is that there is no schema.
enum Problem {
    Registry(RegistryError),
    Schema(DataError),
}

fn not_written(topic: &str) -> String {
    format!("Converting Kafka Connect data to byte[] failed due to serialization error of topic {topic}: ")
}

fn not_read(topic: &str) -> String {
    format!("Converting byte[] to Kafka Connect data failed due to serialization error of topic {topic}: ")
}

impl Converter for JsonSchemaConverter {
    fn from_connect(
        &self,
        topic: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        if schema.is_none() && value.is_null() {
            return Ok(None);
        }
        let id = self.id(topic, schema)?;
        let mut out = Vec::with_capacity(128);
        wire::push_header(&mut out, id);
        write::value(&mut out, schema.map(|schema| &**schema), &value, &self.settings, 0)?;
        Ok(Some(out))
    }

    fn to_connect(&self, topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        let Some(bytes) = bytes else {
            return Ok(SchemaAndValue::NULL);
        };
        let (id, datum) = wire::split(bytes)
            .map_err(|what| DataError::caused_by(&not_read(topic), format_args!("{SERIALIZATION}{what}")))?;
        let schema = self.schema(topic, id)?;
        let node = json::parse(datum).map_err(|cause| {
            let what = format!("Error deserializing JSON message for id {id}: {cause}");
            DataError::caused_by(&not_read(topic), format_args!("{SERIALIZATION}{what}"))
        })?;
        let value = read::value(schema.as_deref(), Some(&node), &self.settings)?;
        Ok(SchemaAndValue::new(schema, value))
    }
}
