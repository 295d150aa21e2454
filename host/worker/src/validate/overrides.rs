//! Client settings that a connector brings (KIP-458, KIP-1188): which it may, and whether they can be read.

use watertight_data::ConfigError;
use watertight_data::config::{ConfigKey, ConfigValue, Kind, parse};

use super::client_keys;
use super::config::Config;
use crate::entities::{ConfigMap, ConnectorType};
use crate::secrets::{HIDDEN, is_password};

const POLICY: &str = "connector.client.config.override.policy";
const ALLOWLIST: &str = "connector.client.config.override.allowlist";
/// The package of Kafka's policies, and what their names end in.
const PACKAGE: &str = "org.apache.kafka.connect.connector.policy.";
const SUFFIX: &str = "ConnectorClientConfigOverridePolicy";

/// `connector.client.config.override.policy`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// Anything.
    All,
    /// Nothing.
    None,
    /// Who the client says it is.
    Principal,
    /// What is listed.
    Allowlist(Vec<String>),
}

impl Policy {
    /// From the worker's settings.
    ///
    /// # Errors
    /// When there is no such policy.
    pub fn of(worker: &ConfigMap) -> Result<Self, String> {
        let given = worker.get(POLICY).map_or("All", |policy| policy.trim());
        let simple = given.strip_prefix(PACKAGE).unwrap_or(given);
        match simple.strip_suffix(SUFFIX).unwrap_or(simple) {
            "All" => Ok(Self::All),
            "None" => Ok(Self::None),
            "Principal" => Ok(Self::Principal),
            "Allowlist" => {
                let list = worker.get(ALLOWLIST).map_or("", String::as_str);
                Ok(Self::Allowlist(list.split(',').map(|key| key.trim().to_owned()).collect()))
            }
            _ => Err(format!(
                "Invalid value {given} for configuration {POLICY}: it must be one of All, None, Principal, Allowlist"
            )),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::All => "All",
            Self::None => "None",
            Self::Principal => "Principal",
            Self::Allowlist(_) => "Allowlist",
        }
    }

    fn allows(&self, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Principal => matches!(key, "sasl.jaas.config" | "sasl.mechanism" | "security.protocol"),
            Self::Allowlist(keys) => keys.iter().any(|allowed| allowed == key),
        }
    }
}

/// One answer for each setting of a client that the connector uses, under its full name, with what Kafka knows of it.
pub(super) fn validate(
    policy: &Policy,
    kind: ConnectorType,
    config: Config<'_>,
) -> Vec<(Option<ConfigKey>, ConfigValue)> {
    let is_sink = kind == ConnectorType::Sink;
    let has_dlq = config.get("errors.deadletterqueue.topic.name").is_some_and(|name| !name.trim().is_empty());
    let creates = config.all_keys().any(|key| key.starts_with("topic.creation."));
    let clients =
        [("producer", !is_sink || has_dlq), ("consumer", is_sink), ("admin", if is_sink { has_dlq } else { creates })];
    let used = clients.into_iter().filter(|(_, used)| *used);
    used.flat_map(|(client, _)| of_client(policy, client, config)).collect()
}

fn of_client(policy: &Policy, client: &str, config: Config<'_>) -> Vec<(Option<ConfigKey>, ConfigValue)> {
    let prefix = format!("{client}.override.");
    let answer = |(name, text): (&str, Option<&str>)| {
        let mut key = client_keys::find(client, name).cloned();
        let mut answer = value(key.as_ref(), name, text);
        if !policy.allows(name) {
            answer.errors.insert(
                0,
                format!(
                    "The '{}' policy does not allow '{name}' to be overridden in the connector configuration.",
                    policy.name()
                ),
            );
        }
        answer.name = format!("{prefix}{name}");
        if let Some(key) = &mut key {
            key.name.clone_from(&answer.name);
        }
        (key, answer)
    };
    config.of_client(&prefix).into_iter().map(answer).collect()
}

