//! `topic.creation.*` of a source (KIP-158): the groups and their settings.
//!
//! Kafka checks these when the connector starts, after it has accepted it, and leaves a failed connector behind.

use indexmap::{IndexMap, IndexSet};

use super::{ConfigDef, ConfigKey, Importance, Kind, Parsed, Validator, Width, parse};
use crate::error::ConfigError;

/// What all of the settings begin with.
pub const PREFIX: &str = "topic.creation.";
/// The setting that lists the groups.
pub const GROUPS: &str = "topic.creation.groups";
/// The group that takes every topic that no other takes.
pub const DEFAULT: &str = "default";

/// What is left is taken for settings of the topic.
const KNOWN: [&str; 4] = ["include", "exclude", "replication.factor", "partitions"];

/// Whether a connector has any.
pub fn is_used(props: &IndexMap<String, String>) -> bool {
    props.keys().any(|key| key.starts_with(PREFIX))
}

/// The groups that are listed, without repetition and without the one that is always there.
pub fn groups(props: &IndexMap<String, String>) -> IndexSet<String> {
    let listed = props.get(GROUPS).and_then(|text| match parse(GROUPS, text, Kind::List) {
        Ok(Parsed::List(names)) => Some(names),
        _ => None,
    });
    listed.unwrap_or_default().into_iter().filter(|name| name != DEFAULT).collect()
}

/// Settings of the topics of a group that are no settings of the group: `cleanup.policy` and so on.
pub fn topic_settings(props: &IndexMap<String, String>, group: &str) -> IndexMap<String, String> {
    let prefix = format!("{PREFIX}{group}.");
    let own = props.iter().filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?.to_owned(), value.clone())));
    own.filter(|(key, _)| !KNOWN.contains(&key.as_str())).collect()
}

/// The settings of all groups of a connector, under their full names. `include` and `exclude` of the default group
/// have no meaning and are not looked at.
pub fn definition(props: &IndexMap<String, String>) -> ConfigDef {
    let default = |name: &str| props.get(&format!("{PREFIX}{DEFAULT}.{name}")).map(String::as_str);
    let mut all = ConfigDef::default().embed(&format!("{PREFIX}{DEFAULT}."), DEFAULT, 0, &numbers(DEFAULT, None, None));
    for group in groups(props) {
        let title = format!("Topic Creation: {group}");
        let patterns = |name: &str, order, what: &str| {
            ConfigKey::defaulted(name, Kind::List, "", Importance::Low)
                .placed(&title, order, Width::Long, &format!("{what} Topic Pattern for {title}"))
                .checked(Validator::AreRegexes)
                .documented("Regular expressions of names of topics.")
        };
        let own = ConfigDef::new([patterns("include", 1, "Inclusion"), patterns("exclude", 2, "Exclusion")])
            .extend_missing(&numbers(&title, default("replication.factor"), default("partitions")));
        all = all.embed(&format!("{PREFIX}{group}."), &title, 0, &own);
    }
    all
}

fn numbers(group: &str, replication_factor: Option<&str>, partitions: Option<&str>) -> ConfigDef {
    let key = |name: &str, kind, default: Option<&str>, order, display: &str, rule| {
        let key = match default {
            Some(default) => ConfigKey::defaulted(name, kind, default, Importance::Low),
            None => ConfigKey::required(name, kind, Importance::Low),
        };
        key.placed(group, order, Width::Long, &format!("{display} for Topics in {group}"))
            .checked(Validator::PositiveOrDefault(rule))
            .documented("Of topics that are created; -1: as the broker decides.")
    };
    ConfigDef::new([
        key(
            "replication.factor",
            Kind::Short,
            replication_factor,
            3,
            "Replication Factor",
            "Replication factor must be positive and not larger than the number of brokers in the Kafka cluster",
        ),
        key("partitions", Kind::Int, partitions, 4, "Partition Count", "Number of partitions must be positive"),
    ])
}

/// The first thing that is wrong with them.
///
/// # Errors
/// With Kafka's words.
pub fn check(props: &IndexMap<String, String>) -> Result<(), ConfigError> {
    if is_used(props) { definition(props).parse(props).map(drop) } else { Ok(()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn said(pairs: &[(&str, &str)]) -> Result<(), String> {
        let props = pairs.iter().map(|(key, value)| (format!("{PREFIX}{key}"), (*value).to_owned())).collect();
        check(&props).map_err(|error| error.to_string())
    }

    const RF: (&str, &str) = ("default.replication.factor", "1");
    const PARTITIONS: (&str, &str) = ("default.partitions", "1");

    /// As a genuine worker of 4.3.1 answers.
    #[test]
    fn faults_are_said_in_kafkas_words() {
        let missing = |key: &str| {
            Err(format!("Missing required configuration \"topic.creation.default.{key}\" which has no default value."))
        };
        assert_eq!(said(&[RF]), missing("partitions"));
        assert_eq!(said(&[("groups", "g"), ("g.include", "t.*")]), missing("replication.factor"));
        let refused = |text: &str| Err(text.to_owned());
        assert_eq!(
            said(&[("default.replication.factor", "0"), PARTITIONS]),
            refused(
                "Invalid value 0 for configuration replication.factor: Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default"
            )
        );
        assert_eq!(
            said(&[("default.replication.factor", "x"), PARTITIONS]),
            refused(
                "Invalid value x for configuration topic.creation.default.replication.factor: Not a number of type SHORT"
            )
        );
        assert_eq!(
            said(&[("groups", "g"), ("g.include", "t"), ("g.partitions", "0"), RF, PARTITIONS]),
            refused(
                "Invalid value 0 for configuration partitions: Number of partitions must be positive, or -1 to use the broker's default"
            )
        );
        assert_eq!(
            said(&[("groups", "g"), ("g.include", "["), RF, PARTITIONS]),
            refused(
                "Invalid value [[] for configuration include: Syntax error in regular expression: Unclosed character class near index 0\n[\n^"
            )
        );
    }

    #[test]
    fn what_kafka_takes_is_taken() {
        for extra in [
            &[][..],
            &[("groups", "g")],
            &[("groups", "default")],
            &[("h.include", "["), ("h.partitions", "0")],
            &[("default.include", "[")],
            &[("default.cleanup.policy", "nope")],
        ] {
            let pairs: Vec<(&str, &str)> = [RF, PARTITIONS].into_iter().chain(extra.iter().copied()).collect();
            assert_eq!(said(&pairs), Ok(()), "{extra:?}");
        }
        assert_eq!(said(&[("default.replication.factor", "-1"), ("default.partitions", "-1")]), Ok(()));
        assert_eq!(check(&IndexMap::new()), Ok(()));
    }

    #[test]
    fn each_group_is_there_once_however_many_there_are() {
        let listed: Vec<String> = (0..200_000).map(|number| format!("group{}", number % 100_000)).collect();
        let props = IndexMap::from([(GROUPS.to_owned(), listed.join(","))]);
        let begun = std::time::Instant::now();
        let groups = groups(&props);
        assert!(groups.iter().eq(&listed[..100_000]));
        assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    }

    #[test]
    fn what_is_no_setting_of_the_group_is_one_of_its_topics() {
        let props = [("topic.creation.g.partitions", "1"), ("topic.creation.g.cleanup.policy", "compact")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        assert_eq!(
            topic_settings(&props, "g").into_iter().collect::<Vec<_>>(),
            [("cleanup.policy".into(), "compact".into())]
        );
    }
}
