//! The keys that every connector has (`ConnectorConfig`, `SourceConnectorConfig`, `SinkConnectorConfig`), and
//! the rules that take more than one key.

use std::sync::LazyLock;

use indexmap::{IndexMap, IndexSet};

use super::{ConfigDef, ConfigKey, ConfigValue, Importance, Kind, Parsed, Validator, Width, parse};
use crate::error::ConfigError;
use crate::java::regex::JavaRegex;

/// `name`
pub const NAME: &str = "name";
/// `connector.class`
pub const CONNECTOR_CLASS: &str = "connector.class";
/// `tasks.max`
pub const TASKS_MAX: &str = "tasks.max";
/// `tasks.max.enforce`
pub const TASKS_MAX_ENFORCE: &str = "tasks.max.enforce";
/// `key.converter`
pub const KEY_CONVERTER: &str = "key.converter";
/// `value.converter`
pub const VALUE_CONVERTER: &str = "value.converter";
/// `header.converter`
pub const HEADER_CONVERTER: &str = "header.converter";
/// `topics`
pub const TOPICS: &str = "topics";
/// `topics.regex`
pub const TOPICS_REGEX: &str = "topics.regex";
/// `errors.deadletterqueue.topic.name`
pub const DLQ_TOPIC: &str = "errors.deadletterqueue.topic.name";

const COMMON: &str = "Common";
const ERRORS: &str = "Error Handling";
const EXACTLY_ONCE: &str = "Exactly Once Support";

use Importance::{High, Low, Medium};

fn common() -> ConfigDef {
    let version = |name: &str, order, importance, width, display: &str, what: &str| {
        ConfigKey::optional(name, Kind::String, importance)
            .placed(COMMON, order, width, display)
            .documented(format!("Which installed version of the {what} to use; the newest if not set."))
    };
    let converter = |name: &str, order, display: &str, what: &str| {
        ConfigKey::optional(name, Kind::Class, Low).placed(COMMON, order, Width::Short, display).documented(format!(
            "The converter between Connect's data and the bytes of a record's {what}. The worker's own if not set."
        ))
    };
    ConfigDef::new([
        ConfigKey::required(NAME, Kind::String, High)
            .placed(COMMON, 1, Width::Medium, "Connector name")
            .documented("What this connector is called; no two in a cluster share a name.")
            .checked(Validator::NonEmptyWithoutControlChars),
        ConfigKey::required(CONNECTOR_CLASS, Kind::String, High)
            .placed(COMMON, 2, Width::Long, "Connector class")
            .documented("The connector's class: its full name, or an alias such as the name without its package."),
        version("connector.plugin.version", 3, Medium, Width::Medium, "Connector version", "connector"),
        ConfigKey::defaulted(TASKS_MAX, Kind::Int, "1", High)
            .placed(COMMON, 4, Width::Short, "Tasks max")
            .documented("How many tasks there may be at most.")
            .checked(Validator::at_least(1)),
        ConfigKey::defaulted(TASKS_MAX_ENFORCE, Kind::Boolean, "true", Low)
            .placed(COMMON, 5, Width::Short, "Enforce tasks max")
            .documented("Deprecated. Whether a connector that asks for more tasks than tasks.max fails."),
        converter(KEY_CONVERTER, 6, "Key converter class", "key"),
        version("key.converter.plugin.version", 7, Low, Width::Short, "Key converter version", "key converter"),
        converter(VALUE_CONVERTER, 8, "Value converter class", "value"),
        version("value.converter.plugin.version", 9, Low, Width::Short, "Value converter version", "value converter"),
        converter(HEADER_CONVERTER, 10, "Header converter class", "headers"),
        version("header.converter.plugin.version", 11, Low, Width::Short, "Header converter version", "header converter"),
        ConfigKey::defaulted("transforms", Kind::List, "", Low)
            .placed("Transforms", 12, Width::Long, "Transforms")
            .documented("Aliases of the transformations that each record goes through, in this order.")
            .checked(Validator::UniqueAliases),
        ConfigKey::defaulted("predicates", Kind::List, "", Low)
            .placed("Predicates", 13, Width::Long, "Predicates")
            .documented("Aliases of the predicates that transformations may refer to.")
            .checked(Validator::UniqueAliases),
        ConfigKey::defaulted("config.action.reload", Kind::String, "restart", Low)
            .placed(COMMON, 14, Width::Medium, "Reload Action")
            .documented(
                "What happens when a config provider's values change: none, or restart, which starts the connector \
                 again, at once or when the values expire.",
            )
            .checked(Validator::one_of(&["none", "restart"])),
        ConfigKey::defaulted("errors.retry.timeout", Kind::Long, "0", Medium)
            .placed(ERRORS, 1, Width::Medium, "Retry Timeout for Errors")
            .documented("For how many milliseconds a failed operation is tried again; 0: not at all; -1: for ever."),
        ConfigKey::defaulted("errors.retry.delay.max.ms", Kind::Long, "60000", Medium)
            .placed(ERRORS, 2, Width::Medium, "Maximum Delay Between Retries for Errors")
            .documented("The longest pause between two tries, in milliseconds; spread at random when it is reached."),
        ConfigKey::defaulted("errors.tolerance", Kind::String, "none", Medium)
            .placed(ERRORS, 3, Width::Short, "Error Tolerance")
            .documented("none: the first record that cannot be processed fails the task. all: such records are skipped.")
            .checked(Validator::one_of(&["none", "all"])),
        ConfigKey::defaulted("errors.log.enable", Kind::Boolean, "false", Medium)
            .placed(ERRORS, 4, Width::Short, "Log Errors")
            .documented("Whether each error is logged, tolerated ones included."),
        ConfigKey::defaulted("errors.log.include.messages", Kind::Boolean, "false", Medium)
            .placed(ERRORS, 5, Width::Short, "Log Error Details")
            .documented("Whether the log of an error holds the record too: for a sink its topic, partition, offset and time stamp."),
    ])
}

