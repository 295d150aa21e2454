//! Connectors, their tasks, and what is wanted of them, in the order in which it was decided. The topic has one
//! partition, so all workers see the same history; the offset reached is what they compare when they share out work.
//!
//! Settings of tasks come in two steps, because they do not fit one record: each is staged, and a commit says how many
//! there are. What a leader left half done is never seen.

mod apply;
mod event;
mod keys;
mod state;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod values;
mod writer;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod writer_tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use watertight_kafka::InRecord;

pub use event::ConfigEvent;
pub use state::{ClusterState, ConnectorState, SessionKey};

use self::apply::Applied;
use self::keys::Key;
use self::writer::Leader;
use super::log::{Apply, Log, LogTrouble, Pair};
use super::parts::StorageParts;
use super::topics::Purpose;
use super::{StorageError, live};
use crate::entities::{ConfigMap, RestartRequest, TargetState};

/// What one operation may take, with all its records.
const LIMIT: Duration = Duration::from_secs(30);

/// The config topic. Clones are the same.
#[derive(Clone)]
pub struct ConfigLog {
    shared: Arc<Shared>,
    log: Arc<dyn Log>,
    leader: Option<Arc<Leader>>,
}

struct Shared {
    applied: Mutex<Reached>,
}

struct Reached {
    applied: Applied,
    /// None before everything that was there at start has been read: nobody is told of the past.
    listener: Option<mpsc::UnboundedSender<ConfigEvent>>,
}

impl ConfigLog {
    /// Creates or checks the topic, reads it to its end and goes on reading. The receiver gets what comes later, each
    /// event when the snapshot knows of it.
    ///
    /// # Errors
    /// The topic is no good, or cannot be read.
    pub async fn start(parts: &StorageParts) -> Result<(Self, mpsc::UnboundedReceiver<ConfigEvent>), StorageError> {
        let topic = &parts.config.config_topic;
        parts.ensure(topic, Purpose::Configs).await?;
        let reader = parts.reader("configs")?;
        let writer = parts.writer("configs", &[("delivery.timeout.ms", "2147483647")])?;
        let leader = match parts.config.exactly_once.has_transactional_leader() {
            true => Some(Arc::new(Leader::new(parts)?)),
            false => None,
        };
        let start = |apply| live::start(&topic.name, reader, Some(writer), parts, apply);
        Self::build(leader, &topic.name, topic.key, start).await
    }

    async fn build<F>(
        leader: Option<Arc<Leader>>,
        topic: &str,
        setting: &str,
        start: impl FnOnce(Apply) -> F,
    ) -> Result<(Self, mpsc::UnboundedReceiver<ConfigEvent>), StorageError>
    where
        F: Future<Output = Result<Arc<dyn Log>, StorageError>>,
    {
        let shared = Arc::new(Shared { applied: Mutex::new(Reached { applied: Applied::default(), listener: None }) });
        let applying = Arc::downgrade(&shared);
        let apply = move |record: InRecord| {
            if let Some(applying) = applying.upgrade() {
                applying.apply(&record);
            }
        };
        let log = start(Box::new(apply)).await?;
        if log.partitions() > 1 {
            let count = log.partitions();
            log.stop().await;
            return Err(StorageError::Config(format!(
                "Topic '{topic}' supplied via the '{setting}' property is required to have a single partition in order to guarantee consistency of connector configurations, but found {count} partitions."
            )));
        }
        let (listener, events) = mpsc::unbounded_channel();
        shared.reached().listener = Some(listener);
        Ok((Self { shared, log, leader }, events))
    }

    /// What the topic says, as far as it has been read.
    pub fn snapshot(&self) -> Arc<ClusterState> {
        self.shared.reached().applied.snapshot()
    }

    /// Returns when everything that is in the topic now has been read.
    ///
    /// # Errors
    /// The end was not reached in time.
    pub async fn refresh(&self, limit: Duration) -> Result<(), StorageError> {
        self.log.read_to_end(limit).await.map_err(LogTrouble::reading)
    }

    /// Writes a connector's config, and what is wanted of it first, if that is said.
    ///
    /// # Errors
    /// As all writes: [`StorageError::Fenced`] for who has to claim the right to write first, or again, else
    /// [`StorageError::Write`].
    pub async fn put_connector(
        &self,
        name: &str,
        config: &ConfigMap,
        target: Option<TargetState>,
    ) -> Result<(), StorageError> {
        let target = target.map(|target| pair(Key::Target(name), Some(values::target(target))));
        let config = pair(Key::Connector(name), Some(values::properties(config)));
        let records = target.into_iter().chain([config]).collect();
        self.write("Error writing connector configuration to Kafka", records).await
    }

    /// Deletes a connector. Settings of its tasks and its offsets stay.
    ///
    /// # Errors
    /// As all writes.
    pub async fn remove_connector(&self, name: &str) -> Result<(), StorageError> {
        let records = vec![pair(Key::Connector(name), None), pair(Key::Target(name), None)];
        self.write("Error removing connector configuration from Kafka", records).await
    }

    /// Writes the settings of all tasks of a connector, then that they are complete.
    ///
    /// # Errors
    /// As all writes. Without a commit nobody sees the settings that were written.
    pub async fn put_task_configs(&self, name: &str, configs: &[ConfigMap]) -> Result<(), StorageError> {
        const ROOT: &str = "Error writing root configuration to Kafka";
        let deadline = Instant::now() + LIMIT;
        // The only writer should be here, but what another one left must not mix with this.
        self.read(ROOT, deadline).await?;
        let numbered = (0_u32..).zip(configs);
        let records: Vec<Pair> =
            numbered.map(|(task, config)| pair(Key::Task(name, task), Some(values::task(config)))).collect();
        if !records.is_empty() {
            self.send("Error writing task configurations to Kafka", records, deadline).await?;
            self.read(ROOT, deadline).await?;
        }
        let count = u32::try_from(configs.len()).unwrap_or(u32::MAX);
        self.send(ROOT, vec![pair(Key::Commit(name), Some(values::commit(count)))], deadline).await?;
        self.read(ROOT, deadline).await
    }

