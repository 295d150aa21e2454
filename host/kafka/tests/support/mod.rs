//! A broker per test, and what tests do all the time.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code)]

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use watertight_kafka::*;

/// The embedded broker, in a process and a directory of its own.
pub struct Broker {
    pub address: String,
    program: PathBuf,
    child: Option<Child>,
    data: Option<PathBuf>,
}

impl Broker {
    /// Starts `WATERTIGHT_BROKER_BIN`, or the one that `cargo xtask build` leaves in the target
    /// folder. With `WATERTIGHT_TEST_BOOTSTRAP` a running broker is used, such as a genuine one.
    pub fn start() -> Self {
        if let Ok(address) = std::env::var("WATERTIGHT_TEST_BOOTSTRAP") {
            return Self { address, program: PathBuf::new(), child: None, data: None };
        }
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let program = std::env::var_os("WATERTIGHT_BROKER_BIN")
            .map_or_else(|| PathBuf::from(root).join("target/quick/watertight-broker"), PathBuf::from);
        assert!(
            program.is_file(),
            "{} is missing: build it with `cargo xtask build`, or name one in WATERTIGHT_BROKER_BIN",
            program.display()
        );
        let data = std::env::temp_dir().join(format!("watertight-kafka-{}", unique()));
        std::fs::create_dir_all(&data).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let child = spawn(&program, &address, &data);
        let broker = Self { program, address: address.clone(), child: Some(child), data: Some(data) };
        broker.listens();
        broker
    }

    fn listens(&self) {
        let socket: SocketAddr = self.address.parse().unwrap();
        let start = Instant::now();
        while TcpStream::connect(socket).is_err() {
            let waited = start.elapsed();
            assert!(waited < Duration::from_secs(20), "{} does not listen", self.program.display());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it again where it was.
    pub fn restart(&mut self) {
        self.kill();
        let data = self.data.as_ref().unwrap();
        self.child = Some(spawn(&self.program, &self.address, data));
        self.listens();
    }

    /// Whether this test may stop it.
    pub fn is_ours(&self) -> bool {
        self.child.is_some()
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub fn producer(&self, extra: &[(&str, &str)]) -> ClientSettings {
        let base = [("bootstrap.servers", self.address.as_str())];
        producer_settings(base.iter().chain(extra).copied(), "test-producer").unwrap().settings
    }

    pub fn consumer(&self, group: &str, extra: &[(&str, &str)]) -> ClientSettings {
        let base = [("bootstrap.servers", self.address.as_str()), ("fetch.max.wait.ms", "20")];
        consumer_settings(base.iter().chain(extra).copied(), group, "test-consumer").unwrap().settings
    }

    pub fn admin(&self) -> Admin {
        Admin::new(&self.address, "test-admin").unwrap()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
        if let Some(data) = &self.data {
            let _ = std::fs::remove_dir_all(data);
        }
    }
}

fn spawn(program: &Path, address: &str, data: &Path) -> Child {
    Command::new(program)
        .args(["--listen", address, "--data"])
        .arg(data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A name that no other test has.
pub fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("t{}-{}-{number}", std::process::id(), unix_millis())
}

fn unix_millis() -> u128 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()
}

pub fn record<'a>(topic: &'a str, value: &'a [u8]) -> OutRecord<'a> {
    OutRecord { topic, partition: None, key: None, value: Some(value), headers: &[], timestamp: None }
}

/// Sends, waiting whenever the window is full.
pub async fn send(lease: &ProducerLease, record: OutRecord<'_>, seq: u64) {
    loop {
        match lease.send(record, seq) {
            Ok(()) => return,
            Err(SendError::QueueFull) => {
                lease.wait(Duration::from_secs(10)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// All acknowledgements of what is on its way.
pub async fn settle(lease: &ProducerLease) -> Vec<Ack> {
    let mut all = Vec::new();
    let start = Instant::now();
    while lease.in_flight() > 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "{} records unacknowledged", lease.in_flight());
        lease.wait(Duration::from_secs(1)).await;
        lease.take_acks(&mut all);
    }
    lease.take_acks(&mut all);
    all
}

/// Writes values to a topic, all acknowledged.
pub async fn write(broker: &Broker, topic: &str, values: impl IntoIterator<Item = String>) {
    let lease = ProducerPool::new(1).lease(&broker.producer(&[])).unwrap();
    for (seq, value) in values.into_iter().enumerate() {
        send(&lease, record(topic, value.as_bytes()), seq as u64).await;
    }
    let acks = settle(&lease).await;
    for ack in acks {
        ack.result.unwrap();
    }
}

/// The next event that is neither idle nor a warning.
pub async fn event(consumer: &mut SinkConsumer) -> Event {
    let start = Instant::now();
    loop {
        match consumer.next(500, Duration::from_secs(1)).await {
            Event::Idle | Event::Warning(_) => {
                assert!(start.elapsed() < Duration::from_secs(60), "no event in a minute");
            }
            event => return event,
        }
    }
}

/// Waits for an assignment and takes it from the beginning; the partitions taken.
pub async fn take_assignment(consumer: &mut SinkConsumer) -> Vec<TopicPartition> {
    match event(consumer).await {
        Event::Assigned(partitions) => {
            let from: Vec<_> = partitions.iter().map(|p| (p.clone(), consumer::EARLIEST)).collect();
            consumer.assign(&from).await.unwrap();
            partitions
        }
        other => panic!("{other:?}"),
    }
}

/// At least this many records.
pub async fn read(consumer: &mut SinkConsumer, count: usize) -> Vec<InRecord> {
    let mut all = Vec::new();
    while all.len() < count {
        match event(consumer).await {
            Event::Records(records) => all.extend(records),
            other => panic!("after {} records: {other:?}", all.len()),
        }
    }
    all
}
