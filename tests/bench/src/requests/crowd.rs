//! A worker and its many idle connectors.

use super::latencies::Latencies;
use crate::sides::{Ground, Side};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use watertight_harness::procfs;
use watertight_harness::worker::Worker;

/// What sinks read. Nobody writes to it.
pub const TOPIC: &str = "crowd";
/// For all of the tasks to run.
const SETTLE: Duration = Duration::from_secs(300);

/// A worker, its connectors, and the connection to it.
pub struct Crowd {
    /// Whose it is.
    pub side: Side,
    worker: Worker,
    agent: ureq::Agent,
    dir: PathBuf,
    members: VecDeque<(String, Value)>,
}

impl Crowd {
    /// A worker without connectors.
    pub fn start(ground: &Ground, side: Side) -> anyhow::Result<Self> {
        let dir = ground.folder(&format!("crowd-{}", side.word()))?;
        std::fs::write(dir.join("nothing"), "")?;
        let mut worker = ground.worker(side, &dir)?;
        worker.start()?;
        // An answer that says no is an answer.
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        Ok(Self { side, worker, agent, dir, members: VecDeque::new() })
    }

    /// For people.
    pub fn name(&self) -> &'static str {
        match self.side {
            Side::Genuine => "Kafka Connect:",
            Side::Ours => "Watertight:",
        }
    }

    /// A source and a sink for each number.
    pub fn create(&mut self, numbers: Range<usize>, times: &mut Latencies) -> anyhow::Result<()> {
        for number in numbers {
            for config in [source(number, &self.dir), sink(number, &self.dir)] {
                let name = config["name"].as_str().unwrap_or_default().to_owned();
                let body = json!({"name": name, "config": config}).to_string();
                times.push(self.request("POST", "/connectors", Some(&body), 201)?);
                self.members.push_back((name, config));
            }
        }
        Ok(())
    }

    /// Deletes the next few.
    pub fn delete(&mut self, few: usize, times: &mut Latencies) -> anyhow::Result<()> {
        for _ in 0..few {
            let Some((name, _)) = self.members.pop_front() else { return Ok(()) };
            times.push(self.request("DELETE", &format!("/connectors/{name}"), None, 204)?);
        }
        Ok(())
    }

    /// Whether all are deleted.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Name and config of the connector for that request.
    pub fn member(&self, number: usize) -> (String, Value) {
        // A prime step visits the crowd, not its beginning.
        self.members[number * 37 % self.members.len()].clone()
    }

    /// Sends a request and reads its answer to the end.
    pub fn request(&mut self, method: &str, path: &str, body: Option<&str>, status: u16) -> anyhow::Result<Duration> {
        let url = format!("http://127.0.0.1:{}{path}", self.worker.port());
        let request =
            ureq::http::Request::builder().method(method).uri(&url).header("content-type", "application/json");
        let begun = Instant::now();
        let mut answer = match body {
            Some(body) => self.agent.run(request.body(body.to_owned())?)?,
            None => self.agent.run(request.body(())?)?,
        };
        let text = answer.body_mut().with_config().limit(64 << 20).read_to_string()?;
        let took = begun.elapsed();
        anyhow::ensure!(
            answer.status().as_u16() == status,
            "{} {method} {path}: {}: {text}",
            self.name(),
            answer.status()
        );
        Ok(took)
    }

    /// Waits until every connector and its task run; how many connectors that are.
    pub fn wait_running(&mut self) -> anyhow::Result<usize> {
        let begun = Instant::now();
        loop {
            let all = self.worker.connect().http.get("/connectors?expand=status")?.expect(200)?;
            let running = all.as_object().into_iter().flatten().filter(|(_, one)| runs(&one["status"])).count();
            if running == self.members.len() {
                return Ok(running);
            }
            anyhow::ensure!(begun.elapsed() < SETTLE, "{} only {running} of {} run", self.name(), self.members.len());
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// Memory, threads and idle CPU.
    pub fn weight(&self) -> anyhow::Result<String> {
        let pid = self.worker.pid().context("the worker has ended")?;
        let (before, over) = (procfs::cpu(pid)?, Duration::from_secs(5));
        std::thread::sleep(over);
        let cpu = procfs::cpu(pid)?.saturating_sub(before).as_secs_f64() * 1e3 / over.as_secs_f64();
        let mib = procfs::pss(pid)? as f64 / 1_048_576.0;
        Ok(format!("{mib:.0} MiB PSS, {} threads, {cpu:.0} ms CPU per second", procfs::threads(pid)?))
    }

    /// Ends it.
    pub fn stop(mut self) -> anyhow::Result<()> {
        self.worker.stop()
    }
}

fn runs(status: &Value) -> bool {
    let is_running = |one: &Value| one["state"] == "RUNNING";
    is_running(&status["connector"])
        && status["tasks"].as_array().is_some_and(|tasks| tasks.len() == 1 && tasks.iter().all(is_running))
}

fn source(number: usize, dir: &Path) -> Value {
    json!({"name": format!("source-{number}"), "connector.class": "FileStreamSource", "tasks.max": "1",
        "file": dir.join("nothing"), "topic": TOPIC})
}

fn sink(number: usize, dir: &Path) -> Value {
    json!({"name": format!("sink-{number}"), "connector.class": "FileStreamSink", "tasks.max": "1",
        "file": dir.join(format!("sink-{number}")), "topics": TOPIC})
}
