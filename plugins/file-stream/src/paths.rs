//! Which file is meant.

use std::path::{Path, PathBuf};

use crate::files::{self, Purpose};
use watertight_sdk::{Config, ConfigKey, Failure, KeyReport, Result, runtime};

/// The file's place, absolute. A relative name is meant from the worker's directory, as in Kafka, where the
/// connector shares the worker's process.
pub fn resolve(name: &str) -> Result<PathBuf> {
    let path = Path::new(name);
    if path.is_absolute() {
        return Ok(path.to_owned());
    }
    match runtime::fact("worker.directory") {
        Some(directory) => Ok(Path::new(&directory).join(path)),
        None => Err(Failure::invalid_value(
            "file",
            name,
            "must be an absolute path, as this worker does not say what its directory is",
        )),
    }
}

/// The `file` setting. Kafka's connectors use the worker's standard streams without it; a sandboxed connector has
/// none, and a worker that serves many must not share them.
pub fn required(config: &Config, key: &ConfigKey) -> Result<String> {
    match config.optional(key) {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err(Failure::config(format!(
            "Missing required configuration \"{}\": standard input and output are not available to sandboxed \
             connectors, so a file must be named",
            key.name()
        ))),
    }
}

/// A report on the key `file` if it is missing, or names what the sandbox will not show to a task.
pub fn report(config: &Config, key: &ConfigKey, purpose: Purpose) -> Vec<KeyReport> {
    match required(config, key).and_then(|name| check(&name, purpose)) {
        Ok(()) => Vec::new(),
        Err(failure) => vec![KeyReport {
            name: key.name().to_owned(),
            errors: vec![failure.message],
            recommended_values: Vec::new(),
            visible: true,
        }],
    }
}

/// A relative name on a worker that does not say its directory is left to the task.
fn check(name: &str, purpose: Purpose) -> Result<()> {
    let Ok(path) = resolve(name) else {
        return Ok(());
    };
    files::granted(&path, purpose)
        .map_err(|trouble| Failure::invalid_value("file", name, &trouble.with(&path, purpose).message))
}
