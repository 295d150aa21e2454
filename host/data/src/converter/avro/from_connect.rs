//! A Connect schema as an Avro schema (`AvroData.fromConnectSchema`).

use std::collections::HashMap;

use super::default::{is_valid, to_json};
use super::json::Json;
use super::kinds::{has_text_keys, is_enum, is_fixed, is_union};
use super::names::{Name, fault, scrubbed, split};
use super::schema::{AvroField, AvroSchema, Id, Node, Shape};
use super::settings::{
    AVRO_PREFIX, AvroSettings, CONNECT_DEFAULT, CONNECT_DOC, CONNECT_ENUM_DOC, CONNECT_NAME, CONNECT_PARAMETERS,
    CONNECT_RECORD_DOC, CONNECT_TYPE, CONNECT_VERSION, DEFAULT_NAME, DEFAULT_PRECISION, ENUM_DEFAULT, ENUM_DOC,
    FIELD_DEFAULT, FIELD_DOC, FIXED_SIZE, INTERNAL_TYPE, LOGICAL_TYPE, MAP_ENTRY, NAMESPACE, PRECISION, RECORD_DOC,
};
use crate::error::DataError;
use crate::logical::{DATE, DECIMAL, SCALE, TIME, TIMESTAMP};
use crate::schema::{Schema, Type};

/// The Avro schema of a Connect schema.
///
/// # Errors
/// When Avro has no words for it.
pub(super) fn avro_schema(schema: &Schema, settings: &AvroSettings) -> Result<AvroSchema, DataError> {
    let mut builder =
        Builder { settings, avro: AvroSchema::default(), made: Vec::new(), structs: HashMap::new(), unnamed: 0 };
    builder.avro.root = builder.convert(schema, schema.optional, false)?;
    Ok(builder.avro)
}

struct Builder<'a> {
    settings: &'a AvroSettings,
    avro: AvroSchema,
    /// Required schemas and what became of them: an unnamed struct that comes again is the same record.
    made: Vec<(&'a Schema, Id)>,
    /// Structs by name, from the moment they are begun.
    structs: HashMap<&'a str, (&'a Schema, Id)>,
    unnamed: usize,
}

fn equal_but_for_optional(one: &Schema, two: &Schema) -> bool {
    std::ptr::eq(one, two)
        || (one.ty == two.ty
            && one.name == two.name
            && one.version == two.version
            && one.doc == two.doc
            && one.parameters == two.parameters
            && one.default == two.default
            && one.fields == two.fields
            && one.key_schema == two.key_schema
            && one.value_schema == two.value_schema)
}

fn illegal(fault: String) -> DataError {
    DataError::new(fault).with_class("org.apache.avro.SchemaParseException")
}

fn integer(schema: &Schema, parameter: &str) -> Result<Option<i64>, DataError> {
    schema
        .parameters
        .get(parameter)
        .map(|text| text.parse().map_err(|_| DataError::new(format!("For input string: \"{text}\""))))
        .transpose()
}

impl<'a> Builder<'a> {
    /// `optional` stands apart from the schema because a struct is made twice: within its union, and alone.
    fn convert(&mut self, schema: &'a Schema, optional: bool, ignore_optional: bool) -> Result<Id, DataError> {
        let union = is_union(schema);
        if !union
            && !optional
            && let Some((_, id)) = self.made.iter().find(|(made, _)| equal_but_for_optional(made, schema))
        {
            return Ok(*id);
        }
        let id = match schema.ty {
            Type::Int8 | Type::Int16 | Type::Int32 => self.avro.add(Node::new(Shape::Int)),
            Type::Int64 => self.avro.add(Node::new(Shape::Long)),
            Type::Float32 => self.avro.add(Node::new(Shape::Float)),
            Type::Float64 => self.avro.add(Node::new(Shape::Double)),
            Type::Boolean => self.avro.add(Node::new(Shape::Boolean)),
            Type::String => self.string(schema)?,
            Type::Bytes => self.bytes(schema)?,
            Type::Array => {
                let items = inner(schema.value_schema.as_deref())?;
                let items = self.within(items, items.optional, false)?;
                self.avro.add(Node::new(Shape::Array(items)))
            }
            Type::Map => self.map(schema)?,
            Type::Struct if union => {
                let mut branches = Vec::with_capacity(schema.fields.len() + 1);
                if optional {
                    branches.push(self.avro.add(Node::new(Shape::Null)));
                }
                for field in &schema.fields {
                    branches.push(self.within(&field.schema, false, true)?);
                }
                self.avro.add(Node::new(Shape::Union(branches)))
            }
            Type::Struct if optional => {
                let null = self.avro.add(Node::new(Shape::Null));
                let record = self.within(schema, false, false)?;
                self.avro.add(Node::new(Shape::Union(vec![null, record])))
            }
            Type::Struct => self.record(schema)?,
        };
        let mut made = id;
        if !matches!(self.avro.node(id).shape, Shape::Union(_)) {
            self.annotate(id, schema)?;
            if !ignore_optional && optional {
                made = self.make_optional(schema, id);
            }
        }
        if !optional && matches!(schema.ty, Type::Struct | Type::String | Type::Map) {
            self.made.push((schema, made));
        }
        Ok(made)
    }

