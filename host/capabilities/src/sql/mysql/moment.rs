//! Dates and times as the binary protocol packs them: with as many parts as are not zero.

use crate::sql::forms::civil::{self, DAY};
use crate::sql::forms::clock::{Clock, Unit};
use crate::sql::forms::notation;

use super::bytes::Bytes;
use super::trouble::Trouble;

const STRANGE: Trouble = Trouble::Protocol("a date or time of a length that there is not");
/// Digits of a second that a column does not fix.
const MOST_DIGITS: u8 = 6;

/// What `0000-00-00` is read as, and any other day that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zeros {
    /// An error.
    Refuse,
    /// Null.
    Null,
    /// The first day of the year 1.
    Round,
}

/// A date, perhaps with a time. It need not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    micros: u32,
}

impl Moment {
    /// All of it.
    pub const ZERO: Self = Self { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, micros: 0 };

    /// The first day of a year.
    pub fn new(year: u16) -> Self {
        Self { year, month: 1, day: 1, ..Self::ZERO }
    }

    /// Reads it.
    pub fn read(bytes: &mut Bytes<'_>) -> Result<Self, Trouble> {
        let length = bytes.byte()?;
        if !matches!(length, 0 | 4 | 7 | 11) {
            return Err(STRANGE);
        }
        let mut moment = Self::ZERO;
        if length >= 4 {
            moment.year = bytes.u16()?;
            [moment.month, moment.day] = bytes.array()?;
        }
        if length >= 7 {
            [moment.hour, moment.minute, moment.second] = bytes.array()?;
        }
        if length == 11 {
            moment.micros = bytes.u32()?;
        }
        if moment.hour > 23 || moment.minute > 59 || moment.second > 59 || moment.micros > 999_999 {
            return Err(STRANGE);
        }
        Ok(moment)
    }

    fn second_of_day(self) -> u32 {
        u32::from(self.hour) * 3_600 + u32::from(self.minute) * 60 + u32::from(self.second)
    }

    /// What a clock shows. None: there is no such day.
    pub fn clock(self) -> Option<Clock> {
        if self.year == 0 {
            return None;
        }
        let days = civil::days(self.year.into(), self.month.into(), self.day.into())?;
        Some(Clock::new(days, self.second_of_day(), self.micros * 1_000))
    }

    /// What of its day is over. None: there is no such day.
    pub fn of_day(self) -> Option<Span> {
        self.clock()?;
        Some(Span { negative: false, seconds: self.second_of_day().into(), micros: self.micros })
    }

    /// As the server writes it.
    pub fn text(self, day_only: bool, decimals: u8) -> String {
        let mut out = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        if !day_only {
            out.push(' ');
            notation::push_time(&mut out, self.second_of_day(), self.micros * 1_000, fraction(decimals, self.micros));
        }
        out
    }
}

/// What a column of type TIME holds: up to 838 hours, in either direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    negative: bool,
    seconds: u64,
    micros: u32,
}

impl Span {
    /// Reads it.
    pub fn read(bytes: &mut Bytes<'_>) -> Result<Self, Trouble> {
        let length = bytes.byte()?;
        let mut span = Self { negative: false, seconds: 0, micros: 0 };
        if !matches!(length, 0 | 8 | 12) {
            return Err(STRANGE);
        }
        if length >= 8 {
            span.negative = bytes.byte()? != 0;
            let days = bytes.u32()?;
            let [hour, minute, second] = bytes.array()?;
            span.seconds = u64::from(days) * DAY.unsigned_abs()
                + u64::from(hour) * 3_600
                + u64::from(minute) * 60
                + u64::from(second);
        }
        if length == 12 {
            span.micros = bytes.u32()?;
            if span.micros > 999_999 {
                return Err(STRANGE);
            }
        }
        Ok(span)
    }

    /// Units since midnight. None: it is not within a day.
    pub fn of_day(self, unit: Unit) -> Option<i64> {
        let within = self.seconds < DAY.unsigned_abs() && !(self.negative && (self.seconds > 0 || self.micros > 0));
        let clock = Clock { seconds: i64::try_from(self.seconds).ok()?, nanos: self.micros * 1_000 };
        if within { clock.count(unit) } else { None }
    }

    /// As the server writes it.
    pub fn text(self, decimals: u8) -> String {
        let mut out = format!("{}{:02}", if self.negative { "-" } else { "" }, self.seconds / 3_600);
        let rest = u32::try_from(self.seconds % 3_600).unwrap_or(0);
        let mut tail = String::new();
        notation::push_time(&mut tail, rest, self.micros * 1_000, fraction(decimals, self.micros));
        out.push_str(&tail[2..]);
        out
    }
}

fn fraction(decimals: u8, micros: u32) -> u32 {
    match decimals {
        0..=MOST_DIGITS => decimals.into(),
        _ if micros == 0 => 0,
        _ => MOST_DIGITS.into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn moment(packed: &[u8]) -> Moment {
        Moment::read(&mut Bytes(packed)).unwrap()
    }

    fn span(packed: &[u8]) -> Span {
        Span::read(&mut Bytes(packed)).unwrap()
    }

    #[test]
    fn moments_have_as_many_parts_as_are_not_zero() {
        assert_eq!(moment(&[0]), Moment::ZERO);
        assert_eq!(moment(&[4, 0xe8, 7, 2, 29]).clock(), Some(Clock::new(19_782, 0, 0)));
        let whole = moment(&[11, 0xe8, 7, 2, 29, 23, 59, 58, 1, 0, 0, 0]);
        assert_eq!(whole.text(false, 6), "2024-02-29 23:59:58.000001");
        assert_eq!(whole.text(false, 0), "2024-02-29 23:59:58");
        assert_eq!(whole.text(true, 0), "2024-02-29");
        assert_eq!(moment(&[7, 0xe8, 7, 2, 29, 1, 2, 3]).text(false, 39), "2024-02-29 01:02:03");
        for packed in [&[5, 0, 0, 0, 0, 0][..], &[7, 0xe8, 7, 1, 1, 24, 0, 0], &[4, 1]] {
            assert!(Moment::read(&mut Bytes(packed)).is_err());
        }
    }

    #[test]
    fn days_that_are_none_have_no_clock() {
        for packed in [&[0][..], &[4, 0xe8, 7, 0, 0], &[4, 0xe7, 7, 2, 29], &[4, 0, 0, 1, 1]] {
            assert_eq!(moment(packed).clock(), None);
        }
        assert_eq!(Moment::ZERO.text(false, 0), "0000-00-00 00:00:00");
    }

    #[test]
    fn spans_outside_of_a_day_are_text_only() {
        let long = span(&[12, 1, 34, 0, 0, 0, 22, 59, 59, 0, 0, 0, 0]);
        assert_eq!((long.of_day(Unit::Millis), long.text(0)), (None, "-838:59:59".to_owned()));
        let noon = span(&[12, 0, 0, 0, 0, 0, 12, 0, 0, 0x40, 0xe2, 1, 0]);
        assert_eq!((noon.of_day(Unit::Micros), noon.text(6)), (Some(43_200_123_456), "12:00:00.123456".to_owned()));
        assert_eq!((span(&[0]).of_day(Unit::Millis), span(&[0]).text(0)), (Some(0), "00:00:00".to_owned()));
        assert_eq!(span(&[8, 1, 0, 0, 0, 0, 0, 0, 1]).of_day(Unit::Millis), None);
        assert_eq!(span(&[8, 0, 1, 0, 0, 0, 0, 0, 0]).of_day(Unit::Millis), None);
    }
}
