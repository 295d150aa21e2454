//! Offsets in the worker's topic and in connectors' own, with others' transactions beside them.

use std::time::Duration;

use serde_json::json;
use watertight_kafka::{OutRecord, ProducerLease};
use watertight_worker::entities::ConfigMap;
use watertight_worker::offsets::position::Offset;
use watertight_worker::offsets::{OffsetStore, OffsetStores, Stored};
use watertight_worker::storage::OffsetLogs;

use crate::cluster::{LONG, shared};

fn object(value: serde_json::Value) -> Offset {
    value.as_object().unwrap().clone()
}

fn stored(file: &str, position: Option<i64>) -> Stored {
    let offset = position.map(|position| object(json!({"position": position})));
    Stored { partition: object(json!({"filename": file})), offset }
}

fn settings(pairs: &[(&str, &str)]) -> ConfigMap {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

async fn position(store: &dyn OffsetStore, file: &str) -> Option<i64> {
    let partition = stored(file, None).partition;
    let found = tokio::time::timeout(LONG, store.get("c", &[partition])).await.unwrap().unwrap();
    found[0].as_ref().map(|offset| offset["position"].as_i64().unwrap())
}

/// Writes in the transaction that has been begun; returns when the broker has it.
async fn write(lease: &ProducerLease, topic: &str, records: &[(Vec<u8>, Option<Vec<u8>>)]) {
    for (seq, (key, value)) in (0..).zip(records) {
        let record = OutRecord {
            topic,
            partition: None,
            key: Some(key),
            value: value.as_deref(),
            headers: &[],
            timestamp: None,
        };
        while lease.send(record, seq).is_err() {
            lease.refresh_topic(topic).await.unwrap();
        }
    }
    let (mut acks, mut count) = (Vec::new(), 0);
    while count < records.len() {
        lease.wait(Duration::from_secs(1)).await;
        lease.take_acks(&mut acks);
        assert!(acks.iter().all(|ack| ack.result.is_ok()), "{acks:?}");
        count += std::mem::take(&mut acks).len();
    }
}

#[tokio::test]
async fn every_worker_finds_what_another_wrote() {
    let Some(cluster) = shared("offsets-shared") else { return };
    let parts = cluster.parts(&[]);
    let first = OffsetLogs::start(&parts).await.unwrap();
    let second = OffsetLogs::start(&parts).await.unwrap();
    let many: Vec<Stored> = (0..200).map(|n| stored(&format!("f{n}"), Some(n))).collect();
    first.of("c", &settings(&[])).await.unwrap().put("c", many).await.unwrap();
    let store = second.of("c", &settings(&[])).await.unwrap();
    assert_eq!(position(&*store, "f17").await, Some(17));
    assert_eq!(store.all("c").await.unwrap().len(), 200);
    store.put("c", vec![stored("f17", None), stored("f18", Some(1000))]).await.unwrap();
    let store = first.workers();
    assert_eq!((position(store, "f17").await, position(store, "f18").await), (None, Some(1000)));
    assert_eq!(store.all("c").await.unwrap().len(), 199);
    first.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn an_open_transaction_of_somebody_else_is_waited_for() {
    let Some(cluster) = shared("offsets-open") else { return };
    let parts = cluster.parts(&[("exactly.once.source.support", "enabled"), ("offset.storage.partitions", "1")]);
    let logs = OffsetLogs::start(&parts).await.unwrap();
    let store = logs.of("c", &settings(&[])).await.unwrap();
    let stranger = cluster.transactions(&cluster.topic("stranger")).await;
    for (round, commits) in [(1, true), (2, false)] {
        stranger.begin_transaction().await.unwrap();
        let strangers = stored("theirs", Some(round));
        let records = store.records("c", &[strangers]).unwrap();
        write(&stranger, &records.topic, &records.records).await;
        // Behind it in the same partition of the topic; its reader must not stop in front of it.
        store.put("c", vec![stored("ours", Some(round))]).await.unwrap();
        let asked = position(&*store, "ours");
        tokio::pin!(asked);
        assert!(tokio::time::timeout(Duration::from_secs(1), &mut asked).await.is_err(), "not before the end is known");
        if commits {
            stranger.commit_transaction(LONG).await.unwrap();
        } else {
            stranger.abort_transaction(LONG).await.unwrap();
        }
        assert_eq!(asked.await, Some(round));
        assert_eq!(position(&*store, "theirs").await, Some(1), "what was aborted was never said");
    }
    logs.stop().await;
}

#[tokio::test]
async fn a_connectors_own_topic_is_made_and_comes_first() {
    let Some(cluster) = shared("offsets-own") else { return };
    let parts = cluster.parts(&[("offset.storage.partitions", "3")]);
    let logs = OffsetLogs::start(&parts).await.unwrap();
    let topic = cluster.topic("own");
    logs.workers().put("c", vec![stored("a", Some(1)), stored("b", Some(1))]).await.unwrap();
    let own = settings(&[("offsets.storage.topic", &topic)]);
    let store = logs.of("c", &own).await.unwrap();
    let made = cluster.admin().describe_topic(&topic).await.unwrap().unwrap();
    assert_eq!(made.partitions, 3);
    store.put("c", vec![stored("a", Some(2))]).await.unwrap();
    assert_eq!((position(&*store, "a").await, position(&*store, "b").await), (Some(2), Some(1)));
    // The worker's topic follows, without anybody waiting for it.
    let begun = std::time::Instant::now();
    while position(logs.workers(), "a").await != Some(2) {
        assert!(begun.elapsed() < LONG);
    }
    store.put("c", vec![stored("a", None), stored("b", None)]).await.unwrap();
    assert_eq!(store.all("c").await.unwrap(), []);
    assert_eq!(logs.workers().all("c").await.unwrap(), []);
    // Many tasks read it once.
    let again = logs.of("c", &own).await.unwrap();
    assert_eq!(again.records("c", &[]).unwrap().topic, topic);
    assert_eq!(logs.readers().await, 1);
    drop((store, again));
    assert_eq!(logs.readers().await, 0);
    // The worker's own under its name, and none at all.
    let same = settings(&[("offsets.storage.topic", &cluster.topic("offset"))]);
    let store = logs.of("c", &same).await.unwrap();
    store.put("c", vec![stored("a", Some(3))]).await.unwrap();
    assert_eq!(position(logs.workers(), "a").await, Some(3));
    logs.stop().await;
}

#[tokio::test]
async fn what_a_task_wrote_in_its_transaction_is_found_after_its_commit() {
    let Some(cluster) = shared("offsets-exactly") else { return };
    let parts = cluster.parts(&[("exactly.once.source.support", "enabled")]);
    let logs = OffsetLogs::start(&parts).await.unwrap();
    let topic = cluster.topic("own");
    let store = logs.of("c", &settings(&[("offsets.storage.topic", &topic)])).await.unwrap();
    let task = cluster.transactions(&cluster.topic("task")).await;
    for (round, commits) in [(1, true), (2, false), (3, true)] {
        let entries = [stored("a", Some(round))];
        task.begin_transaction().await.unwrap();
        store.before_records("c", &entries).await.unwrap();
        let records = store.records("c", &entries).unwrap();
        assert_eq!(records.topic, topic);
        write(&task, &records.topic, &records.records).await;
        if commits {
            task.commit_transaction(LONG).await.unwrap();
            store.after_records("c", &entries);
        } else {
            task.abort_transaction(LONG).await.unwrap();
        }
        assert_eq!(position(&*store, "a").await, Some(if commits { round } else { 1 }));
    }
    logs.stop().await;
}
