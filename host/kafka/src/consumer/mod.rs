//! The consumer of a sink task.
//!
//! librdkafka asks for a rebalance to be answered: "these partitions are yours now, say when you
//! have taken them", "these are no longer yours, say when you have let go". rdkafka answers inside
//! a callback, on whatever thread polls. A sink has to commit, call the guest's `close` or `open`
//! and read committed offsets first, all of which waits; so here the question is an [`Event`], and
//! the task answers with [`SinkConsumer::assign`] or [`SinkConsumer::unassign`] when it is ready.
//! Until then librdkafka delivers nothing of those partitions. The answer must come within
//! `max.poll.interval.ms`.
//!
//! Offsets are explicit throughout: what to start from, what to commit. librdkafka's stored offsets
//! are never used, and its `position` is unknown until the first record.

mod answer;
mod close;
mod inner;
mod offsets;
mod queue;
mod reader;
mod record;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

pub use inner::{EARLIEST, LATEST};
pub(crate) use reader::Waker;
pub use reader::{Reading, TopicReader};
pub use record::{InRecord, TimestampType};

use crate::native::event::EventKind;
use crate::native::{NativeEvent, code};
use crate::settings::ClientSettings;
use crate::{KafkaError, TopicPartition};
use inner::{Inner, blocking};
use queue::{Reader, Trouble};

const CONSUMING: &str = "consuming";

/// What [`SinkConsumer::next`] brings.
#[derive(Debug)]
pub enum Event {
    /// Records, in order within each partition; never empty.
    Records(Vec<InRecord>),
    /// These partitions were given to this member. Answer with [`SinkConsumer::assign`], also when
    /// the list is empty.
    Assigned(Vec<TopicPartition>),
    /// These partitions are taken away. Answer with [`SinkConsumer::unassign`].
    Revoked {
        /// The partitions.
        partitions: Vec<TopicPartition>,
        /// The group has already given them away: commits for them will fail.
        lost: bool,
    },
    /// Nothing came within the timeout.
    Idle,
    /// Something to log and go on.
    Warning(String),
    /// The consumer cannot go on: refused credentials, a fatal error, a corrupt record.
    Failed(KafkaError),
}

/// A sink task's consumer. Dropping it without [`close`](Self::close) closes it in the background.
pub struct SinkConsumer {
    /// Only empty while it is being closed.
    inner: Option<Arc<Inner>>,
    reader: Reader,
    /// Group events that came behind records.
    waiting: VecDeque<Event>,
    warned: HashSet<String>,
}

impl SinkConsumer {
    /// Creates the consumer and subscribes it. Joining the group goes on in the background; its
    /// first event is [`Event::Assigned`]. A missing topic is no error: a warning comes, once.
    ///
    /// # Errors
    /// When librdkafka refuses the settings or the topics' names.
    pub async fn subscribe(settings: &ClientSettings, topics: &[String]) -> Result<Self, KafkaError> {
        let settings = settings.clone();
        let topics = topics.to_vec();
        let inner = blocking("subscribing", move || Inner::subscribe(&settings, &topics)).await?;
        Ok(Self {
            inner: Some(Arc::new(inner)),
            reader: Reader::default(),
            waiting: VecDeque::new(),
            warned: HashSet::new(),
        })
    }

    /// Changes the subscription, for patterns whose topics come and go.
    ///
    /// # Errors
    /// When librdkafka refuses the topics' names.
    pub async fn resubscribe(&self, topics: &[String]) -> Result<(), KafkaError> {
        let topics = topics.to_vec();
        self.blocking("subscribing", move |inner| inner.set_subscription(&topics)).await
    }

    /// Up to `max` records, or one group event, or [`Event::Idle`] after the timeout. Records that
    /// are there come at once, however few. Cancel-safe: nothing is taken off the queue without
    /// being returned.
    ///
    /// Must be called at least every `max.poll.interval.ms`, or the group expels this member.
    pub async fn next(&mut self, max: usize, timeout: Duration) -> Event {
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            if let Some(event) = self.take(max) {
                return event;
            }
            let Some(inner) = &self.inner else {
                return Event::Idle;
            };
            let arrived = inner.client.arrived().notified();
            if tokio::time::timeout_at(deadline, arrived).await.is_err() {
                return self.take(max).unwrap_or(Event::Idle);
            }
        }
    }

    /// What is on the queue now. Never waits.
    fn take(&mut self, max: usize) -> Option<Event> {
        if let Some(event) = self.waiting.pop_front() {
            return Some(event);
        }
        let inner = self.inner.as_ref()?;
        let mut records = Vec::new();
        while records.len() < max {
            let event = if let Some(event) = inner.client.poll(0) {
                // What a partition fetched while it was not led to the other queue; older, so first.
                if event.kind() == EventKind::Fetch {
                    record::read(&event, &mut self.reader.topics, &mut records);
                    continue;
                }
                group_event(inner, &event, &mut self.warned)
            } else if let Some(trouble) = inner.records.read(&mut self.reader, max, &mut records) {
                error_event(trouble, &mut self.warned)
            } else {
                break;
            };
            let Some(event) = event else {
                continue;
            };
            if records.is_empty() {
                return Some(event);
            }
            self.waiting.push_back(event);
            break;
        }
        (!records.is_empty()).then_some(Event::Records(records))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        action: &'static str,
        call: impl FnOnce(&Inner) -> Result<T, KafkaError> + Send + 'static,
    ) -> Result<T, KafkaError> {
        let Some(inner) = self.inner.clone() else {
            return Err(KafkaError::ShuttingDown(action));
        };
        blocking(action, move || call(&inner)).await
    }
}

/// An event that is not a record, as the task should see it, if it should.
fn group_event(inner: &Inner, event: &NativeEvent, warned: &mut HashSet<String>) -> Option<Event> {
    match event.kind() {
        EventKind::Rebalance => {
            let partitions = event.partitions().map(|list| list.partitions()).unwrap_or_default();
            match event.error_code() {
                code::ASSIGN_PARTITIONS => {
                    inner.was_asked_to_take(event.partitions());
                    Some(Event::Assigned(partitions))
                }
                code::REVOKE_PARTITIONS => Some(Event::Revoked { partitions, lost: inner.assignment_lost() }),
                _ => Some(Event::Warning(event.error("rebalancing").to_string())),
            }
        }
        EventKind::Error => error_event(Trouble::of(event), warned),
        EventKind::Fetch | EventKind::Deliveries | EventKind::OffsetCommit | EventKind::Other => None,
    }
}

fn error_event(trouble: Trouble, warned: &mut HashSet<String>) -> Option<Event> {
    let Trouble { error, code, fatal } = trouble;
    if code == code::PARTITION_EOF {
        return None;
    }
    if fatal
        || error.is_authorization()
        || code::is_useless(code)
        || [code::AUTO_OFFSET_RESET, code::BAD_MSG, code::BAD_COMPRESSION].contains(&code)
    {
        return Some(Event::Failed(error));
    }
    match code {
        code::MAX_POLL_EXCEEDED => Some(Event::Warning(format!(
            "{error}: the group has expelled this task; raise max.poll.interval.ms or lower max.poll.records"
        ))),
        // Comes again at each metadata refresh.
        code::UNKNOWN_TOPIC_OR_PART | code::UNKNOWN_TOPIC | code::UNKNOWN_PARTITION => {
            let text = error.to_string();
            warned.insert(text.clone()).then_some(Event::Warning(text))
        }
        code if code::is_retriable(code) => {
            tracing::debug!(%error, "the consumer goes on");
            None
        }
        _ => Some(Event::Warning(error.to_string())),
    }
}
