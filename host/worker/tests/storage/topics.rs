//! How the topics are made, and which are refused.

use watertight_kafka::NewTopic;
use watertight_worker::entities::{ConfigMap, TargetState};
use watertight_worker::secrets::Vault;
use watertight_worker::storage::{ConfigLog, OffsetLogs, StatusLog, StorageError};

use crate::cluster::{Cluster, LONG, embedded, shared};

async fn policy(cluster: &Cluster, what: &str, key: &str) -> Option<String> {
    let configs = cluster.admin().topic_configs(&cluster.topic(what)).await.unwrap();
    configs.into_iter().find(|(name, _)| name == key).and_then(|(_, value)| value)
}

#[tokio::test]
async fn missing_topics_are_made_with_connects_settings() {
    let Some(cluster) = shared("topics-made") else { return };
    let parts = cluster.parts(&[
        ("offset.storage.segment.bytes", "1048577"),
        ("status.storage.partitions", "-1"),
        ("status.storage.cleanup.policy", "delete"),
    ]);
    for _ in 0..2 {
        let (configs, _events) = ConfigLog::start(&parts).await.unwrap();
        let statuses = StatusLog::start(&parts, "w:1", Vault::default()).await.unwrap();
        let offsets = OffsetLogs::start(&parts).await.unwrap();
        configs.stop().await;
        statuses.stop().await;
        offsets.stop().await;
    }
    for (what, partitions) in [("config", 1), ("offset", 25), ("status", 1)] {
        let found = cluster.admin().describe_topic(&cluster.topic(what)).await.unwrap().unwrap();
        assert_eq!((found.partitions, found.replication_factor), (partitions, 1), "{what}");
        assert_eq!(policy(&cluster, what, "cleanup.policy").await.as_deref(), Some("compact"), "{what}");
    }
    assert_eq!(policy(&cluster, "offset", "segment.bytes").await.as_deref(), Some("1048577"));
}

fn refused<T>(result: Result<T, StorageError>) -> String {
    match result {
        Err(StorageError::Config(text)) => text,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was taken"),
    }
}

#[tokio::test]
async fn topics_that_would_lose_something_are_refused_in_kafkas_words() {
    let Some(cluster) = shared("topics-refused") else { return };
    cluster.create("config", 2, "compact").await;
    cluster.create("status", 1, "delete").await;
    cluster.create("offset", 1, "delete,compact").await;
    let parts = cluster.parts(&[]);
    let (config, status, offset) = (cluster.topic("config"), cluster.topic("status"), cluster.topic("offset"));
    assert_eq!(
        refused(ConfigLog::start(&parts).await),
        format!(
            "Topic '{config}' supplied via the 'config.storage.topic' property is required to have a single partition in order to guarantee consistency of connector configurations, but found 2 partitions."
        )
    );
    let policy = |topic: &str, key: &str, purpose: &str, found: &str| {
        format!(
            "Topic '{topic}' supplied via the '{key}' property is required to have 'cleanup.policy=compact' to guarantee consistency and durability of {purpose}, but found the topic currently has 'cleanup.policy={found}'. Continuing would likely result in eventually losing {purpose} and problems restarting this Connect cluster in the future. Change the '{key}' property in the Connect worker configurations to use a topic with 'cleanup.policy=compact'."
        )
    };
    assert_eq!(
        refused(StatusLog::start(&parts, "w:1", Vault::default()).await),
        policy(&status, "status.storage.topic", "connector and task statuses", "delete")
    );
    assert_eq!(
        refused(OffsetLogs::start(&parts).await),
        policy(&offset, "offset.storage.topic", "source connector offsets", "compact,delete")
    );
}

#[tokio::test]
async fn topics_that_cannot_be_made_are_named() {
    let Some(cluster) = shared("topics-impossible") else { return };
    // Other brokers might still be starting, so it is tried for a while.
    let parts = cluster.parts(&[("config.storage.replication.factor", "7"), ("default.api.timeout.ms", "1500")]);
    let text = refused(ConfigLog::start(&parts).await);
    assert!(text.contains(&cluster.topic("config")) && text.contains("config.storage.topic"), "{text}");
    let parts = cluster.parts(&[("config.storage.retention.ms", "soon"), ("default.api.timeout.ms", "60000")]);
    let text = refused(ConfigLog::start(&parts).await);
    assert!(text.starts_with("Unable to create topic(s)") && text.contains("retention.ms"), "{text}");
    let parts = cluster.parts(&[("internal.topics.automatic.creation.enable", "false")]);
    let text = refused(ConfigLog::start(&parts).await);
    assert!(
        text.starts_with(&format!(
            "Topic '{}' specified via the 'config.storage.topic' property is missing",
            cluster.topic("config")
        )),
        "{text}"
    );
    cluster.create("config", 1, "compact").await;
    // A moment passes before every broker knows it.
    let admin = cluster.admin();
    let begun = std::time::Instant::now();
    while admin.describe_topic(&cluster.topic("config")).await.unwrap().is_none() {
        assert!(begun.elapsed() < LONG);
    }
    ConfigLog::start(&parts).await.unwrap().0.stop().await;
}

/// It tells only what somebody has set: that says nothing about what it does with old records.
#[tokio::test]
async fn the_embedded_broker_carries_the_topics_too() {
    let Some(broker) = embedded("storage-embedded") else { return };
    let cluster = Cluster::new(&broker.bootstrap(), "storage-embedded");
    let by_hand = NewTopic { partitions: 2, replication_factor: 1, ..NewTopic::new(cluster.topic("status")) };
    cluster.admin().create_topic(&by_hand).await.unwrap();
    let parts = cluster.parts(&[("config.storage.replication.factor", "3"), ("offset.storage.partitions", "5")]);
    for round in 0..2 {
        let (configs, _events) = ConfigLog::start(&parts).await.unwrap();
        assert_eq!(configs.snapshot().offset, if round == 0 { -1 } else { 2 });
        let statuses = StatusLog::start(&parts, "w:1", Vault::default()).await.unwrap();
        let offsets = OffsetLogs::start(&parts).await.unwrap();
        configs.put_connector(&format!("c{round}"), &ConfigMap::new(), Some(TargetState::Paused)).await.unwrap();
        assert_eq!(configs.snapshot().connector_count(), 1 + round);
        configs.stop().await;
        statuses.stop().await;
        offsets.stop().await;
    }
    cluster.create("deleted", 1, "delete").await;
    let topic = cluster.topic("deleted");
    let text = refused(ConfigLog::start(&cluster.parts(&[("config.storage.topic", &topic)])).await);
    assert!(text.contains("'cleanup.policy=delete'"), "{text}");
}
