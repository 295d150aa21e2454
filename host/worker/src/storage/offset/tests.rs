use serde_json::json;

use super::*;
use crate::offsets::Stored;
use crate::offsets::position::{Offset, key_bytes};
use crate::storage::log::LogTrouble;
use crate::storage::memory::{Memory, record};
use crate::storage::recorded::{OFFSETS, text};

fn object(value: serde_json::Value) -> Offset {
    value.as_object().unwrap().clone()
}

fn stored(partition: serde_json::Value, offset: serde_json::Value) -> Stored {
    Stored { partition: object(partition), offset: offset.as_object().cloned() }
}

async fn log(memory: &Memory) -> OffsetLog {
    let memory = memory.clone();
    OffsetLog::build(|apply| async move { Ok(memory.start(apply)) }).await.unwrap()
}

fn broken() -> Result<(), LogTrouble> {
    Err(LogTrouble { retriable: false, timed_out: false, text: "no".into() })
}

const K: &str = r#"["c",{"file":"a"}]"#;

#[test]
fn what_a_genuine_worker_wrote_is_written_byte_for_byte_from_what_was_read() {
    let mut cache = cache::Cache::default();
    for record in OFFSETS.records() {
        let key = text(record.key.as_ref()).unwrap();
        let value = text(record.value.as_ref());
        let before = cache.all("local-file-source");
        cache.apply(record);
        let all = cache.all("local-file-source");
        let entry = match value {
            Some(_) => all[0].clone(),
            None => Stored { offset: None, ..before[0].clone() },
        };
        let ours = &cache.records("local-file-source", &[entry])[0];
        assert_eq!((text(Some(&ours.0)).unwrap(), text(ours.1.as_ref())), (key, value));
    }
    assert!(cache.all("local-file-source").is_empty());
}

