//! `watertight tail`

mod record;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use watertight_kafka::{InRecord, Reading, TopicReader};

use super::topics::{Extent, extents};
use crate::args::Tail;
use crate::failure::Failure;
use crate::kafka;
use crate::ui::look::Look;
use crate::ui::{is_unread, note, print, stop};

/// How soon Ctrl-C is noticed.
const PATIENCE: Duration = Duration::from_millis(100);
/// Written at once.
const BATCH: usize = 500;

pub(super) fn tail(tail: &Tail) -> Result<(), Failure> {
    let stopped = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stopped);
    stop::on_stop(move || told.store(true, Ordering::SeqCst));
    let settings = kafka::settings(&tail.broker)?;
    let admin = kafka::admin(&settings)?;
    let found = kafka::runtime()?.block_on(extents(&admin, &tail.topic))?;
    let wanted = chosen(tail, found)?;
    let mut left = Left::new(tail, &wanted);
    if left.is_done() {
        return Ok(());
    }
    let from: Vec<_> = wanted.iter().map(|extent| (extent.partition.clone(), begin(tail, extent))).collect();
    let mut reader =
        TopicReader::start(&kafka::reader(&settings)?, &from).map_err(|error| Failure::Other(error.to_string()))?;
    let look = Look::of_stdout();
    while !stopped.load(Ordering::SeqCst) && !left.is_done() {
        match reader.next(left.room(), PATIENCE) {
            Reading::Records(records) => {
                let shown = records.iter().filter(|record| left.take(record));
                print(&shown.map(|record| record::line(tail, &look, record)).collect::<String>())?;
            }
            Reading::End { partition, .. } => left.ended(partition.partition),
            Reading::Idle if is_unread() => return Err(Failure::Gone),
            Reading::Idle => {}
            Reading::Warning(warning) => note(&format!("watertight: {warning}")),
            Reading::Failed(error) => return Err(Failure::Other(error.to_string())),
        }
    }
    Ok(())
}

/// The partitions that were asked for.
fn chosen(tail: &Tail, found: Vec<Extent>) -> Result<Vec<Extent>, Failure> {
    let there = found.len();
    if let Some(number) = tail.partition.iter().find(|number| !found.iter().any(|e| e.partition.partition == **number))
    {
        return Err(Failure::Missing(format!(
            "{} has no partition {number}: there are {there}, counted from 0",
            tail.topic
        )));
    }
    let wanted = |extent: &Extent| tail.partition.is_empty() || tail.partition.contains(&extent.partition.partition);
    Ok(found.into_iter().filter(wanted).collect())
}

fn begin(tail: &Tail, extent: &Extent) -> i64 {
    match tail.last {
        _ if tail.from_beginning => extent.start,
        Some(count) => (extent.end - i64::from(count)).max(extent.start),
        None => extent.end,
    }
}

/// What is still to be shown.
struct Left {
    /// By partition, the offset where it ends; none where it goes on.
    ends: Option<HashMap<i32, i64>>,
    records: Option<u64>,
}

impl Left {
    fn new(tail: &Tail, wanted: &[Extent]) -> Self {
        let pending = wanted.iter().filter(|extent| begin(tail, extent) < extent.end);
        Self {
            ends: tail.exit.then(|| pending.map(|extent| (extent.partition.partition, extent.end)).collect()),
            records: tail.max,
        }
    }

    fn is_done(&self) -> bool {
        self.records == Some(0) || self.ends.as_ref().is_some_and(HashMap::is_empty)
    }

    /// How many records may come at once.
    fn room(&self) -> usize {
        self.records.and_then(|left| usize::try_from(left).ok()).map_or(BATCH, |left| left.min(BATCH))
    }

    /// Whether it is to be shown. Records that came after the beginning are not, where it ends.
    fn take(&mut self, record: &InRecord) -> bool {
        if self.is_done() {
            return false;
        }
        if let Some(ends) = &mut self.ends {
            let Some(end) = ends.get(&record.partition).copied() else { return false };
            if record.offset + 1 >= end {
                ends.remove(&record.partition);
            }
            if record.offset >= end {
                return false;
            }
        }
        if let Some(left) = &mut self.records {
            *left -= 1;
        }
        true
    }

    /// The last offsets of a partition may be none of records: marks of transactions, or what was compacted away.
    fn ended(&mut self, partition: i32) {
        if let Some(ends) = &mut self.ends {
            ends.remove(&partition);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use clap::Parser as _;
    use watertight_kafka::{TimestampType, TopicPartition};

    use super::*;
    use crate::args::{Cli, Command, People};

    fn parsed(line: &str) -> Tail {
        let words = std::iter::once("watertight").chain(line.split_whitespace());
        let Command::People(People::Tail(tail)) = Cli::try_parse_from(words).unwrap().command else { panic!() };
        tail
    }

    fn extents() -> Vec<Extent> {
        let extent = |number, start, end| Extent { partition: TopicPartition::new("t", number), start, end };
        vec![extent(0, 5, 9), extent(1, 3, 3)]
    }

    fn record(partition: i32, offset: i64) -> InRecord {
        InRecord {
            topic: "t".into(),
            partition,
            offset,
            timestamp: None,
            timestamp_type: TimestampType::NoTimestampType,
            key: None,
            value: None,
            headers: Vec::new(),
        }
    }

    #[test]
    fn it_begins_where_it_was_told() {
        for (line, begins) in [("tail t", 9), ("tail t -b", 5), ("tail t -n 3", 6), ("tail t -n 99", 5)] {
            assert_eq!(begin(&parsed(line), &extents()[0]), begins, "{line}");
        }
    }

    #[test]
    fn it_ends_where_the_topic_ended_when_it_began() {
        let mut left = Left::new(&parsed("tail t -b --exit"), &extents());
        assert!(!left.is_done() && !left.take(&record(1, 3)), "that came later");
        assert!(left.take(&record(0, 5)) && !left.is_done());
        assert!(left.take(&record(0, 8)) && left.is_done() && !left.take(&record(0, 9)));
        assert!(Left::new(&parsed("tail t --no-follow"), &extents()).is_done());
        let mut left = Left::new(&parsed("tail t -be"), &extents());
        left.ended(0);
        assert!(left.is_done());
    }

    #[test]
    fn it_ends_after_as_many_records_as_were_wanted() {
        let mut left = Left::new(&parsed("tail t --max 2"), &extents());
        assert!(left.room() == 2 && left.take(&record(0, 9)) && left.take(&record(1, 9)) && left.is_done());
        assert!(!left.take(&record(0, 10)));
    }

    #[test]
    fn a_partition_that_is_not_there_is_refused() {
        assert_eq!(chosen(&parsed("tail t -p 2"), extents()).unwrap_err().code(), 4);
        assert_eq!(chosen(&parsed("tail t -p 1"), extents()).unwrap().len(), 1);
    }
}
