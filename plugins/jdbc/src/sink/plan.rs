//! From records to rows: made once for all records with the same schemas, followed for each.
//!
//! Values move from the record's tape into the values of the statement as they are; nothing is parsed, printed or
//! looked up by name.

use std::ops::Range;
use std::rc::Rc;

use watertight_sdk::{Failure, Message, Value, ValueNode, tape};

use super::fields::{Field, Fields, Source};
use super::instants;
use super::settings::{InsertMode, Settings};
use super::shape::{Action, Shape};
use super::table::{Known, TableId};
use crate::dialect::types::{Type, Unit};
use watertight_sdk::sql::TableName;

/// What a value weighs beside its text or bytes.
const NODE: usize = 16;

#[derive(Debug)]
struct Cell {
    source: Source,
    /// Instead of null.
    fallback: Option<Vec<ValueNode>>,
    /// Comes as text and goes as a number of these.
    instant: Option<Unit>,
}

/// How records with the same schemas become rows of one table.
#[derive(Debug)]
pub struct Plan {
    /// Of the statements that take the rows.
    pub shape: Rc<Shape>,
    cells: Vec<Cell>,
    /// Whether the row is the value's fields, all of them and in their order.
    straight: bool,
}

impl Plan {
    /// For these fields, whose columns are called so; a deletion has the keys only.
    pub fn new(
        settings: &Settings,
        table: TableId,
        name: &TableName,
        fields: &Fields,
        columns: Vec<Known>,
        deletes: bool,
    ) -> Self {
        let action = match settings.insert_mode {
            _ if deletes => Action::Delete,
            InsertMode::Insert => Action::Insert,
            InsertMode::Upsert => Action::Upsert,
            InsertMode::Update => Action::Update,
        };
        let mut named: Vec<(&Field, Known)> = fields.all().zip(columns).collect();
        if action == Action::Update {
            named.rotate_left(fields.keys.len());
        }
        let cells: Vec<Cell> = named.iter().map(|(field, _)| cell(settings, field)).collect();
        let forms = named
            .iter()
            .map(|(field, column)| field.kind.form(if column.zoned { "UTC" } else { &settings.zone }))
            .collect();
        let columns = named.into_iter().map(|(_, column)| column.name).collect();
        let plain = |(index, cell): (usize, &Cell)| {
            cell.source == Source::ValueField(index) && cell.fallback.is_none() && cell.instant.is_none()
        };
        let straight = cells.iter().enumerate().all(plain);
        Self {
            shape: Rc::new(Shape::new(table, name.clone(), action, columns, fields.keys.len(), forms)),
            cells,
            straight,
        }
    }

    /// Appends the record's row; answers about how many bytes it has.
    pub fn append(
        &self,
        message: Message,
        topic: &str,
        offset: i64,
        values: &mut Vec<ValueNode>,
    ) -> Result<usize, Failure> {
        let begun = values.len();
        if self.straight
            && let Value::Tape(nodes) = message.value.value
        {
            if matches!(nodes.first(), Some(ValueNode::Fields(count)) if *count as usize == self.cells.len()) {
                values.extend(nodes.into_iter().skip(1));
                return Ok(weight(values.get(begun..).unwrap_or_default()));
            }
            return Err(misfit());
        }
        let mut parts = Parts {
            topic,
            offset,
            partition: message.partition,
            key: Part::of(message.key.value),
            value: Part::of(message.value.value),
        };
        for cell in &self.cells {
            let at = values.len();
            parts.take(cell.source, values)?;
            if values.get(at) == Some(&ValueNode::Null) {
                if let Some(fallback) = &cell.fallback {
                    values.truncate(at);
                    values.extend_from_slice(fallback);
                }
            } else if let Some(unit) = cell.instant
                && let Some(node @ ValueNode::Text(_)) = values.get_mut(at)
            {
                instants::read(node, unit)?;
            }
        }
        Ok(weight(values.get(begun..).unwrap_or_default()))
    }
}

fn cell(settings: &Settings, field: &Field) -> Cell {
    let fallback = field.default.clone().filter(|_| settings.null_to_default);
    let instant = match field.kind {
        Type::Instant(unit) if field.is_text => Some(unit),
        _ => None,
    };
    Cell { source: field.source, fallback, instant }
}

fn misfit() -> Failure {
    Failure::data("the record does not fit its schema")
}

fn weight(values: &[ValueNode]) -> usize {
    let long = |node: &ValueNode| match node {
        ValueNode::Text(text) => text.len(),
        ValueNode::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    values.iter().map(|node| NODE + long(node)).sum()
}

/// What a record is made of.
struct Parts<'a> {
    topic: &'a str,
    partition: Option<i32>,
    offset: i64,
    key: Part,
    value: Part,
}

/// Key or value: a single value, or a struct whose fields are of one node each or not.
enum Part {
    Single(ValueNode),
    Flat(Vec<ValueNode>),
    Deep(Vec<ValueNode>, Vec<Range<usize>>),
}

impl Part {
    fn of(value: Value) -> Self {
        match value {
            Value::Null | Value::Json(_) => Self::Single(ValueNode::Null),
            Value::Boolean(value) => Self::Single(ValueNode::Boolean(value)),
            Value::Integer(value) => Self::Single(ValueNode::Integer(value)),
            Value::Float(value) => Self::Single(ValueNode::Float(value)),
            Value::Text(value) => Self::Single(ValueNode::Text(value)),
            Value::Bytes(value) => Self::Single(ValueNode::Bytes(value)),
            Value::Tape(nodes) => match nodes.first() {
                Some(ValueNode::Fields(count)) if nodes.len() == *count as usize + 1 => Self::Flat(nodes),
                _ => {
                    let places = tape::parts(&nodes).collect();
                    Self::Deep(nodes, places)
                }
            },
        }
    }

    fn field(&mut self, index: usize, values: &mut Vec<ValueNode>) -> Result<(), Failure> {
        match self {
            Self::Single(_) => return Err(misfit()),
            Self::Flat(nodes) => values.push(take(nodes.get_mut(index + 1).ok_or_else(misfit)?)),
            Self::Deep(nodes, places) => {
                let place = places.get(index).cloned().ok_or_else(misfit)?;
                values.extend(nodes.get_mut(place).into_iter().flatten().map(take));
            }
        }
        Ok(())
    }
}

fn take(node: &mut ValueNode) -> ValueNode {
    std::mem::replace(node, ValueNode::Null)
}

impl Parts<'_> {
    fn take(&mut self, source: Source, values: &mut Vec<ValueNode>) -> Result<(), Failure> {
        match source {
            Source::Topic => values.push(ValueNode::Text(self.topic.to_owned())),
            Source::Partition => {
                values.push(self.partition.map_or(ValueNode::Null, |number| ValueNode::Integer(number.into())))
            }
            Source::Offset => values.push(ValueNode::Integer(self.offset)),
            Source::Key => match &mut self.key {
                Part::Single(node) => values.push(take(node)),
                Part::Flat(_) | Part::Deep(..) => return Err(misfit()),
            },
            Source::KeyField(index) => self.key.field(index, values)?,
            Source::ValueField(index) => self.value.field(index, values)?,
        }
        Ok(())
    }
}
