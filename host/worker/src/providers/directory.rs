//! `DirectoryConfigProvider`: files of a directory, each one value, as mounted secrets are.

use std::path::Path;

use indexmap::IndexMap;

use super::paths::{AllowedPaths, normalized};
use super::{Provider, ProviderError};
use crate::entities::ConfigMap;

pub(super) struct DirectoryProvider {
    allowed: AllowedPaths,
}

impl DirectoryProvider {
    pub(super) fn new(name: &str, parameters: &ConfigMap, base: &Path) -> Result<Self, ProviderError> {
        let allowed = AllowedPaths::new(parameters.get("allowed.paths").map(String::as_str), base)?;
        super::warn_if_unlimited(name, &allowed);
        Ok(Self { allowed })
    }
}

impl Provider for DirectoryProvider {
    fn get(&self, path: &str, keys: &[&str]) -> Result<IndexMap<String, String>, ProviderError> {
        let mut found = IndexMap::new();
        if path.is_empty() {
            return Ok(found);
        }
        let Some(place) = self.allowed.find(path) else {
            tracing::warn!("The path {path} is not allowed to be accessed");
            return Ok(found);
        };
        if !place.is_dir() {
            tracing::warn!("The path {path} is not a directory");
            return Ok(found);
        }
        for key in keys {
            // A key is the name of a file, and never a way to one.
            if key.is_empty() || key.contains('/') || matches!(*key, "." | "..") {
                continue;
            }
            let file = place.child(key);
            let read = file.is_file().and_then(|there| if there { file.read().map(Some) } else { Ok(None) });
            match read {
                Ok(Some(content)) => {
                    found.insert((*key).to_owned(), String::from_utf8_lossy(&content).into_owned());
                }
                Ok(None) => {}
                Err(error) => {
                    let shown = normalized(Path::new(path)).join(key).display().to_string();
                    tracing::error!("Could not read file {shown} for property {key}: {error}");
                    return Err(ProviderError::new(format!("Could not read file {shown} for property {key}")));
                }
            }
        }
        Ok(found)
    }
}