    /// The same below the top, where a struct of a name that was seen is referred to.
    fn within(&mut self, schema: &'a Schema, optional: bool, ignore_optional: bool) -> Result<Id, DataError> {
        let known = schema.name.as_deref().and_then(|name| self.structs.get(name)).copied();
        match known {
            Some((made, id)) if equal_but_for_optional(made, schema) => {
                Ok(if optional && !ignore_optional { self.make_optional(schema, id) } else { id })
            }
            _ => self.convert(schema, optional, ignore_optional),
        }
    }

    fn make_optional(&mut self, schema: &Schema, id: Id) -> Id {
        let null = self.avro.add(Node::new(Shape::Null));
        let branches = if schema.default.is_some() { vec![id, null] } else { vec![null, id] };
        self.avro.add(Node::new(Shape::Union(branches)))
    }

    fn name(&mut self, schema: &Schema) -> Result<Name, DataError> {
        let name = match &schema.name {
            Some(full) => {
                let (space, name) = split(full, self.settings.scrub);
                Name::new(&name, space)
            }
            None => {
                self.unnamed += 1;
                let suffix = if self.unnamed > 1 { self.unnamed.to_string() } else { String::new() };
                Name::new(&format!("{DEFAULT_NAME}{suffix}"), Some(NAMESPACE))
            }
        };
        match fault(&name.name) {
            Some(fault) => Err(illegal(fault)),
            None => Ok(name),
        }
    }

    fn string(&mut self, schema: &Schema) -> Result<Id, DataError> {
        if !((self.settings.generalized_sum_types || self.settings.enhanced) && is_enum(schema)) {
            return Ok(self.avro.add(Node::new(Shape::String)));
        }
        let parameter = self.settings.enum_parameter();
        let prefix = format!("{parameter}.");
        let symbols = schema.parameters.keys().filter_map(|key| key.strip_prefix(&prefix)).map(str::to_owned).collect();
        let own = self.name(schema)?.name;
        let full = schema.parameters.get(parameter).ok_or_else(|| DataError::new("Empty name"))?;
        let name = Name::new(full, None);
        if let Some(fault) = fault(&name.name) {
            return Err(illegal(fault));
        }
        let parameter = |key: String| schema.parameters.get(&key).cloned();
        let (doc, default) = if self.settings.discard_type_doc_default {
            (parameter(CONNECT_ENUM_DOC.to_owned()), None)
        } else {
            (parameter(format!("{ENUM_DOC}{own}")), parameter(format!("{ENUM_DEFAULT}{own}")))
        };
        Ok(self.avro.add(Node { doc, ..Node::new(Shape::Enum { name, symbols, default }) }))
    }

