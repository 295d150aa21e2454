//! Base64 with Jackson's leniency: white space before a group, groups after a padded one, unused bits in the last
//! group ignored. The strict decoder is tried first, since nearly everything is strict.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The bytes, or none if Jackson would refuse.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok().or_else(|| lenient(text.as_bytes()))
}

/// Appends in quotes.
pub fn push(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let start = out.len();
    let length = bytes.len().div_ceil(3) * 4;
    out.resize(start + length, 0);
    // the slice is exactly as long as the text, so this cannot fail
    let _ = STANDARD.encode_slice(bytes, &mut out[start..]);
    out.push(b'"');
}

fn lenient(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut rest = text;
    loop {
        while let [first, after @ ..] = rest
            && *first <= b' '
        {
            rest = after;
        }
        if rest.is_empty() {
            return Some(out);
        }
        let [a, b, c, d, after @ ..] = rest else {
            return None;
        };
        rest = after;
        let bits = sextet(*a)? << 18 | sextet(*b)? << 12;
        if *c == b'=' {
            if *d != b'=' {
                return None;
            }
            out.push((bits >> 16) as u8);
            continue;
        }
        let bits = bits | sextet(*c)? << 6;
        out.push((bits >> 16) as u8);
        out.push((bits >> 8) as u8);
        if *d != b'=' {
            out.push((bits | sextet(*d)?) as u8);
        }
    }
}

fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}
