//! What a task counts, kept where whoever shows metrics can read it while the task runs and after it failed.
//! The names follow Connect's `task-error-metrics` and task metrics, so that showing them is only formatting.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::entities::TaskId;

/// One number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub fn one(&self) {
        self.many(1);
    }

    /// So many more.
    pub fn many(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// As it is now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts of one task since it was first started on this worker.
#[derive(Debug, Default)]
pub struct TaskCounts {
    /// `source-record-poll-total`, or `sink-record-read-total`.
    pub records_in: Count,
    /// `source-record-write-total`, what the broker acknowledged; or `sink-record-send-total`, what the sink was given.
    pub records_out: Count,
    /// Keys, values and headers that went through a converter.
    pub conversions: Count,
    /// Records that went into the chain of transforms.
    pub transformed: Count,
    /// `total-record-failures`: attempts that failed.
    pub failures: Count,
    /// `total-record-errors`: records that failed for good.
    pub errors: Count,
    /// `total-records-skipped`: those that were tolerated.
    pub skipped: Count,
    /// `total-retries`
    pub retries: Count,
    /// `total-errors-logged`
    pub logged: Count,
    /// `deadletterqueue-produce-requests`
    pub dead_letters: Count,
    /// `deadletterqueue-produce-failures`
    pub dead_letter_failures: Count,
    last_error: AtomicI64,
}

impl TaskCounts {
    /// Notes the time of an error.
    pub fn stamp(&self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64);
        self.last_error.store(now, Ordering::Relaxed);
    }

    /// `last-error-timestamp`: milliseconds since the epoch, 0 if there was none.
    pub fn last_error(&self) -> i64 {
        self.last_error.load(Ordering::Relaxed)
    }
}

/// The counts of all tasks of a worker. Clones share one board.
#[derive(Debug, Clone, Default)]
pub struct CountBoard(Arc<Mutex<HashMap<TaskId, Arc<TaskCounts>>>>);

impl CountBoard {
    /// The counts of a task, which go on where they stood before a restart.
    pub fn of(&self, id: &TaskId) -> Arc<TaskCounts> {
        match self.0.lock() {
            Ok(mut board) => Arc::clone(board.entry(id.clone()).or_default()),
            Err(_) => Arc::default(),
        }
    }

    /// Forgets a connector's tasks.
    pub fn forget(&self, connector: &str) {
        if let Ok(mut board) = self.0.lock() {
            board.retain(|id, _| id.connector != connector);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_outlive_a_restart_and_end_with_the_connector() {
        let board = CountBoard::default();
        let id = TaskId { connector: "c".into(), task: 0 };
        board.of(&id).retries.many(2);
        board.of(&id).retries.one();
        assert_eq!(board.of(&id).retries.get(), 3);
        board.forget("c");
        assert_eq!(board.of(&id).retries.get(), 0);
    }
}
