//! Offsets of connectors, shown in any state and changed when stopped.
//!
//! A change is made in the connector's own turn, so that nothing starts its tasks meanwhile, and in a task of its own: a
//! client that goes away must not leave a change by halves when the next one's turn comes.

use std::convert::Infallible;
use std::sync::Arc;

use watertight_kafka::Admin;

use super::Standalone;
use super::change::not_found;
use super::place::{Interrupt, Turn};
use super::start::group_of;
use crate::entities::{ConfigMap, ConnectorOffset, ConnectorType, TargetState};
use crate::failure::Failure;
use crate::herder::{HerderError, Result};
use crate::offsets_change::{self, Change, Owner};
use crate::validate::kind_of;

impl Standalone {
    /// What `GET /connectors/{c}/offsets` shows.
    pub(super) async fn offsets_of(&self, name: &str) -> Result<Vec<ConnectorOffset>> {
        let published = self.published(name).ok_or_else(|| not_found(name))?;
        match published.kind {
            ConnectorType::Sink => {
                let failed = |what: &dyn std::fmt::Display| {
                    let text = format!("Failed to retrieve consumer group offsets for sink connector {name}: {what}");
                    HerderError::Internal(text)
                };
                let in_use = self.resolve(name, &published.config).await.map_err(|error| failed(&error))?;
                let hidden = |what: &dyn std::fmt::Display| failed(&in_use.secrets.scrub(&what.to_string()));
                let (admin, group) = self.group(name, &in_use.settings).map_err(|error| hidden(&error))?;
                let listed = admin.group_offsets(&group).await.map_err(|error| hidden(&error))?;
                Ok(listed.iter().map(|(place, offset)| offsets_change::shown(place, *offset)).collect())
            }
            ConnectorType::Source | ConnectorType::Unknown => {
                let stored = self.0.parts.offsets.all(name).await.map_err(|error| {
                    HerderError::Internal(format!("Failed to retrieve offsets for source connector {name}: {error}"))
                })?;
                let shown = stored.into_iter().map(|stored| ConnectorOffset {
                    partition: stored.partition.into(),
                    offset: stored.offset.map_or(serde_json::Value::Null, Into::into),
                });
                Ok(shown.collect())
            }
        }
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
        let failed =
            |what: String| HerderError::Internal(format!("Failed to modify offsets for connector {name}: {what}"));
        let in_use = self.resolve(name, config).await.map_err(|error| failed(error.to_string()))?;
        let scrubbed = |text: String| in_use.secrets.scrub(&text);
        let entry = self.entry_of(&in_use.settings).map_err(|error| failed(scrubbed(error)))?;
        self.note_passwords(&in_use, &entry.class);
        let parts = &self.0.parts;
        let owner = Owner { name, entry: &entry, settings: &in_use.settings, host: &parts.host };
        let cut_off = Box::pin(impatience(turn.interrupt.clone()));
        let done = match kind_of(&entry.class) {
            ConnectorType::Sink => {
                let (admin, group) =
                    self.group(name, &in_use.settings).map_err(|error| failed(scrubbed(error.trace)))?;
                offsets_change::of_sink(&owner, &admin, &group, change, cut_off).await
            }
            ConnectorType::Source | ConnectorType::Unknown => {
                offsets_change::of_source(&owner, &*parts.offsets, change, cut_off).await
            }
        };
        done.map_err(|error| error.map_text(scrubbed))
    }

    /// A sink's group, and whom to ask about it.
    fn group(&self, name: &str, settings: &ConfigMap) -> std::result::Result<(Arc<Admin>, String), Failure> {
        let admin = self.admin(&format!("connector-worker-adminclient-{name}"), settings)?;
        Ok((admin, group_of(&self.0.parts.config.under("consumer."), settings, name)))
    }
}

/// Ends when somebody who came to stop, delete or replace the connector has waited long enough for its plugin.
async fn impatience(interrupt: Interrupt) {
    let _ = interrupt.or(std::future::pending::<Infallible>()).await;
}
