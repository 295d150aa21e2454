//! What this crate costs on top of librdkafka, in CPU nanoseconds per record of the whole process
//! (librdkafka's threads included), beside bare rdkafka loops with the same settings.
//!
//! `cargo run --profile quick --example rates -- 127.0.0.1:9092 [RECORDS]`; every pair of rows is
//! run alternately, three times. Needs a broker on the machine.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer, StreamConsumer};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, NoCustomPartitioner, Producer, ProducerContext};
use rdkafka::{ClientConfig, ClientContext, Message};
use watertight_kafka::*;

const VALUE: [u8; 100] = [b'x'; 100];

/// User and system time of the process, in seconds.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn config(settings: &ClientSettings) -> ClientConfig {
    let mut config = ClientConfig::new();
    for (key, value) in settings.effective() {
        config.set(key, value);
    }
    config
}

#[derive(Default)]
struct Counting(AtomicU64);

impl ClientContext for Counting {}

impl ProducerContext<NoCustomPartitioner> for Counting {
    type DeliveryOpaque = usize;
    fn delivery(&self, result: &DeliveryResult<'_>, _: usize) {
        result.as_ref().unwrap();
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn bare_producer(settings: &ClientSettings, topic: &str, count: u64) {
    let producer: BaseProducer<Counting> = config(settings).create_with_context(Counting::default()).unwrap();
    for seq in 0..count {
        while seq - producer.context().0.load(Ordering::Relaxed) >= producer::WINDOW_RECORDS as u64 {
            producer.poll(Duration::from_millis(1));
        }
        let record = BaseRecord::<(), [u8], usize>::with_opaque_to(topic, seq as usize).payload(&VALUE[..]);
        producer.send(record).map_err(|(error, _)| error).unwrap();
        if seq % 1000 == 999 {
            producer.poll(Duration::ZERO);
        }
    }
    while producer.context().0.load(Ordering::Relaxed) < count {
        producer.poll(Duration::from_millis(1));
    }
}

async fn leased_producer(settings: &ClientSettings, topic: &str, count: u64) {
    let lease = ProducerPool::new(1).lease(settings).unwrap();
    let mut acks = Vec::new();
    let mut acked = 0;
    for seq in 0..count {
        let record =
            OutRecord { topic, partition: None, key: None, value: Some(&VALUE), headers: &[], timestamp: None };
        while let Err(error) = lease.send(record, seq) {
            assert_eq!(error, SendError::QueueFull);
            lease.wait(Duration::from_secs(1)).await;
            acks.clear();
            lease.take_acks(&mut acks);
            acked += acks.len() as u64;
        }
        if seq % 1000 == 999 {
            lease.drive();
            acks.clear();
            lease.take_acks(&mut acks);
            acked += acks.len() as u64;
        }
    }
    while acked < count {
        lease.wait(Duration::from_secs(1)).await;
        acks.clear();
        lease.take_acks(&mut acks);
        acked += acks.len() as u64;
    }
}

fn base_consumer(settings: &ClientSettings, topic: &str, count: u64) {
    let consumer: BaseConsumer = config(settings).create().unwrap();
    consumer.subscribe(&[topic]).unwrap();
    let mut seen = 0;
    let mut bytes = 0;
    while seen < count {
        if let Some(message) = consumer.poll(Duration::from_millis(100)) {
            bytes += message.unwrap().payload().unwrap().len();
            seen += 1;
        }
    }
    assert_eq!(bytes as u64, count * 100);
}

async fn stream_consumer(settings: &ClientSettings, topic: &str, count: u64) {
    let consumer: StreamConsumer = config(settings).create().unwrap();
    consumer.subscribe(&[topic]).unwrap();
    for _ in 0..count {
        assert_eq!(consumer.recv().await.unwrap().payload().unwrap().len(), 100);
    }
}

async fn sink_consumer(settings: &ClientSettings, topic: &str, count: u64) {
    let mut consumer = SinkConsumer::subscribe(settings, &[topic.to_owned()]).await.unwrap();
    let mut seen = 0;
    while seen < count {
        match consumer.next(500, Duration::from_secs(1)).await {
            Event::Records(records) => {
                seen += records.len() as u64;
                assert!(records.iter().all(|r| r.value.as_ref().unwrap().len() == 100));
            }
            Event::Assigned(taken) => {
                let from: Vec<_> = taken.into_iter().map(|p| (p, consumer::EARLIEST)).collect();
                consumer.assign(&from).await.unwrap();
            }
            Event::Idle | Event::Warning(_) | Event::Revoked { .. } => {}
            Event::Failed(error) => panic!("{error}"),
        }
    }
    consumer.close(Duration::from_secs(5)).await;
}

async fn measure(what: &str, count: u64, run: impl AsyncFnOnce()) {
    let (start, before) = (Instant::now(), cpu());
    run().await;
    let (wall, used) = (start.elapsed().as_secs_f64(), cpu() - before);
    println!("{what:<28} {:>7.0} ns CPU/record  {:>9.0} records/s", used * 1e9 / count as f64, count as f64 / wall);
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let mut args = std::env::args().skip(1);
    let address = args.next().expect("the broker's address");
    let count: u64 = args.next().map_or(1_000_000, |count| count.parse().unwrap());
    let base = [("bootstrap.servers", address.as_str())];
    let sends = producer_settings(base, "rates").unwrap().settings;
    let topic = format!("rates-{}", std::process::id());
    for round in 0..3 {
        let bare = format!("{topic}-bare-{round}");
        measure("send: bare BaseProducer", count, async || bare_producer(&sends, &bare, count)).await;
        let leased = format!("{topic}-{round}");
        measure("send: lease", count, async || leased_producer(&sends, &leased, count).await).await;
    }
    let read = format!("{topic}-0");
    for round in 0..3 {
        let group = |kind: &str| consumer_settings(base, &format!("{read}-{kind}-{round}"), "rates").unwrap().settings;
        let auto = group("base");
        measure("read: bare BaseConsumer", count, async || base_consumer(&auto, &read, count)).await;
        let auto = group("stream");
        measure("read: bare StreamConsumer", count, async || {
            stream_consumer(&auto, &read, count).await;
        })
        .await;
        let ours = group("sink");
        measure("read: SinkConsumer", count, async || sink_consumer(&ours, &read, count).await).await;
    }
}