/// Its text in the form of its type. A text that is not of that type is refused at once; what is only out of range
/// fails the task, as in Kafka.
fn value(key: Option<&ConfigKey>, name: &str, text: Option<&str>) -> ConfigValue {
    let mut answer = ConfigValue::new(name);
    match (key, text) {
        (_, None) => {}
        (None, Some(text)) => answer.value = Some(if is_password(name) { HIDDEN } else { text }.to_owned()),
        // There is no JVM to load any other.
        (Some(key), Some(text)) if key.kind == Kind::Class && !text.trim().starts_with("org.apache.kafka.") => {
            let refused = ConfigError::invalid(name, text, format_args!("Class {text} could not be found."));
            answer.errors.push(refused.message().to_owned());
        }
        (Some(key), Some(text)) => match parse(name, text, key.kind) {
            Ok(parsed) => {
                let hidden = key.kind != Kind::Password && is_password(name);
                answer.value = Some(if hidden { HIDDEN.to_owned() } else { parsed.shown() });
            }
            Err(error) => answer.errors.push(error.message().to_owned()),
        },
    }
    answer
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::config::Nulls;
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn errors(worker: &[(&str, &str)], kind: ConnectorType, settings: &[(&str, &str)]) -> Vec<String> {
        let policy = Policy::of(&map(worker)).unwrap();
        let settings = map(settings);
        validate(&policy, kind, Config::of(&settings)).into_iter().flat_map(|(_, value)| value.errors).collect()
    }

    #[test]
    fn each_policy_refuses_in_kafkas_words() {
        let said = |policy: &str, key: &str| {
            format!("The '{policy}' policy does not allow '{key}' to be overridden in the connector configuration.")
        };
        let settings = [("consumer.override.client.id", "x"), ("consumer.override.sasl.mechanism", "PLAIN")];
        let of = |worker: &[(&str, &str)]| errors(worker, ConnectorType::Sink, &settings);
        assert_eq!(of(&[]), Vec::<String>::new());
        assert_eq!(of(&[(POLICY, "All")]), Vec::<String>::new());
        assert_eq!(of(&[(POLICY, "Principal")]), [said("Principal", "client.id")]);
        assert_eq!(of(&[(POLICY, "None")]).len(), 2);
        let long = format!("{PACKAGE}Allowlist{SUFFIX}");
        assert_eq!(of(&[(POLICY, &long), (ALLOWLIST, "client.id, x")]), [said("Allowlist", "sasl.mechanism")]);
        assert!(Policy::of(&map(&[(POLICY, "Mine")])).unwrap_err().starts_with("Invalid value Mine for configuration"));
    }

    #[test]
    fn only_clients_that_the_connector_uses_are_looked_at() {
        let none = [(POLICY, "None")];
        let of = |kind, settings: &[(&str, &str)]| errors(&none, kind, settings).len();
        let all = [("producer.override.a", "x"), ("consumer.override.b", "x"), ("admin.override.c", "x")];
        assert_eq!(of(ConnectorType::Source, &all), 1);
        assert_eq!(of(ConnectorType::Sink, &all), 1);
        let with = |key: &'static str| all.into_iter().chain([(key, "d")]).collect::<Vec<_>>();
        assert_eq!(of(ConnectorType::Source, &with("topic.creation.groups")), 2);
        assert_eq!(of(ConnectorType::Sink, &with("errors.deadletterqueue.topic.name")), 3);
    }

    #[test]
    fn what_is_of_another_type_is_refused_at_once() {
        assert_eq!(
            errors(&[], ConnectorType::Source, &[("producer.override.linger.ms", "x")]),
            ["Invalid value x for configuration linger.ms: Not a number of type LONG"]
        );
        assert_eq!(
            errors(&[], ConnectorType::Sink, &[("consumer.override.check.crcs", "x")]),
            ["Invalid value x for configuration check.crcs: Expected value to be either true or false"]
        );
        assert_eq!(
            errors(&[], ConnectorType::Source, &[("producer.override.partitioner.class", "my.Own")]),
            ["Invalid value my.Own for configuration partitioner.class: Class my.Own could not be found."]
        );
        for fine in ["producer.override.acks", "producer.override.max.poll.records", "producer.override.linger"] {
            assert!(errors(&[], ConnectorType::Source, &[(fine, "7x")]).is_empty(), "{fine}");
        }
    }

    #[test]
    fn values_have_the_form_of_their_type_and_passwords_are_hidden() {
        let settings = map(&[
            ("producer.override.linger.ms", " 7 "),
            ("producer.override.bootstrap.servers", "a:1, b:2"),
            ("producer.override.sasl.jaas.config", "secret"),
            ("producer.override.foo", " x "),
            ("producer.override.", "nothing"),
        ]);
        let nulls = ["producer.override.acks".to_owned()];
        let config = Config { settings: &settings, nulls: &Nulls::of(&nulls) };
        let answers = validate(&Policy::All, ConnectorType::Source, config);
        let mut shown: Vec<(String, Option<String>, bool)> =
            answers.into_iter().map(|(key, value)| (value.name, value.value, key.is_some())).collect();
        shown.sort();
        let line = |key: &str, value: Option<&str>, known| {
            (format!("producer.override.{key}"), value.map(str::to_owned), known)
        };
        assert_eq!(
            shown,
            [
                line("acks", None, true),
                line("bootstrap.servers", Some("a:1,b:2"), true),
                line("foo", Some(" x "), false),
                line("linger.ms", Some("7"), true),
                line("sasl.jaas.config", Some("[hidden]"), true),
            ]
        );
    }
}
