//! Settings written as a properties file, so that reading them gives the same again.

use std::fmt::Write as _;

/// One line for each setting.
pub(crate) fn text<'a>(settings: impl IntoIterator<Item = (&'a str, String)>) -> String {
    settings.into_iter().fold(String::new(), |mut out, (key, value)| {
        let _ = writeln!(out, "{}={}", escaped(key, true), escaped(&value, false));
        out
    })
}

/// Also escapes what would act on a terminal.
fn escaped(text: &str, is_key: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            ' ' if at == 0 || is_key => out.push_str("\\ "),
            '=' | ':' if is_key => out.extend(['\\', c]),
            '#' | '!' if is_key && at == 0 => out.extend(['\\', c]),
            c if crate::ui::text::is_harmful(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use watertight_data::properties;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let settings = [
            ("name", "a"),
            ("#k =:\\", " lead\\ing, tab\t, end "),
            ("lines", "a\nb\r\nc\\"),
            ("unicode", "ü 漢 \u{1f980} \u{1b}[2J \u{202e}"),
            ("empty", ""),
            (" !", "#"),
        ];
        let written = text(settings.iter().map(|(key, value)| (*key, (*value).to_owned())));
        assert!(!written.contains('\u{1b}'), "{written:?}");
        let read = properties::parse(&written).unwrap();
        let read: Vec<(&str, &str)> = read.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(read, settings);
    }
}
