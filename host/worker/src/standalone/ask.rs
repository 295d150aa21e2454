//! Questions about configs and plugins: what `validate` answers, what a new config is checked with, and the settings
//! of plugins. Thin: what a herder of a cluster asks as well is in [`crate::validate`]. No connector's lock is held
//! here, so that a plugin that takes its time holds up nobody but who asked.

use watertight_sandbox::registry::PluginEntry;

use super::Standalone;
use super::in_use::InUse;
use crate::entities::{ConfigMap, ConfigPatch};
use crate::herder::{HerderError, Result};
use crate::validate::{
    Catalogue, ConfigKey, Examiner, Submission, Validation, Wanted, check_path, plugin_config, wanted, without_class,
    without_nulls,
};

/// What there is to say of a config, and what was found on the way.
pub(super) struct Asked {
    pub(super) validation: Validation,
    /// None: of this class there are only other versions, which stands in the validation.
    pub(super) entry: Option<PluginEntry>,
    pub(super) in_use: InUse,
}

impl Standalone {
    /// Looks at a config. `nulls` are settings of it that are null.
    pub(super) async fn examine(&self, name: &str, config: &ConfigMap, nulls: &[String]) -> Result<Asked> {
        let parts = &self.0.parts;
        if !config.contains_key("connector.class") {
            return Err(HerderError::BadRequest(without_class(config, nulls)));
        }
        let in_use = self.resolve(name, config).await.map_err(|error| HerderError::Internal(error.to_string()))?;
        let hidden = |text: String| in_use.secrets.scrub(&text);
        let wanted =
            wanted(&parts.plugins, &in_use.settings).map_err(|error| HerderError::BadRequest(hidden(error)))?;
        if let Wanted::Found(entry) = &wanted {
            self.note_passwords(&in_use, &entry.class);
        }
        let examiner = Examiner {
            host: &parts.host,
            plugins: &parts.plugins,
            worker: &parts.config.properties,
            inquiries: &self.0.inquiries,
        };
        let submission = Submission { name, raw: config, nulls, settings: &in_use.settings, secrets: &in_use.secrets };
        let validation = examiner.examine(&wanted, submission).await.map_err(|failure| {
            HerderError::Internal(hidden(format!("Validation of connector {name} failed: {failure}")))
        })?;
        let entry = match wanted {
            Wanted::Found(entry) => Some(entry),
            Wanted::OtherVersions { .. } => None,
        };
        Ok(Asked { validation, entry, in_use })
    }

    /// `PUT /connector-plugins/{p}/config/validate`
    pub(super) async fn validation_of(&self, plugin: &str, config: ConfigPatch) -> Result<Validation> {
        let (config, nulls) = without_nulls(config);
        if let Some(class) = config.get("connector.class") {
            check_path(plugin, class).map_err(HerderError::BadRequest)?;
        }
        let name = config.get("name").cloned().unwrap_or_default();
        Ok(self.examine(&name, &config, &nulls).await?.validation)
    }

    /// `GET /connector-plugins/{p}/config`
    pub(super) fn settings_of_plugin(&self, plugin: &str, version: Option<&str>) -> Result<Vec<ConfigKey>> {
        plugin_config(&Catalogue { plugins: &self.0.parts.plugins }, plugin, version)
    }
}
