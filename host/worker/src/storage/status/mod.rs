//! States of connectors and tasks, told by whoever runs them and known to every worker. Who reports waits for nothing:
//! a report is queued, written when the broker takes it, and counts when it has been read back, like everybody's.
//!
//! Workers contradict each other now and then, because one learns late that another has taken over. So each report
//! carries the group's generation: who says that something has ended or failed is not heard where a later
//! generation, or another worker in the same one, says otherwise.

mod cache;
mod pump;
mod queue;
mod record;
mod shared;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use watertight_kafka::InRecord;

use self::pump::pump;
use self::queue::{Queue, Write};
use self::record::{Key, Status};
use self::shared::Shared;
use super::log::{Apply, Log, LogTrouble};
use super::parts::StorageParts;
use super::topics::Purpose;
use super::{StorageError, live};
use crate::entities::{ConnectorType, InstanceState, State, StateInfo, TaskId};
use crate::restart_plan::RestartPlan;
use crate::secrets::Vault;
use crate::status::Statuses;
use crate::topics_in_use::{TopicTracking, TopicsInUse};

/// States of a cluster, in its status topic. Clones are the same.
#[derive(Clone)]
pub struct StatusLog {
    shared: Arc<Shared>,
    topics: TopicsInUse,
    log: Arc<dyn Log>,
}

impl StatusLog {
    /// Creates or checks the topic and reads it to its end. `worker_id` is the advertised `host:port`; traces lose what
    /// `vault` holds of their connector.
    ///
    /// # Errors
    /// The topic is no good, or cannot be read.
    pub async fn start(parts: &StorageParts, worker_id: &str, vault: Vault) -> Result<Self, StorageError> {
        let topic = &parts.config.status_topic;
        parts.ensure(topic, Purpose::Statuses).await?;
        let patience = parts.config.worker.properties.contains_key("delivery.timeout.ms");
        // Tried again by the queue, which knows when something newer is to be written.
        let more: &[(&str, &str)] = if patience { &[] } else { &[("delivery.timeout.ms", "30000")] };
        let writer = parts.writer("statuses", more)?;
        let reader = parts.reader("statuses")?;
        let tracking = TopicTracking::of(&parts.config.worker.properties);
        let start = |apply| live::start(&topic.name, reader, Some(writer), parts, apply);
        Self::build(worker_id, vault, tracking.enabled, start).await
    }

    async fn build<F>(
        worker_id: &str,
        vault: Vault,
        tracking: bool,
        start: impl FnOnce(Apply) -> F,
    ) -> Result<Self, StorageError>
    where
        F: Future<Output = Result<Arc<dyn Log>, StorageError>>,
    {
        let shared = Arc::new(Shared {
            worker_id: worker_id.into(),
            vault,
            generation: AtomicI32::new(-1),
            cache: Mutex::default(),
            queue: Queue::default(),
            reported: Mutex::default(),
        });
        // Weak: with the last clone of the log everything ends.
        let noting = Arc::downgrade(&shared);
        let topics = TopicsInUse::with_listener(tracking, move |task, topic| {
            if let Some(noting) = noting.upgrade() {
                noting.note_topic(task, topic);
            }
        });
        let (applying, learning) = (Arc::downgrade(&shared), topics.clone());
        let apply = move |record: InRecord| {
            if let Some(applying) = applying.upgrade() {
                applying.apply(&learning, &record);
            }
        };
        let log = start(Box::new(apply)).await?;
        tokio::spawn(pump(Arc::downgrade(&shared), Arc::clone(&log)));
        Ok(Self { shared, topics, log })
    }

    /// The group's generation, which later reports carry.
    pub fn set_generation(&self, generation: i32) {
        self.shared.generation.store(generation, Ordering::Release);
    }

    /// Topics that connectors use: what tasks note here is written, what other workers wrote is known.
    pub fn topics_in_use(&self) -> &TopicsInUse {
        &self.topics
    }

    /// Forgets which topics a connector has used, in the whole cluster.
    pub fn reset_topics(&self, connector: &str) {
        for topic in self.topics.of(connector) {
            self.shared.queue.put(Key::Topic { topic, connector: connector.to_owned() }, Write::Tombstone);
        }
        self.topics.reset(connector);
    }

    /// Marks what a plan restarts here.
    pub fn restarting(&self, plan: &RestartPlan) {
        if plan.connector {
            self.connector_restarting(&plan.shown.name);
        }
        for task in &plan.tasks {
            self.task_restarting(&TaskId { connector: plan.shown.name.clone(), task: *task });
        }
    }

