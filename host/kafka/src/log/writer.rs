//! The writing half of a log, which may also stand alone.
//!
//! A task owns the producer's lease and is asked through a channel: records keep the order in which they were given,
//! and a caller that goes away leaves nothing half done.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::error::LogError;
use super::transactions;
use super::write::{KeyValue, Pending, Request};
use crate::settings::ClientSettings;
use crate::{KafkaError, OutRecord, ProducerLease, ProducerPool, SendError};

/// What a writer that was told to stop gives the records on their way.
pub(super) const LAST: Duration = Duration::from_secs(5);

/// How long to wait for acknowledgements at a time; they wake by themselves.
pub(super) const WAIT: Duration = Duration::from_secs(60);

/// How long a record may wait for room in the producer: Java's `max.block.ms`.
const ROOM: Duration = Duration::from_secs(60);

/// Writes to one topic. Clones are the same writer; with the last one it stops, and what was given to it gets five
/// seconds more.
#[derive(Clone)]
pub struct LogWriter {
    topic: Arc<str>,
    requests: mpsc::UnboundedSender<Request>,
}

impl LogWriter {
    /// Starts a writer, from [`producer_settings`](crate::producer_settings); `acks=all` and one request in flight are
    /// imposed. With a `transactional.id` in them, whoever used that id before is fenced off when this returns, and
    /// each [`send_all`](Self::send_all) is a transaction. Has to be called on a tokio runtime.
    ///
    /// # Errors
    /// When librdkafka refuses the settings, or the transactions' coordinator does not answer within a minute.
    pub async fn start(topic: &str, settings: ClientSettings) -> Result<Self, LogError> {
        let topic: Arc<str> = topic.into();
        let settings = settings.with("acks", "all").with("max.in.flight.requests.per.connection", "1");
        let transactional = settings.get("transactional.id").is_some();
        let lease = lease(settings).await.map_err(|error| LogError::Client { topic: topic.clone(), error })?;
        if transactional {
            transactions::claim(&topic, &lease).await?;
        }
        let (requests, asked) = mpsc::unbounded_channel();
        if transactional {
            tokio::spawn(transactions::Transactions::new(topic.clone(), lease).run(asked));
        } else {
            tokio::spawn(Plain { topic: topic.clone(), lease, pending: Pending::default() }.run(asked));
        }
        Ok(Self { topic, requests })
    }

    /// See [`TopicLog::send_all`](super::TopicLog::send_all).
    ///
    /// # Errors
    /// That of the first record that failed.
    pub async fn send_all(&self, records: Vec<KeyValue>) -> Result<(), LogError> {
        let (reply, outcome) = oneshot::channel();
        let stopped = || LogError::Stopped { topic: self.topic.clone() };
        self.requests.send(Request::Send { records, reply }).map_err(|_| stopped())?;
        outcome.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// One record. See [`send_all`](Self::send_all).
    ///
    /// # Errors
    /// When it was not written or not acknowledged.
    pub async fn send(&self, key: Option<&[u8]>, value: Option<&[u8]>) -> Result<(), LogError> {
        self.send_all(vec![(key.map(<[u8]>::to_vec), value.map(<[u8]>::to_vec))]).await
    }

    /// Returns when what was given to it before is acknowledged or has failed.
    pub async fn settle(&self) {
        let (tell, settled) = oneshot::channel();
        if self.requests.send(Request::Settle(tell)).is_ok() {
            let _ = settled.await;
        }
    }

    /// Drops what is on its way; see [`TopicLog::purge`](super::TopicLog::purge).
    pub fn purge(&self) {
        let _ = self.requests.send(Request::Purge);
    }

    /// Ends it, of all clones. What was given to it gets five seconds more.
    pub async fn stop(&self) {
        let (tell, stopped) = oneshot::channel();
        if self.requests.send(Request::Stop(tell)).is_ok() {
            let _ = tokio::time::timeout(2 * LAST, stopped).await;
        }
    }
}

/// A producer of its own, made on a blocking thread.
async fn lease(settings: ClientSettings) -> Result<ProducerLease, KafkaError> {
    let made = tokio::task::spawn_blocking(move || ProducerPool::new(1).lease(&settings)).await;
    made.unwrap_or(Err(KafkaError::ShuttingDown("starting a producer")))
}

/// Hands one record over, waiting for room and once for the topic to be known.
pub(super) async fn hand_over(
    topic: &Arc<str>,
    lease: &ProducerLease,
    record: &KeyValue,
    seq: u64,
) -> Result<(), LogError> {
    let out = OutRecord {
        topic,
        partition: None,
        key: record.0.as_deref(),
        value: record.1.as_deref(),
        headers: &[],
        timestamp: None,
    };
    let (mut asked, deadline) = (false, Instant::now() + ROOM);
    loop {
        match lease.send(out, seq) {
            Ok(()) => return Ok(()),
            Err(SendError::QueueFull) if Instant::now() < deadline => lease.make_room(Duration::from_secs(1)).await,
            Err(SendError::UnknownTopic(_)) if !asked => {
                asked = true;
                let _ = lease.refresh_topic(topic).await;
            }
            Err(error) => return Err(LogError::of_sending(topic, &error)),
        }
    }
}

/// A writer without transactions.
struct Plain {
    topic: Arc<str>,
    lease: ProducerLease,
    pending: Pending,
}

impl Plain {
    async fn run(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        let told = loop {
            let request = if self.pending.is_empty() {
                requests.recv().await
            } else {
                tokio::select! {
                    request = requests.recv() => request,
                    _ = self.lease.wait(WAIT) => {
                        self.take();
                        continue;
                    }
                }
            };
            match request {
                Some(Request::Send { reply, .. }) if reply.is_closed() => {}
                Some(Request::Send { records, reply }) => self.send(records, reply).await,
                Some(Request::Settle(tell)) => self.pending.when_settled(tell),
                Some(Request::Purge) => self.lease.purge(),
                Some(Request::Stop(tell)) => break Some(tell),
                None => break None,
            }
        };
        requests.close();
        let deadline = Instant::now() + LAST;
        while !self.pending.is_empty() && Instant::now() < deadline {
            self.lease.wait(deadline.saturating_duration_since(Instant::now())).await;
            self.take();
        }
        if !self.pending.is_empty() {
            self.lease.purge();
        }
        drop(told);
    }

    async fn send(&mut self, records: Vec<KeyValue>, reply: oneshot::Sender<super::write::Outcome>) {
        let first = self.pending.open(records.len(), reply);
        for (at, record) in records.iter().enumerate() {
            if let Err(error) = hand_over(&self.topic, &self.lease, record, first + at as u64).await {
                self.pending.not_sent(first, records.len() - at, error);
                return;
            }
        }
    }

    fn take(&mut self) {
        let mut acks = Vec::new();
        self.lease.take_acks(&mut acks);
        self.pending.acknowledge(&self.topic, &mut acks);
    }
}
