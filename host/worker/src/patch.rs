//! A config with some of its settings changed (KIP-477).

use crate::entities::{ConfigMap, ConfigPatch};
use crate::herder::{HerderError, Result};

/// The config with the patch laid over it: what is null in the patch is taken away.
///
/// # Errors
/// When it would give the connector another name, which a config cannot do. Kafka lets it, and has a connector whose
/// config tells another name from then on.
pub fn lay_over(name: &str, config: &ConfigMap, patch: &ConfigPatch) -> Result<ConfigMap> {
    if let Some(Some(other)) = patch.get("name").filter(|other| other.as_deref() != Some(name)) {
        return Err(HerderError::BadRequest(format!(
            "Connector name configuration ({other}) doesn't match connector name in the URL ({name})"
        )));
    }
    let mut patched = config.clone();
    for (key, value) in patch {
        match value {
            Some(value) => patched.insert(key.clone(), value.clone()),
            None => patched.shift_remove(key),
        };
    }
    Ok(patched)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(patch: &[(&str, Option<&str>)]) -> Result<Vec<(String, String)>> {
        let config = [("name", "c"), ("a", "1"), ("b", "2")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let patch = patch.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect();
        lay_over("c", &config.into_iter().collect(), &patch).map(|config| config.into_iter().collect())
    }

    #[test]
    fn null_takes_away_and_the_rest_is_laid_over_what_was_there() {
        let expected = [("name", "c"), ("b", "3"), ("d", "4")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let patch = [("a", None), ("b", Some("3")), ("d", Some("4")), ("nobody", None), ("name", Some("c"))];
        assert_eq!(patched(&patch), Ok(expected.to_vec()));
    }

    #[test]
    fn a_patch_cannot_give_another_name() {
        let text = "Connector name configuration (x) doesn't match connector name in the URL (c)";
        assert_eq!(patched(&[("name", Some("x"))]), Err(HerderError::BadRequest(text.to_owned())));
    }

    #[test]
    fn a_name_that_is_taken_away_is_found_missing_by_whoever_checks_the_config() {
        assert!(patched(&[("name", None)]).is_ok_and(|config| config.iter().all(|(key, _)| key != "name")));
    }
}
