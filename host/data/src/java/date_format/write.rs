//! An instant as text.

use std::fmt::Write as _;

use super::fields::week;
use super::pattern::Piece;
use super::{DAY, DAYS, MONTHS};
use crate::java::calendar;

pub(super) fn write(pieces: &[Piece], millis: i64) -> String {
    let instant = Instant::of(millis);
    let mut out = String::with_capacity(32);
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Field(letter, count) => instant.push(&mut out, *letter, *count),
        }
    }
    out
}

struct Instant {
    days: i64,
    milli: i64,
    year: i64,
    month: u32,
    day: u32,
}

impl Instant {
    fn of(millis: i64) -> Self {
        let days = millis.div_euclid(DAY);
        let (year, month, day) = calendar::civil(days);
        Self { days, milli: millis.rem_euclid(DAY), year, month, day }
    }

    /// 0 is Sunday.
    fn weekday(&self) -> i64 {
        (self.days + 4).rem_euclid(7)
    }

    fn day_of_year(&self) -> i64 {
        self.days - calendar::days(self.year, 1, 1) + 1
    }

    fn push(&self, out: &mut String, letter: char, count: usize) {
        let hour = self.milli / 3_600_000;
        // years before the first are counted backwards
        let era_year = if self.year > 0 { self.year } else { 1 - self.year };
        match letter {
            'G' => out.push_str(if self.year > 0 { "AD" } else { "BC" }),
            'y' => year(out, era_year, count),
            'Y' => year(out, week::year_and_week(self.year, self.days).0, count),
            'M' | 'L' => {
                let name = MONTHS[(self.month - 1) as usize];
                match count {
                    4.. => out.push_str(name),
                    3 => out.push_str(&name[..3]),
                    _ => number(out, i64::from(self.month), count),
                }
            }
            'd' => number(out, i64::from(self.day), count),
            'D' => number(out, self.day_of_year(), count),
            'F' => number(out, (i64::from(self.day) - 1) / 7 + 1, count),
            'w' => number(out, week::year_and_week(self.year, self.days).1, count),
            'W' => {
                let first = calendar::days(self.year, i64::from(self.month), 1);
                number(out, week::index(first, self.days), count);
            }
            'E' => {
                let name = DAYS[self.weekday() as usize];
                out.push_str(if count >= 4 { name } else { &name[..3] });
            }
            'u' => number(out, (self.weekday() + 6) % 7 + 1, count),
            'a' => out.push_str(if hour < 12 { "AM" } else { "PM" }),
            'H' => number(out, hour, count),
            'k' => number(out, if hour == 0 { 24 } else { hour }, count),
            'K' => number(out, hour % 12, count),
            'h' => number(out, if hour % 12 == 0 { 12 } else { hour % 12 }, count),
            'm' => number(out, self.milli / 60_000 % 60, count),
            's' => number(out, self.milli / 1000 % 60, count),
            'S' => number(out, self.milli % 1000, count),
            'z' => out.push_str(if count >= 4 { "Coordinated Universal Time" } else { "UTC" }),
            'Z' => out.push_str("+0000"),
            _ => out.push('Z'),
        }
    }
}

fn number(out: &mut String, n: i64, count: usize) {
    // writing to a String does not fail
    let _ = write!(out, "{n:0count$}");
}

/// Two letters are two digits; all other counts are a minimum.
fn year(out: &mut String, year: i64, count: usize) {
    if count == 2 { number(out, year.rem_euclid(100), 2) } else { number(out, year, count) }
}
