//! One child process: its log in a file, ended with it whatever happens to the test.

use crate::signals;
use anyhow::Context as _;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A running child. Dropping it kills it.
#[derive(Debug)]
pub struct Service {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Service {
    /// Starts `command`; both outputs are appended to `log`. The thread that calls this must live as long
    /// as the child is wanted (see [`signals::tie_to_us`]).
    pub fn spawn(name: &str, mut command: Command, log: &Path) -> anyhow::Result<Self> {
        let open = || OpenOptions::new().create(true).append(true).open(log);
        let out = open().with_context(|| format!("cannot open the log {}", log.display()))?;
        let err = out.try_clone()?;
        let program = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let child = signals::tie_to_us(&mut command)
            .spawn()
            .with_context(|| format!("cannot start {name} ({program}); `cargo xtask build` makes it"))?;
        Ok(Self { name: name.to_owned(), child, log: log.to_path_buf() })
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its log file.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The whole log so far.
    pub fn log_text(&self) -> String {
        std::fs::read(&self.log).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
    }

    /// The last `lines` lines of the log.
    pub fn log_tail(&self, lines: usize) -> String {
        let text = self.log_text();
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// How it ended, if it did.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// SIGKILL, and gone when this returns.
    pub fn kill(mut self) {
        self.kill_now();
    }

    fn kill_now(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM; an error where it does not end within `grace` (it is killed then).
    pub fn stop(mut self, grace: Duration) -> anyhow::Result<ExitStatus> {
        signals::terminate(self.pid());
        match self.wait(grace) {
            Some(status) => Ok(status),
            None => {
                self.kill_now();
                anyhow::bail!("{} did not end within {} s of SIGTERM and was killed", self.name, grace.as_secs())
            }
        }
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self, deadline: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.exited() {
                return Some(status);
            }
            if start.elapsed() >= deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for `ready`, but no longer than the process lives: the error then holds its last words.
    pub fn wait_ready(
        &mut self,
        deadline: Duration,
        mut ready: impl FnMut() -> Result<(), String>,
    ) -> anyhow::Result<Duration> {
        let start = Instant::now();
        loop {
            let seen = match ready() {
                Ok(()) => return Ok(start.elapsed()),
                Err(seen) => seen,
            };
            if let Some(status) = self.exited() {
                anyhow::bail!("{} ended ({status}) before it was ready:\n{}", self.name, self.log_tail(20));
            }
            if start.elapsed() >= deadline {
                anyhow::bail!(
                    "{} was not ready within {} s ({seen}); its log {} ends with\n{}",
                    self.name,
                    deadline.as_secs(),
                    self.log.display(),
                    self.log_tail(20)
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill_now();
    }
}
