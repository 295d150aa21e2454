//! Options of the commands about connectors.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

use super::worker::{Asked, Watch, seconds};
use crate::completing;

/// A look at connectors.
#[derive(Debug, Clone, Args)]
pub(crate) struct Seen {
    /// How often.
    #[command(flatten)]
    pub(crate) watch: Watch,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// One connector.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The connector
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new(), add = ArgValueCompleter::new(completing::connectors))]
    pub(crate) connector: String,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// One or more connectors.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The connectors
    #[arg(value_name = "CONNECTOR", required = true, value_parser = clap::builder::NonEmptyStringValueParser::new(), add = ArgValueCompleter::new(completing::connectors))]
    pub(crate) connectors: Vec<String>,
}

/// Until what was asked for is so.
#[derive(Debug, Args)]
pub(crate) struct Wait {
    /// Wait until connector and tasks are there: 60 seconds, or as long as said
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "60", value_parser = seconds)]
    pub(crate) wait: Option<Duration>,
}

/// `create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Connectors, one in each file; - for standard input
    #[arg(value_name = "FILE", required = true, value_hint = clap::ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// Start like this, whatever the file says
    #[arg(long, value_enum, conflicts_with = "replace")]
    pub(crate) state: Option<InitialState>,
    /// Give connectors that exist already these settings
    #[arg(long)]
    pub(crate) replace: bool,
    /// Whether to wait.
    #[command(flatten)]
    pub(crate) wait: Wait,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// How a connector begins (KIP-980).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InitialState {
    /// It runs
    Running,
    /// It has no tasks until it is resumed
    Paused,
    /// The same, and its offsets may be altered
    Stopped,
}

/// `edit`
#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// Show the settings as JSON
    #[arg(long)]
    pub(crate) as_json: bool,
    /// Whom.
    #[command(flatten)]
    pub(crate) one: One,
}

/// `set`
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The connector
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new(), add = ArgValueCompleter::new(completing::connectors))]
    pub(crate) connector: String,
    /// Settings; one without a value (KEY=) is taken away
    #[arg(value_name = "KEY=VALUE", required_unless_present_any = ["unset", "empty"], value_parser = setting)]
    pub(crate) settings: Vec<(String, String)>,
    /// Take this setting away
    #[arg(long, value_name = "KEY")]
    pub(crate) unset: Vec<String>,
    /// Give this setting the empty text as its value
    #[arg(long, value_name = "KEY")]
    pub(crate) empty: Vec<String>,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// `pause`, `resume`, `stop`
#[derive(Debug, Args)]
pub(crate) struct Move {
    /// Whom.
    #[command(flatten)]
    pub(crate) target: Target,
    /// Whether to wait.
    #[command(flatten)]
    pub(crate) wait: Wait,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// `restart`
#[derive(Debug, Args)]
pub(crate) struct Restart {
    /// Whom.
    #[command(flatten)]
    pub(crate) target: Target,
    /// Its tasks, too
    #[arg(long)]
    pub(crate) include_tasks: bool,
    /// Only what has failed
    #[arg(long)]
    pub(crate) only_failed: bool,
    /// This task, and nothing else
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["include_tasks", "only_failed"])]
    pub(crate) task: Option<u32>,
    /// Whether to wait.
    #[command(flatten)]
    pub(crate) wait: Wait,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// Whether to ask first.
#[derive(Debug, Args)]
pub(crate) struct Sure {
    /// Do not ask first
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// `delete`
#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// Whom.
    #[command(flatten)]
    pub(crate) target: Target,
    /// Whether to ask.
    #[command(flatten)]
    pub(crate) sure: Sure,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// `offsets`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Offsets {
    /// What else than showing them.
    #[command(subcommand)]
    pub(crate) command: Option<OffsetsCommand>,
    /// The connector
    #[arg(required = true, value_parser = clap::builder::NonEmptyStringValueParser::new(), add = ArgValueCompleter::new(completing::connectors))]
    pub(crate) connector: Option<String>,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// `offsets ...`
#[derive(Debug, Subcommand)]
pub(crate) enum OffsetsCommand {
    /// Shows them, as `offsets CONNECTOR` does
    Show(One),
    /// Alters them; the connector must be stopped
    Alter(Alter),
    /// Forgets all of them; the connector must be stopped
    Reset(Reset),
}

/// `offsets alter`
#[derive(Debug, Args)]
pub(crate) struct Alter {
    /// The connector
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new(), add = ArgValueCompleter::new(completing::connectors))]
    pub(crate) connector: String,
    /// The JSON that `offsets --json` prints, changed; - for standard input. An offset of null is forgotten
    #[arg(required_unless_present = "to", conflicts_with = "to", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// For a sink: go on at this offset; without an offset, forget it
    #[arg(long, value_name = "TOPIC:PARTITION=OFFSET")]
    pub(crate) to: Vec<String>,
    /// Whether to ask.
    #[command(flatten)]
    pub(crate) sure: Sure,
    /// How.
    #[command(flatten)]
    pub(crate) asked: Asked,
}

/// `offsets reset`
#[derive(Debug, Args)]
pub(crate) struct Reset {
    /// Whom.
    #[command(flatten)]
    pub(crate) one: One,
    /// Whether to ask.
    #[command(flatten)]
    pub(crate) sure: Sure,
}

/// `topics-used`
#[derive(Debug, Args)]
pub(crate) struct TopicsUsed {
    /// Begin the list anew
    #[arg(long)]
    pub(crate) reset: bool,
    /// Whom.
    #[command(flatten)]
    pub(crate) one: One,
    /// Whether to ask.
    #[command(flatten)]
    pub(crate) sure: Sure,
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        Some(_) | None => Err("must be KEY=VALUE, or KEY= to take it away".to_owned()),
    }
}
