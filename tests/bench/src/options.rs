//! The command line. xtask passes on what it does not need itself.

use anyhow::Context as _;
use std::time::Duration;

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Time to the first answer.
    Start,
    /// Memory of a worker that does nothing.
    Idle,
    /// File source and file sink.
    Throughput,
    /// Converters and transforms.
    Data,
    /// REST with many connectors.
    Requests,
    /// Clusters with many connectors.
    Cluster,
    /// JDBC connectors and a database.
    Jdbc,
    /// Calls into plugins.
    Boundary,
}

const PARTS: [(&str, Part); 8] = [
    ("start", Part::Start),
    ("idle", Part::Idle),
    ("throughput", Part::Throughput),
    ("data", Part::Data),
    ("requests", Part::Requests),
    ("cluster", Part::Cluster),
    ("jdbc", Part::Jdbc),
    ("boundary", Part::Boundary),
];

/// What to measure, and how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// Lines of each pass.
    pub records: u64,
    /// How long an idle worker is left alone.
    pub idle: Duration,
    /// Starts of each kind.
    pub starts: usize,
    /// Sources, and as many sinks, where many are held.
    pub connectors: usize,
    /// Length of one round at the boundary.
    pub round: Duration,
    /// Settings of both sides' producers, beyond Connect's own.
    pub producer: Vec<(String, String)>,
    /// Clusters and what they hold.
    pub cluster: Cluster,
    only: Option<Part>,
}

/// How many connectors.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Sources.
    pub sources: usize,
    /// Sinks.
    pub sinks: usize,
}

/// Clusters with many connectors.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Workers of each, before one more joins.
    pub workers: usize,
    /// Of each connector.
    pub tasks: usize,
    /// Connectors on ours; none at all: it is left out.
    pub ours: Size,
    /// Connectors on the genuine one; likewise.
    pub genuine: Size,
    /// How long each step may take.
    pub limit: Duration,
    /// Over which CPU and records are counted.
    pub steady: Duration,
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            workers: 3,
            tasks: 4,
            ours: Size { sources: 1000, sinks: 100 },
            genuine: Size { sources: 100, sinks: 10 },
            limit: Duration::from_secs(300),
            steady: Duration::from_secs(30),
        }
    }
}

impl Options {
    /// Reads the words of the command line.
    pub fn parse(words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            records: 1_000_000,
            idle: Duration::from_secs(60),
            starts: 5,
            connectors: 500,
            round: Duration::from_millis(200),
            producer: Vec::new(),
            cluster: Cluster::default(),
            only: None,
        };
        let mut own_defaults = false;
        let mut words = words;
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} wants a value"));
            match word.as_str() {
                "--quick" => options.shorten(),
                "--connectors" => options.connectors = usize::try_from(number(&word, &value()?)?)?.max(10),
                "--workers" => options.cluster.workers = usize::try_from(number(&word, &value()?)?)?.max(1),
                "--sources" => options.cluster.ours.sources = usize::try_from(number(&word, &value()?)?)?,
                "--sinks" => options.cluster.ours.sinks = usize::try_from(number(&word, &value()?)?)?,
                "--genuine-sources" => options.cluster.genuine.sources = usize::try_from(number(&word, &value()?)?)?,
                "--genuine-sinks" => options.cluster.genuine.sinks = usize::try_from(number(&word, &value()?)?)?,
                "--limit" => options.cluster.limit = Duration::from_secs(number(&word, &value()?)?),
                "--records" => options.records = number(&word, &value()?)?,
                "--only" => options.only = Some(part(&value()?)?),
                "--producer" => options.producer.push(pair(&value()?)?),
                "--own-defaults" => own_defaults = true,
                other => anyhow::bail!("unknown: {other}"),
            }
        }
        if !own_defaults {
            // Kafka's defaults, said aloud to both: librdkafka's own are others.
            options.default_producer("linger.ms", "5");
            options.default_producer("batch.size", "16384");
        }
        anyhow::ensure!(options.records > 0, "--records cannot be 0");
        Ok(options)
    }

    /// Whether this part is asked for.
    pub fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    /// The producers' settings, for people.
    pub fn producer_text(&self) -> String {
        if self.producer.is_empty() {
            return "each side's own defaults".to_owned();
        }
        let pairs: Vec<String> = self.producer.iter().map(|(k, v)| format!("{k}={v}")).collect();
        pairs.join(" ")
    }

    fn shorten(&mut self) {
        self.records = 100_000;
        self.idle = Duration::from_secs(5);
        self.starts = 3;
        self.connectors = 20;
        self.round = Duration::from_millis(50);
        self.cluster.ours = Size { sources: 20, sinks: 4 };
        self.cluster.genuine = self.cluster.ours;
        self.cluster.steady = Duration::from_secs(5);
    }

    fn default_producer(&mut self, key: &str, value: &str) {
        if !self.producer.iter().any(|(k, _)| k == key) {
            self.producer.push((key.to_owned(), value.to_owned()));
        }
    }
}

fn number(word: &str, value: &str) -> anyhow::Result<u64> {
    value.replace('_', "").parse().ok().with_context(|| format!("{word} cannot be `{value}`"))
}

fn part(value: &str) -> anyhow::Result<Part> {
    let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
    let found = PARTS.iter().find(|(name, _)| *name == value);
    found.map(|(_, part)| *part).with_context(|| format!("--only cannot be `{value}`: one of {}", names.join(", ")))
}

fn pair(value: &str) -> anyhow::Result<(String, String)> {
    let (key, value) = value.split_once('=').with_context(|| format!("--producer wants KEY=VALUE, not `{value}`"))?;
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(text: &str) -> anyhow::Result<Options> {
        Options::parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn both_producers_get_kafkas_defaults_unless_told_otherwise() {
        assert_eq!(parse("").unwrap().producer_text(), "linger.ms=5 batch.size=16384");
        let set = parse("--producer batch.size=1000000").unwrap();
        assert_eq!(set.producer_text(), "batch.size=1000000 linger.ms=5");
        assert!(parse("--own-defaults").unwrap().producer.is_empty());
    }

    #[test]
    fn one_part_can_be_chosen() {
        let only = parse("--quick --records 1_000 --only idle").unwrap();
        assert!(only.wants(Part::Idle) && !only.wants(Part::Start));
        assert_eq!(only.records, 1000);
        assert_eq!(parse("--quick --sources 50").unwrap().cluster.ours.sources, 50);
        assert!(parse("--only nothing").is_err());
        assert!(parse("--recrods 5").is_err());
    }
}
