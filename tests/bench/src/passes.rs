//! One connector, one pass: how fast the records went and what CPU the worker's process used for them.

use crate::sides::{Ground, Side};
use anyhow::Context as _;
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};
use watertight_harness::lines::WIDTH;
use watertight_harness::procfs;
use watertight_harness::properties::Properties;
use watertight_harness::worker::{Worker, file_sink, file_source};

/// How often we look: often enough for the figures, too seldom to be felt.
const LOOK: Duration = Duration::from_millis(10);
const STALL: Duration = Duration::from_secs(60);
/// Between passes, so that the end of one is not counted in the next.
const SETTLE: Duration = Duration::from_secs(1);

/// What a pass cost.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Records per second, from the first one seen to the last.
    pub rate: f64,
    /// CPU seconds per million records, from the request on.
    pub cpu: f64,
    /// Seconds from the request to the first record.
    pub first: f64,
}

/// Clock and CPU account of a pass.
pub struct Meter {
    pid: u32,
    records: u64,
    begun: Instant,
    cpu: Duration,
    first: Option<(Duration, u64)>,
}

impl Meter {
    /// Begins a pass of so many records in a process.
    pub fn begin(pid: u32, records: u64) -> anyhow::Result<Self> {
        Ok(Self { pid, records, begun: Instant::now(), cpu: procfs::cpu(pid)?, first: None })
    }

    /// So many have arrived by now.
    pub fn seen(&mut self, count: u64) {
        if count > 0 && self.first.is_none() {
            self.first = Some((self.begun.elapsed(), count));
        }
    }

    /// All have arrived.
    pub fn end(self) -> anyhow::Result<Figures> {
        let wall = self.begun.elapsed();
        let cpu = procfs::cpu(self.pid)?.saturating_sub(self.cpu);
        let (first, early) = self.first.unwrap_or((wall, self.records));
        // A pass too short to be seen under way is taken as a whole.
        let (count, time) = match self.records.checked_sub(early) {
            Some(rest) if rest > self.records / 2 => (rest, wall.saturating_sub(first)),
            _ => (self.records, wall),
        };
        Ok(Figures {
            rate: count as f64 / time.as_secs_f64(),
            cpu: cpu.as_secs_f64() * 1e6 / self.records as f64,
            first: first.as_secs_f64(),
        })
    }
}

/// A worker under measurement.
pub struct Subject {
    /// Whose it is.
    pub side: Side,
    worker: Worker,
    pid: u32,
}

impl Subject {
    /// Starts a worker whose producers have these settings.
    pub fn start(ground: &Ground, side: Side, producer: &[(String, String)]) -> anyhow::Result<Self> {
        let dir = ground.folder(side.word())?;
        let mut worker = ground.worker(side, &dir)?;
        for (key, value) in producer {
            worker = worker.with(&format!("producer.{key}"), value);
        }
        worker.start()?;
        let pid = worker.pid().context("the worker has ended")?;
        Ok(Self { side, worker, pid })
    }

    /// Likewise, with the connectors that make and take rows, and with Avro if asked for. Both commit five times a
    /// second: that is how the end of a sink's pass is seen.
    pub fn start_for_rows(
        ground: &Ground,
        side: Side,
        producer: &[(String, String)],
        avro: bool,
    ) -> anyhow::Result<Self> {
        let dir = ground.folder(&format!("{}-rows", side.word()))?;
        let mut worker = ground.worker(side, &dir)?.with("offset.flush.interval.ms", 200);
        let plugins = match side {
            Side::Genuine if avro => format!("{},{}", ground.twins()?.display(), ground.avro_plugins()?.display()),
            Side::Genuine => ground.twins()?.display().to_string(),
            Side::Ours => ground.components()?.display().to_string(),
        };
        worker = worker.with("plugin.path", plugins);
        for (key, value) in producer {
            worker = worker.with(&format!("producer.{key}"), value);
        }
        worker.start()?;
        let pid = worker.pid().context("the worker has ended")?;
        Ok(Self { side, worker, pid })
    }

    /// Likewise, with JDBC connectors, for databases at these addresses.
    pub fn start_for_jdbc(
        ground: &Ground,
        side: Side,
        producer: &[(String, String)],
        addresses: &str,
    ) -> anyhow::Result<Self> {
        let dir = ground.folder(&format!("{}-jdbc", side.word()))?;
        let mut worker = ground.worker(side, &dir)?.with("offset.flush.interval.ms", 200);
        worker = match side {
            Side::Genuine => worker.with("plugin.path", ground.debezium()?.display()),
            Side::Ours => worker.with("plugin.path", ground.jdbc()?.display()).with("sandbox.net.allow", addresses),
        };
        for (key, value) in producer {
            worker = worker.with(&format!("producer.{key}"), value);
        }
        worker.start()?;
        let pid = worker.pid().context("the worker has ended")?;
        Ok(Self { side, worker, pid })
    }

