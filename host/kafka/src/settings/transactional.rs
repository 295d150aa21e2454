//! A producer of transactions, as exactly-once support needs it.

use super::keys::java;
use super::{SettingsError, Translated, producer_settings};

/// A producer of transactions under this id: idempotent, and neither can be chosen by the user. `reason` ends the
/// warning about it, such as "for connectors when exactly-once source support is enabled".
///
/// # Errors
/// A key that is refused or a value that is no good; the error names the key.
pub fn transactional_settings<K: AsRef<str>, V: AsRef<str>>(
    base: impl IntoIterator<Item = (K, V)>,
    client_id: &str,
    transactional_id: &str,
    reason: &str,
) -> Result<Translated, SettingsError> {
    let mut keys = java(base);
    let mut warnings = Vec::new();
    for (key, imposed) in [("enable.idempotence", "true"), ("transactional.id", transactional_id)] {
        let given = keys.insert(key.to_owned(), imposed.to_owned());
        let exact = key == "transactional.id";
        let same = |given: &String| if exact { given == imposed } else { given.eq_ignore_ascii_case(imposed) };
        if let Some(given) = given.filter(|given| !same(given)) {
            warnings.push(format!(
                "The value '{given}' for the '{key}' property will be ignored as it cannot be overridden {reason}. \
                 The value '{imposed}' will be used instead."
            ));
        }
    }
    let mut made = producer_settings(&keys, client_id)?;
    made.warnings.splice(0..0, warnings);
    Ok(made)
}
