//! The dead letter queue (KIP-298): the record as it came from Kafka, with what went wrong in its headers.
//!
//! As in Kafka's worker a letter that cannot be written is logged and counted and stops nothing, unless the sink
//! itself rejected the record: then the task fails. Unlike there, no offset is committed while a letter before it is
//! still on its way.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::{Ack, InRecord, OutRecord, ProducerLease, SendError};

use super::{Problem, Stage};
use crate::counts::TaskCounts;
use crate::entities::{ConfigMap, TaskId};
use crate::secrets::Secrets;

/// In front of every context header.
const PREFIX: &str = "__connect.errors.";
/// Between looks at a full producer.
const ROOM: Duration = Duration::from_millis(100);
/// How long letters on their way are waited for before a commit is put off.
const FLUSH: Duration = Duration::from_secs(10);
/// The same once the task is to stop: a part of what a graceful stop may take.
const STOP: Duration = Duration::from_secs(1);

/// The connector's `errors.deadletterqueue.` settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterSettings {
    /// `.topic.name`
    pub topic: String,
    /// `.topic.replication.factor`, for a topic that does not exist yet.
    pub replication_factor: i16,
    /// `.context.headers.enable`
    pub context_headers: bool,
}

impl DeadLetterSettings {
    /// From a connector's settings; none without a topic.
    pub fn of(settings: &ConfigMap) -> Option<Self> {
        let get = |key: &str| settings.get(&format!("errors.deadletterqueue.{key}")).map(|value| value.trim());
        let topic = get("topic.name").filter(|name| !name.is_empty())?.to_owned();
        Some(Self {
            topic,
            replication_factor: get("topic.replication.factor").and_then(|value| value.parse().ok()).unwrap_or(3),
            context_headers: get("context.headers.enable").is_some_and(|value| value.eq_ignore_ascii_case("true")),
        })
    }
}

/// A task's way into its dead letter queue.
pub struct DeadLetters {
    settings: DeadLetterSettings,
    producer: ProducerLease,
    /// What no header may tell.
    secrets: Arc<Secrets>,
    /// Set when the task is to stop.
    stopping: Arc<AtomicBool>,
    next: u64,
    acks: Vec<Ack>,
    /// Numbers of letters on their way that the sink itself rejected.
    rejected: HashSet<u64>,
    /// Why such a letter could not be written.
    lost: Option<String>,
}

impl DeadLetters {
    /// The topic exists by now.
    pub fn new(
        settings: DeadLetterSettings,
        producer: ProducerLease,
        secrets: Arc<Secrets>,
        stopping: Arc<AtomicBool>,
    ) -> Self {
        let (acks, rejected) = (Vec::new(), HashSet::new());
        Self { settings, producer, secrets, stopping, next: 0, acks, rejected, lost: None }
    }

    /// Hands a letter to the producer. False: there was no room for it until the task had to stop, and the record
    /// counts as not read.
    pub(super) async fn send(
        &mut self,
        id: &TaskId,
        problem: &Problem,
        record: &InRecord,
        counts: &TaskCounts,
    ) -> bool {
        let mut headers = record.headers.clone();
        if self.settings.context_headers {
            headers.extend(context(id, problem, record, &self.secrets));
        }
        let topic = self.settings.topic.clone();
        let letter = OutRecord {
            topic: &topic,
            partition: None,
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &headers,
            timestamp: record.timestamp,
        };
        let mut patience = Patience::new(&self.stopping, None);
        loop {
            match self.producer.send(letter, self.next) {
                Ok(()) => {
                    if problem.stage == Stage::TaskPut {
                        self.rejected.insert(self.next);
                    }
                    self.next += 1;
                    break;
                }
                Err(SendError::QueueFull) if patience.lasts() => {
                    self.producer.wait(ROOM).await;
                    self.collect(counts);
                }
                Err(SendError::UnknownTopic(_)) if patience.lasts() => {
                    let _ = self.producer.refresh_topic(&topic).await;
                    tokio::time::sleep(ROOM).await;
                }
                Err(SendError::QueueFull | SendError::UnknownTopic(_)) => return false,
                Err(error) => {
                    self.lament(&error.to_string(), 1, counts);
                    if problem.stage == Stage::TaskPut {
                        self.lost = Some(error.to_string());
                    }
                    break;
                }
            }
        }
        counts.dead_letters.one();
        self.producer.drive();
        self.collect(counts);
        true
    }

