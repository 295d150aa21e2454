//! Texts to be found in other texts, all at once.
//!
//! What is kept costs memory for as long as its connector lives, and anybody may send a config. So there is room for
//! so much and no more; where that was not enough, nothing is shown at all. The automaton is made when something is
//! looked for the first time, since most configs are never complained about.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{OnceLock, RwLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::HIDDEN;

/// Shorter values are not looked for.
const SHORTEST: usize = 4;
/// Nor are shorter lines of a longer value.
const SHORTEST_LINE: usize = 8;
/// Bytes of texts of one connector, all forms together.
const ROOM: usize = 1024 * 1024;

pub(super) struct Texts {
    room: usize,
    found: RwLock<Found>,
}

#[derive(Default)]
struct Found {
    texts: BTreeSet<String>,
    bytes: usize,
    /// Something did not fit.
    full: bool,
    matcher: OnceLock<Option<AhoCorasick>>,
}

impl Texts {
    /// For what anybody may bring.
    pub(super) fn bounded() -> Self {
        Self { room: ROOM, found: RwLock::default() }
    }

    /// For what comes from the operator.
    pub(super) fn unbounded() -> Self {
        Self { room: usize::MAX, found: RwLock::default() }
    }

    pub(super) fn add(&self, secret: &str) {
        if self.is_full() {
            return;
        }
        let forms = if secret.len() > self.room { Vec::new() } else { forms(secret) };
        let Ok(mut found) = self.found.write() else { return };
        found.full |= secret.len() > self.room;
        for form in forms {
            if found.texts.contains(&form) {
                continue;
            }
            found.bytes = found.bytes.saturating_add(form.len());
            if found.bytes > self.room {
                found.full = true;
                break;
            }
            found.texts.insert(form);
            found.matcher = OnceLock::new();
        }
    }

    /// Whether there was not enough room.
    pub(super) fn is_full(&self) -> bool {
        self.found.read().is_ok_and(|found| found.full)
    }

    /// Whether the two look for the same.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self.found.read(), other.found.read()) {
            (Ok(own), Ok(other)) => own.full == other.full && own.texts == other.texts,
            _ => false,
        }
    }

    pub(super) fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Ok(found) = self.found.read() else { return Cow::Borrowed(HIDDEN) };
        // Too much to look for: then nothing is shown.
        if found.full {
            return Cow::Borrowed(HIDDEN);
        }
        if found.texts.is_empty() {
            return Cow::Borrowed(text);
        }
        match found.matcher.get_or_init(|| matcher(&found.texts)) {
            Some(matcher) if matcher.is_match(text) => {
                let mut clean = String::with_capacity(text.len());
                matcher.replace_all_with(text, &mut clean, |_, _, clean| {
                    clean.push_str(HIDDEN);
                    true
                });
                Cow::Owned(clean)
            }
            Some(_) => Cow::Borrowed(text),
            None => Cow::Borrowed(HIDDEN),
        }
    }
}

/// A DFA, which would be chosen for few texts, takes hundreds of bytes for each of theirs; this takes a dozen.
fn matcher(texts: &BTreeSet<String>) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(texts)
        .ok()
}

/// A secret in all the forms in which it may appear.
fn forms(secret: &str) -> Vec<String> {
    let trimmed = secret.trim();
    let mut forms: Vec<String> = vec![secret.to_owned(), trimmed.to_owned()];
    for text in [secret, trimmed] {
        forms.push(text.escape_debug().to_string());
        forms.push(text.escape_default().to_string());
        forms.push(text.replace('\n', "\\n").replace('\t', " "));
        if let Ok(json) = serde_json::to_string(text) {
            forms.push(json.trim_matches('"').to_owned());
        }
    }
    forms.retain(|form| form.chars().count() >= SHORTEST);
    if trimmed.lines().count() > 1 {
        let lines = trimmed.lines().map(str::trim).filter(|line| line.chars().count() >= SHORTEST_LINE);
        forms.extend(lines.map(str::to_owned));
    }
    forms
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn scrubbed(secret: &str, text: &str) -> String {
        let texts = Texts::bounded();
        texts.add(secret);
        texts.scrub(text).into_owned()
    }

    #[test]
    fn short_values_are_left() {
        assert_eq!(scrubbed("1", "11 tasks"), "11 tasks");
        assert_eq!(scrubbed("abc", "abcdef"), "abcdef");
        assert_eq!(scrubbed("abcd", "abcdef"), "[hidden]ef");
        assert_eq!(scrubbed("", "text"), "text");
    }

    #[test]
    fn space_around_a_value_does_not_save_it() {
        assert_eq!(scrubbed("from-a-file\n", "got from-a-file!"), "got [hidden]!");
    }

    #[test]
    fn escaped_forms_are_found() {
        for text in ["{\"p\":\"a\\\"b\\nc\"}", "a\\\"b\\nc", "a\"b\\nc"] {
            assert!(scrubbed("a\"b\nc", text).contains("[hidden]"), "{text}");
        }
    }

    #[test]
    fn the_lines_of_a_long_value_are_found_one_by_one() {
        let pem = "-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkq\n-----END KEY-----\n";
        assert_eq!(scrubbed(pem, "line 2 is MIIEvQIBADAN, and Bgkq"), "line 2 is [hidden], and Bgkq");
    }

    #[test]
    fn the_longest_of_several_is_hidden() {
        let texts = Texts::bounded();
        texts.add("secret");
        texts.add("secret-and-more");
        assert_eq!(texts.scrub("a secret-and-more b secret c"), "a [hidden] b [hidden] c");
    }
    #[test]
    fn a_long_value_costs_little_more_than_its_text() {
        let texts = Texts::bounded();
        let secret: String =
            (0..64 * 1024u32).map(|n| char::from(b'!' + (n.wrapping_mul(2_654_435_761) >> 25) as u8 % 90)).collect();
        texts.add(&secret);
        assert_eq!(texts.scrub(&format!("a {secret} b")), "a [hidden] b");
        let found = texts.found.read().unwrap();
        let automaton = found.matcher.get().unwrap().as_ref().unwrap();
        assert!(automaton.memory_usage() < 64 * found.bytes, "{} for {}", automaton.memory_usage(), found.bytes);
    }

    #[test]
    fn where_there_was_no_room_nothing_is_shown() {
        let texts = Texts::bounded();
        for number in 0..40 {
            texts.add(&format!("{number}").repeat(32 * 1024));
        }
        assert!(texts.is_full());
        assert!(texts.found.read().unwrap().bytes <= ROOM + 3 * 64 * 1024);
        assert_eq!(texts.scrub("any text"), "[hidden]");
        let texts = Texts::bounded();
        texts.add(&"x".repeat(ROOM + 1));
        assert_eq!((texts.is_full(), texts.scrub("any text").into_owned()), (true, "[hidden]".to_owned()));
        let texts = Texts::unbounded();
        texts.add(&"x".repeat(ROOM + 1));
        assert_eq!(texts.scrub("any text"), "any text");
    }
}
