//! Rows of one put, in runs that one kind of statement writes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::rc::Rc;

use watertight_sdk::{ValueNode, tape};

use super::shape::Shape;

/// A row's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which record of the batch it is.
    pub record: usize,
    /// Where its values end.
    pub end: usize,
    /// About how many bytes it has.
    pub weight: usize,
}

/// Rows for one kind of statement.
#[derive(Debug)]
pub struct Segment {
    /// Of the statements.
    pub shape: Rc<Shape>,
    /// All values, row by row.
    pub values: Vec<ValueNode>,
    /// In their order.
    pub rows: Vec<Row>,
}

impl Segment {
    /// Without rows.
    pub fn new(shape: Rc<Shape>) -> Self {
        Self { shape, values: Vec::new(), rows: Vec::new() }
    }

    /// The values just appended are the row of this record.
    pub fn close_row(&mut self, record: usize, weight: usize) {
        self.rows.push(Row { record, end: self.values.len(), weight });
    }

    /// Values of a row that was not closed go.
    pub fn drop_unfinished(&mut self) {
        let end = self.rows.last().map_or(0, |row| row.end);
        self.values.truncate(end);
    }

    /// Where a row's values begin.
    fn begin(&self, row: usize) -> usize {
        row.checked_sub(1).and_then(|before| self.rows.get(before)).map_or(0, |row| row.end)
    }

    /// The values of some rows.
    pub fn values_of(&self, rows: Range<usize>) -> &[ValueNode] {
        self.values.get(self.begin(rows.start)..self.begin(rows.end)).unwrap_or_default()
    }

    /// How many bytes these rows have.
    pub fn weight(&self, rows: Range<usize>) -> usize {
        self.rows.get(rows).unwrap_or_default().iter().map(|row| row.weight).sum()
    }

    /// Takes out the rows that a later one with the same key replaces: `ON CONFLICT DO UPDATE` refuses to touch a row
    /// twice. What was taken out is kept in case that the later row turns out to be bad.
    pub fn take_superseded(&mut self) -> Option<Self> {
        let mut last: HashMap<u64, usize, BuildHasherDefault<Same>> = HashMap::default();
        last.reserve(self.rows.len());
        let mut superseded = Vec::new();
        for row in 0..self.rows.len() {
            let key = self.key(row);
            match last.entry(hash(key)) {
                Entry::Vacant(place) => {
                    place.insert(row);
                }
                Entry::Occupied(mut place) => {
                    let before = *place.get();
                    // Another key with the same hash is rare; both stay, and the database has the last word.
                    if equal(self.key(before), key) {
                        superseded.push(before);
                        place.insert(row);
                    }
                }
            }
        }
        if superseded.is_empty() {
            return None;
        }
        superseded.sort_unstable();
        Some(self.split(&superseded))
    }

    fn key(&self, row: usize) -> &[ValueNode] {
        let values = self.values_of(row..row + 1);
        let end = (0..self.shape.keys).fold(0, |at, _| tape::end_of(values, at));
        values.get(..end).unwrap_or(values)
    }

    fn split(&mut self, out: &[usize]) -> Self {
        let mut taken = Self::new(Rc::clone(&self.shape));
        let rows = std::mem::take(&mut self.rows);
        let mut values = std::mem::take(&mut self.values).into_iter();
        let mut out = out.iter().copied().peekable();
        let mut at = 0;
        for (index, row) in rows.into_iter().enumerate() {
            let side = if out.next_if_eq(&index).is_some() { &mut taken } else { &mut *self };
            side.values.extend(values.by_ref().take(row.end - at));
            side.close_row(row.record, row.weight);
            at = row.end;
        }
        taken
    }

    /// Both in the order of their records.
    pub fn merged(self, other: Option<Self>) -> Self {
        let Some(other) = other else {
            return self;
        };
        let mut whole = Self::new(Rc::clone(&self.shape));
        let mut sides = [Side::new(self), Side::new(other)];
        loop {
            let first = sides[0].next.is_some_and(|one| sides[1].next.is_none_or(|two| one.record < two.record));
            let side = &mut sides[usize::from(!first)];
            let Some(row) = side.next else {
                return whole;
            };
            whole.values.extend(side.values.by_ref().take(row.end - side.at));
            whole.close_row(row.record, row.weight);
            side.at = row.end;
            side.next = side.rows.next();
        }
    }
}

struct Side {
    rows: std::vec::IntoIter<Row>,
    values: std::vec::IntoIter<ValueNode>,
    next: Option<Row>,
    at: usize,
}

impl Side {
    fn new(segment: Segment) -> Self {
        let mut rows = segment.rows.into_iter();
        let next = rows.next();
        Self { rows, values: segment.values.into_iter(), next, at: 0 }
    }
}

/// The hash is the key already.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = mix(self.0, u64::from(*byte)));
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn hash(nodes: &[ValueNode]) -> u64 {
    let bytes = |hash: u64, bytes: &[u8]| {
        let (words, rest) = bytes.as_chunks::<8>();
        let hash = words.iter().fold(mix(hash, bytes.len() as u64), |hash, word| mix(hash, u64::from_le_bytes(*word)));
        rest.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
    };
    let mixed = nodes.iter().fold(0, |hash, node| match node {
        ValueNode::Null => mix(hash, 1),
        ValueNode::Boolean(value) => mix(hash, 2 + u64::from(*value)),
        ValueNode::Integer(value) => mix(hash, value.cast_unsigned()),
        ValueNode::Float(value) => mix(hash, value.to_bits()),
        ValueNode::Text(text) => bytes(hash, text.as_bytes()),
        ValueNode::Bytes(value) => bytes(hash, value),
        ValueNode::Elements(count) | ValueNode::Entries(count) | ValueNode::Fields(count) => {
            mix(hash, u64::from(*count))
        }
    });
    mixed ^ (mixed >> 32)
}

/// As the database would say: no null equals another.
fn equal(one: &[ValueNode], two: &[ValueNode]) -> bool {
    one == two && !one.contains(&ValueNode::Null)
}