    /// A connector instance is on its way down and up again.
    pub fn connector_restarting(&self, name: &str) {
        self.shared.put(Key::Connector(name.to_owned()), State::Restarting, None, None);
    }

    /// A task is on its way down and up again.
    pub fn task_restarting(&self, id: &TaskId) {
        self.shared.put(Key::Task(id.clone()), State::Restarting, None, None);
    }

    /// Deletes the state of a connector and of its tasks.
    pub fn forget(&self, name: &str) {
        self.forget_tasks(name, 0);
        self.shared.delete(Key::Connector(name.to_owned()));
    }

    /// Deletes the states of tasks from number `from` on.
    pub fn forget_tasks(&self, name: &str, from: u32) {
        let beyond: Vec<u32> =
            self.shared.cache().tasks_of(name).map(|(task, _)| task).filter(|task| *task >= from).collect();
        for task in beyond {
            self.forget_task(&TaskId { connector: name.to_owned(), task });
        }
    }

    /// Deletes the state of one task.
    pub fn forget_task(&self, id: &TaskId) {
        self.shared.delete(Key::Task(id.clone()));
    }

    /// Names of connectors of which any state is known, sorted.
    pub fn connectors(&self) -> Vec<String> {
        self.shared.cache().names().cloned().collect()
    }

    /// Numbers of a connector's tasks of which a state is known, sorted.
    pub fn task_numbers(&self, name: &str) -> Vec<u32> {
        self.shared.cache().tasks_of(name).map(|(task, _)| task).collect()
    }

    /// State of a connector and its tasks; none before its first report. `kind` is not known here.
    pub fn get(&self, name: &str, kind: ConnectorType) -> Option<StateInfo> {
        let cache = self.shared.cache();
        let connector = instance(cache.connector_of(name)?);
        let tasks = cache.tasks_of(name).map(|(task, status)| (task, instance(status))).collect();
        Some(StateInfo { name: name.to_owned(), connector, tasks, kind })
    }

    /// State of a connector instance.
    pub fn get_connector(&self, name: &str) -> Option<InstanceState> {
        self.shared.cache().connector_of(name).map(instance)
    }

    /// State of one task.
    pub fn get_task(&self, id: &TaskId) -> Option<InstanceState> {
        self.shared.cache().task_of(id).map(instance)
    }

    /// Waits until what was reported has been written, but not longer.
    pub async fn flush(&self, limit: Duration) {
        if tokio::time::timeout(limit, self.shared.queue.emptied()).await.is_err() {
            tracing::warn!("Not all states of connectors and tasks could be written within {limit:?}");
        }
    }

    /// Returns when everything that is in the topic now is known here.
    ///
    /// # Errors
    /// The end was not reached in time.
    pub async fn refresh(&self, limit: Duration) -> Result<(), StorageError> {
        self.log.read_to_end(limit).await.map_err(LogTrouble::reading)
    }

    /// Forgets what has not been written: this worker has lost its place in the group, and others have the say.
    pub fn drop_pending(&self) {
        self.shared.queue.clear();
        self.shared.reported().clear();
        self.log.purge();
    }

    /// Ends reading and writing. Flush first.
    pub async fn stop(&self) {
        self.log.stop().await;
    }
}

impl Statuses for StatusLog {
    fn connector(&self, name: &str, _: ConnectorType, state: State, trace: Option<String>, version: Option<&str>) {
        let trace = trace.map(|trace| self.shared.vault.scrub_trace(name, &trace));
        self.shared.put(Key::Connector(name.to_owned()), state, trace, version);
    }

    fn task(&self, id: &TaskId, state: State, trace: Option<String>, version: Option<&str>) {
        let trace = trace.map(|trace| self.shared.vault.scrub_trace(&id.connector, &trace));
        self.shared.put(Key::Task(id.clone()), state, trace, version);
    }

    fn connector_unassigned(&self, name: &str, _: ConnectorType, version: Option<&str>) {
        self.shared.unassigned(Key::Connector(name.to_owned()), version);
    }

    fn task_unassigned(&self, id: &TaskId, version: Option<&str>) {
        self.shared.unassigned(Key::Task(id.clone()), version);
    }
}

fn instance(status: &Status) -> InstanceState {
    InstanceState {
        state: status.state,
        worker_id: status.worker_id.clone(),
        trace: status.trace.clone(),
        version: status.version.clone(),
    }
}
