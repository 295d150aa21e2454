//! Producers against a live broker.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::{Duration, Instant};

use support::*;
use watertight_kafka::*;

#[tokio::test]
async fn every_record_is_acknowledged_once_with_its_offset() {
    let broker = Broker::start();
    let topic = unique();
    let lease = ProducerPool::new(1).lease(&broker.producer(&[])).unwrap();
    let count = 150_000;
    for seq in 0..count {
        send(&lease, record(&topic, format!("value {seq}").as_bytes()), seq).await;
    }
    let mut acks = Vec::new();
    while acks.len() < count as usize {
        assert!(lease.wait(Duration::from_secs(30)).await || lease.in_flight() == 0);
        lease.take_acks(&mut acks);
    }
    assert_eq!(lease.in_flight(), 0);
    acks.sort_by_key(|ack| ack.seq);
    for (at, ack) in acks.iter().enumerate() {
        assert_eq!(ack.seq, at as u64);
        assert_eq!(ack.result, Ok((0, at as i64)));
    }
}

#[tokio::test]
async fn tasks_share_a_producer_and_get_their_own_acknowledgements() {
    let broker = Broker::start();
    let (one, two) = (unique(), unique());
    let pool = ProducerPool::new(1);
    let settings = broker.producer(&[]);
    let a = pool.lease(&settings).unwrap();
    let b = pool.lease(&settings).unwrap();
    assert_eq!(pool.producers(), 1);
    for seq in 0..1000 {
        send(&a, record(&one, b"a"), seq).await;
        send(&b, record(&two, b"b"), 5000 + seq).await;
    }
    let (for_a, for_b) = tokio::join!(settle(&a), settle(&b));
    assert_eq!((for_a.len(), for_b.len()), (1000, 1000));
    assert!(for_a.iter().all(|ack| ack.seq < 1000 && ack.result.is_ok()));
    assert!(for_b.iter().all(|ack| ack.seq >= 5000 && ack.result.is_ok()));
    drop(a);
    assert_eq!(pool.producers(), 1);
    drop(b);
    assert_eq!(pool.producers(), 0);
    let idempotent = broker.producer(&[("enable.idempotence", "true")]);
    let _c = pool.lease(&idempotent).unwrap();
    assert_eq!(pool.producers(), 0, "an idempotent producer is nobody else's");
}

