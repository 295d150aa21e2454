//! How dates and times are stored, which SQLite leaves to whoever writes them. Xerial's driver has settings for it,
//! and what it has written for years is to be read here, and the other way round: numbers of milliseconds unless
//! `date_class` says otherwise. Text in ISO's notation is always read, as SQLite's own functions write it.

use super::super::forms::{Clock, Unit, civil, notation};
use super::super::url::{DateClass, DatePrecision, SqliteSettings};
use super::pattern::{Pattern, PatternError};

/// Julian day of 1970-01-01T00:00:00.
const EPOCH: f64 = 2_440_587.5;
const DAY_MILLIS: f64 = 86_400_000.0;

/// One connection's way.
#[derive(Debug, Clone)]
pub struct Dates {
    class: DateClass,
    /// Milliseconds of what is counted.
    millis: i64,
    pattern: Pattern,
}

/// What is to be bound.
#[derive(Debug, PartialEq)]
pub enum Written {
    /// `date_class` INTEGER
    Integer(i64),
    /// `date_class` REAL
    Real(f64),
    /// `date_class` TEXT
    Text(String),
}

impl Dates {
    /// As the settings say.
    pub fn new(settings: &SqliteSettings) -> Result<Self, PatternError> {
        let millis = match settings.date_precision {
            DatePrecision::Millis => 1,
            DatePrecision::Seconds => 1_000,
        };
        Ok(Self { class: settings.date_class, millis, pattern: Pattern::new(&settings.date_format)? })
    }

    /// A stored number as an instant, in UTC. None: too large.
    pub fn integer(&self, value: i64) -> Option<Clock> {
        let millis = i128::from(value) * i128::from(self.millis);
        let seconds = i64::try_from(millis.div_euclid(1_000)).ok()?;
        Some(Clock { seconds, nanos: u32::try_from(millis.rem_euclid(1_000)).ok()? * 1_000_000 })
    }

    /// A stored Julian day as an instant, in UTC; its precision is about a millisecond's.
    pub fn real(&self, value: f64) -> Option<Clock> {
        let millis = ((value - EPOCH) * DAY_MILLIS).round();
        // Years that a database has any use for: beyond, a float does not know the day.
        (millis.abs() < 1.0e16).then_some(millis as i64).map(|millis| Clock::of(millis, Unit::Millis))
    }

    /// A stored text as what a clock shows, with its offset if it has one.
    pub fn text(&self, value: &str) -> Option<(Clock, Option<i32>)> {
        notation::clock(value).or_else(|| self.pattern.read(value).map(|clock| (clock, None)))
    }

    /// How an instant is stored: `local` is what a clock shows, `epoch` the same in UTC. None: no room for it.
    pub fn write(&self, local: Clock, epoch: Clock) -> Option<Written> {
        let millis = epoch.count(Unit::Millis)?;
        Some(match self.class {
            DateClass::Integer => Written::Integer(millis.div_euclid(self.millis)),
            DateClass::Real => Written::Real(millis as f64 / DAY_MILLIS + EPOCH),
            DateClass::Text => Written::Text(self.pattern.write(local)),
        })
    }

    /// The same of whole days.
    pub fn write_day(&self, days: i64) -> Option<Written> {
        let clock = Clock { seconds: days.checked_mul(civil::DAY)?, nanos: 0 };
        self.write(clock, clock)
    }
}
