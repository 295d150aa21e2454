//! An Avro schema as a Connect schema (`AvroData.toConnectSchema`), and with it how its data is read.

use super::default::from_json;
use super::json::Json;
use super::kinds::{is_enum, is_fixed};
use super::names::{scrubbed_full, split};
use super::read::{Branch, Read};
use super::schema::{AvroSchema, Id, Shape};
use super::settings::{
    AVRO_PREFIX, AvroSettings, CONNECT_DEFAULT, CONNECT_DOC, CONNECT_ENUM_DOC, CONNECT_NAME, CONNECT_PARAMETERS,
    CONNECT_RECORD_DOC, CONNECT_TYPE, CONNECT_VERSION, DEFAULT_FULL_NAME, DEFAULT_PRECISION, ENUM, ENUM_DEFAULT,
    ENUM_DOC, FIELD_DEFAULT, FIELD_DOC, FIXED_SIZE, GENERAL_UNION, INTERNAL_TYPE, LOGICAL_TYPE, MAP_ENTRY, NAMESPACE,
    PRECISION, RECORD_DOC, UNION,
};
use crate::error::DataError;
use crate::logical::{self, Logical};
use crate::schema::{Field, STRING, Schema, Type};

/// More types than any sensible schema has: names may be used often, so that a short text can mean very many.
const MAX_TYPES: usize = 200_000;

/// Deeper than people nest them, shallow enough for any stack.
const MAX_DEPTH: usize = 200;

/// The Connect schema and the reader. `unions` counts generalized unions over the converter's life, as their
/// names do.
///
/// # Errors
/// When Connect has no words for it.
pub(super) fn connect_schema(
    avro: &AvroSchema,
    version: Option<i32>,
    settings: &AvroSettings,
    unions: &mut usize,
) -> Result<(Schema, Read), DataError> {
    let mut builder = Builder { avro, settings, unions, open: Vec::new(), types: 0, depth: 0 };
    builder.convert(avro.root, &Wish { version, ..Wish::default() })
}

/// What the place of a schema adds to it.
#[derive(Default)]
struct Wish<'a> {
    optional: bool,
    default: Option<&'a Json>,
    doc: Option<&'a str>,
    version: Option<i32>,
}

struct Builder<'a> {
    avro: &'a AvroSchema,
    settings: &'a AvroSettings,
    unions: &'a mut usize,
    /// Records around the place where we are.
    open: Vec<Id>,
    types: usize,
    depth: usize,
}

fn optional() -> Wish<'static> {
    Wish { optional: true, ..Wish::default() }
}

