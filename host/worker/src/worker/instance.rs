//! A connector instance and the settings of its tasks.

use std::sync::Arc;

use watertight_sandbox::registry::PluginEntry;

use super::{InUse, Worker, stored};
use crate::connector::{ConnectorHandle, NoTaskConfigs, Wish};
use crate::entities::{ConfigMap, ConnectorType};
use crate::failure::Failure;
use crate::offsets::OffsetStore;
use crate::task_limit::{self, tasks_max};
use crate::validate::kind_of;
use crate::versions;

/// Why there are no settings of tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPlan {
    /// The plugin has none now, and may be asked again.
    Later(Failure),
    /// Its instance is gone.
    Gone(Failure),
    /// It has named more tasks than it may.
    TooMany(Failure),
}

impl Worker {
    /// The class behind a connector's settings, of the version that they want.
    ///
    /// # Errors
    /// There is none, or its version cannot be meant; may contain settings that are secret.
    pub fn entry_of(&self, settings: &ConfigMap) -> Result<PluginEntry, String> {
        let class = settings.get("connector.class").map_or("", String::as_str);
        let range = versions::wanted(settings, versions::CONNECTOR)?;
        self.parts().plugins.find_connector(class.trim(), range.as_ref()).map_err(|error| error.to_string())
    }

    /// The class that a connector's config names just now.
    ///
    /// # Errors
    /// Likewise, or its references cannot be resolved; nothing secret is said.
    pub async fn newest_entry(&self, name: &str, config: &ConfigMap) -> Result<PluginEntry, Failure> {
        let resolved = self.resolve(name, config).await.map_err(|error| Failure::new(error.to_string()))?;
        self.entry_of(&resolved.settings).map_err(|error| Failure::new(resolved.secrets.scrub(&error)))
    }

    /// Starts a connector's instance with its settings, which are ready for use. What it wants later, it says to
    /// `wishes`.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn start_instance(
        &self,
        name: &str,
        entry: &PluginEntry,
        settings: &ConfigMap,
        wishes: impl Fn(Wish) + Send + 'static,
    ) -> Result<ConnectorHandle, Failure> {
        let _turn = self.0.surroundings.pace.turn().await;
        let _stage = self.health().stage(format!("starting connector {name}"));
        let offsets = self.offsets_for(name, entry, settings).await?;
        ConnectorHandle::start(&self.parts().host, entry, name, settings, offsets, wishes).await
    }

    /// Where a source's offsets lie.
    pub(super) async fn offsets_for(
        &self,
        name: &str,
        entry: &PluginEntry,
        settings: &ConfigMap,
    ) -> Result<Option<Arc<dyn OffsetStore>>, Failure> {
        match kind_of(&entry.class) {
            ConnectorType::Sink => Ok(None),
            ConnectorType::Source | ConnectorType::Unknown => {
                let store = self.parts().offsets.of(name, settings).await;
                store.map(Some).map_err(|error| Failure::caused("The connector's offsets cannot be reached", error))
            }
        }
    }

    /// Asks an instance for the settings of its tasks, in the form in which they are kept. `config` is the connector's
    /// as given, `in_use` the same as its instance has it.
    ///
    /// # Errors
    /// There are none, or too many.
    pub async fn task_configs(
        &self,
        name: &str,
        handle: &ConnectorHandle,
        entry: &PluginEntry,
        config: &ConfigMap,
        in_use: &InUse,
    ) -> Result<Vec<ConfigMap>, NoPlan> {
        let _stage = self.health().stage(format!("generating task configs for connector {name}"));
        let list =
            handle.task_configs(tasks_max(&in_use.settings)).await.map_err(|NoTaskConfigs { failure, again }| {
                if again { NoPlan::Later(failure) } else { NoPlan::Gone(failure) }
            })?;
        task_limit::check(name, list.len(), &in_use.settings).map_err(NoPlan::TooMany)?;
        Ok(list.into_iter().map(|settings| stored(settings, config, &entry.class)).collect())
    }
}
