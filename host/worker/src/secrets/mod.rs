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
//! for everybody's. Values of a config that somebody only asks about are looked for in the answer, and in log lines
//! for as long as the question takes.

mod nature;
mod password;
mod texts;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, RwLock, Weak};

pub use nature::Nature;
pub use password::{is_password, parts as password_parts};
use texts::Texts;
use watertight_capabilities::sql::url;
use watertight_sandbox::catalogue::PluginClass;

use crate::entities::ConfigMap;
use crate::providers::has_reference;

/// What stands in place of a secret; Kafka's own word.
pub const HIDDEN: &str = "[hidden]";

/// All secrets in use. Clones are the same one.
#[derive(Clone, Default)]
pub struct Vault(Arc<Inner>);

struct Inner {
    worker: Texts,
    connectors: RwLock<HashMap<String, Sets>>,
}

impl Default for Inner {
    fn default() -> Self {
        Self { worker: Texts::unbounded(), connectors: RwLock::default() }
    }
}

/// What is known under one connector's name.
#[derive(Default)]
struct Sets {
    /// Of its config, the newest last; of earlier ones for as long as tasks run that were started with them.
    in_use: Vec<Weak<Secrets>>,
    /// Of configs that somebody asks about. Whoever asks need not be who runs the connector.
    asked: Vec<Weak<Secrets>>,
}

/// Those of one config. They are known for as long as somebody holds this.
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
        let newest = self.in_use(connector).pop();
        newest.unwrap_or_else(|| {
            let made = self.new_set(connector);
            self.put(connector, |sets| &mut sets.in_use, &made);
            made
        })
    }

    /// For the secrets of a config about which there is a question. Only log lines and what they are asked themselves
    /// lose them: nothing that lasts changes because somebody sent a config under a connector's name.
    pub fn of_question(&self, connector: &str) -> Arc<Secrets> {
        let made = self.new_set(connector);
        self.put(connector, |sets| &mut sets.asked, &made);
        made
    }

    fn new_set(&self, connector: &str) -> Arc<Secrets> {
        Arc::new(Secrets {
            connector: connector.to_owned(),
            vault: self.clone(),
            texts: Texts::bounded(),
            looked_up: Texts::bounded(),
        })
    }

    fn put(&self, connector: &str, list: impl Fn(&mut Sets) -> &mut Vec<Weak<Secrets>>, secrets: &Arc<Secrets>) {
        let Ok(mut connectors) = self.0.connectors.write() else { return };
        connectors.retain(|_, sets| {
            sets.in_use.retain(|held| held.strong_count() > 0);
            sets.asked.retain(|held| held.strong_count() > 0);
            !sets.in_use.is_empty() || !sets.asked.is_empty()
        });
        list(connectors.entry(connector.to_owned()).or_default()).push(Arc::downgrade(secrets));
    }

    fn in_use(&self, connector: &str) -> Vec<Arc<Secrets>> {
        let Ok(connectors) = self.0.connectors.read() else { return Vec::new() };
        connectors.get(connector).map(|sets| held(&sets.in_use).collect()).unwrap_or_default()
    }

    /// A log line about a connector, or about none, without what must not be seen.
    pub fn scrub<'t>(&self, connector: Option<&str>, text: &'t str) -> Cow<'t, str> {
        let both = |sets: &Sets| held(&sets.in_use).chain(held(&sets.asked)).collect::<Vec<_>>();
        let sets: Vec<Arc<Secrets>> = match self.0.connectors.read() {
            Ok(connectors) => match connector {
                Some(name) => connectors.get(name).map(both).unwrap_or_default(),
                None => connectors.values().flat_map(both).collect(),
            },
            Err(_) => Vec::new(),
        };
        let sets = sets.iter().map(|secrets| &secrets.texts);
        scrub(std::iter::once(&self.0.worker).chain(sets), text)
    }

    /// Text about a connector that is kept, such as a trace, without what must not be seen.
    pub fn scrub_trace(&self, connector: &str, trace: &str) -> String {
        let sets = self.in_use(connector);
        let sets = sets.iter().map(|secrets| &secrets.texts);
        scrub(std::iter::once(&self.0.worker).chain(sets), trace).into_owned()
    }
}

fn held(sets: &[Weak<Secrets>]) -> impl Iterator<Item = Arc<Secrets>> {
    sets.iter().filter_map(Weak::upgrade)
}

