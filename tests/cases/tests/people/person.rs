//! Somebody at a shell.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use watertight_cases::Scene;
use watertight_harness::paths;

/// Who types the commands of one case.
pub struct Person {
    dir: PathBuf,
    environment: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug)]
pub struct Said {
    what: String,
    /// Its exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Person {
    /// Beside the worker and the broker of a scene.
    pub fn of(scene: &Scene) -> Self {
        let worker = format!("http://127.0.0.1:{}", scene.worker.port());
        Self { dir: scene.dir.clone(), environment: Vec::new() }
            .with("WATERTIGHT_URL", &worker)
            .with("WATERTIGHT_BOOTSTRAP", &scene.broker.bootstrap())
    }

    /// With another variable in the environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `watertight` with these words, not yet started.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(paths::binary("watertight"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WATERTIGHT_")) {
            command.env_remove(name);
        }
        command.args(words).current_dir(&self.dir).envs(self.environment.iter().cloned()).stdin(Stdio::null());
        command
    }

    /// Runs `watertight` with these words.
    pub fn says(&self, words: &[&str]) -> anyhow::Result<Said> {
        let output = self.command(words).output()?;
        Ok(said(words, output))
    }

    /// The same, with something on its standard input.
    pub fn pipes(&self, input: &str, words: &[&str]) -> anyhow::Result<Said> {
        let mut command = self.command(words);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
        }
        Ok(said(words, child.wait_with_output()?))
    }

    /// The same on a terminal of 100 columns and 30 lines, typing `input`, and Ctrl-C after 6 seconds; both
    /// outputs come together there.
    pub fn types(&self, input: &str, words: &[&str]) -> anyhow::Result<Said> {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let line = format!(
            "stty cols 100 rows 30; timeout --foreground --preserve-status -s INT 6 {} {}",
            paths::binary("watertight").display(),
            quoted.join(" ")
        );
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).current_dir(&self.dir);
        command.envs(self.environment.iter().cloned()).env("TERM", "xterm").env_remove("NO_COLOR");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
            // The terminal's end of input would come before the answer is asked for.
            std::thread::sleep(std::time::Duration::from_millis(1500));
        }
        Ok(said(words, child.wait_with_output()?))
    }

    /// A file in the folder of the case.
    pub fn writes(&self, name: &str, text: &str) -> anyhow::Result<String> {
        std::fs::write(self.dir.join(name), text)?;
        Ok(name.to_owned())
    }

    /// An editor that does this to the file, which it finds in `$1`.
    pub fn editor(&self, name: &str, does: &str) -> anyhow::Result<String> {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.dir.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{does}\n"))?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        Ok(path.display().to_string())
    }
}

fn said(words: &[&str], output: Output) -> Said {
    Said {
        what: words.join(" "),
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Said {
    /// What it wrote, when all went well.
    pub fn done(self) -> anyhow::Result<String> {
        anyhow::ensure!(self.code == Some(0), "{self:?}");
        Ok(self.out)
    }

    /// What it complained about, ended with this code.
    pub fn failed(self, code: i32) -> anyhow::Result<String> {
        anyhow::ensure!(self.code == Some(code), "wanted {code}: {self:?}");
        Ok(self.err)
    }

    /// Complains with this code, about these words.
    pub fn complains(self, code: i32, words: &str) -> anyhow::Result<()> {
        let what = self.what.clone();
        let err = self.failed(code)?;
        anyhow::ensure!(err.contains(words), "{what}: wanted {words:?}: {err}");
        Ok(())
    }
}
