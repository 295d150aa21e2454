//! From settings as they are stored and shown to settings as they are used, and back.
//!
//! References to config providers are resolved here, each time something is about to start. What a plugin hands back
//! as task settings is turned into references again where it came from them. A reference that a plugin makes up is
//! never resolved: it would read secrets that nobody gave to its connector.

use std::sync::Arc;

use watertight_capabilities::secrets::PREFIX;
use watertight_sandbox::catalogue::PluginClass;

use super::Worker;
use crate::entities::ConfigMap;
use crate::providers::{ProviderError, has_reference};
use crate::secrets::{Nature, Secrets};
use crate::validate;

/// A connector's settings, ready for use.
#[derive(Clone)]
pub struct InUse {
    /// References resolved.
    pub settings: ConfigMap,
    /// What must not be seen of them; forgotten when nobody holds it any more.
    pub secrets: Arc<Secrets>,
}

impl Worker {
    /// Resolves settings to ask something about them. Nobody but who asks hides what is in them.
    pub async fn resolve(&self, name: &str, config: &ConfigMap) -> Result<InUse, ProviderError> {
        let resolved = self.parts().config.providers.resolve(config).await?;
        let secrets = self.parts().config.vault.of_question(name);
        for value in &resolved.looked_up {
            secrets.add_looked_up(value);
        }
        Ok(InUse { settings: resolved.settings, secrets })
    }

    /// Resolves a connector's settings to run it, or a task of it, with them. Its class tells which are passwords.
    pub async fn in_use(&self, name: &str, config: &ConfigMap, class: &PluginClass) -> Result<InUse, ProviderError> {
        let in_use = self.resolve(name, config).await?;
        self.note_passwords(&in_use, class);
        Ok(in_use.settled())
    }

    /// Keeps what the class declares as a password from being seen.
    pub fn note_passwords(&self, in_use: &InUse, class: &PluginClass) {
        for key in validate::passwords(&self.parts().plugins, class, &in_use.settings) {
            if let Some(value) = in_use.settings.get(&key) {
                in_use.secrets.add_password(value);
            }
        }
        in_use.secrets.add_urls(class, &in_use.settings);
    }
}

impl InUse {
    /// With its secrets being the connector's from now on.
    pub fn settled(self) -> Self {
        Self { secrets: self.secrets.settle(), ..self }
    }
}

/// Where the name of the task's class stands for a JVM worker.
pub(super) const TASK_CLASS: &str = "task.class";

/// Task settings as they are kept: references where there were references, and the class that a JVM worker would load.
/// A secret is kept as the reference that the plugin has to it, or as the connector's own reference to a config provider.
pub fn stored(given: ConfigMap, raw: &ConfigMap, class: &PluginClass) -> ConfigMap {
    let mut kept = ConfigMap::with_capacity(given.len());
    for (key, value) in given {
        let named = secret_of(&value, class, &key).and_then(|name| raw.get(name));
        let looked_up = named.or_else(|| raw.get(&key)).filter(|own| has_reference(own));
        let value = looked_up.cloned().unwrap_or(value);
        kept.insert(key, value);
    }
    if let Some(class) = &class.task_class {
        kept.insert(TASK_CLASS.into(), class.clone());
    }
    // A sink's tasks need to know what to read even if its connector does not copy it.
    for key in ["topics", "topics.regex"] {
        if let Some(value) = raw.get(key)
            && !kept.contains_key(key)
        {
            kept.insert(key.into(), value.clone());
        }
    }
    kept
}

/// Task settings as the task gets them, from what is kept and from its connector's settings as given and resolved.
/// A reference is resolved only where the connector has the very same under the same key, or where both are secrets of
/// one nature.
pub fn of_task(kept: &ConfigMap, raw: &ConfigMap, settings: &ConfigMap, class: &PluginClass) -> ConfigMap {
    let mut used = ConfigMap::with_capacity(kept.len());
    let mut loose = Vec::new();
    for (key, value) in kept {
        let same = || settings.get(key).filter(|_| raw.get(key) == Some(value));
        let named = || secret_of(value, class, key).and_then(|name| settings.get(name));
        let alike = || {
            let takes = |name: &str| Nature::of(class, key).takes(Nature::of(class, name));
            let mut own = raw.iter().filter(|(name, given)| *given == value && has_reference(given) && takes(name));
            own.next().and_then(|(name, _)| settings.get(name))
        };
        let resolved = same().or_else(named).or_else(alike);
        if resolved.is_none() {
            loose.push(value);
        }
        used.insert(key.clone(), resolved.unwrap_or(value).clone());
    }
    // A reference to a password under another name is good for something only beside the password itself.
    for value in loose {
        if let Some(name) = value.strip_prefix(PREFIX)
            && Nature::of(class, name) == Nature::Password
            && let Some(password) = settings.get(name)
            && !used.contains_key(name)
        {
            used.insert(name.to_owned(), password.clone());
        }
    }
    used
}

