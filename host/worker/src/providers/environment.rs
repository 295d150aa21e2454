//! `EnvVarConfigProvider`: variables of the worker's environment, as they were when it started.

use indexmap::IndexMap;
use watertight_data::java::regex::JavaRegex;

use super::{Provider, ProviderError};
use crate::entities::ConfigMap;

const PATTERN: &str = "allowlist.pattern";

pub(super) struct EnvironmentProvider {
    variables: IndexMap<String, String>,
}

impl EnvironmentProvider {
    pub(super) fn new(
        name: &str,
        parameters: &ConfigMap,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ProviderError> {
        let Some(pattern) = parameters.get(PATTERN) else {
            tracing::info!("No pattern for environment variables provided. Using default pattern '(.*)'.");
            tracing::warn!(
                "config provider {name}: every variable of the worker's environment may be referred to; \
                 config.providers.{name}.param.{PATTERN} says which"
            );
            return Ok(Self { variables: environment.collect() });
        };
        let allowed = JavaRegex::new(pattern).map_err(|error| {
            ProviderError::new(format!(
                "Invalid value {pattern} for configuration config.providers.{name}.param.{PATTERN}: {error}"
            ))
        })?;
        Ok(Self { variables: environment.filter(|(name, _)| allowed.full_match(name).unwrap_or(false)).collect() })
    }
}

impl Provider for EnvironmentProvider {
    fn get(&self, path: &str, keys: &[&str]) -> Result<IndexMap<String, String>, ProviderError> {
        if !path.is_empty() {
            let message = format!("Path is not supported for EnvVarConfigProvider, invalid value '{path}'");
            tracing::error!("{message}");
            return Err(ProviderError::new(message));
        }
        Ok(keys.iter().filter_map(|key| Some(((*key).to_owned(), self.variables.get(*key)?.clone()))).collect())
    }
}
