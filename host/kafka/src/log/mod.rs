//! A topic as a log: read from its beginning for as long as the worker lives, and written to.
//!
//! The worker's state lives in such topics. Who asks "what is the state now?" must have applied everything that had
//! been written when he asked, and that is harder than it looks:
//! - The end is each partition's **high watermark**, asked over the raw protocol. librdkafka would tell the last
//!   stable offset to a reader of committed records only: another producer's open transaction would hide records that
//!   we wrote ourselves before. So a read to the end waits for open transactions, as in Kafka Connect.
//! - Records alone never reach it. A commit mark, aborted records and what compaction removed leave offsets without a
//!   record; only the end-of-partition event tells that they were passed.
//!
//! One thread per log reads and applies, in order; nothing else is kept of a record.

mod ends;
mod error;
mod place;
mod reading;
mod transactions;
mod write;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub use error::LogError;
pub use write::KeyValue;
pub use writer::LogWriter;

use crate::settings::ClientSettings;
use crate::{Admin, InRecord, RawError, TopicPartition};
use ends::Shared;
use reading::Reading;

/// How long a topic may take to appear that was just created.
const APPEARANCE: Duration = Duration::from_secs(30);

/// Between two attempts to ask the brokers.
const PAUSE: Duration = Duration::from_millis(100);

/// What a log is made from.
pub struct LogSettings {
    /// The topic. It must exist, or come to exist within half a minute.
    pub topic: String,
    /// The reader's settings, from [`reader_settings`](crate::reader_settings). `isolation.level` decides what is
    /// seen, never where the end is. The beginning is where it starts whatever they say.
    pub reader: ClientSettings,
    /// The writer's settings, from [`producer_settings`](crate::producer_settings). `acks=all` and one request in
    /// flight are imposed. With a `transactional.id` each [`send`](TopicLog::send) is a transaction.
    pub writer: Option<ClientSettings>,
    /// Who is asked where the topic ends.
    pub admin: Arc<Admin>,
}

/// A topic that is read and written. Clones are the same log; with the last one it stops.
#[derive(Clone)]
pub struct TopicLog {
    inner: Arc<Inner>,
}

struct Inner {
    topic: Arc<str>,
    partitions: Vec<TopicPartition>,
    admin: Arc<Admin>,
    /// Where it ends, for all who want to know at the same time.
    asked: Shared<Result<Vec<i64>, RawError>>,
    reading: Reading,
    writer: Option<LogWriter>,
}

impl TopicLog {
    /// Reads the topic from its beginning and goes on reading. Returns when everything has been applied that was
    /// there at start, however long that takes; dropping the future stops it.
    ///
    /// `apply` gets every record in order of its partition, on the log's own thread: it should be quick. A panic in it
    /// is logged and costs that record only.
    ///
    /// The number of partitions is that of the start: partitions added later are not read, as in Kafka Connect.
    ///
    /// # Errors
    /// When the topic does not come to exist, a client is refused its settings, or permissions are missing.
    pub async fn start(settings: LogSettings, apply: impl FnMut(InRecord) + Send + 'static) -> Result<Self, LogError> {
        let LogSettings { topic, reader, writer, admin } = settings;
        let topic: Arc<str> = topic.into();
        let partitions = partitions(&admin, &topic).await?;
        let writer = match writer {
            Some(settings) => Some(LogWriter::start(&topic, settings).await?),
            None => None,
        };
        let reading = Reading::start(&topic, partitions.len(), reader, apply)?;
        let log =
            Self { inner: Arc::new(Inner { topic, partitions, admin, asked: Shared::default(), reading, writer }) };
        let ends = log.ends(None).await?;
        log.inner.reading.reach_first(&ends).await?;
        Ok(log)
    }

    /// Returns when everything has been applied that is in the topic now: what others have written, and what this log
    /// was given to write before. A broker that does not answer is asked again until the time is over.
    ///
    /// # Errors
    /// [`LogError::TimedOut`], which is retriable; or what a broker refused for good.
    pub async fn read_to_end(&self, timeout: Duration) -> Result<(), LogError> {
        let deadline = Instant::now() + timeout;
        if let Some(writer) = &self.inner.writer {
            let settled = tokio::time::timeout_at(deadline, writer.settle()).await;
            settled.map_err(|_| self.late(timeout, "what was written before is not acknowledged"))?;
        }
        let ends = self.ends(Some((deadline, timeout))).await?;
        let reached = tokio::time::timeout_at(deadline, self.inner.reading.reach(&ends)).await;
        reached.unwrap_or_else(|_| Err(self.late(timeout, &self.inner.reading.behind(&ends))))
    }

