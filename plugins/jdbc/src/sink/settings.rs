//! The configuration as the task uses it.

use std::collections::HashSet;

use watertight_sdk::{Config, ConfigKey, Failure, Result};

use super::keys;
use crate::connection::Connecting;
use crate::dialect::types::Unit;

/// `insert.mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InsertMode {
    /// Every record is a new row.
    #[default]
    Insert,
    /// Every record is the row of its key.
    Upsert,
    /// Every record changes the row of its key.
    Update,
}

/// `pk.mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PkMode {
    /// Nothing identifies a row.
    #[default]
    None,
    /// Topic, partition and offset.
    Kafka,
    /// The record's key.
    RecordKey,
    /// Fields of the record's value.
    RecordValue,
}

impl PkMode {
    /// The configuration's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Kafka => "kafka",
            Self::RecordKey => "record_key",
            Self::RecordValue => "record_value",
        }
    }
}

/// The configuration as the task uses it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `insert.mode`.
    pub insert_mode: InsertMode,
    /// `pk.mode`.
    pub pk_mode: PkMode,
    /// `pk.fields`.
    pub pk_fields: Vec<String>,
    /// `fields.whitelist`; empty: all.
    pub whitelist: HashSet<String>,
    /// `delete.enabled`.
    pub delete: bool,
    /// `batch.size`, at least 1.
    pub batch_size: usize,
    /// `table.name.format`.
    pub table_format: String,
    /// `table.name.normalize`.
    pub normalize: bool,
    /// `topics.to.tables.mapping`.
    pub mapping: Vec<(String, String)>,
    /// `table.types`.
    pub kinds: Vec<String>,
    /// `dialect.name`.
    pub dialect: Option<String>,
    /// `quote.sql.identifiers` or `sql.quote.identifiers`.
    pub quote: bool,
    /// `db.timezone`.
    pub zone: String,
    /// `timestamp.fields.list`.
    pub instants: HashSet<String>,
    /// `timestamp.precision.mode`.
    pub unit: Unit,
    /// `replace.null.with.default`.
    pub null_to_default: bool,
    /// `auto.create`.
    pub auto_create: bool,
    /// `auto.evolve`.
    pub auto_evolve: bool,
    /// `max.retries`.
    pub max_retries: u32,
    /// `retry.backoff.ms`.
    pub backoff_ms: u64,
    /// `trim.sensitive.log`.
    pub trim: bool,
    /// `connection.attempts` and `connection.backoff.ms`.
    pub connecting: Connecting,
}

impl Settings {
    /// Reads the configuration; what contradicts itself is an error.
    pub fn new(config: &Config) -> Result<Self> {
        let settings = Self::read(config)?;
        match contradictions(&settings).into_iter().next() {
            None => Ok(settings),
            Some((key, error)) => {
                Err(Failure::invalid_value(key.name(), config.optional(&key).unwrap_or_default(), &error))
            }
        }
    }

    /// Reads the configuration without a look at how its parts go together.
    pub fn read(config: &Config) -> Result<Self> {
        let number = |key: &ConfigKey| Ok::<_, Failure>(u32::try_from(config.int(key)?).unwrap_or_default());
        Ok(Self {
            insert_mode: insert_mode(config)?,
            pk_mode: pk_mode(config)?,
            pk_fields: owned(config, &keys::PK_FIELDS),
            whitelist: owned(config, &keys::WHITELIST).into_iter().collect(),
            delete: config.boolean(&keys::DELETE)?,
            batch_size: number(&keys::BATCH_SIZE)?.max(1) as usize,
            table_format: config.string(&keys::TABLE_FORMAT)?.trim().to_owned(),
            normalize: config.boolean(&keys::NORMALIZE)?,
            mapping: mapping(config)?,
            kinds: owned(config, &keys::KINDS),
            dialect: Some(config.string(&keys::DIALECT)?.trim().to_owned()).filter(|name| !name.is_empty()),
            quote: quote(config)?,
            zone: config.string(&keys::TIMEZONE)?.trim().to_owned(),
            instants: owned(config, &keys::TIMESTAMP_FIELDS).into_iter().collect(),
            unit: match one_of(config, &keys::PRECISION, &["microseconds", "nanoseconds"])? {
                0 => Unit::Micros,
                _ => Unit::Nanos,
            },
            null_to_default: config.boolean(&keys::NULL_TO_DEFAULT)?,
            auto_create: config.boolean(&keys::AUTO_CREATE)?,
            auto_evolve: config.boolean(&keys::AUTO_EVOLVE)?,
            max_retries: number(&keys::MAX_RETRIES)?,
            backoff_ms: u64::from(number(&keys::BACKOFF)?),
            trim: config.boolean(&keys::TRIM)?,
            connecting: Connecting::new(config)?,
        })
    }
}

