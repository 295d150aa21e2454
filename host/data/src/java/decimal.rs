//! `BigDecimal`: reading it from JSON's digits, printing it as `toString` does.

use num_bigint::{BigInt, Sign};

use crate::value::Decimal;

/// Longest number that is read or raised to: what Jackson allows. Anything beyond costs time out of all
/// proportion to its bytes.
pub const MAX_DIGITS: usize = 1000;

impl Decimal {
    /// From an integer and a scale.
    pub fn new(unscaled: i64, scale: i32) -> Self {
        Self::of(&BigInt::from(unscaled), scale)
    }

    /// From an arbitrarily long integer and a scale.
    pub fn of(unscaled: &BigInt, scale: i32) -> Self {
        Self { unscaled: unscaled.to_signed_bytes_be(), scale }
    }

    /// The integer.
    pub fn unscaled_int(&self) -> BigInt {
        BigInt::from_signed_bytes_be(&self.unscaled)
    }

    /// From `[+-]digits[.digits][e[+-]digits]`; none if it is not that, or its scale does not fit.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut digits = String::with_capacity(mantissa.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        if digits.contains('_') {
            return None;
        }
        let unscaled: BigInt = digits.parse().ok()?;
        let scale = (fraction.len() as i64).checked_sub(exponent)?;
        Some(Self::of(&unscaled, i32::try_from(scale).ok()?))
    }

    /// `BigDecimal.longValue()`: low 64 bits of the whole part.
    pub fn low_i64(&self) -> i64 {
        let unscaled = self.unscaled_int();
        if self.scale <= -64 {
            // a multiple of 2^64
            return 0;
        }
        let power = |exponent: u32| BigInt::from(10u8).pow(exponent);
        if self.scale <= 0 {
            return low_bits(&(unscaled * power(self.scale.unsigned_abs())));
        }
        if i64::from(self.scale) > unscaled.bits() as i64 {
            return 0;
        }
        low_bits(&(unscaled / power(self.scale.unsigned_abs())))
    }

    /// `BigDecimal.doubleValue()`: the nearest double.
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(0.0)
    }

    /// `BigDecimal.floatValue()`: the nearest float, which is not always the one nearest to the double.
    pub fn to_f32(&self) -> f32 {
        self.to_string().parse().unwrap_or(0.0)
    }

    /// What `new BigDecimal(text)` says to a text that [`Decimal::parse`] refuses.
    pub fn refusal(text: &str) -> String {
        if text.is_empty() {
            return "null".to_owned();
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mut digits, mut point) = (false, false);
        for c in unsigned.chars() {
            match c {
                '.' if point => return "Character array contains more than one decimal point.".to_owned(),
                '.' => point = true,
                'e' | 'E' => {
                    let exponent = &unsigned[unsigned.find(c).unwrap_or(0) + 1..];
                    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                    return if exponent.is_empty() {
                        "No exponent digits.".to_owned()
                    } else if exponent.chars().any(|c| super::digits::value(c).is_none()) {
                        "Not a digit.".to_owned()
                    } else if exponent.trim_start_matches('0').len() > 10 {
                        "Too many nonzero exponent digits.".to_owned()
                    } else {
                        "Scale out of range.".to_owned()
                    };
                }
                _ if super::digits::value(c).is_some() => digits = true,
                // Java reads short and long texts with different code
                _ if unsigned.encode_utf16().count() <= 18 => {
                    return format!(
                        "Character {c} is neither a decimal digit number, decimal point, nor \"e\" notation \
                         exponential mark."
                    );
                }
                _ => return "Character array is missing \"e\" notation exponential mark.".to_owned(),
            }
        }
        if digits { "Scale out of range.".to_owned() } else { "No digits found.".to_owned() }
    }

    /// Whether it has no fraction.
    pub fn is_whole(&self) -> bool {
        let Ok(scale) = u32::try_from(self.scale) else {
            return true;
        };
        let unscaled = self.unscaled_int();
        // as many digits after the point as there are bits: less than one
        unscaled == BigInt::ZERO
            || u64::from(scale) <= unscaled.bits() && unscaled % BigInt::from(10u8).pow(scale) == BigInt::ZERO
    }

    /// Its whole part, if that fits.
    pub fn as_i64(&self) -> Option<i64> {
        let unscaled = self.unscaled_int();
        if unscaled == BigInt::ZERO || i64::from(self.scale) > unscaled.bits() as i64 {
            return Some(0);
        }
        if self.scale < -18 {
            return None;
        }
        let power = BigInt::from(10u8).pow(self.scale.unsigned_abs());
        i64::try_from(if self.scale > 0 { unscaled / power } else { unscaled * power }).ok()
    }
}

/// `BigInteger.longValue()`.
pub(super) fn low_bits(n: &BigInt) -> i64 {
    let low = n.iter_u64_digits().next().unwrap_or(0).cast_signed();
    if n.sign() == Sign::Minus { low.wrapping_neg() } else { low }
}

impl std::fmt::Display for Decimal {
    /// `BigDecimal.toString`: plain where that is short, else in scientific notation.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.unscaled_int().to_string();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text.as_str()),
        };
        f.write_str(sign)?;
        if self.scale == 0 {
            return f.write_str(digits);
        }
        let count = digits.len() as i64;
        let scale = i64::from(self.scale);
        let adjusted = count - 1 - scale;
        if scale >= 0 && adjusted >= -6 {
            let point = count - scale;
            if point > 0 {
                let (whole, fraction) = digits.split_at(point as usize);
                return write!(f, "{whole}.{fraction}");
            }
            f.write_str("0.")?;
            for _ in point..0 {
                f.write_str("0")?;
            }
            return f.write_str(digits);
        }
        let (first, rest) = digits.split_at(1);
        f.write_str(first)?;
        if !rest.is_empty() {
            write!(f, ".{rest}")?;
        }
        match adjusted {
            0 => Ok(()),
            1.. => write!(f, "E+{adjusted}"),
            _ => write!(f, "E{adjusted}"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn decimals_print_as_in_java() {
        for (unscaled, scale, text) in [
            (156, 2, "1.56"),
            (-156, 2, "-1.56"),
            (1, 0, "1"),
            (1, 6, "0.000001"),
            (1, 7, "1E-7"),
            (-12, 8, "-1.2E-7"),
            (1, -3, "1E+3"),
            (125, -3, "1.25E+5"),
            (0, 3, "0.000"),
            (0, -2, "0E+2"),
        ] {
            assert_eq!(Decimal::new(unscaled, scale).to_string(), text);
        }
    }

    #[test]
    fn text_keeps_its_scale() {
        for (text, unscaled, scale) in
            [("1.50", 150, 2), ("-1e3", -1, -3), ("12.5E-2", 125, 3), ("007", 7, 0), ("+5.", 5, 0)]
        {
            assert_eq!(Decimal::parse(text), Some(Decimal::new(unscaled, scale)), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", ".", "-", "1_0", "1e", "1e99999999999", "0x1", "1.2.3"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_huge_exponent_costs_nothing() {
        let huge = Decimal::parse("1e2000000000").unwrap();
        assert!(huge.is_whole());
        assert_eq!(huge.as_i64(), None);
        let tiny = Decimal::parse("1e-2000000000").unwrap();
        assert!(!tiny.is_whole());
        assert_eq!(tiny.as_i64(), Some(0));
    }
}
