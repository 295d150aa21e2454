//! What must not be seen, and the place that all text passes on its way out.
//!
//! Values that a config provider gave, and values of settings of type PASSWORD, are kept here while they are in use,
//! by connector. Wherever text leaves the worker (a status trace, an error of REST, a log line, a header of a dead
//! letter) each of them is replaced by `[hidden]`.
//!
//! The rule, and its limits. Values shorter than four characters are not looked for: they stand in every other word.
//! A value of several lines is looked for as a whole, and line by line where a line has eight characters; a value is
//! also found as JSON, Rust or a log writes it when it must escape something. A plugin that takes its settings apart
//! or encodes them can get them past this; what may not be known to a plugin has to be a PASSWORD, which it only gets
//! a reference to.
//!
//! A log line about one connector is searched for that connector's values and the worker's own; a line about none,
//! for everybody's.

mod password;
mod texts;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, RwLock, Weak};

pub use password::{is_password, parts as password_parts};
use texts::Texts;

use crate::entities::ConfigMap;
use crate::providers::has_reference;

/// What stands in place of a secret; Kafka's own word.
pub const HIDDEN: &str = "[hidden]";

/// All secrets in use. Clones are the same one.
#[derive(Clone, Default)]
pub struct Vault(Arc<Inner>);

#[derive(Default)]
struct Inner {
    worker: Texts,
    connectors: RwLock<HashMap<String, Weak<Secrets>>>,
}

/// Those of one connector. They are known for as long as somebody holds this.
pub struct Secrets {
    connector: String,
    vault: Vault,
    texts: Texts,
    /// Those of them that a config provider gave.
    looked_up: Texts,
}

impl Vault {
    /// A value among the worker's own settings.
    pub fn add(&self, secret: &str) {
        self.0.worker.add(secret);
    }

    /// The secrets of a connector: those that somebody holds already, or new ones.
    pub fn of(&self, connector: &str) -> Arc<Secrets> {
        let fresh = || {
            Arc::new(Secrets {
                connector: connector.to_owned(),
                vault: self.clone(),
                texts: Texts::default(),
                looked_up: Texts::default(),
            })
        };
        let Ok(mut connectors) = self.0.connectors.write() else { return fresh() };
        connectors.retain(|_, secrets| secrets.strong_count() > 0);
        if let Some(held) = connectors.get(connector).and_then(Weak::upgrade) {
            return held;
        }
        let made = fresh();
        connectors.insert(connector.to_owned(), Arc::downgrade(&made));
        made
    }

    /// Text about a connector, or about none, without what must not be seen.
    pub fn scrub<'t>(&self, connector: Option<&str>, text: &'t str) -> Cow<'t, str> {
        let mut clean = self.0.worker.scrub(text);
        let held: Vec<Arc<Secrets>> = match self.0.connectors.read() {
            Ok(connectors) => match connector {
                Some(name) => connectors.get(name).and_then(Weak::upgrade).into_iter().collect(),
                None => connectors.values().filter_map(Weak::upgrade).collect(),
            },
            Err(_) => Vec::new(),
        };
        for secrets in held {
            if let Cow::Owned(cleaner) = secrets.texts.scrub(&clean) {
                clean = Cow::Owned(cleaner);
            }
        }
        clean
    }
}

impl Secrets {
    /// One more.
    pub fn add(&self, secret: &str) {
        self.texts.add(secret);
    }

    /// One more, which a config provider gave.
    pub fn add_looked_up(&self, value: &str) {
        self.texts.add(value);
        self.looked_up.add(value);
    }

    /// Text without what came from config providers; passwords that stand in the config itself are left.
    pub fn hide_looked_up(&self, text: &str) -> String {
        self.looked_up.scrub(text).into_owned()
    }

    /// The same for all values of some settings, except where a reference stands.
    pub fn hide_looked_up_in(&self, settings: &ConfigMap) -> ConfigMap {
        let shown = |value: &String| if has_reference(value) { value.clone() } else { self.hide_looked_up(value) };
        settings.iter().map(|(key, value)| (key.clone(), shown(value))).collect()
    }

    /// A PASSWORD, and the passwords within it if it is a JAAS line.
    pub fn add_password(&self, value: &str) {
        self.add(value);
        for part in password_parts(value) {
            self.add(part);
        }
    }

    /// Text about this connector, without what must not be seen.
    pub fn scrub(&self, text: &str) -> String {
        self.vault.scrub(Some(&self.connector), text).into_owned()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_connectors_secrets_are_hidden_while_somebody_holds_them() {
        let vault = Vault::default();
        let secrets = vault.of("a");
        secrets.add("hunter22");
        assert_eq!(secrets.scrub("password hunter22 is wrong: hunter22"), "password [hidden] is wrong: [hidden]");
        assert_eq!(vault.scrub(Some("a"), "hunter22"), "[hidden]");
        assert_eq!(vault.scrub(Some("b"), "hunter22"), "hunter22");
        assert_eq!(vault.scrub(None, "hunter22"), "[hidden]");
        let again = vault.of("a");
        drop(secrets);
        assert_eq!(vault.scrub(None, "hunter22"), "[hidden]");
        drop(again);
        assert_eq!(vault.scrub(None, "hunter22"), "hunter22");
    }

    #[test]
    fn the_workers_own_secrets_are_hidden_from_everybody() {
        let vault = Vault::default();
        vault.add("hunter22");
        assert_eq!(vault.scrub(Some("a"), "x hunter22"), "x [hidden]");
        assert_eq!(vault.of("a").scrub("x hunter22"), "x [hidden]");
    }

    #[test]
    fn a_jaas_lines_password_is_hidden_by_itself() {
        let vault = Vault::default();
        let secrets = vault.of("a");
        secrets.add_password("org.x.PlainLoginModule required username=\"bob\" password=\"pa55word\";");
        assert_eq!(secrets.scrub("bob may not in with pa55word"), "bob may not in with [hidden]");
    }
}
