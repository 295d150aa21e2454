//! Workers of one group, ours or genuine ones or both, each in a folder and on a port of its own.
//!
//! Sessions are short, as is the time for which lost work waits for its worker: what a case waits for is that something
//! happens, and Kafka's own five minutes would be most of it.

use crate::connect::Connect;
use crate::properties::Properties;
use crate::wait;
use crate::worker::{Make, Worker};
use anyhow::Context as _;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// For which lost work waits for its worker, in milliseconds.
pub const DELAY_MS: u64 = 3000;
/// After which the coordinator takes a worker for dead, in milliseconds: the least that a broker allows by default.
pub const SESSION_MS: u64 = 6000;

/// Time to join a group, to rebalance, and to start what is assigned, on a busy machine.
pub const SETTLED: Duration = Duration::from_secs(90);

/// Workers with the same settings.
#[derive(Debug)]
pub struct Cluster {
    /// Of all of them.
    root: PathBuf,
    /// Where each has a folder.
    dir: PathBuf,
    bootstrap: String,
    common: Properties,
    /// Folder of plugins for genuine workers.
    twins: Option<PathBuf>,
    workers: Vec<Worker>,
}

/// What a worker runs: `NAME` for a connector, `NAME-0` for a task.
pub type Assignment = BTreeMap<String, Vec<String>>;

impl Cluster {
    /// Nobody yet. Its workers may read and write `dir`.
    pub fn new(dir: &Path, bootstrap: &str, group: &str) -> Self {
        let common = Properties::new()
            .with("group.id", group)
            .with("config.storage.topic", format!("{group}-configs"))
            .with("offset.storage.topic", format!("{group}-offsets"))
            .with("status.storage.topic", format!("{group}-status"))
            .with("config.storage.replication.factor", 1)
            .with("offset.storage.replication.factor", 1)
            .with("status.storage.replication.factor", 1)
            .with("offset.storage.partitions", 5)
            .with("status.storage.partitions", 2)
            .with("session.timeout.ms", SESSION_MS)
            .with("heartbeat.interval.ms", 1500)
            .with("scheduled.rebalance.max.delay.ms", DELAY_MS);
        Self {
            root: dir.to_path_buf(),
            dir: dir.to_path_buf(),
            bootstrap: bootstrap.to_owned(),
            common,
            twins: None,
            workers: Vec::new(),
        }
    }

