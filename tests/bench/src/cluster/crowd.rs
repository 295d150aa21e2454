//! The workers of one side, and the connectors that they hold.

use super::census::Census;
use super::{PARTITIONS, PER_TOPIC};
use crate::options::Size;
use crate::sides::{Ground, Side};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use watertight_harness::cluster::Cluster;
use watertight_harness::peer::Heap;
use watertight_harness::worker::Make;

/// Between looks at the states.
const LOOK: Duration = Duration::from_millis(500);
/// Before asking again for what a rebalance stood in the way of.
const AGAIN: Duration = Duration::from_millis(250);

/// Kafka's own values, where the harness has such as are quick.
const DEFAULTS: [(&str, u64); 6] = [
    ("offset.flush.interval.ms", 60_000),
    ("consumer.fetch.max.wait.ms", 500),
    ("consumer.session.timeout.ms", 45_000),
    ("consumer.heartbeat.interval.ms", 3000),
    ("session.timeout.ms", 10_000),
    ("heartbeat.interval.ms", 3000),
];

/// A cluster and its connectors.
pub struct Crowd {
    side: Side,
    make: Make,
    cluster: Cluster,
    agent: ureq::Agent,
    topics: Vec<String>,
    connectors: usize,
    tasks_each: usize,
}

impl Crowd {
    /// So many workers that have joined, without connectors, and topics for connectors of this size.
    pub fn start(ground: &Ground, side: Side, size: Size, options: &crate::options::Cluster) -> anyhow::Result<Self> {
        let dir = ground.folder(&format!("cluster-{}", side.word()))?;
        let mut cluster = Cluster::new(&dir, &ground.bootstrap(), &format!("crowd-{}", side.word()));
        for (key, value) in DEFAULTS {
            cluster = cluster.with(key, value);
        }
        if side == Side::Genuine {
            cluster = cluster.with_twins(&ground.test_twins()?);
        }
        let topics: Vec<String> =
            (0..size.sources.div_ceil(PER_TOPIC).max(1)).map(|n| format!("crowd-{}-{n}", side.word())).collect();
        for topic in &topics {
            ground.topics.create_with(topic, PARTITIONS)?;
        }
        // An answer that says no is an answer.
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(100)))
            .build()
            .new_agent();
        let make = ground.make(side);
        let mut crowd = Self { side, make, cluster, agent, topics, connectors: 0, tasks_each: options.tasks };
        for _ in 0..options.workers {
            crowd.add()?;
        }
        crowd.cluster.start_all()?;
        Ok(crowd)
    }

    /// One more worker, not started; its number.
    pub fn add(&mut self) -> anyhow::Result<usize> {
        let number = self.cluster.add(self.make.clone())?;
        // What its start script would give it.
        self.cluster.worker(number).set_heap(Heap::connect());
        Ok(number)
    }

    /// The workers.
    pub fn cluster(&mut self) -> &mut Cluster {
        &mut self.cluster
    }

    /// Where the sources write.
    pub fn topics(&self) -> &[String] {
        &self.topics
    }

    /// How many connectors there are.
    pub fn connectors(&self) -> usize {
        self.connectors
    }

    /// How many connectors and tasks there are.
    pub fn instances(&self) -> usize {
        self.connectors * (self.tasks_each + 1)
    }

    /// Creates all, one after the other; or the reason why the next one cannot be, and how often a rebalance stood in
    /// the way.
    pub fn create(&mut self, size: Size, until: Instant) -> (Option<anyhow::Error>, usize) {
        let mut refused = 0;
        let all = (0..size.sources).map(|n| self.source(n)).chain((0..size.sinks).map(|n| self.sink(n)));
        for config in all.collect::<Vec<_>>() {
            if let Err(error) = self.post(&config, until, &mut refused) {
                return (Some(error), refused);
            }
            self.connectors += 1;
            if self.connectors.is_multiple_of(100) {
                eprintln!("{}: {} connectors created", self.side.word(), self.connectors);
            }
        }
        (None, refused)
    }

    fn post(&self, config: &Value, until: Instant, refused: &mut usize) -> anyhow::Result<()> {
        let body = json!({"name": config["name"], "config": config}).to_string();
        let url = format!("http://127.0.0.1:{}/connectors", self.cluster.look(0).port());
        loop {
            anyhow::ensure!(Instant::now() < until, "the time was over");
            let mut answer = self.agent.post(&url).header("content-type", "application/json").send(&body)?;
            let text = answer.body_mut().read_to_string()?;
            match answer.status().as_u16() {
                201 => return Ok(()),
                409 if !text.contains("already exists") => *refused += 1,
                409 => return Ok(()),
                status => anyhow::bail!("POST /connectors answered {status}: {text}"),
            }
            std::thread::sleep(AGAIN);
        }
    }

    fn source(&self, number: usize) -> Value {
        json!({"name": format!("source-{number}"), "connector.class": "watertight.test.SequenceSourceConnector",
            "tasks.max": self.tasks_each.to_string(), "topic": self.topics[number % self.topics.len()], "rate": "1"})
    }

    fn sink(&self, number: usize) -> Value {
        json!({"name": format!("sink-{number}"), "connector.class": "watertight.test.SequenceSinkConnector",
            "tasks.max": self.tasks_each.to_string(), "topics": self.topics[number % self.topics.len()]})
    }

    /// As the first worker says it.
    fn census(&self) -> anyhow::Result<Census> {
        let url = format!("http://127.0.0.1:{}/connectors?expand=status", self.cluster.look(0).port());
        let mut answer = self.agent.get(&url).call()?;
        let text = answer.body_mut().with_config().limit(256 << 20).read_to_string()?;
        anyhow::ensure!(answer.status().as_u16() == 200, "GET /connectors answered {}: {text}", answer.status());
        Ok(Census::of(&serde_json::from_str(&text)?))
    }

    /// Waits until all runs and is shared out evenly among the workers with these numbers.
    pub fn wait_balanced(&mut self, workers: &[usize], until: Instant) -> anyhow::Result<()> {
        let ids: Vec<String> = workers.iter().map(|number| self.cluster.id(*number)).collect();
        let mut told = Instant::now();
        loop {
            let census = self.census();
            if let Ok(census) = &census
                && census.is_balanced(&ids, self.connectors, self.connectors * self.tasks_each)
            {
                return Ok(());
            }
            let state = || census.as_ref().map_or_else(|error| format!("{error:#}"), ToString::to_string);
            for number in workers {
                anyhow::ensure!(self.cluster.worker(*number).is_alive(), "worker {number} has ended; {}", state());
            }
            anyhow::ensure!(Instant::now() < until, "the time was over: {}", state());
            if told.elapsed() > Duration::from_secs(10) {
                told = Instant::now();
                let running = census.as_ref().map_or(0, |census| census.running(&ids));
                eprintln!("{}: {running} of {} run", self.side.word(), self.instances());
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Process ids of all that run.
    pub fn pids(&mut self) -> anyhow::Result<Vec<u32>> {
        let alive = self.cluster.alive();
        alive.into_iter().map(|number| self.cluster.look(number).pid().context("a worker has ended")).collect()
    }

    /// What the workers said last of why they are in trouble: a line that names an exhausted heap, or nothing.
    pub fn exhausted(&self) -> Option<String> {
        (0..self.cluster.len()).find_map(|number| {
            let log = self.cluster.look(number).log();
            let line = log.lines().find(|line| line.contains("OutOfMemoryError"))?;
            Some(format!("worker {number} said: {line}"))
        })
    }
}
