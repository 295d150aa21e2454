//! Sink consumers against a live broker.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use support::*;
use watertight_kafka::*;

#[tokio::test]
async fn records_come_back_as_they_were_sent() {
    let broker = Broker::start();
    let topic = unique();
    let lease = ProducerPool::new(1).lease(&broker.producer(&[])).unwrap();
    let headers =
        vec![("a".to_owned(), Some(b"1".to_vec())), ("a".to_owned(), None), ("ü".to_owned(), Some(Vec::new()))];
    let full = OutRecord {
        topic: &topic,
        partition: Some(0),
        key: Some(b"k"),
        value: Some(b"v"),
        headers: &headers,
        timestamp: Some(1_234_567),
    };
    let tombstone = OutRecord { value: None, headers: &[], ..full };
    let empty = OutRecord { key: Some(b""), value: Some(b""), ..tombstone };
    let bare = OutRecord { key: None, timestamp: None, ..empty };
    for (seq, record) in [full, tombstone, empty, bare].into_iter().enumerate() {
        send(&lease, record, seq as u64).await;
    }
    settle(&lease).await;

    let mut consumer =
        SinkConsumer::subscribe(&broker.consumer(&unique(), &[]), std::slice::from_ref(&topic)).await.unwrap();
    take_assignment(&mut consumer).await;
    let records = read(&mut consumer, 4).await;
    assert_eq!(&*records[0].topic, topic);
    assert_eq!(records[0].key.as_deref(), Some(&b"k"[..]));
    assert_eq!(records[0].value.as_deref(), Some(&b"v"[..]));
    assert_eq!(records[0].headers, headers);
    assert_eq!(records[0].timestamp, Some(1_234_567));
    assert_eq!(records[0].timestamp_type, TimestampType::CreateTime);
    assert_eq!(records[1].value, None);
    assert_eq!(records[2].key, Some(Vec::new()));
    assert_eq!(records[2].value, Some(Vec::new()));
    assert_eq!(records[3].key, None);
    assert!(records[3].timestamp.unwrap() > 1_700_000_000_000);
    assert_eq!(records.iter().map(|r| r.offset).collect::<Vec<_>>(), [0, 1, 2, 3]);
    consumer.close(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn offsets_are_committed_and_found_again() {
    let broker = Broker::start();
    let (topic, group) = (unique(), unique());
    write(&broker, &topic, (0..10).map(|n| n.to_string())).await;
    let at = TopicPartition::new(topic.clone(), 0);
    let mut consumer =
        SinkConsumer::subscribe(&broker.consumer(&group, &[]), std::slice::from_ref(&topic)).await.unwrap();
    let taken = take_assignment(&mut consumer).await;
    assert_eq!(taken, std::slice::from_ref(&at));
    assert_eq!(consumer.committed(&taken).await.unwrap(), [None]);
    read(&mut consumer, 10).await;
    consumer.commit(&[]).await.unwrap();
    consumer.commit(&[(at.clone(), 7)]).await.unwrap();
    assert_eq!(consumer.committed(&taken).await.unwrap(), [Some(7)]);
    assert_eq!(broker.admin().group_offsets(&group).await.unwrap(), [(at.clone(), 7)]);
    consumer.seek(&[(at.clone(), 3)]).await.unwrap();
    assert_eq!(read(&mut consumer, 7).await[0].offset, 3);
    consumer.close(Duration::from_secs(10)).await;

    let mut consumer = SinkConsumer::subscribe(&broker.consumer(&group, &[]), &[topic]).await.unwrap();
    let Event::Assigned(taken) = event(&mut consumer).await else { panic!() };
    let committed = consumer.committed(&taken).await.unwrap()[0].unwrap();
    consumer.assign(&[(at, committed)]).await.unwrap();
    assert_eq!(read(&mut consumer, 3).await[0].offset, 7);
    consumer.close(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn nothing_is_delivered_until_an_assignment_is_answered() {
    let broker = Broker::start();
    let topic = unique();
    write(&broker, &topic, ["x".to_owned()]).await;
    let mut consumer = SinkConsumer::subscribe(&broker.consumer(&unique(), &[]), &[topic]).await.unwrap();
    let Event::Assigned(taken) = event(&mut consumer).await else { panic!() };
    for _ in 0..5 {
        let event = consumer.next(10, Duration::from_millis(200)).await;
        assert!(matches!(event, Event::Idle), "{event:?}");
    }
    consumer.assign(&[(taken[0].clone(), 0)]).await.unwrap();
    assert_eq!(read(&mut consumer, 1).await.len(), 1);
    consumer.close(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_second_member_revokes_and_its_leaving_gives_back() {
    let broker = Broker::start();
    let (topic, group) = (unique(), unique());
    write(&broker, &topic, (0..3).map(|n| n.to_string())).await;
    let settings = broker.consumer(&group, &[("session.timeout.ms", "6000"), ("heartbeat.interval.ms", "500")]);
    let mut first = SinkConsumer::subscribe(&settings, std::slice::from_ref(&topic)).await.unwrap();
    let mine = take_assignment(&mut first).await;
    read(&mut first, 3).await;
    // A pause must not outlive the assignment.
    first.pause(&mine).await.unwrap();

    let mut second = SinkConsumer::subscribe(&settings, std::slice::from_ref(&topic)).await.unwrap();
    let Event::Revoked { partitions, lost } = event(&mut first).await else { panic!() };
    assert_eq!((partitions, lost), (mine.clone(), false));
    // The old owner may still commit: that is what the deferred answer is for.
    first.commit(&[(mine[0].clone(), 3)]).await.unwrap();
    first.unassign(&mine).await.unwrap();
    // One partition, two members: one of them gets it, the other an empty list.
    let (a, b) = tokio::join!(event(&mut first), event(&mut second));
    let (Event::Assigned(a), Event::Assigned(b)) = (a, b) else { panic!() };
    let all: BTreeSet<_> = a.iter().chain(&b).cloned().collect();
    assert_eq!(all, mine.iter().cloned().collect());
    let from = |taken: &[TopicPartition]| -> Vec<_> { taken.iter().map(|p| (p.clone(), 3)).collect() };
    first.assign(&from(&a)).await.unwrap();
    second.assign(&from(&b)).await.unwrap();
    let (mut stays, goes) = if a.is_empty() { (first, second) } else { (second, first) };
    goes.close(Duration::from_secs(10)).await;
    loop {
        match event(&mut stays).await {
            Event::Revoked { partitions, .. } => stays.unassign(&partitions).await.unwrap(),
            Event::Assigned(taken) if taken.is_empty() => stays.assign(&[]).await.unwrap(),
            Event::Assigned(taken) => {
                stays.assign(&from(&taken)).await.unwrap();
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    write(&broker, &topic, ["later".to_owned()]).await;
    let records = read(&mut stays, 1).await;
    assert_eq!(records[0].value.as_deref(), Some(&b"later"[..]));
    stays.close(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_partition_paused_before_a_rebalance_flows_after_it() {
    let broker = Broker::start();
    let (topic, other, group) = (unique(), unique(), unique());
    write(&broker, &topic, ["1".to_owned()]).await;
    write(&broker, &other, ["1".to_owned()]).await;
    let mut consumer =
        SinkConsumer::subscribe(&broker.consumer(&group, &[]), std::slice::from_ref(&topic)).await.unwrap();
    let mine = take_assignment(&mut consumer).await;
    read(&mut consumer, 1).await;
    consumer.pause(&mine).await.unwrap();
    write(&broker, &topic, ["2".to_owned()]).await;
    let event_while_paused = consumer.next(10, Duration::from_millis(500)).await;
    assert!(matches!(event_while_paused, Event::Idle), "{event_while_paused:?}");
    consumer.resubscribe(&[topic.clone(), other]).await.unwrap();
    let Event::Revoked { partitions, .. } = event(&mut consumer).await else { panic!() };
    consumer.unassign(&partitions).await.unwrap();
    take_assignment(&mut consumer).await;
    assert!(read(&mut consumer, 3).await.iter().any(|r| r.value.as_deref() == Some(b"2")));
    consumer.close(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_header_whose_name_is_not_utf8_is_read() {
    use rdkafka::bindings::{self, rd_kafka_vtype_t as V};
    use rdkafka::producer::{BaseProducer, Producer};
    let broker = Broker::start();
    let topic = unique();
    let producer: BaseProducer =
        rdkafka::ClientConfig::new().set("bootstrap.servers", &broker.address).create().unwrap();
    let name = std::ffi::CString::new(topic.as_str()).unwrap();
    // SAFETY: types as the tags ask for; the headers are handed over.
    unsafe {
        let headers = bindings::rd_kafka_headers_new(1);
        bindings::rd_kafka_header_add(headers, b"\xffx".as_ptr().cast(), 2, b"v".as_ptr().cast(), 1);
        let sent = bindings::rd_kafka_producev(
            producer.client().native_ptr(),
            V::RD_KAFKA_VTYPE_TOPIC,
            name.as_ptr(),
            V::RD_KAFKA_VTYPE_HEADERS,
            headers,
            V::RD_KAFKA_VTYPE_END,
        );
        assert_eq!(sent as i32, 0);
    }
    producer.flush(Duration::from_secs(20)).unwrap();
    let mut consumer = SinkConsumer::subscribe(&broker.consumer(&unique(), &[]), &[topic]).await.unwrap();
    take_assignment(&mut consumer).await;
    let records = read(&mut consumer, 1).await;
    assert_eq!(records[0].headers, [("\u{fffd}x".to_owned(), Some(b"v".to_vec()))]);
    consumer.close(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn closing_ends_at_any_moment_of_a_rebalance() {
    let broker = Broker::start();
    let (topic, group) = (unique(), unique());
    write(&broker, &topic, ["x".to_owned()]).await;
    let settings = broker.consumer(&group, &[]);
    // Members of one group come and go while the others are joining.
    let members = (0..12).map(async |n| {
        tokio::time::sleep(Duration::from_millis(n * 150)).await;
        let mut consumer = SinkConsumer::subscribe(&settings, std::slice::from_ref(&topic)).await.unwrap();
        // An assignment may be taken off the queue and left unanswered.
        consumer.next(10, Duration::from_millis(n * 300)).await;
        let start = Instant::now();
        consumer.close(Duration::from_secs(10)).await;
        start.elapsed()
    });
    let took = futures::future::join_all(members).await;
    assert!(took.iter().all(|took| *took < Duration::from_secs(12)), "{took:?}");
}

#[tokio::test]
async fn closing_ends_although_the_coordinator_is_gone() {
    let mut broker = Broker::start();
    if !broker.is_ours() {
        return;
    }
    let topic = unique();
    write(&broker, &topic, ["x".to_owned()]).await;
    let mut members = Vec::new();
    for _ in 0..10 {
        let settings = broker.consumer(&unique(), &[]);
        let mut member = SinkConsumer::subscribe(&settings, std::slice::from_ref(&topic)).await.unwrap();
        take_assignment(&mut member).await;
        members.push(member);
    }
    broker.kill();
    let start = Instant::now();
    let closing = members.into_iter().map(|member| member.close(Duration::from_secs(3)));
    futures::future::join_all(closing).await;
    assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_broker_killed_and_back_is_read_on_without_a_gap() {
    let mut broker = Broker::start();
    if !broker.is_ours() {
        return;
    }
    let topic = unique();
    write(&broker, &topic, (0..100).map(|n| n.to_string())).await;
    let mut consumer =
        SinkConsumer::subscribe(&broker.consumer(&unique(), &[]), std::slice::from_ref(&topic)).await.unwrap();
    take_assignment(&mut consumer).await;
    let mut next = read(&mut consumer, 100).await.len() as i64;
    broker.restart();
    write(&broker, &topic, (100..200).map(|n| n.to_string())).await;
    while next < 200 {
        match event(&mut consumer).await {
            Event::Records(records) => {
                for record in records {
                    assert_eq!(record.offset, next);
                    next += 1;
                }
            }
            Event::Revoked { partitions, .. } => consumer.unassign(&partitions).await.unwrap(),
            Event::Assigned(taken) => {
                let from: Vec<_> = taken.into_iter().map(|p| (p, next)).collect();
                consumer.assign(&from).await.unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
    consumer.close(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_member_that_was_expelled_is_told_and_comes_back() {
    let broker = Broker::start();
    let topic = unique();
    write(&broker, &topic, ["1".to_owned()]).await;
    let slow = [("max.poll.interval.ms", "6000"), ("session.timeout.ms", "6000")];
    let mut consumer = SinkConsumer::subscribe(&broker.consumer(&unique(), &slow), &[topic]).await.unwrap();
    let mine = take_assignment(&mut consumer).await;
    read(&mut consumer, 1).await;
    tokio::time::sleep(Duration::from_secs(8)).await;
    let mut warned = false;
    loop {
        match consumer.next(10, Duration::from_secs(1)).await {
            Event::Warning(text) => warned |= text.contains("max.poll.interval.ms"),
            Event::Revoked { partitions, lost } => {
                assert_eq!((&partitions, lost), (&mine, true));
                assert!(consumer.commit(&[(mine[0].clone(), 1)]).await.is_err());
                consumer.unassign(&partitions).await.unwrap();
                break;
            }
            Event::Idle => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(warned);
    take_assignment(&mut consumer).await;
    assert_eq!(read(&mut consumer, 1).await[0].offset, 0);
    consumer.close(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn pauses_seeks_and_rebalances_in_full_flow_lose_and_repeat_nothing() {
    const EACH: i64 = 8_000;
    let broker = Broker::start();
    let (topic, other) = (unique(), unique());
    let wanted = NewTopic { partitions: 3, ..NewTopic::new(&topic) };
    assert_eq!(broker.admin().create_topic(&wanted).await.unwrap(), Creation::Created);
    write(&broker, &other, ["x".to_owned()]).await;
    let lease = ProducerPool::new(1).lease(&broker.producer(&[])).unwrap();
    for seq in 0..3 * EACH {
        let partition = Some((seq % 3) as i32);
        send(&lease, OutRecord { partition, ..record(&topic, b"twenty bytes or more") }, seq as u64).await;
    }
    settle(&lease).await;

    let all: Vec<_> = (0..3).map(|n| TopicPartition::new(topic.clone(), n)).collect();
    let mut next = [0_i64; 3];
    let mut consumer =
        SinkConsumer::subscribe(&broker.consumer(&unique(), &[]), std::slice::from_ref(&topic)).await.unwrap();
    let mut batches = 0;
    let start = Instant::now();
    while next.iter().any(|next| *next < EACH) {
        match consumer.next(500, Duration::from_millis(200)).await {
            Event::Records(records) => {
                for record in records.iter().filter(|record| *record.topic == *topic) {
                    let next = &mut next[record.partition as usize];
                    assert_eq!(record.offset, *next, "of partition {}", record.partition);
                    *next += 1;
                }
                batches += 1;
                let one = batches % 3;
                match batches % 8 {
                    1 => consumer.pause(&all[one..=one]).await.unwrap(),
                    4 => consumer.resume(&all).await.unwrap(),
                    7 => {
                        next[one] = (next[one] - 700).max(0);
                        // What is not fetched yet cannot be sought; assigning says where to start.
                        if consumer.seek(&[(all[one].clone(), next[one])]).await.is_err() {
                            next[one] = (next[one] + 700).min(EACH);
                        }
                    }
                    _ => {}
                }
                if batches % 50 == 10 {
                    consumer.resubscribe(&[topic.clone(), other.clone()]).await.unwrap();
                } else if batches % 50 == 35 {
                    consumer.resubscribe(std::slice::from_ref(&topic)).await.unwrap();
                }
            }
            Event::Revoked { partitions, .. } => consumer.unassign(&partitions).await.unwrap(),
            Event::Assigned(taken) => {
                let place = |p: &TopicPartition| if p.topic == topic { next[p.partition as usize] } else { 0 };
                let from: Vec<_> = taken.iter().map(|p| (p.clone(), place(p))).collect();
                consumer.assign(&from).await.unwrap();
            }
            // All is read but what is paused.
            Event::Idle => consumer.resume(&all).await.unwrap_or_default(),
            Event::Warning(_) => {}
            Event::Failed(error) => panic!("{error}"),
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{next:?}");
    }
    consumer.close(Duration::from_secs(10)).await;
}
