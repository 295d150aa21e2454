//! Topics that a source's worker creates before the first record goes there (KIP-158): which group a topic belongs
//! to, and with which settings it is made.

use watertight_data::java::regex::JavaRegex;
use watertight_kafka::{Admin, Creation, NewTopic};

use crate::entities::ConfigMap;
use crate::failure::Failure;

/// In front of all its settings.
const PREFIX: &str = "topic.creation.";
/// The group that takes what no other does.
const DEFAULT: &str = "default";

/// One group of topics.
#[derive(Debug, Clone)]
struct Group {
    name: String,
    include: Option<JavaRegex>,
    exclude: Option<JavaRegex>,
    partitions: i32,
    replication_factor: i16,
    configs: Vec<(String, String)>,
}

/// A source's groups; the default one is last and takes everything.
#[derive(Debug, Clone)]
pub struct TopicCreation {
    groups: Vec<Group>,
}

impl TopicCreation {
    /// From the connector's settings, which have been validated; none where the worker creates no topics.
    ///
    /// # Errors
    /// A pattern or number that cannot be meant.
    pub fn of(worker: &ConfigMap, settings: &ConfigMap) -> Result<Option<Self>, String> {
        let enabled = worker.get("topic.creation.enable").is_none_or(|value| value.trim().eq_ignore_ascii_case("true"));
        if !enabled || !settings.keys().any(|key| key.starts_with(PREFIX)) {
            return Ok(None);
        }
        let listed = settings.get("topic.creation.groups").map_or("", String::as_str);
        let names = listed.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != DEFAULT);
        let groups = names.chain([DEFAULT]).map(|name| Group::of(name, settings)).collect::<Result<_, _>>()?;
        Ok(Some(Self { groups }))
    }

    /// Makes sure that the topic is there.
    ///
    /// # Errors
    /// Kafka's words when it cannot be created.
    pub async fn ensure(&self, admin: &Admin, topic: &str) -> Result<(), Failure> {
        tracing::info!(
            "The task will send records to topic '{topic}' for the first time. Checking whether topic exists"
        );
        let failed = |wanted: &NewTopic, error: &dyn std::fmt::Display| {
            Failure::caused(
                &format!(
                    "org.apache.kafka.connect.errors.ConnectException: Task failed to create new topic {}. Ensure that \
                     the task is authorized to create topics or that the topic exists and restart the task",
                    text(wanted)
                ),
                error,
            )
        };
        let Some(group) = self.groups.iter().find(|group| group.takes(topic)) else { return Ok(()) };
        let wanted = NewTopic {
            name: topic.to_owned(),
            partitions: group.partitions,
            replication_factor: group.replication_factor,
            configs: group.configs.clone(),
        };
        match admin.describe_topic(topic).await {
            Ok(Some(_)) => {
                tracing::info!("Topic '{topic}' already exists.");
                return Ok(());
            }
            Ok(None) => {}
            Err(error) => return Err(failed(&wanted, &error)),
        }
        tracing::info!("Creating topic '{topic}'");
        match admin.create_topic(&wanted).await {
            Ok(Creation::Created) => {
                tracing::info!("Created topic '{}' using creation group {}", text(&wanted), group.name);
            }
            Ok(Creation::AlreadyExists) => tracing::info!("Found existing topic '{topic}'"),
            Err(error) => return Err(failed(&wanted, &error)),
        }
        Ok(())
    }
}

