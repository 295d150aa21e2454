//! Timestamps in other writings than they came in.

use watertight_sdk::{Failure, Result, ValueNode};

use crate::civil::civil;

use super::fields::Change;
use super::settings::{Fraction, Granularity};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Makes of a value in microseconds what is wanted. Null stays.
pub fn change(node: &mut ValueNode, change: Change) -> Result<()> {
    let ValueNode::Integer(micros) = *node else {
        return Ok(());
    };
    *node = match change {
        Change::None => return Ok(()),
        Change::Millis => ValueNode::Integer(micros.div_euclid(1_000)),
        Change::Granular(Granularity::Connect) => ValueNode::Integer(micros.div_euclid(1_000)),
        Change::Granular(Granularity::Number(fraction)) => ValueNode::Integer(in_units(micros, fraction)?),
        Change::Granular(Granularity::Text(fraction)) => ValueNode::Text(in_units(micros, fraction)?.to_string()),
        Change::Granular(Granularity::Iso(_)) => ValueNode::Text(iso(micros)),
    };
    Ok(())
}

fn in_units(micros: i64, fraction: Fraction) -> Result<i64> {
    match fraction {
        Fraction::Micros => Ok(micros),
        Fraction::Nanos => micros.checked_mul(1_000).ok_or_else(|| {
            Failure::data(format!(
                "{} is too far from 1970 to be counted in nanoseconds (timestamp.granularity)",
                iso(micros)
            ))
        }),
    }
}

/// As Java's ISO_LOCAL_DATE_TIME: no more digits of the second than are needed.
fn iso(micros: i64) -> String {
    let seconds = micros.div_euclid(MICROS_PER_SECOND);
    let fraction = micros.rem_euclid(MICROS_PER_SECOND);
    let (year, month, day) = civil(seconds.div_euclid(SECONDS_PER_DAY));
    let of_day = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let mut text = match year {
        0..=9_999 => format!("{year:04}"),
        10_000.. => format!("+{year}"),
        _ => format!("-{:04}", year.unsigned_abs()),
    };
    text.push_str(&format!("-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"));
    if fraction != 0 {
        text.push_str(format!(".{fraction:06}").trim_end_matches('0'));
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_java_writes_them() {
        assert_eq!(iso(0), "1970-01-01T00:00:00");
        assert_eq!(iso(1_700_000_000_123_400), "2023-11-14T22:13:20.1234");
        assert_eq!(iso(-1), "1969-12-31T23:59:59.999999");
        assert_eq!(iso(951_782_400_000_000), "2000-02-29T00:00:00");
        assert_eq!(iso(253_402_300_800_000_000), "+10000-01-01T00:00:00");
        assert_eq!(iso(-62_198_755_200_000_000), "-0001-01-01T00:00:00");
    }

    #[test]
    fn null_stays_null_and_what_does_not_fit_is_said() {
        let nanos = Change::Granular(Granularity::Number(Fraction::Nanos));
        let mut node = ValueNode::Null;
        change(&mut node, nanos).unwrap();
        assert_eq!(node, ValueNode::Null);
        let mut far = ValueNode::Integer(253_402_300_800_000_000);
        assert!(change(&mut far, nanos).unwrap_err().message.contains("+10000-01-01"));
        let mut near = ValueNode::Integer(-1_001);
        change(&mut near, Change::Millis).unwrap();
        assert_eq!(near, ValueNode::Integer(-2));
    }
}
