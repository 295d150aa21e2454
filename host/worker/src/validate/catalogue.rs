//! Every class that a connector's settings may name: ours, and those in plugins.

use watertight_data::config::{ConfigDef, ConfigKey, Importance, Kind, Validator, Width, converter as converters};
use watertight_data::{converter, predicate, transform};
use watertight_sandbox::catalogue::{PluginClass, PluginKey};
use watertight_sandbox::registry::{FindError, PluginEntry, PluginRegistry};
use watertight_sandbox::role::Role;
use watertight_sandbox::version::{Version, VersionRange};

use crate::entities::PluginInfo;
use crate::guest::KAFKA;

/// A class and its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Full name.
    pub class: String,
    /// Of these several versions of it this one.
    pub version: String,
    /// Its settings.
    pub definition: ConfigDef,
}

/// Where classes are looked for.
#[derive(Clone, Copy)]
pub struct Catalogue<'a> {
    /// The plugins.
    pub plugins: &'a PluginRegistry,
}

impl Catalogue<'_> {
    /// By full name or alias; what ships with the worker comes first. Of several versions the greatest that `range`
    /// allows, or the one that came with the connector `beside` which it works.
    ///
    /// # Errors
    /// Kafka's words, where there is none.
    pub fn find(
        &self,
        role: Role,
        name: &str,
        range: Option<&VersionRange>,
        beside: Option<&PluginEntry>,
    ) -> Result<Found, FindError> {
        let name = name.trim();
        if let Some((class, definition)) = built_in(role, name) {
            return match range.filter(|range| !range.contains(&Version::new(KAFKA))) {
                None => Ok(Found { class: class.to_owned(), version: KAFKA.to_owned(), definition: definition() }),
                Some(range) => {
                    // Kafka lists a class once for each of its roles.
                    let roles = Role::ALL.iter().filter(|role| built_in(**role, class).is_some()).count();
                    let available = vec![KAFKA.to_owned(); roles];
                    Err(FindError::Version { class: class.to_owned(), range: range.to_string(), available })
                }
            };
        }
        let class = self.plugins.find(role, name, range, beside)?.class;
        Ok(Found { definition: definition(&class), class: class.name.clone(), version: class.version.clone() })
    }

    /// The latest version of a class, if there is one of that name or alias.
    pub fn latest(&self, role: Role, name: &str) -> Option<Found> {
        self.find(role, name, None, None).ok()
    }

    /// Of any role: its full name.
    pub fn full_name(&self, name: &str) -> Option<String> {
        let name = name.trim();
        if let Some((class, _)) = Role::ALL.iter().find_map(|role| built_in(*role, name)) {
            return Some(class.to_owned());
        }
        let found = Role::ALL.iter().find_map(|role| self.plugins.find(*role, name, None, None).ok());
        found.map(|entry| entry.class.name.clone())
    }

    /// All classes of a role, by name; those of several versions once for each.
    pub fn classes(&self, role: Role) -> Vec<String> {
        let mut all: Vec<String> = built_in_classes(role).into_iter().map(str::to_owned).collect();
        all.extend(self.plugins.of_role(role).into_iter().map(|entry| entry.class.name.clone()));
        all.sort();
        all
    }

    /// The versions of a class in a role, the greatest last. What ships with the worker has one.
    pub fn versions(&self, role: Role, class: &str) -> Vec<String> {
        if built_in(role, class).is_some_and(|(full, _)| full == class) {
            return vec![KAFKA.to_owned()];
        }
        let mut found: Vec<PluginEntry> = self.plugins.of_role(role);
        found.retain(|entry| entry.class.name == class);
        found.sort_by(|a, b| a.version.cmp(&b.version));
        let mut versions: Vec<String> = found.into_iter().map(|entry| entry.class.version.clone()).collect();
        versions.dedup();
        versions
    }

    /// Everything, in Kafka's order: by role, then by class.
    pub fn list(&self, connectors_only: bool) -> Vec<PluginInfo> {
        let mut list = Vec::new();
        for role in Role::ALL {
            if connectors_only && !matches!(role, Role::Sink | Role::Source) {
                continue;
            }
            let info = |class: &str, version: &str| PluginInfo {
                class: class.to_owned(),
                kind: role.as_str().to_owned(),
                version: Some(version.to_owned()),
            };
            let ours = built_in_classes(role).into_iter().map(|class| (Version::new(KAFKA), info(class, KAFKA)));
            let plugins = self.plugins.of_role(role);
            let theirs =
                plugins.iter().map(|one| (Version::clone(&one.version), info(&one.class.name, &one.class.version)));
            let mut found: Vec<(Version, PluginInfo)> = ours.chain(theirs).collect();
            found.sort_by(|(a, one), (b, other)| one.class.cmp(&other.class).then_with(|| a.cmp(b)));
            let mut found: Vec<PluginInfo> = found.into_iter().map(|(_, info)| info).collect();
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

/// A class of ours, and what makes its definition.
type BuiltIn = (&'static str, Box<dyn FnOnce() -> ConfigDef>);

fn built_in(role: Role, name: &str) -> Option<BuiltIn> {
    match role {
        Role::Source | Role::Sink => None,
        Role::Transformation => transform::find(name).map(|one| (one.class, Box::new(one.definition) as _)),
        Role::Predicate => predicate::find(name).map(|one| (one.class, Box::new(one.definition) as _)),
        Role::Converter | Role::HeaderConverter => {
            let one = converter::find(name)?;
            let fits = if role == Role::Converter { one.converter } else { one.header_converter };
            let definition = || converters::built_in(one.class).unwrap_or_default();
            fits.then(|| (one.class, Box::new(definition) as _))
        }
    }
}

/// Classes of which Kafka has a `$Key` and a `$Value`, where the bare name was given.
pub(super) fn variants(role: Role, name: &str) -> Vec<&'static str> {
    let prefix = format!("{}$", name.trim());
    built_in_classes(role).into_iter().filter(|class| class.starts_with(&prefix)).collect()
}

/// Whether Kafka has a class of this name and role that nobody can make an instance of.
pub(super) fn is_abstract(role: Role, name: &str) -> bool {
    let interfaces: &[&str] = match role {
        Role::Source | Role::Sink => &[],
        Role::Transformation => &["transforms.Transformation"],
        Role::Predicate => &["transforms.predicates.Predicate"],
        Role::Converter => &["storage.Converter", "converters.NumberConverter"],
        Role::HeaderConverter => &["storage.HeaderConverter", "converters.NumberConverter"],
    };
    let own = name.trim().strip_prefix("org.apache.kafka.connect.");
    own.is_some_and(|own| interfaces.contains(&own)) || !variants(role, name).is_empty()
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