    /// A source of so many rows into a topic.
    pub fn rows_source(
        &self,
        ground: &Ground,
        config: &Properties,
        topic: &str,
        records: u64,
    ) -> anyhow::Result<Figures> {
        self.pass(config, records, || ground.topics.records(topic))
    }

    /// A sink of so many rows from a topic.
    pub fn rows_sink(
        &self,
        ground: &Ground,
        config: &Properties,
        topic: &str,
        records: u64,
    ) -> anyhow::Result<Figures> {
        let group = format!("connect-{}", config.get("name").unwrap_or_default());
        self.pass(config, records, || ground.topics.committed(&group, topic))
    }

    /// A file source over a copy of `input`, into a new topic.
    pub fn source(&self, ground: &Ground, input: &Path, records: u64, pass: usize) -> anyhow::Result<Figures> {
        let name = format!("{}-source-{pass}", self.side.word());
        let copy = ground.dir.join(&name);
        std::fs::copy(input, &copy)?;
        ground.topics.create(&name)?;
        let figures = self.pass(&file_source(&name, &copy, &name), records, || ground.topics.records(&name))?;
        std::fs::remove_file(&copy)?;
        Ok(figures)
    }

    /// A file sink from `topic`, whose output must be the same as `input`.
    pub fn sink(
        &self,
        ground: &Ground,
        topic: &str,
        input: &Path,
        records: u64,
        pass: usize,
    ) -> anyhow::Result<Figures> {
        let name = format!("{}-sink-{pass}", self.side.word());
        let output = ground.dir.join(&name);
        let figures = self.pass(&file_sink(&name, &output, topic), records, || written(&output))?;
        compare(input, &output)?;
        std::fs::remove_file(&output)?;
        Ok(figures)
    }

    fn pass(
        &self,
        config: &Properties,
        records: u64,
        arrived: impl Fn() -> anyhow::Result<u64>,
    ) -> anyhow::Result<Figures> {
        let name = config.get("name").unwrap_or_default();
        let connect = self.worker.connect();
        let mut meter = Meter::begin(self.pid, records)?;
        connect.create(config)?;
        let (mut last, mut since) = (0, Instant::now());
        loop {
            let count = arrived()?;
            meter.seen(count);
            if count >= records {
                break;
            }
            if count > last {
                (last, since) = (count, Instant::now());
            }
            if since.elapsed() > STALL {
                let status = connect.status(name).map_or_else(|e| e.to_string(), |s| s.to_string());
                anyhow::bail!("{name} stands still at {count} of {records} records: {status}");
            }
            std::thread::sleep(LOOK);
        }
        let figures = meter.end()?;
        connect.http.delete(&format!("/connectors/{name}"))?.expect(204)?;
        std::thread::sleep(SETTLE);
        let count = arrived()?;
        anyhow::ensure!(count == records, "{name} moved {count} records, not {records}");
        Ok(figures)
    }

    /// The most memory it had so far, in MiB.
    pub fn peak(&self) -> anyhow::Result<f64> {
        Ok(procfs::peak_rss(self.pid)? as f64 / 1_048_576.0)
    }

    /// Ends it.
    pub fn stop(mut self) -> anyhow::Result<()> {
        self.worker.stop()
    }
}

fn written(output: &Path) -> anyhow::Result<u64> {
    match std::fs::metadata(output) {
        Ok(found) => Ok(found.len() / (WIDTH as u64 + 1)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(e.into()),
    }
}

/// Both files hold the same bytes.
pub fn compare(input: &Path, output: &Path) -> anyhow::Result<()> {
    let (mut a, mut b) = (std::fs::File::open(input)?, std::fs::File::open(output)?);
    let (mut left, mut right) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    let mut at = 0;
    loop {
        let count = a.read(&mut left)?;
        if count == 0 {
            let rest = b.read(&mut right)?;
            anyhow::ensure!(rest == 0, "{} is longer than {}", output.display(), input.display());
            return Ok(());
        }
        let same = b.read_exact(&mut right[..count]).is_ok() && left[..count] == right[..count];
        anyhow::ensure!(same, "{} differs from {} behind byte {at}", output.display(), input.display());
        at += count;
    }
}
