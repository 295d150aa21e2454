//! Options of the commands that look into Kafka itself.

use std::path::PathBuf;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use crate::completing;

/// Which brokers, and how they are talked to.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Broker")]
pub(crate) struct Broker {
    /// Brokers to begin with; else those of the file, else of WATERTIGHT_BOOTSTRAP, else localhost:9092
    #[arg(long, value_name = "HOST:PORT,...")]
    pub(crate) bootstrap: Option<String>,
    /// A worker's properties: its bootstrap.servers, and the security settings of its consumers
    #[arg(long, value_name = "WORKER.properties", value_hint = clap::ValueHint::FilePath, conflicts_with = "config")]
    pub(crate) worker: Option<PathBuf>,
    /// Settings of a Kafka client, as Kafka's own command line tools take them
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
}

/// `topics`
#[derive(Debug, Args)]
pub(crate) struct Topics {
    /// Show the partitions of this topic
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new(), add = ArgValueCompleter::new(completing::topics))]
    pub(crate) topic: Option<String>,
    /// Kafka's own topics, too
    #[arg(short, long)]
    pub(crate) all: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Whom.
    #[command(flatten)]
    pub(crate) broker: Broker,
}

/// `tail`
#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// The topic
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new(), add = ArgValueCompleter::new(completing::topics))]
    pub(crate) topic: String,
    /// Begin with the oldest record
    #[arg(short = 'b', long)]
    pub(crate) from_beginning: bool,
    /// Begin this many records before the end of each partition
    #[arg(short = 'n', long, value_name = "NUMBER", conflicts_with = "from_beginning")]
    pub(crate) last: Option<u32>,
    /// End after this many records
    #[arg(short, long, value_name = "NUMBER")]
    pub(crate) max: Option<u64>,
    /// End when everything that is there now was shown
    #[arg(short = 'e', long = "exit", visible_alias = "no-follow")]
    pub(crate) exit: bool,
    /// Only this partition; may be given several times
    #[arg(short, long, value_name = "NUMBER")]
    pub(crate) partition: Vec<i32>,
    /// Show keys before values
    #[arg(short, long)]
    pub(crate) key: bool,
    /// Show partition, offset and time before each record
    #[arg(short = 'o', long)]
    pub(crate) offsets: bool,
    /// Show headers before values
    #[arg(long)]
    pub(crate) headers: bool,
    /// Print a JSON object for each record
    #[arg(long)]
    pub(crate) json: bool,
    /// Whom.
    #[command(flatten)]
    pub(crate) broker: Broker,
}