/// The secret that a setting refers to, if it is of its nature.
fn secret_of<'v>(value: &'v str, class: &PluginClass, key: &str) -> Option<&'v str> {
    let name = value.strip_prefix(PREFIX)?;
    Nature::of(class, key).takes(Nature::of(class, name)).then_some(name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use watertight_sandbox::catalogue::PluginKey;

    use super::*;
    use crate::guest::{config_for, settings_of};

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn class() -> PluginClass {
        let key = |name: &str, kind: &str, attributes: &[(&str, &str)]| PluginKey {
            name: name.into(),
            kind: kind.into(),
            required: false,
            default_value: None,
            importance: "HIGH".into(),
            documentation: String::new(),
            group: None,
            order_in_group: None,
            width: "NONE".into(),
            display_name: None,
            dependents: Vec::new(),
            attributes: attributes.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        };
        PluginClass {
            name: "a.B".into(),
            aliases: Vec::new(),
            role: "source".into(),
            version: "1".into(),
            task_class: Some("a.BTask".into()),
            documentation: String::new(),
            config: vec![
                key("password", "PASSWORD", &[]),
                key("other.password", "PASSWORD", &[]),
                key("topic", "STRING", &[]),
                key("url", "STRING", &[("url", "")]),
            ],
            features: Vec::new(),
        }
    }

    const RAW: &[(&str, &str)] =
        &[("topic", "x-${file:/s:topic}"), ("password", "${file:/s:pw}"), ("plain", "p"), ("file", "f")];
    const RESOLVED: &[(&str, &str)] = &[("topic", "x-lines"), ("password", "pa55"), ("plain", "p"), ("file", "f")];

    fn stored_of(given: &[(&str, &str)]) -> ConfigMap {
        stored(map(given), &map(RAW), &class())
    }

    #[test]
    fn what_came_from_a_reference_is_kept_as_the_reference() {
        let kept = stored_of(&[("topic", "x-lines"), ("password", "secret:password"), ("plain", "q"), ("more", "m")]);
        let expected = [
            ("topic", "x-${file:/s:topic}"),
            ("password", "${file:/s:pw}"),
            ("plain", "q"),
            ("more", "m"),
            ("task.class", "a.BTask"),
        ];
        assert_eq!(kept, map(&expected));
        let used = of_task(&kept, &map(RAW), &map(RESOLVED), &class());
        assert_eq!(
            (used["topic"].as_str(), used["password"].as_str(), used["plain"].as_str()),
            ("x-lines", "pa55", "q")
        );
    }

    #[test]
    fn a_reference_that_the_plugin_made_up_is_not_resolved() {
        // As guessed from a README: the text of the password's own reference, under a key that is shown to the plugin.
        let kept = stored_of(&[("plain", "${file:/s:pw}"), ("more", "x-${file:/s:topic}"), ("new", "${env:HOME}")]);
        let used = of_task(&kept, &map(RAW), &map(RESOLVED), &class());
        assert_eq!(used["plain"], "${file:/s:pw}");
        assert_eq!(used["more"], "x-${file:/s:topic}");
        assert_eq!(used["new"], "${env:HOME}");
    }

    #[test]
    fn a_password_may_change_its_name_but_not_its_nature() {
        let kept = stored_of(&[("other.password", "secret:password"), ("plain", "secret:password")]);
        assert_eq!((kept["other.password"].as_str(), kept["plain"].as_str()), ("${file:/s:pw}", "secret:password"));
        let used = of_task(&kept, &map(RAW), &map(RESOLVED), &class());
        assert_eq!(used["other.password"], "pa55");
        assert_eq!(used["plain"], "secret:password");
        assert_eq!(used["password"], "pa55");
    }

    #[test]
    fn what_is_secret_is_kept_as_a_reference_however_it_was_given() {
        const URL: &str = "jdbc:postgresql://h/db?user=u&password=geheim";
        let raw = map(&[("password", "pa55"), ("url", URL), ("topic", "t")]);
        let seen = settings_of(config_for(&class(), &raw));
        assert_eq!((seen["password"].as_str(), seen["url"].as_str()), ("secret:password", "secret:url"));
        let kept = stored(seen, &raw, &class());
        assert_eq!((kept["password"].as_str(), kept["url"].as_str()), ("secret:password", "secret:url"));
        let used = of_task(&kept, &raw, &raw, &class());
        assert_eq!((used["password"].as_str(), used["url"].as_str(), used["topic"].as_str()), ("pa55", URL, "t"));
        // As it was kept before passwords were left out.
        let used = of_task(&raw, &raw, &raw, &class());
        assert_eq!(used["password"], "pa55");
        let harmless = map(&[("url", "jdbc:sqlite:/a/b.db")]);
        assert_eq!(settings_of(config_for(&class(), &harmless)), harmless);
    }

    #[test]
    fn a_url_is_no_password_and_a_password_no_url() {
        let raw = map(&[("password", "pa55"), ("url", "jdbc:mysql://u:p@h/db")]);
        let given = map(&[("other.password", "secret:url"), ("url", "secret:password"), ("topic", "secret:url")]);
        let used = of_task(&stored(given.clone(), &raw, &class()), &raw, &raw, &class());
        for key in ["other.password", "url", "topic"] {
            assert_eq!(used[key], given[key], "{key}");
        }
    }
}
