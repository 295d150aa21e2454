//! Members of a group on a genuine coordinator: joining, leaving, dying, and being cut off.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use watertight_harness::broker::{Broker, Kind, More};
use watertight_harness::peer::Peer;
use watertight_harness::proxy::Proxy;
use watertight_harness::{paths, ports, skips};
use watertight_kafka::*;

const LONG: Duration = Duration::from_secs(60);

fn directory(case: &str) -> PathBuf {
    paths::test_dir(&format!("membership-{case}-{}", std::process::id())).unwrap()
}

/// A broker whose members may have short sessions, behind a door that can be cut. None is a skip.
struct Cluster {
    broker: Broker,
    proxy: Proxy,
}

fn cluster(case: &str) -> Option<Cluster> {
    let peer = match Peer::find() {
        Ok(peer) => peer,
        Err(reason) => {
            skips::skip(case, &reason).unwrap();
            return None;
        }
    };
    let (here, there) = (ports::free().unwrap(), ports::free().unwrap());
    let settings = [("group.min.session.timeout.ms", "100")];
    let more = More { settings: &settings, detour: Some((here, there)), ..More::default() };
    let broker = Broker::start_with(Kind::Genuine(peer), &directory(case), &more).unwrap();
    let proxy = Proxy::listen(there, here).unwrap();
    Some(Cluster { broker, proxy })
}

fn settings(session: Duration) -> GroupSettings {
    GroupSettings {
        group: unique(),
        protocol_type: "connect".into(),
        session_timeout: session,
        rebalance_timeout: LONG,
        heartbeat_interval: session / 20,
    }
}

fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("g{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What a worker does with its membership, told as it happens.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// Joined: the generation, whether as leader, and the names of the members by the assignment.
    In(i32, bool, Vec<String>),
    Lost(String),
    Unreachable,
}

enum Order {
    Leave,
    /// Dies without a word.
    Die,
    /// Is not heard of, though it lives.
    Hang,
    /// Goes on.
    Wake,
}

struct Worker {
    name: &'static str,
    told: mpsc::UnboundedReceiver<Told>,
    orders: mpsc::UnboundedSender<Order>,
}

impl Worker {
    fn start(name: &'static str, address: &str, settings: &GroupSettings) -> Self {
        let admin = admin_settings([("bootstrap.servers", address)], name).unwrap();
        let member = GroupMember::new(admin, settings.clone()).unwrap();
        let (tell, told) = mpsc::unbounded_channel();
        let (orders, received) = mpsc::unbounded_channel();
        tokio::spawn(work(name, member, tell, received));
        Self { name, told, orders }
    }

    fn order(&self, order: Order) {
        self.orders.send(order).unwrap();
    }

    async fn next(&mut self) -> Told {
        let told = tokio::time::timeout(LONG, self.told.recv()).await;
        told.unwrap_or_else(|_| panic!("{} says nothing", self.name)).unwrap_or_else(|| panic!("{} is gone", self.name))
    }

    /// Waits until it shares a generation with exactly these.
    async fn with(&mut self, names: &[&str]) -> (i32, bool) {
        loop {
            match self.next().await {
                Told::In(generation, leads, members) if members == names => return (generation, leads),
                Told::In(..) => {}
                other => panic!("{}: {other:?}", self.name),
            }
        }
    }
}

/// Everybody is assigned the names of all.
async fn assign(leadership: Leadership) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut names: Vec<&[u8]> = leadership.members.iter().map(|(_, metadata)| metadata.as_slice()).collect();
    names.sort_unstable();
    let all = names.join(&b","[..]);
    Ok(leadership.members.iter().map(|(id, _)| (id.clone(), all.clone())).collect())
}

