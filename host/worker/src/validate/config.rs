//! A config as it was given, nulls included: Kafka tells a setting that is null from one that is not there.

use watertight_data::config::{ConfigDef, ConfigValue, Given};

use crate::entities::{ConfigMap, ConfigPatch};

/// Settings that are being looked at.
#[derive(Clone, Copy)]
pub(super) struct Config<'a> {
    /// References resolved.
    pub(super) settings: &'a ConfigMap,
    /// Settings that are null.
    pub(super) nulls: &'a [String],
}

impl<'a> Config<'a> {
    /// Without nulls.
    pub(super) fn of(settings: &'a ConfigMap) -> Self {
        Self { settings, nulls: &[] }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a String> {
        self.settings.get(key)
    }

    pub(super) fn given(&self, key: &str) -> Given<'a> {
        match self.settings.get(key) {
            Some(text) => Given::Text(text),
            None if self.nulls.iter().any(|null| null == key) => Given::Null,
            None => Given::Absent,
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.given(key) != Given::Absent
    }

    /// Those under a prefix, the prefix removed; none for null.
    pub(super) fn under(&self, prefix: &str) -> Vec<(String, Option<&'a String>)> {
        let own = |key: &str| key.strip_prefix(prefix).filter(|own| !own.is_empty()).map(str::to_owned);
        let texts = self.settings.iter().filter_map(|(key, text)| Some((own(key)?, Some(text))));
        texts.chain(self.nulls.iter().filter_map(|key| Some((own(key)?, None)))).collect()
    }

    /// By a definition in which every class that a setting names is taken for granted.
    pub(super) fn by(&self, definition: &ConfigDef) -> Vec<ConfigValue> {
        definition.validate_with(&|key| self.given(key), &|class| Some(class.to_owned()))
    }
}

/// A config with its nulls set apart.
pub fn without_nulls(config: ConfigPatch) -> (ConfigMap, Vec<String>) {
    let mut nulls = Vec::new();
    let mut settings = ConfigMap::with_capacity(config.len());
    for (key, value) in config {
        match value {
            Some(value) => {
                settings.insert(key, value);
            }
            None => nulls.push(key),
        }
    }
    (settings, nulls)
}

