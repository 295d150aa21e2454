//! A put in the making: records become rows of segments, or are turned down.

use std::collections::HashMap;
use std::rc::Rc;

use watertight_sdk::sql::Connection;
use watertight_sdk::{Failure, Message, Schema, SchemaId, SinkBatch, TopicPartition, Value};

use super::fields::Fields;
use super::plan::Plan;
use super::schemas;
use super::segment::{Segment, in_order};
use super::settings::{PkMode, Settings};
use super::shape::{Action, Shape};
use super::table::{TableId, Tables};
use super::trouble::Trouble;
use crate::dialect::{Dialect, Product};

/// Plans that are kept; schemas that come with new numbers for ever must not fill the memory.
const MOST_PLANS: usize = 1_000;

/// What makes two records rows of the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Like {
    table: TableId,
    key: SchemaId,
    value: SchemaId,
    deletes: bool,
}

/// Plans that were made, for the tables as they were then.
#[derive(Debug, Default)]
pub struct Plans {
    plans: HashMap<Like, Rc<Plan>>,
    shapes: Vec<Rc<Shape>>,
}

impl Plans {
    /// Tables may have changed.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Where a record came from.
#[derive(Clone, Debug)]
pub struct Place {
    /// Index into the batch's origins.
    pub origin: usize,
    /// There.
    pub offset: i64,
}

/// Segments of a table that rows still go to.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    writes: Option<usize>,
    deletions: Option<usize>,
}

/// A put in the making.
#[derive(Debug, Default)]
pub struct Batch {
    /// Where records came from.
    pub origins: Vec<TopicPartition>,
    /// Of each record.
    pub places: Vec<Place>,
    /// What is to be written, in this order.
    pub segments: Vec<Segment>,
    /// What something later in the batch replaces.
    pub superseded: Vec<Segment>,
    /// Records that cannot be, and why.
    pub bad: Vec<(usize, Failure)>,
}

/// What is needed to make one.
pub struct Making<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// How to speak to it.
    pub dialect: &'a Dialect,
    /// The configuration.
    pub settings: &'a Settings,
    /// Tables known.
    pub tables: &'a mut Tables,
    /// Plans made.
    pub plans: &'a mut Plans,
}

impl Batch {
    /// `topic-partition@offset`, as the JVM connectors and Kafka's tools write it.
    pub fn place(&self, record: usize) -> String {
        let place = self.places.get(record);
        match place.and_then(|place| Some((self.origins.get(place.origin)?, place.offset))) {
            Some((origin, offset)) => format!("{}-{}@{offset}", origin.topic, origin.partition),
            None => "?".to_owned(),
        }
    }

    /// Takes the records apart. Bad ones are kept aside; anything else ends it.
    pub fn make(batch: SinkBatch, mut making: Making) -> Result<Self, Trouble> {
        let mut made =
            Self { origins: batch.origins, places: Vec::with_capacity(batch.records.len()), ..Self::default() };
        let mut tables: Vec<Option<TableId>> = vec![None; batch.topics.len()];
        let mut open: HashMap<TableId, Open> = HashMap::new();
        let mut last: Option<(Like, Rc<Plan>, usize)> = None;
        for (index, record) in batch.records.into_iter().enumerate() {
            made.places.push(Place { origin: record.origin as usize, offset: record.offset });
            let message = record.message;
            let topic = batch.topics.get(message.topic as usize).map_or("", String::as_str);
            let table = match tables.get(message.topic as usize).copied().flatten() {
                Some(table) => table,
                None => {
                    let table = making.tables.of_topic(making.dialect, making.settings, topic)?;
                    if let Some(place) = tables.get_mut(message.topic as usize) {
                        *place = Some(table);
                    }
                    table
                }
            };
            let like = making.like(table, &message);
            if last.as_ref().is_none_or(|(have, ..)| *have != like) || making.is_faulty(&message) {
                match making.plan(like, &message) {
                    Ok(plan) => {
                        let segment = made.segment_for(&mut open, table, &plan);
                        last = Some((like, plan, segment));
                    }
                    Err(Trouble::Record(why)) => {
                        made.bad.push((index, why));
                        continue;
                    }
                    Err(other) => return Err(other),
                }
            }
            if let Some((_, plan, segment)) = &last
                && let Some(segment) = made.segments.get_mut(*segment)
            {
                match plan.append(message, topic, record.offset, &mut segment.values) {
                    Ok(weight) => segment.close_row(index, weight),
                    Err(why) => {
                        segment.drop_unfinished();
                        made.bad.push((index, why));
                    }
                }
            }
        }
        made.settle(making.dialect.product());
        Ok(made)
    }

