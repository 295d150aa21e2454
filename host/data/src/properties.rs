//! Java's .properties files: what `worker.properties` and `connector.properties` are.

use indexmap::IndexMap;

use crate::error::ConfigError;

/// Reads a file's bytes. Java takes them for ISO-8859-1; so do we, unless they are UTF-8, which no Latin-1 text
/// with an accent in it is by accident.
///
/// # Errors
/// When a `\u` is not followed by four hex digits.
pub fn parse_bytes(bytes: &[u8]) -> Result<IndexMap<String, String>, ConfigError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(text.strip_prefix('\u{FEFF}').unwrap_or(text)),
        Err(_) => parse(&bytes.iter().copied().map(char::from).collect::<String>()),
    }
}

/// Reads a file's text: `key=value`, `key:value` or `key value`, `#` and `!` comments, lines that go on after a
/// backslash. The last value of a repeated key counts. Java also makes an empty key of a
/// lone backslash at the end of a file; that is left out.
///
/// # Errors
/// When a `\u` is not followed by four hex digits.
pub fn parse(text: &str) -> Result<IndexMap<String, String>, ConfigError> {
    let mut found = IndexMap::new();
    let mut lines = Lines { rest: text, number: 0 };
    while let Some((number, line)) = lines.logical() {
        let (key, value) = split(&line);
        let at = |cause: &str| ConfigError::new(format!("{cause} (line {number}: {})", line.trim_end()));
        found.insert(unescape(key).map_err(at)?, unescape(value).map_err(at)?);
    }
    Ok(found)
}

const SPACE: [char; 3] = [' ', '\t', '\u{c}'];

struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    /// A line of the file, without leading space.
    fn natural(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        let after = &self.rest[end..];
        self.rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\n', '\r'])).unwrap_or(after);
        Some(line.trim_start_matches(SPACE))
    }

    /// A key and its value, and where it begins: continued lines joined, comments and blank lines left out, also
    /// where nothing but a backslash came before them.
    fn logical(&mut self) -> Option<(usize, String)> {
        let mut line = String::new();
        let mut number = self.number;
        while let Some(next) = self.natural() {
            if line.is_empty() {
                if next.is_empty() || next.starts_with(['#', '!']) {
                    continue;
                }
                number = self.number;
            }
            line.push_str(next);
            if !goes_on(next) {
                break;
            }
            line.pop();
        }
        (!line.is_empty()).then_some((number, line))
    }
}

/// Whether it ends in a backslash that is not itself escaped.
fn goes_on(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// Key and value, still escaped.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line
        .find(|c: char| {
            let ends = !escaped && (SPACE.contains(&c) || c == '=' || c == ':');
            escaped = c == '\\' && !escaped;
            ends
        })
        .unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    let rest = rest.trim_start_matches(SPACE);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, value.trim_start_matches(SPACE))
}

fn unescape(text: &str) -> Result<String, &'static str> {
    if !text.contains('\\') {
        return Ok(text.to_owned());
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => match chars.next() {
                Some('u') => {
                    let mut unit = 0;
                    for _ in 0..4 {
                        let digit = chars.next().and_then(|c| c.to_digit(16));
                        unit = unit << 4 | digit.ok_or("Malformed \\uxxxx encoding.")? as u16;
                    }
                    units.push(unit);
                    continue;
                }
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some(other) => other,
                None => break,
            },
            other => other,
        };
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
    Ok(String::from_utf16_lossy(&units))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap().into_iter().collect()
    }

    fn one(text: &str) -> (String, String) {
        let mut pairs = pairs(text);
        assert_eq!(pairs.len(), 1, "{text:?}");
        pairs.remove(0)
    }

    #[test]
    fn keys_end_at_an_equals_sign_a_colon_or_space() {
        for text in ["a=b", "a:b", "a b", "  a = b", "a\t:\tb", "a   b", "a\\\n   =b"] {
            assert_eq!(one(text), ("a".to_owned(), "b".to_owned()), "{text:?}");
        }
        assert_eq!(one("a = = b"), ("a".to_owned(), "= b".to_owned()));
        assert_eq!(one("a\\=b=c"), ("a=b".to_owned(), "c".to_owned()));
        assert_eq!(one("a\\ b c"), ("a b".to_owned(), "c".to_owned()));
        assert_eq!(one("alone"), ("alone".to_owned(), String::new()));
    }

    #[test]
    fn comments_and_blank_lines_are_left_out() {
        assert_eq!(pairs("# x=1\n  ! y=2\n\n \t\r\nz=3 # kept\n"), [("z".to_owned(), "3 # kept".to_owned())]);
    }

    #[test]
    fn a_backslash_at_the_end_goes_on() {
        assert_eq!(one("a=b,\\\n    c,\\\r\n d").1, "b,c,d");
        assert_eq!(one("a=b\\\\").1, "b\\");
        assert_eq!(pairs("a=b\\\\\nc=d").len(), 2);
        assert_eq!(pairs("\\\n# a comment\n\\\n\n").len(), 0);
        assert_eq!(one("a=b\\\n# no comment here").1, "b# no comment here");
        assert_eq!(one("a=b\\").1, "b");
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(one("a=\\t\\n\\r\\f\\\\\\q\\u00e9\\uD83D\\uDE00").1, "\t\n\r\u{c}\\q\u{e9}😀");
        assert!(parse("a=\\u12g4").unwrap_err().to_string().starts_with("Malformed \\uxxxx encoding. (line 1"));
    }

    #[test]
    fn the_last_value_counts_and_space_at_the_end_stays() {
        assert_eq!(pairs("a=1\nb=2\na=3 "), [("a".to_owned(), "3 ".to_owned()), ("b".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn bytes_are_utf_8_if_they_can_be() {
        assert_eq!(parse_bytes("a=é".as_bytes()).unwrap()["a"], "é");
        assert_eq!(parse_bytes(b"a=\xe9").unwrap()["a"], "é");
    }
}
