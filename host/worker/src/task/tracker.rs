//! Records on their way, and the one rule of at-least-once sources: the offset that may be stored for a source
//! partition is that of the last record of its *contiguous acknowledged prefix*. Partitions do not hold one
//! another up (KAFKA-12226).

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use watertight_sandbox::bindings::exports::watertight::source::source_task::{Checkpoint, SourcePartition};
use watertight_sandbox::bindings::watertight::types::data::Scalar;

use crate::offsets::Stored;
use crate::offsets::position::{self, Offset};

/// Names of source partitions, beyond which a task waits until all are forgotten.
const CROWDED: usize = 50_000;

/// Records in flight of one source task, by sequence number from 0.
#[derive(Default)]
pub struct Tracker {
    first: u64,
    entries: VecDeque<Entry>,
    shapes: Vec<Shape>,
    by_key: HashMap<String, u32>,
    /// Latest place of each partition whose records, up to it, are all acknowledged; not stored yet.
    ready: HashMap<u32, (u32, Place)>,
    partitions: Vec<Offset>,
    partition_ids: HashMap<String, u32>,
}

struct Entry {
    shape: u32,
    place: Option<Place>,
    acked: bool,
}

enum Place {
    At(Vec<Scalar>),
    Forget,
}

/// A source partition with the fields of its offsets.
struct Shape {
    partition: u32,
    fields: Arc<[String]>,
}

