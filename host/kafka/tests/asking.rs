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
    assert!(admin.create_topic(&named, 3, 1, &[]).await.unwrap());
    assert!(!admin.create_topic(&named, 3, 1, &[]).await.unwrap(), "there is one already");
    assert_eq!(admin.topic_partitions(&named).await.unwrap(), Some(3));
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
    let admin = Admin::with_timeouts("127.0.0.1:1", "c", Duration::from_secs(1), limit).unwrap();
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
    let admin = Admin::with_timeouts(&address, "c", second, second).unwrap();
    let error = admin.cluster_id().await.unwrap_err();
    assert!(error.to_string().contains(&address), "{error}");
    server.abort();
}

#[test]
fn tls_is_refused_by_name() {
    let keys = [("bootstrap.servers", "a:1"), ("security.protocol", "SASL_SSL")];
    let Err(error) = Admin::from_settings(keys, "c") else { panic!() };
    assert!(error.to_string().starts_with("security.protocol is not supported"), "{error}");
}
