//! Texts to be found in other texts, all at once.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::RwLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::HIDDEN;

/// Shorter values are not looked for.
const SHORTEST: usize = 4;
/// Nor are shorter lines of a longer value.
const SHORTEST_LINE: usize = 8;

#[derive(Default)]
pub(super) struct Texts(RwLock<Found>);

#[derive(Default)]
struct Found {
    texts: BTreeSet<String>,
    matcher: Option<AhoCorasick>,
}

impl Texts {
    pub(super) fn add(&self, secret: &str) {
        let forms = forms(secret);
        let Ok(mut found) = self.0.write() else { return };
        let before = found.texts.len();
        found.texts.extend(forms);
        if found.texts.len() > before {
            found.matcher = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&found.texts).ok();
        }
    }

    pub(super) fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Ok(found) = self.0.read() else { return Cow::Borrowed(HIDDEN) };
        match &found.matcher {
            Some(matcher) if matcher.is_match(text) => {
                let mut clean = String::with_capacity(text.len());
                matcher.replace_all_with(text, &mut clean, |_, _, clean| {
                    clean.push_str(HIDDEN);
                    true
                });
                Cow::Owned(clean)
            }
            Some(_) => Cow::Borrowed(text),
            None if found.texts.is_empty() => Cow::Borrowed(text),
            // Too much to look for: then nothing is shown.
            None => Cow::Borrowed(HIDDEN),
        }
    }
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
mod tests {
    use super::*;

    fn scrubbed(secret: &str, text: &str) -> String {
        let texts = Texts::default();
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
        let texts = Texts::default();
        texts.add("secret");
        texts.add("secret-and-more");
        assert_eq!(texts.scrub("a secret-and-more b secret c"), "a [hidden] b [hidden] c");
    }
}
