//! `new String(bytes, UTF_8)`: what is not UTF-8 is replaced, never refused.

/// The text, with U+FFFD in place of what is none.
pub fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => lossy(bytes),
    }
}

/// Java's decoder puts one U+FFFD where a surrogate was encoded; Rust's puts one for each
/// byte. All other
/// mistakes they count alike.
fn lossy(mut bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 8);
    while let Some(chunk) = bytes.utf8_chunks().next() {
        out.push_str(chunk.valid());
        let mut length = chunk.valid().len();
        if !chunk.invalid().is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
            length += match &bytes[length..] {
                [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => 3,
                [0xED, 0xA0..=0xBF, ..] => 2,
                _ => chunk.invalid().len(),
            };
        }
        bytes = &bytes[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_counted_as_java_counts_them() {
        for (bytes, text) in [
            (&b"\xED\xA0\x80\xED\xA0\x80"[..], "??"),
            (b"\xED\xA7sr", "?sr"),
            (b"\xED", "?"),
            (b"\xC0\x80", "??"),
            (b"\xF0\x9F\x98", "?"),
            (b"\xE2\x82A", "?A"),
            (b"\xF8\x88\x80\x80", "????"),
            (b"\x41\xC3\x28\xC3", "A?(?"),
        ] {
            assert_eq!(decode(bytes), text.replace('?', "\u{FFFD}"), "{bytes:x?}");
        }
    }
}
