//! `Double.toString` and `Float.toString` as JDK 17 has them.
//!
//! Up to JDK 18 Java did not print the shortest digits that read back: its algorithm always makes two digits
//! in E-notation, drops "insignificant" digits of large whole numbers, and compares differently in its int,
//! long and big-number paths. `2.0E-3` is fine, but 2.0E23 or 2^-44 come out otherwise than elsewhere. JDK 19
//! replaced it (JDK-4511638) by the shortest decimal. Text written by workers on JDK 17 is what existing topics
//! hold, so JDK 17 it is; the conditions below follow that algorithm's observable behaviour, path by path, and
//! are compared with recordings from a JDK 17.

use num_bigint::BigUint;

/// Bits of 5^n.
const FIVE_BITS: [i32; 27] =
    [0, 3, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28, 31, 33, 35, 38, 40, 42, 45, 47, 49, 52, 54, 56, 59, 61];

/// `Double.toString`.
pub fn double_to_string(value: f64) -> String {
    let mut out = String::with_capacity(24);
    push_double(&mut out, value);
    out
}

/// `Float.toString`.
pub fn float_to_string(value: f32) -> String {
    let mut out = String::with_capacity(16);
    push_float(&mut out, value);
    out
}

/// What digits are appended to.
pub trait Sink {
    /// Appends ASCII.
    fn ascii(&mut self, text: &[u8]);
}

impl Sink for String {
    fn ascii(&mut self, text: &[u8]) {
        self.extend(text.iter().copied().map(char::from));
    }
}

impl Sink for Vec<u8> {
    fn ascii(&mut self, text: &[u8]) {
        self.extend_from_slice(text);
    }
}

/// Appends `Double.toString`.
pub fn push_double(out: &mut impl Sink, value: f64) {
    if special(out, value) {
        return;
    }
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = ((bits >> 52) & 0x7FF) as i32;
    let (fraction, exponent, significant) = if exponent == 0 {
        let zeros = fraction.leading_zeros();
        let shift = zeros - 11;
        (fraction << shift, 1 - shift as i32, 64 - zeros as i32)
    } else {
        (fraction | 1 << 52, exponent, 53)
    };
    Digits::of(exponent - 1023, fraction, significant).push(out);
}

/// Appends `Float.toString`.
pub fn push_float(out: &mut impl Sink, value: f32) {
    if special(out, f64::from(value)) {
        return;
    }
    let bits = value.to_bits();
    let fraction = bits & ((1 << 23) - 1);
    let exponent = ((bits >> 23) & 0xFF) as i32;
    let (fraction, exponent, significant) = if exponent == 0 {
        let zeros = fraction.leading_zeros();
        let shift = zeros - 8;
        (fraction << shift, 1 - shift as i32, 32 - zeros as i32)
    } else {
        (fraction | 1 << 23, exponent, 24)
    };
    Digits::of(exponent - 127, u64::from(fraction) << 29, significant).push(out);
}

/// Sign, and everything that is not digits. Returns whether that was all.
fn special(out: &mut impl Sink, value: f64) -> bool {
    if value.is_nan() {
        out.ascii(b"NaN");
        return true;
    }
    if value.is_sign_negative() {
        out.ascii(b"-");
    }
    if value.is_infinite() {
        out.ascii(b"Infinity");
    } else if value == 0.0 {
        out.ascii(b"0.0");
    } else {
        return false;
    }
    true
}

/// Decimal digits and where the point stands: 0.d1d2d3... x 10^exponent.
struct Digits {
    digits: Vec<u8>,
    exponent: i32,
}

/// How the digit loop ended, which decides how the last digit is rounded.
struct End {
    low: bool,
    high: bool,
    /// Sign of (twice the remainder - unit): up, tie or down.
    remainder: std::cmp::Ordering,
}

