//! The plan by which a message's bytes become values: by field number, which place of the struct a field has.

use std::collections::HashMap;
use std::sync::Arc;

use prost_reflect::{EnumDescriptor, Kind};

use crate::schema::{Schema, Type};
use crate::value::Value;

/// How a message becomes a struct.
#[derive(Debug)]
pub(super) struct Plan {
    /// Required, without tag.
    pub schema: Schema,
    /// By field number.
    pub slots: HashMap<u32, Slot>,
    /// What the struct holds where the bytes say nothing.
    pub defaults: Vec<Value>,
    /// Schemas in it, those of shared messages counted each time.
    pub size: usize,
}

/// What becomes of a field.
#[derive(Debug)]
pub(super) struct Slot {
    pub place: Place,
    pub shape: Shape,
}

/// Where a field's value goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// This field of the struct.
    Field(usize),
    /// This field of the struct is a oneof with so many members, of which this is one.
    Union { field: usize, member: usize, members: usize },
}

/// How often a field is there.
#[derive(Debug)]
pub(super) enum Shape {
    /// At most once; the last one counts.
    One(Item),
    /// Each is an element.
    List(Item),
    /// Each is an entry, a message of key and value.
    Map(Arc<Plan>),
}

/// One value on the wire.
#[derive(Debug)]
pub(super) enum Item {
    /// A scalar, to be of this type.
    Scalar(Kind, Type),
    /// An enum, as its name or its number.
    Enum { descriptor: EnumDescriptor, number: bool },
    /// A message that is a struct.
    Message(Arc<Plan>),
    /// `confluent.type.Decimal`.
    Decimal,
    /// `google.type.Date`.
    Date,
    /// `google.type.TimeOfDay`.
    Time,
    /// `google.protobuf.Timestamp`.
    Timestamp,
    /// A wrapper: a message whose first field is this.
    Wrapper(Box<Item>),
}

/// A record's message.
#[derive(Debug)]
pub(super) enum Root {
    /// A struct.
    Message(Arc<Plan>, Arc<Schema>),
    /// A scalar in a wrapper.
    Wrapped(Item, Arc<Schema>),
}
