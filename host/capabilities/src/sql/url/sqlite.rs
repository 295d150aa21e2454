//! `jdbc:sqlite:PATH[?PARAMETERS]`. The path is no URL: nothing in it is decoded, and SQLite's own URI form, which
//! could say how a file is opened, is refused.

use std::path::PathBuf;
use std::time::Duration;

use super::gather::{Gathered, Reading};
use super::split::{Plus, parameters, query};
use super::{DateClass, DatePrecision, Place, SettingsError, SqliteSettings};

/// The driver's, not SQLite's own, which is none.
const BUSY: Duration = Duration::from_secs(3);
const DATE_FORMAT: &str = "yyyy-MM-dd HH:mm:ss.SSS";

const JOURNAL: [&str; 6] = ["DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL", "OFF"];

pub(super) fn read(rest: &str, reading: Reading<'_>) -> Result<SqliteSettings, SettingsError> {
    let (path, query) = query(rest);
    let place = place(path).map_err(|reason| reading.invalid(reason))?;
    let given = reading.gather(parameters(query, Plus::Plus).map_err(|reason| reading.invalid(reason))?)?;
    let journal: Vec<(&str, &str)> = JOURNAL.iter().map(|word| (*word, *word)).collect();
    let synchronous = [
        ("OFF", "OFF"),
        ("NORMAL", "NORMAL"),
        ("FULL", "FULL"),
        ("EXTRA", "EXTRA"),
        ("0", "OFF"),
        ("1", "NORMAL"),
        ("2", "FULL"),
        ("3", "EXTRA"),
    ];
    let classes = [("INTEGER", DateClass::Integer), ("TEXT", DateClass::Text), ("REAL", DateClass::Real)];
    let precisions = [("MILLISECONDS", DatePrecision::Millis), ("SECONDS", DatePrecision::Seconds)];
    Ok(SqliteSettings {
        place,
        read_only: read_only(&given)?,
        busy_timeout: given.millis("busy_timeout")?.map_or(BUSY, |limit| limit.unwrap_or(Duration::ZERO)),
        foreign_keys: given.flag("foreign_keys")?,
        journal_mode: given.word("journal_mode", &journal)?.map(str::to_owned),
        synchronous: given.word("synchronous", &synchronous)?.map(str::to_owned),
        date_class: given.word("date_class", &classes)?.unwrap_or(DateClass::Integer),
        date_precision: given.word("date_precision", &precisions)?.unwrap_or(DatePrecision::Millis),
        date_format: given.text("date_string_format").unwrap_or_else(|| DATE_FORMAT.to_owned()),
    })
}

fn place(path: &str) -> Result<Place, &'static str> {
    if path.is_empty() || path.eq_ignore_ascii_case(":memory:") {
        return Ok(Place::Memory);
    }
    if path.as_bytes().get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"file:")) {
        return Err("a file: URI could say how the file is opened; write its path, as in jdbc:sqlite:/data/orders.db");
    }
    if path.starts_with(':') {
        return Err("what begins with ':' is no file; only :memory: is supported");
    }
    Ok(Place::File(PathBuf::from(path)))
}

/// SQLite's flags, as the driver takes them: of those that mean something here, one says that nothing is written.
fn read_only(given: &Gathered) -> Result<bool, SettingsError> {
    const READ_ONLY: u32 = 1;
    const READ_WRITE: u32 = 2;
    const CREATE: u32 = 4;
    let Some(mode) = given.filled("open_mode") else {
        return Ok(false);
    };
    match mode.text().trim().parse::<u32>() {
        Ok(READ_ONLY) => Ok(true),
        Ok(flags) if flags == READ_WRITE || flags == READ_WRITE | CREATE => Ok(false),
        Ok(_) | Err(_) => Err(mode.fail("it is none of 1 (read only), 2 and 6 (read and write)")),
    }
}
