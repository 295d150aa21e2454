//! Points in time that come as text: fields of `timestamp.fields.list` that are strings.

use watertight_sdk::{Failure, ValueNode};

use crate::dialect::types::Unit;

/// A number, or ISO 8601 without zone (which is UTC then) or with one, becomes the number of units since 1970.
pub fn read(node: &mut ValueNode, unit: Unit) -> Result<(), Failure> {
    let ValueNode::Text(text) = node else {
        return Ok(());
    };
    let count = text.trim().parse().ok().or_else(|| iso(text.trim(), unit));
    let count = count.ok_or_else(|| {
        Failure::data(format!("\"{text}\" is no point in time (timestamp.fields.list): neither a number nor ISO 8601"))
    })?;
    *node = ValueNode::Integer(count);
    Ok(())
}

fn iso(text: &str, unit: Unit) -> Option<i64> {
    let (date, time) = text.split_once(['T', ' '])?;
    let mut parts = date.rsplitn(3, '-');
    let (day, month, year) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?, parts.next()?.parse::<i64>().ok()?);
    if !(1..=12).contains(&month) || !(1..=month_length(year, month)).contains(&day) {
        return None;
    }
    let (clock, offset) = zone(time)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |part| number(part, 2))?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds =
        (days(year, month, day).checked_mul(86_400)?).checked_add(hour * 3_600 + minute * 60 + second - offset)?;
    let (per_second, digits) = match unit {
        Unit::Micros => (1_000_000, 6),
        Unit::Nanos => (1_000_000_000, 9),
    };
    seconds.checked_mul(per_second)?.checked_add(cut(fraction, digits)?)
}

/// The clock, and how many seconds it is ahead of UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Some((time, 0));
    };
    let (clock, offset) = time.split_at(at);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits, 2)?, 0),
        4 => (number(digits.get(..2)?, 2)?, number(digits.get(2..)?, 2)?),
        _ => return None,
    };
    Some((clock, sign * (hours * 3_600 + minutes * 60)))
}

/// So many digits after the point; finer ones are cut off.
fn cut(fraction: &str, digits: usize) -> Option<i64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{:0<digits$}", fraction.get(..digits.min(fraction.len()))?).parse().ok()
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970, by years that begin in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Option<i64> {
        let mut node = ValueNode::Text(text.to_owned());
        read(&mut node, Unit::Micros).ok()?;
        match node {
            ValueNode::Integer(count) => Some(count),
            _ => None,
        }
    }

    #[test]
    fn numbers_and_iso_times_are_read() {
        assert_eq!(micros("1700000000123456"), Some(1_700_000_000_123_456));
        assert_eq!(micros("1970-01-01T00:00:01.5Z"), Some(1_500_000));
        assert_eq!(micros("2024-02-29 12:30:00.1234567+02:00"), Some(1_709_202_600_123_456));
        assert_eq!(micros("1969-12-31T23:59:59.999999"), Some(-1));
        assert_eq!(micros("9999-12-31T23:59:59"), Some(253_402_300_799_000_000));
    }

    #[test]
    fn what_is_no_time_is_an_error() {
        for text in
            ["", "soon", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00", "2024-01-01T00:00:00.x", "2024-13-01 00:00:00"]
        {
            assert_eq!(micros(text), None, "{text}");
        }
    }
}
