//! `java.util.regex`, on an engine of Rust's.
//!
//! The dialects are close but not the same: Java's `\d`, `\w` and `\s` are ASCII, its `.` stops at more kinds of
//! line ends, it has `\Q...\E`, `\h`, possessive quantifiers and look-around. A pattern is translated piece by
//! piece into the dialect of `fancy-regex`; what has no counterpart is refused with its name rather than read
//! as something else. That engine backtracks only where a pattern needs it, and then at most
//! [`BACKTRACK_LIMIT`] steps: a pattern from a connector's configuration must not be able to stop a worker.
//!
//! Not kept: for sets and references `(?i)` knows all of Unicode's cases here and ASCII's in Java; `$` and `\Z` do not match before a line
//! end at the end of the text. Names of topics have neither.

mod class;
mod replacement;
mod translate;

use std::fmt;

use fancy_regex::{Captures, Regex, RegexBuilder};

pub use self::replacement::Replacement;
use crate::error::DataError;

/// Steps of backtracking before a match is given up.
pub const BACKTRACK_LIMIT: usize = 1_000_000;

/// Bytes that a compiled pattern may take.
const SIZE_LIMIT: usize = 10 << 20;

/// `java.util.regex.Pattern`.
#[derive(Debug, Clone)]
pub struct JavaRegex {
    pattern: String,
    whole: Regex,
    part: Regex,
    names: Vec<(String, usize)>,
    groups: usize,
}

/// `PatternSyntaxException`: what is wrong and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PatternError {
    description: String,
    /// UTF-16 units from the start; none where Java has none either, or where it is the engine that refuses.
    index: Option<usize>,
    pattern: String,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)?;
        if let Some(index) = self.index {
            write!(f, " near index {index}")?;
        }
        write!(f, "\n{}", self.pattern)?;
        match self.index {
            Some(index) if index < self.pattern.encode_utf16().count() => {
                f.write_str("\n")?;
                for unit in self.pattern.encode_utf16().take(index) {
                    f.write_str(if unit == u16::from(b'\t') { "\t" } else { " " })?;
                }
                f.write_str("^")
            }
            _ => Ok(()),
        }
    }
}

impl JavaRegex {
    /// `Pattern.compile`.
    ///
    /// # Errors
    /// When it is no pattern, with Java's words; or one that has no counterpart here.
    pub fn new(pattern: &str) -> Result<Self, PatternError> {
        let translated = translate::translate(pattern)?;
        let compile = |text: &str| {
            RegexBuilder::new(text).backtrack_limit(BACKTRACK_LIMIT).delegate_size_limit(SIZE_LIMIT).build().map_err(
                |cause| PatternError {
                    description: format!("Pattern cannot be used: {cause}"),
                    index: None,
                    pattern: pattern.to_owned(),
                },
            )
        };
        Ok(Self {
            whole: compile(&format!("\\A(?:{})\\z", translated.text))?,
            part: compile(&translated.text)?,
            pattern: pattern.to_owned(),
            names: translated.names,
            groups: translated.groups,
        })
    }

    /// The pattern as it was written.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// `matcher(text).matches()`.
    ///
    /// # Errors
    /// When the match takes too many steps.
    pub fn full_match(&self, text: &str) -> Result<bool, DataError> {
        self.whole.is_match(text).map_err(|cause| self.gave_up(&cause))
    }

    /// `matcher(text).find()`.
    ///
    /// # Errors
    /// When the match takes too many steps.
    pub fn find(&self, text: &str) -> Result<bool, DataError> {
        self.part.is_match(text).map_err(|cause| self.gave_up(&cause))
    }

    /// A text to replace a match with, taken apart for [`JavaRegex::replace_first`].
    pub fn replacement(&self, text: &str) -> Replacement {
        Replacement::new(text, self.groups, &self.names)
    }

    /// `matcher(text).replaceFirst(replacement)`.
    ///
    /// # Errors
    /// When the replacement refers to what is not there, in Java's words, or the match takes too many steps.
    pub fn replace_first(&self, text: &str, replacement: &Replacement) -> Result<String, DataError> {
        let Some(found) = self.part.captures(text).map_err(|cause| self.gave_up(&cause))? else {
            return Ok(text.to_owned());
        };
        let Some(all) = found.get(0) else {
            return Ok(text.to_owned());
        };
        let mut out = String::with_capacity(text.len() + 16);
        out.push_str(&text[..all.start()]);
        replacement.push(&mut out, &|group| group_text(&found, group))?;
        out.push_str(&text[all.end()..]);
        Ok(out)
    }

