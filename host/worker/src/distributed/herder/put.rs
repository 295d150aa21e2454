//! Connectors come, change and go. Each config is looked at by the worker that was asked, and by the leader again,
//! which writes it; what happens then, happens to all workers alike.

use super::core::Core;
use crate::entities::{ConfigMap, ConfigPatch, ConnectorInfo, ConnectorType, TargetState};
use crate::herder::{HerderError, Put, Result};
use crate::patch;
use crate::validate::kind_of;

const SET: &str = "Only the leader can set connector configs.";

impl Core {
    /// `POST /connectors` and `PUT /connectors/{c}/config`
    pub(super) async fn put(
        &self,
        name: &str,
        config: ConfigMap,
        initial: Option<TargetState>,
        may_replace: bool,
    ) -> Result<Put> {
        self.worker.accept(name, config.clone()).await?;
        self.as_leader(SET).await?;
        let (core, name) = (self.clone(), name.to_owned());
        in_any_case(async move {
            let _turn = core.turns.take(&name).await;
            core.store(&name, config, initial, may_replace).await
        })
        .await
    }

    /// `PATCH /connectors/{c}/config`. What is patched is what is there when it is this request's turn: if that is not
    /// what was looked at, it is looked at again.
    pub(super) async fn patch(&self, name: &str, patch: ConfigPatch) -> Result<ConnectorInfo> {
        loop {
            self.as_leader(SET).await?;
            let before = self.config_of(name)?;
            let patched = patch::lay_over(name, &before, &patch)?;
            self.worker.accept(name, patched.clone()).await?;
            let (core, owned) = (self.clone(), name.to_owned());
            let put = in_any_case(async move {
                let _turn = core.turns.take(&owned).await;
                if *core.config_of(&owned)? != *before {
                    return Ok(None);
                }
                core.store(&owned, patched, None, true).await.map(Some)
            });
            if let Some(put) = put.await? {
                return Ok(put.info);
            }
        }
    }

    async fn store(
        &self,
        name: &str,
        config: ConfigMap,
        initial: Option<TargetState>,
        may_replace: bool,
    ) -> Result<Put> {
        let exists = self.configs.snapshot().contains(name);
        if exists && !may_replace {
            return Err(HerderError::Conflict(format!("Connector {name} already exists")));
        }
        let doing = format!("writing a config for connector {name} to the config topic");
        self.write_as_leader(doing, self.configs.put_connector(name, &config, initial)).await?;
        let tasks = self.configs.snapshot().tasks(name);
        let info = ConnectorInfo { name: name.to_owned(), kind: self.kind_of(&config), config, tasks };
        Ok(Put { created: !exists, info })
    }

    /// `DELETE /connectors/{c}`
    pub(super) async fn delete(&self, name: &str) -> Result<()> {
        self.as_leader("Only the leader can delete connector configs.").await?;
        let (core, name) = (self.clone(), name.to_owned());
        in_any_case(async move {
            let _turn = core.turns.take(&name).await;
            core.config_of(&name)?;
            let doing = format!("removing the config for connector {name} from the config topic");
            core.write_as_leader(doing, core.configs.remove_connector(&name)).await
        })
        .await
    }

    /// Which way a connector with this config moves data, as far as this worker knows its class.
    pub(super) fn kind_of(&self, config: &ConfigMap) -> ConnectorType {
        self.worker.entry_of(config).map_or(ConnectorType::Unknown, |entry| kind_of(&entry.class))
    }
}

/// Does something to its end, even if whoever asked for it goes away.
pub(super) async fn in_any_case<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await.map_err(|error| HerderError::Internal(error.to_string()))?
}
