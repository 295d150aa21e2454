//! What the cases stand on: a worker that several of them share, and what all of them ask it.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use watertight_cases::table::Ground as _;
use watertight_cases::{SOON, Scene, table};
use watertight_harness::connect::Connect;
use watertight_harness::http::Response;
use watertight_harness::peer::Peer;
use watertight_harness::properties::Properties;
use watertight_harness::worker::{Make, Worker};
use watertight_harness::{paths, wait};

/// Of these tables.
pub type Case = table::Case<Ground>;

/// The worker, and a name that no other case has.
pub struct Ground {
    pub scene: Scene,
    pub connect: Connect,
    /// Connectors and topics of the case begin with it.
    pub name: String,
}

impl table::Ground for Ground {
    /// Starts the worker, with connectors that have an opinion of offsets.
    fn start(scene: Scene) -> anyhow::Result<Self> {
        let mut scene = scene.with("offset.flush.interval.ms", 200);
        scene.worker = if scene.worker.is_ours() {
            scene.worker.with_test_guests()
        } else {
            let twins = twins(&Peer::find().map_err(anyhow::Error::msg)?)?;
            scene.worker.with("plugin.path", twins.display())
        };
        let scene = scene.start()?;
        let connect = scene.worker.connect();
        Ok(Self { scene, connect, name: "case".into() })
    }

    fn enter(&mut self, name: String) -> anyhow::Result<()> {
        self.name = name;
        Ok(())
    }

    fn clear(&self) -> anyhow::Result<()> {
        for name in self.connect.connectors()? {
            self.connect.http.delete(&format!("/connectors/{name}"))?;
        }
        Ok(())
    }
}

impl Ground {
    /// Stops the worker; another one goes on with its folder.
    pub fn handed_over(mut self, to: Make) -> anyhow::Result<Self> {
        self.scene.worker.stop()?;
        self.scene.worker = Worker::new(to, &self.scene.dir, &self.scene.broker.bootstrap())?;
        Self::start(self.scene)
    }

    /// Whether it is ours: where the two differ on purpose, both answers stand in the case.
    pub fn is_ours(&self) -> bool {
        self.scene.worker.is_ours()
    }

    /// A source of two tasks and ten records each.
    pub fn source(&self) -> Properties {
        Properties::new()
            .with("name", &self.name)
            .with("connector.class", "watertight.test.OffsetsSourceConnector")
            .with("tasks.max", 2)
            .with("topic", self.topic())
            .with("count", 10)
    }

    /// A sink of two tasks.
    pub fn sink(&self) -> Properties {
        Properties::new()
            .with("name", &self.name)
            .with("connector.class", "watertight.test.OffsetsSinkConnector")
            .with("tasks.max", 2)
            .with("topics", self.topic())
    }

    pub fn topic(&self) -> String {
        format!("topic-{}", self.name)
    }

    /// Creates a connector that has never run.
    pub fn create_stopped(&self, config: &Properties) -> anyhow::Result<()> {
        let body = json!({"name": config.get("name"), "config": config.to_json(), "initial_state": "STOPPED"});
        self.connect.http.post("/connectors", &body)?.expect(201).map(drop)
    }

    pub fn configure(&self, config: &Properties) -> anyhow::Result<()> {
        let name = config.get("name").context("a connector has a name")?;
        self.connect.http.put(&format!("/connectors/{name}/config"), &config.to_json())?.expect(200).map(drop)
    }

    /// Stops a connector; it has no tasks then.
    pub fn stop(&self, name: &str) -> anyhow::Result<()> {
        self.connect.http.put(&format!("/connectors/{name}/stop"), &Value::Null)?.expect(204)?;
        self.connect.wait_all(name, "STOPPED", 0, SOON).map(drop)
    }

    pub fn resume(&self, name: &str, tasks: usize) -> anyhow::Result<()> {
        self.connect.http.put(&format!("/connectors/{name}/resume"), &Value::Null)?.expect(202)?;
        self.connect.wait_all(name, "RUNNING", tasks, SOON).map(drop)
    }

    /// PATCH with this as the body.
    pub fn send(&self, name: &str, body: &Value) -> anyhow::Result<Response> {
        self.connect.http.send("PATCH", &format!("/connectors/{name}/offsets"), Some(&body.to_string()))
    }

    /// PATCH with these pairs of partition and offset.
    pub fn alter(&self, name: &str, offsets: &[(Value, Value)]) -> anyhow::Result<Response> {
        let list: Vec<Value> =
            offsets.iter().map(|(partition, offset)| json!({"partition": partition, "offset": offset})).collect();
        self.send(name, &json!({"offsets": list}))
    }

    pub fn reset(&self, name: &str) -> anyhow::Result<Response> {
        self.connect.http.delete(&format!("/connectors/{name}/offsets"))
    }

