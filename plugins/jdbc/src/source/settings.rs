//! The configuration as the source uses it: read once, every value checked, Aiven's spellings folded into Confluent's.

use std::time::Duration;

use watertight_sdk::{Config, ConfigKey, Failure, Result};

use super::keys;
use super::patterns::{Mapping, Patterns};
use super::session::STORAGE;
use crate::connection::{Connecting, PREFIX};

/// How rows are found that were not sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All of them, always.
    Bulk,
    /// By a growing number.
    Incrementing,
    /// By a time of change.
    Timestamp,
    /// By both.
    TimestampIncrementing,
}

impl Mode {
    /// Does it need a growing number?
    pub fn by_number(self) -> bool {
        matches!(self, Self::Incrementing | Self::TimestampIncrementing)
    }

    /// Does it need a time of change?
    pub fn by_time(self) -> bool {
        matches!(self, Self::Timestamp | Self::TimestampIncrementing)
    }
}

/// What becomes of NUMERIC columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumericMapping {
    /// Decimals.
    None,
    /// Integers where nothing stands after the point.
    PrecisionOnly,
    /// And doubles where they are exact enough.
    BestFit,
    /// And doubles wherever something stands after the point.
    BestFitEagerDouble,
}

/// What becomes of timestamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// Connect's Timestamp.
    Connect,
    /// A number of these units since the epoch.
    Number(Fraction),
    /// The same as text.
    Text(Fraction),
    /// Date and time as ISO 8601 writes them.
    Iso(Fraction),
}

/// A fraction of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fraction {
    /// A millionth.
    Micros,
    /// A thousand-millionth.
    Nanos,
}

/// Where to begin without a stored offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitialTime {
    /// With the first row.
    First,
    /// After this many milliseconds since the epoch.
    After(i64),
    /// With rows from now on.
    Now,
}

/// Which tables.
#[derive(Clone, Debug)]
pub enum Selection {
    /// All there are.
    All,
    /// These names.
    Only(Vec<String>),
    /// All but these names.
    AllBut(Vec<String>),
    /// Those that match, without those that match the second.
    Matching(Patterns, Patterns),
}

/// Where to find the columns that tell new rows from old.
#[derive(Clone, Debug)]
pub struct Columns {
    /// `incrementing.column.name`; empty: the one the database counts up.
    pub incrementing: String,
    /// `incrementing.column.mapping`.
    pub incrementing_by_table: Mapping,
    /// `timestamp.column.name`.
    pub timestamps: Vec<String>,
    /// `timestamp.columns.mapping`.
    pub timestamps_by_table: Mapping,
}

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `connection.attempts`, `connection.backoff.ms`.
    pub connecting: Connecting,
    /// `mode`.
    pub mode: Mode,
    /// The columns that tell new rows from old.
    pub columns: Columns,
    /// `timestamp.initial`, or `timestamp.initial.ms`.
    pub initial_time: InitialTime,
    /// `incrementing.initial`.
    pub initial_number: i64,
    /// `validate.non.null`.
    pub validate_non_null: bool,
    /// `query`.
    pub query: Option<String>,
    /// `query.suffix`.
    pub query_suffix: String,
    /// `query.retry.attempts`; none: without end.
    pub query_attempts: Option<u32>,
    /// The lists of tables.
    pub selection: Selection,
    /// `catalog.pattern`.
    pub catalog: Option<String>,
    /// `schema.pattern`.
    pub schema_pattern: Option<String>,
    /// `table.types`.
    pub table_types: Vec<String>,
    /// `table.names.qualify`.
    pub qualify: bool,
    /// `quote.sql.identifiers`, or `sql.quote.identifiers`.
    pub quote: bool,
    /// `dialect.name`.
    pub dialect: String,
    /// `transaction.isolation.mode`; none: as the database does by default.
    pub isolation: Option<String>,
    /// `db.timezone`.
    pub zone: String,
    /// It is set, be it to its default.
    pub zone_is_said: bool,
    /// The driver's parameters say how SQLite stores times.
    pub stores_times: bool,
    /// `numeric.mapping`, or `numeric.precision.mapping`.
    pub numeric: NumericMapping,
    /// `timestamp.granularity`.
    pub granularity: Granularity,
    /// `timestamp.delay.interval.ms`.
    pub delay_micros: i64,
    /// `poll.interval.ms`.
    pub poll_interval: Duration,
    /// `batch.max.rows` or `max.buffer.size`, whichever is less.
    pub batch_rows: u32,
    /// `poll.linger.ms`.
    pub linger_ms: u32,
    /// `table.poll.interval.ms`.
    pub table_poll_interval_ms: u64,
    /// `topic.prefix`.
    pub topic_prefix: String,
}

