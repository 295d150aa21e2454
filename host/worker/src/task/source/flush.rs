//! Storing offsets while records flow: the store may be a topic whose brokers are slow or away, and neither polling nor
//! an order waits for them. One flush at a time: one that takes too long is given up, and what it was to store goes
//! with the next.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::Running;
use crate::offsets::{OffsetError, Stored};

/// A flush on its way. Dropping it gives it up.
pub(super) struct Flush {
    entries: Vec<Stored>,
    work: JoinHandle<Result<(), OffsetError>>,
    outcome: Option<Result<(), OffsetError>>,
    deadline: Instant,
}

impl Flush {
    /// Waits for its end. Cancel-safe.
    async fn ended(&mut self) {
        if self.outcome.is_none() {
            let ended = (&mut self.work).await;
            self.outcome = Some(ended.unwrap_or_else(|error| Err(OffsetError(error.to_string()))));
        }
    }

    fn is_over(&self) -> bool {
        self.outcome.is_some() || self.work.is_finished() || Instant::now() >= self.deadline
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// Waits for the end of a flush, if one is on its way.
pub(super) async fn ended(flush: &mut Option<Flush>) {
    match flush {
        Some(flush) if flush.outcome.is_none() => {
            let _ = timeout_at(flush.deadline, flush.ended()).await;
        }
        Some(_) | None => std::future::pending().await,
    }
}

impl Running {
    /// Begins to store what may be stored, unless that is going on. In transactions, offsets go with their records
    /// instead.
    pub(super) async fn begin_flush(&mut self) {
        if self.transactions.is_some() || self.flush.is_some() {
            return;
        }
        let entries = self.tracker.take_ready();
        if entries.is_empty() {
            self.tracker.tidy();
            return self.tell_committed().await;
        }
        tracing::debug!("Committing offsets of {} source partitions", entries.len());
        let connector = self.run.settings.get("name").cloned().unwrap_or_default();
        let (store, given) = (Arc::clone(&self.run.offsets), entries.clone());
        let work = tokio::spawn(async move { store.put(&connector, given).await });
        let deadline = Instant::now() + self.run.flush_timeout;
        self.flush = Some(Flush { entries, work, outcome: None, deadline });
    }

    /// Takes note of a flush that is over.
    pub(super) async fn look_at_flush(&mut self) {
        if self.flush.as_ref().is_some_and(Flush::is_over) {
            self.end_flush().await;
        }
    }

    /// Stores what may be stored, and waits for it as long as that may take. A failure is logged and tried again at the
    /// next flush.
    pub(super) async fn flush_now(&mut self) {
        self.end_flush().await;
        self.begin_flush().await;
        self.end_flush().await;
    }

    async fn end_flush(&mut self) {
        let Some(mut flush) = self.flush.take() else { return };
        let deadline = flush.deadline;
        if timeout_at(deadline, flush.ended()).await.is_err() {
            tracing::error!("Failed to flush, timed out while waiting for offsets to be stored");
        }
        match flush.outcome.take() {
            Some(Ok(())) => {
                self.tracker.tidy();
                self.tell_committed().await;
            }
            failed => {
                if let Some(Err(error)) = failed {
                    tracing::error!("Failed to commit offsets: {error}");
                }
                self.tracker.give_back(std::mem::take(&mut flush.entries));
            }
        }
    }
}