#[tokio::test]
async fn offsets_are_read_to_the_end_before_they_are_told() {
    let memory = Memory::with(&[(K, Some(r#"{"p":1}"#))]);
    let log = log(&memory).await;
    memory.add(&[(K, Some(r#"{"p":2}"#))]);
    let a = object(json!({"file": "a"}));
    assert_eq!(log.get("c", std::slice::from_ref(&a)).await.unwrap(), [Some(object(json!({"p": 2})))]);
    memory.add(&[(K, Some(r#"{"p":3}"#)), (r#"["d",{"file":"a"}]"#, Some("{}"))]);
    assert_eq!(log.all("c").await.unwrap(), [stored(json!({"file": "a"}), json!({"p": 3}))]);
    memory.add(&[(K, None)]);
    assert_eq!(log.get("c", &[a]).await.unwrap(), [None]);
    assert!(log.all("c").await.unwrap().is_empty());
    assert_eq!(log.all("nobody").await.unwrap(), []);
}

#[tokio::test]
async fn what_is_put_is_written_and_told() {
    let memory = Memory::default();
    let log = log(&memory).await;
    log.put("c", vec![stored(json!({"file": "a"}), json!({"p": 1}))]).await.unwrap();
    assert_eq!(memory.written(), [(K.to_owned(), Some(r#"{"p":1}"#.to_owned()))]);
    assert_eq!(log.all("c").await.unwrap().len(), 1);
    memory.next_writes([broken()]);
    assert_eq!(log.put("c", vec![stored(json!({"file": "a"}), json!(null))]).await.unwrap_err().to_string(), "no");
    log.put("c", vec![stored(json!({"file": "a"}), json!(null))]).await.unwrap();
    assert_eq!(memory.written()[1], (K.to_owned(), None));
    log.put("c", Vec::new()).await.unwrap();
    assert_eq!(memory.written().len(), 2);
}

#[tokio::test]
async fn a_key_is_written_again_as_somebody_else_wrote_it_first() {
    // Neither the order that we would give it nor our spelling.
    let theirs = r#"["c", {"table":"t","schema":"s","id":1.0}]"#;
    let memory = Memory::with(&[(theirs, Some(r#"{"p":1}"#))]);
    let log = log(&memory).await;
    log.put("c", vec![stored(json!({"id": 1.0, "schema": "s", "table": "t"}), json!({"p": 2}))]).await.unwrap();
    assert_eq!(memory.written()[1].0, theirs);
    log.all("c").await.unwrap();
    log.put("c", vec![stored(json!({"schema": "s", "table": "t", "id": 1.0}), json!(null))]).await.unwrap();
    assert_eq!(memory.written()[2], (theirs.to_owned(), None));
    log.all("c").await.unwrap();
    // Also when it has been deleted meanwhile.
    log.put("c", vec![stored(json!({"schema": "s", "table": "t", "id": 1.0}), json!({"p": 3}))]).await.unwrap();
    assert_eq!(memory.written()[3].0, theirs);
}

#[tokio::test]
async fn a_new_key_has_its_fields_in_the_order_of_a_hash_map() {
    let memory = Memory::default();
    let log = log(&memory).await;
    let partition = json!({"x": 1, "b": true, "n": null, "f": 1.5, "t": "é"});
    log.put("c", vec![stored(partition, json!({"z": 1, "a": 2}))]).await.unwrap();
    assert_eq!(
        memory.written(),
        [(r#"["c",{"b":true,"t":"é","f":1.5,"x":1,"n":null}]"#.to_owned(), Some(r#"{"z":1,"a":2}"#.to_owned()))]
    );
}

#[test]
fn of_several_keys_of_one_partition_the_newest_counts_and_all_are_deleted() {
    let (ab, ba) = (r#"["c",{"a":1,"b":2}]"#, r#"["c",{"b":2,"a":1}]"#);
    let at = |offset: i64, time: i64, key: &str, value: &str| {
        let mut record = record(offset, Some(key.as_bytes()), Some(value.as_bytes()));
        record.timestamp = Some(time);
        record
    };
    let partition = object(json!({"a": 1, "b": 2}));
    // They lie in different partitions of the topic, so they may come in any order.
    for order in [[0, 1], [1, 0]] {
        let records = [at(0, 10, ab, r#"{"p":"old"}"#), at(0, 20, ba, r#"{"p":"new"}"#)];
        let mut cache = cache::Cache::default();
        order.iter().for_each(|at: &usize| cache.apply(records[*at].clone()));
        assert_eq!(cache.get("c", &partition), Some(object(json!({"p": "new"}))), "{order:?}");
        assert_eq!(cache.all("c").len(), 1);
        let change = |offset| cache.records("c", &[Stored { partition: partition.clone(), offset }]);
        assert_eq!(change(Some(object(json!({}))))[0].0, ba.as_bytes());
        let mut deleted: Vec<_> =
            change(None).into_iter().map(|(key, value)| (text(Some(&key)).unwrap(), value)).collect();
        deleted.sort();
        assert_eq!(deleted, [(ab.to_owned(), None), (ba.to_owned(), None)]);
        // One of them deleted by somebody who knew only that one: the other counts.
        let mut gone = at(5, 30, ba, "");
        gone.value = None;
        cache.apply(gone);
        assert_eq!(cache.get("c", &partition), Some(object(json!({"p": "old"}))));
    }
}

#[tokio::test]
async fn what_is_no_key_is_passed_over_and_what_is_no_offset_is_none() {
    let memory = Memory::with(&[
        ("", Some("{}")),
        ("{", Some("{}")),
        ("[]", Some("{}")),
        (r#"["c"]"#, Some("{}")),
        (r#"["c",{},1]"#, Some("{}")),
        (r#"[1,{}]"#, Some("{}")),
        (r#"["c",null]"#, Some("{}")),
        (r#"["c",{"ok":1}]"#, Some("nonsense")),
        (r#"["c",{"ok":2}]"#, Some("null")),
        (r#"["c",{"ok":3}]"#, Some(r#"{"p":1}"#)),
    ]);
    let log = log(&memory).await;
    let all = log.all("c").await.unwrap();
    let offsets: Vec<_> = all.iter().map(|stored| stored.offset.is_some()).collect();
    assert_eq!(offsets, [false, false, true]);
    let mut cache = cache::Cache::default();
    cache.apply(record(0, None, Some(b"{}")));
    assert!(cache.all("c").is_empty());
}

async fn both() -> (ConnectorOffsets, Memory, Memory) {
    let (own, workers) = (Memory::default(), Memory::default());
    let store = ConnectorOffsets { topic: "own".into(), own: log(&own).await, workers: Some(log(&workers).await) };
    (store, own, workers)
}

/// What nobody waits for has been done when this returns.
async fn until(memory: &Memory, count: usize) {
    for _ in 0..300 {
        if memory.written().len() >= count {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{:?}", memory.written());
}

#[tokio::test]
async fn a_connectors_own_topic_counts_and_the_workers_fills_the_gaps() {
    let (store, own, workers) = both().await;
    workers.add(&[(K, Some(r#"{"p":1}"#)), (r#"["c",{"file":"b"}]"#, Some(r#"{"p":2}"#))]);
    own.add(&[(K, Some(r#"{"p":9}"#))]);
    let partitions = ["a", "b", "z"].map(|file| object(json!({"file": file})));
    let found = store.get("c", &partitions).await.unwrap();
    assert_eq!(found, [Some(object(json!({"p": 9}))), Some(object(json!({"p": 2}))), None]);
    let all = store.all("c").await.unwrap();
    assert_eq!(all, [stored(json!({"file": "a"}), json!({"p": 9})), stored(json!({"file": "b"}), json!({"p": 2}))]);
}

#[tokio::test]
async fn offsets_go_to_the_connectors_topic_and_then_to_the_workers_deletions_the_other_way_round() {
    let (store, own, workers) = both().await;
    let kept = stored(json!({"file": "a"}), json!({"p": 1}));
    let deleted = stored(json!({"file": "b"}), json!(null));
    store.put("c", vec![kept.clone()]).await.unwrap();
    until(&workers, 1).await;
    assert_eq!(own.written(), workers.written());
    // What the worker's topic refuses to forget, stays in both.
    workers.next_writes([broken()]);
    store.put("c", vec![kept.clone(), deleted.clone()]).await.unwrap_err();
    assert_eq!((own.written().len(), workers.written().len()), (1, 1));
    // What it refuses to take beside the connector's, is no failure.
    workers.next_writes([Ok(()), broken()]);
    store.put("c", vec![kept.clone(), deleted.clone()]).await.unwrap();
    assert_eq!(own.written().len(), 3);
    until(&workers, 2).await;
    assert_eq!(workers.written()[1], (r#"["c",{"file":"b"}]"#.to_owned(), None));
    // Where the connector's own fails, nothing is written behind it.
    own.next_writes([broken()]);
    store.put("c", vec![kept]).await.unwrap_err();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(workers.written().len(), 2);
}

#[tokio::test]
async fn who_writes_the_records_himself_gets_them_with_their_topic() {
    let (store, own, workers) = both().await;
    let entries = [stored(json!({"file": "a"}), json!({"p": 1})), stored(json!({"file": "b"}), json!(null))];
    let records = store.records("c", &entries).unwrap();
    assert_eq!(records.topic, "own");
    assert_eq!(records.records[0], (key_bytes("c", &entries[0].partition), Some(br#"{"p":1}"#.to_vec())));
    assert_eq!(records.records[1].1, None);
    store.before_records("c", &entries).await.unwrap();
    assert_eq!(workers.written(), [(r#"["c",{"file":"b"}]"#.to_owned(), None)]);
    store.after_records("c", &entries);
    until(&workers, 2).await;
    assert_eq!((own.written().len(), workers.written()[1].0.as_str()), (0, K));
}
