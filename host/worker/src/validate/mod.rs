//! Is a connector's config good? First by the definitions (the worker's for every connector, those of its transforms,
//! predicates and converters, then the class's own from its metadata), then by the plugin itself. Answers come in the
//! order in which Kafka gives them.
//!
//! The plugin is asked whatever the definitions say, as in Kafka: who repairs a config wants to know everything at
//! once. But its contract lets it take types and ranges for granted, so that where its own settings are wrong already,
//! a plugin that trips over them has nothing to add and is passed over.

mod base;
mod catalogue;
mod client_keys;
mod cluster;
mod config;
mod converters;
mod enrich;
mod exactly_once;
mod excess;
mod inquiry;
mod overrides;
mod plugin_config;
mod recommend;
mod unavailable;
mod values;
mod weight;

use indexmap::IndexMap;
use watertight_data::config::{ConfigDef, Kind, connector, converter, topic_creation};
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::registry::{FindError, PluginEntry, PluginRegistry};
use watertight_sandbox::role::Role;
use watertight_sandbox::version::VersionRange;

use crate::entities::{ConfigMap, ConnectorType};
use crate::failure::Failure;
use crate::guest::GuestHost;
use crate::secrets::{Nature, Secrets, is_password};
use config::{Config, Nulls};
use enrich::{Enrichment, wrong_class};
use exactly_once::Questions;
use inquiry::Opinion;

pub use catalogue::{Catalogue, Found, definition};
pub use config::{without_class, without_nulls};
pub use excess::Excess;
pub use inquiry::Inquiries;
pub use overrides::Policy;
pub use plugin_config::plugin_config;
pub use values::Validation;
pub use watertight_data::config::{ConfigKey, ConfigValue};

/// Which way a class moves data.
pub fn kind_of(class: &PluginClass) -> ConnectorType {
    match class.role.as_str() {
        "source" => ConnectorType::Source,
        "sink" => ConnectorType::Sink,
        _ => ConnectorType::Unknown,
    }
}

/// What configs are checked with.
#[derive(Clone, Copy)]
pub struct Examiner<'a> {
    /// Makes instances.
    pub host: &'a GuestHost,
    /// What there is.
    pub plugins: &'a PluginRegistry,
    /// The worker's settings.
    pub worker: &'a ConfigMap,
    /// Who is being asked.
    pub inquiries: &'a Inquiries,
    /// The group of the worker's cluster, if it is one of a cluster.
    pub cluster: Option<&'a str>,
}

/// What is checked.
#[derive(Clone, Copy)]
pub struct Submission<'a> {
    /// The connector's name.
    pub name: &'a str,
    /// Its settings as given, those that are null left out.
    pub raw: &'a ConfigMap,
    /// Those that are null.
    pub nulls: &'a [String],
    /// The settings, references resolved.
    pub settings: &'a ConfigMap,
    /// What must not stand in an answer.
    pub secrets: &'a Secrets,
    /// What is not among the settings, because it is too much.
    pub excess: &'a Excess,
}

/// Which class a config is for.
pub enum Wanted {
    /// This one.
    Found(PluginEntry),
    /// One of which there are other versions only. That is an answer, and no refusal to give one.
    OtherVersions {
        /// Kafka's words.
        message: String,
        /// Which there are.
        available: Vec<String>,
    },
}

const CONVERTERS: [(converter::Role, Role, &str); 3] = [
    (converter::Role::Header, Role::HeaderConverter, "HeaderConverter"),
    (converter::Role::Key, Role::Converter, "Converter"),
    (converter::Role::Value, Role::Converter, "Converter"),
];

