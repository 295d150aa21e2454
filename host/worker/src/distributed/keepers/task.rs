//! Keeps one task: starts it, tells it what its operator wants, stops it within its deadline.

use std::sync::Arc;

use async_trait::async_trait;
use watertight_sandbox::registry::PluginEntry;

use super::phase::{Here, Phase, TaskStep, task_step};
use super::seat::{Chair, key};
use super::wanted::{KeepersOwner, WantedTask};
use super::{CUT_OFF, Keepers};
use crate::entities::{State, TargetState, TaskId};
use crate::failure::Failure;
use crate::task::{Order, TaskHandle};
use crate::task_limit;
use crate::worker::{StartTask, TaskGuard, Worker};

pub(super) struct TaskKeeper {
    id: TaskId,
    worker: Worker,
    owner: Arc<dyn KeepersOwner>,
    chair: Chair<WantedTask>,
    here: Option<Here>,
    handle: Option<TaskHandle>,
}

impl TaskKeeper {
    pub(super) fn new(id: TaskId, worker: Worker, owner: Arc<dyn KeepersOwner>, chair: Chair<WantedTask>) -> Self {
        Self { id, worker, owner, chair, here: None, handle: None }
    }

    /// Keeps it until nothing is wanted and nothing is here.
    pub(super) async fn keep(mut self, keepers: Keepers) {
        loop {
            let wanted = self.chair.look();
            let step = task_step(self.here.as_ref(), key(wanted.as_ref()));
            match (step, wanted) {
                (TaskStep::Rest, None) => {
                    if keepers.leave_task(&self.id, self.chair.number) {
                        return;
                    }
                }
                (TaskStep::Rest, Some(_)) => {
                    // Its end is seen in the next look.
                    let _ = self.chair.wanted.changed().await;
                }
                (TaskStep::End, _) => self.end().await,
                (TaskStep::Start, Some(wanted)) => self.start(wanted, &keepers).await,
                (TaskStep::Order(target), Some(wanted)) => {
                    if let Some(handle) = &self.handle {
                        handle.order(order(target));
                    }
                    let phase = self.here.take().map_or(Phase::Up, |here| here.phase);
                    self.is(&wanted, phase);
                }
                (TaskStep::Start | TaskStep::Order(_), None) => {}
            }
        }
    }

    async fn start(&mut self, wanted: WantedTask, keepers: &Keepers) {
        self.is(&wanted, Phase::Starting);
        let ready = async {
            keepers.whole().await;
            self.entry(&wanted).await
        };
        let entry = tokio::select! {
            entry = ready => entry,
            // Nothing of it is there yet.
            () = self.chair.superseded(&wanted) => {
                self.here = None;
                return self.chair.tell(None);
            }
        };
        let (entry, version) = match entry {
            Ok(entry) => entry,
            Err((failure, version)) => {
                tracing::error!("Task {} failed to start: {failure}", self.id);
                let trace = Some(failure.trace.clone());
                self.worker.statuses().task(&self.id, State::Failed, trace, version.as_deref());
                return self.is(&wanted, Phase::Failed(failure));
            }
        };
        tracing::debug!("Starting task {} of version {version}", self.id);
        let guard = Arc::new(Guard(Arc::clone(&self.owner)));
        let handle = self.worker.start_task(StartTask {
            id: self.id.clone(),
            entry,
            connector: Arc::clone(&wanted.connector),
            settings: Arc::clone(&wanted.settings),
            target: wanted.target,
            guard: wanted.generation.map(|generation| (generation, guard as Arc<dyn TaskGuard>)),
        });
        self.handle = Some(handle);
        self.is(&wanted, Phase::Up);
    }

    /// Its class, where it may run at all.
    async fn entry(&self, wanted: &WantedTask) -> Result<(PluginEntry, String), (Failure, Option<String>)> {
        let name = &self.id.connector;
        let resolved = self.worker.resolve(name, &wanted.connector).await;
        let resolved = resolved.map_err(|error| (Failure::new(error.to_string()), None))?;
        let entry = self.worker.entry_of(&resolved.settings);
        let entry = entry.map_err(|error| (Failure::new(resolved.secrets.scrub(&error)), None))?;
        let version = entry.class.version.clone();
        match task_limit::check(name, wanted.tasks, &resolved.settings) {
            Ok(()) => Ok((entry, version)),
            Err(failure) => Err((failure, Some(version))),
        }
    }

    async fn end(&mut self) {
        if let Some(handle) = self.handle.take() {
            let usual = self.worker.parts().config.shutdown_timeout;
            let deadline = if self.worker.lost().is_set() { usual.min(CUT_OFF) } else { usual };
            handle.stop(deadline).await;
        }
        self.here = None;
        self.chair.tell(None);
    }

    fn is(&mut self, wanted: &WantedTask, phase: Phase) {
        self.here = Some(Here { revision: wanted.revision, phase, target: wanted.target });
        self.chair.tell(self.here.clone());
    }
}

fn order(target: TargetState) -> Order {
    match target {
        TargetState::Started => Order::Run,
        TargetState::Paused => Order::Pause,
        TargetState::Stopped => Order::Stop,
    }
}

/// What a task may ask its herder.
struct Guard(Arc<dyn KeepersOwner>);

#[async_trait]
impl TaskGuard for Guard {
    async fn before_task(&self, id: &TaskId, generation: i64) -> Result<(), Failure> {
        self.0.before_task(id, generation).await
    }

    async fn may_run(&self, id: &TaskId, generation: i64) -> Result<(), Failure> {
        self.0.may_run(id, generation).await
    }
}
