//! Text as an instant.

use super::fields::{Field, Fields};
use super::pattern::Piece;
use super::{DAYS, MONTHS};
use crate::java::{calendar, digits};

/// `SimpleDateFormat.parse`, from the start of the text.
pub(super) fn read(pieces: &[Piece], text: &str, now: i64) -> Option<i64> {
    let mut reader = Reader { rest: text, fields: Fields::default(), century: century_start(now), ambiguous: None };
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Text(literal) => reader.rest = reader.rest.strip_prefix(literal.as_str())?,
            Piece::Field(letter, count) => {
                let adjacent = matches!(pieces.peek(), Some(Piece::Field(..)));
                reader.field(*letter, *count, adjacent)?;
            }
        }
    }
    let instant = reader.fields.instant();
    // a year of two digits that is just before the eighty years begin is in the next century
    match reader.ambiguous {
        Some(year) if instant < reader.century => {
            reader.fields.set(Field::Year, year + 100);
            Some(reader.fields.instant())
        }
        _ => Some(instant),
    }
}

/// Years of two digits are within a century that began eighty years ago.
fn century_start(now: i64) -> i64 {
    let (year, month, day) = calendar::civil(now.div_euclid(super::DAY));
    calendar::days(year - 80, i64::from(month), i64::from(day)) * super::DAY + now.rem_euclid(super::DAY)
}

struct Reader<'a> {
    rest: &'a str,
    fields: Fields,
    century: i64,
    ambiguous: Option<i64>,
}