/// The class that a config names, in the version that it names.
///
/// # Errors
/// Kafka's words where there is no such class, or what is named is no version.
pub fn wanted(plugins: &PluginRegistry, settings: &ConfigMap) -> Result<Wanted, String> {
    let class = settings.get(connector::CONNECTOR_CLASS).map_or("", String::as_str);
    let range = settings.get(crate::versions::CONNECTOR).map(String::as_str);
    let range = VersionRange::parse(range).map_err(|error| error.to_string())?;
    match plugins.find_connector(class, range.as_ref()) {
        Ok(entry) => Ok(Wanted::Found(entry)),
        Err(error @ FindError::Version { .. }) => {
            let message = error.to_string();
            let FindError::Version { available, .. } = error else { return Err(message) };
            Ok(Wanted::OtherVersions { message, available })
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Whether the plugin in a path is the class in a config, which may be written with or without its package and the
/// word `Connector`: Kafka compares how the names end.
///
/// # Errors
/// Kafka's words, if not.
pub fn check_path(plugin: &str, class: &str) -> Result<(), String> {
    let bare =
        |name: &'_ str| name.strip_suffix("Connector").filter(|bare| !bare.is_empty()).unwrap_or(name).to_owned();
    if bare(class).ends_with(&bare(plugin)) {
        return Ok(());
    }
    Err(format!("Included connector type {class} does not match request type {plugin}"))
}

impl Examiner<'_> {
    /// Takes the passwords of a config out of it that are too much; those that must not be seen.
    ///
    /// # Errors
    /// When it is a big one, and too many others are in the way for too long.
    pub async fn passwords(
        &self,
        class: &PluginClass,
        settings: &mut ConfigMap,
        excess: &mut Excess,
    ) -> Result<Vec<String>, Failure> {
        let weight = weight::weight(settings, &[]);
        let keys = self.inquiries.scales().work(weight, || passwords(self.plugins, class, settings)).await?;
        excess.take_passwords(&keys, settings);
        Ok(keys)
    }

    /// Everything there is to say about a config.
    ///
    /// # Errors
    /// When the plugin cannot be asked.
    pub async fn examine(&self, wanted: &Wanted, submission: Submission<'_>) -> Result<Validation, Failure> {
        let Submission { name, raw, nulls, settings, secrets, excess } = submission;
        let weight = weight::weight(settings, nulls);
        let config = Config { settings, nulls: &Nulls::of(nulls) };
        let mut validation = match wanted {
            Wanted::OtherVersions { message, available } => {
                let class = settings.get(connector::CONNECTOR_CLASS).map_or("", String::as_str);
                let catalogue = Catalogue { plugins: self.plugins };
                unavailable::validate(&catalogue, config, class, message, available.clone())
            }
            Wanted::Found(entry) => {
                let by_definition = self.inquiries.scales().work(weight, || self.by_definition(entry, config));
                let (mut validation, sound) = by_definition.await??;
                let questions = match (self.cluster, kind_of(&entry.class)) {
                    (Some(_), ConnectorType::Source | ConnectorType::Unknown) => Questions::of(settings, &validation),
                    (Some(_), ConnectorType::Sink) | (None, _) => Questions::default(),
                };
                questions.check(self.worker, &mut validation);
                let inquiry = inquiry::Inquiry { host: self.host, entry, name, settings, questions };
                // It would be asked about settings that nobody gave.
                let asked = match excess.is_empty() {
                    true => self.inquiries.ask(&inquiry).await,
                    false => Ok(Opinion::default()),
                };
                match asked {
                    Ok(Opinion { reports, answers }) => {
                        answers.faults().iter().for_each(|(key, fault)| validation.fault(key, fault));
                        let reports = reports.into_iter().filter(|report| sound || !report.name.is_empty());
                        validation.report(reports);
                    }
                    Err(failure) if sound => return Err(failure),
                    Err(failure) => {
                        tracing::debug!("connector {name}: the plugin did not cope with its settings: {failure}")
                    }
                }
                validation
            }
        };
        for (key, fault) in excess.faults() {
            validation.exceed(key, fault);
        }
        self.inquiries.scales().work(weight, || validation.hide(raw, secrets)).await?;
        Ok(validation)
    }

    /// What the definitions say, and whether the class's own find nothing wrong.
    fn by_definition(&self, entry: &PluginEntry, config: Config<'_>) -> Result<(Validation, bool), Failure> {
        let class = &entry.class;
        let (kind, catalogue) = (kind_of(class), Catalogue { plugins: self.plugins });
        let base = base::of_config(kind, &catalogue, self.worker, config, entry);
        let enriched = Enrichment { catalogue, config, beside: Some(entry) }.of(base);
        let values = enriched.definition.validate_with(&|key| config.given(key), &|class| class_of(&catalogue, class));
        let mut values: IndexMap<String, ConfigValue> =
            values.into_iter().map(|value| (value.name.clone(), value)).collect();
        for (key, fault) in enriched.faults.into_iter().chain(converter_faults(&catalogue, config)) {
            if let Some(value) = values.get_mut(&key) {
                value.errors.push(fault);
            }
        }
        recommend::recommend(&mut values, &catalogue, kind, entry, &enriched.stages);
        let mut values: Vec<ConfigValue> = values.into_values().collect();
        if kind == ConnectorType::Sink {
            connector::validate_sink(config.settings, &mut values);
        }
        let named = config.get(connector::CONNECTOR_CLASS).map_or(class.name.as_str(), String::as_str);
        let mut validation = Validation::new(named, &enriched.definition, values);
        let own = definition(class);
        let own_values = config.by(&own);
        let sound = own_values.iter().all(|value| value.errors.is_empty());
        validation.define(&own, own_values);
        let names: Vec<&str> = enriched.definition.keys().map(|key| key.name.as_str()).collect();
        validation.add_nulls(&config.nulls_in_order(), &names);
        if kind == ConnectorType::Sink
            && let Some(group) = self.cluster
        {
            cluster::check_sink(group, config.settings, &mut validation);
        }
        if kind != ConnectorType::Sink
            && self.creates_topics()
            && let Err(error) = topic_creation::check(config.settings)
        {
            validation.fault(topic_creation::GROUPS, error.message());
        }
        let policy = Policy::of(self.worker).map_err(Failure::new)?;
        validation.beside(overrides::validate(&policy, kind, config));
        converters::Converters { catalogue, config, entry }.check(&mut validation);
        Ok((validation, sound))
    }

    fn creates_topics(&self) -> bool {
        let enabled = self.worker.get("topic.creation.enable");
        enabled.is_none_or(|value| value.trim().eq_ignore_ascii_case("true"))
    }
}

/// The full name of a class that a setting names, if there is one, whatever it is.
fn class_of(catalogue: &Catalogue<'_>, name: &str) -> Option<String> {
    let is_abstract = || Role::ALL.iter().any(|role| catalogue::is_abstract(*role, name));
    catalogue.full_name(name).or_else(|| is_abstract().then(|| name.trim().to_owned()))
}

/// What is wrong with the classes of converters and with the versions that are asked for, by the key that names them.
fn converter_faults(catalogue: &Catalogue<'_>, config: Config<'_>) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    for (converter, role, interface) in CONVERTERS {
        let key = converter.setting();
        let version_key = format!("{key}.plugin.version");
        if let Some(name) = config.get(key)
            && matches!(catalogue.find(role, name, None, None), Err(FindError::UnknownClass { .. }))
        {
            let fault = wrong_class(role, interface, name, catalogue);
            faults.extend(fault.map(|fault| (key.to_owned(), fault)));
        }
        if let Some(version) = config.get(&version_key)
            && let Err(error) = VersionRange::parse(Some(version.trim()))
        {
            faults.push((version_key, error.to_string()));
        }
    }
    faults
}

/// Settings whose values must not be seen, by everything that is known about a config.
pub fn passwords(plugins: &PluginRegistry, class: &PluginClass, settings: &ConfigMap) -> Vec<String> {
    let catalogue = Catalogue { plugins };
    // What every connector has holds no password.
    let enrichment = Enrichment { catalogue, config: Config::of(settings), beside: None };
    let mut all = enrichment.of(ConfigDef::default()).definition;
    for (converter, role, _) in CONVERTERS {
        if let Some(found) = settings.get(converter.setting()).and_then(|name| catalogue.latest(role, name)) {
            all = all.embed(&format!("{}.", converter.setting()), "", 0, &found.definition);
        }
    }
    let declared = |key: &str| all.get(key).is_some_and(|key| key.kind == Kind::Password);
    let own = |key: &str| Nature::of(class, key) == Nature::Password;
    let hidden = |key: &&String| is_password(key) || own(key) || declared(key);
    settings.keys().filter(hidden).cloned().collect()
}

/// The worker's own converters: a worker that has none of that name does not start.
///
/// # Errors
/// Kafka's words.
pub fn check_worker_converters(plugins: &PluginRegistry, worker: &ConfigMap) -> Result<(), String> {
    let catalogue = Catalogue { plugins };
    for (converter, role, interface) in CONVERTERS {
        let key = converter.setting();
        let Some(name) = worker.get(key).filter(|name| catalogue.latest(role, name).is_none()) else { continue };
        let reason = wrong_class(role, interface, name, &catalogue);
        let reason = reason.unwrap_or_else(|| format!("Class {name} could not be found."));
        return Err(format!("Invalid value {name} for configuration {key}: {reason}"));
    }
    Ok(())
}

/// Kafka's text of a refused config.
pub fn refusal(validation: &Validation) -> String {
    let count = validation.error_count();
    let mut text = format!("Connector configuration is invalid and contains the following {count} error(s):");
    for error in validation.errors() {
        text.push('\n');
        text.push_str(&error);
    }
    text.push_str("\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_class_by_how_it_ends() {
        const CLASS: &str = "org.example.FileStreamSourceConnector";
        for plugin in [CLASS, "FileStreamSourceConnector", "FileStreamSource", "Source", "org.example.FileStreamSource"]
        {
            assert!(check_path(plugin, CLASS).is_ok(), "{plugin}");
            assert!(check_path(plugin, "org.example.FileStreamSource").is_ok(), "{plugin}");
        }
        for plugin in ["FileStreamSink", "Connector", "filestreamsource", "x.FileStreamSource"] {
            let expected = format!("Included connector type {CLASS} does not match request type {plugin}");
            assert_eq!(check_path(plugin, CLASS), Err(expected));
        }
    }
}
