//! Several workers and one config topic.

use std::time::Duration;

use watertight_kafka::TopicPartition;
use watertight_worker::entities::{ConfigMap, RestartRequest, TargetState};
use watertight_worker::storage::{ConfigEvent, ConfigLog, SessionKey, StorageError};

use crate::cluster::{LONG, shared};

fn map(pairs: &[(&str, &str)]) -> ConfigMap {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

async fn next(events: &mut tokio::sync::mpsc::UnboundedReceiver<ConfigEvent>) -> ConfigEvent {
    tokio::time::timeout(LONG, events.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_one_worker_writes_all_workers_know_in_the_same_order() {
    let Some(cluster) = shared("configs-shared") else { return };
    let parts = cluster.parts(&[]);
    let (first, mut first_events) = ConfigLog::start(&parts).await.unwrap();
    let (second, mut second_events) = ConfigLog::start(&parts).await.unwrap();
    first.claim().await.unwrap();
    let key = SessionKey { key: vec![7; 32], algorithm: "HmacSHA256".into(), created: 1 };
    first.put_session_key(&key).await.unwrap();
    first.put_connector("c-1", &map(&[("b", "ä\u{1}"), ("a", "")]), Some(TargetState::Paused)).await.unwrap();
    first.put_task_configs("c-1", &[map(&[("t", "0")]), map(&[("t", "1")])]).await.unwrap();
    first.put_task_count("c-1", 2).await.unwrap();
    first.put_target_state("c-1", TargetState::Started).await.unwrap();
    first.put_restart("c-1", RestartRequest { include_tasks: true, only_failed: false }).await.unwrap();
    first.put_logger("l", "INFO").await.unwrap();
    first.put_task_configs("c-1", &[]).await.unwrap();
    first.remove_connector("c-1").await.unwrap();
    second.refresh(LONG).await.unwrap();
    assert_eq!(first.snapshot(), second.snapshot());
    assert_eq!(second.snapshot().offset, 13);
    assert_eq!(second.snapshot().session_key, Some(key));
    let mut told = Vec::new();
    for _ in 0..8 {
        let event = next(&mut first_events).await;
        assert_eq!(next(&mut second_events).await, event);
        told.push(event);
    }
    assert_eq!(told[1], ConfigEvent::ConnectorChanged("c-1".into()));
    assert_eq!(told[7], ConfigEvent::ConnectorRemoved("c-1".into()));
    let (third, mut third_events) = ConfigLog::start(&parts).await.unwrap();
    assert_eq!(third.snapshot(), first.snapshot(), "what a worker that starts later reads");
    assert!(third_events.try_recv().is_err(), "it is told of nothing that was there");
    for log in [first, second, third] {
        log.stop().await;
    }
}

#[tokio::test]
async fn a_leader_of_the_past_writes_no_more_and_marks_do_not_count() {
    let Some(cluster) = shared("configs-fenced") else { return };
    for support in ["preparing", "enabled"] {
        let topic = cluster.topic(support);
        let parts = cluster.parts(&[("exactly.once.source.support", support), ("config.storage.topic", &topic)]);
        let (old, _old_events) = ConfigLog::start(&parts).await.unwrap();
        let (new, _new_events) = ConfigLog::start(&parts).await.unwrap();
        assert!(matches!(old.put_task_count("c", 1).await, Err(StorageError::Fenced(_))));
        old.claim().await.unwrap();
        old.put_connector("c", &map(&[("a", "1")]), Some(TargetState::Stopped)).await.unwrap();
        old.put_task_configs("c", &[map(&[])]).await.unwrap();
        // Two records and a mark, one and a mark, one and a mark.
        assert_eq!(old.snapshot().offset, 6, "{support}");
        let end = cluster.admin().end_offsets(&[TopicPartition::new(topic.as_str(), 0)]).await.unwrap()[0].1;
        assert_eq!(end, 7);
        new.refresh(LONG).await.unwrap();
        assert_eq!(new.snapshot(), old.snapshot());
        new.claim().await.unwrap();
        let error = old.put_task_count("c", 9).await.unwrap_err();
        assert!(
            matches!(&error, StorageError::Fenced(text) if text.starts_with("Failed to perform fencable send")),
            "{error}"
        );
        // Whoever it is, target states and levels may be written.
        old.put_target_state("c", TargetState::Paused).await.unwrap();
        new.put_task_count("c", 1).await.unwrap();
        assert_eq!(
            (new.snapshot().task_count_record("c"), new.snapshot().target("c")),
            (Some(1), Some(TargetState::Paused))
        );
        old.claim().await.unwrap();
        old.remove_connector("c").await.unwrap();
        assert!(matches!(new.put_task_count("c", 2).await, Err(StorageError::Fenced(_))));
        new.refresh(LONG).await.unwrap();
        assert!(!new.snapshot().contains("c"));
        assert_eq!(new.snapshot(), old.snapshot());
        old.stop().await;
        new.stop().await;
    }
}

#[tokio::test]
async fn what_a_leader_left_unfinished_is_read_past_when_it_is_given_up() {
    let Some(cluster) = shared("configs-open") else { return };
    let parts = cluster.parts(&[("exactly.once.source.support", "enabled")]);
    let (log, _events) = ConfigLog::start(&parts).await.unwrap();
    let topic = cluster.topic("config");
    let dead = cluster.transactions(&format!("connect-cluster-{}", cluster.name)).await;
    dead.begin_transaction().await.unwrap();
    let record = watertight_kafka::OutRecord {
        topic: &topic,
        partition: None,
        key: Some(b"connector-ghost"),
        value: Some(br#"{"properties":{}}"#),
        headers: &[],
        timestamp: None,
    };
    dead.send(record, 0).unwrap();
    let mut acks = Vec::new();
    while acks.is_empty() {
        dead.wait(Duration::from_secs(1)).await;
        dead.take_acks(&mut acks);
    }
    assert!(log.refresh(Duration::from_millis(800)).await.is_err(), "the end is behind the open transaction");
    // Claiming aborts it.
    log.claim().await.unwrap();
    log.put_connector("c", &map(&[]), None).await.unwrap();
    assert_eq!(log.snapshot().connectors().collect::<Vec<_>>(), ["c"]);
    log.stop().await;
}
