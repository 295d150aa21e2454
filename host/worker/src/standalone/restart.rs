//! Restarts: of the connector instance, of one task, and of what a plan says (KIP-745).

use super::Standalone;
use super::change::not_found;
use super::place::Turn;
use crate::entities::{RestartRequest, State, StateInfo};
use crate::failure::Failure;
use crate::herder::{HerderError, Result};
use crate::restart_plan::RestartPlan;

impl Standalone {
    /// `POST /connectors/{c}/restart`. Without flags it is done when it answers; with them the answer is the plan.
    pub(super) async fn restart_connector(&self, name: &str, request: RestartRequest) -> Result<Option<StateInfo>> {
        self.published(name).ok_or_else(|| unknown(name))?;
        let (herder, name) = (self.clone(), name.to_owned());
        let work = tokio::spawn(async move {
            let mut turn = herder.supersede(&name).await;
            if turn.config.is_none() {
                herder.leave(turn);
                return Err(unknown(&name));
            }
            let status = herder.0.board.get(&name);
            let status =
                status.ok_or_else(|| HerderError::NotFound(format!("Status for connector {name} not found")))?;
            if !request.has_flags() {
                herder.stop_connector(&mut turn).await;
                herder.show(&turn, State::Unassigned, None);
                let started = herder.start_again(&mut turn).await;
                herder.publish(&name, &turn);
                return started.map(|()| None);
            }
            let plan = RestartPlan::of(request, status);
            let shown = plan.shown.clone();
            // Before the answer: whoever asks for the status next sees what was promised.
            herder.0.board.restarting(&plan);
            tokio::spawn(async move { herder.carry_out(turn, plan).await });
            Ok(Some(shown))
        });
        work.await.map_err(|error| HerderError::Internal(error.to_string()))?
    }

    async fn carry_out(&self, mut turn: Turn, plan: RestartPlan) {
        if plan.connector {
            self.stop_connector(&mut turn).await;
        }
        self.stop_numbered(&mut turn, &plan.tasks).await;
        if plan.connector {
            // What goes wrong shows in the status.
            let _ = self.start_again(&mut turn).await;
        }
        self.start_missing(&mut turn);
        self.publish(&turn.name, &turn);
    }

    /// Starts a connector that was stopped to be started again, now with the newest class that its config allows.
    async fn start_again(&self, turn: &mut Turn) -> Result<()> {
        if let Err(failure) = self.renew(turn).await {
            tracing::error!("Connector {} failed to start: {failure}", turn.name);
            self.show(turn, State::Failed, Some(failure.trace));
            return Err(super::connector::not_started(&turn.name));
        }
        self.bring_up(turn).await
    }

    async fn renew(&self, turn: &mut Turn) -> std::result::Result<(), Failure> {
        let Some(config) = turn.config.clone() else { return Ok(()) };
        turn.entry = Some(self.0.worker.newest_entry(&turn.name, &config).await?);
        Ok(())
    }

    /// `POST /connectors/{c}/tasks/{n}/restart`: that one, with the class that its connector has.
    pub(super) async fn restart_one(&self, name: &str, task: u32) -> Result<()> {
        self.published(name).ok_or_else(|| not_found(name))?;
        let (herder, name) = (self.clone(), name.to_owned());
        let work = tokio::spawn(async move {
            let mut turn = herder.enter(&name).await;
            if turn.tasks.len() <= task as usize {
                herder.leave(turn);
                return Err(HerderError::NotFound(format!("Task {name}-{task} not found")));
            }
            herder.stop_numbered(&mut turn, &[task]).await;
            let started = herder.start_numbered(&mut turn, task as usize);
            started.map_err(|_| HerderError::Internal(format!("Failed to start task: {name}-{task}")))
        });
        work.await.map_err(|error| HerderError::Internal(error.to_string()))?
    }
}

/// Kafka's words, of a restart.
fn unknown(name: &str) -> HerderError {
    HerderError::NotFound(format!("Unknown connector: {name}"))
}
