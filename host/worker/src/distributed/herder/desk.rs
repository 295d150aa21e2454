//! What this worker has been given, and what follows from it for each connector. Everything here is decided from what
//! is known, without waiting for anything.
//!
//! Tasks that were given new settings are *held*: they stop as soon as the worker knows of it, and run again when the
//! group has been told, with an assignment that was made from those settings. So no two workers run tasks of one
//! connector by different settings for longer than it takes each of them to read the topic.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::restarts::PendingRestarts;
use super::revisions::Revisions;
use crate::distributed::keepers::{Wanted, WantedConnector, WantedTask};
use crate::distributed::work::Work;
use crate::entities::TaskId;
use crate::restart_plan::RestartPlan;
use crate::storage::{ClusterState, ConfigEvent};

/// What the worker has been given, and what it has heard of.
#[derive(Default)]
pub(super) struct Desk {
    work: Work,
    /// As much of it as has been taken on: the rest waits until enough of the config topic has been read.
    taken: Work,
    /// Connectors whose tasks wait for an assignment that was made from at least this much of the config topic.
    held: BTreeMap<String, i64>,
    connectors: Revisions<String>,
    tasks: Revisions<TaskId>,
    /// Connectors that this worker has heard of: only a new one changes who runs what.
    known: BTreeSet<String>,
    /// The work has to be shared out anew, by an assignment that was made from at least this much of the config topic.
    stale: Option<i64>,
    /// Restarts that were heard of and wait for the worker to find the time.
    pub(super) restarts: PendingRestarts,
}

impl Desk {
    /// With what stood in the config topic when the worker started.
    pub(super) fn knowing(state: &ClusterState) -> Self {
        Self { known: state.connectors().map(str::to_owned).collect(), ..Self::default() }
    }

    /// What the worker has been given.
    pub(super) fn work(&self) -> &Work {
        &self.work
    }

    /// Hears of a change; the connector of which something else may be wanted now. `state` is at least as new as the
    /// event.
    pub(super) fn hear<'a>(&mut self, event: &'a ConfigEvent, state: &ClusterState) -> Option<&'a str> {
        let (touched, rebalances) = match event {
            ConfigEvent::ConnectorChanged(name) => {
                self.connectors.renew(name);
                (name, self.known.insert(name.clone()))
            }
            ConfigEvent::ConnectorRemoved(name) => (name, self.known.remove(name)),
            ConfigEvent::TasksChanged(name, _) => {
                self.held.insert(name.clone(), state.offset);
                (name, true)
            }
            ConfigEvent::TargetChanged(name) => (name, false),
            ConfigEvent::Restart { connector, request } => {
                self.restarts.add(connector.clone(), *request);
                return None;
            }
            ConfigEvent::SessionKey(_) | ConfigEvent::Logger { .. } => return None,
        };
        if rebalances {
            self.stale = Some(state.offset);
        }
        Some(touched)
    }

    /// Whether connectors or tasks have come or gone since the last assignment was made.
    pub(super) fn is_stale(&self) -> bool {
        self.stale.is_some()
    }

    /// Notes what an assignment gave, which is to be taken on as soon as possible.
    pub(super) fn promise(&mut self, work: Work) {
        self.work = work;
    }

    /// Takes on what an assignment gave, made from so much of the config topic; whose wants changed by that.
    pub(super) fn take_on(&mut self, work: Work, offset: i64) -> BTreeSet<String> {
        if self.stale.is_some_and(|since| since <= offset) {
            self.stale = None;
        }
        let mut touched: BTreeSet<String> = names(&self.taken).chain(names(&work)).map(str::to_owned).collect();
        let over = self.held.iter().filter(|(_, since)| **since <= offset);
        let over: Vec<String> = over.map(|(name, _)| name.clone()).collect();
        for name in over {
            self.held.remove(&name);
            for id in work.tasks.iter().filter(|id| id.connector == name) {
                self.tasks.renew(id);
            }
            touched.insert(name);
        }
        let (connectors, tasks) = (&work.connectors, &work.tasks);
        self.connectors.keep(|name| connectors.contains(name));
        self.tasks.keep(|id| tasks.contains(id));
        self.taken = work.clone();
        self.work = work;
        touched
    }

    /// Gives part of the work back; whose wants changed by that.
    pub(super) fn give_back(&mut self, revoked: &Work) -> BTreeSet<String> {
        self.work.remove(revoked);
        self.taken.remove(revoked);
        self.connectors.keep(|name| !revoked.connectors.contains(name));
        self.tasks.keep(|id| !revoked.tasks.contains(id));
        names(revoked).map(str::to_owned).collect()
    }

    /// Gives everything back.
    pub(super) fn give_back_all(&mut self) {
        let all = std::mem::take(&mut self.work);
        self.give_back(&all);
    }

    /// Whether the connector's instance is this worker's.
    pub(super) fn has_connector(&self, name: &str) -> bool {
        self.taken.connectors.contains(name)
    }

    /// Whether a task is this worker's.
    pub(super) fn has_task(&self, id: &TaskId) -> bool {
        self.taken.tasks.contains(id)
    }

    /// Takes its share of a restart: what of it runs here is to be stopped and started. The plan of that share, if
    /// there is any.
    pub(super) fn share_of(&mut self, plan: &RestartPlan) -> Option<RestartPlan> {
        let name = plan.shown.name.as_str();
        let id = |task: u32| TaskId { connector: name.to_owned(), task };
        let tasks: Vec<u32> = plan.tasks.iter().copied().filter(|task| self.has_task(&id(*task))).collect();
        let connector = plan.connector && self.has_connector(name);
        if connector {
            self.connectors.renew(&name.to_owned());
        }
        for task in &tasks {
            self.tasks.renew(&id(*task));
        }
        (connector || !tasks.is_empty()).then(|| RestartPlan { connector, tasks, shown: plan.shown.clone() })
    }

    /// The connector's instance is to be stopped and started.
    pub(super) fn restart_connector(&mut self, name: &str) {
        self.connectors.renew(&name.to_owned());
    }

    /// A task is to be stopped and started.
    pub(super) fn restart_task(&mut self, id: &TaskId) {
        self.tasks.renew(id);
    }

    /// What this worker is to run of a connector.
    pub(super) fn wanted(&mut self, name: &str, state: &ClusterState) -> Wanted {
        let mut wanted = Wanted::default();
        let Some(config) = state.config(name) else { return wanted };
        let target = state.target(name).unwrap_or_default();
        if self.taken.connectors.contains(name) {
            let revision = self.connectors.of(&name.to_owned());
            wanted.connector = Some(WantedConnector { config: Arc::clone(config), revision, target });
        }
        if self.held.contains_key(name) {
            return wanted;
        }
        let tasks = state.tasks(name);
        for id in tasks.iter().filter(|id| self.taken.tasks.contains(*id)) {
            let Some(settings) = state.task_config(name, id.task) else { continue };
            let task = WantedTask {
                settings: Arc::clone(settings),
                connector: Arc::clone(config),
                revision: self.tasks.of(id),
                target,
                tasks: tasks.len(),
                generation: state.generation(name),
            };
            wanted.tasks.insert(id.task, task);
        }
        wanted
    }
}

/// Names of connectors of which some work has something.
pub(super) fn names(work: &Work) -> impl Iterator<Item = &str> {
    work.connectors.iter().map(String::as_str).chain(work.tasks.iter().map(|id| id.connector.as_str()))
}