impl Builder<'_> {
    fn convert(&mut self, id: Id, wish: &Wish<'_>) -> Result<(Schema, Read), DataError> {
        self.types += 1;
        self.depth += 1;
        if self.types > MAX_TYPES || self.depth > MAX_DEPTH {
            return Err(DataError::new(format!(
                "The Avro schema has more than {MAX_TYPES} types, or is nested deeper than {MAX_DEPTH}."
            )));
        }
        let made = self.convert_within(id, wish);
        self.depth -= 1;
        made
    }

    fn convert_within(&mut self, id: Id, wish: &Wish<'_>) -> Result<(Schema, Read), DataError> {
        let avro = self.avro;
        let node = avro.node(id);
        let logical = node.text_prop(LOGICAL_TYPE);
        let is = |word: &str| logical.is_some_and(|logical| logical.eq_ignore_ascii_case(word));
        let (mut schema, read) = match &node.shape {
            Shape::Null => {
                return Err(DataError::new("Standalone null schemas are not supported by this converter"));
            }
            Shape::Boolean => (Schema::new(Type::Boolean), Read::Boolean),
            Shape::Float => (Schema::new(Type::Float32), Read::Float),
            Shape::Double => (Schema::new(Type::Float64), Read::Double),
            Shape::String => (Schema::new(Type::String), Read::String),
            Shape::Long if is("timestamp-millis") => (logical::timestamp(), Read::Long),
            Shape::Long => (Schema::new(Type::Int64), Read::Long),
            Shape::Int if is("date") => (logical::date(), Read::Int),
            Shape::Int if is("time-millis") => (logical::time(), Read::Int),
            Shape::Int if logical.is_some() => (Schema::new(Type::Int32), Read::Int),
            Shape::Int => match node.text_prop(CONNECT_TYPE) {
                None => (Schema::new(Type::Int32), Read::Int),
                Some("int8") => (Schema::new(Type::Int8), Read::Int8),
                Some("int16") => (Schema::new(Type::Int16), Read::Int16),
                Some(_) => return Err(DataError::new("Connect type annotation for Avro int field is null")),
            },
            Shape::Bytes => (self.bytes(id)?, Read::Bytes),
            Shape::Fixed { size, .. } => {
                (self.bytes(id)?.with_parameter(FIXED_SIZE, size.to_string()), Read::Fixed(*size))
            }
            Shape::Enum { symbols, .. } => (self.enumeration(id), Read::Enum(symbols.clone())),
            Shape::Array(items) => match self.map_entry(*items)? {
                Some((key, value)) => {
                    let (key_schema, read_key) = self.convert(key, &Wish::default())?;
                    let (value_schema, read_value) = self.convert(value, &Wish::default())?;
                    let read = Read::Entries(Box::new(read_key), Box::new(read_value), self.value_first(*items));
                    (Schema::map(key_schema.shared(), value_schema.shared()), read)
                }
                None => {
                    let (inner, read) = self.convert(*items, &Wish::default())?;
                    (Schema::array(inner.shared()), Read::Array(Box::new(read)))
                }
            },
            Shape::Map(values) => {
                let (inner, read) = self.convert(*values, &Wish::default())?;
                let text = node.text_prop("avro.java.string") == Some("String");
                (Schema::map(STRING().clone(), inner.shared()), Read::Map(Box::new(read), text))
            }
            Shape::Record { .. } => self.record(id)?,
            Shape::Union(branches) => {
                if let Some(answer) = self.optional_type(branches, wish)? {
                    return Ok(answer);
                }
                self.union(branches)?
            }
        };
        self.annotate(id, &mut schema, wish)?;
        let read = match Logical::of(&schema) {
            Some(Logical::Decimal) => Read::Decimal(Box::new(read), logical::scale(&schema)?),
            Some(kind) => Read::Date(Box::new(read), kind),
            None => read,
        };
        Ok((schema, read))
    }

    fn bytes(&self, id: Id) -> Result<Schema, DataError> {
        let node = self.avro.node(id);
        if !node.text_prop(LOGICAL_TYPE).is_some_and(|word| word.eq_ignore_ascii_case("decimal")) {
            return Ok(Schema::new(Type::Bytes));
        }
        let scale = match node.prop("scale") {
            Some(number @ (Json::Integer(_) | Json::Double(_))) => number.long(),
            _ => 0,
        };
        let schema = logical::decimal(scale as i32);
        Ok(match node.prop("precision") {
            None => schema,
            Some(number @ (Json::Integer(_) | Json::Double(_))) if number.long() == DEFAULT_PRECISION => schema,
            Some(number @ (Json::Integer(_) | Json::Double(_))) => {
                schema.with_parameter(PRECISION, number.long().to_string())
            }
            Some(_) => {
                return Err(DataError::new(
                    "precision property must be a JSON Integer. https://avro.apache.org/docs/1.9.1/spec.html#Decimal",
                ));
            }
        })
    }

    fn enumeration(&self, id: Id) -> Schema {
        let node = self.avro.node(id);
        let mut schema = Schema::new(Type::String);
        let Shape::Enum { name, symbols, default } = &node.shape else {
            return schema;
        };
        let discard = self.settings.discard_type_doc_default;
        if self.settings.meta_data {
            if let Some(doc) = &node.doc {
                let key = if discard { CONNECT_ENUM_DOC.to_owned() } else { format!("{ENUM_DOC}{}", name.name) };
                schema.parameters.insert(key, doc.clone());
            }
            if let Some(default) = default
                && !discard
            {
                schema.parameters.insert(format!("{ENUM_DEFAULT}{}", name.name), default.clone());
            }
        }
        let parameter = self.settings.enum_parameter();
        schema.parameters.insert(parameter.to_owned(), name.full());
        for (place, symbol) in symbols.iter().enumerate() {
            let value = if parameter == ENUM { symbol.clone() } else { place.to_string() };
            schema.parameters.insert(format!("{parameter}.{symbol}"), value);
        }
        schema
    }

    /// Key and value of the record that stands for a map's entry.
    fn map_entry(&self, items: Id) -> Result<Option<(Id, Id)>, DataError> {
        let node = self.avro.node(items);
        let Shape::Record { name, fields } = &node.shape else {
            return Ok(None);
        };
        let ours = name.space.as_deref() == Some(NAMESPACE) && name.name == MAP_ENTRY;
        if !ours && node.text_prop(INTERNAL_TYPE) != Some(MAP_ENTRY) {
            return Ok(None);
        }
        let of = |wanted: &str| fields.iter().find(|field| field.name == wanted).map(|field| field.schema);
        match (of("key"), of("value"), fields.len()) {
            (Some(key), Some(value), 2) => Ok(Some((key, value))),
            _ => Err(DataError::new(
                "Found map encoded as array of key-value pairs, but array elements do not match the expected format.",
            )),
        }
    }

    fn value_first(&self, items: Id) -> bool {
        matches!(&self.avro.node(items).shape, Shape::Record { fields, .. }
            if fields.first().is_some_and(|field| field.name == "value"))
    }

    fn record(&mut self, id: Id) -> Result<(Schema, Read), DataError> {
        let avro = self.avro;
        let node = avro.node(id);
        let Shape::Record { name, fields } = &node.shape else {
            return Err(DataError::new("Couldn't translate unsupported schema type."));
        };
        if self.open.contains(&id) {
            return Err(DataError::new(format!(
                "The Avro schema {name} refers to itself; recursive schemas are not supported by this worker."
            )));
        }
        self.open.push(id);
        let documented = self.settings.meta_data && !self.settings.discard_type_doc_default;
        let mut connect = Vec::with_capacity(fields.len());
        let mut reads = Vec::with_capacity(fields.len());
        let mut parameters = indexmap::IndexMap::new();
        if let Some(doc) = node.doc.as_ref().filter(|_| documented) {
            parameters.insert(RECORD_DOC.to_owned(), doc.clone());
        }
        for field in fields {
            if let Some(doc) = field.doc.as_ref().filter(|_| documented) {
                parameters.insert(format!("{FIELD_DOC}{}", field.name), doc.clone());
            }
            let wish = Wish { default: field.default.as_ref(), doc: field.doc.as_deref(), ..Wish::default() };
            let (schema, read) = self.convert(field.schema, &wish)?;
            connect.push(Field::new(field.name.clone(), schema.shared()));
            reads.push(read);
        }
        self.open.pop();
        let schema = Schema { parameters, ..Schema::structure(connect)? };
        Ok((schema, Read::Record(reads)))
    }

    /// A union of null and one other type is that type, optional.
    fn optional_type(&mut self, branches: &[Id], wish: &Wish<'_>) -> Result<Option<(Schema, Read)>, DataError> {
        let is_null = |id: &Id| self.avro.node(*id).shape == Shape::Null && self.avro.node(*id).props.is_empty();
        let [one, two] = branches else {
            return Ok(None);
        };
        let (some, null_first) = match (is_null(one), is_null(two)) {
            (true, false) => (*two, true),
            (false, true) => (*one, false),
            _ => return Ok(None),
        };
        let (schema, read) = self.convert(some, &Wish { doc: wish.doc, ..optional() })?;
        Ok(Some((schema, Read::Optional(Box::new(read), null_first))))
    }

    fn union(&mut self, branches: &[Id]) -> Result<(Schema, Read), DataError> {
        let mut name = UNION.to_owned();
        let mut schema = Schema::new(Type::Struct);
        if self.settings.generalized_sum_types {
            name = format!("connect_union_{}", *self.unions);
            *self.unions += 1;
            schema = schema.with_parameter(GENERAL_UNION, &name);
        }
        let mut fields: Vec<Field> = Vec::with_capacity(branches.len());
        let mut reads = Vec::with_capacity(branches.len());
        for (place, branch) in branches.iter().enumerate() {
            if self.avro.node(*branch).shape == Shape::Null {
                schema.optional = true;
                reads.push(None);
                continue;
            }
            let field_name = self.member_name(*branch, place);
            if fields.iter().any(|field| field.name == field_name) {
                return Err(DataError::new("Multiple union schemas map to the Connect union field name"));
            }
            let (member, read) = self.convert(*branch, &optional())?;
            fields.push(Field::new(field_name, member.shared()));
            reads.push(Some((*branch, read)));
        }
        let width = fields.len();
        let reads = reads
            .into_iter()
            .map(|read| match read {
                None => Branch::Null,
                Some((branch, read)) => match self.field_of(branch, branches, &fields) {
                    Some(field) => Branch::Field(read, field),
                    None => Branch::Unmatched(read),
                },
            })
            .collect();
        let schema = Schema { fields, ..schema.with_name(name) };
        Ok((schema, Read::Union(reads, width)))
    }

    fn member_name(&self, id: Id, place: usize) -> String {
        if self.settings.generalized_sum_types {
            return format!("connect_union_field_{place}");
        }
        let node = self.avro.node(id);
        match node.name() {
            Some(name) if self.settings.enhanced => name.full(),
            Some(name) => split(&name.name, self.settings.scrub).1,
            None => node.type_name().to_owned(),
        }
    }

    /// Into which field Java puts a branch's value: the first whose type its class fits. That is not always the
    /// branch's own, and there may be none.
    fn field_of(&self, branch: Id, branches: &[Id], fields: &[Field]) -> Option<usize> {
        let members: Vec<Id> = branches.iter().copied().filter(|id| self.avro.node(*id).shape != Shape::Null).collect();
        let node = self.avro.node(branch);
        members.iter().zip(fields).position(|(member, field)| {
            let schema = &*field.schema;
            if is_enum(schema) {
                return *member == branch;
            }
            match (&node.shape, schema.ty) {
                (Shape::Boolean, Type::Boolean)
                | (Shape::Int, Type::Int32)
                | (Shape::Long, Type::Int64)
                | (Shape::Float, Type::Float32)
                | (Shape::Double, Type::Float64)
                | (Shape::String, Type::String)
                | (Shape::Array(_), Type::Array)
                | (Shape::Map(_), Type::Map) => true,
                (Shape::Bytes, Type::Bytes) => !is_fixed(schema),
                (Shape::Fixed { name, .. }, Type::Bytes) => {
                    let own = if self.settings.generalized_sum_types {
                        true
                    } else if self.settings.enhanced {
                        schema
                            .name
                            .as_deref()
                            .is_some_and(|full| name.full() == scrubbed_full(full, self.settings.scrub))
                    } else {
                        schema.name.as_deref().is_some_and(|full| name.name == split(full, self.settings.scrub).1)
                    };
                    !is_fixed(schema) || own
                }
                (Shape::Record { .. }, Type::Struct) => *member == branch,
                _ => false,
            }
        })
    }

    fn annotate(&self, id: Id, schema: &mut Schema, wish: &Wish<'_>) -> Result<(), DataError> {
        let (settings, node) = (self.settings, self.avro.node(id));
        let own_doc = node.text_prop(CONNECT_DOC);
        if settings.discard_type_doc_default {
            schema.doc = wish.doc.or(node.doc.as_deref()).or(own_doc).map(str::to_owned);
            if let Some(doc) = node.doc.as_ref().filter(|_| settings.meta_data) {
                schema.parameters.insert(CONNECT_RECORD_DOC.to_owned(), doc.clone());
            }
        } else if settings.meta_data {
            schema.doc = own_doc.map(str::to_owned);
        }
        let version = match node.prop(CONNECT_VERSION) {
            Some(number @ (Json::Integer(_) | Json::Double(_))) => Some(number.long() as i32),
            Some(other) => {
                return Err(DataError::new(format!("Invalid Connect version found: {}", other.java_text())));
            }
            None => wish.version,
        };
        match (version.filter(|version| *version >= 0), schema.version) {
            (None, _) => {}
            (version @ Some(_), None) => schema.version = version,
            (Some(version), Some(known)) if version == known => {}
            (Some(version), Some(known)) => {
                return Err(DataError::new(format!(
                    "Mismatched versions: version already added to SchemaBuilder ({known}) differs from version in \
                     source schema ({version})"
                )));
            }
        }
        if let Some(parameters) = node.prop(CONNECT_PARAMETERS).filter(|_| settings.meta_data) {
            let Json::Object(parameters) = parameters else {
                return Err(DataError::new(format!(
                    "Expected JSON object for schema parameters but found: {}",
                    parameters.java_text()
                )));
            };
            for (key, value) in parameters {
                let Json::Text(value) = value else {
                    return Err(DataError::new(format!(
                        "Expected schema parameter values to be strings but found: {}",
                        value.java_text()
                    )));
                };
                schema.parameters.insert(key.clone(), value.clone());
            }
        }
        for (key, value) in node.props.iter().filter(|(key, _)| key.starts_with(AVRO_PREFIX)) {
            schema.parameters.insert(key.clone(), value.java_text());
        }
        self.set_default(id, schema, wish);
        self.set_name(id, schema)?;
        schema.optional |= wish.optional;
        Ok(())
    }

    /// A default that does not fit is left out, as Java leaves it out.
    fn set_default(&self, id: Id, schema: &mut Schema, wish: &Wish<'_>) {
        let own = self.avro.node(id).prop(CONNECT_DEFAULT);
        let default = match (wish.default, own) {
            (None, own) => own,
            (default @ Some(_), None) => {
                if self.settings.meta_data && !self.settings.discard_type_doc_default {
                    schema.parameters.insert(FIELD_DEFAULT.to_owned(), "true".to_owned());
                }
                default
            }
            (default @ Some(_), Some(_)) => default,
        };
        let annotated = wish.default.is_none();
        let Some(json) = default else {
            return;
        };
        if let Ok(value) = from_json(schema, self.avro, id, json, annotated)
            && crate::validate::value(schema, &value).is_ok()
            && !value.is_null()
        {
            schema.default = Some(value);
        }
    }

    fn set_name(&self, id: Id, schema: &mut Schema) -> Result<(), DataError> {
        let node = self.avro.node(id);
        let name = match node.prop(CONNECT_NAME) {
            Some(Json::Text(name)) => Some(name.clone()),
            Some(other) => {
                return Err(DataError::new(format!("Invalid schema name: {}", other.java_text())));
            }
            None => node.name().map(ToString::to_string),
        };
        match (name.filter(|name| !name.starts_with(DEFAULT_FULL_NAME)), &schema.name) {
            (None, _) => {}
            (name @ Some(_), None) => schema.name = name,
            (Some(name), Some(known)) if name == *known => {}
            (Some(name), Some(known)) => {
                return Err(DataError::new(format!(
                    "Mismatched names: name already added to SchemaBuilder ({known}) differs from name in source \
                     schema ({name})"
                )));
            }
        }
        Ok(())
    }
}
