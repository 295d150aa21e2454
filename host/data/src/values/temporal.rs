//! Dates and times in text, as a lenient `SimpleDateFormat` in UTC reads and writes them.
//!
//! Which of the three formats is tried follows from the length alone. Within it, numbers may have any number of
//! digits and any value (month 13 is next January), and what follows the last of them does not matter.

use crate::java::{calendar, digits};
use crate::logical;
use crate::schema::Schema;
use crate::value::{SchemaAndValue, Value};

const DAY: i64 = 86_400_000;

/// `yyyy-MM-dd`, `HH:mm:ss.SSS'Z'`, or both with a T. Colons may be escaped.
pub(super) fn parse(text: &str) -> Option<SchemaAndValue> {
    // longer than any of the three even if every colon is escaped and every character takes three bytes
    if text.len() > 100 {
        return None;
    }
    let text = text.replace("\\:", ":");
    let made = |schema: Schema, millis| Some(SchemaAndValue::new(Some(schema.shared()), Value::Date(millis)));
    let mut reader = Reader(&text);
    match text.encode_utf16().count() {
        10 => made(logical::date(), reader.date()?),
        13 => made(logical::time(), reader.time()?),
        24 => {
            let date = reader.date()?;
            reader.literal('T')?;
            made(logical::timestamp(), date.wrapping_add(reader.time()?))
        }
        _ => None,
    }
}

struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn date(&mut self) -> Option<i64> {
        let year = self.number()?;
        self.literal('-')?;
        let month = self.number()?;
        self.literal('-')?;
        let day = self.number()?;
        Some(calendar::days(year, month, day).wrapping_mul(DAY))
    }

    fn time(&mut self) -> Option<i64> {
        let hour = self.number()?;
        self.literal(':')?;
        let minute = self.number()?;
        self.literal(':')?;
        let second = self.number()?;
        self.literal('.')?;
        let milli = self.number()?;
        self.literal('Z')?;
        Some(((hour * 60 + minute) * 60 + second) * 1000 + milli)
    }

    fn literal(&mut self, wanted: char) -> Option<()> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    /// Spaces, a minus, digits: `Number.intValue` of them.
    fn number(&mut self) -> Option<i64> {
        let text = self.0.trim_start_matches([' ', '\t']);
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut value: i64 = 0;
        let mut rest = text;
        while let Some(digit) = rest.chars().next().and_then(digits::value) {
            value = value.saturating_mul(10).saturating_add(i64::from(digit));
            rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
        }
        if rest.len() == text.len() {
            return None;
        }
        self.0 = rest;
        Some(i64::from(if negative { value.wrapping_neg() } else { value } as i32))
    }
}

/// `Values.dateFormatFor(date).format(date)`: within the first day after the epoch, or before it, the time;
/// at midnight the date; else both.
pub fn format_date(millis: i64) -> String {
    let (day, milli) = (millis.div_euclid(DAY), millis.rem_euclid(DAY));
    let time =
        format!("{:02}:{:02}:{:02}.{:03}Z", milli / 3_600_000, milli / 60_000 % 60, milli / 1000 % 60, milli % 1000);
    if millis < DAY {
        return time;
    }
    let (year, month, day) = calendar::civil(day);
    if milli == 0 { format!("{year:04}-{month:02}-{day:02}") } else { format!("{year:04}-{month:02}-{day:02}T{time}") }
}
