//! Configs: new ones, replaced ones, and pieces of them.

use std::sync::Arc;

use super::change::not_found;
use super::place::Turn;
use super::{Published, Standalone};
use crate::entities::{ConfigMap, ConfigPatch, ConnectorInfo, State, TargetState};
use crate::herder::{HerderError, Put, Result};
use crate::patch;
use crate::worker::Accepted;

impl Standalone {
    /// `POST /connectors` and `PUT /connectors/{c}/config`
    pub(super) async fn put(
        &self,
        name: &str,
        config: ConfigMap,
        initial_state: Option<TargetState>,
        may_replace: bool,
    ) -> Result<Put> {
        let accepted = self.0.worker.accept(name, config).await?;
        let (herder, name) = (self.clone(), name.to_owned());
        let work = tokio::spawn(async move {
            let mut turn = match may_replace {
                true => herder.supersede(&name).await,
                false => herder.enter(&name).await,
            };
            if turn.config.is_some() && !may_replace {
                return Err(HerderError::Conflict(format!("Connector {name} already exists")));
            }
            herder.apply(&mut turn, accepted, initial_state).await
        });
        work.await.map_err(|error| HerderError::Internal(error.to_string()))?
    }

    /// `PATCH /connectors/{c}/config`. What is patched is what is there when it is this request's turn: if that is not
    /// what was checked, it is checked again.
    pub(super) async fn patch(&self, name: &str, patch: ConfigPatch) -> Result<ConnectorInfo> {
        loop {
            let before = self.published(name).ok_or_else(|| not_found(name))?;
            let accepted = self.0.worker.accept(name, patch::lay_over(name, &before.config, &patch)?).await?;
            let (herder, name) = (self.clone(), name.to_owned());
            let work = tokio::spawn(async move {
                let mut turn = herder.supersede(&name).await;
                if turn.config.is_none() {
                    return Err(not_found(&name));
                }
                if turn.config.as_ref() != Some(&before.config) {
                    return Ok(None);
                }
                herder.apply(&mut turn, accepted, None).await.map(Some)
            });
            if let Some(put) = work.await.map_err(|error| HerderError::Internal(error.to_string()))?? {
                return Ok(put.info);
            }
        }
    }

    /// Starts the connector anew with another config. Its tasks go on until it has other settings for them.
    async fn apply(&self, turn: &mut Turn, accepted: Accepted, initial: Option<TargetState>) -> Result<Put> {
        let created = turn.config.is_none();
        if created {
            turn.target = initial.unwrap_or_default();
            turn.interrupt.place.desire(turn.target);
        } else {
            self.stop_connector(turn).await;
            self.show(turn, State::Unassigned, None);
        }
        turn.config = Some(accepted.config);
        turn.entry = Some(accepted.entry);
        turn.in_use = Some(accepted.in_use.settled());
        self.publish(&turn.name, turn);
        let brought = self.bring_up(turn).await;
        self.publish(&turn.name, turn);
        brought?;
        let published: Arc<Published> = self.published(&turn.name).ok_or_else(|| not_found(&turn.name))?;
        Ok(Put { created, info: published.info(&turn.name) })
    }
}
