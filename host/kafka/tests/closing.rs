//! The end of sink consumers at bad moments: it may neither hang nor crash, and a crash would be the whole worker's.
//!
//! `WATERTIGHT_CLOSINGS=1` for the long form: a thousand stops while an assignment is on its way, a hundred consumers
//! closed while their coordinator dies.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod genuine;
mod support;

use std::time::{Duration, Instant};

use support::*;
use watertight_kafka::*;

const DEADLINE: Duration = Duration::from_secs(10);
/// What closing may take beyond its deadline: destroying has five seconds, and the machine is busy.
const BEYOND: Duration = Duration::from_secs(30);

const EAGER: &[(&str, &str)] = &[("heartbeat.interval.ms", "300")];
const COOPERATIVE: &[(&str, &str)] = &[
    ("heartbeat.interval.ms", "300"),
    ("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"),
];

fn many(short: usize, long: usize) -> usize {
    if std::env::var_os("WATERTIGHT_CLOSINGS").is_some() { long } else { short }
}

/// One case at a time: each counts the process's threads.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Threads of librdkafka's clients and of ours that close them.
fn threads() -> Vec<String> {
    let names = std::fs::read_dir("/proc/self/task").unwrap().filter_map(|task| {
        let name = std::fs::read_to_string(task.unwrap().path().join("comm")).ok()?;
        (name.starts_with("rdk:") || name.starts_with("kafka-")).then(|| name.trim().to_owned())
    });
    names.collect()
}

/// A thread that hangs would still be there. Brokers are asked to let go within five seconds.
async fn nothing_is_left() {
    let start = Instant::now();
    while !threads().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(120), "threads that hang: {:?}", threads());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A topic of four partitions.
async fn topic(admin: &Admin) -> String {
    let topic = NewTopic { partitions: 4, replication_factor: 1, ..NewTopic::new(unique()) };
    admin.create_topic(&topic).await.unwrap();
    topic.name
}

async fn timely(consumer: SinkConsumer, what: &str) {
    let start = Instant::now();
    consumer.close(DEADLINE).await;
    let took = start.elapsed();
    assert!(took < DEADLINE + BEYOND, "{what}: {took:?}");
}

/// How the member is stopped: before its assignment comes, with the assignment unanswered, or while the answer is being
/// given by a call that nobody waits for any more.
async fn stop_at(moment: usize, mut consumer: SinkConsumer, pause: Duration) {
    match moment % 4 {
        0 => tokio::time::sleep(pause).await,
        1 => {
            tokio::time::timeout(pause * 4, event(&mut consumer)).await.ok();
        }
        2 => {
            if let Ok(Event::Assigned(partitions)) = tokio::time::timeout(pause * 10, event(&mut consumer)).await {
                let from: Vec<_> = partitions.into_iter().map(|one| (one, consumer::EARLIEST)).collect();
                let answer = consumer.assign(&from);
                tokio::time::timeout(Duration::ZERO, answer).await.ok();
            }
        }
        _ => {
            if let Ok(Event::Assigned(partitions)) = tokio::time::timeout(pause * 10, event(&mut consumer)).await {
                let from: Vec<_> = partitions.into_iter().map(|one| (one, consumer::EARLIEST)).collect();
                consumer.assign(&from).await.unwrap();
                let commit: Vec<_> = from.iter().map(|(one, _)| (one.clone(), 0)).collect();
                tokio::time::timeout(Duration::ZERO, consumer.commit(&commit)).await.ok();
            }
        }
    }
    timely(consumer, &format!("moment {}", moment % 4)).await;
}

