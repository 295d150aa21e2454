//! Topics as logs, on a genuine broker.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod genuine;
mod support;

use std::time::{Duration, Instant};

use genuine::*;
use support::{record, send, settle, unique};
use watertight_kafka::*;

const LONG: Duration = Duration::from_secs(300);
/// Long enough for what does happen to have happened.
const SHORT: Duration = Duration::from_millis(1500);

const COMMITTED: &str = "read_committed";
const UNCOMMITTED: &str = "read_uncommitted";

fn pair(key: &str, value: &str) -> KeyValue {
    (Some(key.as_bytes().to_vec()), Some(value.as_bytes().to_vec()))
}

#[tokio::test]
async fn a_log_applies_what_was_there_before_and_what_it_writes_itself() {
    let Some(at) = shared("log").map(At) else { return };
    let topic = unique();
    at.topic(&topic, 3, &[]).await;
    let (first, applied) = at.log(&topic, COMMITTED).await;
    assert_eq!((first.partitions(), applied.count()), (3, 0));
    let many: Vec<_> = (0..2000).map(|n| pair(&format!("k{}", n % 50), &n.to_string())).collect();
    first.send_all(many).await.unwrap();
    first.read_to_end(LONG).await.unwrap();
    assert_eq!(applied.count(), 2000);
    let (second, earlier) = at.log(&topic, UNCOMMITTED).await;
    assert_eq!(earlier.count(), 2000, "all was applied before the start was over");
    for n in 0..30 {
        second.send(Some(b"k"), if n % 3 == 0 { None } else { Some(b"v") }).await.unwrap();
        second.read_to_end(LONG).await.unwrap();
        assert_eq!(earlier.count(), 2001 + n, "what it wrote itself");
        first.read_to_end(LONG).await.unwrap();
        assert_eq!(applied.count(), 2001 + n, "what another wrote");
    }
    assert_eq!(earlier.records().iter().filter(|one| one.value.is_none()).count(), 10);
    for key in 0..50 {
        let key = format!("k{key}").into_bytes();
        let of_key = |all: Vec<InRecord>| -> Vec<_> {
            all.into_iter()
                .filter(|one| one.key.as_ref() == Some(&key))
                .map(|one| (one.partition, one.offset))
                .collect()
        };
        let places = of_key(earlier.records());
        assert!(places.len() >= 40 && places.is_sorted(), "{places:?}");
        assert_eq!(places, of_key(applied.records()));
    }
    first.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn anothers_open_transaction_holds_up_who_reads_committed_records_only() {
    let Some(at) = shared("log").map(At) else { return };
    let topic = unique();
    at.topic(&topic, 1, &[]).await;
    let (strict, seen) = at.log(&topic, COMMITTED).await;
    let (lax, all) = at.log(&topic, UNCOMMITTED).await;
    let other = at.transactions(&unique(), &[]).await;
    for (round, commit) in [true, false, true].into_iter().enumerate() {
        let before = (seen.count(), all.count());
        other.begin_transaction().await.unwrap();
        send(&other, record(&topic, b"theirs"), round as u64).await;
        assert!(settle(&other).await[0].result.is_ok());
        strict.send(None, Some(b"ours")).await.unwrap();
        let error = strict.read_to_end(SHORT).await.unwrap_err();
        assert!(matches!(error, LogError::TimedOut { .. }) && error.is_retriable(), "{error}");
        assert!(error.to_string().contains("transaction"), "{error}");
        assert_eq!(seen.count(), before.0, "what we wrote ourselves comes after the open transaction");
        lax.read_to_end(LONG).await.unwrap();
        assert_eq!(all.count(), before.1 + 2);
        // Who waits when it ends is told.
        let waiting = tokio::spawn({
            let strict = strict.clone();
            async move { strict.read_to_end(LONG).await }
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!waiting.is_finished());
        if commit {
            other.commit_transaction(LONG).await.unwrap();
        } else {
            other.abort_transaction(LONG).await.unwrap();
        }
        waiting.await.unwrap().unwrap();
        let ours = if commit { vec!["theirs", "ours"] } else { vec!["ours"] };
        assert_eq!(seen.values()[before.0..], ours);
        lax.read_to_end(LONG).await.unwrap();
        assert_eq!(all.count(), before.1 + 2, "a mark is no record");
    }
}

#[tokio::test]
async fn a_tail_without_records_is_an_end_too() {
    let Some(at) = shared("log").map(At) else { return };
    let topic = unique();
    at.topic(&topic, 1, &[]).await;
    let (early, seen) = at.log(&topic, COMMITTED).await;
    early.send(None, Some(b"one")).await.unwrap();
    let other = at.transactions(&unique(), &[]).await;
    for round in 0..3 {
        other.begin_transaction().await.unwrap();
        for n in 0..5 {
            send(&other, record(&topic, b"aborted"), round * 5 + n).await;
        }
        settle(&other).await;
        other.abort_transaction(LONG).await.unwrap();
    }
    early.read_to_end(LONG).await.unwrap();
    early.read_to_end(LONG).await.unwrap();
    assert_eq!(seen.values(), ["one"]);
    let (late, also) = at.log(&topic, COMMITTED).await;
    assert_eq!(also.values(), ["one"]);
    let (lax, all) = at.log(&topic, UNCOMMITTED).await;
    assert_eq!(all.count(), 16);
    for log in [late, lax] {
        log.read_to_end(LONG).await.unwrap();
    }
}

#[tokio::test]
async fn what_compaction_and_retention_removed_is_not_waited_for() {
    let Some(at) = shared("log").map(At) else { return };
    let (compacted, expired) = (unique(), unique());
    let eager = [
        ("cleanup.policy", "compact"),
        ("segment.bytes", "1048576"),
        ("min.cleanable.dirty.ratio", "0.01"),
        ("delete.retention.ms", "0"),
    ];
    at.topic(&compacted, 1, &eager).await;
    at.topic(&expired, 1, &[("retention.ms", "1")]).await;
    let (writer, _) = at.log(&compacted, COMMITTED).await;
    let large = "x".repeat(100_000);
    let other = at.transactions(&unique(), &[]).await;
    for n in 0..60u64 {
        writer.send_all(vec![pair("same", &large)]).await.unwrap();
        if n % 10 == 0 {
            other.begin_transaction().await.unwrap();
            send(&other, OutRecord { key: Some(b"same"), ..record(&compacted, large.as_bytes()) }, n).await;
            settle(&other).await;
            other.abort_transaction(LONG).await.unwrap();
        }
    }
    until("compaction", || async {
        let (log, applied) = at.log(&compacted, COMMITTED).await;
        log.read_to_end(LONG).await.unwrap();
        log.stop().await;
        applied.count() < 40
    })
    .await;
    let (gone, _) = at.log(&expired, UNCOMMITTED).await;
    gone.send_all(vec![pair("a", "1"), pair("b", "2")]).await.unwrap();
    let partition = [TopicPartition::new(expired.as_str(), 0)];
    until("retention", || async { at.admin().start_offsets(&partition).await.unwrap()[0].1 == 2 }).await;
    let (log, applied) = at.log(&expired, COMMITTED).await;
    log.read_to_end(LONG).await.unwrap();
    assert_eq!(applied.count(), 0);
    gone.read_to_end(LONG).await.unwrap();
}

#[tokio::test]
async fn records_of_others_come_as_they_are_and_a_panic_costs_one() {
    let Some(at) = shared("log").map(At) else { return };
    let topic = unique();
    at.topic(&topic, 1, &[]).await;
    let lease = ProducerPool::new(1).lease(&at.producer(&[])).unwrap();
    let headers = [("h".to_owned(), None), ("h".to_owned(), Some(vec![0xff]))];
    let odd = [
        OutRecord { key: None, value: None, ..record(&topic, b"") },
        OutRecord { key: Some(b""), value: Some(b""), ..record(&topic, b"") },
        OutRecord { key: Some(b"panic"), ..record(&topic, b"") },
        OutRecord { key: Some(&[0xfe, 0x00]), headers: &headers, timestamp: Some(5), ..record(&topic, b"\xff\x00") },
    ];
    for (seq, one) in odd.into_iter().enumerate() {
        send(&lease, one, seq as u64).await;
    }
    settle(&lease).await;
    let applied = Applied::default();
    let mut take = applied.taker();
    let settings = LogSettings { topic: topic.clone(), reader: at.reader(COMMITTED), writer: None, admin: at.admin() };
    let log = TopicLog::start(settings, move |record| {
        assert_ne!(record.key.as_deref(), Some(&b"panic"[..]));
        take(record);
    })
    .await
    .unwrap();
    let got = applied.records();
    assert_eq!(got.iter().map(|one| one.offset).collect::<Vec<_>>(), [0, 1, 3]);
    assert_eq!((&got[0].key, &got[0].value), (&None, &None));
    assert_eq!((&got[1].key, &got[1].value), (&Some(vec![]), &Some(vec![])));
    assert_eq!((got[2].key.as_deref(), got[2].timestamp), (Some(&[0xfe, 0x00][..]), Some(5)));
    assert_eq!(got[2].headers, headers);
    assert_eq!(log.send(None, None).await, Err(LogError::ReadOnly { topic: topic.as_str().into() }));
}

#[tokio::test]
async fn a_log_outlives_its_brokers_death() {
    let Some(mut broker) = own("log-death") else { return };
    let at = At(broker.bootstrap());
    let topic = unique();
    at.topic(&topic, 2, &[]).await;
    let (patient, seen) = at.log(&topic, UNCOMMITTED).await;
    let hasty = at.producer(&[("delivery.timeout.ms", "2000"), ("request.timeout.ms", "1000"), ("linger.ms", "0")]);
    let (hasty, _) = at.log_with(&topic, COMMITTED, hasty).await;
    patient.send(Some(b"a"), Some(b"before")).await.unwrap();
    hasty.read_to_end(LONG).await.unwrap();

    broker.kill();
    let error = hasty.send(Some(b"a"), Some(b"lost")).await.unwrap_err();
    assert!(error.is_retriable() && !error.is_fenced(), "{error}");
    let error = hasty.read_to_end(SHORT).await.unwrap_err();
    assert!(matches!(error, LogError::TimedOut { .. }), "{error}");
    let waiting = tokio::spawn({
        let patient = patient.clone();
        async move { patient.send(Some(b"b"), Some(b"waited")).await }
    });
    let reading = tokio::spawn({
        let patient = patient.clone();
        async move { patient.read_to_end(LONG).await }
    });
    tokio::time::sleep(SHORT).await;
    assert!(!waiting.is_finished() && !reading.is_finished());

    broker.restart().unwrap();
    waiting.await.unwrap().unwrap();
    reading.await.unwrap().unwrap();
    patient.send(Some(b"a"), Some(b"after")).await.unwrap();
    patient.read_to_end(LONG).await.unwrap();
    let mut values = seen.values();
    values.sort_unstable();
    assert_eq!(values, ["after", "before", "waited"], "none lost, none twice");

    // Clones and readers end in time without a broker too.
    broker.kill();
    let start = Instant::now();
    let late = tokio::spawn({
        let patient = patient.clone();
        async move { patient.send(None, Some(b"never")).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    patient.stop().await;
    assert!(late.await.unwrap().is_err());
    assert!(matches!(patient.send(None, None).await, Err(LogError::Stopped { .. })));
    assert!(patient.read_to_end(Duration::from_millis(300)).await.is_err());
    drop(hasty);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[tokio::test]
async fn what_was_purged_is_told_and_not_written() {
    let Some(mut broker) = own("log-purge") else { return };
    let at = At(broker.bootstrap());
    let topic = unique();
    at.topic(&topic, 1, &[]).await;
    let (log, seen) = at.log(&topic, UNCOMMITTED).await;
    log.send(None, Some(b"kept")).await.unwrap();
    broker.kill();
    let writes: Vec<_> = (0..20)
        .map(|_| {
            let log = log.clone();
            tokio::spawn(async move { log.send(None, Some(b"dropped")).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Given up before it was handed over: not even tried.
    assert!(tokio::time::timeout(Duration::ZERO, log.send(None, Some(b"dropped"))).await.is_err());
    log.purge();
    for write in writes {
        let error = write.await.unwrap().unwrap_err();
        assert!(error.to_string().contains("_PURGE_") && !error.is_retriable(), "{error}");
    }
    broker.restart().unwrap();
    log.send(None, Some(b"and this")).await.unwrap();
    log.read_to_end(LONG).await.unwrap();
    assert_eq!(seen.values(), ["kept", "and this"]);
}

#[tokio::test]
async fn who_claims_a_transactional_writer_fences_off_the_one_before() {
    let Some(at) = shared("log").map(At) else { return };
    let (topic, id) = (unique(), unique());
    at.topic(&topic, 1, &[]).await;
    let (reader, seen) = at.log(&topic, COMMITTED).await;
    let first = LogWriter::start(&topic, at.transactional(&id, &[])).await.unwrap();
    first.send_all(vec![pair("a", "1"), pair("b", "2")]).await.unwrap();
    first.send_all(Vec::new()).await.unwrap();
    let second = LogWriter::start(&topic, at.transactional(&id, &[])).await.unwrap();
    second.send(Some(b"c"), Some(b"3")).await.unwrap();
    for _ in 0..3 {
        let error = first.send(Some(b"d"), Some(b"zombie")).await.unwrap_err();
        assert!(error.is_fenced() && !error.is_retriable(), "{error}");
    }
    second.send(Some(b"e"), Some(b"4")).await.unwrap();
    reader.read_to_end(LONG).await.unwrap();
    assert_eq!(seen.values(), ["1", "2", "3", "4"]);
    let end = at.admin().end_offsets(&[TopicPartition::new(topic, 0)]).await.unwrap()[0].1;
    assert!(end >= 7, "a mark behind each transaction: {end}");
    first.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn a_write_too_large_is_refused_and_its_transaction_leaves_nothing() {
    let Some(at) = shared("log").map(At) else { return };
    let topic = unique();
    at.topic(&topic, 1, &[]).await;
    let (log, seen) = at.log_with(&topic, COMMITTED, at.transactional(&unique(), &[])).await;
    let error = log.send_all(vec![pair("a", "1"), pair("b", &"x".repeat(2_000_000))]).await.unwrap_err();
    assert!(!error.is_retriable() && error.to_string().contains("max.request.size"), "{error}");
    log.send_all(vec![pair("a", "2")]).await.unwrap();
    log.read_to_end(LONG).await.unwrap();
    assert_eq!(seen.values(), ["2"]);
}
