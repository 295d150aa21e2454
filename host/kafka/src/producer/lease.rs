//! A task's handle on its producer.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::close::close;
use super::pool::Pool;
use super::send::{OutRecord, SendError, Topics};
use super::shared::Shared;
use super::slot::Slot;
use super::{Ack, WINDOW_BYTES, WINDOW_RECORDS};
use crate::KafkaError;

/// Between looks for room in a full window.
const LOOK: Duration = Duration::from_millis(5);
/// How soon a task looks again whose neighbours have filled the producer.
const CROWDED: Duration = Duration::from_millis(10);

/// One task's share of a producer. Dropping it never blocks; what the task had in flight may still
/// be written (at most its window), unless it was the producer's last task and the broker stays
/// away for more than five seconds.
pub struct ProducerLease {
    /// Only empty while it is being dropped.
    producer: Option<Arc<Shared>>,
    number: u16,
    slot: Arc<Slot>,
    topics: Topics,
    pool: Option<Weak<Pool>>,
}

impl ProducerLease {
    pub(super) fn new(producer: Arc<Shared>, number: u16, slot: Arc<Slot>, pool: Option<Weak<Pool>>) -> Self {
        Self { producer: Some(producer), number, slot, topics: Topics::default(), pool }
    }

    /// Hands one record to librdkafka, which copies it. Never blocks.
    ///
    /// `seq` is the task's own number, below 2^48; it comes back in the [`Ack`]. After an error
    /// there is no acknowledgement.
    ///
    /// A timestamp of 0 means "now" to librdkafka: a record of exactly 1970-01-01T00:00:00.000Z
    /// cannot be expressed.
    ///
    /// # Errors
    /// [`SendError::QueueFull`] when the window or the producer is full: [`wait`](Self::wait) and
    /// send again.
    pub fn send(&self, record: OutRecord<'_>, seq: u64) -> Result<(), SendError> {
        let Some(producer) = &self.producer else {
            return Err(SendError::QueueFull);
        };
        let in_flight = self.slot.in_flight();
        if in_flight.records() >= WINDOW_RECORDS || in_flight.bytes() >= WINDOW_BYTES {
            return Err(SendError::QueueFull);
        }
        super::send::send(producer, &self.topics, &self.slot, self.number, &record, seq)
    }

    /// Serves delivery reports, this task's and its neighbours'. Cheap when there are none.
    pub fn drive(&self) {
        if let Some(producer) = &self.producer {
            producer.serve(0);
        }
    }

    /// Moves the acknowledgements that have come in to the end of `into`, in no promised order.
    /// An empty `into` is exchanged, not copied.
    pub fn take_acks(&self, into: &mut Vec<Ack>) {
        self.slot.take_acks(into);
    }

    /// Records sent and not acknowledged yet.
    pub fn in_flight(&self) -> usize {
        self.slot.in_flight().records()
    }

    /// Whether acknowledgements are there to take.
    pub(crate) fn has_acks(&self) -> bool {
        self.slot.has_acks()
    }

    pub(super) fn shared(&self) -> Option<&Arc<Shared>> {
        self.producer.as_ref()
    }

    /// Drops what its producer has queued and on its way, that of tasks which share it included: for when all work is
    /// lost. Each record is acknowledged as `_PURGE_QUEUE` (never sent) or `_PURGE_INFLIGHT` (may have been written),
    /// neither of them retriable. Never blocks.
    pub fn purge(&self) {
        if let Some(producer) = &self.producer {
            producer.purge();
        }
    }

    /// Why the producer is of no use any more, if so: the task should fail with this.
    pub fn broken(&self) -> Option<KafkaError> {
        self.producer.as_ref().and_then(|producer| producer.broken())
    }

    /// Waits until acknowledgements are there to take, serving reports meanwhile; `false` after
    /// the timeout. With nothing of its own in flight a task can only be waiting for neighbours to
    /// make room, and looks again soon. Cancel-safe. Nothing is polled while nothing happens.
    pub async fn wait(&self, timeout: Duration) -> bool {
        let Some(producer) = &self.producer else {
            return false;
        };
        let timeout = if self.in_flight() == 0 { timeout.min(CROWDED) } else { timeout };
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            // Registered before the look: what arrives in between wakes us.
            let mine = self.slot.acked.notified();
            let any = producer.client.arrived().notified();
            self.drive();
            if self.slot.has_acks() {
                return true;
            }
            tokio::select! {
                () = mine => {}
                () = any => {}
                () = tokio::time::sleep_until(deadline) => {
                    self.drive();
                    return self.slot.has_acks();
                }
            }
        }
    }

    /// Waits until a quarter of the window is free, or so long; after [`SendError::QueueFull`]. Looks now and then
    /// instead of at each acknowledgement: brokers acknowledge small batches thousands of times a second, and waking
    /// up for each costs more than what it lets through.
    pub async fn make_room(&self, timeout: Duration) {
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            tokio::time::sleep(LOOK).await;
            self.drive();
            let in_flight = self.slot.in_flight();
            let roomy = in_flight.records() <= WINDOW_RECORDS / 4 * 3 && in_flight.bytes() <= WINDOW_BYTES / 4 * 3;
            if roomy || tokio::time::Instant::now() >= deadline {
                return;
            }
        }
    }

    /// Asks the brokers about a topic, which makes a newly created one known to this producer:
    /// librdkafka would go on believing in its absence for up to five minutes. Answers the number
    /// of partitions, or nothing while the topic does not exist. The asking happens on a blocking
    /// thread; the future borrows nothing.
    pub fn refresh_topic(&self, topic: &str) -> impl Future<Output = Result<Option<usize>, KafkaError>> + Send + use<> {
        let producer = self.producer.clone();
        let topic = topic.to_owned();
        async move {
            let Some(producer) = producer else {
                return Ok(None);
            };
            tokio::task::spawn_blocking(move || super::send::ask_about(&producer, &topic))
                .await
                .unwrap_or(Err(KafkaError::ShuttingDown("asking about a topic")))
        }
    }
}

impl Drop for ProducerLease {
    fn drop(&mut self) {
        self.topics.clear();
        self.slot.release();
        let Some(producer) = self.producer.take() else {
            return;
        };
        match &self.pool {
            Some(pool) => match pool.upgrade() {
                Some(pool) => pool.give_back(producer),
                // The pool is gone: the last of its leases closes, and Arc knows which that is.
                None => {
                    if producer.remove_lease() {
                        close(producer);
                    }
                }
            },
            None => close(producer),
        }
    }
}