    /// Waits until no letter is on its way.
    pub(super) async fn flush(&mut self, counts: &TaskCounts) -> Flushed {
        let mut patience = Patience::new(&self.stopping, Some(FLUSH));
        loop {
            self.producer.drive();
            self.collect(counts);
            if let Some(why) = self.lost.take() {
                return Flushed::Lost(why);
            }
            if self.producer.in_flight() == 0 {
                return Flushed::All;
            }
            if !patience.lasts() {
                return Flushed::Late(self.producer.in_flight());
            }
            self.producer.wait(ROOM).await;
        }
    }

    fn collect(&mut self, counts: &TaskCounts) {
        self.producer.take_acks(&mut self.acks);
        for ack in std::mem::take(&mut self.acks) {
            let rejected = self.rejected.remove(&ack.seq);
            if let Err(error) = ack.result {
                self.lament(&error.to_string(), 1, counts);
                if rejected {
                    self.lost = Some(error.to_string());
                }
            }
        }
    }

    fn lament(&self, why: &str, letters: u64, counts: &TaskCounts) {
        counts.dead_letter_failures.many(letters);
        tracing::error!("Could not produce message to dead letter queue. topic={}: {why}", self.settings.topic);
    }
}

/// How a wait for letters ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flushed {
    /// Nothing is on its way.
    All,
    /// So many still are.
    Late(usize),
    /// A record that the sink rejected could not be written, for this reason: Kafka's worker fails the task then.
    Lost(String),
}

/// How long to wait: so long, or without end, but not long once the task is to stop.
struct Patience {
    stopping: Arc<AtomicBool>,
    until: Option<Instant>,
    stop_by: Option<Instant>,
}

impl Patience {
    fn new(stopping: &Arc<AtomicBool>, limit: Option<Duration>) -> Self {
        Self { stopping: Arc::clone(stopping), until: limit.map(|limit| Instant::now() + limit), stop_by: None }
    }

    fn lasts(&mut self) -> bool {
        let now = Instant::now();
        if self.stopping.load(Ordering::Relaxed) {
            let by = *self.stop_by.get_or_insert(now + STOP);
            return now < by;
        }
        self.until.is_none_or(|until| now < until)
    }
}

/// Kafka's context headers, in its order.
fn context(id: &TaskId, problem: &Problem, record: &InRecord, secrets: &Secrets) -> Vec<(String, Option<Vec<u8>>)> {
    let Problem { stage, class, error } = problem;
    [
        ("topic", record.topic.to_string()),
        ("partition", record.partition.to_string()),
        ("offset", record.offset.to_string()),
        ("connector.name", id.connector.clone()),
        ("task.id", id.task.to_string()),
        ("stage", stage.as_str().to_owned()),
        ("class.name", class.to_string()),
        ("exception.class.name", error.class().to_owned()),
        ("exception.message", secrets.scrub(error.own_message())),
        ("exception.stacktrace", secrets.scrub(&error.stack_trace())),
    ]
    .into_iter()
    .map(|(name, text)| (format!("{PREFIX}{name}"), Some(text.into_bytes())))
    .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn without_a_topic_there_is_no_queue() {
        assert_eq!(DeadLetterSettings::of(&ConfigMap::new()), None);
        let blank = [("errors.deadletterqueue.topic.name".to_owned(), "  ".to_owned())];
        assert_eq!(DeadLetterSettings::of(&blank.into_iter().collect()), None);
    }

    #[test]
    fn kafkas_defaults_hold() {
        let named = [("errors.deadletterqueue.topic.name".to_owned(), " dead ".to_owned())];
        let settings = DeadLetterSettings::of(&named.into_iter().collect()).unwrap();
        let expected = DeadLetterSettings { topic: "dead".into(), replication_factor: 3, context_headers: false };
        assert_eq!(settings, expected);
    }
}
