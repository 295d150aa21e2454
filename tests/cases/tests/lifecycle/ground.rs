//! What the cases stand on: a worker that several of them share, and a connector that does what files say.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use watertight_cases::{SOON, Scene, table};
use watertight_harness::connect::Connect;
use watertight_harness::http::Response;
use watertight_harness::peer::Peer;
use watertight_harness::properties::Properties;
use watertight_harness::{paths, wait};

/// Of these tables.
pub type Case = table::Case<Ground>;

/// Time for what should not happen.
pub const A_WHILE: Duration = Duration::from_millis(600);
/// The connector, and its version; there is a second one.
pub const LADDER: &str = "watertight.test.LadderSourceConnector";
pub const FIRST: &str = "1.0.0-ladder";
pub const SECOND: &str = "2.0.0-ladder";

/// The worker, and a name that no other case has.
pub struct Ground {
    pub scene: Scene,
    pub connect: Connect,
    /// The case's connector.
    pub name: String,
}

impl table::Ground for Ground {
    /// Starts the worker, with both versions of the ladder.
    fn start(mut scene: Scene) -> anyhow::Result<Self> {
        let plugins = scene.dir.join("plugins");
        let path = if scene.worker.is_ours() {
            components(&plugins)?;
            format!("{},{}", plugins.display(), paths::plugins().display())
        } else {
            twins(&Peer::find().map_err(anyhow::Error::msg)?, &plugins)?;
            plugins.display().to_string()
        };
        scene.worker = scene.worker.with("plugin.path", path);
        let scene = scene.start()?;
        let connect = scene.worker.connect();
        Ok(Self { scene, connect, name: "case".into() })
    }

    fn enter(&mut self, name: String) -> anyhow::Result<()> {
        self.name = name;
        std::fs::create_dir_all(self.signs()).map_err(Into::into)
    }

    fn clear(&self) -> anyhow::Result<()> {
        std::fs::remove_dir_all(self.signs())?;
        for name in self.connect.connectors()? {
            self.connect.http.delete(&format!("/connectors/{name}"))?;
        }
        Ok(())
    }
}

impl Ground {
    /// Whether it is ours: where the two differ on purpose, both answers stand in the case.
    pub fn is_ours(&self) -> bool {
        self.scene.worker.is_ours()
    }

    /// Whether it is one of a cluster, where a request is answered before anything is started or taken away.
    pub fn is_clustered(&self) -> bool {
        self.scene.worker.is_distributed()
    }

    /// Waits until there is nothing to be got any more; the answer.
    pub fn wait_gone(&self, rest: &str) -> anyhow::Result<Response> {
        wait::until(&format!("{rest} to be gone"), if self.is_clustered() { SOON } else { Duration::ZERO }, || {
            match self.get(rest) {
                Ok(answer) if answer.status == 404 => Ok(answer),
                other => Err(format!("{other:?}")),
            }
        })
    }

    /// Where the case's connector looks for files.
    pub fn signs(&self) -> PathBuf {
        self.scene.dir.join("signs").join(&self.name)
    }

    /// Puts a file there.
    pub fn sign(&self, sign: &str) -> anyhow::Result<()> {
        self.sign_with(sign, "")
    }

    /// Puts a file with something in it there, at once and whole.
    pub fn sign_with(&self, sign: &str, text: &str) -> anyhow::Result<()> {
        let (new, file) = (self.signs().join("new"), self.signs().join(sign));
        std::fs::write(&new, text)?;
        std::fs::rename(new, file).map_err(Into::into)
    }

    /// Takes it away.
    pub fn unsign(&self, sign: &str) -> anyhow::Result<()> {
        std::fs::remove_file(self.signs().join(sign)).map_err(Into::into)
    }

    /// Waits until the connector has seen a file that it takes away.
    pub fn wait_taken(&self, sign: &str) -> anyhow::Result<()> {
        let file = self.signs().join(sign);
        let gone = || if file.exists() { Err(format!("{} is still there", file.display())) } else { Ok(()) };
        wait::until("the sign to be seen", SOON, gone)
    }

    /// A connector of two tasks.
    pub fn ladder(&self) -> Properties {
        Properties::new()
            .with("name", &self.name)
            .with("connector.class", LADDER)
            .with("tasks.max", 2)
            .with("dir", self.signs().display())
    }

    /// Of this class, whatever it is.
    pub fn other(&self, class: &str) -> Properties {
        Properties::new().with("name", &self.name).with("connector.class", class).with("tasks.max", 1)
    }

    /// Creates a connector that runs.
    pub fn create(&self, config: &Properties) -> anyhow::Result<Value> {
        self.connect.create(config)
    }

    /// Creates a connector in a state.
    pub fn create_in(&self, config: &Properties, state: &str) -> anyhow::Result<Value> {
        let body = json!({"name": config.get("name"), "config": config.to_json(), "initial_state": state});
        self.connect.http.post("/connectors", &body)?.expect(201)
    }

