//! What happens to one connector: started, planned, paused, stopped. Called with the connector's slot locked.

use std::sync::Arc;

use watertight_sandbox::registry::PluginEntry;

use super::in_use::stored;
use super::start::tasks_max;
use super::{CONNECTOR_STOP, Inner, Slot, Standalone, Task};
use crate::connector::{ConnectorHandle, Wish};
use crate::entities::{ConfigMap, ConnectorType, State, TargetState, TaskId};
use crate::failure::Failure;
use crate::task::{Order, TaskHandle};
use crate::validate::kind_of;

impl Standalone {
    /// Starts the connector as its target state says, and its tasks. An error is already on the board.
    pub(super) async fn bring_up(&self, name: &str, slot: &mut Slot, entry: &PluginEntry) -> Result<(), Failure> {
        let kind = kind_of(&entry.class);
        let version = Some(entry.class.version.as_str());
        match slot.target {
            TargetState::Stopped => {
                self.0.board.connector(name, kind, State::Stopped, None, version);
                self.0.board.forget_tasks(name, 0);
                return Ok(());
            }
            TargetState::Paused => {
                self.0.board.connector(name, kind, State::Paused, None, version);
                self.start_missing(name, slot, entry);
                return Ok(());
            }
            TargetState::Started => {}
        }
        let Some(config) = slot.config.clone() else { return Ok(()) };
        let settings = match self.in_use(name, &config, &entry.class).await {
            Ok(in_use) => {
                let settings = in_use.settings.clone();
                Self::hold(slot, in_use);
                settings
            }
            Err(error) => return Err(self.not_started(name, entry, Failure::new(error.to_string()))),
        };
        let herder = self.downgrade();
        let owner = name.to_owned();
        let wishes = move |wish| {
            if let Some(inner) = herder.upgrade() {
                grant(&Standalone(inner), &owner, wish);
            }
        };
        match ConnectorHandle::start(&self.0.parts.host, entry, name, &settings, wishes).await {
            Ok(handle) => {
                self.0.board.connector(name, kind, State::Running, None, version);
                slot.handle = Some(handle);
                self.plan(name, slot, entry).await
            }
            Err(failure) => Err(self.not_started(name, entry, failure)),
        }
    }

    fn not_started(&self, name: &str, entry: &PluginEntry, failure: Failure) -> Failure {
        tracing::error!(connector_context = format!("{name}|worker"), "Connector {name} failed to start: {failure}");
        let (kind, version) = (kind_of(&entry.class), Some(entry.class.version.as_str()));
        self.0.board.connector(name, kind, State::Failed, Some(failure.trace.clone()), version);
        failure
    }

    /// Asks for task configs and starts the tasks that they change.
    pub(super) async fn plan(&self, name: &str, slot: &mut Slot, entry: &PluginEntry) -> Result<(), Failure> {
        let (Some(handle), Some(config)) = (&slot.handle, slot.config.clone()) else { return Ok(()) };
        let kind = kind_of(&entry.class);
        let version = Some(entry.class.version.as_str());
        let settings = slot.in_use.as_ref().map_or(&config, |in_use| &in_use.settings);
        let max = tasks_max(settings);
        let enforced = settings.get("tasks.max.enforce").is_none_or(|value| value.trim() != "false");
        let planned = match handle.task_configs(max).await {
            Ok(list) if enforced && list.len() > max as usize => Err(Failure::new(format!(
                "The connector {name} has generated {} tasks, which is greater than {max}, the maximum number of tasks it is configured to create. This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect.",
                list.len()
            ))),
            other => other,
        };
        let list = match planned {
            Ok(list) => list,
            Err(failure) => {
                self.0.board.connector(name, kind, State::Failed, Some(failure.trace.clone()), version);
                return Err(failure);
            }
        };
        let list: Vec<ConfigMap> = list.into_iter().map(|settings| stored(settings, &config, &entry.class)).collect();
        if !slot.tasks.iter().map(|task| &task.settings).eq(&list) {
            self.stop_tasks(slot).await;
            slot.tasks = list.into_iter().map(|settings| Task { settings, handle: None }).collect();
            self.0.board.forget_tasks(name, u32::try_from(slot.tasks.len()).unwrap_or(u32::MAX));
        }
        self.start_missing(name, slot, entry);
        Ok(())
    }

    /// Starts the tasks that were stopped to be started again, as the target state says.
    fn start_missing(&self, name: &str, slot: &mut Slot, entry: &PluginEntry) {
        for number in 0..slot.tasks.len() {
            if slot.tasks.get(number).is_some_and(|task| task.handle.is_none()) {
                self.start_numbered(name, slot, entry, number);
            }
        }
    }