/// What does not go together, each at the key that is to be changed.
pub fn contradictions(settings: &Settings) -> Vec<(ConfigKey, String)> {
    let mut found = Vec::new();
    if settings.delete && settings.pk_mode != PkMode::RecordKey {
        let why = "a record without value has nothing but its key to say which row is to go: set pk.mode=record_key";
        found.push((keys::DELETE, why.to_owned()));
    }
    let word = match settings.insert_mode {
        InsertMode::Insert => None,
        InsertMode::Upsert => Some("upsert"),
        InsertMode::Update => Some("update"),
    };
    if let Some(word) = word
        && settings.pk_mode == PkMode::None
    {
        let why = format!("insert.mode={word} has to know what identifies a row: kafka, record_key or record_value");
        found.push((keys::PK_MODE, why));
    }
    if settings.pk_mode == PkMode::Kafka && !matches!(settings.pk_fields.len(), 0 | 3) {
        let why = format!(
            "pk.mode=kafka has three columns, for topic, partition and offset; these are {}",
            settings.pk_fields.len()
        );
        found.push((keys::PK_FIELDS, why));
    }
    if let Some(twice) = repeated(&settings.pk_fields) {
        found.push((keys::PK_FIELDS, format!("{twice} stands there twice")));
    }
    found
}

fn repeated(names: &[String]) -> Option<&String> {
    let mut seen = HashSet::new();
    names.iter().find(|name| !seen.insert(*name))
}

fn insert_mode(config: &Config) -> Result<InsertMode> {
    Ok(match one_of(config, &keys::INSERT_MODE, &["insert", "multi", "upsert", "update"])? {
        0 | 1 => InsertMode::Insert,
        2 => InsertMode::Upsert,
        _ => InsertMode::Update,
    })
}

fn pk_mode(config: &Config) -> Result<PkMode> {
    Ok(match one_of(config, &keys::PK_MODE, &["none", "kafka", "record_key", "record_value"])? {
        0 => PkMode::None,
        1 => PkMode::Kafka,
        2 => PkMode::RecordKey,
        _ => PkMode::RecordValue,
    })
}

fn quote(config: &Config) -> Result<bool> {
    let always = one_of(config, &keys::QUOTE, &["ALWAYS", "NEVER"])? == 0;
    let aiven = match config.get(keys::QUOTE_AIVEN.name()) {
        Some(_) => config.boolean(&keys::QUOTE_AIVEN)?,
        None => true,
    };
    Ok(always && aiven)
}

fn mapping(config: &Config) -> Result<Vec<(String, String)>> {
    let read = |entry: String| match entry.split_once(':') {
        Some((topic, table)) if !topic.trim().is_empty() && !table.trim().is_empty() => {
            Ok((topic.trim().to_owned(), table.trim().to_owned()))
        }
        _ => Err(Failure::invalid_value(keys::TOPICS.name(), &entry, "Entries are TOPIC:TABLE")),
    };
    owned(config, &keys::TOPICS).into_iter().map(read).collect()
}

fn owned(config: &Config, key: &ConfigKey) -> Vec<String> {
    config.list(key).into_iter().filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn one_of(config: &Config, key: &ConfigKey, words: &[&str]) -> Result<usize> {
    let value = config.string(key)?.trim();
    words.iter().position(|word| word.eq_ignore_ascii_case(value)).ok_or_else(|| {
        Failure::invalid_value(key.name(), value, &format!("String must be one of: {}", words.join(", ")))
    })
}
