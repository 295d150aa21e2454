//! The peer: genuine Apache Kafka and Kafka Connect from Maven Central, as the oracle of tests and the
//! measure of benchmarks.
//!
//! What was found by trying it (4.3.1 on Java 17):
//! - `kafka_2.13` brings the broker (`kafka.Kafka`) and the formatter (`kafka.tools.StorageTool`, whose
//!   words are `format -t CLUSTER_ID -c server.properties`; a folder formatted before is refused unless
//!   `--ignore-formatted` is given). `connect-runtime` brings
//!   `org.apache.kafka.connect.cli.ConnectStandalone` and `...ConnectDistributed`; the file connectors are
//!   in `connect-file`, and on the class path they need no `plugin.path`.
//! - The class path has log4j 2 but nothing that ties slf4j 1.7 to it: without `log4j-slf4j-impl` of the
//!   same version nothing is logged at all.
//! - Fetched in about 10 s (54 MB in 92 files); the broker listens 2-3 s after its start.

use crate::maven::{self, Artifact, Then};
use crate::process::Service;
use crate::{apicurio, paths};
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that is fetched, unless `WATERTIGHT_KAFKA_VERSION` names another.
pub const VERSION: &str = "4.3.1";

const LOG4J: &str = "2.25.4";
const CLUSTER_ID: &str = "4L6g3nShT-eMCtK--X86sw";
const ARTIFACTS: [&str; 5] = ["kafka_2.13", "connect-runtime", "connect-json", "connect-transforms", "connect-file"];

/// A fetched Kafka.
#[derive(Debug, Clone)]
pub struct Peer {
    dir: PathBuf,
    /// Class path beside its own.
    more: Vec<PathBuf>,
    /// For each JVM.
    options: Vec<String>,
}

/// A JVM's heap.
#[derive(Debug, Clone)]
pub struct Heap(Vec<String>);

impl Heap {
    /// Enough for a broker under test.
    pub fn broker() -> Self {
        Self(vec!["-Xms256m".into(), "-Xmx512m".into()])
    }

    /// What `connect-standalone.sh` and `connect-distributed.sh` set by themselves.
    pub fn connect() -> Self {
        Self(vec!["-Xms256M".into(), "-Xmx2G".into()])
    }

    /// That of a worker which lives for one case: with half of the JVM's compiler left out it is ready in half the
    /// time. Never for anything that is measured.
    pub fn short_lived() -> Self {
        Self(vec!["-Xmx1G".into(), "-XX:TieredStopAtLevel=1".into()])
    }
}

/// What Kafka's start scripts give every JVM.
const JVM: [&str; 6] = [
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-Djava.awt.headless=true",
];

impl Peer {
    /// The one that was fetched before; otherwise the reason why there is none, for a skip.
    pub fn find() -> Result<Self, String> {
        let peer = Self { dir: folder(), more: Vec::new(), options: Vec::new() };
        if !peer.stamp().exists() {
            return Err("the genuine Kafka is not there: `cargo xtask peer fetch` gets it".into());
        }
        match Command::new("java").arg("-version").output() {
            Ok(out) if out.status.success() => Ok(peer),
            _ => Err("no `java` on the path: Kafka 4 needs Java 17 or newer".into()),
        }
    }

    /// Fetches it with Maven, unless it is there.
    pub fn fetch() -> anyhow::Result<Self> {
        if let Ok(peer) = Self::find() {
            return Ok(peer);
        }
        let peer = Self { dir: folder(), more: Vec::new(), options: Vec::new() };
        std::fs::create_dir_all(&peer.dir)?;
        std::fs::write(peer.log4j(), LOG4J_XML)?;
        let version = version();
        let mut wanted = ARTIFACTS.map(|name| Artifact::new("org.apache.kafka", name, &version)).to_vec();
        wanted.push(Artifact::new("org.apache.logging.log4j", "log4j-slf4j-impl", LOG4J));
        maven::fetch(&peer.dir, &wanted, &peer.libs(), Then::Copy)?;
        std::fs::write(peer.stamp(), "")?;
        Self::find().map_err(anyhow::Error::msg)
    }

