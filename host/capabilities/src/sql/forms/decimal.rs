//! Decimals of any precision, between text and Connect's `Decimal`, an unscaled number as big-endian two's complement.
//! Almost all of them fit into 128 bits, and those never become a big number.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use num_bigint::{BigInt, Sign};

/// Scales that a form may ask for. PostgreSQL reaches furthest, and what is beyond only makes numbers long.
pub const SCALES: RangeInclusive<i32> = -20_000..=20_000;
/// Digits that a number may have, those that an exponent adds included: PostgreSQL's most, before and after the point.
pub const DIGITS: usize = 147_455;
/// Bytes of an unscaled number, which is about as much: making text of more would take a guest's host for hours.
pub const BYTES: usize = 61_300;

/// Why a number is not what a form says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// `NaN`, `Infinity`, or no number at all.
    #[error("it is not a decimal number")]
    Number,
    /// It would have to be rounded.
    #[error("it has more than {0} digits after the point, and is not rounded")]
    Fine(i32),
    /// More digits than any database has.
    #[error("it has more than {DIGITS} digits")]
    Long,
}

/// The unscaled number of a text such as `-12.340` or `1.2e-3`, for so many digits after the point.
pub fn unscaled(text: &str, scale: i32) -> Result<Vec<u8>, DecimalError> {
    let number = Number::parse(text)?;
    let shift = number.shift(scale)?;
    let digits = number.whole.len() + number.fraction.len();
    let added = usize::try_from(shift).unwrap_or(0);
    if digits + added <= 38 {
        let mut value: u128 = 0;
        for digit in number.digits() {
            value = value * 10 + u128::from(digit);
        }
        let value = cut(value, number.negative, shift).ok_or(DecimalError::Fine(scale))?;
        return Ok(bytes(value));
    }
    // Digits that the shift takes away must be zeros, and are dropped before there is a number.
    let dropped = usize::try_from(-i64::from(shift)).unwrap_or(0).min(digits);
    if number.digits().rev().take(dropped).any(|digit| digit != 0) {
        return Err(DecimalError::Fine(scale));
    }
    let mut all = Vec::with_capacity(digits + added);
    all.extend(number.digits().take(digits - dropped).map(|digit| digit + b'0'));
    all.resize(all.len() + added, b'0');
    let value =
        if all.is_empty() { BigInt::ZERO } else { BigInt::parse_bytes(&all, 10).ok_or(DecimalError::Number)? };
    Ok((if number.negative { -value } else { value }).to_signed_bytes_be())
}

/// The same of an integer that has `has` digits after the point.
pub fn unscaled_of(value: i128, has: i32, scale: i32) -> Result<Vec<u8>, DecimalError> {
    let shift = scale.checked_sub(has).ok_or(DecimalError::Long)?;
    if shift == 0 {
        return Ok(bytes(value));
    }
    if let Some(value) = cut(value.unsigned_abs(), value < 0, shift) {
        return Ok(bytes(value));
    }
    if shift < 0 {
        return Err(DecimalError::Fine(scale));
    }
    if !SCALES.contains(&shift) {
        return Err(DecimalError::Long);
    }
    let power = BigInt::from(10).pow(u32::try_from(shift).unwrap_or(0));
    Ok((BigInt::from(value) * power).to_signed_bytes_be())
}

/// The shortest big-endian two's complement.
pub fn bytes(value: i128) -> Vec<u8> {
    let same = if value < 0 { value.leading_ones() } else { value.leading_zeros() };
    let length = (128 - same) as usize / 8 + 1;
    let all = value.to_be_bytes();
    all[all.len().saturating_sub(length)..].to_vec()
}

/// The number of big-endian two's complement, if 128 bits hold it. No bytes are zero.
pub fn integer(bytes: &[u8]) -> Option<i128> {
    let negative = bytes.first().is_some_and(|byte| *byte >= 0x80);
    let fill = if negative { 0xff } else { 0 };
    let (over, kept) = bytes.split_at(bytes.len().saturating_sub(16));
    let mut all = [fill; 16];
    all[16 - kept.len()..].copy_from_slice(kept);
    let value = i128::from_be_bytes(all);
    (over.iter().all(|byte| *byte == fill) && (value < 0) == negative).then_some(value)
}

/// Unscaled number and digits after the point, in plain notation.
pub fn text(unscaled: &[u8], scale: i32) -> Result<String, DecimalError> {
    if unscaled.len() > BYTES || !SCALES.contains(&scale) {
        return Err(DecimalError::Long);
    }
    Ok(match integer(unscaled) {
        Some(value) => text_of(value, scale),
        None => {
            let value = BigInt::from_signed_bytes_be(unscaled);
            plain(value.sign() == Sign::Minus, &value.magnitude().to_str_radix(10), scale)
        }
    })
}

