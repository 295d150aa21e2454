//! Decimals as the server's digits of base 10,000.

use bytes::{BufMut as _, BytesMut};

use super::Unwritable;

const NEGATIVE: u16 = 0x4000;

/// A number in plain notation.
pub(super) fn write(plain: &str, out: &mut BytesMut) -> Result<(), Unwritable> {
    let (sign, unsigned) = match plain.strip_prefix('-') {
        Some(rest) => (NEGATIVE, rest),
        None => (0, plain),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole = whole.trim_start_matches('0').as_bytes();
    let fraction = fraction.as_bytes();
    let long = || Unwritable::new("it has more digits than numeric can");
    let scale = u16::try_from(fraction.len()).ok().filter(|scale| *scale <= 0x3fff).ok_or_else(long)?;
    let first = whole.len() % 4;
    let start = out.len();
    out.put_slice(&[0; 8]);
    let (mut leading, mut kept) = (0_i32, 0_usize);
    let mut put = |group: &[u8], out: &mut BytesMut| {
        // A group after the point may be cut short, and means zeros then.
        let digit = (0..4).fold(0_u16, |sum, at| sum * 10 + group.get(at).map_or(0, |byte| u16::from(byte - b'0')));
        if digit == 0 && kept == 0 {
            leading += 1;
            return;
        }
        out.put_u16(digit);
        if digit != 0 {
            kept = out.len() - start;
        }
    };
    if first > 0 {
        let mut group = [b'0'; 4];
        group[4 - first..].copy_from_slice(&whole[..first]);
        put(&group, out);
    }
    whole[first..].chunks(4).for_each(|group| put(group, out));
    fraction.chunks(4).for_each(|group| put(group, out));
    // Zeros at the end are not sent.
    out.truncate(start + kept.max(8));
    let digits = (out.len() - start - 8) / 2;
    let groups = i32::try_from(whole.len().div_ceil(4)).map_err(|_| long())?;
    let weight = if digits == 0 { 0 } else { groups - 1 - leading };
    let head = [
        u16::try_from(digits).map_err(|_| long())?,
        i16::try_from(weight).map_err(|_| long())?.cast_unsigned(),
        if digits == 0 { 0 } else { sign },
        scale,
    ];
    for (at, part) in head.iter().enumerate() {
        out[start + at * 2..start + at * 2 + 2].copy_from_slice(&part.to_be_bytes());
    }
    Ok(())
}

/// The shortest decimal of a float, or what it is instead.
pub(super) fn write_float(value: f64, out: &mut BytesMut) -> Result<(), Unwritable> {
    let sign: u16 = if value.is_nan() {
        0xc000
    } else if value.is_infinite() {
        if value > 0.0 { 0xd000 } else { 0xf000 }
    } else {
        return write(&value.to_string(), out);
    };
    out.put_u32(0);
    out.put_u16(sign);
    out.put_u16(0);
    Ok(())
}
