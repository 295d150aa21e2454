//! Reaches for files and surroundings it was not granted.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use watertight_sdk::{Config, Failure, Result, sandbox};

use super::escaped;

fn read(path: &Path) -> Result<()> {
    match fs::read(path) {
        Ok(bytes) => Err(escaped(format!("read {} bytes of {}", bytes.len(), path.display()))),
        Err(error) => Err(sandbox::file_refused(path, &error)),
    }
}

fn given(config: &Config) -> Result<PathBuf> {
    config.get("path").map(PathBuf::from).ok_or_else(|| Failure::config("this attack needs the setting path"))
}

pub fn read_etc_passwd(_config: &Config) -> Result<()> {
    read(Path::new("/etc/passwd"))
}

/// `path` is a granted directory.
pub fn read_outside_root_by_dotdot(config: &Config) -> Result<()> {
    let root = given(config)?;
    let up = "../".repeat(root.components().count());
    read(&root.join(up).join("etc/passwd"))
}

/// `path` is a symbolic link inside a granted directory.
pub fn read_outside_root_by_symlink(config: &Config) -> Result<()> {
    read(&given(config)?)
}

/// `path` is a directory granted for reading only.
pub fn write_to_read_only_root(config: &Config) -> Result<()> {
    let path = given(config)?.join("written-by-a-hostile-guest");
    let written = OpenOptions::new().create(true).append(true).open(&path).and_then(|mut file| file.write_all(b"x"));
    match written {
        Ok(()) => Err(escaped(format!("wrote {}", path.display()))),
        Err(error) => Err(sandbox::file_refused(&path, &error)),
    }
}

/// `path` is any readable file.
pub fn open_files_without_end(config: &Config) -> Result<()> {
    let path = given(config)?;
    let mut hoard = Vec::new();
    loop {
        match File::open(&path) {
            Ok(file) => hoard.push(file),
            Err(error) => {
                return Err(Failure::new("io", format!("after {} open files: {error}", hoard.len())));
            }
        }
    }
}

pub fn leak_environment(_config: &Config) -> Result<()> {
    let names: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
    if !names.is_empty() {
        return Err(escaped(format!("saw the environment variables {}", names.join(", "))));
    }
    let arguments: Vec<String> = std::env::args().collect();
    if !arguments.is_empty() {
        return Err(escaped(format!("saw the arguments {}", arguments.join(" "))));
    }
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(0) | Err(_) => Ok(()),
        Ok(count) => Err(escaped(format!("read {count} bytes of the worker's standard input"))),
    }
}
