//! What a form might offer: the classes that are installed, and the versions of each (Kafka's recommenders).

use std::collections::HashMap;

use indexmap::IndexMap;
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
    values: &mut IndexMap<String, ConfigValue>,
    catalogue: &Catalogue<'_>,
    kind: ConnectorType,
    entry: &PluginEntry,
    stages: &[(Role, String)],
) {
    let offer = |values: &mut IndexMap<String, ConfigValue>, key: &str, recommended: Vec<String>, visible: bool| {
        if let Some(value) = values.get_mut(key) {
            value.recommended_values = recommended;
            value.visible = visible;
        }
    };
    let versions = |values: &IndexMap<String, ConfigValue>, key: &str, role: Role| {
        let class = values.get(key).and_then(|value| value.value.as_deref());
        class.map(|class| catalogue.versions(role, class))
    };
    let mut installed: HashMap<Role, Vec<String>> = HashMap::new();
    let mut installed = |role: Role| installed.entry(role).or_insert_with(|| catalogue.classes(role)).clone();
    let role = if kind == ConnectorType::Sink { Role::Sink } else { Role::Source };
    offer(values, versions::CONNECTOR, catalogue.versions(role, &entry.class.name), true);
    for (converter, role, _) in CONVERTERS {
        let key = converter.setting();
        let mut distinct = installed(role);
        distinct.dedup();
        offer(values, key, distinct, true);
        let known = versions(values, key, role);
        let named = known.is_some();
        offer(values, &format!("{key}.plugin.version"), known.unwrap_or_default(), named);
    }
    for (role, prefix) in stages {
        let key = format!("{prefix}type");
        let known = versions(values, &key, *role).unwrap_or_default();
        offer(values, &key, installed(*role), true);
        offer(values, &format!("{prefix}plugin.version"), known, true);
    }
}