async fn stop_while_assignments_are_pending(strategy: &'static [(&'static str, &'static str)]) {
    let _alone = ALONE.lock().await;
    let broker = Broker::start();
    let topic = topic(&broker.admin()).await;
    let count = many(20, 1000);
    // Always a few in one group, so that each that comes or goes makes the others join again.
    for round in 0..count.div_ceil(10) {
        let group = unique();
        let members = (0..10).map(async |n| {
            let settings = broker.consumer(&group, strategy);
            let consumer = SinkConsumer::subscribe(&settings, std::slice::from_ref(&topic)).await.unwrap();
            stop_at(n + round, consumer, Duration::from_millis((n * 37 + round * 13) as u64 % 400)).await;
        });
        futures::future::join_all(members).await;
    }
    nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_an_assignment_is_pending_ends_in_time() {
    stop_while_assignments_are_pending(EAGER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_an_incremental_assignment_is_pending_ends_in_time() {
    stop_while_assignments_are_pending(COOPERATIVE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_close_in_time_while_their_coordinator_dies() {
    let _alone = ALONE.lock().await;
    let Some(mut broker) = genuine::own("closing") else { return };
    let address = broker.bootstrap();
    let admin = Admin::new(&address, "test").unwrap();
    let topic = topic(&admin).await;
    let count = many(10, 100);
    // Three times: dying while they close, dead before, and back meanwhile.
    for round in 0..3 {
        let subscribe = async |n: usize| {
            let strategy = if n.is_multiple_of(2) { EAGER } else { COOPERATIVE };
            let base = [("bootstrap.servers", address.as_str()), ("session.timeout.ms", "6000")];
            let group = format!("closing-{round}-{n}");
            let settings = consumer_settings(base.iter().chain(strategy).copied(), &group, "test").unwrap().settings;
            let mut consumer = SinkConsumer::subscribe(&settings, std::slice::from_ref(&topic)).await.unwrap();
            if !n.is_multiple_of(5) {
                take_assignment(&mut consumer).await;
            }
            consumer
        };
        let members = futures::future::join_all((0..count).map(subscribe)).await;
        if round == 1 {
            broker.kill();
        }
        // Tasks of their own: the broker's start holds this one up.
        let closing = members.into_iter().enumerate().map(|(n, member)| {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis((n * 400 / count) as u64)).await;
                timely(member, &format!("round {round}, member {n}")).await;
            })
        });
        let closing: Vec<_> = closing.collect();
        tokio::time::sleep(Duration::from_millis(200)).await;
        broker.kill();
        if round == 2 {
            broker.restart().unwrap();
        }
        for one in closing {
            one.await.unwrap();
        }
        if round < 2 {
            broker.restart().unwrap();
        }
    }
    nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_with_a_place_of_its_own_keeps_it_and_others_leave_at_once() {
    let _alone = ALONE.lock().await;
    let Some(broker) = genuine::own("closing-places") else { return };
    let address = broker.bootstrap();
    let admin = Admin::new(&address, "test").unwrap();
    let topic = topic(&admin).await;
    for (strategy, place, answered) in [
        (EAGER, None, true),
        (COOPERATIVE, None, false),
        (EAGER, Some("a"), true),
        (EAGER, Some("b"), false),
        (COOPERATIVE, Some("c"), true),
        (COOPERATIVE, Some("d"), false),
    ] {
        let group = unique();
        let base = [("bootstrap.servers", address.as_str())];
        let keys = base.iter().chain(strategy).copied().chain(place.map(|place| ("group.instance.id", place)));
        let settings = consumer_settings(keys, &group, "test").unwrap().settings;
        let mut consumer = SinkConsumer::subscribe(&settings, std::slice::from_ref(&topic)).await.unwrap();
        if answered {
            take_assignment(&mut consumer).await;
        } else {
            assert!(matches!(event(&mut consumer).await, Event::Assigned(_)));
        }
        timely(consumer, &format!("{place:?}, answered: {answered}")).await;
        let deleted = admin.delete_group(&group).await;
        match place {
            // Not a member any more, long before session.timeout.ms.
            None => assert!(!matches!(&deleted, Err(error) if error.is_group_in_use()), "{deleted:?}"),
            Some(_) => assert!(deleted.unwrap_err().is_group_in_use()),
        }
    }
    nothing_is_left().await;
}
