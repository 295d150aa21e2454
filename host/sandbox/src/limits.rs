//! Every limit on a guest: its setting, default, unit and reason in one table, so that none can be added
//! without being documented, and the documentation's table is made from the same rows.

use std::collections::HashMap;
use std::time::Duration;

/// One row of the table of limits.
#[derive(Debug, Clone, Copy)]
pub struct LimitRow {
    /// The setting in the worker's properties.
    pub key: &'static str,
    /// In `unit`s.
    pub default: u64,
    /// Least value that makes sense.
    pub min: u64,
    /// What the number counts.
    pub unit: &'static str,
    /// Why there is a limit, and why here.
    pub reason: &'static str,
}

macro_rules! keys {
    ($($name:ident = $key:literal;)*) => { $(
        #[allow(missing_docs)]
        pub const $name: &str = $key;
    )* };
}

/// Names of the settings, for error messages.
pub mod key {
    keys! {
        MEMORY = "sandbox.memory.bytes";
        CPU_CALL = "sandbox.cpu.call.ms";
        WALL_CALL = "sandbox.wall.call.ms";
        WALL_STOP = "sandbox.wall.stop.ms";
        WALL_DESCRIBE = "sandbox.wall.describe.ms";
        WALL_VALIDATE = "sandbox.wall.validate.ms";
        BATCH_RECORDS = "sandbox.batch.records";
        BATCH_BYTES = "sandbox.batch.bytes";
        LOG_LINE = "sandbox.log.line.bytes";
        LOG_RATE = "sandbox.log.lines.per.second";
        COMPONENT = "sandbox.component.bytes";
        COMPILE = "sandbox.compile.ms";
        HOSTCALL = "sandbox.hostcall.bytes";
        HANDLES = "sandbox.handles";
        RANDOM = "sandbox.random.bytes";
        SCHEMAS = "sandbox.schemas";
        METRICS = "sandbox.metrics.series";
        SQL_CONNECTIONS = "sandbox.sql.connections";
        SQL_STATEMENT = "sandbox.sql.statement.ms";
        SQL_ROWS = "sandbox.sql.rows";
        SQL_BATCH = "sandbox.sql.batch.bytes";
        SQL_ROW = "sandbox.sql.row.bytes";
    }
}

/// The table.
pub const TABLE: &[LimitRow] = &[
    row(
        key::MEMORY,
        134_217_728,
        1_048_576,
        "bytes a task",
        "linear memories and tables of one instance, added up: one greedy guest must not starve the worker",
    ),
    row(
        key::CPU_CALL,
        10_000,
        10,
        "ms a call",
        "time in guest code without returning; a loop is cut off here, not at the end of the wall time",
    ),
    row(key::WALL_CALL, 300_000, 100, "ms a call", "a call that waits (files, SQL) may take long, but not for ever"),
    row(key::WALL_STOP, 5_000, 100, "ms a call", "as long as Kafka Connect waits for a graceful stop"),
    row(key::WALL_DESCRIBE, 2_000, 100, "ms a call", "describe only lists constants"),
    row(key::WALL_VALIDATE, 10_000, 100, "ms a call", "a person waits for the answer"),
    row(key::BATCH_RECORDS, 10_000, 1, "records a poll", "bounds what the host holds of one task before it can say no"),
    row(key::BATCH_BYTES, 16_777_216, 1_024, "bytes a poll", "as above, for large records"),
    row(key::LOG_LINE, 1_024, 64, "bytes a line", "one guest must not fill the disk or hide other lines"),
    row(key::LOG_RATE, 100, 1, "lines a second", "as above; what is over is counted and said once"),
    row(key::COMPONENT, 67_108_864, 1_024, "bytes a file", "bounds what a file can make the compiler do"),
    row(
        key::COMPILE,
        120_000,
        1_000,
        "ms a file",
        "compiling is not interruptible from inside: it runs in a process of its own, ended at this age",
    ),
    row(
        key::HOSTCALL,
        33_554_432,
        65_536,
        "bytes a call",
        "what one call may make the host allocate while it copies arguments or results",
    ),
    row(key::HANDLES, 1_000, 16, "handles a task", "open files, streams and pollables; each costs the host memory"),
    row(key::RANDOM, 65_536, 16, "bytes a call", "random bytes are made on the host before the guest sees them"),
    row(
        key::SCHEMAS,
        10_000,
        16,
        "schemas a task",
        "numbers are never reused, so a guest that defines without end would grow the host",
    ),
    row(key::METRICS, 200, 1, "series a task", "each series lives as long as its task"),
    row(key::SQL_CONNECTIONS, 4, 1, "connections a task", "a database has few to give, and others need them too"),
    row(
        key::SQL_STATEMENT,
        120_000,
        100,
        "ms a statement",
        "a statement that takes longer is ended in the database; reading its rows may take any time",
    ),
    row(key::SQL_ROWS, 10_000, 1, "rows a batch", "bounds what the host holds of a result before the guest takes it"),
    row(key::SQL_BATCH, 8_388_608, 1_024, "bytes a batch", "as above, for large rows; one row may always come"),
    row(
        key::SQL_ROW,
        16_777_216,
        1_024,
        "bytes a row",
        "a statement can make a row of any size; it is refused before the host has it in memory",
    ),
];

