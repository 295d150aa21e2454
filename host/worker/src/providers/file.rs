//! `FileConfigProvider`: keys of a properties file.

use std::path::Path;

use indexmap::IndexMap;
use watertight_data::properties;

use super::paths::AllowedPaths;
use super::{Provider, ProviderError};
use crate::entities::ConfigMap;

pub(super) struct FileProvider {
    allowed: AllowedPaths,
}

impl FileProvider {
    pub(super) fn new(name: &str, parameters: &ConfigMap, base: &Path) -> Result<Self, ProviderError> {
        let allowed = AllowedPaths::new(parameters.get("allowed.paths").map(String::as_str), base)?;
        super::warn_if_unlimited(name, &allowed);
        Ok(Self { allowed })
    }
}

impl Provider for FileProvider {
    fn get(&self, path: &str, keys: &[&str]) -> Result<IndexMap<String, String>, ProviderError> {
        if path.is_empty() {
            return Ok(IndexMap::new());
        }
        let Some(place) = self.allowed.find(path) else {
            tracing::warn!("The path {path} is not allowed to be accessed");
            return Ok(IndexMap::new());
        };
        // The reason goes to the log and not to the client; a line of the file would go to either.
        let failed = |reason: &dyn std::fmt::Display| {
            tracing::error!("Could not read properties from file {path}: {reason}");
            ProviderError::new(format!("Could not read properties from file {path}"))
        };
        let content = place.read().map_err(|error| failed(&error))?;
        let mut all = properties::parse_bytes(&content).map_err(|_| failed(&"Malformed \\uxxxx encoding."))?;
        Ok(keys.iter().filter_map(|key| Some(((*key).to_owned(), all.swap_remove(*key)?))).collect())
    }
}
