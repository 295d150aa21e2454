//! What can go wrong with a log.

use std::sync::Arc;
use std::time::Duration;

use crate::{DeliveryError, KafkaError, RawError, SendError, TransactionError};

/// A failed call of a [`TopicLog`](super::TopicLog) or [`LogWriter`](super::LogWriter).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The topic did not come to exist.
    #[error(
        "Could not look up partition metadata for topic '{topic}' in the allotted period. This could indicate a connectivity issue, unavailable topic partitions, or if this is your first use of the topic it may have taken too long to create."
    )]
    Missing {
        /// The topic.
        topic: Arc<str>,
    },
    /// A client could not be created, or cannot go on.
    #[error("topic {topic}: {error}")]
    Client {
        /// The topic.
        topic: Arc<str>,
        /// What librdkafka said.
        error: KafkaError,
    },
    /// A broker refused a question about the topic, or none answered.
    #[error("topic {topic}: {error}")]
    Refused {
        /// The topic.
        topic: Arc<str>,
        /// What it said.
        error: RawError,
    },
    /// The end was not reached in time.
    #[error("the end of topic {topic} was not reached within {}ms: {reason}", .waited.as_millis())]
    TimedOut {
        /// The topic.
        topic: Arc<str>,
        /// How long it was tried.
        waited: Duration,
        /// What was missing, as far as it is known.
        reason: String,
    },
    /// A record was not written, or not acknowledged.
    #[error("cannot write to topic {topic}: {text}")]
    Write {
        /// The topic.
        topic: Arc<str>,
        /// Why.
        text: String,
        /// The same may succeed later.
        retriable: bool,
    },
    /// Another producer has taken over the writer's `transactional.id`.
    #[error("cannot write to topic {topic}: another producer has taken over: {text}")]
    Fenced {
        /// The topic.
        topic: Arc<str>,
        /// What librdkafka said.
        text: String,
    },
    /// The log has no writer.
    #[error("the log of topic {topic} is read only")]
    ReadOnly {
        /// The topic.
        topic: Arc<str>,
    },
    /// The log was stopped, by us.
    #[error("the log of topic {topic} was stopped")]
    Stopped {
        /// The topic.
        topic: Arc<str>,
    },
}

impl LogError {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::TimedOut { .. } => true,
            Self::Client { error, .. } => error.is_retriable(),
            Self::Refused { error, .. } => error.is_retriable(),
            Self::Write { retriable, .. } => *retriable,
            Self::Fenced { .. } | Self::ReadOnly { .. } | Self::Stopped { .. } => false,
        }
    }

    /// Whether somebody else writes in our place now: this writer will never write again.
    pub fn is_fenced(&self) -> bool {
        matches!(self, Self::Fenced { .. })
    }

    /// The writer is of no use any more: trying again is for a new one.
    pub(super) fn for_good(mut self) -> Self {
        if let Self::Write { retriable, .. } = &mut self {
            *retriable = false;
        }
        self
    }

    pub(super) fn of_delivery(topic: &Arc<str>, error: &DeliveryError) -> Self {
        Self::Write { topic: topic.clone(), text: error.to_string(), retriable: error.retriable }
    }

    pub(super) fn of_sending(topic: &Arc<str>, error: &SendError) -> Self {
        let retriable = match error {
            SendError::QueueFull | SendError::UnknownTopic(_) => true,
            SendError::TooLarge { .. } | SendError::Invalid(_) => false,
            SendError::Other(error) => error.is_retriable(),
        };
        Self::Write { topic: topic.clone(), text: error.to_string(), retriable }
    }

    pub(super) fn of_transaction(topic: &Arc<str>, error: &TransactionError) -> Self {
        if error.fenced {
            return Self::Fenced { topic: topic.clone(), text: error.to_string() };
        }
        // An aborted transaction may be tried again as a whole.
        Self::Write { topic: topic.clone(), text: error.to_string(), retriable: !error.fatal }
    }
}
