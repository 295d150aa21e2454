//! Scalars as Jackson's `UTF8JsonGenerator` writes them.

use std::io::Write as _;

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

fn push_unit(out: &mut Vec<u8>, unit: u16) {
    out.extend_from_slice(b"\\u");
    for shift in [12, 8, 4, 0] {
        out.push(HEX[usize::from(unit >> shift & 0xF)]);
    }
}

/// Appends a whole number.
pub fn push_integer(out: &mut Vec<u8>, n: i64) {
    // writing to a Vec does not fail
    let _ = write!(out, "{n}");
}

/// Appends a double; what JSON has no word for stands in quotes.
pub fn push_double(out: &mut Vec<u8>, n: f64) {
    push_number(out, n.is_finite(), &number::double_to_string(n));
}

/// Appends a float; what JSON has no word for stands in quotes.
pub fn push_float(out: &mut Vec<u8>, n: f32) {
    push_number(out, n.is_finite(), &number::float_to_string(n));
}

fn push_number(out: &mut Vec<u8>, finite: bool, text: &str) {
    if !finite {
        out.push(b'"');
    }
    out.extend_from_slice(text.as_bytes());
    if !finite {
        out.push(b'"');
    }
}
