//! `numeric`: digits of base 10,000, so many of them before the point.

use num_bigint::BigInt;

use super::Unreadable;
use crate::sql::forms::decimal::{self, DecimalError};

const POSITIVE: u16 = 0;
const NEGATIVE: u16 = 0x4000;

struct Numeric<'a> {
    /// Two bytes each.
    digits: &'a [u8],
    /// Of the first digit: the power of 10,000.
    weight: i16,
    negative: bool,
    /// Digits after the point that it is shown with.
    scale: u16,
}

impl<'a> Numeric<'a> {
    fn of(raw: &'a [u8]) -> Result<Self, Unreadable> {
        let (head, digits) = raw.split_first_chunk::<8>().ok_or_else(Unreadable::nonsense)?;
        let [c0, c1, w0, w1, s0, s1, d0, d1] = *head;
        let negative = match u16::from_be_bytes([s0, s1]) {
            POSITIVE => false,
            NEGATIVE => true,
            0xc000 => return Err(Unreadable::new("NaN", DecimalError::Number.to_string())),
            0xd000 => return Err(Unreadable::new("Infinity", DecimalError::Number.to_string())),
            0xf000 => return Err(Unreadable::new("-Infinity", DecimalError::Number.to_string())),
            _ => return Err(Unreadable::nonsense()),
        };
        if digits.len() != usize::from(u16::from_be_bytes([c0, c1])) * 2 {
            return Err(Unreadable::nonsense());
        }
        Ok(Self { digits, weight: i16::from_be_bytes([w0, w1]), negative, scale: u16::from_be_bytes([d0, d1]) })
    }

    fn digits(&self) -> impl Iterator<Item = u16> {
        self.digits.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
    }

    /// All digits as one number, if it has 128 bits, and how many of its places stand after the point.
    fn small(&self) -> Option<(i128, i32)> {
        // Nine digits are 36 places, which always fit.
        if self.digits.len() > 18 {
            return None;
        }
        let value = self.digits().fold(0_i128, |sum, digit| sum * 10_000 + i128::from(digit));
        let count = i32::try_from(self.digits.len() / 2).ok()?;
        Some((if self.negative { -value } else { value }, (count - i32::from(self.weight) - 1) * 4))
    }

    fn text(&self) -> String {
        let whole = usize::try_from(i32::from(self.weight) + 1).unwrap_or(0);
        let mut text = String::with_capacity(whole * 4 + usize::from(self.scale) + 3);
        if self.negative {
            text.push('-');
        }
        let mut digits = self.digits();
        let mut begun = false;
        for _ in 0..whole {
            let digit = digits.next().unwrap_or(0);
            if begun {
                push(&mut text, digit);
            } else if digit > 0 {
                text.push_str(&digit.to_string());
                begun = true;
            }
        }
        if !begun {
            text.push('0');
        }
        if self.scale > 0 {
            text.push('.');
            let end = text.len() + usize::from(self.scale);
            // Zeros between the point and the first digit.
            for _ in 0..(-i32::from(self.weight) - 1).max(0) {
                if text.len() >= end {
                    break;
                }
                text.push_str("0000");
            }
            while text.len() < end {
                push(&mut text, digits.next().unwrap_or(0));
            }
            text.truncate(end);
        }
        text
    }
}

fn push(text: &mut String, digit: u16) {
    for place in [1_000, 100, 10, 1] {
        text.push(char::from(b'0' + u8::try_from(digit / place % 10).unwrap_or(0)));
    }
}

pub(super) fn text(raw: &[u8]) -> Result<String, Unreadable> {
    Ok(Numeric::of(raw)?.text())
}

pub(super) fn unscaled(raw: &[u8], scale: i32) -> Result<Vec<u8>, Unreadable> {
    let numeric = Numeric::of(raw)?;
    let given = match numeric.small() {
        Some((value, has)) => decimal::unscaled_of(value, has, scale),
        None => decimal::unscaled(&numeric.text(), scale),
    };
    given.map_err(|error| Unreadable::new(numeric.text(), error.to_string()))
}