/// What every connector has.
pub fn every() -> &'static ConfigDef {
    static DEF: LazyLock<ConfigDef> = LazyLock::new(common);
    &DEF
}

/// What every source connector has.
pub fn source() -> &'static ConfigDef {
    static DEF: LazyLock<ConfigDef> = LazyLock::new(|| {
        common()
            .define(
                ConfigKey::defaulted("topic.creation.groups", Kind::List, "", Low)
                    .placed("Topic Creation", 1, Width::Long, "Topic Creation Groups")
                    .documented("Groups of topics that the worker creates with settings of their own.")
                    .checked(Validator::UniqueAliases),
            )
            .define(
                ConfigKey::defaulted("exactly.once.support", Kind::String, "requested", Medium)
                    .placed(EXACTLY_ONCE, 2, Width::Short, "Exactly once support")
                    .documented(
                        "required: refuse the connector unless it can deliver exactly once with these settings. \
                         requested: do not ask. Matters only where the worker has exactly-once source support.",
                    )
                    .checked(Validator::one_of_ignoring_case(&["requested", "required"])),
            )
            .define(
                ConfigKey::defaulted("transaction.boundary", Kind::String, "poll", Medium)
                    .placed(EXACTLY_ONCE, 3, Width::Short, "Transaction Boundary")
                    .documented(
                        "When transactions end: poll, with every batch; interval, after a time; connector, when the \
                         connector says so.",
                    )
                    .checked(Validator::one_of_ignoring_case(&["poll", "interval", "connector"])),
            )
            .define(
                ConfigKey::optional("transaction.boundary.interval.ms", Kind::Long, Low)
                    .placed(EXACTLY_ONCE, 4, Width::Short, "Transaction boundary interval")
                    .documented("That time, in milliseconds. The worker's offset.flush.interval.ms if not set.")
                    .checked(Validator::at_least(0)),
            )
            .define(
                ConfigKey::optional("offsets.storage.topic", Kind::String, Low)
                    .placed("offsets.topic", 1, Width::Long, "Offsets topic")
                    .documented("A topic of its own for this connector's offsets. The worker's if not set.")
                    .checked(Validator::NonEmpty),
            )
    });
    &DEF
}

/// What every sink connector has.
pub fn sink() -> &'static ConfigDef {
    static DEF: LazyLock<ConfigDef> = LazyLock::new(|| {
        common()
            .define(
                ConfigKey::defaulted(TOPICS, Kind::List, "", High)
                    .placed(COMMON, 4, Width::Long, "Topics")
                    .documented("The topics to read, separated by commas.")
                    .checked(Validator::NoDuplicates),
            )
            .define(
                ConfigKey::defaulted(TOPICS_REGEX, Kind::String, "", High)
                    .placed(COMMON, 4, Width::Long, "Topics regex")
                    .documented(
                        "A regular expression that the names of the topics to read match as a whole. Either this or \
                         topics.",
                    )
                    .checked(Validator::IsRegex),
            )
            .define(
                ConfigKey::defaulted(DLQ_TOPIC, Kind::String, "", Medium)
                    .placed(ERRORS, 6, Width::Medium, "Dead Letter Queue Topic Name")
                    .documented("The topic for records that could not be processed; none if empty."),
            )
            .define(
                ConfigKey::defaulted("errors.deadletterqueue.topic.replication.factor", Kind::Short, "3", Medium)
                    .placed(ERRORS, 7, Width::Medium, "Dead Letter Queue Topic Replication Factor")
                    .documented("The replication factor with which that topic is created."),
            )
            .define(
                ConfigKey::defaulted("errors.deadletterqueue.context.headers.enable", Kind::Boolean, "false", Medium)
                    .placed(ERRORS, 8, Width::Medium, "Enable Error Context Headers")
                    .documented("Whether those records say in headers, named __connect.errors. and more, what happened to them."),
            )
    });
    &DEF
}

