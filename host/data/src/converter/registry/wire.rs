//! Confluent's wire format: a zero, the schema's id in four bytes, big end first, then the datum. Protobuf has
//! in between which message of the file it is.

/// What every message begins with.
pub const MAGIC: u8 = 0;
/// Bytes before the datum.
pub const HEADER: usize = 5;

/// The serializer's words for bytes that are not in this format.
pub const UNKNOWN_MAGIC: &str = "Unknown magic byte!";

/// Appends the header.
pub fn push_header(out: &mut Vec<u8>, id: i32) {
    out.push(MAGIC);
    out.extend_from_slice(&id.to_be_bytes());
}

/// The schema's id and the bytes behind the header.
///
/// # Errors
/// When there is no such header.
pub fn split(bytes: &[u8]) -> Result<(i32, &[u8]), &'static str> {
    match bytes {
        [MAGIC, a, b, c, d, datum @ ..] => Ok((i32::from_be_bytes([*a, *b, *c, *d]), datum)),
        _ => Err(UNKNOWN_MAGIC),
    }
}

/// Appends Protobuf's path to a message: how many indexes, then each, as zigzag varints. The first message of
/// the file, which is nearly always meant, is a single zero.
pub fn push_message_indexes(out: &mut Vec<u8>, indexes: &[i32]) {
    if indexes == [0] {
        out.push(0);
        return;
    }
    push_varint(out, i32::try_from(indexes.len()).unwrap_or(i32::MAX));
    for index in indexes {
        push_varint(out, *index);
    }
}

/// Protobuf's path to a message, and the bytes behind it.
///
/// # Errors
/// When it is cut short or is no such path.
pub fn split_message_indexes(bytes: &[u8]) -> Result<(Vec<i32>, &[u8]), &'static str> {
    const CUT: &str = "The message indexes are cut short.";
    let mut rest = bytes;
    let count = take_varint(&mut rest).ok_or(CUT)?;
    if count == 0 {
        return Ok((vec![0], rest));
    }
    let count = usize::try_from(count).ok().filter(|count| *count <= rest.len()).ok_or(CUT)?;
    let mut indexes = Vec::with_capacity(count);
    for _ in 0..count {
        indexes.push(take_varint(&mut rest).ok_or(CUT)?);
    }
    Ok((indexes, rest))
}

fn push_varint(out: &mut Vec<u8>, n: i32) {
    let mut rest = ((n << 1) ^ (n >> 31)).cast_unsigned();
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn take_varint(bytes: &mut &[u8]) -> Option<i32> {
    let mut value = 0u32;
    for shift in (0..35).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u32::from(first & 0x7F) << shift;
        if first & 0x80 == 0 {
            return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_header_comes_back() {
        let mut out = Vec::new();
        push_header(&mut out, 0x0102_0304);
        out.push(9);
        assert_eq!(out, [0, 1, 2, 3, 4, 9]);
        assert_eq!(split(&out).unwrap(), (0x0102_0304, &[9][..]));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [&[][..], &[1, 0, 0, 0, 1], &[0, 0, 0, 1]] {
            assert_eq!(split(bad).unwrap_err(), "Unknown magic byte!");
        }
    }

    #[test]
    fn message_indexes_come_back() {
        for (indexes, bytes) in
            [(vec![0], &[0][..]), (vec![1], &[2, 2]), (vec![0, 1], &[4, 0, 2]), (vec![100], &[2, 0xC8, 1])]
        {
            let mut out = Vec::new();
            push_message_indexes(&mut out, &indexes);
            assert_eq!(out, bytes);
            assert_eq!(split_message_indexes(&out).unwrap(), (indexes, &[][..]));
        }
        assert!(split_message_indexes(&[]).is_err());
        assert!(split_message_indexes(&[0xFE, 0xFF, 0xFF, 0xFF, 0x0F]).is_err());
        assert!(split_message_indexes(&[1, 0]).is_err());
    }
}
