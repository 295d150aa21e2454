//! Dates, times and offsets as text, as ISO 8601 and SQL write them.

use super::civil;
use super::clock::Clock;

/// `23:59`, `23:59:59`, `23:59:59.123456789`, as seconds and nanoseconds of the day. `24:00:00` is the end of it;
/// digits after the ninth are cut off.
pub fn time(text: &str) -> Option<(u32, u32)> {
    let mut rest = Rest(text.as_bytes());
    let time = rest.time()?;
    rest.0.is_empty().then_some(time)
}

/// `Z`, `+02`, `+02:00`, `+0200`, `+00:53:28`, as seconds east.
pub fn offset(text: &str) -> Option<i32> {
    let mut rest = Rest(text.as_bytes());
    let seconds = rest.offset()?;
    rest.0.is_empty().then_some(seconds)
}

/// A date, then perhaps a time after `T` or a space, then perhaps an offset: what the clock shows, and its offset.
pub fn clock(text: &str) -> Option<(Clock, Option<i32>)> {
    let mut rest = Rest(text.as_bytes());
    let days = rest.date()?;
    if rest.0.is_empty() {
        return Some((Clock::new(days, 0, 0), None));
    }
    if !(rest.take(b'T') || rest.take(b' ')) {
        return None;
    }
    let (second, nanos) = rest.time()?;
    let clock = Clock::new(days, second, nanos);
    if rest.0.is_empty() {
        return Some((clock, None));
    }
    rest.take(b' ');
    let offset = rest.offset()?;
    rest.0.is_empty().then_some((clock, Some(offset)))
}

/// Appends `2024-02-29`.
pub fn push_date(out: &mut String, days: i64) {
    let (year, month, day) = civil::date(days);
    if year < 0 {
        out.push('-');
    }
    push_digits(out, year.unsigned_abs(), 4);
    out.push('-');
    push_digits(out, month.into(), 2);
    out.push('-');
    push_digits(out, day.into(), 2);
}

/// Appends `23:59:59`, and so many digits of a second, up to nine; what is finer is cut off.
pub fn push_time(out: &mut String, second: u32, nanos: u32, digits: u32) {
    push_digits(out, (second / 3_600).into(), 2);
    out.push(':');
    push_digits(out, (second / 60 % 60).into(), 2);
    out.push(':');
    push_digits(out, (second % 60).into(), 2);
    let digits = digits.min(9);
    if digits > 0 {
        out.push('.');
        push_digits(out, (nanos / 10_u32.pow(9 - digits)).into(), digits);
    }
}

/// Digits of a second that are needed: none, three, six or nine.
pub fn digits(nanos: u32) -> u32 {
    match nanos {
        0 => 0,
        _ if nanos.is_multiple_of(1_000_000) => 3,
        _ if nanos.is_multiple_of(1_000) => 6,
        _ => 9,
    }
}

fn push_digits(out: &mut String, mut value: u64, width: u32) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while value > 0 || digits.len() - at < width as usize {
        at -= 1;
        digits[at] = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
    out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')))
    }

    fn date(&mut self) -> Option<i64> {
        let negative = self.take(b'-');
        let year = i64::from(self.number(4, 6)?);
        let month = self.take(b'-').then(|| self.number(2, 2)).flatten()?;
        let day = self.take(b'-').then(|| self.number(2, 2)).flatten()?;
        civil::days(if negative { -year } else { year }, month, day)
    }

    fn time(&mut self) -> Option<(u32, u32)> {
        let hour = self.number(2, 2)?;
        let minute = self.take(b':').then(|| self.number(2, 2)).flatten()?;
        let second = if self.take(b':') { self.number(2, 2)? } else { 0 };
        let nanos = if self.take(b'.') { self.fraction()? } else { 0 };
        if minute > 59 || second > 59 {
            return None;
        }
        let total = hour * 3_600 + minute * 60 + second;
        (hour < 24 || (total == 86_400 && nanos == 0)).then_some((total, nanos))
    }

    fn fraction(&mut self) -> Option<u32> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        let kept = digits.iter().take(9).fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
        (count > 0).then(|| kept * 10_u32.pow(9_u32.saturating_sub(u32::try_from(count).unwrap_or(9))))
    }

    fn offset(&mut self) -> Option<i32> {
        if self.take(b'Z') {
            return Some(0);
        }
        let west = if self.take(b'-') {
            true
        } else if self.take(b'+') {
            false
        } else {
            return None;
        };
        let hours = self.number(2, 2)?;
        let minutes = if self.take(b':') || !self.0.is_empty() { self.number(2, 2)? } else { 0 };
        let seconds = if self.take(b':') { self.number(2, 2)? } else { 0 };
        if hours > 23 || minutes > 59 || seconds > 59 {
            return None;
        }
        let total = i32::try_from(hours * 3_600 + minutes * 60 + seconds).ok()?;
        Some(if west { -total } else { total })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The day of a clock that shows no more than that.
    fn date(text: &str) -> Option<i64> {
        clock(text).map(|(clock, _)| clock.day().0)
    }

    #[test]
    fn dates_and_times_are_read_in_the_notations_of_databases() {
        assert_eq!(date("1970-01-02"), Some(1));
        assert_eq!(date("-0001-01-01"), civil::days(-1, 1, 1));
        assert_eq!(date("99999-12-31"), civil::days(99_999, 12, 31));
        assert_eq!(time("24:00:00"), Some((86_400, 0)));
        assert_eq!(time("23:59:59.1234567891"), Some((86_399, 123_456_789)));
        assert_eq!(time("00:01"), Some((60, 0)));
        let at = |seconds, nanos| Clock { seconds, nanos };
        assert_eq!(clock("1970-01-02"), Some((at(86_400, 0), None)));
        assert_eq!(clock("1970-01-01T00:00:01.5Z"), Some((at(1, 500_000_000), Some(0))));
        assert_eq!(clock("1970-01-01 00:00:01+02:30"), Some((at(1, 0), Some(9_000))));
        assert_eq!(clock("1969-12-31 23:59:59.999 -0330"), Some((at(-1, 999_000_000), Some(-12_600))));
        assert_eq!(offset("+00:53:28"), Some(3_208));
    }

    #[test]
    fn what_is_no_date_and_no_time_is_none() {
        for text in ["", "1970", "1970-1-1", "1970-02-30", "1970-01-01x", "٢٠٢٤-٠١-٠١", "20240101", "+1970-01-01"]
        {
            assert_eq!(date(text), None, "{text}");
        }
        for text in ["", "1:00", "24:00:01", "25:00", "10:60", "10:00:60", "10:00:00.", "10:00Z"] {
            assert_eq!(time(text), None, "{text}");
        }
        for text in ["1970-01-01 ", "1970-01-01x00:00", "1970-01-01T00:00:00+", "1970-01-01T00:00:00 +1", "now"] {
            assert_eq!(clock(text), None, "{text}");
        }
        for text in ["+24:00", "+1", "0200", "+02:", ""] {
            assert_eq!(offset(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (seconds, nanos) in [(0, 0), (-1, 1), (253_402_300_800, 999_000_000), (-62_200_000_000, 5_000)] {
            let (written, mut text) = (Clock { seconds, nanos }, String::new());
            let (days, second) = written.day();
            push_date(&mut text, days);
            text.push(' ');
            push_time(&mut text, second, nanos, digits(nanos));
            assert_eq!(clock(&text), Some((written, None)), "{text}");
        }
        let mut text = String::new();
        push_time(&mut text, 3_661, 987_654_321, 3);
        assert_eq!(text, "01:01:01.987");
    }
}
