//! The way out of a source task: each record is handed to the producer, whose answer comes back later.

use std::sync::Arc;

use watertight_data::DataError;
use watertight_kafka::{OutRecord, SendError};

use super::super::{Order, TaskContext};
use super::acks::REFUSED;
use super::pipeline::Place;
use super::{RETRY, Running, check};
use crate::converters::Outgoing;
use crate::errors::{About, Problem, Stage};
use crate::failure::Failure;

/// Who writes to Kafka, as Kafka's worker names it to reporters.
pub(super) const WRITER: &str = "org.apache.kafka.connect.runtime.WorkerSourceTask";
const TOO_LARGE: &str = "org.apache.kafka.common.errors.RecordTooLargeException";
/// What Java's exception chain says in front.
pub(super) const UNSENT: &str = "Unrecoverable exception trying to send";

impl Running {
    /// Hands over one record. False: told to stop before it could be.
    pub(super) async fn produce(
        &mut self,
        record: &Outgoing,
        Place { shape, checkpoint }: Place,
        context: &mut TaskContext,
    ) -> Result<bool, Failure> {
        let Outgoing { topic, partition, timestamp, key, value, headers } = record;
        if let Some(partition) = partition.filter(|partition| *partition < 0) {
            return Err(Failure::new(format!(
                "Invalid partition: {partition}. Partition number should always be non-negative or null."
            )));
        }
        let number = self.tracker.next_number();
        if let Some(timestamp) = timestamp.filter(|timestamp| *timestamp < -1) {
            let class = "org.apache.kafka.common.InvalidRecordException";
            return Err(Failure::new(format!("{class}: Invalid record timestamp {timestamp}")));
        }
        let known = self.last_topic.as_ref().is_some_and(|last| Arc::ptr_eq(last, topic));
        if !known {
            match self.ready(topic, number, context).await? {
                Ready::Yes => {}
                Ready::Stopped => return Ok(false),
                Ready::Never(error) => {
                    self.tracker.push(shape, checkpoint);
                    self.give_up(number, error).await?;
                    return Ok(true);
                }
            }
        }
        let out = OutRecord {
            topic,
            partition: *partition,
            key: key.as_deref(),
            value: value.as_deref(),
            headers,
            timestamp: timestamp.filter(|timestamp| *timestamp >= 0),
        };
        self.admit(topic).await?;
        if self.wants_acknowledgements {
            self.sent.insert(number, Arc::clone(topic));
        }
        self.tracker.push(shape, checkpoint);
        loop {
            match self.run.producer.send(out, number) {
                Ok(()) => {
                    self.accepted(number);
                    return Ok(true);
                }
                Err(SendError::QueueFull) => {
                    self.run.producer.make_room(RETRY).await;
                    self.take_acks().await?;
                    if context.order() == Order::Stop && self.run.producer.in_flight() == 0 {
                        return Ok(false);
                    }
                }
                Err(SendError::UnknownTopic(name)) => {
                    let asked = self.run.producer.refresh_topic(topic).await;
                    tracing::warn!("{name} does not exist yet: {asked:?}");
                    if context.order() == Order::Stop {
                        return Ok(false);
                    }
                    context.rest(RETRY * 10).await;
                }
                Err(error @ SendError::TooLarge { .. }) => {
                    self.refuse(number, DataError::new(error.to_string()).with_class(TOO_LARGE)).await?;
                    return Ok(true);
                }
                Err(error) => return Err(Failure::caused(UNSENT, error)),
            }
        }
    }

    /// A record that Kafka would not take: what Java's producer tells its callback.
    async fn refuse(&mut self, number: u64, error: DataError) -> Result<(), Failure> {
        if self.tolerates_refusals() {
            return self.give_up(number, error).await;
        }
        if self.transactions.is_some() {
            return Err(self.unwritten("", error.stack_trace()));
        }
        Err(Failure::caused(REFUSED, error.stack_trace()))
    }

    /// A record that Kafka did not take, where that is tolerated.
    pub(super) async fn give_up(&mut self, number: u64, error: DataError) -> Result<(), Failure> {
        let problem = Problem::new(Stage::KafkaProduce, &WRITER.into(), error);
        self.run.errors.settle(&problem, About::Unknown).await?;
        self.sent.remove(&number);
        if let Some(at) = self.unproven.iter().position(|(first, _)| *first == number) {
            let (_, topic) = self.unproven.swap_remove(at);
            self.ready_topics.remove(&topic);
            self.last_topic = None;
        }
        self.tracker.acknowledge(number);
        self.dropped.push(number);
        Ok(())
    }

    /// A topic is looked up before the first record goes there: Java's producer waits for a missing topic for
    /// ever, librdkafka would give its records up.
    async fn ready(&mut self, topic: &Arc<str>, number: u64, context: &mut TaskContext) -> Result<Ready, Failure> {
        let resets = self.run.topics.resets();
        if self.resets != resets {
            self.ready_topics.clear();
            self.resets = resets;
        }
        if !self.ready_topics.contains(topic) {
            if let Err(error) = check::topic(topic) {
                if self.tolerates_refusals() {
                    return Ok(Ready::Never(error));
                }
                return Err(Failure::caused(REFUSED, error.stack_trace()));
            }
            if let Some(creation) = &self.run.creation {
                creation.ensure(&self.run.admin, topic).await?;
            }
            if !self.await_topic(topic, context).await? {
                return Ok(Ready::Stopped);
            }
            self.ready_topics.insert(Arc::clone(topic));
            self.unproven.push((number, Arc::clone(topic)));
        }
        self.last_topic = Some(Arc::clone(topic));
        Ok(Ready::Yes)
    }

    async fn await_topic(&mut self, topic: &str, context: &mut TaskContext) -> Result<bool, Failure> {
        let mut said = false;
        loop {
            match self.run.producer.refresh_topic(topic).await {
                Ok(Some(_)) => return Ok(true),
                Ok(None) if !said => {
                    tracing::warn!("topic {topic} does not exist and the broker does not create it; waiting for it");
                    said = true;
                }
                Ok(None) => {}
                Err(error) if error.is_authorization() => return Err(Failure::caused(UNSENT, error)),
                Err(error) => tracing::warn!("topic {topic} could not be looked up: {error}"),
            }
            if context.order() == Order::Stop {
                return Ok(false);
            }
            context.rest(RETRY * 5).await;
            if context.order() == Order::Stop {
                return Ok(false);
            }
        }
    }
}

/// Whether records can go to a topic.
enum Ready {
    Yes,
    /// The task was told to stop before that was known.
    Stopped,
    /// They never can, and that is tolerated.
    Never(DataError),
}