fn scrub<'s, 't>(all: impl Iterator<Item = &'s Texts>, text: &'t str) -> Cow<'t, str> {
    let mut clean = Cow::Borrowed(text);
    for texts in all {
        let cleaner = match texts.scrub(&clean) {
            Cow::Owned(cleaner) => Some(Cow::Owned(cleaner)),
            Cow::Borrowed(HIDDEN) => Some(Cow::Borrowed(HIDDEN)),
            Cow::Borrowed(_) => None,
        };
        clean = cleaner.unwrap_or(clean);
    }
    clean
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

    /// From now on these are the connector's, or, where they are no others, the ones that it has. Those before them
    /// stay known for as long as somebody holds them.
    pub fn settle(self: Arc<Self>) -> Arc<Self> {
        let newest = self.vault.in_use(&self.connector).pop();
        match newest.filter(|newest| newest.equals(&self)) {
            Some(same) => same,
            None => {
                self.vault.put(&self.connector, |sets| &mut sets.in_use, &self);
                self
            }
        }
    }

    /// Whether there are more than can be looked for. Then all text is hidden.
    pub fn is_full(&self) -> bool {
        self.texts.is_full()
    }

    fn equals(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || (self.texts.equals(&other.texts) && self.looked_up.equals(&other.looked_up))
    }

    /// These, and where they are in use those that were before them.
    fn with_earlier<'t>(&self, text: &'t str, which: impl Fn(&Self) -> &Texts) -> Cow<'t, str> {
        let in_use = self.vault.in_use(&self.connector);
        let is_self = |one: &&Arc<Self>| std::ptr::eq(Arc::as_ptr(one), self);
        let all: &[Arc<Self>] = if in_use.iter().any(|one| is_self(&one)) { &in_use } else { &[] };
        let earlier = all.iter().filter(|one| !is_self(one)).map(|secrets| which(secrets));
        scrub(std::iter::once(which(self)).chain(earlier), text)
    }

    /// Text without what came from config providers; passwords that stand in the config itself are left.
    pub fn hide_looked_up(&self, text: &str) -> String {
        self.with_earlier(text, |secrets| &secrets.looked_up).into_owned()
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

    /// The passwords in URLs among a connector's settings, as its class declares them.
    pub fn add_urls(&self, class: &PluginClass, settings: &ConfigMap) {
        for (_, url) in settings.iter().filter(|(name, _)| Nature::of(class, name) == Nature::Url) {
            url::secrets(url).iter().for_each(|password| self.add_password(password));
        }
    }

    /// Text about this config, without what must not be seen.
    pub fn scrub(&self, text: &str) -> String {
        let clean = self.vault.0.worker.scrub(text);
        self.with_earlier(&clean, |secrets| &secrets.texts).into_owned()
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
    #[test]
    fn who_asks_about_a_config_changes_nothing_that_lasts() {
        let vault = Vault::default();
        let running = vault.of("a");
        let asked = vault.of_question("a");
        asked.add_looked_up("there was a file");
        assert_eq!(vault.scrub_trace("a", "there was a file"), "there was a file");
        assert_eq!(running.scrub("there was a file"), "there was a file");
        assert_eq!(running.hide_looked_up("there was a file"), "there was a file");
        assert_eq!(asked.scrub("there was a file"), "[hidden]");
        // What the plugin logs while it is asked is a line about the connector.
        assert_eq!(vault.scrub(Some("a"), "there was a file"), "[hidden]");
        drop(asked);
        assert_eq!(vault.scrub(Some("a"), "there was a file"), "there was a file");
    }

    #[test]
    fn nobody_learns_a_connectors_secrets_by_asking() {
        let vault = Vault::default();
        let running = vault.of("a");
        running.add("hunter22");
        assert_eq!(vault.of_question("a").scrub("is it hunter22?"), "is it hunter22?");
    }

    #[test]
    fn a_connectors_old_secrets_are_forgotten_when_nothing_runs_with_them() {
        let vault = Vault::default();
        let set = |password: &str| {
            let asked = vault.of_question("a");
            asked.add_looked_up(password);
            asked.settle()
        };
        let old = set("hunter22");
        assert!(Arc::ptr_eq(&old, &set("hunter22")) && Arc::ptr_eq(&old, &vault.of("a")));
        let new = set("hunter33");
        assert!(Arc::ptr_eq(&new, &vault.of("a")));
        assert_eq!(vault.scrub_trace("a", "hunter22 hunter33"), "[hidden] [hidden]");
        assert_eq!(new.scrub("hunter22 hunter33"), "[hidden] [hidden]");
        assert_eq!(new.hide_looked_up("hunter22 hunter33"), "[hidden] [hidden]");
        drop(old);
        assert_eq!(vault.scrub_trace("a", "hunter22 hunter33"), "hunter22 [hidden]");
        assert_eq!(new.scrub("hunter22 hunter33"), "hunter22 [hidden]");
    }
}
