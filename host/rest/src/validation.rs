//! What validation says, in Connect's JSON (`ConfigInfos`, `ConfigKeyInfo`, `ConfigValueInfo`), field for field.

use schemars::JsonSchema;
use serde::Serialize;
use watertight_worker::validate::{ConfigKey, ConfigValue, Validation};

use crate::openapi;

/// Stands for a password wherever one would be.
const HIDDEN: &str = "[hidden]";

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConfigInfos")]
pub(crate) struct ValidationShape<'a> {
    name: &'a str,
    error_count: usize,
    groups: &'a [String],
    configs: Vec<ConfigShape<'a>>,
}

impl<'a> From<&'a Validation> for ValidationShape<'a> {
    fn from(validation: &'a Validation) -> Self {
        let undefined = validation.undefined.iter().map(|value| (None, value));
        let settings = validation.settings.values().map(|(key, value)| (Some(key), value));
        let embedded = validation.embedded.iter().map(|(key, value)| (key.as_ref(), value));
        ValidationShape {
            name: &validation.class,
            error_count: validation.error_count(),
            groups: &validation.groups,
            configs: undefined.chain(settings).chain(embedded).map(ConfigShape::from).collect(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConfigInfo")]
struct ConfigShape<'a> {
    /// Null where nobody defined the setting.
    definition: Option<KeyShape<'a>>,
    value: ValueShape<'a>,
}

impl<'a> From<(Option<&'a ConfigKey>, &'a ConfigValue)> for ConfigShape<'a> {
    fn from((key, value): (Option<&'a ConfigKey>, &'a ConfigValue)) -> Self {
        ConfigShape { definition: key.map(KeyShape::from), value: ValueShape::from(value) }
    }
}

/// A key as a form would show it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConfigKeyInfo")]
pub(crate) struct KeyShape<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    #[schemars(schema_with = "openapi::kind")]
    kind: &'static str,
    required: bool,
    default_value: Option<&'a str>,
    #[schemars(schema_with = "openapi::importance")]
    importance: &'static str,
    documentation: &'a str,
    group: Option<&'a str>,
    /// `order` before 4.2.
    order_in_group: i32,
    #[schemars(schema_with = "openapi::width")]
    width: &'static str,
    display_name: &'a str,
    dependents: &'a [String],
}

impl<'a> From<&'a ConfigKey> for KeyShape<'a> {
    fn from(key: &'a ConfigKey) -> Self {
        let default = key.default.as_deref();
        KeyShape {
            name: &key.name,
            kind: key.kind.as_str(),
            required: key.required,
            default_value: if key.kind.as_str() == "PASSWORD" { default.map(|_| HIDDEN) } else { default },
            importance: key.importance.as_str(),
            documentation: &key.documentation,
            group: key.group.as_deref(),
            order_in_group: key.order_in_group,
            width: key.width.as_str(),
            display_name: &key.display_name,
            dependents: &key.dependents,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConfigValueInfo")]
struct ValueShape<'a> {
    name: &'a str,
    value: Option<&'a str>,
    recommended_values: &'a [String],
    errors: &'a [String],
    visible: bool,
}

impl<'a> From<&'a ConfigValue> for ValueShape<'a> {
    fn from(value: &'a ConfigValue) -> Self {
        let ConfigValue { name, value, errors, recommended_values, visible } = value;
        ValueShape { name, value: value.as_deref(), recommended_values, errors, visible: *visible }
    }
}
