//! The answer: one entry a setting, with its definition where it has one.

use std::collections::HashMap;

use indexmap::IndexMap;
use watertight_capabilities::sql::url::has_credentials;
use watertight_data::config::{ConfigDef, ConfigKey, ConfigValue};
use watertight_data::java::hash;
use watertight_sandbox::bindings::watertight::types::common::KeyReport;

use crate::entities::ConfigMap;
use crate::providers::has_reference;
use crate::secrets::Secrets;

/// What validation says of a config (`ConfigInfos`).
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    /// The connector's class.
    pub class: String,
    /// Groups of the settings, in order.
    pub groups: Vec<String>,
    /// Settings nobody defined that there is something to say of.
    pub undefined: Vec<ConfigValue>,
    /// The connector's settings.
    pub settings: IndexMap<String, (ConfigKey, ConfigValue)>,
    /// Those of its clients and converters.
    pub embedded: Vec<(Option<ConfigKey>, ConfigValue)>,
}

impl Validation {
    /// `class` is its name as given.
    pub(super) fn new(class: &str, definition: &ConfigDef, values: Vec<ConfigValue>) -> Self {
        let mut made = Self {
            class: class.to_owned(),
            groups: Vec::new(),
            undefined: Vec::new(),
            settings: IndexMap::new(),
            embedded: Vec::new(),
        };
        made.define(definition, values);
        made
    }

    /// The settings of another definition, which win over those there are.
    pub(super) fn define(&mut self, definition: &ConfigDef, values: Vec<ConfigValue>) {
        for group in definition.groups() {
            self.add_group(group);
        }
        for value in values {
            match definition.get(&value.name) {
                Some(key) => {
                    self.settings.insert(value.name.clone(), (shown(key.clone()), value));
                }
                None => self.undefined.push(value),
            }
        }
    }

    /// Settings of clients, under their full names.
    pub(super) fn beside(&mut self, values: Vec<(Option<ConfigKey>, ConfigValue)>) {
        self.embedded.extend(values.into_iter().map(|(key, value)| (key.map(shown), value)));
    }

    /// Settings of a converter; `prefix` is what stands before its own names in those of the values.
    pub(super) fn embed(&mut self, definition: &ConfigDef, prefix: &str, values: Vec<ConfigValue>) {
        for value in values {
            let own = value.name.strip_prefix(prefix).and_then(|name| definition.get(name));
            let key = own.cloned().map(|mut key| {
                key.name.clone_from(&value.name);
                shown(key)
            });
            if let Some(group) = own.and_then(|key| key.group.as_deref()) {
                self.add_group(group);
            }
            self.embedded.push((key, value));
        }
    }

    fn add_group(&mut self, group: &str) {
        if !self.groups.iter().any(|known| known == group) {
            self.groups.push(group.to_owned());
        }
    }

    /// Settings that are null, each an error. Those that nobody defined come in the order of the `HashMap` in which
    /// Kafka keeps them beside `first`, the keys that every connector has.
    pub(super) fn add_nulls(&mut self, nulls: &[&str], first: &[&str]) {
        let mut places = self.places();
        for key in nulls {
            let value = self.value(key, &mut places);
            value.errors.push("Null value can not be supplied as the configuration value.".to_owned());
        }
        let undefined = self.undefined.drain(..).map(|value| (value.name.clone(), Some(value)));
        let mut all: Vec<(String, Option<ConfigValue>)> =
            first.iter().map(|name| ((*name).to_owned(), None)).chain(undefined).collect();
        hash::string_map_order(&mut all);
        self.undefined = all.into_iter().filter_map(|(_, value)| value).collect();
    }

    /// What a form might offer for a setting.
    pub(super) fn recommend(&mut self, key: &str, values: Vec<String>) {
        self.value(key, &mut self.places()).recommended_values = values;
    }

    /// One thing more that is wrong with a setting.
    pub(super) fn fault(&mut self, key: &str, message: &str) {
        self.value(key, &mut self.places()).errors.push(message.to_owned());
    }

    /// A setting that was too much to be looked at.
    pub(super) fn exceed(&mut self, key: &str, message: &str) {
        let mut places = self.places();
        let embedded = self.embedded.iter_mut().map(|(_, value)| value).find(|value| value.name == key);
        let value = match embedded {
            Some(value) => value,
            None => self.value(key, &mut places),
        };
        value.value = None;
        value.errors = vec![message.to_owned()];
    }

