//! `secrets.reveal`: passwords in plain text, for the few plugins that must have them.
//!
//! A setting of type PASSWORD reaches a plugin as a reference, `secret:NAME`, which is enough for a capability of the
//! worker that uses the password on the plugin's behalf. A class that speaks a protocol of its own needs the text; it
//! gets it if `sandbox.secrets.reveal` lists the class, and then only that of its own settings.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use watertight_sandbox::state::SecretReader;

/// Classes that may see their passwords, by full name, separated by commas; none by default.
pub const KEY: &str = "sandbox.secrets.reveal";

/// What references begin with.
pub const PREFIX: &str = "secret:";

/// Who may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RevealPolicy {
    classes: BTreeSet<String>,
}

impl RevealPolicy {
    /// From the setting's text.
    pub fn parse(text: &str) -> Self {
        Self { classes: text.split(',').map(str::trim).filter(|class| !class.is_empty()).map(str::to_owned).collect() }
    }

    /// For one instance.
    pub fn reader(&self, class: &str, passwords: HashMap<String, String>) -> Arc<dyn SecretReader> {
        if self.classes.contains(class) { Arc::new(Granted(passwords)) } else { Arc::new(Denied(class.to_owned())) }
    }
}

struct Granted(HashMap<String, String>);
struct Denied(String);

impl SecretReader for Granted {
    fn reveal(&self, reference: &str) -> Result<String, (&'static str, String)> {
        let name = reference.strip_prefix(PREFIX);
        let unknown = || ("config", format!("{reference} is not a reference to a password among these settings"));
        name.and_then(|name| self.0.get(name)).cloned().ok_or_else(unknown)
    }
}

impl SecretReader for Denied {
    fn reveal(&self, _reference: &str) -> Result<String, (&'static str, String)> {
        let class = &self.0;
        Err(("unsupported", format!("{class} may not see passwords: the worker's setting {KEY} does not list it")))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn passwords() -> HashMap<String, String> {
        [("password".to_owned(), "pa55".to_owned())].into()
    }

    #[test]
    fn a_listed_class_sees_its_own_passwords_and_nothing_else() {
        let reader = RevealPolicy::parse("a.B, c.D").reader("c.D", passwords());
        assert_eq!(reader.reveal("secret:password").unwrap(), "pa55");
        for wrong in ["secret:other", "password", "", "secret:"] {
            assert_eq!(reader.reveal(wrong).unwrap_err().0, "config", "{wrong}");
        }
    }

    #[test]
    fn another_class_is_told_which_setting_would_grant_it() {
        for policy in ["", "a.B", "c", "c.D.E"] {
            let (code, message) =
                RevealPolicy::parse(policy).reader("c.D", passwords()).reveal("secret:password").unwrap_err();
            assert_eq!(code, "unsupported");
            assert_eq!(
                message,
                "c.D may not see passwords: the worker's setting sandbox.secrets.reveal does not list it"
            );
        }
    }
}
