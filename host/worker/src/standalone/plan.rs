//! From a connector to its tasks: it is asked for their settings, and if those are others than before, or its config
//! or class is, its tasks are made anew.

use super::Standalone;
use super::connector::not_started;
use super::in_use::stored;
use super::place::{Applied, Task, Turn};
use crate::connector::NoTaskConfigs;
use crate::entities::{ConfigMap, State, TargetState};
use crate::failure::Failure;
use crate::herder::HerderError;
use crate::task_limit::{self, retry_after, tasks_max};

impl Standalone {
    /// Asks for task configs and starts the tasks that they change. A connector that has none to give now is asked
    /// again: `attempts` is how often that was in vain. What goes wrong is on the board as well.
    pub(super) async fn plan(&self, turn: &mut Turn, attempts: u32) -> Result<(), HerderError> {
        let (Some(handle), Some(config), Some(entry)) = (&turn.handle, turn.config.clone(), turn.entry.clone()) else {
            return Ok(());
        };
        let settings = turn.in_use.as_ref().map_or(&config, |in_use| &in_use.settings);
        let asked = {
            let _stage = self.0.health.stage(format!("generating task configs for connector {}", turn.name));
            turn.interrupt.or(handle.task_configs(tasks_max(settings))).await
        };
        let list = match asked.unwrap_or_else(|failure| Err(NoTaskConfigs { failure, again: false })) {
            Ok(list) => list,
            Err(NoTaskConfigs { failure, again: true }) => {
                self.plan_later(turn, attempts, failure);
                return Ok(());
            }
            Err(NoTaskConfigs { failure, again: false }) => {
                tracing::error!("Connector {} failed in task-configs: {failure}", turn.name);
                self.show(turn, State::Failed, Some(failure.trace));
                return Err(not_started(&turn.name));
            }
        };
        if let Err(failure) = task_limit::check(&turn.name, list.len(), settings) {
            self.show(turn, State::Failed, Some(failure.trace.clone()));
            return Err(HerderError::Internal(failure.trace));
        }
        if attempts > 0 {
            self.show(turn, State::Running, None);
        }
        let list: Vec<ConfigMap> = list.into_iter().map(|settings| stored(settings, &config, &entry.class)).collect();
        let fits = |applied: &Applied| applied.config == config && applied.entry.is(&entry);
        let same = turn.applied.as_ref().is_some_and(fits) && turn.tasks.iter().map(|task| &task.settings).eq(&list);
        if !same {
            self.stop_tasks(turn).await;
            turn.tasks = list.into_iter().map(|settings| Task { settings, handle: None }).collect();
            turn.applied = Some(Applied { config, entry });
            self.0.board.forget_tasks(&turn.name, u32::try_from(turn.tasks.len()).unwrap_or(u32::MAX));
        }
        self.start_missing(turn);
        Ok(())
    }

    /// Asks again after a while, as Kafka's distributed mode does. The connector runs meanwhile, and so do the tasks
    /// that it had; why there are no others shows in its status.
    fn plan_later(&self, turn: &Turn, attempts: u32, failure: Failure) {
        let wait = retry_after(attempts);
        let name = turn.name.clone();
        tracing::error!("Connector {name} has no task configs to give and is asked again in {wait:?}: {failure}");
        self.show(turn, State::Running, Some(failure.trace));
        let (weak, instance) = (self.downgrade(), turn.instance);
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            let Some(inner) = weak.upgrade() else { return };
            let herder = Standalone(inner);
            let mut turn = herder.enter(&name).await;
            if turn.instance == instance && turn.handle.is_some() && turn.target == TargetState::Started {
                let _ = herder.plan(&mut turn, attempts.saturating_add(1)).await;
                herder.publish(&name, &turn);
            }
            herder.leave(turn);
        });
    }
}
