//! Keeps one connector instance: brings it where it is wanted, asks it for the settings of its tasks, and hears what it
//! says by itself. One step at a time; only a plugin that takes its time in `start` or `task-configs` is cut off, a
//! while after something else is wanted.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use watertight_sandbox::registry::PluginEntry;

use super::phase::{Here, InstanceStep, Phase, instance_step};
use super::seat::{Chair, key};
use super::wanted::{KeepersOwner, WantedConnector};
use super::{CUT_OFF, Keepers};
use crate::connector::{ConnectorHandle, Wish};
use crate::entities::{ConnectorType, State, TargetState};
use crate::failure::Failure;
use crate::task_limit::retry_after;
use crate::validate::kind_of;
use crate::worker::{CONNECTOR_STOP, InUse, NoPlan, Worker};

pub(super) struct InstanceKeeper {
    name: String,
    worker: Worker,
    owner: Arc<dyn KeepersOwner>,
    chair: Chair<WantedConnector>,
    here: Option<Here>,
    entry: Option<PluginEntry>,
    up: Option<Up>,
}

/// An instance that has started.
struct Up {
    handle: ConnectorHandle,
    wanted: WantedConnector,
    entry: PluginEntry,
    in_use: InUse,
    wishes: mpsc::UnboundedReceiver<Wish>,
    plan: Plan,
}

/// When an instance is asked for the settings of its tasks.
#[derive(Default)]
struct Plan {
    due: Option<Instant>,
    /// Attempts in a row that failed.
    attempts: u32,
    /// Its state says why it has none.
    told: bool,
}

/// Something else is wanted, and the plugin has had its time.
struct CutOff;

impl InstanceKeeper {
    pub(super) fn new(name: &str, worker: Worker, owner: Arc<dyn KeepersOwner>, chair: Chair<WantedConnector>) -> Self {
        Self { name: name.to_owned(), worker, owner, chair, here: None, entry: None, up: None }
    }

    /// Keeps it until nothing is wanted and nothing is here.
    pub(super) async fn keep(mut self, keepers: Keepers) {
        loop {
            let wanted = self.chair.look();
            let step = instance_step(self.here.as_ref(), key(wanted.as_ref()));
            match (step, wanted) {
                (InstanceStep::Rest, None) => {
                    if keepers.leave_instance(&self.name, self.chair.number) {
                        return;
                    }
                }
                (InstanceStep::Rest, Some(_)) => self.rest().await,
                (InstanceStep::End, _) => self.end().await,
                (_, None) => {}
                (InstanceStep::Start, Some(wanted)) => self.start(wanted).await,
                (InstanceStep::Park(target), Some(wanted)) => self.park(&wanted, target).await,
                (InstanceStep::Refuse(target), Some(wanted)) => {
                    let word = match target {
                        TargetState::Started => "STARTED",
                        TargetState::Paused => "PAUSED",
                        TargetState::Stopped => "STOPPED",
                    };
                    tracing::error!("Cannot transition connector {} to {word} since it has failed", self.name);
                    if let Some(Here { phase, .. }) = self.here.take() {
                        self.is(&wanted, phase);
                    }
                }
            }
        }
    }

    /// Until something else is wanted, or the instance says something, or is to be asked.
    async fn rest(&mut self) {
        let has_failed = matches!(self.here, Some(Here { phase: Phase::Failed(_), .. }));
        let Some(up) = &mut self.up else {
            // Its end is seen in the next look.
            let _ = self.chair.wanted.changed().await;
            return;
        };
        let due = up.plan.due;
        tokio::select! {
            _ = self.chair.wanted.changed() => {}
            Some(wish) = up.wishes.recv() => match wish {
                Wish::Fail(failure) => self.fail(failure),
                // As in Kafka, one that has failed is not asked for tasks any more.
                Wish::Reconfigure if has_failed => {}
                Wish::Reconfigure => up.plan.due = Some(Instant::now()),
            },
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.plan().await,
        }
    }

