//! Integers, floats, money and bits.

use watertight_sandbox::sql::ValueNode;

use super::{Unreadable, Width};
use crate::sql::forms::decimal;

fn bytes<const N: usize>(raw: &[u8]) -> Result<[u8; N], Unreadable> {
    raw.try_into().map_err(|_| Unreadable::nonsense())
}

pub(super) fn integer(width: Width, raw: &[u8]) -> Result<i64, Unreadable> {
    Ok(match width {
        Width::Two => i16::from_be_bytes(bytes(raw)?).into(),
        Width::Four => i32::from_be_bytes(bytes(raw)?).into(),
        Width::Eight => i64::from_be_bytes(bytes(raw)?),
        Width::Oid => u32::from_be_bytes(bytes(raw)?).into(),
    })
}

pub(super) fn boolean(value: i64) -> Result<ValueNode, Unreadable> {
    match value {
        0 => Ok(ValueNode::Boolean(false)),
        1 => Ok(ValueNode::Boolean(true)),
        other => Err(Unreadable::new(other.to_string(), "only 0 and 1 are booleans")),
    }
}

pub(super) fn unscaled(value: i64, has: i32, scale: i32) -> Result<ValueNode, Unreadable> {
    match decimal::unscaled_of(value.into(), has, scale) {
        Ok(bytes) => Ok(ValueNode::Bytes(bytes)),
        Err(error) => Err(Unreadable::new(decimal::text_of(value.into(), has), error.to_string())),
    }
}

pub(super) fn unscaled_text(text: &str, scale: i32) -> Result<ValueNode, Unreadable> {
    decimal::unscaled(text, scale).map(ValueNode::Bytes).map_err(|error| Unreadable::new(text, error.to_string()))
}

pub(super) fn float4(raw: &[u8]) -> Result<f32, Unreadable> {
    Ok(f32::from_be_bytes(bytes(raw)?))
}

pub(super) fn float8(raw: &[u8]) -> Result<f64, Unreadable> {
    Ok(f64::from_be_bytes(bytes(raw)?))
}

/// The shortest decimal that is this float.
pub(super) fn shortest(width: Width, raw: &[u8]) -> Result<String, Unreadable> {
    let (text, finite) = match width {
        Width::Four => float4(raw).map(|value| (value.to_string(), value.is_finite()))?,
        _ => float8(raw).map(|value| (value.to_string(), value.is_finite()))?,
    };
    if finite { Ok(text) } else { Err(Unreadable::new(text, "it is not a decimal number")) }
}

pub(super) fn cents(value: i64) -> String {
    decimal::text_of(value.into(), 2)
}

/// A length in bits, and the bits from the left.
fn split(raw: &[u8]) -> Result<(usize, &[u8]), Unreadable> {
    let (length, bits) = raw.split_first_chunk().ok_or_else(Unreadable::nonsense)?;
    let length = usize::try_from(i32::from_be_bytes(*length)).map_err(|_| Unreadable::nonsense())?;
    if length.div_ceil(8) == bits.len() { Ok((length, bits)) } else { Err(Unreadable::nonsense()) }
}

pub(super) fn bit(raw: &[u8]) -> Result<bool, Unreadable> {
    match split(raw)? {
        (1, [byte]) => Ok(byte & 0x80 != 0),
        (length, _) => Err(Unreadable::new(format!("{length} bits"), "only one bit is a boolean")),
    }
}

pub(super) fn bits(raw: &[u8]) -> Result<i64, Unreadable> {
    let (length, bits) = split(raw)?;
    if length > 64 {
        return Err(Unreadable::new(format!("{length} bits"), "more than 64 are no integer"));
    }
    let all = bits.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    Ok((all >> (bits.len() * 8 - length)).cast_signed())
}

pub(super) fn uuid(raw: &[u8]) -> Result<String, Unreadable> {
    let all = u128::from_be_bytes(bytes(raw)?);
    let part = |from: u32, bits: u32| all >> (128 - from - bits) & ((1 << bits) - 1);
    Ok(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        part(0, 32),
        part(32, 16),
        part(48, 16),
        part(64, 16),
        part(80, 48)
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_read_from_the_left() {
        assert!(bit(&[0, 0, 0, 1, 0x80]).unwrap());
        assert_eq!(bits(&[0, 0, 0, 5, 0b1011_0000]).unwrap(), 0b10110);
        assert_eq!(bits(&[0, 0, 0, 0]).unwrap(), 0);
        assert_eq!(bits(&[[0, 0, 0, 64].as_slice(), &[0xff; 8]].concat()).unwrap(), -1);
        assert!(bits(&[[0, 0, 0, 65].as_slice(), &[0xff; 9]].concat()).is_err());
        assert!(bit(&[0, 0, 0, 2, 0x80]).is_err() && bits(&[0, 0, 0, 9, 0]).is_err());
    }

    #[test]
    fn numbers_of_another_length_are_refused() {
        assert!(integer(Width::Four, &[0; 3]).is_err() && float8(&[]).is_err());
        assert_eq!(integer(Width::Oid, &[0xff; 4]).unwrap(), 4_294_967_295);
        assert_eq!(integer(Width::Two, &[0xff; 2]).unwrap(), -1);
    }

    #[test]
    fn a_float_is_the_shortest_decimal_of_its_own_width() {
        assert_eq!(shortest(Width::Four, &0.1_f32.to_be_bytes()).unwrap(), "0.1");
        assert_eq!(shortest(Width::Eight, &1e21_f64.to_be_bytes()).unwrap(), "1000000000000000000000");
        assert!(shortest(Width::Eight, &f64::NAN.to_be_bytes()).is_err());
    }
}