impl Digits {
    /// `fraction` has its leading one at bit 52; `significant` bits of it were in the number.
    fn of(bin_exp: i32, fraction: u64, significant: i32) -> Self {
        let tail_zeros = fraction.trailing_zeros() as i32;
        let fraction_bits = 53 - tail_zeros;
        let tiny_bits = (fraction_bits - bin_exp - 1).max(0);
        if (-21..=62).contains(&bin_exp) && tiny_bits == 0 && fraction_bits < 64 {
            return Self::whole(bin_exp, fraction, significant);
        }
        let mut dec_exp = estimate(bin_exp, fraction);

        // value = B/S, half a unit in the last place = M/S, each as 2^x 5^y
        let b5 = (-dec_exp).max(0);
        let mut b2 = b5 + tiny_bits + bin_exp;
        let s5 = dec_exp.max(0);
        let mut s2 = s5 + tiny_bits;
        let m5 = b5;
        let mut m2 = b2 - significant;
        let fraction = fraction >> tail_zeros;
        b2 -= fraction_bits - 1;
        let common = b2.min(s2);
        b2 -= common;
        s2 -= common;
        m2 -= common;
        if fraction_bits == 1 {
            // below a power of two the neighbour is half as far
            m2 -= 1;
        }
        if m2 < 0 {
            b2 -= m2;
            s2 -= m2;
            m2 = 0;
        }
        let b_bits = fraction_bits + b2 + five_bits(b5);
        let ten_s_bits = s2 + 1 + five_bits(s5 + 1);
        let mut digits = Vec::with_capacity(20);
        let scale = Scale { b5, b2, s5, s2, m5, m2 };
        let end = if b_bits < 64 && ten_s_bits < 64 {
            // Java's int path differs only in where M overflows
            let narrow = b_bits < 32 && ten_s_bits < 32;
            small(&scale, fraction, narrow, &mut dec_exp, &mut digits)
        } else {
            big(&scale, fraction, &mut dec_exp, &mut digits)
        };
        let mut made = Self { digits, exponent: dec_exp + 1 };
        if end.high {
            let odd = made.digits.last().is_some_and(|digit| digit & 1 == 1);
            let up = match end.remainder {
                _ if !end.low => true,
                std::cmp::Ordering::Equal => odd,
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Less => false,
            };
            if up {
                made.round_up();
            }
        }
        made
    }

    /// Whole numbers that fit 63 bits: their digits, less those below the precision of a double.
    fn whole(bin_exp: i32, fraction: u64, significant: i32) -> Self {
        let insignificant = if bin_exp > significant { digits_of_pow2(bin_exp - significant - 1) } else { 0 };
        let mut value = if bin_exp >= 52 { fraction << (bin_exp - 52) } else { fraction >> (52 - bin_exp) };
        let mut exponent = 0;
        if insignificant != 0 {
            let pow10 = 10u64.pow(insignificant as u32);
            let residue = value % pow10;
            value /= pow10;
            exponent = insignificant;
            if residue >= pow10 / 2 {
                value += 1;
            }
        }
        while value != 0 && value % 10 == 0 {
            value /= 10;
            exponent += 1;
        }
        let digits: Vec<u8> = value.to_string().bytes().map(|byte| byte - b'0').collect();
        Self { exponent: exponent + digits.len() as i32, digits }
    }

    fn round_up(&mut self) {
        for index in (0..self.digits.len()).rev() {
            if self.digits[index] < 9 {
                self.digits[index] += 1;
                return;
            }
            self.digits[index] = 0;
        }
        if let Some(first) = self.digits.first_mut() {
            *first = 1;
            self.exponent += 1;
        }
    }

    fn push(&self, out: &mut impl Sink) {
        let mut ascii = [b'0'; 32];
        let count = self.digits.len();
        for (letter, digit) in ascii.iter_mut().zip(&self.digits) {
            *letter += digit;
        }
        let digits = &ascii[..count];
        if self.exponent > 0 && self.exponent < 8 {
            let whole = self.exponent as usize;
            // what is beyond the digits is zeros
            out.ascii(&ascii[..whole]);
            out.ascii(b".");
            out.ascii(if whole < count { &digits[whole..] } else { b"0" });
        } else if self.exponent <= 0 && self.exponent > -3 {
            out.ascii(b"0.");
            out.ascii(&b"00"[..self.exponent.unsigned_abs() as usize]);
            out.ascii(digits);
        } else {
            out.ascii(&digits[..1]);
            out.ascii(b".");
            out.ascii(if count > 1 { &digits[1..] } else { b"0" });
            out.ascii(b"E");
            out.ascii((self.exponent - 1).to_string().as_bytes());
        }
    }
}

struct Scale {
    b5: i32,
    b2: i32,
    s5: i32,
    s2: i32,
    m5: i32,
    m2: i32,
}

fn five_bits(power: i32) -> i32 {
    FIVE_BITS.get(power as usize).copied().unwrap_or(power * 3)
}

/// Whole decimal digits of 2^power.
fn digits_of_pow2(power: i32) -> i32 {
    if power > 1 { (f64::from(power) * std::f64::consts::LOG10_2) as i32 } else { 0 }
}

