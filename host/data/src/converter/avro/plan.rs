//! Makes the plan by which a Connect schema's values are written as an Avro schema: the one made from it, or
//! another one that the registry has, to which fields are matched by name.

use super::json::Json;
use super::kinds::{has_text_keys, is_fixed, is_union};
use super::names::{scrubbed, split};
use super::schema::{AvroField, AvroSchema, Id, Shape};
use super::settings::{AvroSettings, ENUM, GENERAL_ENUM};
use super::write::{FieldWrite, Number, Write, push_bytes, push_long};
use crate::logical::Logical;
use crate::schema::{Schema, Type};
use crate::value::Value;

/// The plan, and what the Avro schema has no place for. Where there is such a thing the plan refuses the values
/// that would need it.
pub(super) fn plan(schema: &Schema, avro: &AvroSchema, settings: &AvroSettings) -> (Write, Vec<String>) {
    let mut planner = Planner { avro, settings, refused: Vec::new() };
    let write = planner.plan(schema, schema.optional, avro.root);
    let raw = matches!(avro.top().shape, Shape::Bytes);
    (if raw { Write::Rest(Box::new(write)) } else { write }, planner.refused)
}

struct Planner<'a> {
    avro: &'a AvroSchema,
    settings: &'a AvroSettings,
    refused: Vec<String>,
}

