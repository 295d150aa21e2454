//! What the measurements stand on: one genuine broker, one input file, and the two workers with the same
//! settings.

use crate::topics::Topics;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use watertight_harness::apicurio::{self, Apicurio};
use watertight_harness::broker::{Broker, Kind};
use watertight_harness::debezium;
use watertight_harness::paths;
use watertight_harness::peer::Peer;
use watertight_harness::worker::{Make, Worker};

/// Whose worker a figure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Kafka Connect.
    Genuine,
    /// Watertight.
    Ours,
}

impl Side {
    /// Both, in the order of the columns.
    pub const BOTH: [Self; 2] = [Self::Genuine, Self::Ours];

    /// For file names, topics and progress.
    pub fn word(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::Ours => "ours",
        }
    }
}

/// A broker and a folder.
pub struct Ground {
    /// Everything is below this.
    pub dir: PathBuf,
    /// To make topics and look at them.
    pub topics: Topics,
    peer: Peer,
    broker: Broker,
}

impl Ground {
    /// Starts the broker.
    pub fn prepare() -> anyhow::Result<Self> {
        let peer = Peer::find().map_err(anyhow::Error::msg)?;
        let dir = paths::test_dir("bench")?;
        eprintln!("the genuine broker starts; logs and files are in {}", dir.display());
        let broker = Broker::start(Kind::Genuine(peer.clone()), &dir.join("broker"))?;
        let topics = Topics::new(&broker.bootstrap())?;
        Ok(Self { dir, topics, peer, broker })
    }

    /// For `bootstrap.servers`.
    pub fn bootstrap(&self) -> String {
        self.broker.bootstrap()
    }

    /// A folder below ours.
    pub fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let dir = self.dir.join(name);
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        Ok(dir)
    }

    /// Whose worker.
    pub fn make(&self, side: Side) -> Make {
        match side {
            Side::Genuine => Make::Genuine(self.peer.clone()),
            Side::Ours => Make::Ours,
        }
    }

    /// CPU time that the broker has used.
    pub fn broker_cpu(&self) -> anyhow::Result<std::time::Duration> {
        watertight_harness::procfs::cpu(self.broker.pid().context("the broker has ended")?)
    }

    /// The Java twins of the benchmark's connectors, compiled now: a folder for `plugin.path`.
    pub fn twins(&self) -> anyhow::Result<PathBuf> {
        self.compiled("twins", "tests/bench/java/watertight/bench")
    }

    /// Likewise, those of the tests' connectors.
    pub fn test_twins(&self) -> anyhow::Result<PathBuf> {
        self.compiled("test-twins", "tests/cases/java/watertight/test")
    }

    fn compiled(&self, name: &str, sources: &str) -> anyhow::Result<PathBuf> {
        let plugins = self.folder(name)?;
        let classes = self.folder(&format!("{name}/classes"))?;
        let sources = paths::root().join(sources);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&sources)? {
            files.push(entry?.path());
        }
        let run = |command: &mut Command| {
            let status = command.status().with_context(|| format!("{command:?} cannot be started"))?;
            anyhow::ensure!(status.success(), "{command:?} failed");
            Ok(())
        };
        run(Command::new("javac").arg("-cp").arg(self.peer.class_path()).arg("-d").arg(&classes).args(&files))?;
        let folder = self.folder(&format!("{name}/jar"))?;
        run(Command::new("jar").arg("cf").arg(folder.join("connectors.jar")).arg("-C").arg(&classes).arg("."))?;
        std::fs::remove_dir_all(classes)?;
        Ok(plugins)
    }

    /// Debezium's JDBC sink: a folder for `plugin.path`.
    pub fn debezium(&self) -> anyhow::Result<PathBuf> {
        debezium::plugins(&self.peer)
    }

    /// Our JDBC connectors alone.
    pub fn jdbc(&self) -> anyhow::Result<PathBuf> {
        let folder = self.folder("jdbc-component")?;
        let file = paths::plugins().join("jdbc.wasm");
        std::fs::copy(&file, folder.join("jdbc.wasm")).with_context(|| format!("cannot copy {}", file.display()))?;
        Ok(folder)
    }

    /// Our side of them, and our transforms: a folder with nothing else, since a worker compiles whatever it finds and
    /// that must not be measured.
    pub fn components(&self) -> anyhow::Result<PathBuf> {
        let folder = self.folder("components")?;
        let bench = paths::target().join("bench").join("bench-connectors.wasm");
        for file in [bench, paths::plugins().join("example-transforms.wasm")] {
            let name = file.file_name().context("a component has a name")?;
            std::fs::copy(&file, folder.join(name)).with_context(|| format!("cannot copy {}", file.display()))?;
        }
        Ok(folder)
    }

    /// An empty registry for Avro.
    pub fn registry(&self) -> anyhow::Result<Apicurio> {
        Apicurio::start(&self.peer, &self.folder("registry")?)
    }

    /// The genuine worker's Avro: a folder for `plugin.path`.
    pub fn avro_plugins(&self) -> anyhow::Result<PathBuf> {
        apicurio::plugins(&self.peer)
    }

    /// A worker, not yet started. What the harness sets so that tests are quick is taken out again: both
    /// sides run with Kafka's defaults.
    pub fn worker(&self, side: Side, folder: &Path) -> anyhow::Result<Worker> {
        let mut worker = Worker::new(self.make(side), folder, &self.bootstrap())?;
        for key in [
            "offset.flush.interval.ms",
            "consumer.fetch.max.wait.ms",
            "consumer.session.timeout.ms",
            "consumer.heartbeat.interval.ms",
        ] {
            worker = worker.without(key);
        }
        if side == Side::Ours {
            worker = worker
                .with("sandbox.fs.roots", format!("{}:rw", self.dir.display()))
                .with("sandbox.cache.dir", code_cache(folder).display());
        }
        Ok(worker)
    }
}

/// Where a worker of ours in this folder keeps compiled code.
pub fn code_cache(folder: &Path) -> PathBuf {
    folder.join("code-cache")
}
