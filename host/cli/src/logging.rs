//! Log lines in the form of Kafka Connect's: tools that read a worker's log go on reading it.
//!
//! `[2026-11-20 09:00:00,123] INFO [file-source|task-0] Started (watertight_worker::task)`
//!
//! The part in brackets comes from the field `connector_context`, on the event itself or on the nearest
//! span around it, without its brackets: `error_span!("task", connector_context = "file-source|task-0")`;
//! a span of level error, so that no filter takes it away from the lines within.
//!
//! A plugin's line ends in the name of its class instead: that is the name of its logger, and the name by which
//! `/admin/loggers` raises it.
//!
//! Times are UTC. A further line of one event is indented, so that no text, a guest's included, can pass
//! for an entry of its own.

mod context;
mod filter;
mod format;
pub(crate) mod timestamp;

use std::sync::Arc;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use watertight_worker::loggers::{BadLevels, Levels, Loggers};
use watertight_worker::secrets::Vault;

/// What to log until somebody asks for something else.
const VARIABLE: &str = "WATERTIGHT_LOG";

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoggingError {
    #[error("WATERTIGHT_LOG='{0}' is no log filter: {1}; try 'info' or 'warn,watertight_worker=debug'")]
    Filter(String, BadLevels),
    #[error("the log cannot be started: {0}")]
    Start(String),
}

/// Sends the log of this process to standard output, as Kafka's scripts do. No line holds what `vault` holds. What is
/// logged can be changed by what is answered.
pub(crate) fn start(vault: Vault) -> Result<Arc<Loggers>, LoggingError> {
    let levels = levels()?;
    let filter = filter::Filter::new(&levels);
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).event_format(format::ConnectFormat { vault });
    tracing_subscriber::registry()
        .with(filter.clone())
        .with(context::ContextLayer)
        .with(layer)
        .try_init()
        .map_err(|error| LoggingError::Start(error.to_string()))?;
    Ok(Arc::new(Loggers::new(levels, Box::new(filter))))
}

fn levels() -> Result<Levels, LoggingError> {
    let wanted = std::env::var_os(VARIABLE).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default();
    Levels::parse(&wanted).map_err(|error| LoggingError::Filter(wanted, error))
}
