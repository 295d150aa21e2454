//! Text from outside, made harmless: a connector's name or a trace may hold what moves the cursor, sets the
//! window's title or turns the direction of writing round.

use std::borrow::Cow;
use std::fmt::Write as _;

/// On one line.
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    text.chars().for_each(|c| push(&mut out, c));
    Cow::Owned(out)
}

/// Line by line; a tab is four blanks.
pub(crate) fn block(text: &str) -> Vec<String> {
    text.lines().map(|line| safe(&line.replace('\t', "    ")).into_owned()).collect()
}

/// Bytes as text, those that are none as `\xNN`; on one line.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\t' => out.push('\t'),
                c => push(&mut out, c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Words on lines of this width, begun with `indent` blanks.
pub(crate) fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    let room = width.saturating_sub(indent).max(20);
    let mut lines = Vec::new();
    for paragraph in block(text) {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && columns(&line) + 1 + columns(word) > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.iter().map(|line| if line.is_empty() { String::new() } else { format!("{:indent$}{line}", "") }).collect()
}

/// How much room it takes.
pub(crate) fn columns(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// At most this wide; what is cut off is told by three dots.
pub(crate) fn cut(text: &str, room: usize) -> Cow<'_, str> {
    if columns(text) <= room {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut taken = 0;
    for c in text.chars() {
        let wide = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if taken + wide + 1 > room {
            break;
        }
        taken += wide;
        out.push(c);
    }
    out.push('…');
    Cow::Owned(out)
}

fn push(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if (c as u32) < 0x80 && is_harmful(c) => {
            let _ = write!(out, "\\x{:02x}", c as u32);
        }
        c if is_harmful(c) => {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
        c => out.push(c),
    }
}

/// Whether it acts on a terminal, or on what is written around it.
pub(crate) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_steers_the_terminal() {
        for (given, shown) in [
            ("plain ü 漢", "plain ü 漢"),
            ("\u{1b}]0;title\u{7}", "\\x1b]0;title\\x07"),
            ("a\u{9b}2Jb", "a\\u{9b}2Jb"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ] {
            assert_eq!(safe(given), shown);
        }
        assert_eq!(block("a\n\tb\u{1b}[2J\n"), ["a", "    b\\x1b[2J"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_what_they_are() {
        assert_eq!(bytes(b"a\xff\x00b\xc3\xbc\n"), "a\\xff\\x00b\u{fc}\\n");
        assert_eq!(bytes(b"{\"a\":\t\"\\n\"}"), "{\"a\":\t\"\\n\"}");
    }

    #[test]
    fn what_is_cut_off_is_told_and_wide_signs_count_twice() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut("abcd", 4), "abcd");
    }

    #[test]
    fn words_are_wrapped_and_paragraphs_kept() {
        let text = "one two three four five six seven\n\neight";
        assert_eq!(wrapped(text, 24, 2), ["  one two three four", "  five six seven", "", "  eight"]);
    }
}