    async fn start(&mut self, wanted: WantedConnector) {
        self.is(&wanted, Phase::Starting);
        match self.brought_up(&wanted).await {
            Ok(Ok(up)) => {
                self.show(State::Running, None);
                self.up = Some(up);
                self.is(&wanted, Phase::Up);
            }
            Ok(Err(failure)) => {
                let name = &self.name;
                let context = format!("{name}|worker");
                tracing::error!(connector_context = context, "Connector {name} failed to start: {failure}");
                self.show(State::Failed, Some(failure.trace.clone()));
                self.is(&wanted, Phase::Failed(failure));
            }
            Err(CutOff) => {
                self.unassigned();
                self.is_not();
            }
        }
    }

    async fn brought_up(&mut self, wanted: &WantedConnector) -> Result<Result<Up, Failure>, CutOff> {
        let over = over(&self.chair, wanted);
        let work = async {
            let entry = match &self.entry {
                Some(entry) => entry.clone(),
                None => self.worker.newest_entry(&self.name, &wanted.config).await?,
            };
            let in_use = self.worker.in_use(&self.name, &wanted.config, &entry.class).await;
            let in_use = in_use.map_err(|error| Failure::new(error.to_string()))?;
            let (wish, wishes) = mpsc::unbounded_channel();
            let tell = move |said| {
                // Nobody listens to an instance that is being stopped.
                let _ = wish.send(said);
            };
            let handle = self.worker.start_instance(&self.name, &entry, &in_use.settings, tell).await?;
            let plan = Plan { due: Some(Instant::now()), ..Plan::default() };
            Ok(Up { handle, wanted: wanted.clone(), entry, in_use, wishes, plan })
        };
        let done = tokio::select! {
            done = work => Ok(done),
            () = over => Err(CutOff),
        };
        if let Ok(Ok(up)) = &done {
            self.entry = Some(up.entry.clone());
        }
        if done.is_err() {
            self.say_cut_off();
        }
        done
    }

    /// Asks for the settings of the tasks and hands them over; what cannot be had or handed over now, is asked for again
    /// later. One that fails meanwhile, has failed.
    async fn plan(&mut self) {
        let Some(up) = &mut self.up else { return };
        up.plan.due = None;
        let Up { handle, wanted, entry, in_use, wishes, plan } = up;
        let over = over(&self.chair, wanted);
        let asked = tokio::select! {
            asked = self.worker.task_configs(&self.name, handle, entry, &wanted.config, in_use) => asked,
            () = over => {
                self.say_cut_off();
                self.up = None;
                self.unassigned();
                self.is_not();
                return;
            }
        };
        let list = match asked {
            Ok(list) => list,
            Err(NoPlan::Later(failure)) => {
                plan.told = true;
                plan.due = Some(later(&self.name, &failure, &mut plan.attempts));
                self.show(State::Running, Some(failure.trace));
                return;
            }
            Err(NoPlan::Gone(failure) | NoPlan::TooMany(failure)) => return self.fail(failure),
        };
        if std::mem::take(&mut plan.told) {
            plan.attempts = 0;
            show(&self.worker, &self.name, Some(&*entry), State::Running, None);
        }
        let failed = tokio::select! {
            handed_over = self.owner.task_configs(&self.name, list) => {
                match handed_over {
                    Ok(()) => plan.attempts = 0,
                    Err(failure) => plan.due = Some(later(&self.name, &failure, &mut plan.attempts)),
                }
                None
            }
            () = self.chair.superseded(wanted) => {
                // Whoever wants it as it is again gets what could not be handed over.
                plan.due = Some(Instant::now());
                None
            }
            failure = next_failure(wishes, &mut plan.due) => Some(failure),
        };
        if let Some(failure) = failed {
            self.fail(failure);
        }
    }