#[tokio::test]
async fn dropping_the_last_lease_does_not_wait_and_loses_nothing() {
    let broker = Broker::start();
    let topic = unique();
    write(&broker, &topic, ["first".to_owned()]).await;
    let lease = ProducerPool::new(1).lease(&broker.producer(&[("linger.ms", "200")])).unwrap();
    for seq in 0..1000 {
        send(&lease, record(&topic, b"x"), seq).await;
    }
    let start = Instant::now();
    drop(lease);
    assert!(start.elapsed() < Duration::from_millis(50), "{:?}", start.elapsed());
    let partition = TopicPartition::new(topic, 0);
    let start = Instant::now();
    while broker.admin().end_offsets(std::slice::from_ref(&partition)).await.unwrap()[0].1 < 1001 {
        assert!(start.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_task_gets_its_turn_when_its_neighbour_fills_the_producer() {
    let broker = Broker::start();
    let topic = unique();
    write(&broker, &topic, ["x".to_owned()]).await;
    let pool = ProducerPool::new(1);
    let settings = broker.producer(&[("buffer.memory", "1048576"), ("linger.ms", "100")]);
    let greedy = pool.lease(&settings).unwrap();
    let modest = pool.lease(&settings).unwrap();
    let large = vec![b'x'; 10_000];
    let mut seq = 0;
    while greedy.send(record(&topic, &large), seq).is_ok() {
        seq += 1;
    }
    assert_eq!(modest.send(record(&topic, &large), 0), Err(SendError::QueueFull));
    let start = Instant::now();
    send(&modest, record(&topic, &large), 0).await;
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    settle(&greedy).await;
    assert_eq!(settle(&modest).await.len(), 1);
}

#[tokio::test]
async fn without_a_broker_the_window_fills_and_nothing_blocks() {
    let settings = producer_settings([("bootstrap.servers", "127.0.0.1:1")], "c").unwrap().settings;
    let lease = ProducerPool::new(1).lease(&settings).unwrap();
    let start = Instant::now();
    let mut sent = 0;
    let error = loop {
        match lease.send(record("nowhere", b"x"), sent) {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error, SendError::QueueFull);
    assert_eq!(sent as usize, producer::WINDOW_RECORDS);
    assert!(!lease.wait(Duration::from_millis(100)).await);
    drop(lease);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn what_cannot_be_written_is_refused_at_once() {
    let broker = Broker::start();
    let topic = unique();
    let lease = ProducerPool::new(1).lease(&broker.producer(&[])).unwrap();
    let large = vec![b'x'; 1_100_000];
    let error = lease.send(record(&topic, &large), 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The message is 1100000 bytes when serialized which is larger than 1048576, \
         which is the value of the max.request.size configuration."
    );
    let error = lease.send(OutRecord { timestamp: Some(-5), ..record(&topic, b"x") }, 0).unwrap_err();
    assert!(matches!(error, SendError::Invalid(_)), "{error}");
    assert!(matches!(lease.send(record("", b"x"), 0).unwrap_err(), SendError::Invalid(_)));
    assert_eq!(lease.in_flight(), 0);
}

#[tokio::test]
async fn records_without_partition_key_or_value_keep_their_headers_and_are_acknowledged_by_number() {
    let broker = Broker::start();
    let topic = unique();
    broker.admin().create_topic(&NewTopic::new(&topic)).await.unwrap();
    let keys = [("client.id", "connector-dlq-producer-t-0"), ("bootstrap.servers", broker.address.as_str())];
    let settings = producer_settings(keys, "connector-dlq-producer-t-0").unwrap().settings;
    let lease = ProducerPool::new(1).lease(&settings).unwrap();
    let headers = [
        ("__connect.errors.stage".to_owned(), Some(b"VALUE_CONVERTER".to_vec())),
        ("twice".to_owned(), None),
        ("twice".to_owned(), Some(Vec::new())),
    ];
    let bad = OutRecord { value: None, headers: &headers, timestamp: Some(17), ..record(&topic, b"") };
    let keyed = OutRecord { key: Some(b"k"), ..bad };
    for (seq, one) in [(700, bad), (3, keyed), (41, bad)] {
        send(&lease, one, seq).await;
    }
    let mut numbers: Vec<u64> = settle(&lease)
        .await
        .into_iter()
        .map(|ack| {
            assert!(ack.result.is_ok(), "{ack:?}");
            ack.seq
        })
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [3, 41, 700]);
    let mut consumer = SinkConsumer::subscribe(&broker.consumer(&unique(), &[]), &[topic]).await.unwrap();
    take_assignment(&mut consumer).await;
    let got = read(&mut consumer, 3).await;
    assert!(got.iter().all(|one| one.value.is_none() && one.timestamp == Some(17)), "{got:?}");
    assert_eq!(got.iter().filter(|one| one.key.as_deref() == Some(b"k")).count(), 1);
    for one in &got {
        let found: Vec<_> = one.headers.iter().map(|(key, value)| (key.as_str(), value.as_deref())).collect();
        assert_eq!(
            found,
            [("__connect.errors.stage", Some(&b"VALUE_CONVERTER"[..])), ("twice", None), ("twice", Some(&b""[..]))]
        );
    }
    consumer.close(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_topic_that_does_not_exist_is_asked_for() {
    let broker = Broker::start();
    let topic = unique();
    write(&broker, &topic, ["x".to_owned()]).await;
    let lease = ProducerPool::new(1).lease(&broker.producer(&[])).unwrap();
    assert_eq!(lease.refresh_topic(&topic).await, Ok(Some(1)));
    // A partition beyond the topic's end fails as retriable, at once or by acknowledgement.
    let beyond = OutRecord { partition: Some(7), ..record(&topic, b"x") };
    match lease.send(beyond, 0) {
        Err(SendError::UnknownTopic(text)) => assert!(text.contains("-7"), "{text}"),
        Ok(()) => {
            let acks = settle(&lease).await;
            assert!(acks[0].result.as_ref().unwrap_err().retriable, "{acks:?}");
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_broker_killed_and_back_gets_everything_in_order() {
    let mut broker = Broker::start();
    if !broker.is_ours() {
        return;
    }
    let topic = unique();
    let lease = ProducerPool::new(1).lease(&broker.producer(&[])).unwrap();
    let count = 20_000;
    for seq in 0..count {
        send(&lease, record(&topic, seq.to_string().as_bytes()), seq).await;
        if seq % 200 == 0 {
            lease.wait(Duration::from_millis(2)).await;
        }
        if seq % 8000 == 4000 {
            broker.kill();
        }
        if seq % 8000 == 6000 {
            broker.restart();
        }
    }
    let acks = settle(&lease).await;
    let failed: Vec<_> = acks.iter().filter(|ack| ack.result.is_err()).collect();
    assert!(failed.is_empty(), "{failed:?}");

    let mut consumer = SinkConsumer::subscribe(&broker.consumer(&unique(), &[]), &[topic]).await.unwrap();
    take_assignment(&mut consumer).await;
    let mut next = 0;
    let mut repeated = 0;
    while next < count {
        for record in read(&mut consumer, 1).await {
            let seq: u64 = std::str::from_utf8(record.value.as_deref().unwrap()).unwrap().parse().unwrap();
            assert!(seq <= next, "{next} is missing, {seq} came");
            if seq == next {
                next += 1;
            } else {
                repeated += 1;
            }
        }
    }
    println!("{repeated} records were written twice");
    consumer.close(Duration::from_secs(10)).await;
}
