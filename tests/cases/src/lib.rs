//! What black-box cases share. A case starts the real binaries in a folder of its own below
//! `target/tests`, drives them as a user would, and leaves its logs there.
//!
//! A name says what is true when the case passes; `genuine` in it means that it wants the genuine Kafka.

pub mod cluster;
pub mod hostile;
pub mod table;
pub mod topics;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use watertight_harness::broker::{Broker, Kind};
use watertight_harness::cluster::Cluster;
use watertight_harness::lines::{self, Tally};
use watertight_harness::peer::Peer;
use watertight_harness::worker::{MAKE, Make, Worker, file_sink, file_source};
use watertight_harness::{paths, skips, wait};

/// Long enough for anything that should have happened at once.
pub const SOON: Duration = Duration::from_secs(30);

/// The topic of [`Scene::with_files`].
pub const TOPIC: &str = "lines";

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Nobody else has processes while this is held.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A broker and a worker, not yet started, in a folder of their own.
pub struct Scene {
    /// The folder, which the worker may read and write.
    pub dir: PathBuf,
    /// Running.
    pub broker: Broker,
    /// Not started.
    pub worker: Worker,
    _alone: MutexGuard<'static, ()>,
}

impl Scene {
    /// On the embedded broker.
    pub fn new(case: &str) -> anyhow::Result<Self> {
        Self::on(Kind::Embedded, Make::Ours, case)
    }

    /// On any broker, with anybody's worker.
    pub fn on(kind: Kind, make: Make, case: &str) -> anyhow::Result<Self> {
        let alone = alone();
        let dir = paths::test_dir(case)?;
        let broker = Broker::start(kind, &dir.join("broker"))?;
        let worker = Worker::new(pointed(make)?, &dir, &broker.bootstrap())?.short_lived();
        Ok(Self { dir, broker, worker, _alone: alone })
    }

    /// On the genuine broker, with a worker that is the only one of its cluster.
    pub fn distributed(peer: Peer, make: Make, case: &str) -> anyhow::Result<Self> {
        let mut scene = Self::on(Kind::Genuine(peer), make, case)?;
        let cluster = Cluster::new(&scene.dir, &scene.broker.bootstrap(), case)
            .with("scheduled.rebalance.max.delay.ms", 0)
            .with("offset.storage.partitions", 1);
        let make = scene.worker.make().clone();
        scene.worker = Worker::distributed(make, &scene.dir, &scene.broker.bootstrap(), cluster.common())?;
        Ok(scene)
    }

    /// With another setting of the worker.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        self.worker = self.worker.with(key, value);
        self
    }

    /// With a file source and a file sink on the command line.
    pub fn with_files(mut self) -> anyhow::Result<Self> {
        let source = file_source("file-source", &self.input(), TOPIC);
        let sink = file_sink("file-sink", &self.output(), TOPIC);
        self.worker = self.worker.with_connector(&source)?.with_connector(&sink)?;
        Ok(self)
    }

    /// Starts the worker; one of a cluster is a member of it then.
    pub fn start(mut self) -> anyhow::Result<Self> {
        self.worker.start()?;
        let connect = self.worker.connect();
        if self.worker.is_distributed() {
            wait::until("the worker to have joined its cluster", 3 * SOON, || match connect.http.get("/health") {
                Ok(answer) if answer.status == 200 => Ok(()),
                other => Err(format!("{other:?}")),
            })?;
        }
        Ok(self)
    }

    /// What the source reads.
    pub fn input(&self) -> PathBuf {
        self.dir.join("input.txt")
    }

    /// What the sink writes.
    pub fn output(&self) -> PathBuf {
        self.dir.join("output.txt")
    }

    /// Waits until the output holds all of `expected` lines; the count then.
    pub fn wait_for_lines(&self, expected: u64, deadline: Duration) -> anyhow::Result<Tally> {
        wait_for_lines(&self.output(), expected, deadline)
    }

    /// Waits until both files of [`Scene::with_files`] are being worked on.
    pub fn wait_running(&self) -> anyhow::Result<()> {
        for name in ["file-source", "file-sink"] {
            self.worker.connect().wait_running(name, SOON)?;
        }
        Ok(())
    }
}

