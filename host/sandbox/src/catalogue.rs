//! What a plugin file says it holds: the answer of `describe`, and the same as JSON in the file's metadata
//! section, so that listing a plugin runs none of its code and needs no compiler.

use serde::{Deserialize, Serialize};

use crate::bindings::exports::watertight::plugin::catalogue as wit;

/// Name of the custom section.
pub const SECTION: &str = "watertight:plugin";

/// The section's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Version of the contract the plugin was built against.
    pub contract: String,
    /// As `describe` answers.
    pub classes: Vec<PluginClass>,
}

/// One class of a plugin; see the contract for each field.
#[allow(missing_docs)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PluginClass {
    pub name: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub role: String,
    pub version: String,
    #[serde(default)]
    pub task_class: Option<String>,
    #[serde(default)]
    pub documentation: String,
    #[serde(default)]
    pub config: Vec<PluginKey>,
    #[serde(default)]
    pub features: Vec<String>,
}

/// One setting of a class; see the contract for each field.
#[allow(missing_docs)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PluginKey {
    pub name: String,
    pub kind: String,
    pub required: bool,
    #[serde(default)]
    pub default_value: Option<String>,
    pub importance: String,
    #[serde(default)]
    pub documentation: String,
    #[serde(default)]
    pub group: Option<String>,
    #[serde(default)]
    pub order_in_group: Option<i32>,
    pub width: String,
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub dependents: Vec<String>,
    #[serde(default)]
    pub attributes: Vec<(String, String)>,
}

impl PluginClass {
    /// Whether the class declares a feature.
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|name| name == feature)
    }
}

impl From<wit::PluginClass> for PluginClass {
    fn from(class: wit::PluginClass) -> Self {
        let wit::PluginClass { name, aliases, role, version, task_class, documentation, config, features } = class;
        Self {
            name,
            aliases,
            role,
            version,
            task_class,
            documentation,
            config: config.into_iter().map(PluginKey::from).collect(),
            features,
        }
    }
}

impl From<wit::ConfigKey> for PluginKey {
    fn from(key: wit::ConfigKey) -> Self {
        let wit::ConfigKey {
            name,
            kind,
            required,
            default_value,
            importance,
            documentation,
            group,
            order_in_group,
            width,
            display_name,
            dependents,
            attributes,
        } = key;
        Self {
            name,
            kind,
            required,
            default_value,
            importance,
            documentation,
            group,
            order_in_group,
            width,
            display_name,
            dependents,
            attributes,
        }
    }
}