    /// The segment of the table that is open for this kind of rows; else a new one.
    fn segment_for(&mut self, open: &mut HashMap<TableId, Open>, table: TableId, plan: &Plan) -> usize {
        let open = open.entry(table).or_default();
        let is_deletion = plan.shape.action == Action::Delete;
        let (same, other) = if is_deletion { (open.deletions, open.writes) } else { (open.writes, open.deletions) };
        let shape_of = |index: Option<usize>| index.and_then(|index| self.segments.get(index)).map(|one| &one.shape);
        if let (Some(index), Some(shape)) = (same, shape_of(same))
            && Rc::ptr_eq(shape, &plan.shape)
        {
            return index;
        }
        let index = self.segments.len();
        let beside = shape_of(other)
            .filter(|_| same.is_none())
            .is_some_and(|other| if is_deletion { other.goes_with(&plan.shape) } else { plan.shape.goes_with(other) });
        let group = if beside {
            other.and_then(|other| self.segments.get(other)).map_or(index, |one| one.group)
        } else {
            index
        };
        if !beside {
            *open = Open::default();
        }
        *(if is_deletion { &mut open.deletions } else { &mut open.writes }) = Some(index);
        self.segments.push(Segment::new(Rc::clone(&plan.shape), group));
        index
    }

    /// Deletions of a group before the rest of it, and what is superseded by something later apart.
    fn settle(&mut self, product: Product) {
        self.segments.retain(|segment| !segment.rows.is_empty());
        self.segments.sort_by_key(|segment| (segment.group, segment.shape.action != Action::Delete));
        for index in 0..self.segments.len() {
            let (before, rest) = self.segments.split_at_mut(index);
            let Some(segment) = rest.first_mut() else { continue };
            let deletions = before.last().filter(|before| before.group == segment.group);
            let only_once = product == Product::Postgres && segment.shape.action == Action::Upsert;
            if deletions.is_some() || only_once {
                self.superseded.extend(segment.take_superseded(deletions));
            }
        }
        self.segments.retain(|segment| !segment.rows.is_empty());
    }

    /// All rows again, in the order of their records.
    pub fn put_in_order(&mut self) {
        let segments = std::mem::take(&mut self.segments);
        self.segments = in_order(segments.into_iter().chain(std::mem::take(&mut self.superseded)).collect());
    }
}

impl Making<'_> {
    fn like(&self, table: TableId, message: &Message) -> Like {
        let deletes = self.settings.delete && message.value.value == Value::Null;
        let by_key = self.settings.pk_mode == PkMode::RecordKey;
        Like {
            table,
            key: if by_key { message.key.schema } else { 0 },
            value: if deletes { 0 } else { message.value.schema },
            deletes,
        }
    }

    /// What depends on the record and not on its schemas.
    fn is_faulty(&self, message: &Message) -> bool {
        let by_key = self.settings.pk_mode == PkMode::RecordKey;
        (by_key && message.key.value == Value::Null) || (!self.settings.delete && message.value.value == Value::Null)
    }

    fn plan(&mut self, like: Like, message: &Message) -> Result<Rc<Plan>, Trouble> {
        // The schemas of records like this one were good; whether it has a key and a value is its own affair.
        if !self.is_faulty(message)
            && let Some(plan) = self.plans.plans.get(&like)
        {
            return Ok(Rc::clone(plan));
        }
        let key = schemas::of(message.key.schema);
        let value = if like.deletes { None } else { schemas::of(message.value.schema) };
        self.check(like, message, key.as_ref(), value.as_ref()).map_err(Trouble::Record)?;
        let fields = Fields::of(self.settings, key.as_ref(), value.as_ref()).map_err(Trouble::Record)?;
        let columns = self.tables.fit(self.connection, self.dialect, self.settings, like.table, &fields)?;
        let Some(table) = self.tables.get(like.table) else {
            return Err(Failure::new("illegal-state", "there is no such table").into());
        };
        let mut plan = Plan::new(self.settings, like.table, &table.name, &fields, columns, like.deletes);
        match self.plans.shapes.iter().find(|shape| shape.is_like(&plan.shape)) {
            Some(shape) => plan.shape = Rc::clone(shape),
            None => self.plans.shapes.push(Rc::clone(&plan.shape)),
        }
        let plan = Rc::new(plan);
        if self.plans.plans.len() >= MOST_PLANS {
            self.plans.plans.clear();
        }
        self.plans.plans.insert(like, Rc::clone(&plan));
        Ok(plan)
    }

    fn check(
        &self,
        like: Like,
        message: &Message,
        key: Option<&Schema>,
        value: Option<&Schema>,
    ) -> Result<(), Failure> {
        let found = |part: &str, is_null: bool, schema: Option<&Schema>| match (is_null, schema) {
            (true, None) => format!("found a null {part} without schema"),
            (true, Some(_)) => format!("found a null {part}"),
            (false, None) => format!("found a {part} without schema"),
            (false, schema) => format!("found a {} {part}", schemas::word(schema)),
        };
        if self.settings.pk_mode == PkMode::RecordKey {
            let is_null = message.key.value == Value::Null;
            if is_null || !(schemas::is_struct(key) || schemas::is_scalar(key)) {
                return Err(Failure::data(format!(
                    "pk.mode=record_key requires records with a non-null key that is a struct or a primitive, with \
                     its schema, but {}",
                    found("key", is_null, key)
                )));
            }
        }
        if !like.deletes && (message.value.value == Value::Null || !schemas::is_struct(value)) {
            return Err(Failure::data(format!(
                "delete.enabled={} and pk.mode={} require records with a non-null Struct value and a Struct schema, \
                 but {}",
                self.settings.delete,
                self.settings.pk_mode.word(),
                found("value", message.value.value == Value::Null, value)
            )));
        }
        Ok(())
    }
}
