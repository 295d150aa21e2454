//! What a clock on a wall shows, without the zone that the wall stands in, and the units in which it is counted.

use std::fmt::{self, Display, Formatter};

use super::FormError;
use super::civil::DAY;

/// In what a time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Thousandths of a second.
    Millis,
    /// Millionths.
    Micros,
    /// Billionths.
    Nanos,
}

impl Unit {
    /// Reads `:UNIT`, or nothing, which is milliseconds. None: what follows is something else.
    pub(super) fn suffix(text: &str) -> Option<Result<Self, FormError>> {
        if text.is_empty() {
            return Some(Ok(Self::Millis));
        }
        text.strip_prefix(':').map(|unit| match unit {
            "millis" => Ok(Self::Millis),
            "micros" => Ok(Self::Micros),
            "nanos" => Ok(Self::Nanos),
            other => Err(FormError::Unit(other.to_owned())),
        })
    }

    /// How many make a second.
    pub const fn per_second(self) -> i64 {
        match self {
            Self::Millis => 1_000,
            Self::Micros => 1_000_000,
            Self::Nanos => 1_000_000_000,
        }
    }

    /// Nanoseconds of one.
    pub const fn nanos(self) -> u32 {
        match self {
            Self::Millis => 1_000_000,
            Self::Micros => 1_000,
            Self::Nanos => 1,
        }
    }
}

impl Display for Unit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Millis => "millis",
            Self::Micros => "micros",
            Self::Nanos => "nanos",
        })
    }
}

/// Seconds since 1970-01-01T00:00:00 as a clock shows it, and the part of a second that follows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock {
    /// Whole seconds, rounded towards the past.
    pub seconds: i64,
    /// Below a billion.
    pub nanos: u32,
}

impl Clock {
    /// A day and what of it is over.
    pub fn new(days: i64, second_of_day: u32, nanos: u32) -> Self {
        Self { seconds: days.saturating_mul(DAY).saturating_add(i64::from(second_of_day)), nanos }
    }

    /// So many units after 1970-01-01T00:00:00.
    pub fn of(count: i64, unit: Unit) -> Self {
        let rest = count.rem_euclid(unit.per_second());
        Self { seconds: count.div_euclid(unit.per_second()), nanos: u32::try_from(rest).unwrap_or(0) * unit.nanos() }
    }

    /// In units; what is finer is cut off. None: more than 64 bits.
    pub fn count(self, unit: Unit) -> Option<i64> {
        let fraction = i64::from(self.nanos / unit.nanos());
        match self.seconds.checked_mul(unit.per_second()) {
            Some(whole) => whole.checked_add(fraction),
            // The last second that 64 bits reach is reached only with what follows it.
            None => {
                let exact = i128::from(self.seconds) * i128::from(unit.per_second()) + i128::from(fraction);
                i64::try_from(exact).ok()
            }
        }
    }

    /// The day, and the second of that day.
    pub fn day(self) -> (i64, u32) {
        (self.seconds.div_euclid(DAY), u32::try_from(self.seconds.rem_euclid(DAY)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_finer_than_the_unit_is_cut_off_also_before_1970() {
        let clock = Clock { seconds: -1, nanos: 999_999_999 };
        assert_eq!(clock.count(Unit::Millis), Some(-1));
        assert_eq!(clock.count(Unit::Micros), Some(-1));
        assert_eq!(clock.count(Unit::Nanos), Some(-1));
        assert_eq!(Clock { seconds: -1, nanos: 1 }.count(Unit::Millis), Some(-1_000));
    }

    #[test]
    fn counting_back_and_forth_loses_nothing() {
        for unit in [Unit::Millis, Unit::Micros, Unit::Nanos] {
            for count in [i64::MIN, -86_400_001, -1, 0, 1, 999, 1_700_000_000_123, i64::MAX] {
                assert_eq!(Clock::of(count, unit).count(unit), Some(count), "{count} {unit}");
            }
        }
        assert_eq!(Clock::new(400_000, 0, 0).count(Unit::Nanos), None);
        assert_eq!(Clock::of(-1, Unit::Millis).day(), (-1, 86_399));
    }
}