    fn bytes(&mut self, schema: &Schema) -> Result<Id, DataError> {
        let shape = if is_fixed(schema) {
            let name = self.name(schema)?;
            let size = integer(schema, FIXED_SIZE)?.and_then(|size| usize::try_from(size).ok());
            Shape::Fixed { name, size: size.ok_or_else(|| DataError::new("Invalid fixed size"))? }
        } else {
            Shape::Bytes
        };
        let mut node = Node::new(shape);
        if schema.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(DECIMAL)) {
            let scale = integer(schema, SCALE)?
                .ok_or_else(|| DataError::new("Invalid Decimal schema: scale parameter not found."))?;
            node.set_prop("scale", Json::Integer(scale));
            node.set_prop("precision", Json::Integer(integer(schema, PRECISION)?.unwrap_or(DEFAULT_PRECISION)));
        }
        Ok(self.avro.add(node))
    }

    fn map(&mut self, schema: &'a Schema) -> Result<Id, DataError> {
        let (key, value) = (inner(schema.key_schema.as_deref())?, inner(schema.value_schema.as_deref())?);
        if has_text_keys(schema, self.settings) {
            let values = self.within(value, value.optional, false)?;
            return Ok(self.avro.add(Node::new(Shape::Map(values))));
        }
        let name = match &schema.name {
            None => Name::new(MAP_ENTRY, Some(NAMESPACE)),
            Some(_) => self.name(schema)?,
        };
        let id = self.avro.add(Node::new(Shape::Record { name: name.clone(), fields: Vec::new() }));
        if schema.name.is_some() {
            self.avro.nodes[id].set_prop(INTERNAL_TYPE, Json::text(MAP_ENTRY));
        }
        let fields = vec![self.field("key".to_owned(), key, None)?, self.field("value".to_owned(), value, None)?];
        self.avro.nodes[id].shape = Shape::Record { name, fields };
        Ok(self.avro.add(Node::new(Shape::Array(id))))
    }

    fn record(&mut self, schema: &'a Schema) -> Result<Id, DataError> {
        let name = self.name(schema)?;
        let discard = self.settings.discard_type_doc_default;
        let doc = schema.parameters.get(if discard { CONNECT_RECORD_DOC } else { RECORD_DOC }).cloned();
        let id = self.avro.add(Node { doc, ..Node::new(Shape::Record { name: name.clone(), fields: Vec::new() }) });
        if let Some(full) = &schema.name {
            self.structs.insert(full, (schema, id));
        }
        let mut fields = Vec::with_capacity(schema.fields.len());
        for field in &schema.fields {
            let doc =
                if discard { None } else { schema.parameters.get(&format!("{FIELD_DOC}{}", field.name)).cloned() };
            fields.push(self.field(scrubbed(&field.name, self.settings.scrub), &field.schema, doc)?);
        }
        for (place, field) in fields.iter().enumerate() {
            if fields.iter().take(place).any(|earlier| earlier.name == field.name) {
                return Err(illegal(format!("Duplicate field {} in record {name}", field.name)));
            }
        }
        self.avro.nodes[id].shape = Shape::Record { name, fields };
        Ok(id)
    }

    fn field(&mut self, name: String, schema: &'a Schema, doc: Option<String>) -> Result<AvroField, DataError> {
        let default = match &schema.default {
            Some(default) => Some(to_json(schema, default, self.settings)?),
            None if schema.optional => Some(Json::Null),
            None => None,
        };
        let id = self.convert(schema, schema.optional, false)?;
        if let Some(fault) = fault(&name) {
            return Err(illegal(fault));
        }
        // what Avro does not take for a default is left out
        let default = default.filter(|default| is_valid(&self.avro, id, default));
        let doc = if self.settings.discard_type_doc_default { schema.doc.clone() } else { doc };
        Ok(AvroField { name, schema: id, doc, default })
    }

    fn annotate(&mut self, id: Id, schema: &Schema) -> Result<(), DataError> {
        let settings = self.settings;
        let node = &mut self.avro.nodes[id];
        if settings.meta_data {
            if let Some(doc) = &schema.doc {
                node.set_prop(CONNECT_DOC, Json::text(doc));
            }
            if let Some(version) = schema.version {
                node.set_prop(CONNECT_VERSION, Json::Integer(i64::from(version)));
            }
            let parameters: Vec<(String, Json)> = schema
                .parameters
                .iter()
                .filter(|(key, _)| settings.discard_type_doc_default || *key != FIELD_DEFAULT)
                .map(|(key, value)| (key.clone(), Json::text(value)))
                .collect();
            if !parameters.is_empty() {
                node.set_prop(CONNECT_PARAMETERS, Json::Object(parameters));
            }
            if let Some(default) = &schema.default
                && (settings.discard_type_doc_default || !schema.parameters.contains_key(FIELD_DEFAULT))
            {
                node.set_prop(CONNECT_DEFAULT, to_json(schema, default, settings)?);
            }
            if let Some(name) = &schema.name {
                node.set_prop(CONNECT_NAME, Json::text(name));
            }
            match schema.ty {
                Type::Int8 => node.set_prop(CONNECT_TYPE, Json::text("int8")),
                Type::Int16 => node.set_prop(CONNECT_TYPE, Json::text("int16")),
                _ => {}
            }
        }
        if let Some(name) = schema.name.as_deref() {
            let logical =
                [(DECIMAL, "decimal"), (TIME, "time-millis"), (TIMESTAMP, "timestamp-millis"), (DATE, "date")];
            if let Some((_, word)) = logical.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                node.set_prop(LOGICAL_TYPE, Json::text(word));
            }
        }
        for (key, value) in schema.parameters.iter().filter(|(key, _)| key.starts_with(AVRO_PREFIX)) {
            node.set_prop(key, Json::text(value));
        }
        Ok(())
    }
}

fn inner(schema: Option<&Schema>) -> Result<&Schema, DataError> {
    schema.ok_or_else(|| DataError::new("A map or an array without the schema of its elements cannot be Avro."))
}
