//! A worker under test, standalone or of a cluster, ours or the genuine one, in a folder of its own.

use crate::connect::Connect;
use crate::peer::{Heap, Peer};
use crate::process::Service;
use crate::properties::Properties;
use crate::{paths, ports, signals};
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

/// Kafka's converter of plain text.
pub const STRING_CONVERTER: &str = "org.apache.kafka.connect.storage.StringConverter";
/// The file source.
pub const FILE_SOURCE: &str = "org.apache.kafka.connect.file.FileStreamSourceConnector";
/// The file sink.
pub const FILE_SINK: &str = "org.apache.kafka.connect.file.FileStreamSinkConnector";

const READY: Duration = Duration::from_secs(150);
const GRACE: Duration = Duration::from_secs(30);

/// `genuine` points black-box cases at the genuine worker.
pub const MAKE: &str = "WATERTIGHT_WORKER";

/// Whose worker.
#[derive(Debug, Clone)]
pub enum Make {
    /// `watertight`
    Ours,
    /// Apache Kafka Connect.
    Genuine(Peer),
}

/// Alone, or together with others of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Standalone,
    Distributed,
}

/// A worker with its settings, running or not: folder, port and offsets survive [`Worker::kill`].
#[derive(Debug)]
pub struct Worker {
    make: Make,
    mode: Mode,
    dir: PathBuf,
    port: u16,
    properties: Properties,
    connectors: Vec<PathBuf>,
    binary: PathBuf,
    environment: Vec<(String, String)>,
    heap: Heap,
    service: Option<Service>,
}

impl Worker {
    /// Ours, not yet started. It sees `dir` alone, polls quickly and flushes offsets every second.
    pub fn ours(dir: &Path, bootstrap: &str) -> anyhow::Result<Self> {
        Self::new(Make::Ours, dir, bootstrap)
    }

    /// Not yet started.
    pub fn new(make: Make, dir: &Path, bootstrap: &str) -> anyhow::Result<Self> {
        let worker = Self::of(Mode::Standalone, make, dir, bootstrap)?;
        Ok(worker.with("offset.storage.file.filename", dir.join("offsets").display()))
    }

    /// One of a cluster, which its `group.id` and its storage topics make; for cases, as its heap is small. Not yet
    /// started.
    pub fn distributed(make: Make, dir: &Path, bootstrap: &str, cluster: &Properties) -> anyhow::Result<Self> {
        let mut worker = Self::of(Mode::Distributed, make, dir, bootstrap)?.short_lived();
        for (key, value) in cluster.entries() {
            worker.properties.set(key, value);
        }
        Ok(worker)
    }

    fn of(mode: Mode, make: Make, dir: &Path, bootstrap: &str) -> anyhow::Result<Self> {
        let port = ports::free()?;
        let mut properties = Properties::new()
            .with("bootstrap.servers", bootstrap)
            .with("listeners", format!("http://127.0.0.1:{port}"))
            .with("key.converter", STRING_CONVERTER)
            .with("value.converter", STRING_CONVERTER)
            .with("offset.flush.interval.ms", 1000)
            .with("consumer.fetch.max.wait.ms", 20)
            // After a SIGKILL the group must not wait the usual 45 s for the member that is gone.
            .with("consumer.session.timeout.ms", 6000)
            .with("consumer.heartbeat.interval.ms", 1000);
        if matches!(make, Make::Ours) {
            properties = properties
                .with("plugin.path", paths::plugins().display())
                .with("sandbox.fs.roots", format!("{}:rw", dir.display()))
                .with("sandbox.cache.dir", paths::target().join("tests").join("code-cache").display());
        }
        let binary = paths::binary("watertight");
        Ok(Self {
            make,
            mode,
            dir: dir.to_path_buf(),
            port,
            properties,
            connectors: Vec::new(),
            binary,
            environment: Vec::new(),
            heap: Heap::connect(),
            service: None,
        })
    }

    /// Whether it is `watertight`.
    pub fn is_ours(&self) -> bool {
        matches!(self.make, Make::Ours)
    }

    /// Whether it is one of a cluster.
    pub fn is_distributed(&self) -> bool {
        self.mode == Mode::Distributed
    }

    /// Whose it is.
    pub fn make(&self) -> &Make {
        &self.make
    }