    fn gave_up(&self, cause: &fancy_regex::Error) -> DataError {
        DataError::new(format!("Pattern {} took too long to match: {cause}", self.pattern))
            .with_class("java.lang.RuntimeException")
    }
}

fn group_text<'t>(found: &Captures<'t, str>, group: usize) -> Option<&'t str> {
    found.get(group).map(|group| group.as_str())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        JavaRegex::new(pattern).unwrap().full_match(text).unwrap()
    }

    #[test]
    fn a_pattern_means_what_it_means_in_java() {
        for (pattern, text, expected) in [
            ("a|ab", "ab", true),
            ("\\d+", "12", true),
            ("\\d+", "١٢", false),
            ("\\w", "é", false),
            ("\\s", "\u{a0}", false),
            ("[^\\d]", "x", true),
            (".", "\u{2028}", false),
            ("(?s).", "\n", true),
            ("\\Qa.b\\E+", "a.bb", true),
            ("\\Qa.b", "a.b", true),
            ("[a-z&&[^bc]]+", "ad", true),
            ("[a-z&&[^bc]]+", "ab", false),
            ("[a[0-9]]+", "a7", true),
            ("[-a]", "-", true),
            ("[\\]a]", "]", true),
            ("(a)\\1", "aa", true),
            ("(?<x>a)\\k<x>", "aa", true),
            ("a++a", "aa", false),
            ("(?=.*b)\\w+", "ab", true),
            ("(?<!x)a", "a", true),
            ("(?i)AB", "ab", true),
            ("(?i:A)b", "ab", true),
            ("(?x) a b # c", "ab", true),
            ("\\p{Alpha}+", "ab", true),
            ("\\p{Lower}\\P{Lower}", "aB", true),
            ("\\p{L}", "é", true),
            ("\\x41\\u0042\\x{43}\\0104", "ABCD", true),
            ("a{2}", "aa", true),
            ("a{2,}?", "aaa", true),
            ("\\h\\R", " \r\n", true),
            ("^a$", "a", true),
            ("", "", true),
            ("a}", "a}", true),
            ("[&&a]", "a", true),
            ("[[:alpha:]]", ":", true),
            ("(a(?i)b)c", "aBC", false),
            ("\\p{IsGreek}", "α", true),
            ("topic-(.*)_[#~]", "topic-x_#", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn the_first_match_is_replaced_as_in_java() {
        let replaced = |pattern: &str, replacement: &str, text: &str| {
            let regex = JavaRegex::new(pattern).unwrap();
            regex.replace_first(text, &regex.replacement(replacement)).map_err(|error| error.message().to_owned())
        };
        for (pattern, replacement, text, expected) in [
            ("(.*)-(.*)", "$2.$1", "a-b", Ok("b.a")),
            ("a|ab", "x", "ab", Ok("xb")),
            ("(?<one>a)(b)?", "${one}$2!", "a", Ok("a!")),
            ("(a)", "$11", "a", Ok("a1")),
            ("a", "\\$0\\\\", "a", Ok("$0\\")),
            ("x", "y", "a", Ok("a")),
            ("a", "$1", "a", Err("No group 1")),
            ("a", "$", "a", Err("Illegal group reference: group index is missing")),
            ("a", "$x", "a", Err("Illegal group reference")),
            ("a", "\\", "a", Err("character to be escaped is missing")),
            ("a", "${x}", "a", Err("No group with name {x}")),
            ("a", "${x", "a", Err("named capturing group is missing trailing '}'")),
            ("a", "${1x}", "a", Err("capturing group name {1x} starts with digit character")),
        ] {
            assert_eq!(
                replaced(pattern, replacement, text),
                expected.map(str::to_owned).map_err(str::to_owned),
                "{pattern} {replacement}"
            );
        }
    }

    #[test]
    fn what_has_no_counterpart_is_refused_by_name() {
        let (groups, sets) = ("(".repeat(100_000), "[".repeat(100_000));
        for pattern in [groups.as_str(), &sets, "(?U)a", "\\X", "\\N{DIGIT ONE}", "\\p{javaMirrored}", "\\p{InGreek}"] {
            let refused = JavaRegex::new(pattern).unwrap_err().to_string();
            assert!(refused.contains("not supported"), "{refused}");
        }
    }

    #[test]
    fn a_pattern_that_never_ends_is_given_up() {
        let regex = JavaRegex::new("(a|b|ab)*(?=c)").unwrap();
        assert!(regex.full_match(&"ab".repeat(40)).is_err());
    }
}