async fn work(
    name: &'static str,
    mut member: GroupMember,
    tell: mpsc::UnboundedSender<Told>,
    mut orders: mpsc::UnboundedReceiver<Order>,
) {
    let mut touching = true;
    loop {
        match member.join(vec![("p".into(), name.into())], assign).await {
            Ok(membership) => {
                let names = String::from_utf8(membership.assignment.clone()).unwrap();
                let names = names.split(',').map(str::to_owned).collect();
                let _ = tell.send(Told::In(membership.generation, membership.is_leader(), names));
            }
            Err(GroupError::Again(_)) => continue,
            Err(GroupError::Lost(reason)) => {
                let _ = tell.send(Told::Lost(reason));
                continue;
            }
            Err(GroupError::Fatal(error)) => panic!("{name}: {error}"),
        }
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Leave) => return member.leave("the test wants it").await,
                    Some(Order::Hang) => touching = false,
                    Some(Order::Wake) => {}
                    Some(Order::Die) | None => return,
                },
                () = tokio::time::sleep(Duration::from_millis(50)), if touching => {
                    member.touch();
                    continue;
                }
                event = member.event() => {
                    match event {
                        GroupEvent::Rebalance => {}
                        GroupEvent::Lost(reason) => tell.send(Told::Lost(reason)).unwrap(),
                        GroupEvent::Unreachable(_) => tell.send(Told::Unreachable).unwrap(),
                    }
                    if !touching {
                        orders.recv().await;
                        touching = true;
                    }
                    break;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_go_and_die_and_one_of_them_leads() {
    let Some(cluster) = cluster("come-and-go") else { return };
    let settings = settings(Duration::from_secs(6));
    let address = cluster.broker.bootstrap();
    let mut a = Worker::start("a", &address, &settings);
    assert!(a.with(&["a"]).await.1, "who is alone leads");
    let mut b = Worker::start("b", &address, &settings);
    let (ab, leads) = b.with(&["a", "b"]).await;
    assert_eq!(a.with(&["a", "b"]).await, (ab, !leads), "one generation, one leader");
    let mut c = Worker::start("c", &address, &settings);
    let mut leaders = 0;
    for worker in [&mut a, &mut b, &mut c] {
        leaders += u32::from(worker.with(&["a", "b", "c"]).await.1);
    }
    assert_eq!(leaders, 1);
    let left = Instant::now();
    b.order(Order::Leave);
    a.with(&["a", "c"]).await;
    c.with(&["a", "c"]).await;
    println!("after a member left: {:?}", left.elapsed());
    let died = Instant::now();
    a.order(Order::Die);
    assert!(c.with(&["c"]).await.1);
    println!("after a member died: {:?} with a session of {:?}", died.elapsed(), settings.session_timeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_cut_off_knows_before_others_get_its_work_and_comes_back() {
    let Some(cluster) = cluster("cut-off") else { return };
    let settings = settings(Duration::from_secs(8));
    let mut a = Worker::start("a", &cluster.broker.bootstrap(), &settings);
    a.with(&["a"]).await;
    let mut b = Worker::start("b", &cluster.proxy.address(), &settings);
    b.with(&["a", "b"]).await;
    a.with(&["a", "b"]).await;
    for _ in 0..2 {
        tokio::time::sleep(settings.heartbeat_interval * 3).await;
        let cut = Instant::now();
        cluster.proxy.cut();
        assert_eq!(b.next().await, Told::Unreachable);
        let told = cut.elapsed();
        a.with(&["a"]).await;
        let replaced = cut.elapsed();
        println!("cut off: told after {told:?}, replaced after {replaced:?}");
        assert!(told < replaced && told < settings.session_timeout, "{told:?}, {replaced:?}");
        assert!(cluster.proxy.swallowed() > 0, "the cut was none");
        cluster.proxy.heal();
        b.with(&["a", "b"]).await;
        a.with(&["a", "b"]).await;
        println!("together again after {:?}", cut.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_comes_back_soon_finds_its_members_and_loses_none() {
    let Some(mut cluster) = cluster("broker-restarts") else { return };
    // As a machine under load takes its time to start a broker, the session must be longer than that.
    let settings = settings(Duration::from_secs(100));
    let settings = GroupSettings { heartbeat_interval: Duration::from_millis(500), ..settings };
    let address = cluster.broker.bootstrap();
    let (mut a, mut b) = (Worker::start("a", &address, &settings), Worker::start("b", &address, &settings));
    a.with(&["a", "b"]).await;
    b.with(&["a", "b"]).await;
    cluster.broker.kill();
    cluster.broker.restart().unwrap();
    let mut c = Worker::start("c", &address, &settings);
    for worker in [&mut a, &mut b, &mut c] {
        worker.with(&["a", "b", "c"]).await;
    }
    cluster.broker.stop().unwrap();
    cluster.broker.restart().unwrap();
    let mut d = Worker::start("d", &address, &settings);
    for worker in [&mut a, &mut b, &mut c, &mut d] {
        worker.with(&["a", "b", "c", "d"]).await;
    }
    b.order(Order::Leave);
    for worker in [&mut a, &mut c, &mut d] {
        worker.with(&["a", "c", "d"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_a_broker_that_stays_away_know_it_and_come_back_with_it() {
    let Some(mut cluster) = cluster("broker-away") else { return };
    let settings = settings(Duration::from_secs(4));
    let address = cluster.broker.bootstrap();
    let (mut a, mut b) = (Worker::start("a", &address, &settings), Worker::start("b", &address, &settings));
    a.with(&["a", "b"]).await;
    b.with(&["a", "b"]).await;
    cluster.broker.kill();
    for worker in [&mut a, &mut b] {
        assert_eq!(worker.next().await, Told::Unreachable);
    }
    cluster.broker.restart().unwrap();
    a.with(&["a", "b"]).await;
    b.with(&["a", "b"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_not_touched_leaves_at_once_for_the_others() {
    let Some(cluster) = cluster("untouched") else { return };
    let settings = GroupSettings { rebalance_timeout: Duration::from_secs(8), ..settings(LONG) };
    let settings = GroupSettings { heartbeat_interval: Duration::from_millis(300), ..settings };
    let address = cluster.broker.bootstrap();
    let (mut a, mut b) = (Worker::start("a", &address, &settings), Worker::start("b", &address, &settings));
    a.with(&["a", "b"]).await;
    b.with(&["a", "b"]).await;
    b.order(Order::Hang);
    let start = Instant::now();
    a.with(&["a"]).await;
    // The session is a minute, and the leave came long before it was over.
    assert!(start.elapsed() < Duration::from_secs(40), "{:?}", start.elapsed());
    assert_eq!(b.next().await, Told::Lost("worker poll timeout has expired.".into()));
    b.order(Order::Wake);
    a.with(&["a", "b"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_share_no_protocol_are_told_for_good() {
    let Some(cluster) = cluster("no-common-protocol") else { return };
    let settings = settings(Duration::from_secs(6));
    let mut a = Worker::start("a", &cluster.broker.bootstrap(), &settings);
    a.with(&["a"]).await;
    for (kind, protocol) in [("connect", "other"), ("consumer", "p")] {
        let admin = admin_settings([("bootstrap.servers", cluster.broker.bootstrap())], "x").unwrap();
        let settings = GroupSettings { protocol_type: kind.into(), ..settings.clone() };
        let mut member = GroupMember::new(admin, settings).unwrap();
        let error = member.join(vec![(protocol.into(), vec![])], assign).await.unwrap_err();
        match error {
            GroupError::Fatal(error) => assert!(error.to_string().contains("INCONSISTENT_GROUP_PROTOCOL"), "{error}"),
            other => panic!("{other:?}"),
        }
    }
}