impl Reader<'_> {
    fn field(&mut self, letter: char, count: usize, adjacent: bool) -> Option<()> {
        let rest = self.rest.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            return None;
        }
        // white space before a number of fixed width is part of it
        let width = adjacent.then(|| count.saturating_sub(self.rest.len() - rest.len()));
        self.rest = rest;
        match letter {
            'G' => {
                let era = self.name(&["BC", "AD"])?;
                self.fields.set(Field::Era, era);
            }
            'y' | 'Y' => self.year(letter, count, width)?,
            'M' | 'L' if count >= 3 => {
                let month = self.name_or_start(&MONTHS)?;
                self.fields.set(Field::Month, month);
            }
            'E' => {
                let day = self.name_or_start(&DAYS)?;
                self.fields.set(Field::DayOfWeek, day + 1);
            }
            'a' => {
                let half = self.name(&["AM", "PM"])?;
                self.fields.set(Field::AmPm, half);
            }
            'z' | 'Z' => self.fields.offset = self.zone()?,
            'X' => self.fields.offset = self.iso_zone(count)?,
            _ => {
                let n = self.number(width)?;
                let (field, n) = match letter {
                    'M' | 'L' => (Field::Month, n - 1),
                    'd' => (Field::DayOfMonth, n),
                    'D' => (Field::DayOfYear, n),
                    'F' => (Field::DayOfWeekInMonth, n),
                    'w' => (Field::WeekOfYear, n),
                    'W' => (Field::WeekOfMonth, n),
                    // from Monday in the text, from Sunday in the calendar
                    'u' => (Field::DayOfWeek, if n == 7 { 1 } else { n + 1 }),
                    'H' => (Field::HourOfDay, n),
                    'k' => (Field::HourOfDay, if n == 24 { 0 } else { n }),
                    'K' => (Field::Hour, n),
                    'h' => (Field::Hour, if n == 12 { 0 } else { n }),
                    'm' => (Field::Minute, n),
                    's' => (Field::Second, n),
                    _ => (Field::Milli, n),
                };
                self.fields.set(field, n);
            }
        }
        Some(())
    }

    /// Two digits for a field of one or two letters are a year of the current hundred years.
    fn year(&mut self, letter: char, count: usize, width: Option<usize>) -> Option<()> {
        let before = self.rest;
        let mut year = self.number(width)?;
        let read = &before[..before.len() - self.rest.len()];
        if count <= 2 && read.chars().count() == 2 && read.chars().all(|c| digits::value(c).is_some()) {
            let start = calendar::civil(self.century.div_euclid(super::DAY)).0;
            let ambiguous = year == start % 100;
            year += start / 100 * 100 + if year < start % 100 { 100 } else { 0 };
            self.ambiguous = ambiguous.then_some(year);
        }
        self.fields.set(if letter == 'Y' { Field::WeekYear } else { Field::Year }, year);
        Some(())
    }

    /// Digits, exactly so many characters of them if told; a minus may stand before them.
    fn number(&mut self, width: Option<usize>) -> Option<i64> {
        let text = match width {
            Some(width) => {
                let end = self.rest.char_indices().nth(width).map_or(self.rest.len(), |(at, _)| at);
                if self.rest[..end].chars().count() < width {
                    return None;
                }
                &self.rest[..end]
            }
            None => self.rest,
        };
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let negative = unsigned.len() < text.len();
        let end = unsigned.find(|c| digits::value(c).is_none()).unwrap_or(unsigned.len());
        let number: i64 = unsigned[..end]
            .chars()
            .filter_map(digits::value)
            .try_fold(0i64, |n, digit| n.checked_mul(10)?.checked_add(i64::from(digit)))?;
        if end == 0 {
            return None;
        }
        self.rest = &self.rest[text.len() - unsigned.len() + end..];
        // Java keeps 32 bits
        let number = i64::from((if negative { -number } else { number }) as i32);
        Some(number)
    }

    /// One of these, in any case; its index.
    fn name(&mut self, names: &[&str]) -> Option<i64> {
        let fits = |name: &str| self.rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        let (index, name) = names.iter().enumerate().find(|(_, name)| fits(name))?;
        self.rest = &self.rest[name.len()..];
        Some(index as i64)
    }

    /// One of these, or the first three letters of one.
    fn name_or_start(&mut self, names: &[&str]) -> Option<i64> {
        match self.name(names) {
            Some(index) => Some(index),
            None => self.name(&names.iter().map(|name| &name[..3]).collect::<Vec<_>>()),
        }
    }

    /// `+hhmm`, `GMT+h:mm`, or a name for no offset.
    fn zone(&mut self) -> Option<i64> {
        let colon = !self.rest.starts_with(['+', '-']);
        if colon {
            if let Some(rest) =
                self.rest.get(..3).filter(|zone| zone.eq_ignore_ascii_case("GMT")).map(|_| &self.rest[3..])
            {
                self.rest = rest;
                if !rest.starts_with(['+', '-']) {
                    return Some(0);
                }
            } else {
                self.name(&["Coordinated Universal Time", "UTC", "UT", "Z"])?;
                return Some(0);
            }
        }
        let sign = self.sign()?;
        let hours = if colon { self.digits(self.digits_ahead().clamp(1, 2))? } else { self.digits(2)? };
        if colon {
            self.rest = self.rest.strip_prefix(':')?;
        }
        let minutes = self.digits(2)?;
        (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60_000)
    }

    /// `Z`, `+hh`, `+hhmm` or `+hh:mm`, by the number of letters.
    fn iso_zone(&mut self, count: usize) -> Option<i64> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Some(0);
        }
        let sign = self.sign()?;
        let hours = self.digits(2)?;
        if count == 3 {
            self.rest = self.rest.strip_prefix(':')?;
        }
        let minutes = if count == 1 { 0 } else { self.digits(2)? };
        (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60_000)
    }

    fn sign(&mut self) -> Option<i64> {
        let sign = if self.rest.starts_with('-') { -1 } else { 1 };
        self.rest = self.rest.strip_prefix(['+', '-'])?;
        Some(sign)
    }

    fn digits_ahead(&self) -> usize {
        self.rest.bytes().take_while(u8::is_ascii_digit).count()
    }

    /// Exactly so many.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let n = self.rest.get(..count).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
        self.rest = &self.rest[count..];
        Some(n)
    }
}
