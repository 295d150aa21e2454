//! The topics themselves: made with Connect's settings where they are missing, looked at where they are there. A
//! topic that deletes its old records would forget connectors one by one, long after anybody remembers why; so a
//! worker does not start on one.

use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::{Admin, Creation, NewTopic, RawError};

use super::StorageError;
use crate::distributed::config::StorageTopic;
use crate::entities::ConfigMap;

/// What is kept in a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Connectors, and what is wanted of them.
    Configs,
    /// States.
    Statuses,
    /// Offsets of sources.
    Offsets,
}

impl Purpose {
    /// Kafka's words.
    fn words(self) -> &'static str {
        match self {
            Self::Configs => "connector configurations",
            Self::Statuses => "connector and task statuses",
            Self::Offsets => "source connector offsets",
        }
    }
}

/// Between two attempts; Java's `retry.backoff.ms`.
const PAUSE: Duration = Duration::from_millis(100);
const INVALID_REPLICATION_FACTOR: i16 = 38;
const INVALID_CONFIG: i16 = 40;

/// Creates a topic if it is missing; otherwise sees that it is compacted and nothing else. Fewer brokers than copies
/// may mean that the others are about to start: that is tried for as long as `default.api.timeout.ms` of the worker.
///
/// # Errors
/// Kafka's words, for the end of the worker's start.
pub async fn ensure(
    admin: &Admin,
    worker: &ConfigMap,
    topic: &StorageTopic,
    purpose: Purpose,
    create: bool,
) -> Result<(), StorageError> {
    tracing::debug!("Creating Connect internal topic for {}", purpose.words());
    let created = if create {
        creation(admin, topic, limit(worker)).await?
    } else {
        present(admin, topic).await?;
        Creation::AlreadyExists
    };
    match created {
        Creation::Created => Ok(()),
        Creation::AlreadyExists => only_compacted(admin, topic, purpose).await,
    }
}

fn limit(worker: &ConfigMap) -> Duration {
    let given = worker.get("default.api.timeout.ms").and_then(|value| value.trim().parse().ok());
    Duration::from_millis(given.unwrap_or(60_000))
}

async fn creation(admin: &Admin, topic: &StorageTopic, limit: Duration) -> Result<Creation, StorageError> {
    let name = &topic.name;
    let mut configs = topic.configs.clone();
    configs.retain(|(key, _)| key != "cleanup.policy");
    configs.push(("cleanup.policy".to_owned(), "compact".to_owned()));
    let wanted = NewTopic {
        name: name.clone(),
        partitions: topic.partitions,
        replication_factor: topic.replication_factor,
        configs,
    };
    let deadline = Instant::now() + limit;
    loop {
        let error = match admin.create_topic(&wanted).await {
            Ok(made) => {
                if made == Creation::Created {
                    tracing::info!("Created topic {name} with {} partitions", topic.partitions);
                }
                return Ok(made);
            }
            Err(error) => error,
        };
        // Java's worker assumes that somebody else makes the topic, or has made it.
        if error.is_authorization() || error.is_unsupported() {
            tracing::debug!("Unable to create topic '{name}': {error}. Assuming that it exists");
            return Ok(Creation::AlreadyExists);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if !may_be_mended(&error) || left.is_zero() {
            return Err(StorageError::Config(refused(topic, &error)));
        }
        tracing::info!("'{name}' topic creation failed due to '{error}', retrying, {}ms remaining", left.as_millis());
        tokio::time::sleep(PAUSE.min(left)).await;
    }
}

/// Whether waiting for other brokers may help.
fn may_be_mended(error: &RawError) -> bool {
    error.is_retriable() || error.code() == Some(INVALID_REPLICATION_FACTOR)
}

fn refused(topic: &StorageTopic, error: &RawError) -> String {
    let name = &topic.name;
    if error.code() == Some(INVALID_CONFIG) {
        return format!("Unable to create topic(s) '{name}': {error}");
    }
    if error.is_retriable() {
        return format!(
            "Timed out while checking for or creating topic(s) '{name}'. This could indicate a connectivity issue, unavailable topic partitions, or if this is your first use of the topic it may have taken too long to create. ({error})"
        );
    }
    format!("Error while attempting to create/find topic(s) '{name}' ({}): {error}", topic.key)
}

/// The worker is not to create topics, so it has to be there.
async fn present(admin: &Admin, topic: &StorageTopic) -> Result<(), StorageError> {
    match admin.describe_topic(&topic.name).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(StorageError::Config(format!(
            "Topic '{}' specified via the '{}' property is missing. It must be created before the worker is started, since 'internal.topics.automatic.creation.enable' is set to 'false'.",
            topic.name, topic.key
        ))),
        Err(error) => Err(error.into()),
    }
}

async fn only_compacted(admin: &Admin, topic: &StorageTopic, purpose: Purpose) -> Result<(), StorageError> {
    let (name, key, purpose) = (&topic.name, topic.key, purpose.words());
    let configs = match admin.topic_configs(name).await {
        Ok(configs) => configs,
        // There is no topic yet, and the worker could not create one: what reads it will wait for it, and say so.
        Err(error) if error.is_authorization() || error.is_unsupported() || is_missing(&error) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let policy = configs.into_iter().find(|(key, _)| key == "cleanup.policy").and_then(|(_, value)| value);
    let Some(found) = policies(policy.as_deref()) else {
        tracing::info!(
            "Unable to use admin client to verify the cleanup policy of '{name}' topic is 'compact', either because the broker is an older version or because the Kafka principal used for Connect internal topics does not have the required permission to describe topic configurations."
        );
        return Ok(());
    };
    if found == ["compact"] {
        return Ok(());
    }
    let found = found.join(",");
    Err(StorageError::Config(format!(
        "Topic '{name}' supplied via the '{key}' property is required to have 'cleanup.policy=compact' to guarantee consistency and durability of {purpose}, but found the topic currently has 'cleanup.policy={found}'. Continuing would likely result in eventually losing {purpose} and problems restarting this Connect cluster in the future. Change the '{key}' property in the Connect worker configurations to use a topic with 'cleanup.policy=compact'."
    )))
}

fn is_missing(error: &RawError) -> bool {
    const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
    error.code() == Some(UNKNOWN_TOPIC_OR_PARTITION)
}

/// The policies of a setting; none where it says nothing, as brokers do that list only what somebody has set.
fn policies(setting: Option<&str>) -> Option<Vec<String>> {
    let mut list: Vec<String> =
        setting?.split(',').map(|policy| policy.trim().to_lowercase()).filter(|policy| !policy.is_empty()).collect();
    list.sort();
    list.dedup();
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_whatever_their_case_and_order() {
        let list = |text: &str| policies(Some(text)).map(|list| list.join(","));
        assert_eq!(list("compact"), Some("compact".into()));
        assert_eq!(list(" Delete , compact,compact"), Some("compact,delete".into()));
        assert_eq!(list(" , "), None);
        assert_eq!(policies(None), None);
    }
}
