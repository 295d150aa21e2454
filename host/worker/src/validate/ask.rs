//! The plugin's own opinion, from an instance made for the question.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use watertight_sandbox::bindings::watertight::types::common::KeyReport;
use watertight_sandbox::error::GuestError;
use watertight_sandbox::registry::PluginEntry;

use super::kind_of;
use crate::entities::{ConfigMap, ConnectorType};
use crate::failure::Failure;
use crate::guest::{GuestHost, Identity, config_for};

pub(super) async fn ask(
    host: &GuestHost,
    entry: &PluginEntry,
    name: &str,
    config: &ConfigMap,
) -> Result<Vec<KeyReport>, Failure> {
    let class = &entry.class;
    let plugin = entry
        .plugin()
        .await
        .map_err(|error| Failure::new(format!("plugin file {} cannot be used: {error}", entry.file)))?;
    let identity = Identity { connector: name, task: None, reads_offsets: false };
    let settings = config_for(class, config);
    let mut setup = host.setup(&identity, settings.clone(), Arc::new(AtomicBool::new(false)))?;
    setup.secrets = host.secrets(class, config);
    let answer = match kind_of(class) {
        ConnectorType::Sink => plugin.sink_connector(setup).await?.validate(&class.name, &settings).await,
        ConnectorType::Source | ConnectorType::Unknown => {
            plugin.source_connector(setup).await?.validate(&class.name, &settings).await
        }
    };
    match answer {
        Ok(reports) => Ok(reports),
        Err(GuestError::Failure { code, message, .. }) if code == "config" => Ok(vec![KeyReport {
            name: String::new(),
            errors: vec![message],
            recommended_values: Vec::new(),
            visible: true,
        }]),
        Err(error) => Err(error.into()),
    }
}
