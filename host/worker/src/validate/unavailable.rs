//! A connector of which there is no such version: Kafka then looks at what every connector has, and at nothing else.

use watertight_data::config::{ConfigDef, connector};

use super::CONVERTERS;
use super::base;
use super::catalogue::Catalogue;
use super::config::Config;
use super::values::Validation;
use crate::versions;

/// `class` is its name as given, `message` what is wrong with its version, `available` which versions there are.
pub(super) fn validate(
    catalogue: &Catalogue<'_>,
    config: Config<'_>,
    class: &str,
    message: &str,
    available: Vec<String>,
) -> Validation {
    let definition: ConfigDef = base::of_class(connector::every().clone(), catalogue, class.trim());
    let mut values = definition.validate_with(&|key| config.given(key), &|class| super::class_of(catalogue, class));
    for (converter, ..) in CONVERTERS {
        let key = converter.setting();
        let named = values.iter().any(|value| value.name == key && value.value.is_some());
        let version_key = format!("{key}.plugin.version");
        if let Some(value) = values.iter_mut().find(|value| value.name == version_key) {
            value.visible = named;
        }
    }
    let faults = super::converter_faults(catalogue, config);
    for (key, fault) in faults {
        if let Some(value) = values.iter_mut().find(|value| value.name == key) {
            value.errors.push(fault);
        }
    }
    let mut validation = Validation::new(class, &definition, values);
    validation.fault(connector::CONNECTOR_CLASS, message);
    validation.fault(versions::CONNECTOR, message);
    validation.recommend(versions::CONNECTOR, available);
    let names: Vec<&str> = definition.keys().map(|key| key.name.as_str()).collect();
    validation.add_nulls(&config.nulls_in_order(), &names);
    validation
}
