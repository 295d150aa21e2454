//! Questions about configs and plugins: what `validate` answers, what a new config is checked with, and the settings
//! of plugins. Thin: how a config is looked at is in [`crate::validate`]. Nobody's turn is taken here, so that a plugin that takes its time holds up nobody but who asked.

use watertight_sandbox::registry::PluginEntry;

use super::{InUse, Worker};
use crate::config::Mode;
use crate::entities::{ConfigMap, ConfigPatch};
use crate::failure::Failure;
use crate::herder::{HerderError, Result};
use crate::validate::{
    Catalogue, ConfigKey, Examiner, Excess, Submission, Validation, Wanted, check_path, plugin_config, refusal, wanted,
    without_class, without_nulls,
};

/// Of a config whose secrets could not be kept out of what is said later.
const TOO_SECRET: &str = "The passwords of this configuration and the values that config providers give for it are too \
                          long to be kept secret: there is room for about 256 KiB of them in all";

/// What there is to say of a config, and what was found on the way.
pub struct Asked {
    /// What `validate` answers.
    pub validation: Validation,
    /// None: of this class there are only other versions, which stands in the validation.
    pub entry: Option<PluginEntry>,
    /// Its settings, ready for use.
    pub in_use: InUse,
}

/// A config that was found good, and what it was found with.
pub struct Accepted {
    /// As given.
    pub config: ConfigMap,
    /// Its class.
    pub entry: PluginEntry,
    /// The same, ready for use.
    pub in_use: InUse,
}

impl Worker {
    /// Looks at a config. `nulls` are settings of it that are null.
    pub async fn examine(&self, name: &str, config: &ConfigMap, nulls: &[String]) -> Result<Asked> {
        let parts = self.parts();
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
            cluster: match parts.config.mode {
                Mode::Standalone => None,
                Mode::Distributed => parts.config.properties.get("group.id").map(String::as_str),
            },
        };
        if let Wanted::Found(entry) = &wanted {
            let keys = examiner.passwords(&entry.class, &mut settings, &mut excess).await.map_err(failed)?;
            keys.iter().filter_map(|key| settings.get(key)).for_each(|value| secrets.add_password(value));
            secrets.add_urls(&entry.class, &settings);
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

    /// Checks a config that is to be a connector's.
    ///
    /// # Errors
    /// What is wrong with it, in Kafka's words.
    pub async fn accept(&self, name: &str, config: ConfigMap) -> Result<Accepted> {
        let Asked { validation, entry, in_use } = self.examine(name, &config, &[]).await?;
        match entry.filter(|_| validation.error_count() == 0) {
            Some(entry) => Ok(Accepted { config, entry, in_use }),
            None => Err(HerderError::BadRequest(refusal(&validation))),
        }
    }

    /// `PUT /connector-plugins/{p}/config/validate`
    pub async fn validation_of(&self, plugin: &str, config: ConfigPatch) -> Result<Validation> {
        let (config, nulls) = without_nulls(config);
        if let Some(class) = config.get("connector.class") {
            check_path(plugin, class).map_err(HerderError::BadRequest)?;
        }
        let name = config.get("name").cloned().unwrap_or_default();
        Ok(self.examine(&name, &config, &nulls).await?.validation)
    }

    /// `GET /connector-plugins/{p}/config`
    pub fn settings_of_plugin(&self, plugin: &str, version: Option<&str>) -> Result<Vec<ConfigKey>> {
        plugin_config(&Catalogue { plugins: &self.parts().plugins }, plugin, version)
    }
}