pub(super) fn float(raw: &[u8]) -> Result<f64, Unreadable> {
    // Of all the texts that are no number to a decimal, these are floats.
    match raw.get(4..6) {
        Some([0xc0, 0]) => return Ok(f64::NAN),
        Some([0xd0, 0]) => return Ok(f64::INFINITY),
        Some([0xf0, 0]) => return Ok(f64::NEG_INFINITY),
        _ => {}
    }
    let numeric = Numeric::of(raw)?;
    // Exact on both sides: one division rounds once.
    if let Some((value, has @ 0..=22)) = numeric.small()
        && value.unsigned_abs() < 1 << 53
    {
        return Ok(value as f64 / 10_f64.powi(has));
    }
    numeric.text().parse().map_err(|_| Unreadable::nonsense())
}

pub(super) fn integer(raw: &[u8]) -> Result<i64, Unreadable> {
    let bytes = unscaled(raw, 0)?;
    let value = BigInt::from_signed_bytes_be(&bytes);
    i64::try_from(&value).map_err(|_| Unreadable::new(value.to_string(), "it is more than 64 bits"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn numeric(digits: &[u16], weight: i16, sign: u16, scale: u16) -> Vec<u8> {
        let mut raw = Vec::new();
        for part in [u16::try_from(digits.len()).unwrap(), weight.cast_unsigned(), sign, scale] {
            raw.extend_from_slice(&part.to_be_bytes());
        }
        digits.iter().for_each(|digit| raw.extend_from_slice(&digit.to_be_bytes()));
        raw
    }

    #[test]
    fn numbers_are_written_with_the_digits_that_they_have() {
        for (raw, expected) in [
            (numeric(&[], 0, 0, 0), "0"),
            (numeric(&[], 0, 0, 3), "0.000"),
            (numeric(&[12, 3400], 0, NEGATIVE, 3), "-12.340"),
            (numeric(&[1], 2, 0, 0), "100000000"),
            (numeric(&[5], -1, 0, 4), "0.0005"),
            (numeric(&[5000], -3, 0, 9), "0.000000005"),
            (numeric(&[1, 2345, 6789], 1, 0, 2), "12345.67"),
        ] {
            assert_eq!(text(&raw).unwrap(), expected);
        }
    }

    #[test]
    fn scaled_bytes_are_exact_or_an_error() {
        let number = numeric(&[12, 3400], 0, NEGATIVE, 3);
        assert_eq!(unscaled(&number, 2).unwrap(), decimal::bytes(-1_234));
        assert_eq!(unscaled(&number, 5).unwrap(), decimal::bytes(-1_234_000));
        assert!(unscaled(&number, 1).unwrap_err().why.contains("more than 1 digits"));
        let long = numeric(&[9_999; 40], 19, 0, 80);
        assert_eq!(decimal::text(&unscaled(&long, 80).unwrap(), 80).unwrap(), format!("{0}.{0}", "9".repeat(80)));
    }

    #[test]
    fn what_is_not_a_number_is_named() {
        for (sign, name) in [(0xc000, "NaN"), (0xd000, "Infinity"), (0xf000, "-Infinity")] {
            let raw = numeric(&[], 0, sign, 0);
            assert_eq!(text(&raw).unwrap_err().value, name);
            assert!(!float(&raw).unwrap().is_finite());
        }
        assert!(text(&[0; 7]).is_err() && text(&numeric(&[1], 0, 0, 0)[..9]).is_err());
    }

    #[test]
    fn integers_and_floats_are_what_they_say() {
        assert_eq!(integer(&numeric(&[7, 0], 1, NEGATIVE, 0)).unwrap(), -70_000);
        assert!(integer(&numeric(&[7, 5000], 0, 0, 1)).is_err());
        assert!(integer(&numeric(&[1_000], 4, 0, 0)).is_err());
        assert_eq!(float(&numeric(&[0, 1000], 0, 0, 1)).unwrap(), 0.1);
        assert_eq!(
            float(&numeric(&[1_234, 5_678, 9_012, 3_456, 7_800], 3, NEGATIVE, 2)).unwrap(),
            -1_234_567_890_123_456.8
        );
        assert_eq!(float(&numeric(&[1], 75, 0, 0)).unwrap(), 1e300);
    }
}