impl Planner<'_> {
    fn plan(&mut self, schema: &Schema, optional: bool, id: Id) -> Write {
        let avro = self.avro;
        let Shape::Union(branches) = &avro.node(id).shape else {
            if is_union(schema) {
                return self.refuse(schema, id);
            }
            let inner = self.single(schema, id);
            if optional {
                self.refused.push(format!("{} is optional and {} is not", schema.ty, avro.node(id).type_name()));
                return Write::Optional(None, None, Box::new(inner));
            }
            return inner;
        };
        let null = branches.iter().position(|branch| avro.node(*branch).shape == Shape::Null);
        if is_union(schema) {
            let mut fields = Vec::with_capacity(schema.fields.len());
            for field in &schema.fields {
                let (place, write) = match self.branch(&field.schema, branches) {
                    Some(place) => (place, self.single(&field.schema, branches[place])),
                    None => (0, self.refuse(&field.schema, id)),
                };
                fields.push((self.default_of(&field.schema), place, write));
            }
            return Write::Union(fields, null.filter(|_| optional));
        }
        let Some(place) = self.branch(schema, branches) else {
            return self.refuse(schema, id);
        };
        let inner = Box::new(self.single(schema, branches[place]));
        match (optional, null) {
            (true, null @ Some(_)) => Write::Optional(null, Some(place), inner),
            (true, None) => {
                self.refused.push(format!("{} is optional and the union has no null", schema.ty));
                Write::Optional(None, Some(place), inner)
            }
            (false, _) => Write::Tagged(place, inner),
        }
    }

    /// The branch for a schema: the one of its own type, else one that it can be widened to.
    fn branch(&self, schema: &Schema, branches: &[Id]) -> Option<usize> {
        let fits = |named: bool| {
            branches.iter().position(|branch| {
                number(self.avro, *branch).is_none_or(|wide| Some(wide) == natural(schema.ty))
                    && self.fits(schema, *branch, named)
            })
        };
        fits(true)
            .or_else(|| fits(false))
            .or_else(|| branches.iter().position(|branch| self.fits(schema, *branch, false)))
    }

    fn fits(&self, schema: &Schema, id: Id, named: bool) -> bool {
        let node = self.avro.node(id);
        let same_name = |full: Option<&str>| match (node.name(), full) {
            (Some(name), Some(full)) => {
                let (space, own) = split(full, self.settings.scrub);
                name.name == own && name.space.as_deref() == space
            }
            (Some(name), None) => name.full().starts_with(super::settings::DEFAULT_FULL_NAME),
            (None, _) => false,
        };
        match (&node.shape, schema.ty) {
            (Shape::Boolean, Type::Boolean) | (Shape::Map(_), Type::Map) | (Shape::Array(_), Type::Array) => true,
            (Shape::Array(_), Type::Map) => !has_text_keys(schema, self.settings),
            (Shape::String, Type::String) => !named || self.enum_name(schema).is_none(),
            (Shape::Enum { name, .. }, Type::String) => {
                self.enum_name(schema).is_some_and(|full| !named || *full == name.full())
            }
            (Shape::Bytes, Type::Bytes) => !is_fixed(schema),
            (Shape::Fixed { .. }, Type::Bytes) => is_fixed(schema) && (!named || same_name(schema.name.as_deref())),
            (Shape::Record { .. }, Type::Struct) => !named || same_name(schema.name.as_deref()),
            (_, ty) => natural(ty).zip(number(self.avro, id)).is_some_and(|(from, to)| widens(from, to)),
        }
    }

    /// The name of the enum that text of a schema is written as.
    fn enum_name<'s>(&self, schema: &'s Schema) -> Option<&'s String> {
        if self.settings.generalized_sum_types {
            schema.parameters.get(GENERAL_ENUM)
        } else if self.settings.enhanced {
            schema.parameters.get(ENUM)
        } else {
            None
        }
    }

    fn default_of(&self, schema: &Schema) -> Option<Value> {
        let ignored = self.settings.ignore_default_for_nullables && schema.optional;
        schema.default.clone().filter(|_| !ignored)
    }

    fn refuse(&mut self, schema: &Schema, id: Id) -> Write {
        let why = format!("{} has no place in {}", schema.ty, self.avro.node(id).type_name());
        self.refused.push(why.clone());
        Write::Refuse(format!("org.apache.avro.AvroTypeException: {why}"))
    }

    /// The plan for a value that is there, and a type that is no union.
    fn single(&mut self, schema: &Schema, id: Id) -> Write {
        let avro = self.avro;
        let node = avro.node(id);
        if let Some(kind) = Logical::of(schema) {
            match (kind, schema.ty, number(avro, id)) {
                (Logical::Decimal, Type::Bytes, _) => {
                    let inner = match &node.shape {
                        Shape::Fixed { size, .. } => Write::Fixed(*size),
                        Shape::Bytes => Write::Bytes,
                        _ => return self.refuse(schema, id),
                    };
                    return Write::Decimal(Box::new(schema.clone()), Box::new(inner));
                }
                (Logical::Timestamp, Type::Int64, Some(wide @ Number::Long))
                | (Logical::Date | Logical::Time, Type::Int32, Some(wide @ (Number::Int | Number::Long))) => {
                    return Write::Date(kind, wide);
                }
                _ => return self.refuse(schema, id),
            }
        }
        match (&node.shape, schema.ty) {
            (Shape::Boolean, Type::Boolean) => Write::Boolean,
            (Shape::String, Type::String) => Write::String,
            (Shape::Bytes, Type::Bytes) => Write::Bytes,
            (Shape::Fixed { size, .. }, Type::Bytes) => Write::Fixed(*size),
            (Shape::Enum { symbols, .. }, Type::String) => Write::Enum(symbols.clone()),
            (Shape::Array(items), Type::Array) => match &schema.value_schema {
                Some(inner) => Write::Array(Box::new(self.plan(inner, inner.optional, *items))),
                None => self.refuse(schema, id),
            },
            (Shape::Map(values), Type::Map) if has_text_keys(schema, self.settings) => match &schema.value_schema {
                Some(inner) => Write::Map(Box::new(self.plan(inner, inner.optional, *values))),
                None => self.refuse(schema, id),
            },
            (Shape::Array(items), Type::Map) => self.entries(schema, *items),
            (Shape::Record { fields, .. }, Type::Struct) => self.record(schema, fields),
            (_, ty) => match (natural(ty), number(avro, id)) {
                (Some(from), Some(to)) if widens(from, to) => Write::Number(ty, to),
                _ => self.refuse(schema, id),
            },
        }
    }

    fn entries(&mut self, schema: &Schema, items: Id) -> Write {
        if let (Shape::Record { fields, .. }, Some(key), Some(value)) =
            (&self.avro.node(items).shape, &schema.key_schema, &schema.value_schema)
            && let [first, second] = fields.as_slice()
            && first.name == "key"
            && second.name == "value"
        {
            let key = self.plan(key, key.optional, first.schema);
            let value = self.plan(value, value.optional, second.schema);
            return Write::Entries(Box::new(key), Box::new(value));
        }
        self.refuse(schema, items)
    }

    fn record(&mut self, schema: &Schema, fields: &[AvroField]) -> Write {
        let mut writes = Vec::with_capacity(fields.len());
        for field in fields {
            let found = schema.fields.iter().position(|own| scrubbed(&own.name, self.settings.scrub) == field.name);
            writes.push(match found {
                Some(index) => {
                    let own = &schema.fields[index].schema;
                    FieldWrite::From(index, self.default_of(own), self.plan(own, own.optional, field.schema))
                }
                None => self.missing(field),
            });
        }
        Write::Record(writes)
    }

    fn missing(&mut self, field: &AvroField) -> FieldWrite {
        let mut encoded = Vec::new();
        let known = field.default.as_ref().and_then(|json| encode(&mut encoded, self.avro, field.schema, json));
        match known {
            Some(()) => FieldWrite::Constant(encoded),
            None => {
                let why = format!("the field {} is missing and has no default", field.name);
                self.refused.push(why.clone());
                FieldWrite::From(0, None, Write::Refuse(format!("org.apache.avro.AvroTypeException: {why}")))
            }
        }
    }
}

