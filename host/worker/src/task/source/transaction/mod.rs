//! Exactly once (KIP-618): records and the offsets behind them are written in one transaction, by a producer whose name
//! nobody else can use at the same time.
//!
//! A transaction ends where the connector's `transaction.boundary` says. Until then nothing of it is seen by who reads
//! only what is committed, and a task that dies leaves nothing behind: whoever starts in its place fences it off first,
//! which aborts what it left open, and begins at the offsets of the last transaction that was committed.

mod boundary;
mod end;
mod failure;
mod preflight;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use watertight_data::DataError;

pub use boundary::Boundary;

use boundary::Pacer;

use super::Running;
use crate::failure::Failure;
use crate::worker::TaskGuard;

/// Sequence numbers of offset records begin here: those of a task's own records never get so far.
pub(super) const OFFSETS: u64 = 1 << 47;
const TO_OWN_TOPIC: &str =
    "Source tasks may not produce to their own offsets topics when exactly-once support is enabled";

/// What a task needs that writes exactly once.
pub struct ExactlyOnce {
    /// Which of the connector's sets of task settings it belongs to.
    pub generation: i64,
    /// Whom it asks before it writes anything.
    pub guard: Arc<dyn TaskGuard>,
    /// Where its transactions end.
    pub boundary: Boundary,
    /// `transaction.timeout.ms`: the coordinator aborts a transaction that is older.
    pub time_limit: Duration,
}

/// The transaction of a running task.
pub(super) struct Transactions {
    pacer: Pacer,
    time_limit: Duration,
    /// Where its offsets go.
    offsets_topic: String,
    /// Since when one is open.
    open: Option<Instant>,
}

impl Transactions {
    pub(super) fn new(settings: &ExactlyOnce, offsets_topic: String) -> Self {
        let pacer = Pacer::new(settings.boundary);
        Self { pacer, time_limit: settings.time_limit, offsets_topic, open: None }
    }

    /// Whether a mark of the guest's says anything.
    pub(super) fn follows_marks(&self) -> bool {
        self.pacer.boundary == Boundary::Connector
    }

    /// The next moment at which it has to be looked at.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.open.and_then(|_| self.pacer.due())
    }
}

/// What the task's loop asks of its transactions, and what there is instead where there are none.
impl Running {
    /// Whether errors of the producer may be tolerated. In a transaction they would take their neighbours with them.
    pub(super) fn tolerates_refusals(&self) -> bool {
        self.run.errors.policy.tolerant && self.transactions.is_none()
    }

    /// Before a record goes to a topic.
    pub(super) async fn admit(&mut self, topic: &str) -> Result<(), Failure> {
        let Some(transactions) = &self.transactions else { return Ok(()) };
        // The guest may ask for its offsets while the transaction is open, and they would be read behind it.
        if transactions.offsets_topic == topic {
            return Err(Failure::new(DataError::new(TO_OWN_TOPIC).stack_trace()));
        }
        self.begin().await
    }

    /// The producer has taken a record: whatever becomes of it becomes of its transaction, and so of its offset.
    pub(super) fn accepted(&mut self, number: u64) {
        if self.transactions.is_some() {
            self.tracker.acknowledge(number);
        }
    }

    /// All records of a poll are handed over.
    pub(super) async fn batch_ended(&mut self) -> Result<(), Failure> {
        let Some(transactions) = &mut self.transactions else { return Ok(()) };
        if transactions.pacer.ends_with_batch() {
            self.commit().await?;
        }
        // Not when it is committed within a batch, whose other records still refer to these names.
        self.tracker.tidy();
        Ok(())
    }

    /// Nothing comes for a while: a transaction that is due does not wait for the next batch.
    pub(super) async fn look_at_the_clock(&mut self) -> Result<(), Failure> {
        let now = Instant::now();
        let due = self.transactions.as_ref().and_then(Transactions::deadline).is_some_and(|due| due <= now);
        if due { self.batch_ended().await } else { Ok(()) }
    }

    /// Work pauses or ends in good order.
    pub(super) async fn come_to_rest(&mut self) -> Result<(), Failure> {
        let Some(transactions) = &self.transactions else {
            let drained = self.drain(self.run.flush_timeout).await;
            self.flush_now().await;
            return drained;
        };
        if transactions.pacer.ends_with_work() {
            self.commit().await?;
            self.tracker.tidy();
        }
        Ok(())
    }

    /// Whether only the plugin ends its transactions.
    pub(super) fn follows_marks(&self) -> bool {
        self.transactions.as_ref().is_some_and(Transactions::follows_marks)
    }

    /// Work goes on, or begins.
    pub(super) fn begin_anew(&mut self) {
        if let Some(transactions) = &mut self.transactions {
            transactions.pacer.restart();
        }
    }
}
