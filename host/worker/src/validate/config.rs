//! A config as it was given, nulls included: Kafka tells a setting that is null from one that is not there.

use std::sync::LazyLock;

use indexmap::IndexSet;
use watertight_data::config::{ConfigDef, ConfigValue, Given};
use watertight_data::java::hash;

use crate::entities::{ConfigMap, ConfigPatch};

/// Settings that are being looked at.
#[derive(Clone, Copy)]
pub(super) struct Config<'a> {
    /// References resolved.
    pub(super) settings: &'a ConfigMap,
    /// Settings that are null.
    pub(super) nulls: &'a Nulls<'a>,
}

/// Settings that are null, of which there may be as many as of others.
#[derive(Default)]
pub(super) struct Nulls<'a>(IndexSet<&'a str>);

impl<'a> Nulls<'a> {
    pub(super) fn of(keys: &'a [String]) -> Self {
        Self(keys.iter().map(String::as_str).collect())
    }

    /// Their keys, as given.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().copied()
    }
}

impl<'a> Config<'a> {
    /// Without nulls.
    pub(super) fn of(settings: &'a ConfigMap) -> Self {
        static NONE: LazyLock<Nulls<'static>> = LazyLock::new(Nulls::default);
        Self { settings, nulls: &NONE }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a String> {
        self.settings.get(key)
    }

    pub(super) fn given(&self, key: &str) -> Given<'a> {
        match self.settings.get(key) {
            Some(text) => Given::Text(text),
            None if self.nulls.0.contains(key) => Given::Null,
            None => Given::Absent,
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.given(key) != Given::Absent
    }

    /// The keys of everything given.
    pub(super) fn all_keys(&self) -> impl Iterator<Item = &'a str> {
        self.settings.keys().map(String::as_str).chain(self.nulls.keys())
    }

    /// Everything given, in the order of the `HashMap` that Kafka resolves references into; none for null.
    pub(super) fn all(&self) -> Vec<(&'a str, Option<&'a str>)> {
        let texts = self.settings.iter().map(|(key, text)| (key.as_str(), Some(text.as_str())));
        let mut all: Vec<_> = texts.chain(self.nulls.keys().map(|key| (key, None))).collect();
        hash::copied_map_order(&mut all, |(key, _)| hash::string_hash(key));
        all
    }

    /// Settings that are null, in that order.
    pub(super) fn nulls_in_order(&self) -> Vec<&'a str> {
        if self.nulls.0.is_empty() {
            return Vec::new();
        }
        self.all().into_iter().filter(|(_, text)| text.is_none()).map(|(key, _)| key).collect()
    }

    /// Those under a prefix, the prefix removed, in the order in which Kafka hands them to a client's policy: through
    /// three maps, of which the second is filled at once.
    pub(super) fn of_client(&self, prefix: &str) -> Vec<(&'a str, Option<&'a str>)> {
        let own = |(key, text): (&'a str, _)| Some((key.strip_prefix(prefix).filter(|own| !own.is_empty())?, text));
        let mut found: Vec<_> = self.all().into_iter().filter_map(own).collect();
        hash::hash_map_order(&mut found, |(key, _)| hash::string_hash(key));
        hash::copied_map_order(&mut found, |(key, _)| hash::string_hash(key));
        hash::hash_map_order(&mut found, |(key, _)| hash::string_hash(key));
        found
    }

    /// By a definition in which every class that a setting names is taken for granted.
    pub(super) fn by(&self, definition: &ConfigDef) -> Vec<ConfigValue> {
        definition.validate_with(&|key| self.given(key), &|class| Some(class.to_owned()))
    }
}

/// Kafka's message for a config that names no class, which prints the map. Ours is the one without anything looked up.
pub fn without_class(config: &ConfigMap, nulls: &[String]) -> String {
    let nulls = Nulls::of(nulls);
    let all = Config { settings: config, nulls: &nulls }.all();
    let pairs: Vec<String> = all.iter().map(|(key, text)| format!("{key}={}", text.unwrap_or("null"))).collect();
    format!("Connector config {{{}}} contains no connector type", pairs.join(", "))
}

/// A config with its nulls set apart.
pub fn without_nulls(config: ConfigPatch) -> (ConfigMap, Vec<String>) {
    let mut nulls = Vec::new();
    let mut settings = ConfigMap::with_capacity(config.len());
    for (key, value) in config {
        match value {
            Some(value) => {
                settings.insert(key, value);
            }
            None => nulls.push(key),
        }
    }
    (settings, nulls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(pairs: &[(&str, Option<&str>)]) -> ConfigPatch {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect()
    }

    #[test]
    fn a_map_is_printed_in_javas_order_with_its_nulls() {
        let (settings, nulls) = without_nulls(patch(&[
            ("file", Some("f")),
            ("connector.class", None),
            ("topic", Some("t")),
            ("name", Some("x")),
        ]));
        assert_eq!(
            without_class(&settings, &nulls),
            "Connector config {name=x, connector.class=null, topic=t, file=f} contains no connector type"
        );
        assert_eq!(without_class(&ConfigMap::new(), &[]), "Connector config {} contains no connector type");
    }

    #[test]
    fn null_is_neither_absent_nor_a_text() {
        let (settings, nulls) = without_nulls(patch(&[("a", Some("")), ("b", None)]));
        let nulls = Nulls::of(&nulls);
        let config = Config { settings: &settings, nulls: &nulls };
        assert_eq!(config.given("a"), Given::Text(""));
        assert_eq!((config.given("b"), config.given("c")), (Given::Null, Given::Absent));
        assert!(config.has("a") && config.has("b") && !config.has("c"));
        assert_eq!(config.nulls_in_order(), ["b"]);
    }

    /// As the genuine worker told them.
    #[test]
    fn settings_of_a_client_come_in_the_order_of_javas_maps() {
        let keys = ["linger.ms", "foo", "acks", "bootstrap.servers", "sasl.jaas.config"];
        let own = keys.map(|key| (format!("producer.override.{key}"), String::new()));
        let rest = ["name", "connector.class", "topic", "file"].map(|key| (key.to_owned(), String::new()));
        let settings: ConfigMap = rest.into_iter().chain(own).collect();
        let config = Config::of(&settings);
        let order: Vec<&str> = config.of_client("producer.override.").into_iter().map(|(key, _)| key).collect();
        assert_eq!(order, ["acks", "foo", "sasl.jaas.config", "bootstrap.servers", "linger.ms"]);
    }
}
