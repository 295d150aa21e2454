//! Other target states, and the end of a connector.

use super::Standalone;
use super::place::{Slot, Turn};
use crate::entities::{State, TargetState};
use crate::herder::{HerderError, Result};
use crate::task::Order;

impl Standalone {
    /// `PUT /connectors/{c}/pause|resume|stop`. Pausing and resuming are accepted now and done as soon as the
    /// connector's turn comes; stopping is waited for.
    pub(super) async fn change_target(&self, name: &str, target: TargetState) -> Result<()> {
        if self.published(name).is_none() {
            return Err(HerderError::NotFound(format!("Unknown connector {name}")));
        }
        self.place(name).desire(target);
        let (herder, name) = (self.clone(), name.to_owned());
        let work = tokio::spawn(async move {
            let turn = match target {
                TargetState::Stopped => herder.supersede(&name).await,
                TargetState::Paused | TargetState::Started => herder.enter(&name).await,
            };
            herder.follow(turn).await;
        });
        match target {
            TargetState::Stopped => work.await.map_err(|error| HerderError::Internal(error.to_string())),
            TargetState::Paused | TargetState::Started => Ok(()),
        }
    }

    /// Does what was asked for last.
    async fn follow(&self, mut turn: Turn) {
        if turn.config.is_some()
            && let Some(target) = turn.interrupt.place.desired()
        {
            self.move_to(&mut turn, target).await;
            self.publish(&turn.name, &turn);
        }
        self.leave(turn);
    }

    /// Moves a connector to another target state. One that has failed is neither paused nor resumed, only stopped; its
    /// tasks are.
    async fn move_to(&self, turn: &mut Turn, target: TargetState) {
        let before = std::mem::replace(&mut turn.target, target);
        let failed = self.has_failed(&turn.name);
        match target {
            TargetState::Stopped => {
                self.stop_tasks(turn).await;
                turn.tasks.clear();
                turn.applied = None;
                self.stop_connector(turn).await;
                self.0.board.forget_tasks(&turn.name, 0);
                self.show(turn, State::Stopped, None);
            }
            TargetState::Paused | TargetState::Started if before == target => {}
            TargetState::Paused => {
                if failed {
                    tracing::error!("Cannot transition connector {} to PAUSED since it has failed", turn.name);
                } else {
                    self.stop_connector(turn).await;
                    self.show(turn, State::Paused, None);
                }
                Self::order(turn, Order::Pause);
            }
            TargetState::Started => {
                // Tasks of another config are about to be replaced: they need not wake up for that.
                let current =
                    turn.applied.as_ref().is_some_and(|applied| Some(&applied.config) == turn.config.as_ref());
                if failed || current {
                    Self::order(turn, Order::Run);
                }
                if failed {
                    tracing::error!("Cannot transition connector {} to STARTED since it has failed", turn.name);
                } else if turn.handle.is_none() {
                    // What goes wrong shows in the status.
                    let _ = self.bring_up(turn).await;
                    Self::order(turn, Order::Run);
                }
            }
        }
    }

    /// `DELETE /connectors/{c}`
    pub(super) async fn remove(&self, name: &str) -> Result<()> {
        self.published(name).ok_or_else(|| not_found(name))?;
        let (herder, name) = (self.clone(), name.to_owned());
        let work = tokio::spawn(async move {
            let mut turn = herder.supersede(&name).await;
            if turn.config.is_none() {
                herder.leave(turn);
                return Err(not_found(&name));
            }
            herder.stop_connector(&mut turn).await;
            herder.stop_tasks(&mut turn).await;
            *turn = Slot::default();
            herder.publish(&name, &turn);
            herder.0.board.forget(&name);
            herder.0.worker.counts().forget(&name);
            herder.0.worker.topics_in_use().reset(&name);
            herder.leave(turn);
            Ok(())
        });
        work.await.map_err(|error| HerderError::Internal(error.to_string()))?
    }
}

/// Kafka's words.
pub(super) fn not_found(name: &str) -> HerderError {
    HerderError::NotFound(format!("Connector {name} not found"))
}