/// Avro's own type of a Connect number.
fn natural(ty: Type) -> Option<Number> {
    match ty {
        Type::Int8 | Type::Int16 | Type::Int32 => Some(Number::Int),
        Type::Int64 => Some(Number::Long),
        Type::Float32 => Some(Number::Float),
        Type::Float64 => Some(Number::Double),
        _ => None,
    }
}

fn number(avro: &AvroSchema, id: Id) -> Option<Number> {
    match avro.node(id).shape {
        Shape::Int => Some(Number::Int),
        Shape::Long => Some(Number::Long),
        Shape::Float => Some(Number::Float),
        Shape::Double => Some(Number::Double),
        _ => None,
    }
}

/// Avro's promotions.
fn widens(from: Number, to: Number) -> bool {
    use Number::{Double, Float, Int, Long};
    matches!((from, to), (Int, _) | (Long, Long | Float | Double) | (Float, Float | Double) | (Double, Double))
}

/// A default's bytes; none where it does not fit.
fn encode(out: &mut Vec<u8>, avro: &AvroSchema, id: Id, json: &Json) -> Option<()> {
    if !super::default::is_valid(avro, id, json) {
        return None;
    }
    match (&avro.node(id).shape, json) {
        (Shape::Null, _) => {}
        (Shape::Boolean, Json::Boolean(flag)) => out.push(u8::from(*flag)),
        (Shape::Int | Shape::Long, number) => push_long(out, number.long()),
        (Shape::Float, number) => out.extend((number.double() as f32).to_le_bytes()),
        (Shape::Double, number) => out.extend(number.double().to_le_bytes()),
        (Shape::String, Json::Text(text)) => push_bytes(out, text.as_bytes()),
        (Shape::Bytes, Json::Text(text)) => {
            let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
            push_bytes(out, &bytes);
        }
        (Shape::Fixed { size, .. }, Json::Text(text)) => {
            let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
            if bytes.len() != *size {
                return None;
            }
            out.extend(bytes);
        }
        (Shape::Enum { symbols, .. }, Json::Text(text)) => {
            push_long(out, symbols.iter().position(|symbol| symbol == text)? as i64);
        }
        (Shape::Array(items), Json::Array(all)) => {
            if !all.is_empty() {
                push_long(out, all.len() as i64);
            }
            for item in all {
                encode(out, avro, *items, item)?;
            }
            out.push(0);
        }
        (Shape::Map(values), Json::Object(all)) => {
            if !all.is_empty() {
                push_long(out, all.len() as i64);
            }
            for (key, value) in all {
                push_bytes(out, key.as_bytes());
                encode(out, avro, *values, value)?;
            }
            out.push(0);
        }
        (Shape::Union(branches), json) => {
            let place = branches.iter().position(|branch| super::default::is_valid(avro, *branch, json))?;
            push_long(out, place as i64);
            encode(out, avro, branches[place], json)?;
        }
        (Shape::Record { fields, .. }, Json::Object(_)) => {
            for field in fields {
                encode(out, avro, field.schema, json.get(&field.name).or(field.default.as_ref())?)?;
            }
        }
        _ => return None,
    }
    Some(())
}
