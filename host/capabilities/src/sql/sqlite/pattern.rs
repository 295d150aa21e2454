//! `date_string_format`, a pattern of Java's `SimpleDateFormat`: the letters that a date which stands in a table is
//! written with. Names of months and days, which depend on a language, are not among them.

use super::super::forms::{Clock, civil};

/// A pattern, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `y`, `M`, `d`, `H`, `m`, `s`, `S`, and how many digits at least.
    Field(char, usize),
    Text(String),
}

/// A pattern with something that is not known here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("date_string_format {0}: '{1}' is not supported; known are y, M, d, H, m, s and S, and text in quotes")]
pub struct PatternError(String, char);

impl Pattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let mut parts: Vec<Part> = Vec::new();
        let literal = |parts: &mut Vec<Part>, c: char| match parts.last_mut() {
            Some(Part::Text(text)) => text.push(c),
            _ => parts.push(Part::Text(c.into())),
        };
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '\'' if rest.next_if_eq(&'\'').is_some() => literal(&mut parts, '\''),
                '\'' => loop {
                    match rest.next() {
                        None => return Err(PatternError(text.to_owned(), '\'')),
                        Some('\'') if rest.next_if_eq(&'\'').is_none() => break,
                        Some(c) => literal(&mut parts, c),
                    }
                },
                'y' | 'M' | 'd' | 'H' | 'm' | 's' | 'S' => {
                    let mut width = 1;
                    while rest.next_if_eq(&c).is_some() {
                        width += 1;
                    }
                    if (c == 'M' && width > 2) || (c == 'y' && width == 2) || width > 9 {
                        return Err(PatternError(text.to_owned(), c));
                    }
                    parts.push(Part::Field(c, width));
                }
                c if c.is_ascii_alphabetic() => return Err(PatternError(text.to_owned(), c)),
                c => literal(&mut parts, c),
            }
        }
        Ok(Self(parts))
    }

    /// What a clock shows.
    pub fn write(&self, clock: Clock) -> String {
        let (days, second) = clock.day();
        let (year, month, day) = civil::date(days);
        let mut out = String::with_capacity(24);
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field(letter, width) => {
                    let value = match letter {
                        'y' => year,
                        'M' => month.into(),
                        'd' => day.into(),
                        'H' => (second / 3_600).into(),
                        'm' => (second / 60 % 60).into(),
                        's' => (second % 60).into(),
                        _ => (clock.nanos / 1_000_000).into(),
                    };
                    if value < 0 {
                        out.push('-');
                    }
                    let digits = value.unsigned_abs().to_string();
                    out.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
                    out.push_str(&digits);
                }
            }
        }
        out
    }

    /// The same backwards. Fields that are not there are those of 1970-01-01T00:00:00.
    pub fn read(&self, text: &str) -> Option<Clock> {
        let (mut year, mut month, mut day) = (1970_i64, 1_u32, 1_u32);
        let (mut hour, mut minute, mut second, mut millis) = (0_u32, 0, 0, 0);
        let mut rest = text;
        for (at, part) in self.0.iter().enumerate() {
            match part {
                Part::Text(text) => rest = rest.strip_prefix(text.as_str())?,
                Part::Field(letter, width) => {
                    let negative = *letter == 'y' && rest.starts_with('-');
                    rest = &rest[usize::from(negative)..];
                    // Digits of the next field begin where this one's width ends.
                    let adjacent = matches!(self.0.get(at + 1), Some(Part::Field(..)));
                    let most = if adjacent { *width } else { 9 };
                    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
                    let value: u32 = rest.get(..count)?.parse().ok()?;
                    rest = &rest[count..];
                    match letter {
                        'y' => year = if negative { -i64::from(value) } else { value.into() },
                        'M' => month = value,
                        'd' => day = value,
                        'H' => hour = value,
                        'm' => minute = value,
                        's' => second = value,
                        _ => millis = value,
                    }
                }
            }
        }
        if !rest.is_empty() || hour > 23 || minute > 59 || second > 59 || millis > 999 {
            return None;
        }
        Some(Clock::new(civil::days(year, month, day)?, hour * 3_600 + minute * 60 + second, millis * 1_000_000))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_written_and_read_as_in_java() {
        let clock = Clock { seconds: 1_709_210_096, nanos: 7_000_000 };
        for (pattern, text) in [
            ("yyyy-MM-dd HH:mm:ss.SSS", "2024-02-29 12:34:56.007"),
            ("yyyyMMdd'T'HHmmssSSS", "20240229T123456007"),
            ("d.M.yyyy H:m:s,S 'o''clock'", "29.2.2024 12:34:56,7 o'clock"),
        ] {
            let parsed = Pattern::new(pattern).unwrap();
            assert_eq!(parsed.write(clock), text);
            assert_eq!(parsed.read(text), Some(clock), "{text}");
            assert_eq!(parsed.read(&text[1..]).filter(|read| *read == clock), None);
        }
        assert_eq!(Pattern::new("yyyy").unwrap().read("1970"), Some(Clock { seconds: 0, nanos: 0 }));
    }

    #[test]
    fn what_needs_a_language_or_a_zone_is_refused() {
        for pattern in ["EEE yyyy", "dd MMM yyyy", "yyyy-MM-dd Z", "hh:mm a", "yy", "yyyy'x"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
