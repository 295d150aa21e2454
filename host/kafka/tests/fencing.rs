//! What the coordinator of transactions and the settings of topics say, on a genuine broker.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::Duration;

use support::{record, send, settle, unique};
use watertight_harness::broker::{Broker, Kind};
use watertight_harness::peer::Peer;
use watertight_harness::{paths, skips};
use watertight_kafka::*;

const LONG: Duration = Duration::from_secs(60);

fn broker(case: &str) -> Option<Broker> {
    match Peer::find() {
        Ok(peer) => {
            let dir = paths::test_dir(&format!("{case}-{}", std::process::id())).unwrap();
            Some(Broker::start(Kind::Genuine(peer), &dir).unwrap())
        }
        Err(reason) => {
            skips::skip(case, &reason).unwrap();
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_fenced_can_write_no_more_and_what_it_left_open_is_aborted() {
    let Some(broker) = broker("fencing") else { return };
    let address = broker.bootstrap();
    let admin = Admin::new(&address, "test-admin").unwrap();
    let topic = unique();
    admin.create_topic(&NewTopic { partitions: 1, ..NewTopic::new(&topic) }).await.unwrap();
    let base = [("bootstrap.servers", address.as_str()), ("transactional.id", "one")];
    let lease = ProducerPool::new(1).lease(&producer_settings(base, "p").unwrap().settings).unwrap();
    lease.init_transactions(LONG).await.unwrap();
    lease.begin_transaction().await.unwrap();
    send(&lease, record(&topic, b"left open"), 0).await;
    assert!(settle(&lease).await[0].result.is_ok());
    let ids: Vec<String> = ["one", "never-used", "another"].map(str::to_owned).into();
    admin.fence_producers(&ids, LONG).await.unwrap();
    admin.fence_producers(&[], LONG).await.unwrap();
    assert!(admin.has_transactions("probe", LONG).await.unwrap());
    let error = lease.commit_transaction(LONG).await.unwrap_err();
    assert!(error.fatal && error.fenced, "{error:?}");
    // Who comes afterwards is not fenced.
    let lease = ProducerPool::new(1).lease(&producer_settings(base, "p").unwrap().settings).unwrap();
    lease.init_transactions(LONG).await.unwrap();
    lease.begin_transaction().await.unwrap();
    send(&lease, record(&topic, b"committed"), 0).await;
    settle(&lease).await;
    lease.commit_transaction(LONG).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topics_settings_are_known_and_one_without_numbers_gets_the_brokers() {
    let Some(broker) = broker("configs") else { return };
    let admin = Admin::new(&broker.bootstrap(), "test-admin").unwrap();
    let (compacted, plain) = (unique(), unique());
    let configs = vec![("cleanup.policy".to_owned(), "compact".to_owned())];
    let wanted = NewTopic { partitions: -1, replication_factor: -1, configs, ..NewTopic::new(&compacted) };
    assert_eq!(admin.create_topic(&wanted).await.unwrap(), Creation::Created);
    admin.create_topic(&NewTopic::new(&plain)).await.unwrap();
    for (topic, policy) in [(&compacted, "compact"), (&plain, "delete")] {
        let configs = admin.topic_configs(topic).await.unwrap();
        let found = configs.iter().find(|(key, _)| key == "cleanup.policy");
        assert_eq!(found.and_then(|(_, value)| value.as_deref()), Some(policy), "{configs:?}");
        assert!(configs.iter().any(|(key, _)| key == "retention.ms"), "defaults are there too");
    }
    let error = admin.topic_configs("no-such-topic").await.unwrap_err();
    assert_eq!(error.code(), Some(3), "{error}");
    let found = admin.describe_topic(&compacted).await.unwrap().unwrap();
    assert_eq!((found.partitions, found.replication_factor), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_without_transactions_says_so() {
    let broker = support::Broker::start();
    if !broker.is_ours() {
        return;
    }
    let error = broker.admin().fence_producers(&["one".to_owned()], LONG).await.unwrap_err();
    assert!(error.is_authorization() || error.is_unsupported(), "{error}");
    println!("{error}");
    assert!(!broker.admin().has_transactions("probe", LONG).await.unwrap());
}
