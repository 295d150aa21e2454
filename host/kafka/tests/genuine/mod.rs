//! A genuine broker: transactions, compaction and fencing are its own.

#![allow(dead_code)]

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use watertight_harness::broker::{Broker, Kind, More};
use watertight_harness::peer::Peer;
use watertight_harness::{paths, skips};
use watertight_kafka::*;

/// Cleans and deletes soon.
const EAGER: &[(&str, &str)] = &[
    ("log.cleaner.backoff.ms", "200"),
    ("log.retention.check.interval.ms", "300"),
    ("log.initial.task.delay.ms", "200"),
    ("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"),
];

/// One of its own, which the test may kill. None where it cannot be had, which is noted as a skip.
pub fn own(case: &str) -> Option<Broker> {
    let peer = match Peer::find() {
        Ok(peer) => peer,
        Err(reason) => {
            skips::skip(case, &reason).unwrap();
            return None;
        }
    };
    let dir = paths::test_dir(&format!("{case}-{}", std::process::id())).unwrap();
    let more = More { settings: EAGER, ..More::default() };
    Some(Broker::start_with(Kind::Genuine(peer), &dir, &more).unwrap())
}

/// The address of one for all cases of this process.
pub fn shared(case: &str) -> Option<String> {
    static ONE: OnceLock<Option<String>> = OnceLock::new();
    let made = ONE.get_or_init(|| {
        Peer::find().ok()?;
        let (told, ready) = std::sync::mpsc::channel();
        // The broker ends with the thread that started it: this one lives as long as the process.
        std::thread::spawn(move || {
            let broker = own("log-shared").unwrap();
            told.send(broker.bootstrap()).unwrap();
            loop {
                std::thread::park();
            }
        });
        Some(ready.recv().unwrap())
    });
    if made.is_none() {
        skips::skip(case, "the genuine Kafka is not there: `cargo xtask peer fetch` gets it").unwrap();
    }
    made.clone()
}

/// Clients of one broker.
pub struct At(pub String);

impl At {
    fn with<'a>(&'a self, extra: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = (&'a str, &'a str)> {
        std::iter::once(("bootstrap.servers", self.0.as_str())).chain(extra.iter().copied())
    }

    pub fn admin(&self) -> Arc<Admin> {
        Arc::new(Admin::new(&self.0, "test-admin").unwrap())
    }

    pub fn producer(&self, extra: &[(&str, &str)]) -> ClientSettings {
        producer_settings(self.with(extra), "test-producer").unwrap().settings
    }

    pub fn transactional(&self, id: &str, extra: &[(&str, &str)]) -> ClientSettings {
        transactional_settings(self.with(extra), "test-producer", id, "for tests").unwrap().settings
    }

    pub fn reader(&self, isolation: &str) -> ClientSettings {
        let extra = [("isolation.level", isolation), ("fetch.max.wait.ms", "50")];
        reader_settings(self.with(&extra), "test-reader").unwrap().settings
    }

    pub async fn topic(&self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let configs = configs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let topic = NewTopic { partitions, replication_factor: 1, configs, ..NewTopic::new(name) };
        self.admin().create_topic(&topic).await.unwrap();
    }

    /// A log that writes without transactions, and what it has applied.
    pub async fn log(&self, topic: &str, isolation: &str) -> (TopicLog, Applied) {
        self.log_with(topic, isolation, self.producer(&[])).await
    }

    pub async fn log_with(&self, topic: &str, isolation: &str, writer: ClientSettings) -> (TopicLog, Applied) {
        let applied = Applied::default();
        let settings = LogSettings {
            topic: topic.to_owned(),
            reader: self.reader(isolation),
            writer: Some(writer),
            admin: self.admin(),
        };
        let log = TopicLog::start(settings, applied.taker()).await.unwrap();
        (log, applied)
    }

    /// A transactional producer that is ready to begin.
    pub async fn transactions(&self, id: &str, extra: &[(&str, &str)]) -> ProducerLease {
        let lease = ProducerPool::new(1).lease(&self.transactional(id, extra)).unwrap();
        let start = Instant::now();
        loop {
            match lease.init_transactions(Duration::from_secs(30)).await {
                Ok(()) => return lease,
                Err(error) => {
                    assert!(error.retriable && start.elapsed() < Duration::from_secs(300), "{error:?}");
                }
            }
        }
    }
}

/// What a log has applied, in order.
#[derive(Clone, Default)]
pub struct Applied(Arc<Mutex<Vec<InRecord>>>);

impl Applied {
    pub fn taker(&self) -> impl FnMut(InRecord) + Send + 'static {
        let all = self.0.clone();
        move |record| all.lock().unwrap().push(record)
    }

    pub fn records(&self) -> Vec<InRecord> {
        self.0.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub fn values(&self) -> Vec<String> {
        let text = |value: &Option<Vec<u8>>| match value {
            Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            None => "-".to_owned(),
        };
        self.0.lock().unwrap().iter().map(|record| text(&record.value)).collect()
    }
}

/// Waits for a condition, for minutes if need be.
pub async fn until<F: Future<Output = bool>>(what: &str, mut met: impl FnMut() -> F) {
    let start = Instant::now();
    while !met().await {
        assert!(start.elapsed() < Duration::from_secs(300), "in five minutes not: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
