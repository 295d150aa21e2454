//! Offsets of a connector, shown in any state and changed when it is stopped. That it is, and stays so, is the herder's
//! business.

use std::sync::Arc;

use futures::future::BoxFuture;
use watertight_kafka::Admin;

use super::{Worker, group_of};
use crate::entities::{ConfigMap, ConnectorOffset, ConnectorType};
use crate::failure::Failure;
use crate::herder::{HerderError, Result};
use crate::offsets_change::{self, Change, Owner};

impl Worker {
    /// What `GET /connectors/{c}/offsets` shows of a connector with this config.
    ///
    /// # Errors
    /// Its group or its store cannot be read.
    pub async fn offsets_of(
        &self,
        name: &str,
        kind: ConnectorType,
        config: &ConfigMap,
    ) -> Result<Vec<ConnectorOffset>> {
        let role = match kind {
            ConnectorType::Sink => "consumer group offsets for sink connector",
            ConnectorType::Source | ConnectorType::Unknown => "offsets for source connector",
        };
        let failed =
            |what: &dyn std::fmt::Display| HerderError::Internal(format!("Failed to retrieve {role} {name}: {what}"));
        let in_use = self.resolve(name, config).await.map_err(|error| failed(&error))?;
        let hidden = |what: &dyn std::fmt::Display| failed(&in_use.secrets.scrub(&what.to_string()));
        match kind {
            ConnectorType::Sink => {
                let (admin, group) = self.group(name, &in_use.settings).map_err(|error| hidden(&error))?;
                let listed = admin.group_offsets(&group).await.map_err(|error| hidden(&error))?;
                Ok(listed.iter().map(|(place, offset)| offsets_change::shown(place, *offset)).collect())
            }
            ConnectorType::Source | ConnectorType::Unknown => {
                let store = self.parts().offsets.of(name, &in_use.settings).await.map_err(|error| hidden(&error))?;
                let stored = store.all(name).await.map_err(|error| hidden(&error))?;
                let shown = stored.into_iter().map(|stored| ConnectorOffset {
                    partition: stored.partition.into(),
                    offset: stored.offset.map_or(serde_json::Value::Null, Into::into),
                });
                Ok(shown.collect())
            }
        }
    }

    /// What `PATCH` and `DELETE /connectors/{c}/offsets` do to a connector that runs nowhere; what the client is told.
    /// The plugin's answer is waited for until `cut_off` ends.
    ///
    /// # Errors
    /// The request is wrong, the plugin says no, or something cannot be reached.
    pub async fn change_offsets(
        &self,
        name: &str,
        config: &ConfigMap,
        change: &Change,
        cut_off: BoxFuture<'_, ()>,
    ) -> Result<String> {
        let failed =
            |what: String| HerderError::Internal(format!("Failed to modify offsets for connector {name}: {what}"));
        let in_use = self.resolve(name, config).await.map_err(|error| failed(error.to_string()))?;
        let scrubbed = |text: String| in_use.secrets.scrub(&text);
        let entry = self.entry_of(&in_use.settings).map_err(|error| failed(scrubbed(error)))?;
        self.note_passwords(&in_use, &entry.class);
        let offsets = self.offsets_for(name, &entry, &in_use.settings).await;
        let offsets = offsets.map_err(|error| failed(scrubbed(error.trace)))?;
        let host = &self.parts().host;
        let owner = Owner { name, entry: &entry, settings: &in_use.settings, host, offsets: offsets.clone() };
        let done = match &offsets {
            Some(offsets) => offsets_change::of_source(&owner, &**offsets, change, cut_off).await,
            None => {
                let (admin, group) =
                    self.group(name, &in_use.settings).map_err(|error| failed(scrubbed(error.trace)))?;
                offsets_change::of_sink(&owner, &admin, &group, change, cut_off).await
            }
        };
        done.map_err(|error| error.map_text(scrubbed))
    }

    /// A sink's group, and whom to ask about it.
    fn group(&self, name: &str, settings: &ConfigMap) -> std::result::Result<(Arc<Admin>, String), Failure> {
        let admin = self.admin(&format!("connector-worker-adminclient-{name}"), settings)?;
        Ok((admin, group_of(&self.parts().config.under("consumer."), settings, name)))
    }
}
