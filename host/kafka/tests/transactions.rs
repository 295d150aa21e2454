//! Transactions of a producer, on a genuine broker.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod genuine;
mod support;

use std::time::{Duration, Instant};

use genuine::*;
use support::{record, send, settle, unique};
use watertight_kafka::*;

const LONG: Duration = Duration::from_secs(300);

#[tokio::test]
async fn what_is_committed_is_seen_and_what_is_aborted_is_not() {
    let Some(at) = shared("transactions").map(At) else { return };
    let (one, two) = (unique(), unique());
    at.topic(&one, 1, &[]).await;
    at.topic(&two, 2, &[]).await;
    let lease = at.transactions(&unique(), &[]).await;
    for round in 0..4u64 {
        lease.begin_transaction().await.unwrap();
        for n in 0..10 {
            let topic = if n % 2 == 0 { &one } else { &two };
            send(&lease, record(topic, round.to_string().as_bytes()), round * 10 + n).await;
        }
        // Committing with records on their way waits for them; aborting drops them.
        if round % 2 == 0 {
            lease.commit_transaction(LONG).await.unwrap();
        } else {
            lease.abort_transaction(LONG).await.unwrap();
        }
        assert_eq!(lease.in_flight(), 0);
        assert_eq!(settle(&lease).await.len(), 10, "each record is acknowledged once");
    }
    for topic in [one, two] {
        let (log, seen) = at.log(&topic, "read_committed").await;
        log.read_to_end(LONG).await.unwrap();
        let mut values = seen.values();
        values.sort_unstable();
        assert_eq!(values, ["0", "0", "0", "0", "0", "2", "2", "2", "2", "2"]);
    }
}

#[tokio::test]
async fn who_was_fenced_off_is_told_so_at_every_step() {
    let Some(at) = shared("transactions").map(At) else { return };
    let topic = unique();
    at.topic(&topic, 1, &[]).await;
    // At the first record, at the commit, and at the abort of an open transaction.
    for step in 0..3 {
        let id = unique();
        let zombie = at.transactions(&id, &[]).await;
        zombie.begin_transaction().await.unwrap();
        if step > 0 {
            send(&zombie, record(&topic, b"zombie"), 0).await;
            assert!(settle(&zombie).await[0].result.is_ok());
        }
        let heir = at.transactions(&id, &[]).await;
        if step == 0 {
            send(&zombie, record(&topic, b"zombie"), 0).await;
            let _ = settle(&zombie).await;
        }
        let error = if step == 2 {
            zombie.abort_transaction(LONG).await.unwrap_err()
        } else {
            zombie.commit_transaction(LONG).await.unwrap_err()
        };
        assert!(error.fenced && error.fatal && !error.retriable, "step {step}: {error:?}");
        assert!(zombie.begin_transaction().await.unwrap_err().fatal);
        heir.begin_transaction().await.unwrap();
        send(&heir, record(&topic, b"heir"), 0).await;
        heir.commit_transaction(LONG).await.unwrap();
    }
    let (log, seen) = at.log(&topic, "read_committed").await;
    log.read_to_end(LONG).await.unwrap();
    assert_eq!(seen.values(), ["heir", "heir", "heir"]);
}

#[tokio::test]
async fn a_transaction_that_took_too_long_has_to_be_given_up() {
    let Some(at) = shared("transactions").map(At) else { return };
    let topic = unique();
    at.topic(&topic, 1, &[]).await;
    let lease = at.transactions(&unique(), &[("transaction.timeout.ms", "1500")]).await;
    lease.begin_transaction().await.unwrap();
    send(&lease, record(&topic, b"late"), 0).await;
    settle(&lease).await;
    let (log, seen) = at.log(&topic, "read_committed").await;
    // The broker aborts it by itself.
    log.read_to_end(LONG).await.unwrap();
    let error = lease.commit_transaction(LONG).await.unwrap_err();
    assert!(!error.retriable && (error.abortable || error.fatal), "{error:?}");
    println!("a transaction that timed out: {error:?}");
    if error.abortable {
        lease.abort_transaction(LONG).await.unwrap();
        lease.begin_transaction().await.unwrap();
        send(&lease, record(&topic, b"again"), 1).await;
        lease.commit_transaction(LONG).await.unwrap();
    }
    log.read_to_end(LONG).await.unwrap();
    assert!(!seen.values().contains(&"late".to_owned()));
}

#[tokio::test]
async fn calls_in_the_wrong_order_are_errors_and_nothing_worse() {
    let Some(at) = shared("transactions").map(At) else { return };
    let lease = ProducerPool::new(1).lease(&at.transactional(&unique(), &[])).unwrap();
    let error = lease.begin_transaction().await.unwrap_err();
    assert!(!error.retriable && !error.fenced, "{error:?}");
    let plain = ProducerPool::new(1).lease(&at.producer(&[])).unwrap();
    assert!(plain.init_transactions(LONG).await.is_err());
}

#[tokio::test]
async fn a_broker_that_went_away_costs_time_and_no_transaction() {
    let Some(mut broker) = own("transactions-death") else { return };
    let at = At(broker.bootstrap());
    let topic = unique();
    at.topic(&topic, 1, &[]).await;
    let lease = at.transactions(&unique(), &[]).await;
    lease.begin_transaction().await.unwrap();
    send(&lease, record(&topic, b"one"), 0).await;
    settle(&lease).await;
    broker.kill();
    let start = Instant::now();
    let error = lease.commit_transaction(Duration::from_secs(1)).await.unwrap_err();
    assert!(error.retriable && !error.fatal, "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    broker.restart().unwrap();
    // The same call, and nothing else, until it is through.
    until("the commit", || async {
        match lease.commit_transaction(Duration::from_secs(5)).await {
            Ok(()) => true,
            Err(error) => {
                assert!(error.retriable, "{error:?}");
                false
            }
        }
    })
    .await;
    let (log, seen) = at.log(&topic, "read_committed").await;
    log.read_to_end(LONG).await.unwrap();
    assert_eq!(seen.values(), ["one"]);
}

#[tokio::test]
async fn purging_acknowledges_what_it_drops() {
    let settings = producer_settings([("bootstrap.servers", "127.0.0.1:1")], "c").unwrap().settings;
    let pool = ProducerPool::new(1);
    let (lease, neighbour) = (pool.lease(&settings).unwrap(), pool.lease(&settings).unwrap());
    for seq in 0..1000 {
        send(&lease, record("nowhere", b"x"), seq).await;
    }
    send(&neighbour, record("nowhere", b"x"), 0).await;
    lease.purge();
    let acks = settle(&lease).await;
    assert_eq!(acks.len(), 1000);
    let error = acks[0].result.clone().unwrap_err();
    assert_eq!((error.name, error.retriable, error.fatal), ("_PURGE_QUEUE", false, false));
    assert_eq!(settle(&neighbour).await.len(), 1, "a shared producer is purged whole");
    send(&lease, record("nowhere", b"x"), 0).await;
    pool.purge();
    assert_eq!(settle(&lease).await.len(), 1);
}
