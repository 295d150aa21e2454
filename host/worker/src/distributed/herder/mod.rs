//! The herder of one worker of a cluster.
//!
//! Decisions are serialised, work is not. Who is given what is decided by one task, the driver: it is the group's
//! member, it reads the config topic's events, and it never waits for a plugin. From what it has been given and what
//! the topic says follows what is wanted of each connector here, and the connector's keeper makes that real in its own
//! time. Requests read the topics' snapshots on any worker; what changes something is written to the config topic,
//! mostly by the leader alone, and comes back to all workers as an event.

mod core;
mod desk;
mod door;
mod driver;
mod elect;
mod fencing;
mod guard;
mod hearing;
mod join;
mod lead;
mod offsets;
mod outcome;
mod owners;
mod put;
mod restart;
mod restarts;
mod revisions;
mod session;
mod settle;
mod standing;
mod state;
#[cfg(test)]
mod tests;
mod turns;
mod write;

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use watertight_kafka::GroupMember;

use self::core::Core;
use super::colleagues::Colleagues;
use super::config::DistributedConfig;
use crate::failure::Failure;
use crate::health::HealthWatch;
use crate::herder::{HerderError, Result};
use crate::storage::{ConfigEvent, ConfigLog, StatusLog};
use crate::worker::Worker;

/// What a worker of a cluster is made of.
pub struct ClusterParts {
    /// Its settings.
    pub config: Arc<DistributedConfig>,
    /// What it runs connectors and tasks with.
    pub worker: Worker,
    /// Its place in the group, not yet joined.
    pub member: GroupMember,
    /// The config topic, read to its end.
    pub configs: ConfigLog,
    /// What it says from then on.
    pub events: mpsc::UnboundedReceiver<ConfigEvent>,
    /// The status topic, read to its end.
    pub statuses: StatusLog,
    /// The way to other workers.
    pub colleagues: Arc<dyn Colleagues>,
    /// Where others reach this worker's REST interface: `http://host:8083/`.
    pub url: String,
}

/// How far the worker is.
#[derive(Clone)]
enum Life {
    /// The topics are being read.
    Preparing,
    /// It is, or is becoming, a member of the group.
    Up(Core),
    /// It has stopped everything.
    Over(Option<Failure>),
}

/// A worker of a cluster. Clones are the same one.
#[derive(Clone)]
pub struct Cluster {
    life: watch::Receiver<Life>,
    closing: Arc<watch::Sender<bool>>,
    /// What is being done before the worker is there to tell.
    health: HealthWatch,
}

impl Cluster {
    /// Begins with what takes time, and returns at once: requests wait until that is done.
    pub fn start(prepare: impl Future<Output = std::result::Result<ClusterParts, Failure>> + Send + 'static) -> Self {
        let (tell, life) = watch::channel(Life::Preparing);
        let (closing, mut closed) = watch::channel(false);
        let cluster = Self { life, closing: Arc::new(closing), health: HealthWatch::default() };
        let stage = cluster.health.stage("initializing and reading to the end of internal topics");
        tokio::spawn(async move {
            let prepared = tokio::select! {
                prepared = prepare => Some(prepared),
                _ = closed.wait_for(|closed| *closed) => None,
            };
            let end = match prepared {
                Some(Ok(parts)) => {
                    let (core, driver) = Core::assemble(parts, closed);
                    tell.send_replace(Life::Up(core));
                    drop(stage);
                    driver.run().await.err()
                }
                Some(Err(failure)) => Some(failure),
                None => None,
            };
            tell.send_replace(Life::Over(end));
        });
        cluster
    }

    /// Waits until the worker has taken on its first share of the work.
    ///
    /// # Errors
    /// Why it never will.
    pub async fn started(&self) -> std::result::Result<(), Failure> {
        let mut life = self.life.clone();
        loop {
            let core = match &*life.borrow_and_update() {
                Life::Preparing => None,
                Life::Up(core) => Some(core.clone()),
                Life::Over(end) => {
                    return Err(end.clone().unwrap_or_else(|| Failure::new("Worker is shutting down")));
                }
            };
            match core {
                Some(core) => tokio::select! {
                    () = core.settled() => return Ok(()),
                    _ = life.changed() => {}
                },
                None => {
                    let _ = life.changed().await;
                }
            }
        }
    }

    /// Waits until the worker gives up by itself; why it did. Does not end where somebody shuts it down.
    pub async fn ended(&self) -> Failure {
        let mut life = self.life.clone();
        if let Ok(life) = life.wait_for(|life| matches!(life, Life::Over(Some(_)))).await
            && let Life::Over(Some(failure)) = &*life
        {
            return failure.clone();
        }
        std::future::pending().await
    }

    /// Stops all work, each within its deadline and all at once, says so, and leaves the group.
    pub async fn shut_down(&self) {
        self.closing.send_replace(true);
        let _ = self.life.clone().wait_for(|life| matches!(life, Life::Over(_))).await;
    }

    /// What tasks count, once there are any.
    pub fn worker(&self) -> Option<Worker> {
        match &*self.life.borrow() {
            Life::Up(core) => Some(core.worker.clone()),
            Life::Preparing | Life::Over(_) => None,
        }
    }

    /// The worker, as soon as it has read its topics.
    async fn up(&self) -> Result<Core> {
        let mut life = self.life.clone();
        let life = life.wait_for(|life| !matches!(life, Life::Preparing)).await;
        match life.as_deref() {
            Ok(Life::Up(core)) if !*self.closing.borrow() => Ok(core.clone()),
            Ok(Life::Over(Some(failure))) => Err(HerderError::Internal(failure.trace.clone())),
            Ok(_) | Err(_) => Err(HerderError::Internal("Worker is shutting down".to_owned())),
        }
    }
}
