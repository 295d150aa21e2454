//! Offsets of groups without members, and of those with some.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use support::*;
use watertight_kafka::*;

async fn partitions(broker: &Broker, count: i32) -> Vec<TopicPartition> {
    let topic = NewTopic { partitions: count, replication_factor: 1, ..NewTopic::new(unique()) };
    broker.admin().create_topic(&topic).await.unwrap();
    (0..count).map(|partition| TopicPartition::new(topic.name.clone(), partition)).collect()
}

#[tokio::test]
async fn a_group_without_members_gets_loses_and_forgets_its_offsets() {
    let broker = Broker::start();
    let (admin, group, at) = (broker.admin(), unique(), partitions(&broker, 3).await);
    let wanted: Vec<_> = at.iter().cloned().zip([5, 0, 7]).collect();
    admin.alter_group_offsets(&group, &wanted).await.unwrap();
    assert_eq!(admin.group_offsets(&group).await.unwrap(), wanted);
    admin.alter_group_offsets(&group, &[(at[2].clone(), 2)]).await.unwrap();
    admin.delete_group_offsets(&group, &at[..1]).await.unwrap();
    assert_eq!(admin.group_offsets(&group).await.unwrap(), [(at[1].clone(), 0), (at[2].clone(), 2)]);
    admin.delete_group_offsets(&group, &at[..1]).await.unwrap();
    admin.delete_group(&group).await.unwrap();
    assert_eq!(admin.group_offsets(&group).await.unwrap(), []);
    let error = admin.delete_group(&group).await.unwrap_err();
    assert!(error.is_group_missing(), "{error}");
}

#[tokio::test]
async fn nothing_asked_is_nothing_done() {
    let broker = Broker::start();
    let admin = broker.admin();
    admin.alter_group_offsets("nobody", &[]).await.unwrap();
    admin.delete_group_offsets("nobody", &[]).await.unwrap();
    assert!(admin.delete_group("nobody").await.unwrap_err().is_group_missing());
}

#[tokio::test]
async fn offsets_of_a_group_with_members_are_theirs() {
    let broker = Broker::start();
    let (admin, group) = (broker.admin(), unique());
    let topic = unique();
    write(&broker, &topic, (0..3).map(|n| n.to_string())).await;
    let mut consumer = SinkConsumer::subscribe(&broker.consumer(&group, &[]), &[topic]).await.unwrap();
    let at = take_assignment(&mut consumer).await;
    let from: Vec<_> = at.iter().map(|one| (one.clone(), 2)).collect();
    for error in [
        admin.alter_group_offsets(&group, &from).await.unwrap_err(),
        admin.delete_group_offsets(&group, &at).await.unwrap_err(),
        admin.delete_group(&group).await.unwrap_err(),
    ] {
        assert!(error.is_group_in_use(), "{error}");
    }
    consumer.close(std::time::Duration::from_secs(10)).await;
    admin.alter_group_offsets(&group, &from).await.unwrap();
    assert_eq!(admin.group_offsets(&group).await.unwrap(), from);
    admin.delete_group(&group).await.unwrap();
}
