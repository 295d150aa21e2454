//! Which version of a plugin a connector wants (KIP-891): keys that end in `plugin.version`, beside the key that names
//! the class.

use watertight_sandbox::registry::FindError;
use watertight_sandbox::version::{Version, VersionRange};

use crate::entities::ConfigMap;
use crate::guest::KAFKA;

/// The key for the connector's own class.
pub const CONNECTOR: &str = "connector.plugin.version";

/// The versions that `key` names; none: any.
///
/// # Errors
/// Kafka's words where it is no version.
pub fn wanted(settings: &ConfigMap, key: &str) -> Result<Option<VersionRange>, String> {
    let text = settings.get(key).map(String::as_str);
    VersionRange::parse(text).map_err(|error| format!("Invalid version range for {key}: {error}"))
}

/// Whether a class that ships with the worker, which has the worker's version, is one of these.
///
/// # Errors
/// As for a plugin of which there are other versions.
pub fn check_built_in(class: &str, range: Option<&VersionRange>) -> Result<(), FindError> {
    match range {
        Some(range) if !range.contains(&Version::new(KAFKA)) => Err(FindError::Version {
            class: class.to_owned(),
            range: range.to_string(),
            available: vec![KAFKA.to_owned()],
        }),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn range(text: &str) -> Result<Option<VersionRange>, String> {
        wanted(&[("transforms.t.plugin.version".to_owned(), text.to_owned())].into(), "transforms.t.plugin.version")
    }

    #[test]
    fn what_ships_with_the_worker_has_one_version() {
        assert!(check_built_in("a.B", None).is_ok());
        assert!(check_built_in("a.B", range("latest").unwrap().as_ref()).is_ok());
        assert!(check_built_in("a.B", range(KAFKA).unwrap().as_ref()).is_ok());
        let refused = check_built_in("a.B", range("[77,)").unwrap().as_ref()).unwrap_err();
        let text = format!("Plugin a.B not found that matches the version range [77,), available versions: [{KAFKA}]");
        assert_eq!(refused.to_string(), text);
    }

    #[test]
    fn what_is_no_version_is_said_with_its_key() {
        let text = "Invalid version range for transforms.t.plugin.version: Unbounded range: [1";
        assert_eq!(range("[1").unwrap_err(), text);
    }
}