    /// With this worker setting.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        self.properties.set(key, value);
        self
    }

    /// Without this worker setting.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.properties = self.properties.without(key);
        self
    }

    /// With the components that only tests use beside the usual ones.
    #[must_use]
    pub fn with_test_guests(self) -> Self {
        let both = format!("{},{}", paths::plugins().display(), paths::guests().display());
        self.with("plugin.path", both)
    }

    /// Ready sooner, if it is the genuine one, and slower then: for cases, not for measurements.
    #[must_use]
    pub fn short_lived(mut self) -> Self {
        self.heap = Heap::short_lived();
        self
    }

    /// Another heap, if it is the genuine one; for the next start.
    pub fn set_heap(&mut self, heap: Heap) {
        self.heap = heap;
    }

    /// With another binary than the built one.
    #[must_use]
    pub fn with_binary(mut self, binary: &Path) -> Self {
        self.binary = binary.to_path_buf();
        self
    }

    /// With a variable in the environment of ours.
    #[must_use]
    pub fn with_environment(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.environment.push((name.to_owned(), value.to_string()));
        self
    }

    /// With a connector on the command line, written to `NAME.properties` in the folder.
    pub fn with_connector(mut self, config: &Properties) -> anyhow::Result<Self> {
        let name = config.get("name").context("a connector needs a name")?;
        let path = self.dir.join(format!("{name}.properties"));
        config.write(&path)?;
        self.connectors.push(path);
        Ok(self)
    }

    /// With a file on the command line, whatever is in it.
    #[must_use]
    pub fn with_connector_file(mut self, path: &Path) -> Self {
        self.connectors.push(path.to_path_buf());
        self
    }

    /// Likewise, for the next start.
    pub fn add_connector_file(&mut self, path: &Path) {
        self.connectors.push(path.to_path_buf());
    }

    /// Starts it and waits until REST answers; how long that took.
    pub fn start(&mut self) -> anyhow::Result<Duration> {
        self.spawn()?;
        self.wait_ready()
    }

    /// After [`Worker::spawn`]: waits until REST answers.
    pub fn wait_ready(&mut self) -> anyhow::Result<Duration> {
        let connect = self.connect();
        let Some(service) = self.service.as_mut() else { anyhow::bail!("the worker is not running") };
        service.wait_ready(READY, || match connect.http.get("/") {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(format!("GET / answered {}", answer.status)),
            Err(e) => Err(format!("{e:#}")),
        })
    }

    /// Starts it without waiting, for cases in which it does not come up.
    pub fn spawn(&mut self) -> anyhow::Result<&mut Service> {
        let file = self.dir.join("worker.properties");
        self.properties.write(&file)?;
        let log = self.dir.join("worker.log");
        let service = match &self.make {
            Make::Ours => {
                let mut command = Command::new(&self.binary);
                let verb = match self.mode {
                    Mode::Standalone => "standalone",
                    Mode::Distributed => "distributed",
                };
                command.current_dir(&self.dir).arg(verb).arg(&file).args(&self.connectors);
                command.envs(self.environment.iter().map(|(name, value)| (name, value)));
                Service::spawn("the worker", command, &log)?
            }
            Make::Genuine(peer) => match self.mode {
                Mode::Standalone => peer.standalone(&self.heap, &self.dir, &file, &self.connectors, &log)?,
                Mode::Distributed => peer.distributed(&self.heap, &self.dir, &file, &log)?,
            },
        };
        Ok(self.service.insert(service))
    }

    /// Its REST interface.
    pub fn connect(&self) -> Connect {
        Connect::on(self.port)
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its REST port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.service.as_ref().map(Service::pid)
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.service.as_mut().is_some_and(|s| s.exited().is_none())
    }

    /// Everything it has logged, over all starts.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("worker.log")).unwrap_or_default()
    }

    /// Sets another value; for the next start.
    pub fn set(&mut self, key: &str, value: impl std::fmt::Display) {
        self.properties.set(key, value);
    }

    /// SIGSTOP: it holds what it holds, and does nothing, until [`Worker::thaw`].
    pub fn freeze(&self) {
        if let Some(pid) = self.pid() {
            signals::freeze(pid);
        }
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        if let Some(pid) = self.pid() {
            signals::thaw(pid);
        }
    }

    /// SIGTERM, without waiting; [`Worker::stop`] waits.
    pub fn ask_to_stop(&self) {
        if let Some(pid) = self.pid() {
            signals::terminate(pid);
        }
    }

    /// Waits until it ends by itself; how it ended.
    pub fn wait_end(&mut self, deadline: Duration) -> Option<ExitStatus> {
        let ended = self.service.as_mut()?.wait(deadline)?;
        self.service = None;
        Some(ended)
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(service) = self.service.take() {
            service.kill();
        }
    }

    /// SIGTERM; an error where it does not end in time.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        match self.service.take() {
            Some(service) => service.stop(GRACE).map(drop),
            None => Ok(()),
        }
    }
}

/// Settings of a file source.
pub fn file_source(name: &str, file: &Path, topic: &str) -> Properties {
    Properties::new()
        .with("name", name)
        .with("connector.class", FILE_SOURCE)
        .with("tasks.max", 1)
        .with("file", file.display())
        .with("topic", topic)
}

/// Settings of a file sink.
pub fn file_sink(name: &str, file: &Path, topic: &str) -> Properties {
    Properties::new()
        .with("name", name)
        .with("connector.class", FILE_SINK)
        .with("tasks.max", 1)
        .with("file", file.display())
        .with("topics", topic)
}
