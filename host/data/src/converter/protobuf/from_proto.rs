//! A Protobuf message as a Connect schema, and as the plan by which its bytes become values of that schema. Both
//! are made together, so that they cannot disagree.

use std::collections::HashMap;
use std::sync::Arc;

use prost_reflect::{
    Cardinality, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, Syntax,
    Value as Dynamic,
};

use super::names;
use super::read_plan::{Item, Place, Plan, Root, Shape, Slot};
use super::settings::ProtobufSettings;
use crate::error::DataError;
use crate::logical;
use crate::schema::{Field, Schema, Type};
use crate::value::Value;

/// Deepest nesting that is read; the decoder recurses as deep.
const MAX_DEPTH: usize = 60;
/// Most schemas that one message may become. Messages are shared where they are used twice, but whoever walks
/// over the schema later sees them each time.
const MAX_SCHEMAS: usize = 50_000;

/// The schema and the plan of a message. `version` is the registry's.
pub(super) fn read(
    message: &MessageDescriptor,
    version: Option<i32>,
    settings: &ProtobufSettings,
) -> Result<Root, DataError> {
    let mut reader = Reader { settings, open: Vec::new(), done: HashMap::new() };
    if settings.wrapper_for_raw_primitives && names::is_wrapper(message.full_name()) {
        let (item, schema) = reader.wrapper(message)?;
        return Ok(Root::Wrapped(Item::Wrapper(Box::new(item)), schema.with_optional(true).shared()));
    }
    let plan = reader.message(message)?;
    let schema = Schema { version, ..plan.schema.clone() }.shared();
    Ok(Root::Message(plan, schema))
}

struct Reader<'a> {
    settings: &'a ProtobufSettings,
    /// The messages that are being read.
    open: Vec<String>,
    done: HashMap<String, Arc<Plan>>,
}

