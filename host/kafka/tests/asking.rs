//! The raw-protocol module against a live broker, and against none.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::{Duration, Instant};

use support::*;
use watertight_kafka::*;

#[tokio::test]
async fn the_cluster_its_topics_and_their_ends_are_known() {
    let broker = Broker::start();
    let topic = unique();
    let admin = broker.admin();
    assert!(!admin.cluster_id().await.unwrap().is_empty());
    assert_eq!(admin.topic_partitions(&topic).await.unwrap(), None);
    assert_eq!(admin.topic_partitions(&topic).await.unwrap(), None, "asking creates nothing");
    write(&broker, &topic, (0..5).map(|n| n.to_string())).await;
    assert_eq!(admin.topic_partitions(&topic).await.unwrap(), Some(1));
    let named = unique();
    let wanted = NewTopic { partitions: 3, replication_factor: 1, ..NewTopic::new(&named) };
    assert_eq!(admin.create_topic(&wanted).await.unwrap(), Creation::Created);
    assert_eq!(admin.create_topic(&wanted).await.unwrap(), Creation::AlreadyExists);
    let found = admin.describe_topic(&named).await.unwrap().unwrap();
    assert_eq!((found.partitions, found.replication_factor, found.internal), (3, 1, false));
    let by_default = NewTopic::new(unique());
    assert_eq!(admin.create_topic(&by_default).await.unwrap(), Creation::Created);
    assert!(admin.topic_partitions(&by_default.name).await.unwrap().is_some());
    let impossible = NewTopic { replication_factor: 7, ..NewTopic::new(unique()) };
    match admin.create_topic(&impossible).await {
        // The embedded broker has one node and does not mind.
        Ok(_) => assert!(broker.is_ours()),
        Err(error) => assert!(error.broker_message().is_some_and(|text| text.contains('7')), "{error}"),
    }
    assert!(admin.topics().await.unwrap().contains(&topic));
    let at = TopicPartition::new(topic.clone(), 0);
    let partitions = std::slice::from_ref(&at);
    assert_eq!(admin.end_offsets(partitions).await.unwrap(), [(at.clone(), 5)]);
    assert_eq!(admin.start_offsets(partitions).await.unwrap(), [(at, 0)]);
    assert_eq!(admin.end_offsets(&[]).await.unwrap(), []);
    assert_eq!(admin.group_offsets("no-such-group").await.unwrap(), []);
}

#[tokio::test]
async fn an_unreachable_broker_is_named_within_the_time_limit() {
    let limit = Duration::from_secs(2);
    let admin = impatient("127.0.0.1:1", Duration::from_secs(1), limit);
    let start = Instant::now();
    let error = admin.cluster_id().await.unwrap_err();
    assert!(start.elapsed() < limit + Duration::from_millis(500), "{:?}", start.elapsed());
    let text = error.to_string();
    assert!(text.contains("127.0.0.1:1") && text.contains("bootstrap.servers"), "{text}");
}

#[tokio::test]
async fn something_that_is_not_kafka_is_noticed() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let hello = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, hello).await;
        }
    });
    let second = Duration::from_secs(1);
    let admin = impatient(&address, second, second);
    let error = admin.cluster_id().await.unwrap_err();
    assert!(error.to_string().contains(&address), "{error}");
    server.abort();
}

fn impatient(address: &str, request: Duration, call: Duration) -> Admin {
    let settings = admin_settings([("bootstrap.servers", address)], "c").unwrap();
    Admin::with_settings(settings.with_timeouts(request, call)).unwrap()
}
