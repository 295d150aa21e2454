//! What the cases stand on: a broker and a cluster that several of them share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::MutexGuard;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use watertight_harness::broker::{Broker, Kind, More};
use watertight_harness::cluster::{Cluster, SETTLED};
use watertight_harness::connect::Connect;
use watertight_harness::http::Response;
use watertight_harness::peer::Peer;
use watertight_harness::properties::Properties;
use watertight_harness::worker::Make;
use watertight_harness::{paths, wait};

use super::sequences::Sequences;
use super::{Diaries, twins};
use crate::{SOON, alone, genuine, is_wanted, topics};

/// A sentence that is true when the function returns.
pub type Case = (&'static str, fn(&mut Ground) -> anyhow::Result<()>);

/// Time for what should not happen.
pub const A_WHILE: Duration = Duration::from_millis(1500);
/// The connector that does what files say.
pub const LADDER: &str = "watertight.test.LadderSourceConnector";

/// A running cluster, and a name that no other case has.
pub struct Ground {
    /// Which all workers may read and write.
    pub dir: PathBuf,
    /// A genuine one.
    pub broker: Broker,
    /// Whose workers may be stopped: what a case leaves stopped is started after it.
    pub cluster: Cluster,
    /// Of all workers that a case has not asked for by name.
    pub make: Make,
    /// For jars, and for genuine workers beside ours.
    pub peer: Peer,
    /// Connectors and topics of the case begin with it.
    pub name: String,
    _alone: MutexGuard<'static, ()>,
}

/// What became of numbered records.
#[derive(Debug)]
pub struct Told {
    /// In the topic, as a reader of committed records sees it.
    pub topic: Sequences,
    /// In the sink, each place of the topic counted once.
    pub sink: Sequences,
    /// How many records the sink got that it had got before.
    pub again: usize,
}

/// Runs a table on a cluster of so many workers with these settings.
pub fn on_cluster(group: &str, size: usize, settings: &[(&str, &str)], cases: &[Case]) -> anyhow::Result<()> {
    let Some(mut ground) = Ground::start(group, size, settings)? else { return Ok(()) };
    let wanted = std::env::var("WATERTIGHT_CASE").unwrap_or_default();
    let mut wrong = Vec::new();
    for (number, (sentence, case)) in cases.iter().enumerate().filter(|(_, (sentence, _))| sentence.contains(&wanted)) {
        ground.enter(&format!("c{number}"))?;
        let begin = std::time::Instant::now();
        let result = case(&mut ground);
        let took = begin.elapsed().as_secs_f64();
        println!("{group}: {}: {sentence} ({took:.1} s)", if result.is_ok() { "ok" } else { "WRONG" });
        if let Err(error) = result {
            println!("  {error:#}");
            wrong.push(format!("{sentence}: {error:#}"));
        }
        ground.clear().with_context(|| format!("after `{sentence}`"))?;
    }
    anyhow::ensure!(wrong.is_empty(), "{group}: {} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    Ok(())
}

impl Ground {
    /// With so many workers, which have joined; none where the genuine Kafka is not to be had.
    pub fn start(group: &str, size: usize, settings: &[(&str, &str)]) -> anyhow::Result<Option<Self>> {
        let Some(mut ground) = Self::bare(group, &More::default())? else { return Ok(None) };
        ground.cluster = ground.new_cluster(group, settings)?.of(&ground.make, size)?;
        Ok(Some(ground))
    }

    /// With a broker alone, and a cluster of nobody.
    pub fn bare(group: &str, more: &More<'_>) -> anyhow::Result<Option<Self>> {
        let Some(peer) = genuine(group)? else { return Ok(None) };
        let alone = alone();
        let (make, suffix) =
            if is_wanted("genuine") { (Make::Genuine(peer.clone()), "-theirs") } else { (Make::Ours, "") };
        let dir = paths::test_dir(&format!("cluster-{group}{suffix}"))?;
        let broker = Broker::start_with(Kind::Genuine(peer.clone()), &dir.join("broker"), more)?;
        let cluster = Cluster::new(&dir, &broker.bootstrap(), group);
        let mut ground = Self { dir, broker, cluster, make, peer, name: String::new(), _alone: alone };
        ground.enter("case")?;
        Ok(Some(ground))
    }

    /// Another cluster on the same broker, of nobody yet.
    pub fn new_cluster(&self, group: &str, settings: &[(&str, &str)]) -> anyhow::Result<Cluster> {
        let dir = self.dir.join(group);
        std::fs::create_dir_all(&dir)?;
        let mut cluster = Cluster::new(&self.dir, &self.broker.bootstrap(), group).in_folder(&dir);
        cluster = cluster.with_twins(twins::folder(&self.peer)?);
        for (key, value) in settings {
            cluster = cluster.with(key, value);
        }
        Ok(cluster)
    }

    /// Before each case.
    pub fn enter(&mut self, name: &str) -> anyhow::Result<()> {
        self.name = name.to_owned();
        std::fs::create_dir_all(self.signs()).map_err(Into::into)
    }

    /// After each case: everybody runs, no connector is left, and no file says that anything is to hang or fail.
    pub fn clear(&mut self) -> anyhow::Result<()> {
        for entry in std::fs::read_dir(self.signs())? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| !name.to_string_lossy().contains('.')) {
                std::fs::remove_file(path)?;
            }
        }
        for number in 0..self.cluster.len() {
            self.cluster.look(number).thaw();
            if !self.cluster.worker(number).is_alive() {
                self.cluster.worker(number).kill();
            }
        }
        if self.cluster.is_empty() {
            return Ok(());
        }
        self.cluster.start_all()?;
        let everybody = self.cluster.connects();
        wait::until("no connector to be left", SETTLED, || {
            let names = self.cluster.connect(0).connectors().map_err(|error| format!("{error:#}"))?;
            for name in &names {
                let _ = self.cluster.connect(0).http.delete(&format!("/connectors/{name}"));
            }
            let left: Vec<_> = everybody.iter().map(Connect::connectors).collect();
            let none = left.iter().all(|names| names.as_ref().is_ok_and(Vec::is_empty));
            if none { Ok(()) } else { Err(format!("{left:?}")) }
        })
    }

    /// Whether the workers are ours: where the two differ on purpose, both answers stand in the case.
    pub fn is_ours(&self) -> bool {
        matches!(self.make, Make::Ours)
    }

    /// REST of the first worker.
    pub fn connect(&self) -> Connect {
        self.cluster.connect(0)
    }

    /// Where the case's connectors look for files, and leave theirs.
    pub fn signs(&self) -> PathBuf {
        self.dir.join("signs").join(&self.name)
    }

    /// Puts a file there.
    pub fn sign(&self, sign: &str) -> anyhow::Result<()> {
        std::fs::write(self.signs().join(sign), "").map_err(Into::into)
    }

    /// Takes it away.
    pub fn unsign(&self, sign: &str) -> anyhow::Result<()> {
        std::fs::remove_file(self.signs().join(sign)).map_err(Into::into)
    }

    /// The case's topic.
    pub fn topic(&self) -> String {
        format!("topic-{}", self.name)
    }

    /// The case's name, with an end of its own.
    pub fn named(&self, end: &str) -> String {
        format!("{}-{end}", self.name)
    }

    /// A connector that does what files say.
    pub fn ladder(&self, end: &str, tasks: usize) -> Properties {
        self.config(end, LADDER, tasks)
    }

    /// A source of numbers into the case's topic, a hundred a second and task.
    pub fn source(&self, end: &str, tasks: usize) -> Properties {
        self.config(end, "watertight.test.SequenceSourceConnector", tasks).with("topic", self.topic()).with("rate", 100)
    }

    /// A sink that writes down what it gets of the case's topic.
    pub fn sink(&self, end: &str, tasks: usize) -> Properties {
        self.config(end, "watertight.test.SequenceSinkConnector", tasks).with("topics", self.topic())
    }

    fn config(&self, end: &str, class: &str, tasks: usize) -> Properties {
        Properties::new()
            .with("name", self.named(end))
            .with("connector.class", class)
            .with("tasks.max", tasks)
            .with("dir", self.signs().display())
    }

    /// Creates a connector, and waits until it and so many tasks run; its name.
    pub fn create(&self, config: &Properties, tasks: usize) -> anyhow::Result<String> {
        let name = config.get("name").context("a connector has a name")?.to_owned();
        self.ask(|| self.connect().post(config))?.expect(201)?;
        self.connect().wait_all(&name, "RUNNING", tasks, SETTLED)?;
        Ok(name)
    }

    /// Sends a request again for as long as the answer is 409, as every client of a cluster has to.
    pub fn ask(&self, mut send: impl FnMut() -> anyhow::Result<Response>) -> anyhow::Result<Response> {
        wait::until("the cluster not to be rebalancing", SETTLED, || match send() {
            Ok(answer) if answer.status == 409 && is_momentary(&answer.message()) => Err(answer.body),
            other => Ok(other),
        })?
    }

    /// Any request without a body that must be answered with this status.
    pub fn act(&self, method: &str, path: &str, status: u16) -> anyhow::Result<Value> {
        self.ask(|| self.connect().http.send(method, path, None))?.expect(status)
    }

    /// Of a connector: `pause`, `resume`, `stop`.
    pub fn change(&self, connector: &str, verb: &str) -> anyhow::Result<()> {
        let status = if verb == "stop" { 204 } else { 202 };
        self.act("PUT", &format!("/connectors/{connector}/{verb}"), status).map(drop)
    }

    /// Puts another config; the connector may be new.
    pub fn put(&self, config: &Properties) -> anyhow::Result<Value> {
        let path = format!("/connectors/{}/config", config.get("name").unwrap_or_default());
        let answer = self.ask(|| self.connect().http.put(&path, &config.to_json()))?;
        anyhow::ensure!(matches!(answer.status, 200 | 201), "{answer:?}");
        answer.json()
    }

    /// Creates one in a state; what was answered.
    pub fn create_in(&self, config: &Properties, state: &str) -> anyhow::Result<Value> {
        let body = json!({"name": config.get("name"), "config": config.to_json(), "initial_state": state});
        self.ask(|| self.connect().http.post("/connectors", &body))?.expect(201)
    }

    /// Waits until every worker says `RUNNING | RUNNING RUNNING` of a connector.
    pub fn see(&mut self, connector: &str, expected: &str) -> anyhow::Result<()> {
        for connect in self.cluster.connects() {
            wait::until(&format!("{connector} to be {expected}"), SETTLED, || match connect.status(connector) {
                Ok(status) if states(&status) == expected => Ok(()),
                Ok(status) => Err(status.to_string()),
                Err(error) => Err(format!("{error:#}")),
            })?;
        }
        Ok(())
    }

    /// It is so and stays so for a while.
    pub fn stays(&mut self, connector: &str, expected: &str) -> anyhow::Result<()> {
        self.see(connector, expected)?;
        std::thread::sleep(A_WHILE);
        for connect in self.cluster.connects() {
            let status = connect.status(connector)?;
            anyhow::ensure!(states(&status) == expected, "{status} and not {expected} any more");
        }
        Ok(())
    }

    /// What the tasks of a connector wrote down.
    pub fn diaries(&self, connector: &str) -> anyhow::Result<Diaries> {
        Diaries::read(&self.signs(), connector)
    }

    /// Waits until a sink has got so many more records than now.
    pub fn wait_more(&self, connector: &str, more: usize) -> anyhow::Result<()> {
        let before = self.diaries(connector)?.count_got();
        wait::until("more records to arrive", 2 * SOON, || match self.diaries(connector) {
            Ok(now) if now.count_got() >= before + more => Ok(()),
            Ok(now) => Err(format!("{} after {before}", now.count_got())),
            Err(error) => Err(format!("{error:#}")),
        })
    }

    /// Waits until every task of each of these sources was asked for records after that moment, and gave some.
    pub fn wait_flowing(&self, sources: &[&str], since: u64) -> anyhow::Result<()> {
        for source in sources {
            wait::until(&format!("all tasks of {source} to give records"), 2 * SETTLED, || {
                let diaries = self.diaries(source).map_err(|error| format!("{error:#}"))?;
                let mut last: BTreeMap<u32, u64> = BTreeMap::new();
                for diary in &diaries.0 {
                    let polled = diary.polled.last().map_or(0, |(at, _)| *at);
                    let entry = last.entry(diary.task).or_default();
                    *entry = polled.max(*entry);
                }
                let all = !last.is_empty() && last.values().all(|at| *at > since);
                if all { Ok(()) } else { Err(format!("since {since}: {last:?}")) }
            })?;
        }
        Ok(())
    }

    /// Stops a source of numbers, waits until a sink has all that is in the case's topic, and counts.
    pub fn settle(&mut self, source: &str, sink: &str) -> anyhow::Result<Told> {
        self.change(source, "stop")?;
        self.see(source, "STOPPED |")?;
        let given: u64 = self.diaries(source)?.0.iter().map(|diary| diary.polled.len() as u64).sum();
        let letters = topics::read(&self.broker.bootstrap(), &self.topic(), 1, 4 * SOON)?;
        anyhow::ensure!(given > 0 && !letters.is_empty(), "{given} polls, {} records", letters.len());
        let there: BTreeSet<(i32, i64)> = letters.iter().map(|letter| letter.place).collect();
        wait::until("the sink to have everything", 4 * SOON, || {
            let places = self.diaries(sink).map_err(|error| format!("{error:#}"))?.places();
            match there.difference(&places).count() {
                0 => Ok(()),
                missing => Err(format!("{missing} of {} records are not there", there.len())),
            }
        })?;
        let mut got: Vec<_> = self.diaries(sink)?.0.into_iter().flat_map(|diary| diary.got).collect();
        let received = got.len();
        got.sort();
        got.dedup_by(|one, other| (one.1, one.2) == (other.1, other.2));
        Ok(Told {
            topic: Sequences::in_topic(&letters)?,
            sink: Sequences::of(got.iter().map(|(_, _, _, value)| value.as_str()))?,
            again: received - got.len(),
        })
    }

    /// Offsets of a connector, as a worker tells them.
    pub fn offsets(&self, connector: &str) -> anyhow::Result<Value> {
        Ok(self.connect().http.get(&format!("/connectors/{connector}/offsets"))?.expect(200)?["offsets"].clone())
    }
}

/// Whether a 409 says that the cluster is rebalancing, and not that a connector exists.
fn is_momentary(message: &str) -> bool {
    ["momentarily", "conflicting operation"].iter().any(|words| message.contains(words))
}

/// `RUNNING | RUNNING FAILED`: the connector's state, then the tasks' by number.
pub fn states(status: &Value) -> String {
    let mut tasks: Vec<&Value> = status["tasks"].as_array().into_iter().flatten().collect();
    tasks.sort_by_key(|task| task["id"].as_u64());
    let word = |instance: &Value| instance["state"].as_str().unwrap_or("?").to_owned();
    let tasks: Vec<String> = tasks.into_iter().map(word).collect();
    format!("{} | {}", word(&status["connector"]), tasks.join(" ")).trim_end().to_owned()
}

/// An answer with this status whose message is this.
pub fn says(answer: &Response, status: u16, message: &str) -> anyhow::Result<()> {
    anyhow::ensure!(answer.status == status && answer.message() == message, "{answer:?} instead of {status} {message}");
    Ok(())
}
