//! Is a connector's config good? First by the definitions (the worker's for every connector, then the class's
//! own from its metadata), then, if those are content, by the plugin itself.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use watertight_data::config::{ConfigDef, ConfigKey, ConfigValue, Importance, Kind, Validator, Width, connector};
use watertight_sandbox::bindings::watertight::types::common::KeyReport;
use watertight_sandbox::catalogue::{PluginClass, PluginKey};
use watertight_sandbox::error::GuestError;
use watertight_sandbox::registry::PluginEntry;

use crate::converters::Converters;
use crate::entities::{ConfigMap, ConnectorType};
use crate::failure::Failure;
use crate::guest::{GuestHost, Identity, config_for};

/// Settings that later releases will understand: refused now rather than silently ignored.
const NOT_YET: &[(&str, &str)] = &[
    ("transforms", "this worker has no transformations yet"),
    ("predicates", "this worker has no predicates yet"),
    ("errors.deadletterqueue.topic.name", "this worker has no dead letter queue yet"),
    ("topic.creation.groups", "this worker creates no topics itself yet; create the topic, or let the broker do it"),
    ("offsets.storage.topic", "standalone workers keep offsets in their file"),
];

/// Which way a class moves data.
pub fn kind_of(class: &PluginClass) -> ConnectorType {
    match class.role.as_str() {
        "source" => ConnectorType::Source,
        "sink" => ConnectorType::Sink,
        _ => ConnectorType::Unknown,
    }
}

/// The class's own definition.
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

/// What every connector of this kind has.
fn base(kind: ConnectorType) -> &'static ConfigDef {
    match kind {
        ConnectorType::Sink => connector::sink(),
        ConnectorType::Source | ConnectorType::Unknown => connector::source(),
    }
}

/// Errors by key, in the order in which Kafka lists them; empty: all is well.
pub async fn validate(
    host: &GuestHost,
    entry: &PluginEntry,
    worker: &ConfigMap,
    name: &str,
    config: &ConfigMap,
) -> Result<Vec<String>, Failure> {
    let class = &entry.class;
    let kind = kind_of(class);
    let mut values: Vec<ConfigValue> = base(kind).validate(config);
    if kind == ConnectorType::Sink {
        connector::validate_sink(config, &mut values);
    }
    values.extend(definition(class).validate(config));
    let mut errors: Vec<String> = values.into_iter().flat_map(|value| value.errors).collect();
    if let Some(key) = config.keys().find(|key| key.starts_with("topic.creation.") && *key != "topic.creation.groups") {
        errors.push(format!("Invalid value for configuration {key}: this worker creates no topics itself yet"));
    }
    for (key, why) in NOT_YET {
        if let Some(value) = config.get(*key).filter(|value| !value.trim().is_empty()) {
            errors.push(format!("Invalid value {value} for configuration {key}: {why}"));
        }
    }
    errors.extend(override_errors(worker, config));
    if let Err(error) = Converters::new(worker, config) {
        errors.push(error);
    }
    if !errors.is_empty() {
        return Ok(errors);
    }
    for report in ask(host, entry, name, config).await? {
        errors.extend(report.errors);
    }
    Ok(errors)
}

/// `connector.client.config.override.policy`: which client settings a connector may bring (KIP-458, KIP-1188).
fn override_errors(worker: &ConfigMap, config: &ConfigMap) -> Vec<String> {
    let policy = worker.get("connector.client.config.override.policy").map_or("All", |policy| policy.trim());
    let simple = policy.rsplit('.').next().unwrap_or(policy);
    let simple = simple.strip_suffix("ConnectorClientConfigOverridePolicy").unwrap_or(simple);
    let list = worker.get("connector.client.config.override.allowlist").map_or("", String::as_str);
    let allowed = |key: &str| match simple {
        "All" => true,
        "Principal" => matches!(key, "sasl.jaas.config" | "sasl.mechanism" | "security.protocol"),
        "Allowlist" => list.split(',').any(|name| name.trim() == key),
        _ => false,
    };
    let overridden = |name: &str| {
        ["producer.override.", "consumer.override.", "admin.override."]
            .iter()
            .find_map(|prefix| Some(name.strip_prefix(prefix)?.to_owned()))
    };
    config
        .keys()
        .filter_map(|name| overridden(name))
        .filter(|key| !allowed(key))
        .map(|key| {
            format!("The '{simple}' policy does not allow '{key}' to be overridden in the connector configuration.")
        })
        .collect()
}

/// The plugin's own opinion, from an instance made for the question.
async fn ask(host: &GuestHost, entry: &PluginEntry, name: &str, config: &ConfigMap) -> Result<Vec<KeyReport>, Failure> {
    let class = &entry.class;
    let plugin = entry
        .plugin()
        .await
        .map_err(|error| Failure::new(format!("plugin file {} cannot be used: {error}", entry.file)))?;
    let identity = Identity { connector: name, task: None, reads_offsets: false };
    let settings = config_for(class, config);
    let setup = host.setup(&identity, settings.clone(), Arc::new(AtomicBool::new(false)))?;
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

/// Kafka's text of a refused config.
pub fn refusal(errors: &[String]) -> String {
    let mut text = format!("Connector configuration is invalid and contains the following {} error(s):", errors.len());
    for error in errors {
        text.push('\n');
        text.push_str(error);
    }
    text.push_str("\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`");
    text
}

/// What the worker brings itself, for `GET /connector-plugins?connectorsOnly=false`.
pub fn built_in() -> Vec<crate::entities::PluginInfo> {
    let mut list = Vec::new();
    for built_in in watertight_data::converter::BUILT_IN {
        let kinds = [("converter", built_in.converter), ("header_converter", built_in.header_converter)];
        for (kind, _) in kinds.into_iter().filter(|(_, can)| *can) {
            list.push(crate::entities::PluginInfo {
                class: built_in.class.to_owned(),
                kind: kind.to_owned(),
                version: Some(crate::guest::VERSION.to_owned()),
            });
        }
    }
    list
}
