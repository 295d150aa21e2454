//! What a form might offer: the classes that are installed, and the versions of each (Kafka's recommenders).

use std::collections::HashMap;

use watertight_data::config::ConfigValue;
use watertight_sandbox::registry::PluginEntry;
use watertight_sandbox::role::Role;

use super::CONVERTERS;
use super::catalogue::Catalogue;
use crate::entities::ConnectorType;
use crate::versions;

/// Fills in recommended values and visibility where Kafka has a recommender. `stages` are the prefixes of transforms
/// and predicates.
pub(super) fn recommend(
    values: &mut [ConfigValue],
    catalogue: &Catalogue<'_>,
    kind: ConnectorType,
    entry: &PluginEntry,
    stages: &[(Role, String)],
) {
    let classes: HashMap<String, String> =
        values.iter().filter_map(|value| Some((value.name.clone(), value.value.clone()?))).collect();
    let mut offer = |key: &str, recommended: Vec<String>, visible: bool| {
        if let Some(value) = values.iter_mut().find(|value| value.name == key) {
            value.recommended_values = recommended;
            value.visible = visible;
        }
    };
    let mut installed: HashMap<Role, Vec<String>> = HashMap::new();
    let mut installed = |role: Role| installed.entry(role).or_insert_with(|| catalogue.classes(role)).clone();
    let role = if kind == ConnectorType::Sink { Role::Sink } else { Role::Source };
    offer(versions::CONNECTOR, catalogue.versions(role, &entry.class.name), true);
    for (converter, role, _) in CONVERTERS {
        let key = converter.setting();
        let mut distinct = installed(role);
        distinct.dedup();
        offer(key, distinct, true);
        let class = classes.get(key);
        let versions = class.map_or_else(Vec::new, |class| catalogue.versions(role, class));
        offer(&format!("{key}.plugin.version"), versions, class.is_some());
    }
    for (role, prefix) in stages {
        let key = format!("{prefix}type");
        let versions = classes.get(&key).map_or_else(Vec::new, |class| catalogue.versions(*role, class));
        offer(&key, installed(*role), true);
        offer(&format!("{prefix}plugin.version"), versions, true);
    }
}
