//! `java.nio.charset.Charset`: text to bytes and back, where what cannot be said is replaced and never refused.
//!
//! The encodings that Java shares with the web come from encoding_rs, which follows the web's tables. Those differ
//! from Java's in one visible way: bytes that a Windows code page leaves undefined are control characters on the
//! web and U+FFFD in Java.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, EncoderResult, Encoding};

use super::utf8;

/// An encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// The one that nearly everybody uses.
    #[default]
    Utf8,
    /// The first 256 characters as they are.
    Latin1,
    /// The first 128.
    Ascii,
    /// Two bytes per unit, with a byte order mark where it is written.
    Utf16,
    /// The same, big end first, without a mark.
    Utf16Be,
    /// The same, little end first.
    Utf16Le,
    /// One of the web's.
    Web(&'static Encoding),
}

impl Charset {
    /// By name or alias, whatever the case (`Charset.forName`).
    pub fn for_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "UTF-8" | "UTF8" | "UNICODE-1-1-UTF-8" => Self::Utf8,
            "ISO-8859-1" | "ISO8859_1" | "ISO8859-1" | "ISO_8859-1" | "ISO_8859_1" | "8859_1" | "LATIN1" | "L1"
            | "CP819" | "IBM819" | "IBM-819" | "819" | "CSISOLATIN1" | "ISO-IR-100" | "ISO_8859-1:1987" => Self::Latin1,
            "US-ASCII" | "ASCII" | "ASCII7" | "ISO646-US" | "646" | "CP367" | "IBM367" | "US" | "CSASCII"
            | "ISO-IR-6" | "ANSI_X3.4-1968" | "ANSI_X3.4-1986" | "ISO_646.IRV:1983" | "ISO_646.IRV:1991"
            | "DEFAULT" => Self::Ascii,
            "UTF-16" | "UTF16" | "UTF_16" | "UNICODE" | "UNICODEBIG" => Self::Utf16,
            "UTF-16BE" | "UTF_16BE" | "X-UTF-16BE" | "ISO-10646-UCS-2" | "UNICODEBIGUNMARKED" => Self::Utf16Be,
            "UTF-16LE" | "UTF_16LE" | "X-UTF-16LE" | "UNICODELITTLEUNMARKED" => Self::Utf16Le,
            other => Self::Web(Encoding::for_label_no_replacement(other.as_bytes())?),
        })
    }

    /// `String.getBytes`: a question mark for what has no bytes.
    pub fn encode(self, text: String) -> Vec<u8> {
        let narrow = |limit: u32| {
            text.chars()
                .map(|c| {
                    u8::try_from(u32::from(c).min(limit + 1)).ok().filter(|b| u32::from(*b) <= limit).unwrap_or(b'?')
                })
                .collect()
        };
        match self {
            Self::Utf8 => text.into_bytes(),
            Self::Latin1 => narrow(0xFF),
            Self::Ascii => narrow(0x7F),
            // nothing needs no mark
            Self::Utf16 if text.is_empty() => Vec::new(),
            Self::Utf16 => [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Web(encoding) => encode_web(encoding, &text),
        }
    }

    /// `new String(bytes, charset)`: U+FFFD for what means nothing.
    pub fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf8 => utf8::decode(bytes),
            Self::Latin1 => bytes.iter().copied().map(char::from).collect(),
            Self::Ascii => {
                bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '\u{FFFD}' }).collect()
            }
            Self::Utf16 => match bytes {
                [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
                [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
                _ => decode_utf16(bytes, u16::from_be_bytes),
            },
            Self::Utf16Be => decode_utf16(bytes, u16::from_be_bytes),
            Self::Utf16Le => decode_utf16(bytes, u16::from_le_bytes),
            Self::Web(encoding) => decode_web(encoding, bytes),
        }
    }
}

/// A high surrogate takes the unit after it along, whatever that is.
fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let mut units = bytes.chunks(2).map(|pair| match pair {
        [one, two] => Some(unit([*one, *two])),
        _ => None,
    });
    let mut out = String::with_capacity(bytes.len());
    while let Some(first) = units.next() {
        let code = match first {
            Some(high @ 0xD800..0xDC00) => match units.next() {
                Some(Some(low @ 0xDC00..0xE000)) => {
                    0x10000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(low) - 0xDC00)
                }
                _ => 0xFFFD,
            },
            Some(unit) => u32::from(unit),
            None => 0xFFFD,
        };
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    out
}

/// Whether undefined bytes are control characters on the web.
fn is_windows(encoding: &'static Encoding) -> bool {
    encoding.name().starts_with("windows-125")
}

fn encode_web(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let text: Cow<'_, str> = if is_windows(encoding) {
        text.chars().map(|c| if ('\u{80}'..='\u{9f}').contains(&c) { '?' } else { c }).collect()
    } else {
        Cow::Borrowed(text)
    };
    let mut encoder = encoding.new_encoder();
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut rest: &str = &text;
    loop {
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut out, true);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return out,
            EncoderResult::OutputFull => out.reserve(rest.len() + 16),
            EncoderResult::Unmappable(_) => out.push(b'?'),
        }
    }
}

fn decode_web(encoding: &'static Encoding, bytes: &[u8]) -> String {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut out = String::with_capacity(bytes.len() * 2 + 16);
    let mut rest = bytes;
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut out, true);
        rest = &rest[read..];
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => out.reserve(rest.len() * 3 + 16),
            DecoderResult::Malformed(..) => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
    if is_windows(encoding) {
        out = out.chars().map(|c| if ('\u{80}'..='\u{9f}').contains(&c) { '\u{FFFD}' } else { c }).collect();
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn what_an_encoding_cannot_say_is_replaced() {
        for (name, text, bytes) in [
            ("ISO-8859-1", "é€", &[0xE9, b'?'][..]),
            ("latin1", "ÿĀ", &[0xFF, b'?']),
            ("us-ascii", "aé\u{7f}\u{80}", &[b'a', b'?', 0x7F, b'?']),
            ("UTF-16", "a", &[0xFE, 0xFF, 0, b'a']),
            ("utf-16le", "😀", &[0x3D, 0xD8, 0, 0xDE]),
            ("windows-1252", "€\u{81}я", &[0x80, b'?', b'?']),
            ("Shift_JIS", "日😀", &[0x93, 0xFA, b'?']),
        ] {
            assert_eq!(Charset::for_name(name).unwrap().encode(text.to_owned()), bytes, "{name}");
        }
    }

    #[test]
    fn bytes_without_a_meaning_are_replaced() {
        for (name, bytes, text) in [
            ("UTF-16", &[0xFF, 0xFE, b'a', 0][..], "a"),
            ("UTF-16", &[0, b'a', 0xD8], "a\u{FFFD}"),
            ("ASCII", &[0xE9], "\u{FFFD}"),
            ("windows-1251", &[0xFF, 0x98], "я\u{FFFD}"),
            ("GBK", &[0xD6, 0xD0], "中"),
        ] {
            assert_eq!(Charset::for_name(name).unwrap().decode(bytes), text, "{name}");
        }
    }

    #[test]
    fn an_unknown_name_is_none() {
        assert_eq!(Charset::for_name("EBCDIC-XX"), None);
        assert_eq!(Charset::for_name(""), None);
    }
}