    /// With this setting of all workers that are added from now on.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        self.common.set(key, value);
        self
    }

    /// With the workers' own folders below this one.
    #[must_use]
    pub fn in_folder(mut self, dir: &Path) -> Self {
        self.dir = dir.to_path_buf();
        self
    }

    /// With this folder of plugins for genuine workers.
    #[must_use]
    pub fn with_twins(mut self, folder: &Path) -> Self {
        self.twins = Some(folder.to_path_buf());
        self
    }

    /// The settings that all share.
    pub fn common(&self) -> &Properties {
        &self.common
    }

    /// For `bootstrap.servers`.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// One more, not started; its number.
    pub fn add(&mut self, make: Make) -> anyhow::Result<usize> {
        self.add_with(make, &[])
    }

    /// Likewise, with settings that the others do not have.
    pub fn add_with(&mut self, make: Make, settings: &[(&str, &str)]) -> anyhow::Result<usize> {
        let number = self.workers.len();
        let dir = self.dir.join(format!("worker-{number}"));
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let mut worker = Worker::distributed(make, &dir, &self.bootstrap, &self.common)?;
        worker = if worker.is_ours() {
            worker.with_test_guests().with("sandbox.fs.roots", format!("{}:rw", self.root.display()))
        } else if let Some(twins) = &self.twins {
            worker.with("plugin.path", twins.display())
        } else {
            worker
        };
        for (key, value) in settings {
            worker.set(key, value);
        }
        self.workers.push(worker);
        Ok(number)
    }

    /// So many of one make, all started and joined.
    pub fn of(mut self, make: &Make, count: usize) -> anyhow::Result<Self> {
        for _ in 0..count {
            self.add(make.clone())?;
        }
        self.start_all()?;
        Ok(self)
    }

    /// Ends one that was added last, and forgets it.
    pub fn remove(&mut self, number: usize) {
        self.workers.truncate(number);
    }

    /// How many there are, running or not.
    pub fn len(&self) -> usize {
        self.workers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.workers.is_empty()
    }

    /// One of them.
    pub fn worker(&mut self, number: usize) -> &mut Worker {
        &mut self.workers[number]
    }

    /// One of them, to look at.
    pub fn look(&self, number: usize) -> &Worker {
        &self.workers[number]
    }

    /// REST of one of them.
    pub fn connect(&self, number: usize) -> Connect {
        self.workers[number].connect()
    }

    /// As `worker_id` says it.
    pub fn id(&self, number: usize) -> String {
        format!("127.0.0.1:{}", self.workers[number].port())
    }

    /// The one of this `worker_id`.
    pub fn number_of(&self, id: &str) -> anyhow::Result<usize> {
        (0..self.len()).find(|number| self.id(*number) == id).with_context(|| format!("no worker is {id}"))
    }

    /// Numbers of those that run.
    pub fn alive(&mut self) -> Vec<usize> {
        (0..self.len()).filter(|number| self.workers[*number].is_alive()).collect()
    }

    /// REST of all that run.
    pub fn connects(&mut self) -> Vec<Connect> {
        self.alive().into_iter().map(|number| self.connect(number)).collect()
    }

    /// Starts all that do not run, side by side, and waits until each is a member.
    pub fn start_all(&mut self) -> anyhow::Result<()> {
        let resting: Vec<usize> = (0..self.len()).filter(|number| self.workers[*number].pid().is_none()).collect();
        for number in &resting {
            self.workers[*number].spawn()?;
        }
        for number in resting {
            self.workers[number].wait_ready()?;
            self.wait_joined(number)?;
        }
        Ok(())
    }

    /// Starts one and waits until it is a member.
    pub fn start(&mut self, number: usize) -> anyhow::Result<()> {
        self.workers[number].start()?;
        self.wait_joined(number)
    }

    /// Waits until a worker that runs has read its topics and is a member of the group: it says that it is healthy.
    pub fn wait_joined(&self, number: usize) -> anyhow::Result<()> {
        let connect = self.connect(number);
        wait::until(&format!("worker {number} to be healthy"), SETTLED, || match connect.http.get("/health") {
            Ok(answer) if answer.status == 200 => Ok(()),
            other => Err(format!("{other:?}")),
        })
    }

    /// Ends all with SIGTERM, side by side.
    pub fn stop_all(&mut self) -> anyhow::Result<()> {
        for worker in &self.workers {
            worker.ask_to_stop();
        }
        self.workers.iter_mut().try_for_each(Worker::stop)
    }

    /// What the workers run, as one of them tells it: each that is alive has an entry, UNASSIGNED things have none.
    pub fn assignment(&mut self) -> anyhow::Result<Assignment> {
        let alive = self.alive();
        let first = *alive.first().context("no worker runs")?;
        let mut all: Assignment = alive.iter().map(|number| (self.id(*number), Vec::new())).collect();
        let told = self.connect(first).http.get("/connectors?expand=status")?.expect(200)?;
        for (name, connector) in told.as_object().into_iter().flatten() {
            let status = &connector["status"];
            let mut note = |instance: &Value, what: String| {
                if let (Some(worker), true) = (instance["worker_id"].as_str(), instance["state"] != "UNASSIGNED") {
                    all.entry(worker.to_owned()).or_default().push(what);
                }
            };
            note(&status["connector"], name.clone());
            for task in status["tasks"].as_array().into_iter().flatten() {
                note(task, format!("{name}-{}", task["id"]));
            }
        }
        Ok(all)
    }

    /// Waits until all of these connectors run with so many tasks each, told so by every worker that is alive, nothing
    /// is said to run elsewhere, and no worker has two connectors or two tasks more than another.
    pub fn wait_balanced(&mut self, connectors: &[(&str, usize)]) -> anyhow::Result<Assignment> {
        let ids: Vec<String> = self.alive().into_iter().map(|number| self.id(number)).collect();
        for connect in self.connects() {
            for (name, tasks) in connectors {
                connect.wait_all(name, "RUNNING", *tasks, SETTLED)?;
            }
        }
        let names: Vec<&str> = connectors.iter().map(|(name, _)| *name).collect();
        let wanted: usize = connectors.iter().map(|(_, tasks)| tasks + 1).sum();
        wait::until("a balanced cluster", SETTLED, || {
            let all = self.assignment().map_err(|error| format!("{error:#}"))?;
            let total: usize = ids.iter().map(|id| all.get(id).map_or(0, Vec::len)).sum();
            let even = |connector: bool| {
                let of = |work: &Vec<String>| work.iter().filter(|w| names.contains(&w.as_str()) == connector).count();
                let counts: Vec<usize> =
                    all.iter().filter(|(id, _)| ids.contains(id)).map(|(_, work)| of(work)).collect();
                counts.iter().max().unwrap_or(&0) - counts.iter().min().unwrap_or(&0) <= 1
            };
            if total == wanted && even(true) && even(false) { Ok(all) } else { Err(format!("{all:?}")) }
        })
    }
}
