//! `io.confluent.connect.json.JsonSchemaConverter`: JSON whose schema is a JSON Schema in a Schema Registry.
//!
//! A record is Confluent's header and then plain JSON, so whoever has no registry can still read it behind the
//! fifth byte. What JSON Schema has no word for (the width of an integer, the order of fields, names, versions)
//! stands in the schema under `connect.` names, which other readers ignore.

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

use self::document::Documents;
use super::Converter;
use super::registry::access::{Access, Format, Problem};
use super::registry::cache::{Remembered, Written};
use super::registry::{Definition, SchemaKind, SchemaRegistry, wire};
use crate::error::{ConfigError, DataError};
use crate::java::json;
use crate::schema::Schema;
use crate::value::{SchemaAndValue, Value};

const FORMAT: Format = Format {
    kind: SchemaKind::Json,
    serializer: "JSON",
    data: "JSON Schema",
    not_written: ("Converting Kafka Connect data to byte[] failed due to serialization error of topic ", ": "),
    not_read: ("Converting byte[] to Kafka Connect data failed due to serialization error of topic ", ": "),
};

/// The converter.
pub struct JsonSchemaConverter {
    settings: JsonSchemaSettings,
    registry: Access,
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
            registry: Access::new(&FORMAT, settings, is_key, registry)?,
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
        let found = self.registry.resolve(topic, schema.and_then(|schema| schema.name.as_deref()), text)?;
        let id = found.resolved.id;
        if let (Some(instead), true) = (&found.resolved.instead, found.resolved.strict) {
            let theirs = self.schema_of(instead).map_err(|problem| {
                problem.into_data(|error| self.registry.not_resolved(topic, &found.own.text, error))
            })?;
            if let (Some(ours), Some(theirs)) = (schema, &theirs) {
                compatible::check(ours, theirs).map_err(|what| {
                    let what = format!(
                        "Incompatible schema: the schema of id {id} in subject {} cannot take this data: {what}. \
                         Set {}=false to disable this check",
                        found.subject,
                        self.registry.serializer().strict_setting()
                    );
                    self.registry.not_written(topic, &what)
                })?;
            }
        }
        self.ids.put(schema, topic, &Arc::new(id));
        Ok(id)
    }

    /// The Connect schema of what the registry has.
    fn schema_of(&self, definition: &Definition) -> Result<Option<Arc<Schema>>, Problem> {
        self.registry.expect_kind(definition)?;
        let references = self.registry.references_of(definition)?;
        let root = parse(&definition.text)?;
        let mut others = Vec::with_capacity(references.len());
        for (name, version) in &references {
            others.push((name.clone(), parse(&version.definition.text)?));
        }
        let documents = Documents::new(root, others);
        Ok(from_schema::read(&documents, &self.settings)?.map(Arc::new))
    }

    fn schema(&self, topic: &str, id: i32) -> Result<Option<Arc<Schema>>, DataError> {
        if let Some(schema) = self.schemas.get(&id) {
            return Ok((*schema).clone());
        }
        let failed = |error| self.registry.not_retrieved(topic, format_args!("JSON schema for id {id}"), error);
        let definition = self.registry.by_id(topic, id).map_err(failed)?;
        let schema = self.schema_of(&definition).map_err(|problem| problem.into_data(failed))?;
        let version = self.registry.version_of(topic, &definition, name_of(&schema)).map_err(failed)?;
        let schema = schema.map(|schema| match (schema.version, version) {
            (None, Some(version)) => Arc::new((*schema).clone().with_version(version)),
            _ => schema,
        });
        self.schemas.put(id, &Arc::new(schema.clone()));
        Ok(schema)
    }
}

fn parse(text: &str) -> Result<json::Node<'_>, DataError> {
    json::parse(text.as_bytes()).map_err(|cause| DataError::new(format!("The schema is not JSON: {cause}")))
}

fn name_of(schema: &Option<Arc<Schema>>) -> Option<&str> {
    schema.as_ref().and_then(|schema| schema.name.as_deref())
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
        let (id, datum) = wire::split(bytes).map_err(|what| self.registry.not_read(topic, what))?;
        let schema = self.schema(topic, id)?;
        let node = json::parse(datum).map_err(|cause| {
            self.registry.not_read(topic, &format!("Error deserializing JSON message for id {id}: {cause}"))
        })?;
        let value = read::value(schema.as_deref(), Some(&node), &self.settings)?;
        Ok(SchemaAndValue::new(schema, value))
    }
}
