//! Offsets of connectors, shown in any state and changed when stopped.
//!
//! A change is made in the connector's own turn, so that nothing starts its tasks meanwhile, and in a task of its own: a
//! client that goes away must not leave a change by halves when the next one's turn comes.

use std::convert::Infallible;

use super::Standalone;
use super::change::not_found;
use super::place::{Interrupt, Turn};
use crate::entities::{ConnectorOffset, TargetState};
use crate::herder::{HerderError, Result};
use crate::offsets_change::{self, Change};

impl Standalone {
    /// What `GET /connectors/{c}/offsets` shows.
    pub(super) async fn offsets_of(&self, name: &str) -> Result<Vec<ConnectorOffset>> {
        let published = self.published(name).ok_or_else(|| not_found(name))?;
        self.0.worker.offsets_of(name, published.kind, &published.config).await
    }

    /// What `PATCH` and `DELETE /connectors/{c}/offsets` do; what the client is told.
    pub(super) async fn change_offsets(&self, name: &str, change: Change) -> Result<String> {
        change.check()?;
        self.published(name).ok_or_else(|| not_found(name))?;
        let (herder, owner) = (self.clone(), name.to_owned());
        let work = tokio::spawn(async move {
            let turn = herder.enter(&owner).await;
            let done = herder.change_stopped(&turn, &change).await;
            if turn.config.is_none() {
                herder.leave(turn);
            }
            done
        });
        let done = work.await;
        done.map_err(|error| HerderError::Internal(format!("Failed to modify offsets for connector {name}: {error}")))?
    }

    async fn change_stopped(&self, turn: &Turn, change: &Change) -> Result<String> {
        let name = turn.name.as_str();
        let config = turn.config.as_ref().ok_or_else(|| not_found(name))?;
        // Resuming may have been accepted, and not have had its turn yet.
        let wanted = turn.interrupt.place.desired().unwrap_or(turn.target);
        if turn.target != TargetState::Stopped || wanted != TargetState::Stopped || !turn.tasks.is_empty() {
            return Err(offsets_change::not_stopped(name));
        }
        let cut_off = Box::pin(impatience(turn.interrupt.clone()));
        self.0.worker.change_offsets(name, config, change, cut_off).await
    }
}

/// Ends when somebody who came to stop, delete or replace the connector has waited long enough for its plugin.
async fn impatience(interrupt: Interrupt) {
    let _ = interrupt.or(std::future::pending::<Infallible>()).await;
}
