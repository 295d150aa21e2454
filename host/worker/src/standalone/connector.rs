//! A connector instance going up and down. Whoever calls has the connector's turn.

use std::sync::Arc;

use super::Standalone;
use super::place::Turn;
use crate::connector::{ConnectorHandle, Wish};
use crate::entities::{State, TargetState, TaskId};
use crate::failure::Failure;
use crate::herder::HerderError;
use crate::status::Statuses;
use crate::task::{Order, TaskHandle};
use crate::task_limit;
use crate::validate::kind_of;
use crate::worker::{CONNECTOR_STOP, StartTask};

/// Why nothing is started any more.
const CLOSING: &str = "The worker is shutting down";

impl Standalone {
    /// Starts the connector as its target state says, and its tasks. What goes wrong is on the board as well.
    pub(super) async fn bring_up(&self, turn: &mut Turn) -> Result<(), HerderError> {
        if self.is_closing() {
            return Err(HerderError::Internal(CLOSING.to_owned()));
        }
        match turn.target {
            TargetState::Stopped => {
                self.show(turn, State::Stopped, None);
                self.0.board.forget_tasks(&turn.name, 0);
                return Ok(());
            }
            TargetState::Paused => {
                self.show(turn, State::Paused, None);
                self.start_missing(turn);
                return Ok(());
            }
            TargetState::Started => {}
        }
        match self.start_instance(turn).await {
            Ok(handle) => {
                self.show(turn, State::Running, None);
                turn.handle = Some(handle);
                self.plan(turn).await
            }
            Err(failure) => {
                let name = &turn.name;
                let context = format!("{name}|worker");
                tracing::error!(connector_context = context, "Connector {name} failed to start: {failure}");
                self.show(turn, State::Failed, Some(failure.trace));
                Err(not_started(name))
            }
        }
    }

    async fn start_instance(&self, turn: &mut Turn) -> Result<ConnectorHandle, Failure> {
        let (Some(config), Some(entry)) = (turn.config.clone(), turn.entry.clone()) else {
            return Err(Failure::new("the connector is gone"));
        };
        let in_use = self.0.worker.in_use(&turn.name, &config, &entry.class).await;
        let in_use = in_use.map_err(|error| Failure::new(error.to_string()))?;
        let settings = in_use.settings.clone();
        turn.in_use = Some(in_use);
        turn.instance = self.number();
        let (herder, name, instance) = (self.downgrade(), turn.name.clone(), turn.instance);
        let wishes = move |wish| {
            if let Some(inner) = herder.upgrade() {
                tokio::spawn(Standalone(inner).grant(name.clone(), instance, wish));
            }
        };
        turn.interrupt.or(self.0.worker.start_instance(&turn.name, &entry, &settings, wishes)).await?
    }

    /// A connector asked for something by itself.
    async fn grant(self, name: String, instance: u64, wish: Wish) {
        let mut turn = self.enter(&name).await;
        if turn.instance != instance || turn.handle.is_none() || turn.target != TargetState::Started {
            return self.leave(turn);
        }
        match wish {
            Wish::Fail(failure) => {
                tracing::error!("Connector {name} failed: {failure}");
                turn.asking = None;
                self.show(&turn, State::Failed, Some(failure.trace));
            }
            // As in Kafka, one that has failed is not asked for tasks any more.
            Wish::Reconfigure if self.has_failed(&name) => {}
            Wish::Reconfigure => {
                // What goes wrong shows in the status.
                let _ = self.plan(&mut turn).await;
                self.publish(&name, &turn);
            }
        }
    }

    /// Whether a connector's state is FAILED. It stays what it is for as long as the caller has the connector's turn.
    pub(super) fn has_failed(&self, name: &str) -> bool {
        self.0.board.get(name).is_some_and(|status| status.connector.state == State::Failed)
    }

    /// Puts the connector's state on the board.
    pub(super) fn show(&self, turn: &Turn, state: State, trace: Option<String>) {
        if let Some(entry) = &turn.entry {
            let (kind, version) = (kind_of(&entry.class), Some(entry.class.version.as_str()));
            self.0.board.connector(&turn.name, kind, state, trace, version);
        }
    }

    /// Starts the tasks that were stopped to be started again, as the target state says.
    pub(super) fn start_missing(&self, turn: &mut Turn) {
        for number in 0..turn.tasks.len() {
            if turn.tasks.get(number).is_some_and(|task| task.handle.is_none()) {
                // What goes wrong shows in the task's status.
                let _ = self.start_numbered(turn, number);
            }
        }
    }

    /// Starts the task of this number from its stored settings.
    ///
    /// # Errors
    /// When there are more tasks than there may be, or the worker ends.
    pub(super) fn start_numbered(&self, turn: &mut Turn, number: usize) -> Result<(), Failure> {
        if self.is_closing() {
            return Err(Failure::new(CLOSING));
        }
        let (Some(config), Some(entry)) = (turn.config.clone(), turn.entry.clone()) else { return Ok(()) };
        let id = TaskId { connector: turn.name.clone(), task: u32::try_from(number).unwrap_or(u32::MAX) };
        let settings = turn.in_use.as_ref().map_or(&config, |in_use| &in_use.settings);
        if let Err(failure) = task_limit::check(&turn.name, turn.tasks.len(), settings) {
            tracing::error!("Task {id} failed to start: {failure}");
            let version = Some(entry.class.version.as_str());
            self.0.board.task(&id, State::Failed, Some(failure.trace.clone()), version);
            return Err(failure);
        }
        let target = turn.target;
        if let Some(task) = turn.tasks.get_mut(number) {
            let (connector, settings) = (Arc::new(config), Arc::new(task.settings.clone()));
            let start = StartTask { id, entry, connector, settings, target, guard: None };
            task.handle = Some(self.0.worker.start_task(start));
        }
        Ok(())
    }

    /// Stops all tasks, at once and each within its deadline.
    pub(super) async fn stop_tasks(&self, turn: &mut Turn) {
        let handles: Vec<TaskHandle> = turn.tasks.iter_mut().filter_map(|task| task.handle.take()).collect();
        self.stop_handles(handles).await;
    }

    /// Stops the tasks of these numbers, likewise.
    pub(super) async fn stop_numbered(&self, turn: &mut Turn, numbers: &[u32]) {
        let wanted = |number: &u32| turn.tasks.get_mut(*number as usize).and_then(|task| task.handle.take());
        let handles: Vec<TaskHandle> = numbers.iter().filter_map(wanted).collect();
        self.stop_handles(handles).await;
    }

    async fn stop_handles(&self, handles: Vec<TaskHandle>) {
        let deadline = self.0.worker.parts().config.shutdown_timeout;
        futures::future::join_all(handles.into_iter().map(|handle| handle.stop(deadline))).await;
    }

    /// Stops the connector instance, not its tasks.
    pub(super) async fn stop_connector(&self, turn: &mut Turn) {
        turn.asking = None;
        if let Some(handle) = turn.handle.take() {
            let _stage = self.0.worker.health().stage(format!("stopping connector {}", turn.name));
            handle.stop(CONNECTOR_STOP).await;
        }
    }

    /// Tells all tasks.
    pub(super) fn order(turn: &Turn, order: Order) {
        for handle in turn.tasks.iter().filter_map(|task| task.handle.as_ref()) {
            handle.order(order);
        }
    }
}

/// Kafka's words; why stands in the status.
pub(super) fn not_started(name: &str) -> HerderError {
    HerderError::Internal(format!("Failed to transition connector {name} to state STARTED"))
}