    /// Writes one record and returns when it is acknowledged. Dropped before it was handed to the producer, it is not
    /// written; after that it may be. How long a broker may stay away is a matter of the writer's
    /// `delivery.timeout.ms`.
    ///
    /// # Errors
    /// See [`LogError::is_retriable`] and [`LogError::is_fenced`].
    pub async fn send(&self, key: Option<&[u8]>, value: Option<&[u8]>) -> Result<(), LogError> {
        self.send_all(vec![(key.map(<[u8]>::to_vec), value.map(<[u8]>::to_vec))]).await
    }

    /// Writes records in this order and returns when all are acknowledged. Without transactions some of them may
    /// have been written although it failed; with them it is all or none.
    ///
    /// # Errors
    /// That of the first record that failed.
    pub async fn send_all(&self, records: Vec<KeyValue>) -> Result<(), LogError> {
        self.writer()?.send_all(records).await
    }

    /// Drops what was given to write and is not acknowledged; its senders get an error that is not
    /// retriable: somebody wanted it dropped. What a broker has already may be written all the same.
    pub fn purge(&self) {
        if let Some(writer) = &self.inner.writer {
            writer.purge();
        }
    }

    /// The topic's name.
    pub fn topic(&self) -> &str {
        &self.inner.topic
    }

    /// How many partitions the topic had at start.
    pub fn partitions(&self) -> usize {
        self.inner.partitions.len()
    }

    /// Stops reading and writing, of all clones. What was given to write gets five seconds more. Returns when nothing
    /// will be applied any more, unless `apply` itself hangs.
    pub async fn stop(&self) {
        if let Some(writer) = &self.inner.writer {
            writer.stop().await;
        }
        self.inner.reading.stop().await;
    }

    fn writer(&self) -> Result<&LogWriter, LogError> {
        self.inner.writer.as_ref().ok_or_else(|| LogError::ReadOnly { topic: self.inner.topic.clone() })
    }

    /// Where each partition ends now, in their order.
    async fn ends(&self, limit: Option<(Instant, Duration)>) -> Result<Vec<i64>, LogError> {
        let mut reason = "no broker answered".to_owned();
        loop {
            let asked = self.inner.asked.ask(|| self.ask());
            let answer = match limit {
                None => asked.await,
                Some((deadline, timeout)) => match tokio::time::timeout_at(deadline, asked).await {
                    Ok(answer) => answer,
                    Err(_) => return Err(self.late(timeout, &reason)),
                },
            };
            match answer {
                Ok(ends) => return Ok(ends),
                Err(error) if error.is_retriable() => {
                    tracing::warn!(topic = %self.inner.topic, %error, "asking where the topic ends; asking again");
                    reason = error.to_string();
                }
                Err(error) => return Err(LogError::Refused { topic: self.inner.topic.clone(), error }),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn ask(&self) -> Result<Vec<i64>, RawError> {
        let ends = self.inner.admin.end_offsets(&self.inner.partitions).await?;
        Ok(ends.into_iter().map(|(_, end)| end).collect())
    }

    fn late(&self, waited: Duration, reason: &str) -> LogError {
        LogError::TimedOut { topic: self.inner.topic.clone(), waited, reason: reason.to_owned() }
    }
}

/// The topic's partitions, as soon as it has some.
async fn partitions(admin: &Admin, topic: &Arc<str>) -> Result<Vec<TopicPartition>, LogError> {
    let deadline = Instant::now() + APPEARANCE;
    loop {
        let found = match admin.topic_partitions(topic).await {
            Ok(found) => found.unwrap_or(0),
            Err(error) if error.is_retriable() && Instant::now() < deadline => 0,
            Err(error) => return Err(LogError::Refused { topic: topic.clone(), error }),
        };
        if let (1.., Ok(count)) = (found, i32::try_from(found)) {
            return Ok((0..count).map(|partition| TopicPartition::new(&**topic, partition)).collect());
        }
        if Instant::now() >= deadline {
            return Err(LogError::Missing { topic: topic.clone() });
        }
        tokio::time::sleep(PAUSE).await;
    }
}
