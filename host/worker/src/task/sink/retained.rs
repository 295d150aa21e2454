//! Consumed records that a sink may still reject: everything since the last commit. Kept only where a rejected
//! record has somewhere to go, with its bytes only where that is the dead letter queue.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use watertight_kafka::{InRecord, TopicPartition};

/// Bytes of records beyond which a commit is asked for, which lets them go.
const SOFT: usize = 64 * 1024 * 1024;
/// Bytes beyond which records go, committed or not, the oldest of the partition that has most: a sink that rejects one
/// of those fails, and reads it again.
const HARD: usize = 4 * SOFT;

/// A partition, by the name that all its records share.
type Place = (Arc<str>, i32);

#[derive(Default)]
pub(super) struct Retained {
    partitions: HashMap<Place, VecDeque<InRecord>>,
    bytes: usize,
    /// Bytes at which a commit is asked for next.
    asks_at: usize,
}

impl Retained {
    /// Keeps a record.
    pub(super) fn keep(&mut self, record: InRecord) {
        self.bytes += size(&record);
        self.partitions.entry((Arc::clone(&record.topic), record.partition)).or_default().push_back(record);
        while self.bytes > HARD {
            let fullest = self.partitions.values_mut().max_by_key(|queue| queue.len());
            let Some(record) = fullest.and_then(VecDeque::pop_front) else { return };
            self.bytes = self.bytes.saturating_sub(size(&record));
        }
    }

    /// Whether it is time for a commit: beyond the soft bound, and again for each quarter of it that comes on top.
    pub(super) fn wants_commit(&mut self) -> bool {
        if self.bytes <= SOFT {
            self.asks_at = SOFT;
            return false;
        }
        let now = self.bytes > self.asks_at;
        if now {
            self.asks_at = self.bytes + SOFT / 4;
        }
        now
    }

    fn queue(&mut self, place: &TopicPartition) -> Option<&mut VecDeque<InRecord>> {
        self.partitions.get_mut(&(Arc::from(place.topic.as_str()), place.partition))
    }

    /// Takes a record out; none if it was committed, never there, or taken before.
    pub(super) fn take(&mut self, place: &TopicPartition, offset: i64) -> Option<InRecord> {
        let queue = self.queue(place)?;
        let at = queue.binary_search_by_key(&offset, |record| record.offset).ok()?;
        let record = queue.remove(at)?;
        self.bytes = self.bytes.saturating_sub(size(&record));
        Some(record)
    }

    /// Forgets what is before an offset.
    pub(super) fn forget(&mut self, place: &TopicPartition, before: i64) {
        let mut freed = 0;
        if let Some(queue) = self.queue(place) {
            while queue.front().is_some_and(|record| record.offset < before) {
                freed += queue.pop_front().as_ref().map_or(0, size);
            }
        }
        self.bytes = self.bytes.saturating_sub(freed);
    }

    /// Forgets all of a partition: it will be read again, or by another task.
    pub(super) fn forget_all(&mut self, place: &TopicPartition) {
        self.forget(place, i64::MAX);
    }
}

fn size(record: &InRecord) -> usize {
    let headers: usize =
        record.headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len)).sum();
    let bytes = |part: &Option<Vec<u8>>| part.as_ref().map_or(0, Vec::len);
    128 + bytes(&record.key) + bytes(&record.value) + headers
}

#[cfg(test)]
mod tests {
    use watertight_kafka::TimestampType;

    use super::*;

    fn record(offset: i64, size: usize) -> InRecord {
        InRecord {
            topic: "t".into(),
            partition: 0,
            offset,
            timestamp: None,
            timestamp_type: TimestampType::NoTimestampType,
            key: None,
            value: Some(vec![0; size]),
            headers: Vec::new(),
        }
    }

    #[test]
    fn a_record_can_be_taken_once_until_it_is_committed() {
        let (mut retained, place) = (Retained::default(), TopicPartition::new("t", 0));
        for offset in [3, 4, 7] {
            retained.keep(record(offset, 1));
        }
        assert_eq!(retained.take(&place, 4).map(|record| record.offset), Some(4));
        assert_eq!(retained.take(&place, 4), None);
        retained.forget(&place, 7);
        assert_eq!(retained.take(&place, 3), None);
        assert!(retained.take(&place, 7).is_some());
        assert_eq!(retained.bytes, 0);
    }

    #[test]
    fn a_commit_is_asked_for_once_for_each_quarter_beyond_the_bound() {
        let mut retained = Retained::default();
        assert!(!retained.wants_commit());
        retained.keep(record(0, SOFT));
        assert!(retained.wants_commit() && !retained.wants_commit());
        retained.keep(record(1, SOFT / 4));
        assert!(retained.wants_commit() && !retained.wants_commit());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (mut retained, place) = (Retained::default(), TopicPartition::new("t", 0));
        for offset in 0..50 {
            retained.keep(record(offset, 8 * 1024 * 1024));
        }
        assert!(retained.bytes > SOFT && retained.bytes <= HARD);
        assert!(retained.take(&place, 0).is_none() && retained.take(&place, 49).is_some());
    }
}
