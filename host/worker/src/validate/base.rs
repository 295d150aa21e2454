//! What every connector of a kind has, with the defaults that follow from the worker's settings and from what is
//! installed: Kafka shows as the default of `key.converter` the one that the worker has, and as the default of each
//! `plugin.version` the version that would be taken.

use watertight_data::config::{ConfigDef, connector, converter};
use watertight_sandbox::registry::PluginEntry;

use super::CONVERTERS;
use super::catalogue::Catalogue;
use super::config::Config;
use crate::entities::{ConfigMap, ConnectorType};
use crate::versions;

/// `header.converter` of a worker that does not name one.
const HEADER_CONVERTER: &str = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

/// What every connector of this kind has, nothing known of worker and plugins.
pub(super) fn bare(kind: ConnectorType) -> &'static ConfigDef {
    match kind {
        ConnectorType::Sink => connector::sink(),
        ConnectorType::Source | ConnectorType::Unknown => connector::source(),
    }
}

/// The same with the connector's latest version: what is told of a class about which nothing else is known.
pub(super) fn of_class(mut definition: ConfigDef, catalogue: &Catalogue<'_>, class: &str) -> ConfigDef {
    let latest = catalogue.plugins.find_connector(class, None).ok();
    definition.set_default(versions::CONNECTOR, latest.map(|entry| entry.class.version.clone()));
    definition
}

/// With everything that a worker knows when it looks at a config.
pub(super) fn of_config(
    kind: ConnectorType,
    catalogue: &Catalogue<'_>,
    worker: &ConfigMap,
    config: Config<'_>,
    entry: &PluginEntry,
) -> ConfigDef {
    let mut definition = of_class(bare(kind).clone(), catalogue, &entry.class.name);
    for (converter, role, _) in CONVERTERS {
        let key = converter.setting();
        let version_key = format!("{key}.plugin.version");
        let default = match worker.get(key) {
            Some(class) => Some(class.trim()),
            None => (converter == converter::Role::Header).then_some(HEADER_CONVERTER),
        };
        let latest = default.and_then(|class| catalogue.latest(role, class));
        let version = match config.get(key) {
            Some(own) => {
                let exact = Some(own).filter(|own| own.trim() == *own);
                exact.and_then(|own| catalogue.find(role, own, None, Some(entry)).ok()).map(|found| found.version)
            }
            None => worker.get(&version_key).cloned().or_else(|| latest.as_ref().map(|found| found.version.clone())),
        };
        let class = latest.map(|found| found.class).or_else(|| default.map(str::to_owned));
        definition.set_default(key, class);
        definition.set_default(&version_key, version);
    }
    definition
}
