//! The settings of any plugin, with none of its code run: what `GET /connector-plugins/{p}/config` tells.

use watertight_data::config::{ConfigDef, ConfigKey};
use watertight_sandbox::registry::FindError;
use watertight_sandbox::role::Role;
use watertight_sandbox::version::VersionRange;

use super::base;
use super::catalogue::Catalogue;
use super::values::shown;
use crate::entities::ConnectorType;
use crate::herder::HerderError;

/// In the order in which Kafka asks what a plugin is.
const ROLES: [Role; 6] =
    [Role::Sink, Role::Source, Role::Converter, Role::HeaderConverter, Role::Transformation, Role::Predicate];

/// Plugins of Kafka's that have settings of another sort: their packages, first words, and the last one, which an alias
/// does without.
const OTHERS: [(&str, &[&str], &str); 2] = [
    ("org.apache.kafka.common.config.provider.", &["File", "Directory", "EnvVar"], "ConfigProvider"),
    (
        "org.apache.kafka.connect.connector.policy.",
        &["All", "Allowlist", "None", "Principal"],
        "ConnectorClientConfigOverridePolicy",
    ),
];

/// By class or alias, of that version or range, else of the latest: its own settings, then for connectors those that
/// every connector of its kind has.
///
/// # Errors
/// 404 where nobody knows the plugin, 400 for what is no version, a version that there is not, and other plugins.
pub fn plugin_config(
    catalogue: &Catalogue<'_>,
    plugin: &str,
    version: Option<&str>,
) -> Result<Vec<ConfigKey>, HerderError> {
    let range = VersionRange::parse(version).map_err(|_| {
        HerderError::BadRequest(format!("Invalid version specification: {}", version.unwrap_or_default()))
    })?;
    let unknown = || HerderError::NotFound(format!("Unknown plugin {plugin}."));
    if plugin.trim() != plugin {
        return Err(unknown());
    }
    for role in ROLES {
        let found = match catalogue.find(role, plugin, range.as_ref(), None) {
            Ok(found) => found,
            Err(error @ FindError::Version { .. }) => return Err(HerderError::BadRequest(error.to_string())),
            Err(FindError::Unknown { .. } | FindError::UnknownClass { .. } | FindError::Ambiguous { .. }) => continue,
        };
        let base = |kind| base::of_class(base::bare(kind).clone(), catalogue, &found.class);
        let all = match role {
            Role::Sink => found.definition.clone().extend_missing(&base(ConnectorType::Sink)),
            Role::Source => found.definition.clone().extend_missing(&base(ConnectorType::Source)),
            Role::Converter | Role::HeaderConverter | Role::Transformation | Role::Predicate => found.definition,
        };
        return Ok(told(&all));
    }
    if is_of_another_sort(plugin) {
        return Err(HerderError::BadRequest(format!(
            "Invalid plugin class {plugin}. Valid types are sink, source, converter, header_converter, transformation, \
             predicate."
        )));
    }
    Err(unknown())
}

fn is_of_another_sort(plugin: &str) -> bool {
    OTHERS.iter().any(|(package, words, last)| {
        let own = plugin.strip_prefix(package);
        let simple = own.unwrap_or(plugin).strip_suffix(last);
        words.contains(&simple.unwrap_or(plugin)) && (own.is_none() || simple.is_some())
    })
}

fn told(definition: &ConfigDef) -> Vec<ConfigKey> {
    definition.keys().cloned().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_plugins_are_known_by_class_and_alias() {
        for known in
            ["File", "FileConfigProvider", "org.apache.kafka.common.config.provider.EnvVarConfigProvider", "All"]
        {
            assert!(is_of_another_sort(known), "{known}");
        }
        for unknown in ["", "ConfigProvider", "org.apache.kafka.common.config.provider.File", "my.FileConfigProvider"] {
            assert!(!is_of_another_sort(unknown), "{unknown}");
        }
    }
}