    /// The plugin's own opinion of its settings. What has been found without it is not said twice.
    pub(super) fn report(&mut self, reports: impl Iterator<Item = KeyReport>) {
        let mut places = self.places();
        for report in reports {
            let value = self.value(&report.name, &mut places);
            for error in report.errors {
                if !value.errors.contains(&error) {
                    value.errors.push(error);
                }
            }
            value.recommended_values = report.recommended_values;
            value.visible = report.visible;
        }
    }

    /// Where settings that nobody defined stand.
    fn places(&self) -> HashMap<String, usize> {
        self.undefined.iter().enumerate().map(|(at, value)| (value.name.clone(), at)).collect()
    }

    fn value(&mut self, key: &str, places: &mut HashMap<String, usize>) -> &mut ConfigValue {
        if let Some(at) = self.settings.get_index_of(key) {
            return &mut self.settings[at].1;
        }
        let at = *places.entry(key.to_owned()).or_insert(self.undefined.len());
        if at == self.undefined.len() {
            self.undefined.push(ConfigValue::new(key));
        }
        &mut self.undefined[at]
    }

    /// Whether there is something wrong with a setting.
    pub(super) fn has_errors(&self, key: &str) -> bool {
        self.settings.get(key).is_some_and(|(_, value)| !value.errors.is_empty())
    }

    /// What came from a config provider is not told: the setting shows its reference, and all that is wrong with it is
    /// one sentence. Kafka does so since the patch releases of August 2026. Other messages lose what is secret.
    pub(super) fn hide(&mut self, raw: &ConfigMap, secrets: &Secrets) {
        for value in self.values_mut() {
            if let Some(reference) = raw.get(&value.name).filter(|text| has_reference(text)) {
                value.value = Some(reference.clone());
                value.recommended_values.clear();
                if !value.errors.is_empty() {
                    value.errors = vec![format!(
                        "Invalid value for configuration '{}': the value resolved from the config provider reference failed validation",
                        value.name
                    )];
                }
            }
            for error in &mut value.errors {
                *error = secrets.scrub(error);
            }
            for text in value.value.iter_mut().chain(&mut value.recommended_values) {
                *text = if has_credentials(text) { secrets.scrub(text) } else { secrets.hide_looked_up(text) };
            }
        }
    }

    fn values_mut(&mut self) -> impl Iterator<Item = &mut ConfigValue> {
        self.undefined
            .iter_mut()
            .chain(self.settings.values_mut().map(|(_, value)| value))
            .chain(self.embedded.iter_mut().map(|(_, value)| value))
    }

    /// All settings in Kafka's order, with their definitions where they have one: those that nobody defined, then the
    /// connector's, then those of its clients and converters.
    pub fn entries(&self) -> impl Iterator<Item = (Option<&ConfigKey>, &ConfigValue)> {
        let undefined = self.undefined.iter().map(|value| (None, value));
        let own = self.settings.values().map(|(key, value)| (Some(key), value));
        undefined.chain(own).chain(self.embedded.iter().map(|(key, value)| (key.as_ref(), value)))
    }

    /// All values, in Kafka's order.
    pub fn values(&self) -> impl Iterator<Item = &ConfigValue> {
        self.undefined
            .iter()
            .chain(self.settings.values().map(|(_, value)| value))
            .chain(self.embedded.iter().map(|(_, value)| value))
    }

    /// All that is wrong, in Kafka's order.
    pub fn errors(&self) -> Vec<String> {
        self.values().flat_map(|value| value.errors.iter().cloned()).collect()
    }

    /// As Kafka counts: each message about the connector's settings, one for each setting of a client or converter.
    pub fn error_count(&self) -> usize {
        let own = self.undefined.iter().chain(self.settings.values().map(|(_, value)| value));
        let embedded = self.embedded.iter().filter(|(_, value)| !value.errors.is_empty()).count();
        own.map(|value| value.errors.len()).sum::<usize>() + embedded
    }
}

/// A key as it is told: its default in the form of its kind.
pub(super) fn shown(mut key: ConfigKey) -> ConfigKey {
    key.default = key.shown_default();
    key
}
