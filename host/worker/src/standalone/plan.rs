//! From a connector to its tasks: it is asked for their settings, and if those are others than before, or its config
//! or class is, its tasks are made anew.
//!
//! A plugin may say that it has no tasks to name just now, and it may ask for a new plan as often as it likes. However
//! often both come together, there is one who asks again for an instance; he ends with the first answer, and with the
//! instance.

use super::Standalone;
use super::connector::not_started;
use super::place::{Applied, Task, Turn};
use crate::entities::State;
use crate::failure::Failure;
use crate::herder::HerderError;
use crate::task_limit::retry_after;
use crate::worker::NoPlan;

impl Standalone {
    /// Asks for task configs and starts the tasks that they change. A connector that has none to give now is asked
    /// again later. What goes wrong is on the board as well.
    pub(super) async fn plan(&self, turn: &mut Turn) -> Result<(), HerderError> {
        let in_vain = turn.asking.take();
        let (Some(handle), Some(config), Some(entry)) = (&turn.handle, turn.config.clone(), turn.entry.clone()) else {
            return Ok(());
        };
        let Some(in_use) = turn.in_use.clone() else { return Ok(()) };
        let asked = turn.interrupt.or(self.0.worker.task_configs(&turn.name, handle, &entry, &config, &in_use)).await;
        let list = match asked.unwrap_or_else(|failure| Err(NoPlan::Gone(failure))) {
            Ok(list) => list,
            Err(NoPlan::Later(failure)) => {
                turn.asking = Some(in_vain.unwrap_or_else(|| self.ask_again(turn, &failure)));
                // The connector runs meanwhile, and so do the tasks that it had.
                self.show(turn, State::Running, Some(failure.trace));
                return Ok(());
            }
            Err(NoPlan::Gone(failure)) => {
                tracing::error!("Connector {} failed in task-configs: {failure}", turn.name);
                self.show(turn, State::Failed, Some(failure.trace));
                return Err(not_started(&turn.name));
            }
            Err(NoPlan::TooMany(failure)) => {
                self.show(turn, State::Failed, Some(failure.trace.clone()));
                return Err(HerderError::Internal(failure.trace));
            }
        };
        if in_vain.is_some() {
            self.show(turn, State::Running, None);
        }
        let fits = |applied: &Applied| applied.config == config && applied.entry.is(&entry);
        let same = turn.applied.as_ref().is_some_and(fits) && turn.tasks.iter().map(|task| &task.settings).eq(&list);
        if !same {
            self.stop_tasks(turn).await;
            turn.tasks = list.into_iter().map(|settings| Task { settings, handle: None }).collect();
            turn.applied = Some(Applied { config, entry, secrets: Some(in_use.secrets) });
            self.0.board.forget_tasks(&turn.name, u32::try_from(turn.tasks.len()).unwrap_or(u32::MAX));
        }
        self.start_missing(turn);
        Ok(())
    }

    /// Asks again after a while, and then less and less often, as Kafka's distributed mode does; the number of who does.
    fn ask_again(&self, turn: &Turn, failure: &Failure) -> u64 {
        let (name, number, weak) = (turn.name.clone(), self.number(), self.downgrade());
        tracing::error!("Connector {name} has no task configs to give and will be asked again: {failure}");
        tokio::spawn(async move {
            for attempts in 0.. {
                let wait = retry_after(attempts);
                tracing::warn!("Connector {name} is asked for task configs again in {wait:?}");
                tokio::time::sleep(wait).await;
                let Some(inner) = weak.upgrade() else { return };
                if !Standalone(inner).ask_now(&name, number).await {
                    return;
                }
            }
        });
        number
    }

    /// Asks in the name of who waited; whether he has to wait on.
    async fn ask_now(&self, name: &str, number: u64) -> bool {
        let mut turn = self.enter(name).await;
        let ours = |turn: &Turn| turn.asking == Some(number);
        if ours(&turn) {
            // What goes wrong shows in the status.
            let _ = self.plan(&mut turn).await;
            self.publish(name, &turn);
        }
        let waits_on = ours(&turn);
        self.leave(turn);
        waits_on
    }
}
