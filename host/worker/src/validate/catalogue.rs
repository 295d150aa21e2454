//! Every class that a connector's settings may name: ours, and those in plugins.

use watertight_data::config::{ConfigDef, ConfigKey, Importance, Kind, Validator, Width, converter as converters};
use watertight_data::{converter, predicate, transform};
use watertight_sandbox::catalogue::{PluginClass, PluginKey};
use watertight_sandbox::registry::PluginRegistry;
use watertight_sandbox::role::Role;

use crate::entities::PluginInfo;
use crate::guest::VERSION;

/// A class and its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Full name.
    pub class: String,
    /// None: not known before the class is made.
    pub definition: Option<ConfigDef>,
}

/// Where classes are looked for.
#[derive(Clone, Copy)]
pub struct Catalogue<'a> {
    /// The plugins.
    pub plugins: &'a PluginRegistry,
}

impl Catalogue<'_> {
    /// By full name or alias; what ships with the worker comes first.
    pub fn find(&self, role: Role, name: &str) -> Option<Found> {
        let name = name.trim();
        built_in(role, name).or_else(|| {
            let class = self.plugins.find(role, name).ok()?.class;
            Some(Found { definition: Some(definition(&class)), class: class.name })
        })
    }

    /// Of any role: its full name.
    pub fn any(&self, name: &str) -> Option<String> {
        Role::ALL.iter().find_map(|role| Some(self.find(*role, name)?.class))
    }

    /// Everything, in Kafka's order: by role, then by class.
    pub fn list(&self, connectors_only: bool) -> Vec<PluginInfo> {
        let mut list = Vec::new();
        for role in Role::ALL {
            if connectors_only && !matches!(role, Role::Sink | Role::Source) {
                continue;
            }
            let info = |class: String, version: String| PluginInfo {
                class,
                kind: role.as_str().to_owned(),
                version: Some(version),
            };
            let mut found: Vec<PluginInfo> =
                built_in_classes(role).into_iter().map(|class| info(class.to_owned(), VERSION.to_owned())).collect();
            let plugins = self.plugins.of_role(role).into_iter();
            found.extend(plugins.map(|entry| info(entry.class.name, entry.class.version)));
            found.sort_by(|a, b| a.class.cmp(&b.class));
            found.dedup();
            list.extend(found);
        }
        list
    }
}

fn built_in_classes(role: Role) -> Vec<&'static str> {
    match role {
        Role::Source | Role::Sink => Vec::new(),
        Role::Transformation => transform::BUILT_IN.iter().map(|one| one.class).collect(),
        Role::Predicate => predicate::BUILT_IN.iter().map(|one| one.class).collect(),
        Role::Converter => converter::BUILT_IN.iter().filter(|one| one.converter).map(|one| one.class).collect(),
        Role::HeaderConverter => {
            converter::BUILT_IN.iter().filter(|one| one.header_converter).map(|one| one.class).collect()
        }
    }
}

fn built_in(role: Role, name: &str) -> Option<Found> {
    let found = |class: &str, definition| Found { class: class.to_owned(), definition };
    match role {
        Role::Source | Role::Sink => None,
        Role::Transformation => transform::find(name).map(|one| found(one.class, Some((one.definition)()))),
        Role::Predicate => predicate::find(name).map(|one| found(one.class, Some((one.definition)()))),
        Role::Converter | Role::HeaderConverter => {
            let one = converter::find(name)?;
            let fits = if role == Role::Converter { one.converter } else { one.header_converter };
            fits.then(|| found(one.class, converters::built_in(one.class)))
        }
    }
}

/// Classes of which Kafka has a `$Key` and a `$Value`, where the bare name was given.
pub(super) fn variants(role: Role, name: &str) -> Vec<&'static str> {
    let prefix = format!("{}$", name.trim());
    built_in_classes(role).into_iter().filter(|class| class.starts_with(&prefix)).collect()
}

/// A plugin class's own definition.
pub fn definition(class: &PluginClass) -> ConfigDef {
    ConfigDef::new(class.config.iter().map(key_of))
}

fn key_of(key: &PluginKey) -> ConfigKey {
    let kind = Kind::from_word(&key.kind).unwrap_or(Kind::String);
    let importance = Importance::from_word(&key.importance).unwrap_or(Importance::Medium);
    let mut made = match (&key.default_value, key.required) {
        (Some(default), _) => ConfigKey::defaulted(&key.name, kind, default, importance),
        (None, true) => ConfigKey::required(&key.name, kind, importance),
        (None, false) => ConfigKey::optional(&key.name, kind, importance),
    };
    made.documentation.clone_from(&key.documentation);
    made.group.clone_from(&key.group);
    made.order_in_group = key.order_in_group.unwrap_or(-1);
    made.width = Width::from_word(&key.width).unwrap_or(Width::None);
    made.display_name = key.display_name.clone().unwrap_or_else(|| key.name.clone());
    made.dependents.clone_from(&key.dependents);
    made.validators =
        Validator::from_attributes(key.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    made
}
