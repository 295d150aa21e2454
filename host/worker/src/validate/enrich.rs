//! The settings of transforms and predicates: which there are follows from the aliases that a config lists.

use indexmap::IndexSet;
use watertight_data::config::{ConfigDef, ConfigKey, Importance, Kind, Parsed, Width, parse};
use watertight_sandbox::registry::{FindError, PluginEntry};
use watertight_sandbox::role::Role;
use watertight_sandbox::version::VersionRange;

use super::catalogue::{Catalogue, Found, is_abstract, variants};
use super::config::Config;

/// Keys that belong to the chain and not to the transform.
const PREDICATE: &str = "predicate";
const NEGATE: &str = "negate";

/// What enriching a definition found out.
#[derive(Default)]
pub(super) struct Enriched {
    pub(super) definition: ConfigDef,
    /// What is wrong with a class or its version, by the key that names it.
    pub(super) faults: Vec<(String, String)>,
    /// The aliases, and what they are of.
    pub(super) stages: Vec<(Role, String)>,
}

struct Sort {
    role: Role,
    list: &'static str,
    group: &'static str,
    /// Kafka's interface, and the same in a sentence.
    interface: &'static str,
    word: &'static str,
}

const SORTS: [Sort; 2] = [
    Sort {
        role: Role::Transformation,
        list: "transforms",
        group: "Transforms",
        interface: "Transformation",
        word: "transformation",
    },
    Sort { role: Role::Predicate, list: "predicates", group: "Predicates", interface: "Predicate", word: "predicate" },
];

/// What a definition is enriched from.
pub(super) struct Enrichment<'a> {
    pub(super) catalogue: Catalogue<'a>,
    pub(super) config: Config<'a>,
    /// The connector.
    pub(super) beside: Option<&'a PluginEntry>,
}

impl Enrichment<'_> {
    /// The base definition with the keys of every transform and predicate.
    pub(super) fn of(&self, base: ConfigDef) -> Enriched {
        let mut enriched = Enriched { definition: base, ..Enriched::default() };
        for sort in &SORTS {
            for alias in self.aliases(sort.list) {
                self.one(&mut enriched, sort, &alias);
            }
        }
        enriched
    }

    /// Names in a list, each once.
    fn aliases(&self, list: &str) -> IndexSet<String> {
        match self.config.get(list).map(|text| parse(list, text, Kind::List)) {
            Some(Ok(Parsed::List(names))) => names.into_iter().collect(),
            _ => IndexSet::new(),
        }
    }

    fn one(&self, enriched: &mut Enriched, sort: &Sort, alias: &str) {
        let Sort { role, list, group, interface, word } = sort;
        let prefix = format!("{list}.{alias}.");
        let (key, version_key) = (format!("{prefix}type"), format!("{prefix}plugin.version"));
        let group = format!("{group}: {alias}");
        let place = |key: ConfigKey, order, display: String, documentation: String| {
            key.placed(&group, order, Width::Long, &display).documented(documentation)
        };
        let class = self.config.get(&key);
        // Kafka looks for a class by its name as given, blanks and all, but where it checks the name itself.
        let exact = class.filter(|class| class.trim() == *class);
        let latest = exact.and_then(|name| self.catalogue.find(*role, name, None, self.beside).ok());
        let mut version = ConfigKey::optional(&version_key, Kind::String, Importance::High);
        version.default = latest.as_ref().map(|found| found.version.clone());
        let own = std::mem::take(&mut enriched.definition)
            .define(place(
                ConfigKey::required(&key, Kind::Class, Importance::High),
                0,
                format!("{interface} type for {alias}"),
                format!("Class for the '{alias}' {word}."),
            ))
            .define(place(
                version,
                1,
                format!("{interface} version for {alias}"),
                format!("Version of the '{alias}' {word}."),
            ));
        let found = match latest {
            // Nothing else is asked for.
            Some(latest) if !self.config.has(&version_key) => Some(Ok(latest)),
            _ => class.map(|class| self.look_up(*role, class, &version_key)),
        };
        enriched.faults.extend(self.faults(sort, &prefix, class, found.as_ref()));
        enriched.definition = match (exact, found) {
            (Some(_), Some(Ok(found))) => own.embed(&prefix, &group, 2, &beside(*role, found.definition)),
            _ => own,
        };
        enriched.stages.push((*role, prefix));
    }

    fn look_up(&self, role: Role, class: &str, version_key: &str) -> Result<Found, Trouble> {
        let range = VersionRange::parse(self.config.get(version_key).map(String::as_str))
            .map_err(|error| Trouble::Version(error.to_string()))?;
        self.catalogue.find(role, class, range.as_ref(), self.beside).map_err(|error| match error {
            FindError::Version { .. } => Trouble::Version(error.to_string()),
            FindError::Unknown { .. } | FindError::UnknownClass { .. } | FindError::Ambiguous { .. } => Trouble::Class,
        })
    }

    /// What Kafka's checks of the class and of its version say, in their order. Each says one thing.
    fn faults(
        &self,
        sort: &Sort,
        prefix: &str,
        class: Option<&String>,
        found: Option<&Result<Found, Trouble>>,
    ) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let (negate, predicate) = (format!("{prefix}{NEGATE}"), format!("{prefix}{PREDICATE}"));
        let negated = sort.role == Role::Transformation && self.config.has(&negate) && !self.config.has(&predicate);
        let of_class = match found {
            _ if negated => Some(format!(
                "Config '{negate}' was provided but there is no config '{predicate}' defining a predicate to be negated."
            )),
            Some(Err(Trouble::Version(message))) if self.is_there(class) => Some(message.clone()),
            Some(Err(Trouble::Class)) => {
                class.and_then(|class| wrong_class(sort.role, sort.interface, class, &self.catalogue))
            }
            Some(Ok(_) | Err(Trouble::Version(_))) | None => None,
        };
        faults.extend(of_class.map(|message| (format!("{prefix}type"), message)));
        if let Some(Err(Trouble::Version(message))) = found {
            faults.push((format!("{prefix}plugin.version"), message.clone()));
        }
        faults
    }

    fn is_there(&self, class: Option<&String>) -> bool {
        class.is_some_and(|class| self.catalogue.full_name(class).is_some())
    }
}

/// Why a class cannot be had.
enum Trouble {
    /// None of that name, or of another kind.
    Class,
    /// There is none of that version, or it is no version.
    Version(String),
}

/// A transform's own keys and those that every transform has, which hide its own of that name.
fn beside(role: Role, own: ConfigDef) -> ConfigDef {
    if role != Role::Transformation {
        return own;
    }
    ConfigDef::new([
        ConfigKey::optional(PREDICATE, Kind::String, Importance::Medium)
            .documented("The alias of the predicate that decides whether the transformation applies."),
        ConfigKey::defaulted(NEGATE, Kind::Boolean, "false", Importance::Medium)
            .documented("Whether it applies where the predicate does not hold."),
    ])
    .extend_missing(&own)
}

/// Why a class that exists cannot stand here; none: there is no such class.
pub(super) fn wrong_class(role: Role, interface: &str, name: &str, catalogue: &Catalogue<'_>) -> Option<String> {
    let variants = variants(role, name);
    if !variants.is_empty() {
        return Some(format!("This class is abstract and cannot be created. Did you mean {}?", variants.join(", ")));
    }
    if is_abstract(role, name) {
        return Some("This class is abstract and cannot be created.".to_owned());
    }
    let class = catalogue.full_name(name)?;
    Some(format!("Class class {class} does not implement the {interface} interface"))
}