impl Reader<'_> {
    fn message(&mut self, message: &MessageDescriptor) -> Result<Arc<Plan>, DataError> {
        let full_name = message.full_name();
        if let Some(plan) = self.done.get(full_name) {
            return Ok(plan.clone());
        }
        if self.open.iter().any(|open| open == full_name) {
            return Err(DataError::new(format!(
                "Protobuf message {full_name} contains itself; Connect has no recursive schemas"
            )));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(DataError::new(format!("Protobuf message is nested deeper than {MAX_DEPTH} levels")));
        }
        self.open.push(full_name.to_owned());
        let plan = self.new_message(message)?;
        self.open.pop();
        let plan = Arc::new(plan);
        self.done.insert(full_name.to_owned(), plan.clone());
        Ok(plan)
    }

    fn new_message(&mut self, message: &MessageDescriptor) -> Result<Plan, DataError> {
        let mut plan = Plan { schema: Schema::new(Type::Struct), slots: HashMap::new(), defaults: Vec::new(), size: 1 };
        let mut fields = Vec::new();
        if !self.settings.flatten_unions {
            for (index, oneof) in message.oneofs().filter(|oneof| !oneof.is_synthetic()).enumerate() {
                let mut members = Vec::new();
                let descriptors: Vec<_> = in_order(message).filter(|field| belongs_to(field, oneof.name())).collect();
                for (member, field) in descriptors.iter().enumerate() {
                    let (shape, schema) = self.field(field, true, &mut plan.size)?;
                    let place = Place::Union { field: fields.len(), member, members: descriptors.len() };
                    plan.slots.insert(field.number(), Slot { place, shape });
                    members.push(Field::new(field.name(), schema.shared()));
                }
                let union = Schema::structure(members)?.with_optional(true);
                let (name, union) = if self.settings.generalized_sum_type {
                    (oneof.name().to_owned(), union.with_parameter(names::GENERAL_UNION, oneof.name()))
                } else {
                    (format!("{}.{}", names::UNION, oneof.name()), union)
                };
                let field = match self.settings.generate_index_for_unions {
                    true => format!("{}_{index}", oneof.name()),
                    false => oneof.name().to_owned(),
                };
                fields.push(Field::new(field, union.with_name(name).shared()));
                plan.defaults.push(Value::Null);
            }
        }
        for field in in_order(message) {
            let in_union = field.containing_oneof().is_some_and(|oneof| !oneof.is_synthetic());
            if in_union && !self.settings.flatten_unions {
                continue;
            }
            let (shape, schema) = self.field(&field, in_union, &mut plan.size)?;
            plan.defaults.push(self.default_of(&field, &shape, in_union, message.is_map_entry()));
            plan.slots.insert(field.number(), Slot { place: Place::Field(fields.len()), shape });
            fields.push(Field::new(field.name(), schema.shared()));
        }
        if plan.size > MAX_SCHEMAS {
            return Err(DataError::new(format!(
                "Protobuf message {} has more than {MAX_SCHEMAS} fields in all",
                message.full_name()
            )));
        }
        let name = if self.settings.enhanced_schema { message.full_name() } else { message.name() };
        plan.schema = Schema::structure(fields)?.with_name(name);
        Ok(plan)
    }

    /// What a field holds, and its schema, with its tag.
    fn field(
        &mut self,
        field: &FieldDescriptor,
        in_union: bool,
        size: &mut usize,
    ) -> Result<(Shape, Schema), DataError> {
        if field.is_group() {
            return Err(DataError::new(format!("Protobuf field {} is a group", field.full_name())));
        }
        let (shape, schema) = match field.kind() {
            Kind::Message(entry) if field.cardinality() == Cardinality::Repeated && is_entry(&entry) => {
                let plan = self.message(&entry)?;
                *size = size.saturating_add(plan.size);
                let part = |name: &str| plan.schema.field(name).map(|(_, part)| untagged(&part.schema));
                let (Some(key), Some(value)) = (part("key"), part("value")) else {
                    return Err(DataError::new("A map's entry has no key or no value"));
                };
                (Shape::Map(plan), Schema::map(key.shared(), value.shared()))
            }
            _ => {
                let (item, schema) = self.item(field, size)?;
                if field.cardinality() == Cardinality::Repeated {
                    let element = schema.with_optional(!self.settings.marks_nullables());
                    (Shape::List(item), Schema::array(element.shared()))
                } else {
                    (Shape::One(item), schema)
                }
            }
        };
        *size = size.saturating_add(1);
        let optional = in_union || self.is_optional(field, &shape);
        Ok((shape, schema.with_optional(optional).with_parameter(names::TAG, field.number().to_string())))
    }

    fn is_optional(&self, field: &FieldDescriptor, shape: &Shape) -> bool {
        if field.cardinality() == Cardinality::Required {
            return false;
        }
        if !self.settings.marks_nullables() {
            return true;
        }
        match shape {
            Shape::One(Item::Scalar(..) | Item::Enum { .. }) => self.null_if_missing(field),
            Shape::One(_) => true,
            Shape::List(_) | Shape::Map(_) => false,
        }
    }

    /// Whether a scalar that is not there is null rather than the type's default.
    fn null_if_missing(&self, field: &FieldDescriptor) -> bool {
        match field.parent_file().syntax() {
            Syntax::Proto2 => self.settings.optional_for_proto2 && field.cardinality() == Cardinality::Optional,
            Syntax::Proto3 => self.settings.optional_for_nullables && field.field_descriptor_proto().proto3_optional(),
        }
    }

    fn default_of(&self, field: &FieldDescriptor, shape: &Shape, in_union: bool, in_map: bool) -> Value {
        match shape {
            Shape::List(_) => Value::Array(Vec::new()),
            Shape::Map(_) => Value::Map(Vec::new()),
            Shape::One(_) if in_union => Value::Null,
            Shape::One(Item::Message(plan)) if in_map || self.settings.generate_struct_for_nulls => {
                Value::Struct(plan.defaults.clone())
            }
            Shape::One(Item::Scalar(_, ty)) if !self.null_if_missing(field) => scalar(&field.default_value(), *ty),
            Shape::One(Item::Enum { descriptor, number }) if !self.null_if_missing(field) => {
                match field.default_value().as_enum_number() {
                    Some(default) => enum_value(descriptor, default, *number),
                    None => Value::Null,
                }
            }
            Shape::One(_) => Value::Null,
        }
    }

    fn item(&mut self, field: &FieldDescriptor, size: &mut usize) -> Result<(Item, Schema), DataError> {
        let meta = Meta::of(&field.options());
        Ok(match field.kind() {
            Kind::Message(message) => match message.full_name() {
                names::DECIMAL => (Item::Decimal, decimal(&meta)?),
                names::DATE => (Item::Date, logical::date()),
                names::TIME_OF_DAY => (Item::Time, logical::time()),
                names::TIMESTAMP => (Item::Timestamp, logical::timestamp()),
                name if self.settings.wrapper_for_nullables && names::is_wrapper(name) => {
                    let (item, schema) = self.wrapper(&message)?;
                    let schema = narrowed(schema, &meta);
                    match item {
                        Item::Scalar(kind, _) => (Item::Wrapper(Box::new(Item::Scalar(kind, schema.ty))), schema),
                        item => (item, schema),
                    }
                }
                _ => {
                    let plan = self.message(&message)?;
                    *size = size.saturating_add(plan.size);
                    let schema = plan.schema.clone();
                    (Item::Message(plan), schema)
                }
            },
            Kind::Enum(descriptor) => {
                let number = self.settings.int_for_enums;
                let schema = self.enumeration(&descriptor);
                (Item::Enum { descriptor, number }, schema)
            }
            kind => {
                let schema = narrowed(scalar_schema(&kind), &meta);
                (Item::Scalar(kind, schema.ty), schema)
            }
        })
    }

    /// The scalar in a wrapper.
    fn wrapper(&self, message: &MessageDescriptor) -> Result<(Item, Schema), DataError> {
        let field =
            message.get_field(1).ok_or_else(|| DataError::new(format!("{} has no field 1", message.full_name())))?;
        let schema = scalar_schema(&field.kind());
        Ok((Item::Scalar(field.kind(), schema.ty), schema))
    }

    fn enumeration(&self, descriptor: &EnumDescriptor) -> Schema {
        let parameter = if self.settings.generalized_sum_type { names::GENERAL_ENUM } else { names::ENUM };
        let name = if self.settings.enhanced_schema { descriptor.full_name() } else { descriptor.name() };
        let ty = if self.settings.int_for_enums { Type::Int32 } else { Type::String };
        let schema = Schema::new(ty).with_parameter(parameter, name);
        // as they are declared; the descriptor gives them by number
        descriptor.enum_descriptor_proto().value.iter().fold(schema, |schema, value| {
            schema.with_parameter(format!("{parameter}.{}", value.name()), value.number().to_string())
        })
    }
}

