//! Rows of one put, in runs that one kind of statement writes.
//!
//! Where deletions and upserts of a table take turns, as in any topic of changes, a run would be a few rows long. So the
//! two of them share a group: all its deletions go first, and an upsert goes only if nothing comes after it for the
//! same key. That leaves the table as the records in their order would, but for keys that only the database knows to
//! be equal (a collation without upper and lower case), and for constraints between rows. Hence keys must be numbers
//! or the like, and when a statement fails, [`in_order`] gives the records back as they came.

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
    /// Segments of a group are written with the deletions first.
    pub group: usize,
}

impl Segment {
    /// Without rows.
    pub fn new(shape: Rc<Shape>, group: usize) -> Self {
        Self { shape, values: Vec::new(), rows: Vec::new(), group }
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

    /// Takes out the rows that something later with the same key replaces: another row, which `ON CONFLICT DO UPDATE`
    /// would refuse to touch twice, or a deletion. What was taken out is kept in case that the later one turns out to
    /// be bad.
    pub fn take_superseded(&mut self, deletions: Option<&Self>) -> Option<Self> {
        let mut last = Keys::default();
        for row in 0..deletions.map_or(0, |deletions| deletions.rows.len()) {
            last.put(deletions.map(|deletions| (deletions, row)));
        }
        let deleted = |segment: &Self, row: usize| {
            let (deletions, record) = (deletions?, segment.rows.get(row)?.record);
            last.find(deletions, segment.key(row))
                .and_then(|row| deletions.rows.get(row))
                .filter(|row| row.record > record)
        };
        let mut own = Keys::default();
        let mut superseded: Vec<usize> = (0..self.rows.len()).filter_map(|row| own.put(Some((self, row)))).collect();
        superseded.extend((0..self.rows.len()).filter(|row| deleted(self, *row).is_some()));
        if superseded.is_empty() {
            return None;
        }
        superseded.sort_unstable();
        superseded.dedup();
        Some(self.split(&superseded))
    }

    fn key(&self, row: usize) -> &[ValueNode] {
        let values = self.values_of(row..row + 1);
        let end = (0..self.shape.keys).fold(0, |at, _| tape::end_of(values, at));
        values.get(..end).unwrap_or(values)
    }

    fn split(&mut self, out: &[usize]) -> Self {
        let mut taken = Self::new(Rc::clone(&self.shape), self.group);
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
}

/// Of each key, the last row that has it.
#[derive(Default)]
struct Keys(HashMap<u64, usize, BuildHasherDefault<Same>>);

impl Keys {
    /// Answers the row that had the key before. Of two keys with the same hash, which is rare, the second is not kept:
    /// the database has the last word then.
    fn put(&mut self, row: Option<(&Segment, usize)>) -> Option<usize> {
        let (segment, row) = row?;
        let key = segment.key(row);
        match self.0.entry(hash(key)) {
            Entry::Vacant(place) => {
                place.insert(row);
                None
            }
            Entry::Occupied(mut place) if equal(segment.key(*place.get()), key) => Some(place.insert(row)),
            Entry::Occupied(_) => None,
        }
    }

    fn find(&self, segment: &Segment, key: &[ValueNode]) -> Option<usize> {
        self.0.get(&hash(key)).copied().filter(|row| equal(segment.key(*row), key))
    }
}

/// The rows of each table as their records came, in runs of one kind.
pub fn in_order(segments: Vec<Segment>) -> Vec<Segment> {
    let mut rows = Vec::new();
    for segment in segments {
        let mut values = segment.values.into_iter();
        let mut at = 0;
        for row in segment.rows {
            let own: Vec<ValueNode> = values.by_ref().take(row.end - at).collect();
            rows.push((Rc::clone(&segment.shape), row, own));
            at = row.end;
        }
    }
    rows.sort_by_key(|(shape, row, _)| (shape.table, row.record));
    let mut runs: Vec<Segment> = Vec::new();
    for (shape, row, values) in rows {
        if runs.last().is_none_or(|run| !Rc::ptr_eq(&run.shape, &shape)) {
            runs.push(Segment::new(shape, runs.len()));
        }
        if let Some(run) = runs.last_mut() {
            run.values.extend(values);
            run.close_row(row.record, row.weight);
        }
    }
    runs
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