    /// Starts the task of this number from its stored settings.
    pub(super) fn start_numbered(&self, name: &str, slot: &mut Slot, entry: &PluginEntry, number: usize) {
        let Some(config) = slot.config.clone() else { return };
        let target = slot.target;
        if let Some(task) = slot.tasks.get_mut(number) {
            let id = TaskId { connector: name.to_owned(), task: u32::try_from(number).unwrap_or(u32::MAX) };
            task.handle = Some(self.start_task(id, entry, &config, &task.settings, target));
        }
    }

    /// Stops all tasks, at once and each within its deadline.
    pub(super) async fn stop_tasks(&self, slot: &mut Slot) {
        let handles: Vec<TaskHandle> = slot.tasks.iter_mut().filter_map(|task| task.handle.take()).collect();
        let deadline = self.0.parts.config.shutdown_timeout;
        futures::future::join_all(handles.into_iter().map(|handle| handle.stop(deadline))).await;
    }

    /// Stops the connector instance, not its tasks.
    pub(super) async fn stop_connector(&self, slot: &mut Slot) {
        if let Some(handle) = slot.handle.take() {
            handle.stop(CONNECTOR_STOP).await;
        }
    }

    /// Moves a connector to another target state, by the rules of section 3 of Connect's behaviour: a failed
    /// connector is neither paused nor resumed, only stopped.
    pub(super) async fn move_to(&self, name: &str, slot: &mut Slot, entry: &PluginEntry, target: TargetState) {
        let before = std::mem::replace(&mut slot.target, target);
        let kind = kind_of(&entry.class);
        let version = Some(entry.class.version.as_str());
        let failed = self.0.board.get(name).is_some_and(|status| status.connector.state == State::Failed);
        match target {
            TargetState::Stopped => {
                self.stop_tasks(slot).await;
                slot.tasks.clear();
                self.stop_connector(slot).await;
                self.0.board.forget_tasks(name, 0);
                self.0.board.connector(name, kind, State::Stopped, None, version);
            }
            TargetState::Paused | TargetState::Started if before == target => {}
            TargetState::Paused => {
                if !failed {
                    self.stop_connector(slot).await;
                    self.0.board.connector(name, kind, State::Paused, None, version);
                }
                order(slot, Order::Pause);
            }
            TargetState::Started => {
                if failed {
                    tracing::warn!("connector {name} has failed and is not resumed; restart it");
                    order(slot, Order::Run);
                    return;
                }
                order(slot, Order::Run);
                if slot.handle.is_none() {
                    // What goes wrong shows in the status.
                    let _ = self.bring_up(name, slot, entry).await;
                }
            }
        }
    }

    /// The class behind a connector.
    pub(super) fn entry_of_slot(&self, slot: &Slot) -> Result<PluginEntry, String> {
        match &slot.in_use {
            Some(in_use) => self.entry_of(&in_use.settings),
            None => Err("the connector is gone".to_owned()),
        }
    }

    /// The class behind a connector's settings.
    pub(super) fn entry_of(&self, config: &ConfigMap) -> Result<PluginEntry, String> {
        let class = config.get("connector.class").map_or("", String::as_str);
        self.0.parts.plugins.find_connector(class.trim()).map_err(|error| error.to_string())
    }
}

fn order(slot: &Slot, order: Order) {
    for handle in slot.tasks.iter().filter_map(|task| task.handle.as_ref()) {
        handle.order(order);
    }
}

/// A connector asked for something by itself.
fn grant(herder: &Standalone, name: &str, wish: Wish) {
    match wish {
        Wish::Fail(failure) => {
            tracing::error!("Connector {name} failed: {failure}");
            let status = herder.0.board.get(name);
            let kind = status.as_ref().map_or(ConnectorType::Unknown, |status| status.kind);
            let version = status.and_then(|status| status.connector.version);
            herder.0.board.connector(name, kind, State::Failed, Some(failure.trace), version.as_deref());
        }
        Wish::Reconfigure => {
            let weak: std::sync::Weak<Inner> = Arc::downgrade(&herder.0);
            let name = name.to_owned();
            tokio::spawn(async move {
                let Some(inner) = weak.upgrade() else { return };
                let herder = Standalone(inner);
                let slot = herder.slot(&name);
                let mut slot = slot.lock().await;
                if slot.target == TargetState::Started
                    && let Ok(entry) = herder.entry_of_slot(&slot)
                {
                    let _ = herder.plan(&name, &mut slot, &entry).await;
                    herder.publish(&name, &slot, kind_of(&entry.class));
                }
            });
        }
    }
}
