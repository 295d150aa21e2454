//! Runs `cargo build` and its relatives and turns what they say into one line of progress.
//!
//! Cargo tells each finished crate on its standard output (`--message-format`), but never how many there
//! will be: that number comes from `cargo tree` with the same choice of package and features.

use crate::progress::Progress;
use anyhow::Context as _;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A build to be made.
#[derive(Default)]
pub struct Build<'a> {
    /// `build` if empty; else `clippy`, `doc`, or `test`, which is then told not to run anything.
    pub verb: &'a str,
    /// As the progress line calls it.
    pub what: &'a str,
    /// Which workspace.
    pub manifest: PathBuf,
    /// Which packages of it; none: all.
    pub packages: &'a [&'a str],
    /// Choice of features.
    pub features: &'a [&'a str],
    /// Profile, target, target folder and the like.
    pub options: Vec<String>,
    /// Whether `cargo tree` must be told the target too.
    pub target: Option<&'a str>,
    /// What the tool behind the verb is told, after `--`.
    pub tail: &'a [&'a str],
    /// Additional environment.
    pub env: &'a [(&'a str, &'a str)],
}

/// What came out of it.
pub struct Built {
    /// Files of binaries and libraries of the workspace's own packages.
    pub files: Vec<PathBuf>,
}

enum Event {
    Artifact(Value),
    Said(String),
    Total(usize),
}

impl Build<'_> {
    /// Makes it.
    pub fn run(&self) -> anyhow::Result<Built> {
        let mut progress = Progress::start(self.what);
        let mut command = self.command(if self.verb.is_empty() { "build" } else { self.verb });
        command.args(&self.options).envs(self.env.iter().copied());
        if self.verb == "test" {
            command.arg("--no-run");
        }
        command.args(["--message-format", "json-render-diagnostics"]);
        if !self.tail.is_empty() {
            command.arg("--").args(self.tail);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start cargo")?;
        let (send, events) = mpsc::channel();
        if let Some(out) = child.stdout.take() {
            forward(out, send.clone(), |line| serde_json::from_str(line).ok().map(Event::Artifact));
        }
        if let Some(err) = child.stderr.take() {
            forward(err, send.clone(), |line| Some(Event::Said(line.to_owned())));
        }
        self.count_in_background(send);

        let mut state = State::default();
        while state.outputs_open < 2 {
            match events.recv_timeout(Duration::from_millis(250)) {
                Ok(None) => state.outputs_open += 1,
                Ok(Some(event)) => state.take(event),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
            progress.at(&state.line());
        }
        let status = child.wait()?;
        if !status.success() {
            progress.clear();
            anyhow::bail!("{}", state.failure(self.what));
        }
        progress.done(&format!("{} crates", state.crates.len()));
        Ok(Built { files: state.files })
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = command();
        command.arg(verb).arg("--manifest-path").arg(&self.manifest);
        for package in self.packages {
            command.args(["-p", package]);
        }
        command.args(self.features);
        command
    }

    fn count_in_background(&self, send: mpsc::Sender<Option<Event>>) {
        let mut tree = self.command("tree");
        let edges = if self.verb == "test" { "normal,build,dev" } else { "normal,build" };
        tree.args(["--edges", edges, "--prefix", "none", "--format", "{p}"]);
        if let Some(target) = self.target {
            tree.args(["--target", target]);
        }
        std::thread::spawn(move || {
            let Ok(output) = tree.stdin(Stdio::null()).stderr(Stdio::null()).output() else {
                return;
            };
            let text = String::from_utf8_lossy(&output.stdout);
            let crates: BTreeSet<&str> =
                text.lines().map(|l| l.trim_end_matches(" (*)")).filter(|l| !l.is_empty()).collect();
            let _ = send.send(Some(Event::Total(crates.len())));
        });
    }
}

/// Cargo as we were started by it, without what it tells only to its own children: build scripts that
/// look at such variables would run again with every change between us and a plain `cargo build`.
pub fn command() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" || name == "CARGO_MANIFEST_PATH" {
            command.env_remove(name.as_ref());
        }
    }
    command.current_dir(watertight_harness::paths::root());
    command
}

fn forward(
    pipe: impl Read + Send + 'static,
    send: mpsc::Sender<Option<Event>>,
    parse: impl Fn(&str) -> Option<Event> + Send + 'static,
) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if let Some(event) = parse(&line) {
                let _ = send.send(Some(event));
            }
        }
        let _ = send.send(None);
    });
}

#[derive(Default)]
struct State {
    outputs_open: usize,
    crates: BTreeSet<String>,
    total: Option<usize>,
    files: Vec<PathBuf>,
    said: Vec<String>,
    fetching: bool,
}

impl State {
    fn take(&mut self, event: Event) {
        match event {
            Event::Total(total) => self.total = Some(total),
            Event::Said(line) => {
                let word = line.split_whitespace().next().unwrap_or_default();
                self.fetching = matches!(word, "Updating" | "Downloading" | "Downloaded" | "Locking" | "Blocking");
                self.said.push(line);
            }
            Event::Artifact(message) => self.artifact(&message),
        }
    }

    fn artifact(&mut self, message: &Value) {
        if message["reason"] != "compiler-artifact" {
            return;
        }
        self.fetching = false;
        let kinds: Vec<&str> =
            message["target"]["kind"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if kinds.contains(&"custom-build") {
            return;
        }
        let id = message["package_id"].as_str().unwrap_or_default().to_owned();
        if id.starts_with("path+") {
            let files = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
            self.files.extend(files.map(PathBuf::from));
        }
        self.crates.insert(id);
    }

    fn line(&self) -> String {
        let done = self.crates.len();
        match self.total {
            _ if self.fetching => format!("fetching crates, {done} built"),
            Some(total) => format!("{done} of {} crates", total.max(done)),
            None => format!("{done} crates"),
        }
    }

    /// Everything cargo and the compilers said, or one line where we know what it means.
    fn failure(&self, what: &str) -> String {
        let text = self.said.join("\n");
        for (sign, meaning) in SIGNS {
            if text.contains(sign) {
                return format!("{what} failed: {meaning}");
            }
        }
        let shown: Vec<&str> =
            self.said.iter().map(String::as_str).filter(|l| !l.trim_start().starts_with("Compiling ")).collect();
        format!("{what} failed:\n{}", shown[shown.len().saturating_sub(60)..].join("\n"))
    }
}

const SIGNS: [(&str, &str); 3] = [
    (
        "No space left on device",
        "the disk is full; everything is built below the target folder (CARGO_TARGET_DIR moves it)",
    ),
    ("Could not resolve host", "the crates registry cannot be reached; cargo fetches crates on the first build"),
    ("linker `cc` not found", "no C compiler; install gcc and g++ (Debian, Ubuntu: `apt install build-essential`)"),
];

/// Copies a file where it differs, by a rename: the old one may be running or mapped.
pub fn install(from: &Path, to: &Path) -> anyhow::Result<bool> {
    let new = std::fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    if std::fs::read(to).is_ok_and(|old| old == new) {
        return Ok(false);
    }
    let parent = to.parent().context("no folder to install into")?;
    std::fs::create_dir_all(parent)?;
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let beside = parent.join(format!(".{name}.new"));
    std::fs::copy(from, &beside).with_context(|| format!("cannot write {}", beside.display()))?;
    std::fs::rename(&beside, to).with_context(|| format!("cannot write {}", to.display()))?;
    Ok(true)
}