    /// Writes what is wanted of a connector. Needs no claim, and does not wait until it has been read back.
    ///
    /// # Errors
    /// [`StorageError::Write`]
    pub async fn put_target_state(&self, name: &str, target: TargetState) -> Result<(), StorageError> {
        let record = pair(Key::Target(name), Some(values::target(target)));
        self.send_plainly("Error writing target state to Kafka", vec![record], Instant::now() + LIMIT).await
    }

    /// Writes that producers of so many tasks of a connector have been fenced.
    ///
    /// # Errors
    /// As all writes.
    pub async fn put_task_count(&self, name: &str, tasks: u32) -> Result<(), StorageError> {
        let record = pair(Key::Fencing(name), Some(values::task_count(tasks)));
        self.write("Error writing task count record to Kafka", vec![record]).await
    }

    /// Distributes a new key for internal requests.
    ///
    /// # Errors
    /// As all writes.
    pub async fn put_session_key(&self, key: &SessionKey) -> Result<(), StorageError> {
        let record = pair(Key::Session, Some(values::session_key(key)));
        self.write("Error writing session key to Kafka", vec![record]).await
    }

    /// Tells all workers of a restart.
    ///
    /// # Errors
    /// As all writes.
    pub async fn put_restart(&self, name: &str, request: RestartRequest) -> Result<(), StorageError> {
        let record = pair(Key::Restart(name), Some(values::restart(request)));
        let doing = format!(
            "Error writing restart request for {{connectorName='{name}', onlyFailed={}, includeTasks={}}} to Kafka",
            request.only_failed, request.include_tasks
        );
        self.write(&doing, vec![record]).await
    }

    /// Tells all workers how to log. Needs no claim, and does not wait until it has been read back.
    ///
    /// # Errors
    /// [`StorageError::Write`]
    pub async fn put_logger(&self, namespace: &str, level: &str) -> Result<(), StorageError> {
        let record = pair(Key::Logger(namespace), Some(values::logger(level)));
        self.send_plainly("Error writing logger level to Kafka", vec![record], Instant::now() + LIMIT).await
    }

    /// Takes the right to write from whoever had it, if exactly-once support wants that: a leader of the past can
    /// write no more. Nothing to do where the right is here already.
    ///
    /// # Errors
    /// When brokers do not give it.
    pub async fn claim(&self) -> Result<(), StorageError> {
        match &self.leader {
            Some(leader) => leader.claim().await,
            None => Ok(()),
        }
    }

    /// Gives up the right to write.
    pub async fn give_up_claim(&self) {
        if let Some(leader) = &self.leader {
            leader.give_up().await;
        }
    }

    /// Ends reading and writing.
    pub async fn stop(&self) {
        self.give_up_claim().await;
        self.log.stop().await;
    }

    /// Writes, and reads back.
    async fn write(&self, doing: &str, records: Vec<Pair>) -> Result<(), StorageError> {
        let deadline = Instant::now() + LIMIT;
        self.send(doing, records, deadline).await?;
        self.read(doing, deadline).await
    }

    /// By right of the leader, where there is such a right.
    async fn send(&self, doing: &str, records: Vec<Pair>, deadline: Instant) -> Result<(), StorageError> {
        match &self.leader {
            Some(leader) => leader.send(records, deadline).await,
            None => self.send_plainly(doing, records, deadline).await,
        }
    }

    async fn send_plainly(&self, doing: &str, records: Vec<Pair>, deadline: Instant) -> Result<(), StorageError> {
        let sent = tokio::time::timeout_at(deadline, self.log.send(records)).await;
        failed(doing, sent.unwrap_or_else(|_| Err(late())))
    }

    async fn read(&self, doing: &str, deadline: Instant) -> Result<(), StorageError> {
        let left = deadline.saturating_duration_since(Instant::now());
        failed(doing, self.log.read_to_end(left).await)
    }
}

impl Shared {
    fn reached(&self) -> MutexGuard<'_, Reached> {
        self.applied.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn apply(&self, record: &InRecord) {
        let mut reached = self.reached();
        let event = reached.applied.apply(record);
        if let (Some(event), Some(listener)) = (event, &reached.listener) {
            // Nobody listens any more while the worker ends.
            let _ = listener.send(event);
        }
    }
}

fn pair(key: Key<'_>, value: Option<Vec<u8>>) -> Pair {
    (key.to_string().into_bytes(), value)
}

fn late() -> LogTrouble {
    LogTrouble::late(format!("it was not acknowledged within {}ms", LIMIT.as_millis()))
}

fn failed(doing: &str, result: Result<(), LogTrouble>) -> Result<(), StorageError> {
    result.map_err(|trouble| {
        tracing::error!("{doing}: {trouble}");
        StorageError::Write { doing: doing.to_owned(), reason: trouble.text }
    })
}

/// What the topic says after these records, for tests of those who decide by it.
#[cfg(test)]
pub(crate) fn state_of(records: &[(&str, Option<&str>)]) -> Arc<ClusterState> {
    let mut applied = Applied::default();
    for (offset, (key, value)) in (0..).zip(records) {
        applied.apply(&super::memory::record(offset, Some(key.as_bytes()), value.map(str::as_bytes)));
    }
    applied.snapshot()
}
