//! Questions about configs and plugins: what `validate` answers, what a new config is checked with, and the settings
//! of plugins. Thin: what a herder of a cluster asks as well is in [`crate::validate`]. No connector's lock is held
//! here, so that a plugin that takes its time holds up nobody but who asked.

use watertight_sandbox::registry::PluginEntry;

use super::Standalone;
use super::in_use::InUse;
use crate::entities::{ConfigMap, ConfigPatch};
use crate::failure::Failure;
use crate::herder::{HerderError, Result};
use crate::validate::{
    Catalogue, ConfigKey, Examiner, Excess, Submission, Validation, Wanted, check_path, plugin_config, wanted,
    without_class, without_nulls,
};

/// Of a config whose secrets could not be kept out of what is said later.
const TOO_SECRET: &str = "The passwords of this configuration and the values that config providers give for it are too \
                          long to be kept secret: there is room for about 256 KiB of them in all";

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
        let InUse { mut settings, secrets } = in_use;
        let hidden = |text: String| secrets.scrub(&text);
        let failed = |failure: Failure| {
            HerderError::Internal(hidden(format!("Validation of connector {name} failed: {failure}")))
        };
        let mut excess = Excess::take_from(&mut settings);
        let wanted = wanted(&parts.plugins, &settings).map_err(|error| HerderError::BadRequest(hidden(error)))?;
        let examiner = Examiner {
            host: &parts.host,
            plugins: &parts.plugins,
            worker: &parts.config.properties,
            inquiries: &self.0.inquiries,
        };
        if let Wanted::Found(entry) = &wanted {
            let keys = examiner.passwords(&entry.class, &mut settings, &mut excess).await.map_err(failed)?;
            keys.iter().filter_map(|key| settings.get(key)).for_each(|value| secrets.add_password(value));
        }
        if secrets.is_full() {
            return Err(HerderError::BadRequest(TOO_SECRET.to_owned()));
        }
        let submission =
            Submission { name, raw: config, nulls, settings: &settings, secrets: &secrets, excess: &excess };
        let validation = examiner.examine(&wanted, submission).await.map_err(failed)?;
        let entry = match wanted {
            Wanted::Found(entry) => Some(entry),
            Wanted::OtherVersions { .. } => None,
        };
        Ok(Asked { validation, entry, in_use: InUse { settings, secrets } })
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
