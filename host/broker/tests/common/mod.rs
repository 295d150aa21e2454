//! A running broker, and a client that writes Kafka's protocol byte by byte.
//!
//! The client shares no code with the engine, so that a mistake in the engine's codec cannot hide
//! itself, and it needs no dependency.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod client;
pub mod wire;

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_watertight-broker");

/// A directory that goes with the test.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("watertight-broker-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A broker that said it was ready. Dropping it kills it.
pub struct Broker {
    process: Child,
    pub address: String,
    pub ready_line: String,
}

impl Broker {
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    pub fn start_with(data: &Path, more: &[&str]) -> Self {
        Self::start_on("127.0.0.1:0", data, more)
    }

    pub fn start_on(listen: &str, data: &Path, more: &[&str]) -> Self {
        let mut process = Command::new(PROGRAM)
            .args(["--listen", listen, "--data"])
            .arg(data)
            .args(more)
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();

        let mut ready_line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut ready_line).unwrap();
        let address = ready_line
            .strip_prefix("watertight-broker ready on ")
            .and_then(|rest| rest.split_once(", data in "))
            .map(|(address, _)| address.to_owned())
            .unwrap_or_else(|| panic!("not a ready line: {ready_line:?}"));

        Self { process, address, ready_line }
    }

    pub fn client(&self) -> client::Client {
        client::Client::connect(&self.address)
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends a signal by its name and says how the process ended, and how soon.
    pub fn end_with(mut self, signal: &str) -> (ExitStatus, Duration) {
        let started = Instant::now();
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());

        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return (status, started.elapsed());
            }
            assert!(started.elapsed() < Duration::from_secs(20), "still running after {signal}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// What else it wrote to standard output. Only once it has ended.
    pub fn rest_of_stdout(&mut self) -> String {
        let mut rest = String::new();
        self.process.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Runs the program to its end.
pub fn run(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).env_remove("RUST_LOG").output().unwrap()
}

/// The one line of standard error of a start that was refused.
pub fn refusal(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(1, text.lines().count(), "not one line: {text:?}");
    assert!(output.stdout.is_empty(), "wrote to standard output");
    text.trim_end().to_owned()
}
