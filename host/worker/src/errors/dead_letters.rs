//! The dead letter queue (KIP-298): the record as it came from Kafka, with what went wrong in its headers.
//!
//! As in Kafka's worker a letter that cannot be written is logged and counted and stops nothing; unlike there,
//! letters on their way are waited for before offsets behind them are committed.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::{Ack, InRecord, OutRecord, ProducerLease, SendError};

use super::Problem;
use crate::counts::TaskCounts;
use crate::entities::{ConfigMap, TaskId};
use crate::secrets::Secrets;

/// In front of every context header.
const PREFIX: &str = "__connect.errors.";
/// Between looks at a full producer.
const ROOM: Duration = Duration::from_millis(100);
/// How long letters on their way are waited for before a commit goes on without them.
const FLUSH: Duration = Duration::from_secs(60);

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
    next: u64,
    acks: Vec<Ack>,
}

impl DeadLetters {
    /// The topic exists by now.
    pub fn new(settings: DeadLetterSettings, producer: ProducerLease, secrets: Arc<Secrets>) -> Self {
        Self { settings, producer, secrets, next: 0, acks: Vec::new() }
    }

    /// Hands a letter to the producer.
    pub(super) async fn send(&mut self, id: &TaskId, problem: &Problem, record: &InRecord, counts: &TaskCounts) {
        counts.dead_letters.one();
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
        let deadline = Instant::now() + FLUSH;
        loop {
            match self.producer.send(letter, self.next) {
                Ok(()) => {
                    self.next += 1;
                    break;
                }
                Err(SendError::QueueFull) if Instant::now() < deadline => {
                    self.producer.wait(ROOM).await;
                    self.collect(counts);
                }
                Err(SendError::UnknownTopic(_)) if Instant::now() < deadline => {
                    let _ = self.producer.refresh_topic(&topic).await;
                    tokio::time::sleep(ROOM).await;
                }
                Err(error) => {
                    self.lament(&error.to_string(), counts);
                    break;
                }
            }
        }
        self.producer.drive();
        self.collect(counts);
    }

    /// Waits until no letter is on its way.
    pub(super) async fn flush(&mut self, counts: &TaskCounts) {
        let deadline = Instant::now() + FLUSH;
        loop {
            self.producer.drive();
            self.collect(counts);
            let left = deadline.saturating_duration_since(Instant::now());
            if self.producer.in_flight() == 0 {
                return;
            }
            if left.is_zero() {
                self.lament("the broker did not acknowledge it in time", counts);
                return;
            }
            self.producer.wait(left.min(Duration::from_secs(1))).await;
        }
    }

    fn collect(&mut self, counts: &TaskCounts) {
        self.producer.take_acks(&mut self.acks);
        for ack in std::mem::take(&mut self.acks) {
            if let Err(error) = ack.result {
                self.lament(&error.to_string(), counts);
            }
        }
    }

    fn lament(&self, why: &str, counts: &TaskCounts) {
        counts.dead_letter_failures.one();
        tracing::error!("Could not produce message to dead letter queue. topic={}: {why}", self.settings.topic);
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
