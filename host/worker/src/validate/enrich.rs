//! The settings of transforms and predicates: which there are follows from the aliases that a config lists.

use watertight_data::config::{ConfigDef, ConfigKey, Importance, Kind, Parsed, Width, parse};
use watertight_sandbox::role::Role;

use super::catalogue::{Catalogue, variants};
use crate::entities::ConfigMap;

/// Keys that belong to the chain and not to the transform.
const PREDICATE: &str = "predicate";
const NEGATE: &str = "negate";

/// What enriching a definition found out.
#[derive(Default)]
pub(super) struct Enriched {
    pub(super) definition: ConfigDef,
    /// What is wrong with a class, by the key that names it.
    pub(super) faults: Vec<(String, String)>,
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

/// The base definition with the keys of every transform and predicate.
pub(super) fn enrich(base: ConfigDef, catalogue: &Catalogue<'_>, settings: &ConfigMap) -> Enriched {
    let mut enriched = Enriched { definition: base, faults: Vec::new() };
    for sort in &SORTS {
        for alias in aliases(settings, sort.list) {
            one(&mut enriched, sort, &alias, catalogue, settings);
        }
    }
    enriched
}

/// Names in a list, each once.
fn aliases(settings: &ConfigMap, list: &str) -> Vec<String> {
    let mut aliases: Vec<String> = Vec::new();
    if let Some(Ok(Parsed::List(names))) = settings.get(list).map(|text| parse(list, text, Kind::List)) {
        for name in names {
            if !aliases.contains(&name) {
                aliases.push(name);
            }
        }
    }
    aliases
}

fn one(enriched: &mut Enriched, sort: &Sort, alias: &str, catalogue: &Catalogue<'_>, settings: &ConfigMap) {
    let Sort { role, list, group, interface, word } = sort;
    let prefix = format!("{list}.{alias}.");
    let (key, group) = (format!("{prefix}type"), format!("{group}: {alias}"));
    let place = |key: ConfigKey, order, display: String, documentation: String| {
        key.placed(&group, order, Width::Long, &display).documented(documentation)
    };
    let own = std::mem::take(&mut enriched.definition)
        .define(place(
            ConfigKey::required(&key, Kind::Class, Importance::High),
            0,
            format!("{interface} type for {alias}"),
            format!("Class for the '{alias}' {word}."),
        ))
        .define(place(
            ConfigKey::optional(format!("{prefix}plugin.version"), Kind::String, Importance::High),
            1,
            format!("{interface} version for {alias}"),
            format!("Version of the '{alias}' {word}."),
        ));
    let (negate, predicate) = (format!("{prefix}{NEGATE}"), format!("{prefix}{PREDICATE}"));
    if *role == Role::Transformation && settings.contains_key(&negate) && !settings.contains_key(&predicate) {
        let fault = format!(
            "Config '{negate}' was provided but there is no config '{predicate}' defining a predicate to be negated."
        );
        enriched.faults.push((key.clone(), fault));
    }
    let found = settings.get(&key).map(|name| (name, catalogue.find(*role, name)));
    enriched.definition = match found {
        Some((_, Some(found))) => own.embed(&prefix, &group, 2, &beside(*role, found.definition.unwrap_or_default())),
        Some((name, None)) => {
            enriched.faults.extend(wrong_class(*role, interface, name, catalogue).map(|fault| (key, fault)));
            own
        }
        None => own,
    };
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
    let class = catalogue.any(name)?;
    Some(format!("Class class {class} does not implement the {interface} interface"))
}
