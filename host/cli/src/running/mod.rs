//! What both ways of running a worker have in common: it is put together from the same rooms, serves the same doors,
//! and is ended by the same signals.

mod equipment;
mod servers;
mod signals;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use watertight_worker::config::WorkerConfig;
use watertight_worker::entities::ConfigMap;

pub(crate) use equipment::Equipment;
pub(crate) use servers::Servers;
pub(crate) use signals::Signals;

use crate::exit::Stop;

/// Runs a worker's whole life.
pub(crate) fn until_the_end(life: impl Future<Output = Result<(), Stop>>) -> Result<(), Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("worker")
        .build()
        .context("the async runtime could not be started")?;
    let result = runtime.block_on(life);
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// A worker's settings, and the directory that paths among them start in.
pub(crate) fn read_properties(worker: &Path) -> Result<(ConfigMap, PathBuf), anyhow::Error> {
    let bytes = std::fs::read(worker).with_context(|| format!("{} cannot be read", worker.display()))?;
    let properties = watertight_data::properties::parse_bytes(&bytes).with_context(|| worker.display().to_string())?;
    let directory = std::env::current_dir().context("the working directory is gone")?;
    Ok((properties, directory))
}

/// One warning for all settings that nobody reads.
pub(crate) fn warn_of_unknown_keys(config: &WorkerConfig) {
    let unknown = config.unknown_keys();
    if !unknown.is_empty() {
        tracing::warn!("settings that this worker does not know and does not use: {}", unknown.join(", "));
    }
}
