//! Scalars as Jackson's `UTF8JsonGenerator` writes them.

use crate::java::number;

const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        table[control] = b'u';
        control += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0A] = b'n';
    table[0x0C] = b'f';
    table[0x0D] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    // lead bytes of characters beyond the basic plane
    let mut lead = 0xF0;
    while lead < 0xF8 {
        table[lead] = b'S';
        lead += 1;
    }
    table
};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends text in quotes.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut clean = 0;
    let mut at = 0;
    while at < bytes.len() {
        if let Some(chunk) = bytes.get(at..at + 8)
            && !special(chunk)
        {
            at += 8;
            continue;
        }
        let escape = ESCAPES[usize::from(bytes[at])];
        if escape == 0 {
            at += 1;
            continue;
        }
        out.extend_from_slice(&bytes[clean..at]);
        match escape {
            b'S' => {
                if let Some(character) = text[at..].chars().next() {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        push_unit(out, *unit);
                    }
                }
                at += 4;
            }
            b'u' => {
                push_unit(out, u16::from(bytes[at]));
                at += 1;
            }
            letter => {
                out.extend_from_slice(&[b'\\', letter]);
                at += 1;
            }
        }
        clean = at;
    }
    out.extend_from_slice(&bytes[clean..]);
    out.push(b'"');
}

/// Whether one of eight bytes may need an escape: control characters, quotes, backslashes, anything beyond ASCII.
fn special(chunk: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let Ok(bytes) = chunk.try_into() else { return true };
    let word = u64::from_le_bytes(bytes);
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let found = word
        | zero(word ^ (ONES * u64::from(b'"')))
        | zero(word ^ (ONES * u64::from(b'\\')))
        | (word.wrapping_sub(ONES * 0x20) & !word);
    found & (ONES << 7) != 0
}

fn push_unit(out: &mut Vec<u8>, unit: u16) {
    out.extend_from_slice(b"\\u");
    for shift in [12, 8, 4, 0] {
        out.push(HEX[usize::from(unit >> shift & 0xF)]);
    }
}

/// Appends a whole number.
pub fn push_integer(out: &mut Vec<u8>, n: i64) {
    // two's complement has one negative number more
    let mut rest = n.unsigned_abs();
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a double; what JSON has no word for stands in quotes.
pub fn push_double(out: &mut Vec<u8>, n: f64) {
    push_number(out, n.is_finite(), |out| number::push_double(out, n));
}

/// Appends a float; what JSON has no word for stands in quotes.
pub fn push_float(out: &mut Vec<u8>, n: f32) {
    push_number(out, n.is_finite(), |out| number::push_float(out, n));
}

fn push_number(out: &mut Vec<u8>, finite: bool, push: impl FnOnce(&mut Vec<u8>)) {
    if !finite {
        out.push(b'"');
    }
    push(out);
    if !finite {
        out.push(b'"');
    }
}