impl Settings {
    /// As configured, or the first thing that is wrong.
    pub fn new(config: &Config) -> Result<Self> {
        let attempts = config.int(&keys::QUERY_ATTEMPTS)?;
        let micros = |ms: i64| ms.saturating_mul(1_000);
        Ok(Self {
            connecting: Connecting::new(config)?,
            mode: mode(config)?,
            columns: columns(config)?,
            initial_time: initial_time(config)?,
            initial_number: config.long(&keys::INCREMENTING_INITIAL)?,
            validate_non_null: config.boolean(&keys::VALIDATE_NON_NULL)?,
            query: Some(config.string(&keys::QUERY)?.trim_end_matches([';', ' ', '\n', '\t', '\r']).trim())
                .filter(|query| !query.is_empty())
                .map(str::to_owned),
            query_suffix: config.string(&keys::QUERY_SUFFIX)?.trim().to_owned(),
            query_attempts: u32::try_from(attempts).ok(),
            selection: selection(config)?,
            catalog: config.optional(&keys::CATALOG).filter(|name| !name.is_empty()).map(str::to_owned),
            schema_pattern: config.optional(&keys::SCHEMA).filter(|name| !name.is_empty()).map(str::to_owned),
            table_types: list(config, &keys::TABLE_TYPES).into_iter().map(|kind| kind.to_uppercase()).collect(),
            qualify: config.boolean(&keys::QUALIFY)?,
            quote: quote(config)?,
            dialect: config.string(&keys::DIALECT)?.trim().to_owned(),
            isolation: isolation(config)?,
            zone: config.string(&keys::TIMEZONE)?.trim().to_owned(),
            zone_is_said: config.get(keys::TIMEZONE.name()).is_some(),
            stores_times: STORAGE.iter().any(|name| config.get(&format!("{PREFIX}{name}")).is_some()),
            numeric: numeric(config)?,
            granularity: granularity(config)?,
            delay_micros: micros(config.long(&keys::TIMESTAMP_DELAY)?),
            poll_interval: Duration::from_millis(unsigned(i64::from(config.int(&keys::POLL_INTERVAL)?))),
            batch_rows: batch_rows(config)?,
            linger_ms: u32::try_from(config.long(&keys::LINGER)?).unwrap_or(u32::MAX),
            table_poll_interval_ms: unsigned(config.long(&keys::TABLE_POLL_INTERVAL)?),
            topic_prefix: config.string(&keys::TOPIC_PREFIX)?.to_owned(),
        })
    }
}