/// The rules of a sink's topics: exactly one of `topics` and `topics.regex`, and neither holds the dead letter queue.
/// One fault may be told of several keys.
pub fn sink_faults(props: &IndexMap<String, String>) -> Vec<(&'static str, String)> {
    let set = |name: &str| props.get(name).filter(|text| !text.trim().is_empty());
    let (topics, regex) = (set(TOPICS), set(TOPICS_REGEX));
    let of_both = |message: &str| vec![(TOPICS, message.to_owned()), (TOPICS_REGEX, message.to_owned())];
    let mut faults = match (topics, regex) {
        (Some(_), Some(_)) => of_both("topics and topics.regex are mutually exclusive options, but both are set."),
        (None, None) => of_both("Must configure one of topics or topics.regex"),
        (Some(_), None) | (None, Some(_)) => Vec::new(),
    };
    let Some(dlq) = set(DLQ_TOPIC).map(|name| name.trim()) else {
        return faults;
    };
    if let Some(Ok(Parsed::List(listed))) = topics.map(|topics| parse(TOPICS, topics, Kind::List)) {
        let listed: IndexSet<String> = listed.into_iter().filter(|topic| !topic.is_empty()).collect();
        if listed.contains(dlq) {
            let shown = Parsed::List(listed.into_iter().collect());
            faults.push((
                TOPICS,
                format!(
                    "The DLQ topic '{dlq}' may not be included in the list of topics ('topics={shown}') consumed by the connector"
                ),
            ));
        }
    }
    if let Some(regex) = regex
        && JavaRegex::new(regex).is_ok_and(|pattern| pattern.full_match(dlq).unwrap_or(false))
    {
        faults.push((
            TOPICS_REGEX,
            format!(
                "The DLQ topic '{dlq}' may not be matched by the regex for the topics ('topics.regex={regex}') consumed by the connector"
            ),
        ));
    }
    faults
}

/// Adds [`sink_faults`] to what validation says.
pub fn validate_sink(props: &IndexMap<String, String>, values: &mut [ConfigValue]) {
    for (name, message) in sink_faults(props) {
        if let Some(value) = values.iter_mut().find(|value| value.name == name) {
            value.errors.push(message);
        }
    }
}