    /// A class path of Avro's own classes and of a mapping between them and Connect's, with Kafka's: fetched only when
    /// the answers of that mapping are recorded.
    pub fn with_avro(&self) -> anyhow::Result<std::ffi::OsString> {
        // Kafka's classes first: some of what both need comes in other versions.
        Ok(std::env::join_paths([self.class_path(), apicurio::class_path(self)?])?)
    }

    /// With Kafka's REST extension for basic authentication, which no other artifact brings: fetched when it is first
    /// wanted.
    pub fn with_basic_auth(mut self) -> anyhow::Result<Self> {
        let wanted = Artifact::new("org.apache.kafka", "connect-basic-auth-extension", &version()).without_kafka();
        let libs = maven::fetch_once(&self.dir.join("basic-auth"), &[wanted], Then::Copy)?;
        self.more.push(libs.join("*"));
        Ok(self)
    }

    /// With an option of the JVM.
    #[must_use]
    pub fn with_option(mut self, option: String) -> Self {
        self.options.push(option);
        self
    }

    /// Where it lies.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn libs(&self) -> PathBuf {
        self.dir.join("libs")
    }

    /// For `java -cp` and `javac -cp`.
    pub fn class_path(&self) -> PathBuf {
        self.libs().join("*")
    }

    fn log4j(&self) -> PathBuf {
        self.dir.join("log4j2.xml")
    }

    fn stamp(&self) -> PathBuf {
        self.dir.join("complete")
    }

    /// A JVM with Kafka on its class path and Kafka's own settings; add the arguments of `class`.
    pub fn java(&self, class: &str, heap: &Heap) -> anyhow::Result<Command> {
        anyhow::ensure!(self.stamp().exists(), "the genuine Kafka is not there: `cargo xtask peer fetch` gets it");
        let mut java = Command::new("java");
        java.args(&heap.0).args(JVM).args(&self.options);
        java.arg(format!("-Dlog4j2.configurationFile={}", self.log4j().display()));
        let class_path = std::env::join_paths(std::iter::once(&self.class_path()).chain(&self.more))?;
        java.arg("-cp").arg(class_path).arg(class);
        Ok(java)
    }

    /// Prepares a broker's folder; one that is prepared stays as it is.
    pub fn format_storage(&self, server_properties: &Path) -> anyhow::Result<()> {
        let mut java = self.java("kafka.tools.StorageTool", &Heap::broker())?;
        let output = java
            .args(["format", "--ignore-formatted", "-t", CLUSTER_ID, "-c"])
            .arg(server_properties)
            .output()
            .context("cannot run `java`")?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "cannot format the genuine broker's storage: {said}");
        Ok(())
    }

    /// Starts a genuine standalone worker.
    pub fn standalone(
        &self,
        heap: &Heap,
        dir: &Path,
        worker: &Path,
        connectors: &[PathBuf],
        log: &Path,
    ) -> anyhow::Result<Service> {
        let mut java = self.java("org.apache.kafka.connect.cli.ConnectStandalone", heap)?;
        java.current_dir(dir).arg(worker).args(connectors);
        Service::spawn("the genuine worker", java, log)
    }

    /// Starts a genuine worker of a cluster.
    pub fn distributed(&self, heap: &Heap, dir: &Path, worker: &Path, log: &Path) -> anyhow::Result<Service> {
        let mut java = self.java("org.apache.kafka.connect.cli.ConnectDistributed", heap)?;
        java.current_dir(dir).arg(worker);
        Service::spawn("the genuine worker", java, log)
    }
}

/// The version in use.
pub fn version() -> String {
    std::env::var("WATERTIGHT_KAFKA_VERSION").unwrap_or_else(|_| VERSION.to_owned())
}

fn folder() -> PathBuf {
    paths::target().join("peer").join(version())
}

const LOG4J_XML: &str = r#"<Configuration status="WARN">
  <Appenders><Console name="out"><PatternLayout pattern="[%d] %p %m (%c:%L)%n"/></Console></Appenders>
  <Loggers><Root level="INFO"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"#;
