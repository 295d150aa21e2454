//! Is a connector's config good? First by the definitions (the worker's for every connector, those of its transforms,
//! predicates and converters, then the class's own from its metadata), then, if those are content, by the plugin
//! itself. Answers come in the order in which Kafka gives them.

mod ask;
mod catalogue;
mod enrich;
mod overrides;
mod values;

use watertight_data::config::{ConfigDef, Kind, connector, converter, topic_creation};
use watertight_data::converter::{self as converters, BuiltIn};
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::registry::{PluginEntry, PluginRegistry};
use watertight_sandbox::role::Role;

use crate::config::under;
use crate::entities::{ConfigMap, ConnectorType};
use crate::failure::Failure;
use crate::guest::GuestHost;
use crate::registry::HttpRegistries;
use crate::secrets::{Secrets, is_password};

pub use catalogue::{Catalogue, Found, definition};
pub use overrides::Policy;
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

/// What is asked.
pub struct Question<'a> {
    /// Makes instances.
    pub host: &'a GuestHost,
    /// What there is.
    pub plugins: &'a PluginRegistry,
    /// The connector's class.
    pub entry: &'a PluginEntry,
    /// The worker's settings.
    pub worker: &'a ConfigMap,
    /// The connector's name.
    pub name: &'a str,
    /// Its settings as given.
    pub raw: &'a ConfigMap,
    /// The same, references resolved.
    pub settings: &'a ConfigMap,
    /// What must not stand in an answer.
    pub secrets: &'a Secrets,
}

const CONVERTERS: [(converter::Role, Role, &str); 3] = [
    (converter::Role::Header, Role::HeaderConverter, "HeaderConverter"),
    (converter::Role::Key, Role::Converter, "Converter"),
    (converter::Role::Value, Role::Converter, "Converter"),
];

impl Question<'_> {
    /// Everything there is to say about the config.
    ///
    /// # Errors
    /// When the plugin cannot be asked.
    pub async fn answer(&self) -> Result<Validation, Failure> {
        let mut validation = self.by_definition()?;
        if validation.error_count() == 0 {
            for report in ask::ask(self.host, self.entry, self.name, self.settings).await? {
                validation.report(report);
            }
        }
        validation.hide(self.raw, self.secrets);
        Ok(validation)
    }

    fn by_definition(&self) -> Result<Validation, Failure> {
        let (class, settings) = (&self.entry.class, self.settings);
        let (kind, catalogue) = (kind_of(class), Catalogue { plugins: self.plugins });
        let enriched = enrich::enrich(base(kind).clone(), &catalogue, settings);
        let mut faults = enriched.faults;
        for (converter, role, interface) in CONVERTERS {
            if let Some(name) = settings.get(converter.setting())
                && catalogue.find(role, name).is_none()
            {
                let fault = enrich::wrong_class(role, interface, name, &catalogue);
                faults.extend(fault.map(|fault| (converter.setting().to_owned(), fault)));
            }
        }
        let named: Vec<&str> =
            faults.iter().filter_map(|(key, _)| settings.get(key)).map(|class| class.trim()).collect();
        let exists = |class: &str| named.contains(&class) || catalogue.any(class).is_some();
        let mut values = enriched.definition.validate_with(settings, &exists);
        for (key, fault) in faults {
            if let Some(value) = values.iter_mut().find(|value| value.name == key) {
                value.errors.push(fault);
            }
        }
        if kind == ConnectorType::Sink {
            connector::validate_sink(settings, &mut values);
        }
        let mut validation = Validation::new(&class.name, &enriched.definition, values);
        validation.define(&definition(class), definition(class).validate(settings));
        if kind != ConnectorType::Sink
            && self.creates_topics()
            && let Err(error) = topic_creation::check(settings)
        {
            validation.fault(topic_creation::GROUPS, error.message());
        }
        let policy = Policy::of(self.worker).map_err(Failure::new)?;
        validation.beside(overrides::validate(&policy, kind, settings));
        for (converter, role, _) in CONVERTERS {
            self.converter(&mut validation, converter, role, &catalogue);
        }
        Ok(validation)
    }

    /// A converter that the connector brings: its settings, if what it is says which there are.
    fn converter(
        &self,
        validation: &mut Validation,
        converter: converter::Role,
        role: Role,
        catalogue: &Catalogue<'_>,
    ) {
        let key = converter.setting();
        let found = self.settings.get(key).and_then(|name| catalogue.find(role, name));
        let Some(found) = found.filter(|_| !validation.has_errors(key)) else { return };
        let own = under(self.settings, &format!("{key}."));
        if let Some(definition) = found.definition {
            let answers = converter::validate(&definition, converter, &own);
            let faulty = answers.iter().any(|answer| !answer.errors.is_empty());
            validation.embed(&definition, answers);
            if faulty {
                return;
            }
        }
        // What settings say together, and what files they name; nobody is connected to.
        if converters::find(&found.class).is_some_and(BuiltIn::needs_registry) {
            let is_key = converter == converter::Role::Key;
            if let Err(error) = converters::create(&found.class, &own, is_key, &HttpRegistries) {
                validation.fault(key, error.message());
            }
        }
    }

    fn creates_topics(&self) -> bool {
        let enabled = self.worker.get("topic.creation.enable");
        enabled.is_none_or(|value| value.trim().eq_ignore_ascii_case("true"))
    }
}

/// Settings whose values must not be seen, by everything that is known about a config.
pub fn passwords(plugins: &PluginRegistry, class: &PluginClass, settings: &ConfigMap) -> Vec<String> {
    let catalogue = Catalogue { plugins };
    let mut all = enrich::enrich(base(kind_of(class)).clone(), &catalogue, settings).definition;
    all = all.extend_missing(&definition(class));
    for (converter, role, _) in CONVERTERS {
        let found = settings.get(converter.setting()).and_then(|name| catalogue.find(role, name));
        if let Some(definition) = found.and_then(|found| found.definition) {
            all = all.embed(&format!("{}.", converter.setting()), "", 0, &definition);
        }
    }
    let declared = |key: &str| all.get(key).is_some_and(|key| key.kind == Kind::Password);
    settings.keys().filter(|key| declared(key) || is_password(key)).cloned().collect()
}

/// What every connector of this kind has.
fn base(kind: ConnectorType) -> &'static ConfigDef {
    match kind {
        ConnectorType::Sink => connector::sink(),
        ConnectorType::Source | ConnectorType::Unknown => connector::source(),
    }
}

/// The worker's own converters: a worker that has none of that name does not start.
///
/// # Errors
/// Kafka's words.
pub fn check_worker_converters(plugins: &PluginRegistry, worker: &ConfigMap) -> Result<(), String> {
    let catalogue = Catalogue { plugins };
    for (converter, role, interface) in CONVERTERS {
        let key = converter.setting();
        let Some(name) = worker.get(key).filter(|name| catalogue.find(role, name).is_none()) else { continue };
        let reason = enrich::wrong_class(role, interface, name, &catalogue);
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