    pub fn put(&self, config: &Properties) -> anyhow::Result<Response> {
        self.connect.http.put(&self.path("config"), &config.to_json())
    }

    pub fn patch(&self, patch: &Value) -> anyhow::Result<Response> {
        self.connect.http.send("PATCH", &self.path("config"), Some(&patch.to_string()))
    }

    /// Below the case's connector.
    pub fn path(&self, rest: &str) -> String {
        format!("/connectors/{}/{rest}", self.name)
    }

    pub fn get(&self, rest: &str) -> anyhow::Result<Response> {
        self.connect.http.get(&self.path(rest))
    }

    /// Does what must succeed: `pause`, `resume`, `stop`, `restart`, `tasks/0/restart`, `restart?includeTasks=true`.
    pub fn act(&self, verb: &str) -> anyhow::Result<Value> {
        let (method, status) = match verb {
            "pause" | "resume" => ("PUT", 202),
            "stop" => ("PUT", 204),
            restart if restart.contains("=true") => ("POST", 202),
            _ => ("POST", 204),
        };
        self.connect.http.send(method, &self.path(verb), None)?.expect(status)
    }

    /// `RUNNING | RUNNING FAILED`: the connector's state, then the tasks' by number.
    pub fn states(&self) -> anyhow::Result<String> {
        Ok(states(&self.connect.status(&self.name)?))
    }

    /// Waits until the states are these.
    pub fn see(&self, expected: &str) -> anyhow::Result<()> {
        wait::until(&format!("{} to be {expected}", self.name), SOON, || match self.states() {
            Ok(states) if states == expected => Ok(()),
            Ok(states) => Err(states),
            Err(error) => Err(format!("{error:#}")),
        })
    }

    /// They are these and stay so for a while.
    pub fn stays(&self, expected: &str) -> anyhow::Result<()> {
        self.see(expected)?;
        std::thread::sleep(A_WHILE);
        let states = self.states()?;
        anyhow::ensure!(states == expected, "{} is {states} and not {expected} any more", self.name);
        Ok(())
    }

    /// How many tasks there are, in every place that tells.
    pub fn ensure_tasks(&self, count: usize) -> anyhow::Result<()> {
        let tasks = self.get("tasks")?.expect(200)?;
        let info = self.connect.http.get(&format!("/connectors/{}", self.name))?.expect(200)?;
        let listed = |value: &Value| value.as_array().map(Vec::len);
        anyhow::ensure!(listed(&tasks) == Some(count), "{tasks}");
        anyhow::ensure!(listed(&info["tasks"]) == Some(count), "{info}");
        Ok(())
    }

    /// The trace of the connector or of a task.
    pub fn trace(&self, task: Option<usize>) -> anyhow::Result<String> {
        let status = self.connect.status(&self.name)?;
        let instance = task.map_or(&status["connector"], |task| &status["tasks"][task]);
        Ok(instance["trace"].as_str().with_context(|| format!("no trace in {status}"))?.to_owned())
    }
}

/// The same of a status, or of a restart's plan, whose tasks stand in no order.
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

/// The component of the ladder, and a copy with another version: it stands in the bytes, in the metadata and in the
/// code, and both are changed alike.
fn components(plugins: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(plugins)?;
    let mut bytes = std::fs::read(paths::guests().join("test-connectors.wasm"))?;
    std::fs::write(plugins.join("first.wasm"), &bytes)?;
    write_as(&mut bytes, FIRST, SECOND)?;
    std::fs::write(plugins.join("second.wasm"), &bytes).map_err(Into::into)
}

/// Replaces a text in bytes by another of its length.
pub fn write_as(bytes: &mut [u8], from: &str, to: &str) -> anyhow::Result<()> {
    anyhow::ensure!(from.len() == to.len());
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, text)| *text == from.as_bytes()).map(|(at, _)| at).collect();
    anyhow::ensure!(places.len() > 1, "{from} stands in {} places: it has to be in metadata and code", places.len());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    Ok(())
}

/// The same for the genuine worker: two folders with one archive each.
fn twins(peer: &Peer, plugins: &Path) -> anyhow::Result<()> {
    let sources: Vec<PathBuf> = std::fs::read_dir(paths::root().join("tests/cases/java/watertight/test"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    let run = |command: &mut Command| {
        let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
        anyhow::ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    };
    let classes = plugins.with_file_name("classes");
    run(Command::new("javac").arg("-cp").arg(peer.class_path()).arg("-d").arg(&classes).args(&sources))?;
    for (folder, version) in [("first", FIRST), ("second", SECOND)] {
        let folder = plugins.join(folder);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(classes.join("ladder-version"), version)?;
        run(Command::new("jar").arg("cf").arg(folder.join("twins.jar")).arg("-C").arg(&classes).arg("."))?;
    }
    Ok(())
}