    /// The message of a change that must succeed. Members of a sink's group may leave it a little later than the
    /// connector says that it is stopped (KAFKA-15826).
    pub fn changed(&self, change: impl Fn() -> anyhow::Result<Response>) -> anyhow::Result<String> {
        let later = "this operation can be safely retried";
        wait::until("the change to be made", SOON, || match change() {
            Ok(answer) if answer.status == 500 && answer.message().contains(later) => Err(answer.message()),
            other => Ok(other),
        })??
        .expect(200)
        .map(|answer| answer["message"].as_str().unwrap_or_default().to_owned())
    }

    /// All pairs, sorted by their text.
    pub fn offsets(&self, name: &str) -> anyhow::Result<Vec<(Value, Value)>> {
        let shown = self.connect.http.get(&format!("/connectors/{name}/offsets"))?.expect(200)?;
        let list = shown["offsets"].as_array().with_context(|| shown.to_string())?;
        let mut pairs: Vec<_> = list.iter().map(|one| (one["partition"].clone(), one["offset"].clone())).collect();
        pairs.sort_by_key(|(partition, _)| canonical(partition));
        Ok(pairs)
    }

    /// Waits until they are these, in any order.
    pub fn wait_offsets(&self, name: &str, expected: &[(Value, Value)]) -> anyhow::Result<()> {
        let mut expected = expected.to_vec();
        expected.sort_by_key(|(partition, _)| canonical(partition));
        wait::until("the offsets to be as they should", SOON, || match self.offsets(name) {
            Ok(found) if found == expected => Ok(()),
            other => Err(format!("{other:?} instead of {expected:?}")),
        })
    }

    /// They are these now, in any order.
    pub fn ensure_offsets(&self, name: &str, expected: &[(Value, Value)]) -> anyhow::Result<()> {
        let mut expected = expected.to_vec();
        expected.sort_by_key(|(partition, _)| canonical(partition));
        let found = self.offsets(name)?;
        anyhow::ensure!(found == expected, "{found:?} instead of {expected:?}");
        Ok(())
    }

    /// The partitions of [`Ground::source`], each at this number.
    pub fn saved(&self, at: i64) -> Vec<(Value, Value)> {
        (0..2).map(|task| (self.task(task), json!({"saved": at}))).collect()
    }

    /// The partition of a task of [`Ground::source`].
    pub fn task(&self, number: usize) -> Value {
        json!({"task.id": format!("{}-{number}", self.name)})
    }

    /// A source that has written its ten records a task and is stopped.
    pub fn finished_source(&self) -> anyhow::Result<Properties> {
        let config = self.source();
        self.connect.create(&config)?;
        self.wait_offsets(&self.name, &self.saved(10))?;
        self.stop(&self.name)?;
        Ok(config)
    }

    /// A place of the case's topic, as a sink's offsets name it.
    pub fn place(&self, partition: i64) -> Value {
        json!({"kafka_topic": self.topic(), "kafka_partition": partition})
    }
}

/// An answer with this status whose message is this.
pub fn says(answer: &Response, status: u16, message: &str) -> anyhow::Result<()> {
    let told = answer.json()?;
    anyhow::ensure!(answer.status == status && told["message"] == message, "{answer:?} instead of {status} {message}");
    anyhow::ensure!(status == 200 || told["error_code"] == status, "{told}");
    Ok(())
}

/// An answer with this status whose message begins so; ours goes on with the reason.
pub fn begins(answer: &Response, status: u16, message: &str) -> anyhow::Result<()> {
    let told = answer.message();
    anyhow::ensure!(answer.status == status && told.starts_with(message), "{answer:?} instead of {status} {message}…");
    Ok(())
}

pub const ALTERED: &str = "The offsets for this connector have been altered successfully";
pub const RESET: &str = "The offsets for this connector have been reset successfully";

/// What is said where the plugin does not vouch for it.
pub fn framework(done: &str) -> String {
    format!(
        "The Connect framework-managed offsets for this connector have been {done} successfully. However, if this \
         connector manages offsets externally, they will need to be manually {done} in the system that the connector \
         uses."
    )
}

/// The same text for equal values.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let mut fields: Vec<_> =
                object.iter().map(|(name, value)| format!("{name}:{}", canonical(value))).collect();
            fields.sort();
            fields.join(",")
        }
        other => other.to_string(),
    }
}

/// The Java twins of the test connectors: a folder for `plugin.path`.
fn twins(peer: &Peer) -> anyhow::Result<PathBuf> {
    let plugins = paths::test_dir("offsets-twins")?;
    let (classes, folder) = (plugins.join("classes"), plugins.join("path").join("twins"));
    std::fs::create_dir_all(&folder)?;
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(paths::root().join("tests/cases/java/watertight/test"))? {
        sources.push(entry?.path());
    }
    let run = |command: &mut Command| {
        let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
        anyhow::ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    };
    run(Command::new("javac").arg("-cp").arg(peer.class_path()).arg("-d").arg(&classes).args(&sources))?;
    run(Command::new("jar").arg("cf").arg(folder.join("twins.jar")).arg("-C").arg(&classes).arg("."))?;
    Ok(plugins.join("path"))
}

/// Time for what should not happen.
pub const A_WHILE: Duration = Duration::from_millis(700);
