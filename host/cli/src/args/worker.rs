//! Options that say which worker is asked and how, and the commands about the worker itself.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use crate::completing;

/// Where the worker is and who we are to it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Worker")]
pub(crate) struct Worker {
    /// The REST address of a worker
    #[arg(
        long,
        env = "WATERTIGHT_URL",
        default_value = "http://localhost:8083",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) url: String,
    /// Who asks; without a password here, the one of the environment variable WATERTIGHT_PASSWORD
    #[arg(long, env = "WATERTIGHT_USER", value_name = "NAME[:PASSWORD]", hide_env_values = true)]
    pub(crate) user: Option<String>,
    /// Look up name and password in ~/.netrc, or in the file that NETRC names
    #[arg(long)]
    pub(crate) netrc: bool,
    /// Look up name and password in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) netrc_file: Option<PathBuf>,
    /// Trust these authorities (PEM) instead of the system's
    #[arg(long, env = "WATERTIGHT_CACERT", value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// The certificate chain to show to the worker (PEM)
    #[arg(long, env = "WATERTIGHT_CERT", value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// Its private key (PEM, not encrypted)
    #[arg(long, env = "WATERTIGHT_KEY", value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Do not look at the worker's certificate
    #[arg(long)]
    pub(crate) insecure: bool,
    /// How long to wait for an answer, in seconds; the worker itself gives up after 90
    #[arg(long, value_name = "SECONDS", default_value = "100", value_parser = seconds)]
    pub(crate) timeout: Duration,
}

/// A question to the worker.
#[derive(Debug, Clone, Args)]
pub(crate) struct Asked {
    /// Print the worker's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    /// Whom.
    #[command(flatten)]
    pub(crate) worker: Worker,
}

/// Looking again and again.
#[derive(Debug, Clone, Args)]
pub(crate) struct Watch {
    /// Look again every 2 seconds, or as often as said, until Ctrl-C
    #[arg(short, long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2", value_parser = seconds)]
    pub(crate) watch: Option<Duration>,
}

/// `validate`
#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// The connector's file; - for standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// `plugins`
#[derive(Debug, Args)]
pub(crate) struct Plugins {
    /// Converters, transforms and predicates too
    #[arg(short, long)]
    pub(crate) all: bool,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// `plugin`
#[derive(Debug, Args)]
pub(crate) struct Plugin {
    /// The class, or its alias
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new(), add = ArgValueCompleter::new(completing::plugins))]
    pub(crate) class: String,
    /// Of this version, or range of versions, where there are several
    #[arg(long, value_name = "VERSION")]
    pub(crate) plugin_version: Option<String>,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// `log-level`
#[derive(Debug, Args)]
pub(crate) struct LogLevel {
    /// The logger; root for all that have no level of their own
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new(), add = ArgValueCompleter::new(completing::loggers))]
    pub(crate) logger: String,
    /// The level it shall have: TRACE, DEBUG, INFO, WARN, ERROR, OFF
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) level: Option<String>,
    /// In all workers of the cluster
    #[arg(long, requires = "level")]
    pub(crate) cluster: bool,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// A number of seconds, fractions allowed.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(number) {
        Ok(duration) if duration >= Duration::from_millis(100) && number < 1e9 => Ok(duration),
        Ok(_) | Err(_) => Err("must be at least 0.1".to_owned()),
    }
}
