//! `cargo xtask run`: from a fresh clone to a worker that moves something one can see.

mod files;
mod jdbc;

use crate::build::{self, Flavour};
use crate::{args, checks};
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use watertight_harness::connect::Connect;
use watertight_harness::process::Service;
use watertight_harness::properties::Properties;
use watertight_harness::{broker, paths, ports, signals};

const BROKER_READY: Duration = Duration::from_secs(30);
const WORKER_READY: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(15);

/// What to show.
struct Example {
    /// As `--example` calls it.
    name: &'static str,
    /// Of its folder below the target folder.
    folder: &'static str,
    /// The topics that it uses, each with one partition.
    topics: &'static [&'static str],
    /// Built beside worker and broker.
    build: fn() -> anyhow::Result<()>,
    /// What its connectors read from. What is there from a run before stays.
    prepare: fn(&Path) -> anyhow::Result<()>,
    /// Settings of the connectors, which have a `name`.
    connectors: fn(&Path) -> Vec<Properties>,
    /// The converter of keys and values.
    converter: &'static str,
    /// What one may try, told the folder and the address of REST.
    explain: fn(&Path, &str) -> String,
}

const EXAMPLES: [Example; 2] = [files::EXAMPLE, jdbc::EXAMPLE];

/// The command.
pub fn main(mut words: Vec<String>) -> anyhow::Result<()> {
    let rest_port = args::option(&mut words, "--rest-port")?.unwrap_or(8083);
    let broker_port = args::option(&mut words, "--broker-port")?.unwrap_or(9092);
    let name: String = args::option(&mut words, "--example")?.unwrap_or_else(|| files::EXAMPLE.name.to_owned());
    args::none_left(&words)?;
    let example = EXAMPLES.into_iter().find(|example| example.name == name);
    let example = example.with_context(|| {
        let names: Vec<&str> = EXAMPLES.iter().map(|example| example.name).collect();
        format!("no example `{name}`; there are {}", names.join(", "))
    })?;
    anyhow::ensure!(rest_port != broker_port, "--rest-port and --broker-port are both {rest_port}");
    // Before the build: nobody should wait minutes to hear of a port.
    checks::port(broker_port, "the broker", "--broker-port")?;
    checks::port(rest_port, "the worker's REST interface", "--rest-port")?;
    build::everything(Flavour::Quick)?;
    (example.build)()?;

    let start = Instant::now();
    signals::catch_stop();
    let demo = Demo { dir: paths::target().join(example.folder), example, rest_port, broker_port };
    demo.prepare()?;
    let mut running = Vec::new();
    let result = demo.start(&mut running).and_then(|()| {
        demo.explain(start.elapsed());
        watch(&mut running)
    });
    stop(running).and(result)
}

struct Demo {
    dir: PathBuf,
    example: Example,
    rest_port: u16,
    broker_port: u16,
}

impl Demo {
    fn prepare(&self) -> anyhow::Result<()> {
        std::fs::create_dir_all(&self.dir).with_context(|| format!("cannot make {}", self.dir.display()))?;
        (self.example.prepare)(&self.dir)?;
        self.worker_properties().write(&self.file("worker.properties"))?;
        for connector in self.connectors() {
            connector.write(&self.file(&file_of(&connector)))?;
        }
        Ok(())
    }

    fn connectors(&self) -> Vec<Properties> {
        (self.example.connectors)(&self.dir)
    }

    fn worker_properties(&self) -> Properties {
        Properties::new()
            .with("bootstrap.servers", format!("127.0.0.1:{}", self.broker_port))
            .with("listeners", format!("http://127.0.0.1:{}", self.rest_port))
            .with("plugin.path", paths::plugins().display())
            .with("key.converter", self.example.converter)
            .with("value.converter", self.example.converter)
            .with("offset.storage.file.filename", self.file("offsets").display())
            .with("offset.flush.interval.ms", 1000)
            .with("consumer.fetch.max.wait.ms", 20)
            .with("sandbox.fs.roots", format!("{}:rw", self.dir.display()))
            .with("sandbox.cache.dir", self.file("code-cache").display())
    }