/// The same of an integer.
pub fn text_of(value: i128, scale: i32) -> String {
    let mut digits = String::with_capacity(40);
    if scale == 0 {
        let _ = write!(digits, "{value}");
        return digits;
    }
    let _ = write!(digits, "{}", value.unsigned_abs());
    plain(value < 0, &digits, scale)
}

/// A number's text in plain notation: without exponent, without a plus, with a digit on each side of a point.
pub fn plain_text(text: &str) -> Result<Cow<'_, str>, DecimalError> {
    let number = Number::parse(text)?;
    let plain_already = number.exponent == 0
        && !number.whole.is_empty()
        && !text.starts_with('+')
        && (!number.fraction.is_empty() || !text.ends_with('.'));
    if plain_already {
        return Ok(Cow::Borrowed(text));
    }
    let scale = i32::try_from(number.fraction.len()).map_err(|_| DecimalError::Long)?;
    let scale = scale.checked_sub(number.exponent).ok_or(DecimalError::Long)?;
    if scale.unsigned_abs() as usize > DIGITS {
        return Err(DecimalError::Long);
    }
    let digits: String = number.digits().map(|digit| char::from(digit + b'0')).collect();
    let digits = digits.trim_start_matches('0');
    Ok(Cow::Owned(plain(number.negative, if digits.is_empty() { "0" } else { digits }, scale)))
}

fn plain(negative: bool, digits: &str, scale: i32) -> String {
    let length = scale.unsigned_abs() as usize;
    let mut out = String::with_capacity(digits.len() + length + 3);
    if negative && digits.bytes().any(|digit| digit != b'0') {
        out.push('-');
    }
    let zeros = |out: &mut String, count: usize| out.extend(std::iter::repeat_n('0', count));
    if scale <= 0 {
        out.push_str(digits);
        if digits != "0" {
            zeros(&mut out, length);
        }
    } else if digits.len() > length {
        let (whole, fraction) = digits.split_at(digits.len() - length);
        out.push_str(whole);
        out.push('.');
        out.push_str(fraction);
    } else {
        out.push_str("0.");
        zeros(&mut out, length - digits.len());
        out.push_str(digits);
    }
    out
}

/// Moves the point; none: digits would be lost, or the number is too long.
fn cut(value: u128, negative: bool, shift: i32) -> Option<i128> {
    let value = if value == 0 {
        0
    } else if shift >= 0 {
        value.checked_mul(10_u128.checked_pow(shift.unsigned_abs())?)?
    } else {
        let power = 10_u128.checked_pow(shift.unsigned_abs())?;
        if !value.is_multiple_of(power) {
            return None;
        }
        value / power
    };
    if negative { 0_i128.checked_sub_unsigned(value) } else { i128::try_from(value).ok() }
}

struct Number<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i32,
}

impl<'a> Number<'a> {
    fn parse(text: &'a str) -> Result<Self, DecimalError> {
        let bytes = text.as_bytes();
        let (negative, rest) = match bytes.split_first() {
            Some((b'-', rest)) => (true, rest),
            Some((b'+', rest)) => (false, rest),
            _ => (false, bytes),
        };
        let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (whole, rest) = rest.split_at(digits(rest));
        let (fraction, rest) = match rest.split_first() {
            Some((b'.', rest)) => rest.split_at(digits(rest)),
            _ => (&rest[..0], rest),
        };
        let exponent = match rest.split_first() {
            None => 0,
            Some((b'e' | b'E', rest)) => std::str::from_utf8(rest)
                .ok()
                .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-')))
                .and_then(|text| text.parse::<i32>().ok())
                .ok_or(DecimalError::Number)?,
            Some(_) => return Err(DecimalError::Number),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(DecimalError::Number);
        }
        let number = Self { negative, whole, fraction, exponent };
        if whole.len() + fraction.len() > DIGITS {
            return Err(DecimalError::Long);
        }
        Ok(number)
    }

    fn digits(&self) -> impl DoubleEndedIterator<Item = u8> {
        self.whole.iter().chain(self.fraction).map(|digit| digit - b'0')
    }