/// What stands between the commas, without what is empty.
pub fn list(config: &Config, key: &ConfigKey) -> Vec<String> {
    config.list(key).into_iter().filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// One of the words of a key, in any case.
fn word(config: &Config, key: &ConfigKey) -> Result<String> {
    Ok(config.string(key)?.trim().to_lowercase())
}

fn unknown<T>(key: &ConfigKey, word: &str) -> Result<T> {
    Err(Failure::invalid_value(key.name(), word, "there is no such value"))
}

fn mode(config: &Config) -> Result<Mode> {
    Ok(match config.string(&keys::MODE)? {
        keys::BULK => Mode::Bulk,
        keys::INCREMENTING => Mode::Incrementing,
        keys::TIMESTAMP => Mode::Timestamp,
        keys::TIMESTAMP_INCREMENTING => Mode::TimestampIncrementing,
        other => return unknown(&keys::MODE, other),
    })
}

fn columns(config: &Config) -> Result<Columns> {
    Ok(Columns {
        incrementing: config.string(&keys::INCREMENTING_COLUMN)?.trim().to_owned(),
        incrementing_by_table: Mapping::new(&keys::INCREMENTING_MAPPING, config)?,
        timestamps: list(config, &keys::TIMESTAMP_COLUMN),
        timestamps_by_table: Mapping::new(&keys::TIMESTAMP_MAPPING, config)?,
    })
}

fn initial_time(config: &Config) -> Result<InitialTime> {
    if config.get(keys::TIMESTAMP_INITIAL.name()).is_some() {
        return Ok(match config.long(&keys::TIMESTAMP_INITIAL)? {
            -1 => InitialTime::Now,
            ms => InitialTime::After(ms),
        });
    }
    if config.get(keys::TIMESTAMP_INITIAL_AIVEN.name()).is_some() {
        return Ok(InitialTime::After(config.long(&keys::TIMESTAMP_INITIAL_AIVEN)?));
    }
    Ok(InitialTime::First)
}

fn selection(config: &Config) -> Result<Selection> {
    let only = list(config, &keys::WHITELIST);
    let but = list(config, &keys::BLACKLIST);
    let include = Patterns::new(&keys::INCLUDE, config)?;
    let exclude = Patterns::new(&keys::EXCLUDE, config)?;
    Ok(if !only.is_empty() {
        Selection::Only(only)
    } else if !but.is_empty() {
        Selection::AllBut(but)
    } else if !include.is_empty() || !exclude.is_empty() {
        Selection::Matching(include, exclude)
    } else {
        Selection::All
    })
}

fn quote(config: &Config) -> Result<bool> {
    if config.get(keys::QUOTE.name()).is_none() && config.get(keys::QUOTE_AIVEN.name()).is_some() {
        return config.boolean(&keys::QUOTE_AIVEN);
    }
    match word(config, &keys::QUOTE)?.as_str() {
        "always" => Ok(true),
        "never" => Ok(false),
        other => unknown(&keys::QUOTE, other),
    }
}

fn isolation(config: &Config) -> Result<Option<String>> {
    match config.string(&keys::ISOLATION)?.trim().to_uppercase().as_str() {
        "DEFAULT" => Ok(None),
        level @ ("READ_UNCOMMITTED" | "READ_COMMITTED" | "REPEATABLE_READ" | "SERIALIZABLE") => {
            Ok(Some(level.to_owned()))
        }
        other => unknown(&keys::ISOLATION, other),
    }
}

fn numeric(config: &Config) -> Result<NumericMapping> {
    if config.get(keys::NUMERIC.name()).is_none() {
        let by_precision = config.boolean(&keys::NUMERIC_PRECISION)?;
        return Ok(if by_precision { NumericMapping::PrecisionOnly } else { NumericMapping::None });
    }
    Ok(match word(config, &keys::NUMERIC)?.as_str() {
        "none" => NumericMapping::None,
        "precision_only" => NumericMapping::PrecisionOnly,
        "best_fit" => NumericMapping::BestFit,
        "best_fit_eager_double" => NumericMapping::BestFitEagerDouble,
        other => return unknown(&keys::NUMERIC, other),
    })
}

fn granularity(config: &Config) -> Result<Granularity> {
    Ok(match word(config, &keys::GRANULARITY)?.as_str() {
        "connect_logical" => Granularity::Connect,
        "micros_long" => Granularity::Number(Fraction::Micros),
        "micros_string" => Granularity::Text(Fraction::Micros),
        "micros_iso_datetime_string" => Granularity::Iso(Fraction::Micros),
        "nanos_long" => Granularity::Number(Fraction::Nanos),
        "nanos_string" => Granularity::Text(Fraction::Nanos),
        "nanos_iso_datetime_string" => Granularity::Iso(Fraction::Nanos),
        other => return unknown(&keys::GRANULARITY, other),
    })
}

fn batch_rows(config: &Config) -> Result<u32> {
    let rows = u32::try_from(config.int(&keys::BATCH_ROWS)?).unwrap_or(1);
    let buffer = u32::try_from(config.int(&keys::BUFFER)?).unwrap_or_default();
    Ok(if buffer == 0 { rows } else { rows.min(buffer) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Settings {
        let config: Config = pairs.iter().copied().collect();
        let config = config.with("mode", "bulk").with("topic.prefix", "p-").with("connection.url", "jdbc:sqlite:/x");
        Settings::new(&config).unwrap()
    }

    #[test]
    fn aivens_spellings_mean_the_same() {
        assert!(!with(&[("sql.quote.identifiers", "false")]).quote);
        assert!(!with(&[("quote.sql.identifiers", "never")]).quote);
        assert_eq!(with(&[("timestamp.initial.ms", "-1")]).initial_time, InitialTime::After(-1));
        assert_eq!(with(&[("timestamp.initial", "-1")]).initial_time, InitialTime::Now);
        assert_eq!(with(&[("incrementing.initial", "-10")]).initial_number, -10);
    }

    #[test]
    fn defaults_are_confluents() {
        let settings = with(&[]);
        assert_eq!((settings.batch_rows, settings.poll_interval.as_millis()), (1000, 5000));
        assert_eq!((settings.quote, settings.qualify, settings.query_attempts), (true, true, None));
        assert_eq!((settings.zone.as_str(), settings.numeric), ("UTC", NumericMapping::None));
        assert_eq!(settings.initial_time, InitialTime::First);
    }

    #[test]
    fn the_old_numeric_mapping_yields_to_the_new() {
        assert_eq!(with(&[("numeric.precision.mapping", "true")]).numeric, NumericMapping::PrecisionOnly);
        let both = with(&[("numeric.precision.mapping", "true"), ("numeric.mapping", "none")]);
        assert_eq!(both.numeric, NumericMapping::None);
    }

    #[test]
    fn the_smaller_of_batch_and_buffer_counts() {
        assert_eq!(with(&[("batch.max.rows", "50"), ("max.buffer.size", "20")]).batch_rows, 20);
        assert_eq!(with(&[("batch.max.rows", "50"), ("max.buffer.size", "0")]).batch_rows, 50);
    }
}
