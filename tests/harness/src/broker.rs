//! A broker to test against: the embedded one, or the genuine Apache Kafka. One type, so that the same
//! case runs on both.

use crate::peer::{Heap, Peer};
use crate::process::Service;
use crate::{paths, ports, properties::Properties};
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const READY: Duration = Duration::from_secs(150);
const GRACE: Duration = Duration::from_secs(20);

/// Which broker.
#[derive(Debug, Clone)]
pub enum Kind {
    /// `watertight-broker`
    Embedded,
    /// Apache Kafka, one KRaft node.
    Genuine(Peer),
}

impl Kind {
    /// A word for file names and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Embedded => "embedded",
            Kind::Genuine(_) => "genuine",
        }
    }
}

/// A broker with its port and its data, running or not: both survive [`Broker::kill`].
#[derive(Debug)]
pub struct Broker {
    kind: Kind,
    port: u16,
    dir: PathBuf,
    service: Option<Service>,
    topics: Vec<String>,
}

/// Beyond what every broker under test is given.
#[derive(Debug, Clone, Default)]
pub struct More<'a> {
    /// `NAME:PARTITIONS`; the embedded broker makes them.
    pub topics: &'a [&'a str],
    /// For the genuine broker's `server.properties`.
    pub settings: &'a [(&'a str, &'a str)],
    /// A second door of the genuine broker: where it listens, and where it says that it listens. A client that comes
    /// through it stays on it, whatever stands between.
    pub detour: Option<(u16, u16)>,
}

impl Broker {
    /// Starts one on a free port, with its data and log below `dir`.
    pub fn start(kind: Kind, dir: &Path) -> anyhow::Result<Self> {
        Self::start_with_topics(kind, dir, &[])
    }

    /// Likewise; the embedded one is told to make these topics (`NAME:PARTITIONS`).
    pub fn start_with_topics(kind: Kind, dir: &Path, topics: &[&str]) -> anyhow::Result<Self> {
        Self::start_with(kind, dir, &More { topics, ..More::default() })
    }

    /// Likewise, with more.
    pub fn start_with(kind: Kind, dir: &Path, more: &More<'_>) -> anyhow::Result<Self> {
        let topics = more.topics.iter().map(|t| (*t).to_owned()).collect();
        let mut broker = Self { kind, port: ports::free()?, dir: dir.to_path_buf(), service: None, topics };
        std::fs::create_dir_all(dir)?;
        if let Kind::Genuine(peer) = &broker.kind {
            let properties = server_properties(broker.port, &broker.dir.join("broker-data"), more)?;
            let file = broker.server_properties();
            properties.write(&file).with_context(|| format!("cannot write {}", file.display()))?;
            peer.format_storage(&broker.server_properties())?;
        }
        broker.restart()?;
        Ok(broker)
    }

    /// Starts it again after [`Broker::kill`] or [`Broker::stop`]: same port, same data.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        let log = self.dir.join("broker.log");
        let command = match &self.kind {
            Kind::Embedded => {
                embedded(&paths::binary("watertight-broker"), self.port, &self.dir.join("broker-data"), &self.topics)
            }
            Kind::Genuine(peer) => {
                let mut java = peer.java("kafka.Kafka", &Heap::broker())?;
                java.arg(self.server_properties());
                java
            }
        };
        let mut service = Service::spawn(&format!("the {} broker", self.kind.name()), command, &log)?;
        let port = self.port;
        service.wait_ready(READY, || ports::answers(port).then_some(()).ok_or("nobody listens yet".into()))?;
        self.service = Some(service);
        Ok(())
    }

    fn server_properties(&self) -> PathBuf {
        self.dir.join("server.properties")
    }

    /// For `bootstrap.servers`.
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Which one it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.service.as_ref().map(Service::pid)
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(service) = self.service.take() {
            service.kill();
        }
    }

    /// SIGTERM, and an error where it does not end in time.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        match self.service.take() {
            Some(service) => service.stop(GRACE).map(drop),
            None => Ok(()),
        }
    }
}

/// The command line of the embedded broker, as documented.
pub fn embedded(binary: &Path, port: u16, data: &Path, topics: &[String]) -> Command {
    let mut command = Command::new(binary);
    command.arg("--listen").arg(format!("127.0.0.1:{port}")).arg("--data").arg(data);
    for topic in topics {
        command.arg("--topic").arg(topic);
    }
    command
}

fn server_properties(port: u16, data: &Path, more: &More<'_>) -> anyhow::Result<Properties> {
    let controller = ports::free()?;
    let mut listeners = format!("PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}");
    let mut advertised = format!("PLAINTEXT://127.0.0.1:{port}");
    if let Some((here, there)) = more.detour {
        listeners.push_str(&format!(",DETOUR://127.0.0.1:{here}"));
        advertised.push_str(&format!(",DETOUR://127.0.0.1:{there}"));
    }
    let mut properties = Properties::new()
        .with("process.roles", "broker,controller")
        .with("node.id", 1)
        .with("controller.quorum.voters", format!("1@127.0.0.1:{controller}"))
        .with("listeners", listeners)
        .with("advertised.listeners", advertised)
        .with("inter.broker.listener.name", "PLAINTEXT")
        .with("controller.listener.names", "CONTROLLER")
        .with("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,DETOUR:PLAINTEXT")
        .with("log.dirs", data.display())
        .with("num.partitions", 1)
        .with("offsets.topic.replication.factor", 1)
        .with("offsets.topic.num.partitions", 1)
        .with("transaction.state.log.replication.factor", 1)
        .with("transaction.state.log.min.isr", 1)
        .with("transaction.state.log.num.partitions", 1)
        .with("share.coordinator.state.topic.replication.factor", 1)
        .with("share.coordinator.state.topic.min.isr", 1)
        .with("group.initial.rebalance.delay.ms", 0);
    for (key, value) in more.settings {
        properties.set(key, value);
    }
    Ok(properties)
}