    /// By how many places the point of all digits has to move for this scale.
    fn shift(&self, scale: i32) -> Result<i32, DecimalError> {
        let shift = i64::from(scale) + i64::from(self.exponent) - self.fraction.len() as i64;
        let zero = self.digits().all(|digit| digit == 0);
        match i32::try_from(shift) {
            Ok(_) if zero => Ok(0),
            Ok(shift) if shift <= DIGITS as i32 => Ok(shift),
            _ if zero => Ok(0),
            _ if shift < 0 => Err(DecimalError::Fine(scale)),
            _ => Err(DecimalError::Long),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_number_survives_the_way_through_bytes() {
        for (given, scale, back) in [
            ("0", 0, "0"),
            ("-12.340", 3, "-12.340"),
            ("-12.340", 2, "-12.34"),
            ("12", 3, "12.000"),
            ("0.001", 3, "0.001"),
            ("-.5", 1, "-0.5"),
            ("5.", 0, "5"),
            ("+7", 0, "7"),
            ("1200", -2, "1200"),
            ("1.2e3", -2, "1200"),
            ("12e-1", 1, "1.2"),
            ("0e99999999", 2, "0.00"),
            ("-0.0", 1, "0.0"),
            ("170141183460469231731687303715884105727", 0, "170141183460469231731687303715884105727"),
            ("-170141183460469231731687303715884105728", 0, "-170141183460469231731687303715884105728"),
            ("340282366920938463463374607431768211456.5", 1, "340282366920938463463374607431768211456.5"),
            (
                "-99999999999999999999999999999999999999999999999999.123000",
                3,
                "-99999999999999999999999999999999999999999999999999.123",
            ),
        ] {
            assert_eq!(text(&unscaled(given, scale).unwrap(), scale).unwrap(), back, "{given} at {scale}");
        }
    }

    #[test]
    fn bytes_are_those_of_javas_big_integer() {
        for (value, expected) in [
            (0_i128, &[0_u8][..]),
            (127, &[127]),
            (128, &[0, 128]),
            (-128, &[128]),
            (-129, &[255, 127]),
            (255, &[0, 255]),
            (-1, &[255]),
        ] {
            assert_eq!(bytes(value), expected, "{value}");
            assert_eq!(BigInt::from(value).to_signed_bytes_be(), expected);
            assert_eq!(integer(expected), Some(value));
        }
        assert_eq!(bytes(i128::MAX).len(), 16);
        assert_eq!(bytes(i128::MIN).len(), 16);
        assert_eq!(integer(&bytes(i128::MIN)), Some(i128::MIN));
        assert_eq!(integer(&[0xff; 20]), Some(-1));
        assert_eq!(integer(&[0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(integer(&[]), Some(0));
    }

    #[test]
    fn nothing_is_rounded() {
        assert_eq!(unscaled("1.005", 2), Err(DecimalError::Fine(2)));
        assert_eq!(unscaled("1e-400", 2), Err(DecimalError::Fine(2)));
        assert_eq!(unscaled("15", -1), Err(DecimalError::Fine(-1)));
        let long = format!("{}1", "9".repeat(60));
        assert_eq!(unscaled(&long, -1), Err(DecimalError::Fine(-1)));
        assert_eq!(unscaled_of(105, 2, 1), Err(DecimalError::Fine(1)));
        assert_eq!(unscaled_of(100, 2, 1), Ok(vec![10]));
        assert_eq!(text(&unscaled_of(-7, 0, 60).unwrap(), 60).unwrap(), format!("-7.{}", "0".repeat(60)));
    }

    #[test]
    fn what_is_no_number_or_would_fill_the_memory_is_an_error() {
        for given in ["", "-", ".", "e5", "1e", "1e+-5", "NaN", "Infinity", "1,5", "0x10", "1 ", "１"] {
            assert_eq!(unscaled(given, 0), Err(DecimalError::Number), "{given}");
            assert_eq!(plain_text(given), Err(DecimalError::Number), "{given}");
        }
        assert_eq!(unscaled("1e2000000000", 0), Err(DecimalError::Long));
        assert_eq!(plain_text("1e2000000000"), Err(DecimalError::Long));
        assert_eq!(plain_text("1e-2000000000"), Err(DecimalError::Long));
        assert_eq!(unscaled(&"9".repeat(DIGITS + 1), 0), Err(DecimalError::Long));
        assert_eq!(text(&[1; BYTES + 1], 0), Err(DecimalError::Long));
        assert!(text(&[1; BYTES], 0).unwrap().len() > 147_000);
    }

    #[test]
    fn plain_numbers_are_left_alone_and_others_made_plain() {
        assert!(matches!(plain_text("-12.340"), Ok(Cow::Borrowed("-12.340"))));
        for (given, plain) in [("1.5e3", "1500"), ("1e-3", "0.001"), ("+5", "5"), ("5.", "5"), (".25", "0.25")] {
            assert_eq!(plain_text(given).unwrap(), plain);
        }
    }
}