impl Tracker {
    /// Records not acknowledged yet, those behind them included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is on its way.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The number that the next record gets.
    pub fn next_number(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// Numbers for the source partitions of a batch, and how many offset fields each has.
    pub fn shapes(&mut self, partitions: Vec<SourcePartition>) -> Vec<(u32, usize)> {
        partitions.into_iter().map(|partition| self.shape(partition)).collect()
    }

    fn shape(&mut self, partition: SourcePartition) -> (u32, usize) {
        let SourcePartition { partition, offset_fields } = partition;
        let count = offset_fields.len();
        let partition = position::from_guest(partition);
        let canonical = position::canonical(&partition);
        let key = format!("{canonical}\u{0}{}", offset_fields.join("\u{0}"));
        if let Some(&shape) = self.by_key.get(&key) {
            return (shape, count);
        }
        let id = match self.partition_ids.get(&canonical) {
            Some(&id) => id,
            None => {
                let id = self.partitions.len() as u32;
                self.partitions.push(partition);
                self.partition_ids.insert(canonical, id);
                id
            }
        };
        let shape = self.shapes.len() as u32;
        self.shapes.push(Shape { partition: id, fields: offset_fields.into() });
        self.by_key.insert(key, shape);
        (shape, count)
    }

    /// Notes a record that is about to be sent; its number is what [`next_number`](Self::next_number) said.
    pub fn push(&mut self, shape: u32, checkpoint: Checkpoint) {
        let place = match checkpoint {
            Checkpoint::Keep => None,
            Checkpoint::At(values) => Some(Place::At(values)),
            Checkpoint::Forget => Some(Place::Forget),
        };
        self.entries.push_back(Entry { shape, place, acked: false });
    }

    /// A record arrived, or was dropped on purpose.
    pub fn acknowledge(&mut self, number: u64) {
        let Some(index) = number.checked_sub(self.first) else { return };
        if let Some(entry) = self.entries.get_mut(index as usize) {
            entry.acked = true;
        }
        while self.entries.front().is_some_and(|entry| entry.acked) {
            if let Some(entry) = self.entries.pop_front() {
                self.first += 1;
                self.settle(entry);
            }
        }
    }

    fn settle(&mut self, entry: Entry) {
        if let (Some(place), Some(shape)) = (entry.place, self.shapes.get(entry.shape as usize)) {
            self.ready.insert(shape.partition, (entry.shape, place));
        }
    }

    /// Takes what may be stored now. Records behind an unacknowledged one of another partition count too.
    pub fn take_ready(&mut self) -> Vec<Stored> {
        let mut blocked = HashSet::new();
        for entry in &mut self.entries {
            let Some(shape) = self.shapes.get(entry.shape as usize) else { continue };
            if !entry.acked {
                blocked.insert(shape.partition);
            } else if !blocked.contains(&shape.partition)
                && let Some(place) = entry.place.take()
            {
                self.ready.insert(shape.partition, (entry.shape, place));
            }
        }
        std::mem::take(&mut self.ready)
            .into_iter()
            .filter_map(|(partition, (shape, place))| self.stored(partition, shape, place))
            .collect()
    }

    fn stored(&self, partition: u32, shape: u32, place: Place) -> Option<Stored> {
        let shape = self.shapes.get(shape as usize)?;
        let offset = match place {
            Place::Forget => None,
            Place::At(values) => {
                Some(shape.fields.iter().cloned().zip(values.into_iter().map(position::value_of)).collect())
            }
        };
        Some(Stored { partition: self.partitions.get(partition as usize)?.clone(), offset })
    }

    /// Forgets names once nothing refers to them: a source may come with ever new partitions.
    pub fn tidy(&mut self) {
        if self.entries.is_empty() && self.ready.is_empty() {
            self.shapes.clear();
            self.by_key.clear();
            self.partitions.clear();
            self.partition_ids.clear();
        }
    }

    /// So many names that it should come to rest once.
    pub fn is_crowded(&self) -> bool {
        self.shapes.len() > CROWDED
    }

    /// Partition and offset that a record brings, for people to read.
    pub fn position(&self, shape: u32, checkpoint: &Checkpoint) -> (Offset, Option<Offset>) {
        let Some(shape) = self.shapes.get(shape as usize) else { return (Offset::new(), None) };
        let offset = match checkpoint {
            Checkpoint::Keep | Checkpoint::Forget => None,
            Checkpoint::At(values) => {
                Some(shape.fields.iter().cloned().zip(values.iter().cloned().map(position::value_of)).collect())
            }
        };
        (self.partitions.get(shape.partition as usize).cloned().unwrap_or_default(), offset)
    }

    /// Puts back what could not be stored, unless something newer is there.
    pub fn give_back(&mut self, entries: Vec<Stored>) {
        for Stored { partition, offset } in entries {
            let Some(&id) = self.partition_ids.get(&position::canonical(&partition)) else { continue };
            let fields: Vec<String> = offset.iter().flat_map(|offset| offset.keys().cloned()).collect();
            let names = position::to_guest(&partition);
            let (shape, _) = self.shape(SourcePartition { partition: names, offset_fields: fields });
            let place = match offset {
                None => Place::Forget,
                Some(offset) => Place::At(position::to_guest(&offset).into_iter().map(|(_, value)| value).collect()),
            };
            self.ready.entry(id).or_insert((shape, place));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_forgotten_once_nothing_refers_to_them() {
        let (mut tracker, shapes) = tracker(&["a"]);
        tracker.push(shapes[0], at(1));
        tracker.tidy();
        assert_eq!(tracker.shapes.len(), 1);
        tracker.acknowledge(0);
        assert_eq!(tracker.take_ready().len(), 1);
        tracker.tidy();
        assert!(tracker.shapes.is_empty() && tracker.partitions.is_empty());
    }

    fn tracker(files: &[&str]) -> (Tracker, Vec<u32>) {
        let mut tracker = Tracker::default();
        let list = files
            .iter()
            .map(|file| SourcePartition {
                partition: vec![("filename".into(), Scalar::Text((*file).into()))],
                offset_fields: vec!["position".into()],
            })
            .collect();
        let shapes = tracker.shapes(list).into_iter().map(|(shape, _)| shape).collect();
        (tracker, shapes)
    }

    fn at(position: i64) -> Checkpoint {
        Checkpoint::At(vec![Scalar::Integer(position)])
    }

    fn positions(tracker: &mut Tracker) -> Vec<(String, Option<i64>)> {
        let mut found: Vec<_> = tracker
            .take_ready()
            .into_iter()
            .map(|stored| {
                let offset = stored.offset.map(|offset| offset["position"].as_i64().unwrap());
                (stored.partition["filename"].as_str().unwrap().to_owned(), offset)
            })
            .collect();
        found.sort();
        found
    }

    #[test]
    fn only_the_contiguous_prefix_is_stored() {
        let (mut tracker, shapes) = tracker(&["a"]);
        for n in 0..4 {
            tracker.push(shapes[0], at(n));
        }
        tracker.acknowledge(0);
        tracker.acknowledge(2);
        assert_eq!(positions(&mut tracker), [("a".into(), Some(0))]);
        tracker.acknowledge(1);
        assert_eq!(positions(&mut tracker), [("a".into(), Some(2))]);
        assert_eq!(tracker.len(), 1);
    }

    #[test]
    fn partitions_do_not_hold_one_another_up() {
        let (mut tracker, shapes) = tracker(&["a", "b"]);
        tracker.push(shapes[0], at(1));
        tracker.push(shapes[1], at(7));
        tracker.acknowledge(1);
        assert_eq!(positions(&mut tracker), [("b".into(), Some(7))]);
        tracker.acknowledge(0);
        assert_eq!(positions(&mut tracker), [("a".into(), Some(1))]);
    }

    #[test]
    fn nothing_is_stored_twice_and_records_without_a_place_keep_the_last_one() {
        let (mut tracker, shapes) = tracker(&["a"]);
        tracker.push(shapes[0], at(1));
        tracker.push(shapes[0], Checkpoint::Keep);
        tracker.acknowledge(0);
        tracker.acknowledge(1);
        assert_eq!(positions(&mut tracker), [("a".into(), Some(1))]);
        assert!(positions(&mut tracker).is_empty());
    }

    #[test]
    fn forgetting_a_partition_is_stored_as_nothing() {
        let (mut tracker, shapes) = tracker(&["a"]);
        tracker.push(shapes[0], Checkpoint::Forget);
        tracker.acknowledge(0);
        assert_eq!(positions(&mut tracker), [("a".into(), None)]);
    }

    #[test]
    fn what_could_not_be_stored_is_offered_again_unless_newer_is_there() {
        let (mut tracker, shapes) = tracker(&["a"]);
        tracker.push(shapes[0], at(1));
        tracker.acknowledge(0);
        let failed = tracker.take_ready();
        tracker.give_back(failed.clone());
        assert_eq!(positions(&mut tracker), [("a".into(), Some(1))]);
        tracker.push(shapes[0], at(2));
        tracker.acknowledge(1);
        tracker.give_back(failed);
        assert_eq!(positions(&mut tracker), [("a".into(), Some(2))]);
    }
}
