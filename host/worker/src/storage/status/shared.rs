//! What all clones of a log share: what is known, what is reported, and the rules of who may say what.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use watertight_kafka::InRecord;

use super::cache::Cache;
use super::queue::{Attempt, Queue, Write};
use super::record::{Key, Status, check_topic, topic_bytes};
use crate::entities::{State, TaskId};
use crate::secrets::Vault;
use crate::topics_in_use::TopicsInUse;

/// The state of a log.
pub(super) struct Shared {
    pub(super) worker_id: Arc<str>,
    pub(super) vault: Vault,
    pub(super) generation: AtomicI32,
    pub(super) cache: Mutex<Cache>,
    pub(super) queue: Queue,
    /// What was reported here last, until it has been read back or given up.
    pub(super) reported: Mutex<HashMap<Key, Status>>,
}

impl Shared {
    pub(super) fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reported(&self) -> MutexGuard<'_, HashMap<Key, Status>> {
        self.reported.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A report is settled: it has been read back, or it never will be.
    pub(super) fn settle(&self, key: &Key, status: &Status) {
        let mut reported = self.reported();
        if reported.get(key) == Some(status) {
            reported.remove(key);
        }
    }

    /// What was read of a key. A deletion settles whatever was reported of it before, and of a connector's tasks.
    fn read_back(&self, key: &Key, status: Option<&Status>) {
        match (status, key) {
            (Some(status), _) => self.settle(key, status),
            (None, Key::Connector(name)) => {
                self.reported().retain(|reported, _| match reported {
                    Key::Connector(other) => other != name,
                    Key::Task(id) => id.connector != *name,
                    Key::Topic { .. } => true,
                });
            }
            (None, Key::Task(_) | Key::Topic { .. }) => drop(self.reported().remove(key)),
        }
    }

    pub(super) fn delete(&self, key: Key) {
        self.reported().remove(&key);
        self.queue.put(key, Write::Tombstone);
    }

    /// What the topic says under a key.
    pub(super) fn known(&self, key: &Key) -> Option<Status> {
        let cache = self.cache();
        match key {
            Key::Connector(name) => cache.connector_of(name),
            Key::Task(id) => cache.task_of(id),
            Key::Topic { .. } => None,
        }
        .cloned()
    }

    pub(super) fn status(&self, state: State, trace: Option<String>, version: Option<&str>) -> Status {
        Status {
            state,
            trace,
            worker_id: self.worker_id.to_string(),
            generation: self.generation.load(Ordering::Acquire),
            version: version.map(str::to_owned),
        }
    }

    /// Queues a report. Who says that something has ended must know of nobody who says otherwise by right.
    pub(super) fn put(&self, key: Key, state: State, trace: Option<String>, version: Option<&str>) {
        let status = self.status(state, trace, version);
        let is_safe = match state {
            State::Failed | State::Unassigned => self.known(&key).is_none_or(|known| known.may_give_way(&status)),
            State::Running | State::Paused | State::Stopped | State::Restarting => true,
        };
        if is_safe {
            self.reported().insert(key.clone(), status.clone());
            self.queue.put(key, Write::Status(status));
        }
    }

    /// What is being restarted says so until it is up again.
    pub(super) fn unassigned(&self, key: Key, version: Option<&str>) {
        let reported = self.reported().get(&key).cloned();
        let shown = reported.or_else(|| self.known(&key));
        let restarting = |shown: &Status| shown.state == State::Restarting && shown.worker_id == *self.worker_id;
        if !shown.as_ref().is_some_and(restarting) {
            self.put(key, State::Unassigned, None, version);
        }
    }

    pub(super) fn note_topic(&self, task: &TaskId, topic: &str) {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        let key = Key::Topic { topic: topic.to_owned(), connector: task.connector.clone() };
        self.queue.put(key, Write::Topic(topic_bytes(topic, task, now)));
    }

    /// Takes the next record.
    pub(super) fn apply(&self, topics: &TopicsInUse, record: &InRecord) {
        let at = format_args!("{}-{} at offset {}", record.topic, record.partition, record.offset).to_string();
        let key = record.key.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let Some(parsed) = Key::parse(&key) else {
            tracing::warn!("Discarding record with invalid key {key} ({at})");
            return;
        };
        let value = record.value.as_deref();
        let understood = match &parsed {
            Key::Connector(name) => value.map(Status::parse).transpose().map(|status| {
                self.cache().connector(name, status.clone());
                self.read_back(&parsed, status.as_ref());
            }),
            Key::Task(id) => value.map(Status::parse).transpose().map(|status| {
                self.cache().task(id, status.clone());
                self.read_back(&parsed, status.as_ref());
            }),
            Key::Topic { topic, connector } => value.map(check_topic).transpose().map(|used| match used {
                Some(()) => drop(topics.learn(connector, topic)),
                None => topics.unlearn(connector, topic),
            }),
        };
        if let Err(why) = understood {
            tracing::error!("Failed to deserialize status with key {key} ({at}): {why}");
        }
    }

    /// Whether a write that could not be sent is still to be sent.
    pub(super) fn still_holds(&self, attempt: &Attempt) -> bool {
        if !self.queue.is_newest(attempt) {
            return false;
        }
        match &attempt.write {
            Write::Status(status) => {
                let is_settled = self.reported().get(&attempt.key) != Some(status);
                !is_settled && self.known(&attempt.key).is_none_or(|known| known.may_give_way(status))
            }
            Write::Topic(_) | Write::Tombstone => true,
        }
    }
}