    fn start(&self, running: &mut Vec<Service>) -> anyhow::Result<()> {
        let broker = broker::embedded(
            &paths::binary("watertight-broker"),
            self.broker_port,
            &self.file("broker"),
            &self.example.topics.iter().map(|topic| format!("{topic}:1")).collect::<Vec<_>>(),
        );
        let port = self.broker_port;
        let ready = move || ports::answers(port).then_some(()).ok_or("nobody listens yet".into());
        self.bring_up("broker", broker, BROKER_READY, ready, running)?;

        let mut worker = Command::new(paths::binary("watertight"));
        worker.current_dir(&self.dir).arg("standalone");
        worker.arg("worker.properties").args(self.connectors().iter().map(file_of));
        let connect = Connect::on(self.rest_port);
        let connectors = self.connectors();
        let names: Vec<String> = connectors.iter().map(name_of).map(str::to_owned).collect();
        self.bring_up("worker", worker, WORKER_READY, move || all_run(&connect, &names), running)
    }

    fn bring_up(
        &self,
        name: &str,
        command: Command,
        deadline: Duration,
        mut ready: impl FnMut() -> Result<(), String>,
        running: &mut Vec<Service>,
    ) -> anyhow::Result<()> {
        let log = self.file(&format!("{name}.log"));
        // The log of the run before stays, that of the one before it goes.
        let _ = std::fs::rename(&log, self.file(&format!("{name}.log.1")));
        running.push(Service::spawn(&format!("the {name}"), command, &log)?);
        let Some(service) = running.last_mut() else {
            return Ok(());
        };
        service.wait_ready(deadline, || if signals::asked_to_stop() { Ok(()) } else { ready() })?;
        Ok(())
    }

    fn explain(&self, took: Duration) {
        if signals::asked_to_stop() {
            return;
        }
        let rest = format!("http://127.0.0.1:{}", self.rest_port);
        println!(
            "
Watertight runs (ready {:.1} s after the build): broker on 127.0.0.1:{}, REST on {rest}

{}

Settings and logs are in {}. Ctrl-C stops everything; the next start goes on where this one ended.",
            took.as_secs_f64(),
            self.broker_port,
            (self.example.explain)(&self.dir, &rest),
            shown(&self.dir),
        );
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

fn name_of(connector: &Properties) -> &str {
    connector.get("name").unwrap_or_default()
}

fn file_of(connector: &Properties) -> String {
    format!("{}.properties", name_of(connector))
}

fn all_run(connect: &Connect, names: &[String]) -> Result<(), String> {
    for name in names {
        let status = connect.status(name).map_err(|e| format!("{e:#}"))?;
        let states: Vec<&str> = std::iter::once(&status["connector"])
            .chain(status["tasks"].as_array().into_iter().flatten())
            .filter_map(|part| part["state"].as_str())
            .collect();
        if states.len() < 2 || states.iter().any(|s| *s != "RUNNING") {
            return Err(format!("{name}: {status}"));
        }
    }
    Ok(())
}

/// Relative to where one stands, if it is below: shorter to read and to copy.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

fn watch(running: &mut [Service]) -> anyhow::Result<()> {
    while !signals::asked_to_stop() {
        for service in running.iter_mut() {
            if let Some(status) = service.exited() {
                anyhow::bail!(
                    "{} ended ({status}); its log {} ends with\n{}",
                    service.name(),
                    service.log().display(),
                    service.log_tail(20)
                );
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// In the order opposite to the start: the worker commits to the broker as it leaves.
fn stop(running: Vec<Service>) -> anyhow::Result<()> {
    if running.is_empty() {
        return Ok(());
    }
    eprintln!("\nstopping");
    let mut result = Ok(());
    for mut service in running.into_iter().rev() {
        if service.exited().is_none() {
            result = result.and(service.stop(GRACE).map(drop));
        }
    }
    result
}
