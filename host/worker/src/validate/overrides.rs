//! Client settings that a connector brings (KIP-458, KIP-1188): which it may, and whether they can be read.

use watertight_data::config::{ConfigValue, Kind, parse};
use watertight_data::java::hash;

use crate::config::under;
use crate::entities::{ConfigMap, ConnectorType};

const POLICY: &str = "connector.client.config.override.policy";
const ALLOWLIST: &str = "connector.client.config.override.allowlist";
/// Keys of Kafka's clients that are numbers or flags: name, type, and which clients have it. As the `ConfigDef`s of
/// Kafka 4.3.1 say.
const TYPES: &str = include_str!("client_types.txt");
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

/// One answer for each setting of a client that the connector uses, under its full name.
pub(super) fn validate(policy: &Policy, kind: ConnectorType, settings: &ConfigMap) -> Vec<ConfigValue> {
    let is_sink = kind == ConnectorType::Sink;
    let has_dlq = settings.get("errors.deadletterqueue.topic.name").is_some_and(|name| !name.trim().is_empty());
    let creates = settings.keys().any(|key| key.starts_with("topic.creation."));
    let clients = [
        ("producer.override.", !is_sink || has_dlq),
        ("admin.override.", if is_sink { has_dlq } else { creates }),
        ("consumer.override.", is_sink),
    ];
    clients
        .into_iter()
        .filter(|(_, used)| *used)
        .flat_map(|(prefix, _)| of_client(policy, prefix, &under(settings, prefix)))
        .collect()
}

fn of_client(policy: &Policy, prefix: &str, own: &ConfigMap) -> Vec<ConfigValue> {
    // Kafka keeps them in a HashMap.
    let mut ordered: Vec<(String, &String)> = own.iter().map(|(key, value)| (key.clone(), value)).collect();
    hash::string_map_order(&mut ordered);
    let answer = |(key, value): (String, &String)| {
        let mut answer = ConfigValue::new(format!("{prefix}{key}"));
        answer.value = Some(if crate::secrets::is_password(&key) { crate::secrets::HIDDEN } else { value }.to_owned());
        if !policy.allows(&key) {
            answer.errors.push(format!(
                "The '{}' policy does not allow '{key}' to be overridden in the connector configuration.",
                policy.name()
            ));
        }
        answer.errors.extend(unreadable(prefix, &key, value));
        answer
    };
    ordered.into_iter().map(answer).collect()
}

/// A value that is not of its key's type. What is only out of range fails the task, as in Kafka.
fn unreadable(prefix: &str, key: &str, value: &str) -> Option<String> {
    let client = prefix.split('.').next()?;
    let line = TYPES.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))?;
    let mut words = line.split(' ');
    let kind = Kind::from_word(words.next()?)?;
    if !words.any(|word| word == client) {
        return None;
    }
    parse(key, value, kind).err().map(|error| error.message().to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn errors(worker: &[(&str, &str)], kind: ConnectorType, settings: &[(&str, &str)]) -> Vec<String> {
        let policy = Policy::of(&map(worker)).unwrap();
        validate(&policy, kind, &map(settings)).into_iter().flat_map(|value| value.errors).collect()
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
    fn what_is_no_number_is_refused_at_once() {
        assert_eq!(
            errors(&[], ConnectorType::Source, &[("producer.override.linger.ms", "x")]),
            ["Invalid value x for configuration linger.ms: Not a number of type LONG"]
        );
        assert_eq!(
            errors(&[], ConnectorType::Sink, &[("consumer.override.check.crcs", "x")]),
            ["Invalid value x for configuration check.crcs: Expected value to be either true or false"]
        );
        for fine in ["producer.override.acks", "producer.override.max.poll.records", "producer.override.linger"] {
            assert!(errors(&[], ConnectorType::Source, &[(fine, "7x")]).is_empty(), "{fine}");
        }
    }

    #[test]
    fn every_line_of_the_types_can_be_read() {
        for line in TYPES.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            assert!(words.len() > 2 && Kind::from_word(words[1]).is_some(), "{line}");
            assert!(words[2..].iter().all(|client| ["producer", "consumer", "admin"].contains(client)), "{line}");
        }
    }
}
