//! A genuine broker, and workers' logs on it.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use watertight_harness::broker::{Broker, Kind};
use watertight_harness::peer::Peer;
use watertight_harness::{paths, skips};
use watertight_kafka::{Admin, NewTopic, ProducerLease, ProducerPool, transactional_settings};
use watertight_worker::distributed::config::DistributedConfig;
use watertight_worker::entities::ConfigMap;
use watertight_worker::secrets::Vault;
use watertight_worker::storage::StorageParts;

/// More than anything here takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(60);

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
    Some(Broker::start(Kind::Genuine(peer), &dir).unwrap())
}

/// The embedded one. None where it has not been built, which is noted as a skip.
pub fn embedded(case: &str) -> Option<Broker> {
    if !paths::binary("watertight-broker").is_file() {
        skips::skip(case, "the embedded broker is not there: `cargo xtask build` makes it").unwrap();
        return None;
    }
    let dir = paths::test_dir(&format!("{case}-{}", std::process::id())).unwrap();
    Some(Broker::start(Kind::Embedded, &dir).unwrap())
}

/// One for all cases of this process.
pub fn shared(case: &str) -> Option<Cluster> {
    static ONE: OnceLock<Option<String>> = OnceLock::new();
    let address = ONE.get_or_init(|| {
        Peer::find().ok()?;
        let (told, ready) = std::sync::mpsc::channel();
        // The broker ends with the thread that started it: this one lives as long as the process.
        std::thread::spawn(move || {
            let broker = own("storage-shared").unwrap();
            told.send(broker.bootstrap()).unwrap();
            loop {
                std::thread::park();
            }
        });
        Some(ready.recv().unwrap())
    });
    match address {
        Some(address) => Some(Cluster::new(address, case)),
        None => {
            skips::skip(case, "the genuine Kafka is not there: `cargo xtask peer fetch` gets it").unwrap();
            None
        }
    }
}

/// Workers of one group, with topics of their own.
pub struct Cluster {
    pub address: String,
    pub name: String,
}

impl Cluster {
    pub fn new(address: &str, case: &str) -> Self {
        Self { address: address.to_owned(), name: format!("{case}-{}", std::process::id()) }
    }

    pub fn topic(&self, what: &str) -> String {
        format!("{}-{what}", self.name)
    }

    pub fn admin(&self) -> Arc<Admin> {
        Arc::new(Admin::new(&self.address, "test-admin").unwrap())
    }

    /// What a worker's logs are made from.
    pub fn parts(&self, more: &[(&str, &str)]) -> StorageParts {
        let mut properties = ConfigMap::new();
        let mut set = |key: &str, value: &str| drop(properties.insert(key.to_owned(), value.to_owned()));
        set("bootstrap.servers", &self.address);
        set("group.id", &self.name);
        for what in ["key", "value"] {
            set(&format!("{what}.converter"), "org.apache.kafka.connect.json.JsonConverter");
        }
        for what in ["config", "offset", "status"] {
            set(&format!("{what}.storage.topic"), &self.topic(what));
            set(&format!("{what}.storage.replication.factor"), "1");
        }
        more.iter().for_each(|(key, value)| set(key, value));
        let config = DistributedConfig::new(properties, &paths::target(), Vault::default()).unwrap();
        StorageParts::new(Arc::new(config), self.admin())
    }

    pub async fn create(&self, what: &str, partitions: i32, policy: &str) {
        let configs = vec![("cleanup.policy".to_owned(), policy.to_owned())];
        let topic = NewTopic { partitions, replication_factor: 1, configs, ..NewTopic::new(self.topic(what)) };
        self.admin().create_topic(&topic).await.unwrap();
    }

    /// A producer in the middle of nothing, ready to begin a transaction.
    pub async fn transactions(&self, id: &str) -> ProducerLease {
        let base = [("bootstrap.servers", self.address.as_str())];
        let settings = transactional_settings(base, "test-producer", id, "for tests").unwrap().settings;
        let lease = ProducerPool::new(1).lease(&settings).unwrap();
        let start = Instant::now();
        while let Err(error) = lease.init_transactions(Duration::from_secs(30)).await {
            assert!(error.retriable && start.elapsed() < LONG, "{error:?}");
        }
        lease
    }
}

/// Waits for a condition, for a minute at most.
pub async fn until(what: &str, mut met: impl FnMut() -> bool) {
    let start = Instant::now();
    while !met() {
        assert!(start.elapsed() < LONG, "in a minute not: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
