//! What a task did, in a file that outlives it: so a case proves with numbers which tasks were started again, what each
//! of them got, and when it was last asked for anything.
//!
//! The file is `NAME-TASK.N` in the directory `dir`, N the first number that is free: how often the task had been
//! started before. Nobody ever writes to the file of another. `hang-task-stop` in that directory makes the end hang.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use watertight_sdk::{Config, ConfigKey, Failure, Kind, Result};

use crate::now_ms;

/// Where the files are.
pub const DIR: ConfigKey =
    ConfigKey::new("dir", Kind::String).default_value("").documentation("Where tasks write down what they do");

/// Of one task, from its start to its end.
pub struct Diary {
    incarnation: u32,
    file: File,
    dir: PathBuf,
}

impl Diary {
    /// None without a directory.
    pub fn open(config: &Config, task: i32) -> Result<Option<Self>> {
        let dir = PathBuf::from(config.get("dir").unwrap_or_default());
        if dir.as_os_str().is_empty() {
            return Ok(None);
        }
        let name = config.get("name").unwrap_or_default();
        for incarnation in 0.. {
            let path = dir.join(format!("{name}-{task}.{incarnation}"));
            match OpenOptions::new().create_new(true).write(true).open(path) {
                Ok(file) => {
                    let mut diary = Self { incarnation, file, dir };
                    diary.write(&format!("start {}", now_ms()))?;
                    return Ok(Some(diary));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Failure::new("diary", format!("{}: {error}", dir.display()))),
            }
        }
        Ok(None)
    }

    /// How often the task had been started before.
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// Lines, without the last one's end.
    pub fn write(&mut self, lines: &str) -> Result<()> {
        let written = self.file.write_all(format!("{lines}\n").as_bytes());
        written.map_err(|error| Failure::new("diary", error.to_string()))
    }

    /// The task was asked to end.
    pub fn stop(&mut self) {
        while self.dir.join("hang-task-stop").exists() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.write(&format!("stop {}", now_ms()));
    }
}
