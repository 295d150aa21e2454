//! Transactions per second at one record each, beside bare rdkafka.
//!
//! `cargo run --profile quick --example transactions [-- BOOTSTRAP [TRANSACTIONS]]`; without an address it starts a
//! genuine broker, which `cargo xtask peer fetch` gets.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use watertight_harness::broker::{Broker, Kind};
use watertight_harness::{paths, peer::Peer};
use watertight_kafka::*;

const VALUE: [u8; 100] = [b'x'; 100];
const LONG: Duration = Duration::from_secs(60);

fn settings(address: &str, id: &str, linger: &str) -> ClientSettings {
    let base = [("bootstrap.servers", address), ("linger.ms", linger)];
    transactional_settings(base, "rates", id, "for the example").unwrap().settings
}

fn told(what: &str, count: u64, start: Instant, slowest: Duration) {
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!("{what:<44} {rate:8.1} transactions/s, slowest {slowest:?}");
}

async fn ours(address: &str, topic: &str, linger: &str, count: u64, settled: bool) {
    let lease = ProducerPool::new(1).lease(&settings(address, &format!("ours-{linger}-{settled}"), linger)).unwrap();
    lease.init_transactions(LONG).await.unwrap();
    let mut acks = Vec::new();
    let (start, mut slowest) = (Instant::now(), Duration::ZERO);
    for seq in 0..count {
        let one = Instant::now();
        lease.begin_transaction().await.unwrap();
        let record =
            OutRecord { topic, partition: None, key: None, value: Some(&VALUE), headers: &[], timestamp: None };
        lease.send(record, seq).unwrap();
        while settled && lease.in_flight() > 0 {
            lease.wait(LONG).await;
        }
        lease.commit_transaction(LONG).await.unwrap();
        lease.take_acks(&mut acks);
        assert!(acks.drain(..).all(|ack| ack.result.is_ok()));
        slowest = slowest.max(one.elapsed());
    }
    let how = if settled { "after its acknowledgement" } else { "at once" };
    told(&format!("committed {how}, linger.ms={linger}"), count, start, slowest);
}

async fn log(address: &str, topic: &str, count: u64) {
    let writer = LogWriter::start(topic, settings(address, "log", "0")).await.unwrap();
    let (start, mut slowest) = (Instant::now(), Duration::ZERO);
    for _ in 0..count {
        let one = Instant::now();
        writer.send(None, Some(&VALUE)).await.unwrap();
        slowest = slowest.max(one.elapsed());
    }
    told("LogWriter::send, linger.ms=0", count, start, slowest);
}

fn bare(address: &str, topic: &str, count: u64) {
    let mut config = ClientConfig::new();
    for (key, value) in settings(address, "bare", "0").effective() {
        config.set(key, value);
    }
    let producer: BaseProducer = config.create().unwrap();
    producer.init_transactions(LONG).unwrap();
    let (start, mut slowest) = (Instant::now(), Duration::ZERO);
    for _ in 0..count {
        let one = Instant::now();
        producer.begin_transaction().unwrap();
        producer.send(BaseRecord::<(), [u8]>::to(topic).payload(&VALUE[..])).map_err(|(error, _)| error).unwrap();
        producer.commit_transaction(LONG).unwrap();
        slowest = slowest.max(one.elapsed());
    }
    told("rdkafka's BaseProducer, linger.ms=0", count, start, slowest);
}

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let given = args.next();
    let count = args.next().map_or(1000, |text| text.parse().unwrap());
    let started = given.is_none().then(|| {
        let dir = paths::test_dir("example-transactions").unwrap();
        Broker::start(Kind::Genuine(Peer::find().unwrap()), &dir).unwrap()
    });
    let address = given.unwrap_or_else(|| started.as_ref().unwrap().bootstrap());
    let admin = Admin::new(&address, "rates").unwrap();
    let topic = NewTopic { partitions: 1, ..NewTopic::new("rates-of-transactions") };
    admin.create_topic(&topic).await.unwrap();
    for linger in ["0", "5"] {
        for settled in [true, false] {
            ours(&address, &topic.name, linger, count, settled).await;
        }
    }
    log(&address, &topic.name, count).await;
    let (at, name) = (address.clone(), topic.name.clone());
    tokio::task::spawn_blocking(move || bare(&at, &name, count.min(50))).await.unwrap();
}
