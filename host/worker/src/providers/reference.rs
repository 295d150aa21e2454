//! `${provider:[path:]key}`, as Kafka's `ConfigTransformer` reads it.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// One reference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    pub(super) provider: &'a str,
    /// Empty where there is none.
    pub(super) path: &'a str,
    pub(super) key: &'a str,
}

fn pattern() -> Option<&'static Regex> {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}").ok());
    PATTERN.as_ref()
}

fn group<'a>(captures: &Captures<'a>, number: usize) -> &'a str {
    captures.get(number).map_or("", |found| found.as_str())
}

fn of<'a>(captures: &Captures<'a>) -> Reference<'a> {
    Reference { provider: group(captures, 1), path: group(captures, 3), key: group(captures, 4) }
}

/// Those in a value, in order.
pub(super) fn all(value: &str) -> Vec<Reference<'_>> {
    // Nearly all values have none, and need no automaton to say so.
    if !value.contains("${") {
        return Vec::new();
    }
    pattern().into_iter().flat_map(|pattern| pattern.captures_iter(value)).map(|captures| of(&captures)).collect()
}

/// Whether a value has one.
pub fn has_reference(value: &str) -> bool {
    value.contains("${") && pattern().is_some_and(|pattern| pattern.is_match(value))
}

/// The value with each reference replaced, if there is something for it.
pub(super) fn replace<'f>(value: &str, look_up: impl Fn(&Reference<'_>) -> Option<&'f String>) -> String {
    match pattern() {
        Some(pattern) if value.contains("${") => pattern
            .replace_all(value, |captures: &Captures<'_>| match look_up(&of(captures)) {
                Some(found) => found.clone(),
                None => group(captures, 0).to_owned(),
            })
            .into_owned(),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_have_a_provider_maybe_a_path_and_a_key() {
        let made = |provider, path, key| Reference { provider, path, key };
        assert_eq!(all("${file:/a/b:key}"), [made("file", "/a/b", "key")]);
        assert_eq!(all("${env:KEY}"), [made("env", "", "KEY")]);
        assert_eq!(all("x${a:b}y${c:d:e}z"), [made("a", "", "b"), made("c", "d", "e")]);
        // A path ends at the first colon; the rest is the key.
        assert_eq!(all("${file:C:/a:key}"), [made("file", "C", "/a:key")]);
        assert_eq!(all("${::}"), [made("", "", "")]);
        for none in ["${KEY}", "$file:a:b", "${file:a", "plain", "{a:b}"] {
            assert!(all(none).is_empty(), "{none}");
            assert!(!has_reference(none), "{none}");
        }
    }
}