const fn row(key: &'static str, default: u64, min: u64, unit: &'static str, reason: &'static str) -> LimitRow {
    LimitRow { key, default, min, unit, reason }
}

/// The limits in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    values: HashMap<&'static str, u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { values: TABLE.iter().map(|row| (row.key, row.default)).collect() }
    }
}

/// A `sandbox.` setting that cannot be meant.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("Invalid value {value} for configuration {key}: must be a whole number of {unit}, at least {min}")]
pub struct LimitError {
    key: String,
    value: String,
    unit: &'static str,
    min: u64,
}

impl Limits {
    /// Reads the `sandbox.` settings among the worker's; absent ones keep their default.
    pub fn from_properties<'a>(
        properties: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Result<Self, LimitError> {
        let mut limits = Self::default();
        for (name, value) in properties {
            let Some(row) = TABLE.iter().find(|row| row.key == name) else { continue };
            match value.trim().parse::<u64>() {
                Ok(number) if number >= row.min => {
                    limits.values.insert(row.key, number);
                }
                Ok(_) | Err(_) => {
                    return Err(LimitError { key: name.clone(), value: value.clone(), unit: row.unit, min: row.min });
                }
            }
        }
        Ok(limits)
    }

    /// The limit behind a key of the table; 0 for a key that is not in it.
    pub fn get(&self, key: &str) -> u64 {
        self.values.get(key).copied().unwrap_or_default()
    }

    /// The limit as a size.
    pub fn size(&self, key: &str) -> usize {
        usize::try_from(self.get(key)).unwrap_or(usize::MAX)
    }

    /// The limit as a time.
    pub fn time(&self, key: &str) -> Duration {
        Duration::from_millis(self.get(key))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn with(key: &str, value: &str) -> Result<Limits, LimitError> {
        Limits::from_properties([(&key.to_owned(), &value.to_owned())])
    }

    #[test]
    fn what_is_set_replaces_the_default() {
        assert_eq!(with(key::MEMORY, "2097152").unwrap().size(key::MEMORY), 2_097_152);
        assert_eq!(with("other", "x").unwrap(), Limits::default());
    }

    #[test]
    fn a_senseless_value_names_the_setting_and_the_unit() {
        let text = with(key::CPU_CALL, "fast").unwrap_err().to_string();
        assert!(text.contains("sandbox.cpu.call.ms") && text.contains("ms a call"), "{text}");
        assert!(with(key::MEMORY, "1").is_err());
    }

    #[test]
    fn every_row_is_documented_with_its_default() {
        let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ARCHITECTURE.md");
        let page = std::fs::read_to_string(page).unwrap();
        for row in TABLE {
            let digits = row.default.to_string();
            let groups: Vec<&str> =
                digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap()).collect();
            let line = format!("| `{}` | {} | {}", row.key, groups.join(","), row.unit);
            assert!(page.contains(&line), "ARCHITECTURE.md has no line {line}");
            assert!(page.contains(row.reason), "ARCHITECTURE.md gives another reason for {}", row.key);
        }
    }

    #[test]
    fn every_row_allows_its_own_default() {
        for row in TABLE {
            assert!(row.default >= row.min, "{}", row.key);
            assert!(!row.reason.is_empty());
        }
    }
}