/// Whether cases that hold for both workers are to be asked on `which`, `ours` or `genuine`: on ours, unless
/// `WATERTIGHT_WORKER` names the other. The genuine worker takes ten minutes for what ours does in one.
pub fn is_wanted(which: &str) -> bool {
    match std::env::var(MAKE) {
        Ok(named) => named == which,
        Err(_) => which == "ours",
    }
}

/// `WATERTIGHT_WORKER=genuine` points every case at the genuine worker: what fails then is either a
/// difference on purpose, or wrong in the case.
fn pointed(make: Make) -> anyhow::Result<Make> {
    match std::env::var_os(MAKE) {
        Some(which) if which == "genuine" => Ok(Make::Genuine(Peer::find().map_err(anyhow::Error::msg)?)),
        _ => Ok(make),
    }
}

/// Waits until a file holds all of `expected` lines; the count then. The time allowed starts anew whenever
/// the file has grown: the promise is that lines arrive, not how fast this machine is.
pub fn wait_for_lines(path: &Path, expected: u64, patience: Duration) -> anyhow::Result<Tally> {
    let size = || std::fs::metadata(path).map(|m| m.len()).unwrap_or(0);
    let whole = expected * (lines::WIDTH as u64 + 1);
    loop {
        let before = size();
        // Counting costs a read of the whole file, and duplicates make a file long before it is complete.
        if before >= whole {
            let tally = lines::tally(path, expected)?;
            if tally.missing == 0 && !tally.unfinished {
                return Ok(tally);
            }
        }
        let grown = wait::until("more lines to arrive", patience, || match size() {
            now if now > before => Ok(()),
            now => Err(format!("{} has {now} bytes", path.display())),
        });
        if let Err(error) = grown {
            anyhow::bail!("{error:#}: {}", lines::tally(path, expected)?);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until a file holds exactly this.
pub fn wait_for_text(path: &Path, expected: &str, patience: Duration) -> anyhow::Result<()> {
    wait::until("the file to hold what it should", patience, || match std::fs::read_to_string(path) {
        Ok(text) if text == expected => Ok(()),
        other => Err(format!("{other:?}")),
    })
}

/// The genuine Kafka, or a noted skip.
pub fn genuine(case: &str) -> anyhow::Result<Option<Peer>> {
    match Peer::find() {
        Ok(peer) => Ok(Some(peer)),
        Err(reason) => skips::skip(case, &reason).map(|()| None),
    }
}

/// A component that tests need, or an error that says how to get it.
pub fn component(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let path = folder.join(name);
    anyhow::ensure!(path.exists(), "{} is missing; `cargo xtask test` builds it", path.display());
    Ok(path)
}

/// Random enough to kill at: printed, so that a failure can be looked at again.
pub struct Dice(u64);

impl Dice {
    /// Seeded with `WATERTIGHT_SEED`, or with the clock.
    pub fn new() -> Self {
        let given = std::env::var("WATERTIGHT_SEED").ok().and_then(|s| s.parse().ok());
        let clock = || std::time::UNIX_EPOCH.elapsed().map_or(1, |d| d.as_nanos() as u64);
        let seed = given.unwrap_or_else(clock) | 1;
        println!("WATERTIGHT_SEED={seed}");
        Self(seed)
    }

    /// A duration between two, in milliseconds.
    pub fn millis(&mut self, from: u64, to: u64) -> Duration {
        // xorshift64: no crate for one number.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Duration::from_millis(from + self.0 % (to - from).max(1))
    }
}

impl Default for Dice {
    fn default() -> Self {
        Self::new()
    }
}