impl Group {
    fn of(name: &str, settings: &ConfigMap) -> Result<Self, String> {
        let prefix = format!("{PREFIX}{name}.");
        let own = |key: &str| settings.get(&format!("{prefix}{key}")).map(|value| value.trim());
        let inherited = |key: &str| {
            own(key).or_else(|| settings.get(&format!("{PREFIX}{DEFAULT}.{key}")).map(|value| value.trim()))
        };
        let number = |key: &str| {
            let value = inherited(key).ok_or_else(|| {
                format!("Missing required configuration \"{prefix}{key}\" which has no default value.")
            })?;
            value
                .parse::<i32>()
                .map_err(|_| format!("Invalid value {value} for configuration {prefix}{key}: Not a number of type INT"))
        };
        let is_default = name == DEFAULT;
        let pattern = |key: &str| match own(key).filter(|value| !value.is_empty() && !is_default) {
            None => Ok(None),
            Some(list) => {
                let joined = list.split(',').map(str::trim).collect::<Vec<_>>().join("|");
                JavaRegex::new(&joined)
                    .map(Some)
                    .map_err(|error| format!("Invalid value {list} for configuration {prefix}{key}: {error}"))
            }
        };
        let known = ["include", "exclude", "partitions", "replication.factor"];
        let configs = settings
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?, value)))
            .filter(|(key, _)| !known.contains(key))
            .map(|(key, value)| (key.to_owned(), value.clone()))
            .collect();
        let factor = number("replication.factor")?;
        Ok(Self {
            name: name.to_owned(),
            include: pattern("include")?,
            exclude: pattern("exclude")?,
            partitions: number("partitions")?,
            replication_factor: i16::try_from(factor).map_err(|_| {
                format!(
                    "Invalid value {factor} for configuration {prefix}replication.factor: Not a number of type SHORT"
                )
            })?,
            configs,
        })
    }

    fn takes(&self, topic: &str) -> bool {
        if self.name == DEFAULT {
            return true;
        }
        let matches = |pattern: &Option<JavaRegex>| {
            pattern.as_ref().is_some_and(|pattern| pattern.full_match(topic).unwrap_or(false))
        };
        matches(&self.include) && !matches(&self.exclude)
    }
}

/// `NewTopic.toString` of Java's admin client.
fn text(topic: &NewTopic) -> String {
    let number = |number: i64| if number < 0 { "default".to_owned() } else { number.to_string() };
    let configs: Vec<String> = topic.configs.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!(
        "(name={}, numPartitions={}, replicationFactor={}, replicasAssignments=null, configs={{{}}})",
        topic.name,
        number(topic.partitions.into()),
        number(topic.replication_factor.into()),
        configs.join(", ")
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs.iter().map(|(key, value)| (format!("topic.creation.{key}"), (*value).to_owned())).collect()
    }

    fn of(pairs: &[(&str, &str)]) -> TopicCreation {
        TopicCreation::of(&ConfigMap::new(), &settings(pairs)).unwrap().unwrap()
    }

    #[test]
    fn without_its_settings_no_topic_is_created() {
        assert!(TopicCreation::of(&ConfigMap::new(), &ConfigMap::new()).unwrap().is_none());
        let off = [("topic.creation.enable".to_owned(), "false".to_owned())].into_iter().collect();
        let asked = settings(&[("default.partitions", "1"), ("default.replication.factor", "1")]);
        assert!(TopicCreation::of(&off, &asked).unwrap().is_none());
    }

    #[test]
    fn the_first_group_that_includes_and_does_not_exclude_takes_a_topic() {
        let creation = of(&[
            ("groups", "logs, wide"),
            ("default.partitions", "1"),
            ("default.replication.factor", "-1"),
            ("logs.include", "log-.*,audit"),
            ("logs.exclude", "log-raw"),
            ("logs.cleanup.policy", "compact"),
            ("wide.include", ".*"),
            ("wide.partitions", "12"),
        ]);
        let group = |topic: &str| creation.groups.iter().find(|group| group.takes(topic)).unwrap();
        assert_eq!(group("log-a").name, "logs");
        assert_eq!(group("audit").configs, [("cleanup.policy".to_owned(), "compact".to_owned())]);
        assert_eq!((group("log-raw").name.as_str(), group("log-raw").partitions), ("wide", 12));
        assert_eq!((group("x").replication_factor, group("xlog-a").name.as_str()), (-1, "wide"));
    }

    #[test]
    fn a_topic_reads_as_java_prints_it() {
        let topic = NewTopic { partitions: 2, ..NewTopic::new("t") };
        assert_eq!(
            text(&topic),
            "(name=t, numPartitions=2, replicationFactor=default, replicasAssignments=null, configs={})"
        );
    }
}
