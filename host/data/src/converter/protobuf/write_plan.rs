//! The plan by which values become a message's bytes, made of both schemas: what the value is, and what the
//! registered message wants.

use std::sync::Arc;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

use super::names;
use super::settings::ProtobufSettings;
use crate::error::DataError;
use crate::logical::Logical;
use crate::schema::{Field, Schema, Type};

/// Deepest schema that is written.
const MAX_DEPTH: usize = 60;

/// How a struct becomes a message.
#[derive(Debug)]
pub(super) struct Plan {
    /// The struct's.
    pub(super) schema: Arc<Schema>,
    /// By number.
    pub(super) fields: Vec<PlannedField>,
}

/// How a field becomes one.
#[derive(Debug)]
pub(super) struct PlannedField {
    /// Which field of the struct, and of the struct in it that stands for a oneof.
    pub(super) place: (usize, Option<usize>),
    pub(super) number: u32,
    pub(super) shape: Shape,
    /// Whether the type's default can be told from nothing.
    pub(super) presence: bool,
}

/// How often it is there.
#[derive(Debug)]
pub(super) enum Shape {
    One(Item),
    List {
        item: Item,
        packed: bool,
    },
    /// Each entry as a message of key and value. In a map proper, neither can be missing.
    Map {
        plan: Plan,
        proper: bool,
    },
}

/// One value on the wire.
#[derive(Debug)]
pub(super) enum Item {
    Scalar(Kind),
    Enum(EnumDescriptor),
    Message(Plan),
    Decimal,
    Date,
    Time,
    Timestamp,
    Wrapper(Kind),
}

impl Plan {
    /// For values of a schema, as this message. `strict` refuses fields that the message does not have;
    /// else they are left out.
    pub(super) fn new(
        schema: &Arc<Schema>,
        message: &MessageDescriptor,
        settings: &ProtobufSettings,
        strict: bool,
    ) -> Result<Self, DataError> {
        Planner { settings, strict }.message(schema, message, 0)
    }
}

struct Planner<'a> {
    settings: &'a ProtobufSettings,
    strict: bool,
}

impl Planner<'_> {
    fn message(&self, schema: &Arc<Schema>, message: &MessageDescriptor, depth: usize) -> Result<Plan, DataError> {
        if depth > MAX_DEPTH {
            return Err(DataError::new(format!("Schema is nested deeper than {MAX_DEPTH} levels")));
        }
        let mut fields = Vec::with_capacity(schema.fields.len());
        for (index, field) in schema.fields.iter().enumerate() {
            if names::union_name(&field.schema).is_some() {
                for (member, inner) in field.schema.fields.iter().enumerate() {
                    self.field(&mut fields, (index, Some(member)), inner, message, depth)?;
                }
            } else {
                self.field(&mut fields, (index, None), field, message, depth)?;
            }
        }
        fields.sort_by_key(|field| field.number);
        Ok(Plan { schema: schema.clone(), fields })
    }

    fn field(
        &self,
        fields: &mut Vec<PlannedField>,
        place: (usize, Option<usize>),
        field: &Field,
        message: &MessageDescriptor,
        depth: usize,
    ) -> Result<(), DataError> {
        let scrubbed;
        let name = if self.settings.scrub_invalid_names {
            scrubbed = names::scrubbed(&field.name);
            &scrubbed
        } else {
            &field.name
        };
        let Some(descriptor) = message.get_field_by_name(name) else {
            return if self.strict {
                Err(DataError::new(format!(
                    "Protobuf message {} has no field {name}; latest.compatibility.strict=false leaves it out",
                    message.full_name()
                )))
            } else {
                Ok(())
            };
        };
        let shape = self.shape(&field.schema, &descriptor, depth)?;
        fields.push(PlannedField {
            place,
            number: descriptor.number(),
            shape,
            presence: descriptor.supports_presence(),
        });
        Ok(())
    }

    fn shape(&self, schema: &Arc<Schema>, field: &FieldDescriptor, depth: usize) -> Result<Shape, DataError> {
        let repeated = field.is_list() || field.is_map();
        let part = |part: &Option<Arc<Schema>>| part.clone().ok_or_else(|| mismatch(schema, field));
        match (schema.ty, field.kind()) {
            (Type::Map, Kind::Message(entry)) if repeated => {
                let fields = vec![
                    Field::new("key", part(&schema.key_schema)?),
                    Field::new("value", part(&schema.value_schema)?),
                ];
                let plan = self.message(&Schema::structure(fields)?.shared(), &entry, depth + 1)?;
                Ok(Shape::Map { plan, proper: entry.is_map_entry() })
            }
            (Type::Array, _) if field.is_list() => Ok(Shape::List {
                item: self.item(&part(&schema.value_schema)?, field, depth)?,
                packed: field.is_packed(),
            }),
            _ if !repeated => Ok(Shape::One(self.item(schema, field, depth)?)),
            _ => Err(mismatch(schema, field)),
        }
    }

    fn item(&self, schema: &Arc<Schema>, field: &FieldDescriptor, depth: usize) -> Result<Item, DataError> {
        let kind = field.kind();
        if let Kind::Message(message) = &kind {
            let logical = Logical::of(schema);
            return match (message.full_name(), logical) {
                (names::DECIMAL, Some(Logical::Decimal)) => Ok(Item::Decimal),
                (names::DATE, Some(Logical::Date)) => Ok(Item::Date),
                (names::TIME_OF_DAY, Some(Logical::Time)) => Ok(Item::Time),
                (names::TIMESTAMP, Some(Logical::Timestamp)) => Ok(Item::Timestamp),
                (name, None) if names::is_wrapper(name) && schema.ty != Type::Struct => {
                    let inner = message.get_field(1).map(|field| field.kind()).filter(|kind| fits(schema, kind));
                    inner.map(Item::Wrapper).ok_or_else(|| mismatch(schema, field))
                }
                (_, None) if schema.ty == Type::Struct && !field.is_group() => {
                    self.message(schema, message, depth + 1).map(Item::Message)
                }
                _ => Err(mismatch(schema, field)),
            };
        }
        match kind {
            Kind::Enum(descriptor) if matches!(schema.ty, Type::String | Type::Int32) => Ok(Item::Enum(descriptor)),
            kind if fits(schema, &kind) => Ok(Item::Scalar(kind)),
            _ => Err(mismatch(schema, field)),
        }
    }
}

fn mismatch(schema: &Schema, field: &FieldDescriptor) -> DataError {
    let name = schema.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    DataError::new(format!(
        "Values of type {}{name} cannot be written to the Protobuf field {}",
        schema.ty,
        field.full_name()
    ))
}

/// Whether a scalar takes values of a type; their range is looked at when they come.
fn fits(schema: &Schema, kind: &Kind) -> bool {
    if Logical::of(schema).is_some() {
        return false;
    }
    match kind {
        Kind::Double => matches!(schema.ty, Type::Float32 | Type::Float64),
        Kind::Float => schema.ty == Type::Float32,
        Kind::Bool => schema.ty == Type::Boolean,
        Kind::String => schema.ty == Type::String,
        Kind::Bytes => schema.ty == Type::Bytes,
        Kind::Message(_) | Kind::Enum(_) => false,
        _ => matches!(schema.ty, Type::Int8 | Type::Int16 | Type::Int32 | Type::Int64),
    }
}