/// As they are declared; the descriptor gives them by number.
fn in_order(message: &MessageDescriptor) -> impl Iterator<Item = FieldDescriptor> + '_ {
    let declared = message.descriptor_proto().field.iter();
    declared.filter_map(|field| message.get_field(u32::try_from(field.number()).ok()?))
}

fn belongs_to(field: &FieldDescriptor, oneof: &str) -> bool {
    field.containing_oneof().is_some_and(|own| own.name() == oneof)
}

/// Whether a repeated message is a map's entry, declared as a map or named like what stands for one.
fn is_entry(entry: &MessageDescriptor) -> bool {
    entry.is_map_entry()
        || entry.name().ends_with("Entry")
            && entry.fields().len() == 2
            && ["key", "value"].iter().all(|name| entry.get_field_by_name(name).is_some())
}

/// A part of a map: optional as a field of its entry is, and without tag.
fn untagged(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    schema.parameters.shift_remove(names::TAG);
    schema
}

/// Annotations of a field.
struct Meta(HashMap<String, String>);

impl Meta {
    fn of(options: &DynamicMessage) -> Self {
        let mut found = HashMap::new();
        for (extension, value) in options.extensions().filter(|(one, _)| one.full_name() == names::FIELD_META) {
            let _ = extension;
            let params = value.as_message().and_then(|meta| meta.get_field_by_name("params"));
            if let Some(Dynamic::Map(params)) = params.as_deref() {
                for (key, value) in params {
                    if let (MapKey::String(key), Some(value)) = (key, value.as_str()) {
                        found.insert(key.clone(), value.to_owned());
                    }
                }
            }
        }
        Self(found)
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// The narrower type that an annotation asks for.
fn narrowed(schema: Schema, meta: &Meta) -> Schema {
    match (schema.ty, meta.get(names::CONNECT_TYPE)) {
        (Type::Int32, Some("int8")) => Schema { ty: Type::Int8, ..schema },
        (Type::Int32, Some("int16")) => Schema { ty: Type::Int16, ..schema },
        _ => schema,
    }
}

fn decimal(meta: &Meta) -> Result<Schema, DataError> {
    let scale = match meta.get(names::SCALE) {
        None => 0,
        Some(text) => text.parse().map_err(|_| {
            DataError::new(format!("The scale {text} of a decimal in the Protobuf schema is no number"))
        })?,
    };
    let mut schema = logical::decimal(scale);
    if let Some(precision) = meta.get(names::PRECISION) {
        schema.parameters.insert(names::CONNECT_PRECISION.to_owned(), precision.to_owned());
    }
    Ok(schema)
}

/// The Connect type that takes all values of a scalar. Where another scalar has the same, its name is kept.
fn scalar_schema(kind: &Kind) -> Schema {
    let (ty, name) = match kind {
        Kind::Int32 => (Type::Int32, None),
        Kind::Sint32 => (Type::Int32, Some("sint32")),
        Kind::Sfixed32 => (Type::Int32, Some("sfixed32")),
        Kind::Int64 => (Type::Int64, None),
        Kind::Sint64 => (Type::Int64, Some("sint64")),
        Kind::Sfixed64 => (Type::Int64, Some("sfixed64")),
        Kind::Uint64 => (Type::Int64, Some("uint64")),
        Kind::Fixed64 => (Type::Int64, Some("fixed64")),
        Kind::Uint32 => (Type::Int64, Some("uint32")),
        Kind::Fixed32 => (Type::Int64, Some("fixed32")),
        Kind::Float => (Type::Float32, None),
        Kind::Double => (Type::Float64, None),
        Kind::Bool => (Type::Boolean, None),
        Kind::Bytes => (Type::Bytes, None),
        Kind::String | Kind::Enum(_) | Kind::Message(_) => (Type::String, None),
    };
    let schema = Schema::new(ty);
    match name {
        Some(name) => schema.with_parameter(names::TYPE, name),
        None => schema,
    }
}

fn scalar(default: &Dynamic, ty: Type) -> Value {
    match default {
        Dynamic::Bool(flag) => Value::Boolean(*flag),
        Dynamic::I32(n) => integer(i64::from(*n), ty),
        Dynamic::I64(n) => integer(*n, ty),
        Dynamic::U32(n) => integer(i64::from(*n), ty),
        Dynamic::U64(n) => integer(n.cast_signed(), ty),
        Dynamic::F32(n) => Value::Float32(*n),
        Dynamic::F64(n) => Value::Float64(*n),
        Dynamic::String(text) => Value::String(text.clone()),
        Dynamic::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        Dynamic::EnumNumber(_) | Dynamic::Message(_) | Dynamic::List(_) | Dynamic::Map(_) => Value::Null,
    }
}

/// A whole number as a value of a type, wider bits dropped as Java does.
pub(super) fn integer(n: i64, ty: Type) -> Value {
    match ty {
        Type::Int8 => Value::Int8(n as i8),
        Type::Int16 => Value::Int16(n as i16),
        Type::Int32 => Value::Int32(n as i32),
        _ => Value::Int64(n),
    }
}

/// An enum's number as a value. A number without a name gets the one that Java gives it.
pub(super) fn enum_value(descriptor: &EnumDescriptor, number: i32, as_number: bool) -> Value {
    if as_number {
        return Value::Int32(number);
    }
    Value::String(match descriptor.get_value(number) {
        Some(value) => value.name().to_owned(),
        None => format!("UNKNOWN_ENUM_VALUE_{}_{number}", descriptor.name()),
    })
}