/// The first of [`sink_faults`], as an error.
///
/// # Errors
/// When there is one.
pub fn check_sink(props: &IndexMap<String, String>) -> Result<(), ConfigError> {
    match sink_faults(props).into_iter().next() {
        None => Ok(()),
        Some((name, message)) => {
            let value = props.get(name).map_or("null", String::as_str);
            Err(ConfigError::invalid(name, value, message))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn props(pairs: &[(&str, &str)]) -> IndexMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn errors(def: &ConfigDef, pairs: &[(&str, &str)]) -> Vec<String> {
        def.validate(&props(pairs)).into_iter().flat_map(|value| value.errors).collect()
    }

    /// As `SourceConnectorConfig.configDef()` and `SinkConnectorConfig.configDef()` of Kafka 4.3.1 list them.
    #[test]
    fn the_keys_are_kafkas_in_kafkas_order() {
        let line = |key: &ConfigKey| {
            format!(
                "{}|{}|{}|{}|{}|{}|{}|{}",
                key.name,
                key.kind,
                if key.required { "REQ" } else { key.default.as_deref().unwrap_or("null") },
                key.importance,
                key.group.as_deref().unwrap_or("null"),
                key.order_in_group,
                key.width,
                key.display_name
            )
        };
        let expected = include_str!("../../tests/recorded/connector-keys.txt");
        let (source_keys, sink_keys) = expected.split_once("== sink\n").unwrap();
        let ours: Vec<String> = source().keys().map(line).collect();
        assert_eq!(ours, source_keys.lines().filter(|line| !line.starts_with("==")).collect::<Vec<_>>());
        let ours: Vec<String> = sink().keys().map(line).collect();
        assert_eq!(ours, sink_keys.lines().collect::<Vec<_>>());
        assert!(source().keys().chain(sink().keys()).all(|key| !key.documentation.is_empty()));
    }

    #[test]
    fn defaults_pass_their_own_checks() {
        let minimal = [("name", "x"), ("connector.class", "c")];
        assert_eq!(errors(source(), &minimal), Vec::<String>::new());
        assert_eq!(errors(sink(), &minimal), Vec::<String>::new());
    }

    #[test]
    fn faults_of_a_source_are_said_in_kafkas_words() {
        let wrong = [
            ("name", ""),
            ("tasks.max", "abc"),
            ("config.action.reload", "nope"),
            ("errors.tolerance", "NONE"),
            ("transforms", "a,a"),
            ("exactly.once.support", "nope"),
            ("transaction.boundary", "never"),
            ("transaction.boundary.interval.ms", "-1"),
            ("offsets.storage.topic", ""),
        ];
        assert_eq!(
            errors(source(), &wrong),
            [
                "Invalid value  for configuration name: String may not be empty",
                "Missing required configuration \"connector.class\" which has no default value.",
                "Invalid value abc for configuration tasks.max: Not a number of type INT",
                "Invalid value null for configuration tasks.max: Value must be non-null",
                "Invalid value [a, a] for configuration transforms: Duplicate alias provided.",
                "Invalid value nope for configuration config.action.reload: String must be one of: none, restart",
                "Invalid value NONE for configuration errors.tolerance: String must be one of: none, all",
                "Invalid value nope for configuration exactly.once.support: String must be one of (case insensitive): REQUIRED, REQUESTED",
                "Invalid value never for configuration transaction.boundary: String must be one of (case insensitive): INTERVAL, POLL, CONNECTOR",
                "Invalid value -1 for configuration transaction.boundary.interval.ms: Value must be at least 0",
                "Invalid value  for configuration offsets.storage.topic: String must be non-empty",
            ]
        );
    }

    #[test]
    fn a_sink_has_topics_or_a_pattern_and_never_both() {
        let both = "topics and topics.regex are mutually exclusive options, but both are set.";
        let neither = "Must configure one of topics or topics.regex";
        for (pairs, message) in [
            (&[][..], neither),
            (&[("topics", "")], neither),
            (&[("topics", " "), ("topics.regex", " ")], neither),
            (&[("topics", "a"), ("topics.regex", "b")], both),
        ] {
            let faults = sink_faults(&props(pairs));
            assert_eq!(faults, [(TOPICS, message.to_owned()), (TOPICS_REGEX, message.to_owned())]);
        }
        assert!(sink_faults(&props(&[("topics", "a")])).is_empty());
        assert!(sink_faults(&props(&[("topics.regex", "a")])).is_empty());
        let thrown = check_sink(&IndexMap::new()).unwrap_err();
        assert_eq!(thrown.message(), format!("Invalid value null for configuration topics: {neither}"));
    }

    #[test]
    fn a_sink_does_not_read_its_own_dead_letters() {
        let listed = sink_faults(&props(&[("topics", "b, a"), (DLQ_TOPIC, "a")]));
        assert_eq!(listed[0].0, TOPICS);
        assert!(listed[0].1.starts_with("The DLQ topic 'a' may not be included in the list of topics ('topics="));
        let matched = sink_faults(&props(&[("topics.regex", "a.*"), (DLQ_TOPIC, "ab")]));
        assert_eq!(
            matched[0].1,
            "The DLQ topic 'ab' may not be matched by the regex for the topics ('topics.regex=a.*') consumed by the connector"
        );
        assert!(sink_faults(&props(&[("topics.regex", "a"), (DLQ_TOPIC, "ab")])).is_empty());
        let all = sink_faults(&props(&[("topics", "a,,b,a"), ("topics.regex", "a"), (DLQ_TOPIC, " a ")]));
        assert_eq!(all.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [TOPICS, TOPICS_REGEX, TOPICS, TOPICS_REGEX]);
        assert!(all[2].1.contains("('topics=[a, b]')"), "{}", all[2].1);
    }

    #[test]
    fn repeated_and_empty_topics_are_refused() {
        let of = |topics: &str| errors(sink(), &[("name", "x"), ("connector.class", "c"), ("topics", topics)]);
        assert_eq!(of("a,b,a"), ["Configuration 'topics' values must not be duplicated."]);
        assert_eq!(of("a,,b"), ["Configuration 'topics' values must not be empty."]);
        assert_eq!(of("a, b"), Vec::<String>::new());
    }

    #[test]
    fn a_pattern_that_is_none_is_refused() {
        let said = errors(sink(), &[("name", "x"), ("connector.class", "c"), ("topics.regex", "[")]);
        assert_eq!(
            said[0],
            "Invalid value [ for configuration topics.regex: Invalid regex: Unclosed character class near index 0\n[\n^"
        );
    }
}
