//! Connect's `Transformation` and `Predicate`.

use std::ops::{Deref, DerefMut};

use crate::{Class, Config, Failure, KeyReport, Message, Result};

pub use crate::bindings::transform::exports::watertight::transform::transformation::{
    MessageBatch, Outcome, Transformed,
};

/// Reshapes records. One instance is one entry of `transforms` in one task.
pub trait Transformation: Default + 'static {
    /// Name, configuration and whatever else a worker lists.
    const CLASS: Class;

    /// What the worker cannot check by itself. Only keys with something to say. Without `configure`.
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        let _ = config;
        Ok(Vec::new())
    }

    /// Called once, before the first record, with the settings under the transform's prefix.
    fn configure(&mut self, config: &Config) -> Result<()>;

    /// One record, changed in place. Answer [`Verdict::Unchanged`] wherever that is true: the worker still has the
    /// record, so it costs nothing. A failure is this record's only; `errors.tolerance` decides.
    fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict>;

    /// A batch; calls [`apply`](Self::apply) for each record as it stands. A failure is that of all its records.
    fn apply_batch(&mut self, batch: MessageBatch) -> Result<Transformed> {
        let MessageBatch { topics, messages, offsets } = batch;
        let given = topics.len();
        let mut topics = Topics(topics);
        let mut outcomes = Vec::with_capacity(messages.len());
        for (index, message) in messages.into_iter().enumerate() {
            let mut record = Record { message, offset: offsets.get(index).copied(), topics: &mut topics };
            outcomes.push(match self.apply(&mut record) {
                Ok(Verdict::Unchanged) => Outcome::Unchanged,
                Ok(Verdict::Changed) => Outcome::Changed(record.message),
                Ok(Verdict::Dropped) => Outcome::Dropped,
                Err(failure) => Outcome::Failed(failure),
            });
        }
        Ok(Transformed { new_topics: topics.0.split_off(given), outcomes })
    }

    /// The end.
    fn close(&mut self) {}
}

/// What a transform did to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Unchanged,
    /// The record is now what is to go on.
    Changed,
    /// It does not go on.
    Dropped,
}

/// Decides whether a transform applies. One instance is one entry of `predicates` in one task.
pub trait Predicate: Default + 'static {
    /// Name, configuration and whatever else a worker lists.
    const CLASS: Class;

    /// What the worker cannot check by itself. Only keys with something to say. Without `configure`.
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        let _ = config;
        Ok(Vec::new())
    }

    /// Called once, before the first record, with the settings under the predicate's prefix.
    fn configure(&mut self, config: &Config) -> Result<()>;

    /// Whether it holds for this record.
    fn test(&mut self, record: &Record<'_>) -> Result<bool>;

    /// A batch; calls [`test`](Self::test) for each record as it stands.
    fn test_batch(&mut self, batch: MessageBatch) -> Result<Vec<Result<bool, Failure>>> {
        let MessageBatch { topics, messages, offsets } = batch;
        let mut topics = Topics(topics);
        let tested = messages.into_iter().enumerate().map(|(index, message)| {
            self.test(&Record { message, offset: offsets.get(index).copied(), topics: &mut topics })
        });
        Ok(tested.collect())
    }

    /// The end.
    fn close(&mut self) {}
}

/// A record in a transform's hands: a [`Message`] that knows its topic's name.
#[derive(Debug)]
pub struct Record<'a> {
    /// Key, value, headers and the rest.
    pub message: Message,
    /// In a sink its offset in Kafka, in a source nothing.
    pub offset: Option<i64>,
    pub(crate) topics: &'a mut Topics,
}

/// The topics of a batch; those at the end were added.
#[derive(Debug, Default)]
pub(crate) struct Topics(pub(crate) Vec<String>);

impl Record<'_> {
    /// Its topic.
    pub fn topic(&self) -> &str {
        let index = usize::try_from(self.message.topic).unwrap_or(usize::MAX);
        self.topics.0.get(index).map_or("", String::as_str)
    }

    /// Sends it to another topic.
    pub fn set_topic(&mut self, name: &str) {
        let known = self.topics.0.iter().position(|topic| topic == name);
        let index = known.unwrap_or_else(|| {
            self.topics.0.push(name.to_owned());
            self.topics.0.len() - 1
        });
        self.message.topic = u32::try_from(index).unwrap_or(u32::MAX);
    }
}

impl Deref for Record<'_> {
    type Target = Message;
    fn deref(&self) -> &Message {
        &self.message
    }
}

impl DerefMut for Record<'_> {
    fn deref_mut(&mut self) -> &mut Message {
        &mut self.message
    }
}