/// The decimal exponent, or one more; the first quotient tells.
#[allow(clippy::approx_constant)]
fn estimate(bin_exp: i32, fraction: u64) -> i32 {
    let mantissa = f64::from_bits((1023 << 52) | (fraction & ((1 << 52) - 1)));
    ((mantissa - 1.5) * 0.289_529_654 + 0.176_091_259 + f64::from(bin_exp) * 0.301_029_995_663_981).floor() as i32
}

/// Whether E-notation will be used, for which two digits are wanted whatever they are.
fn wants_more(dec_exp: i32) -> bool {
    !(-3..8).contains(&dec_exp)
}

fn small(scale: &Scale, fraction: u64, narrow: bool, dec_exp: &mut i32, digits: &mut Vec<u8>) -> End {
    let wrap = |m: i64| if narrow { i64::from(m as i32) } else { m };
    let five = |power: i32| 5i64.wrapping_pow(power as u32);
    let mut b = (fraction as i64).wrapping_mul(five(scale.b5)) << scale.b2;
    let s = five(scale.s5) << scale.s2;
    let mut m = wrap(five(scale.m5) << scale.m2);
    let tens = s.wrapping_mul(10);
    let mut q = b / s;
    b = 10 * (b % s);
    m = wrap(m.wrapping_mul(10));
    let mut low = b < m;
    let mut high = b.wrapping_add(m) > tens;
    if q == 0 && !high {
        *dec_exp -= 1;
    } else {
        digits.push(q as u8);
    }
    if wants_more(*dec_exp) {
        (low, high) = (false, false);
    }
    while !low && !high {
        q = b / s;
        b = 10 * (b % s);
        m = wrap(m.wrapping_mul(10));
        if m > 0 {
            low = b < m;
            high = b.wrapping_add(m) > tens;
        } else {
            (low, high) = (true, true);
        }
        digits.push(q as u8);
    }
    End { low, high, remainder: (i128::from(b) * 2).cmp(&i128::from(tens)) }
}

fn big(scale: &Scale, fraction: u64, dec_exp: &mut i32, digits: &mut Vec<u8>) -> End {
    let power = |five: i32, two: i32| BigUint::from(5u8).pow(five as u32) << two as usize;
    let s = power(scale.s5, scale.s2);
    let mut b = BigUint::from(fraction) * power(scale.b5, scale.b2);
    let mut m = power(scale.m5, scale.m2) * 10u8;
    let tens = &s * 10u8;
    let step = |b: &mut BigUint| {
        let q = &*b / &s;
        *b = (&*b - &q * &s) * 10u8;
        q.iter_u32_digits().next().unwrap_or(0) as u8
    };
    let q = step(&mut b);
    let mut low = b < m;
    let mut high = &b + &m >= tens;
    if q == 0 && !high {
        *dec_exp -= 1;
    } else {
        digits.push(q);
    }
    if wants_more(*dec_exp) {
        (low, high) = (false, false);
    }
    while !low && !high {
        let q = step(&mut b);
        m *= 10u8;
        low = b < m;
        high = &b + &m >= tens;
        digits.push(q);
    }
    End { low, high, remainder: (b << 1usize).cmp(&tens) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_in_jdk_17() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (-1234.5, "-1234.5"),
            (1e-3, "0.001"),
            (9.999e-4, "9.999E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1e10, "1.0E10"),
            (123_456_789.0, "1.23456789E8"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::from_bits(1), "4.9E-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(double_to_string(value), text);
        }
    }

    #[test]
    fn digits_that_jdk_19_would_not_print_are_printed() {
        assert_eq!(double_to_string(2.0e23), "1.9999999999999998E23");
        assert_eq!(double_to_string(2f64.powi(-44)), "5.6843418860808015E-14");
        assert_eq!(double_to_string(8.41e21), "8.409999999999999E21");
        assert_eq!(float_to_string(3.4e10), "3.3999999E10");
    }

    #[test]
    fn floats_print_with_a_float_s_digits() {
        for (value, text) in [
            (0.1, "0.1"),
            (16_777_216.0, "1.6777216E7"),
            (1e10, "1.0E10"),
            (f32::MIN_POSITIVE, "1.17549435E-38"),
            (f32::from_bits(1), "1.4E-45"),
        ] {
            assert_eq!(float_to_string(value), text);
        }
    }
}