    /// Stops it if it is up, and says that it is paused or stopped.
    async fn park(&mut self, wanted: &WantedConnector, target: TargetState) {
        self.stop().await;
        if self.entry.is_none() {
            // As in Kafka, there is nothing to pause or stop where the plugin is missing.
            match self.worker.newest_entry(&self.name, &wanted.config).await {
                Ok(entry) => self.entry = Some(entry),
                Err(failure) => {
                    tracing::error!("Connector {} failed to start: {failure}", self.name);
                    self.show(State::Failed, Some(failure.trace.clone()));
                    return self.is(wanted, Phase::Failed(failure));
                }
            }
        }
        let (state, phase) = match target {
            TargetState::Stopped => (State::Stopped, Phase::Stopped),
            TargetState::Paused | TargetState::Started => (State::Paused, Phase::Paused),
        };
        self.show(state, None);
        self.is(wanted, phase);
    }

    async fn end(&mut self) {
        self.stop().await;
        self.unassigned();
        self.is_not();
    }

    async fn stop(&mut self) {
        if let Some(up) = self.up.take() {
            let _stage = self.worker.health().stage(format!("stopping connector {}", self.name));
            let deadline = if self.worker.lost().is_set() { CUT_OFF } else { CONNECTOR_STOP };
            up.handle.stop(deadline).await;
        }
    }

    /// It has failed by its own word. As in Kafka, its tasks go on.
    fn fail(&mut self, failure: Failure) {
        tracing::error!("Connector {} failed: {failure}", self.name);
        if let Some(up) = &mut self.up {
            up.plan.due = None;
        }
        if let Some(here) = &mut self.here
            && !matches!(here.phase, Phase::Failed(_))
        {
            here.phase = Phase::Failed(failure.clone());
            self.chair.tell(self.here.clone());
            self.show(State::Failed, Some(failure.trace));
        }
    }

    fn say_cut_off(&self) {
        tracing::error!(
            "Connector {} was not up {} s after something else was asked of it, and was cut off",
            self.name,
            CONNECTOR_STOP.as_secs()
        );
    }

    fn is(&mut self, wanted: &WantedConnector, phase: Phase) {
        self.here = Some(Here { revision: wanted.revision, phase, target: wanted.target });
        self.chair.tell(self.here.clone());
    }

    fn is_not(&mut self) {
        self.here = None;
        self.entry = None;
        self.chair.tell(None);
    }

    fn show(&self, state: State, trace: Option<String>) {
        show(&self.worker, &self.name, self.entry.as_ref(), state, trace);
    }

    fn unassigned(&self) {
        if self.worker.lost().is_set() {
            return;
        }
        let (kind, version) = label(self.entry.as_ref());
        self.worker.statuses().connector_unassigned(&self.name, kind, version);
    }
}

/// Ends when something else is wanted, and the plugin has had its time.
fn over(chair: &Chair<WantedConnector>, doing: &WantedConnector) -> impl Future<Output = ()> + Send + use<> {
    let superseded = chair.superseded(doing);
    async {
        superseded.await;
        sleep(CONNECTOR_STOP).await;
    }
}

fn show(worker: &Worker, name: &str, entry: Option<&PluginEntry>, state: State, trace: Option<String>) {
    let (kind, version) = label(entry);
    worker.statuses().connector(name, kind, state, trace, version);
}

fn label(entry: Option<&PluginEntry>) -> (ConnectorType, Option<&str>) {
    match entry {
        Some(entry) => (kind_of(&entry.class), Some(entry.class.version.as_str())),
        None => (ConnectorType::Unknown, None),
    }
}

/// When to try again.
fn later(name: &str, failure: &Failure, attempts: &mut u32) -> Instant {
    let wait = retry_after(*attempts);
    *attempts = attempts.saturating_add(1);
    tracing::error!("Failed to reconfigure connector's tasks ({name}), retrying in {wait:?}: {failure}");
    Instant::now() + wait
}

/// Waits until the instance says that it has failed. What else it says, is done afterwards.
async fn next_failure(wishes: &mut mpsc::UnboundedReceiver<Wish>, due: &mut Option<Instant>) -> Failure {
    loop {
        match wishes.recv().await {
            Some(Wish::Fail(failure)) => return failure,
            Some(Wish::Reconfigure) => *due = Some(Instant::now()),
            None => std::future::pending().await,
        }
    }
}
