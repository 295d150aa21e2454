//! Avro's names: where they are split, and what becomes of those that Avro does not allow.

use std::fmt;

use crate::converter::registry::names::escaped;

/// A record's, enum's or fixed's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name {
    pub(super) space: Option<String>,
    pub(super) name: String,
}

impl Name {
    /// As Avro puts the two together: dots in the name win over the namespace.
    pub(super) fn new(name: &str, space: Option<&str>) -> Self {
        let (space, name) = match name.rfind('.') {
            Some(dot) => (Some(&name[..dot]), &name[dot + 1..]),
            None => (space, name),
        };
        Self { space: space.filter(|space| !space.is_empty()).map(str::to_owned), name: name.to_owned() }
    }

    pub(super) fn full(&self) -> String {
        self.to_string()
    }

    /// How it is referred to from within a namespace.
    pub(super) fn within(&self, space: Option<&str>) -> String {
        if self.space.is_none() || self.space.as_deref() == space { self.name.clone() } else { self.full() }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.space {
            Some(space) => write!(f, "{space}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Avro's complaint about a name; none if it is one.
pub(super) fn fault(name: &str) -> Option<String> {
    let mut characters = name.chars();
    match characters.next() {
        None => return Some("Empty name".to_owned()),
        Some(first) if !(first.is_alphabetic() || first == '_') => {
            return Some(format!("Illegal initial character: {name}"));
        }
        Some(_) => {}
    }
    characters.any(|c| !(c.is_alphanumeric() || c == '_')).then(|| format!("Illegal character in: {name}"))
}

/// Namespace and name of a Connect name.
pub(super) fn split(full: &str, scrub: bool) -> (Option<&str>, String) {
    let (space, name) = match full.rfind('.') {
        Some(dot) => (Some(&full[..dot]), &full[dot + 1..]),
        None => (None, full),
    };
    (space, scrubbed(name, scrub))
}

/// The same put together again.
pub(super) fn scrubbed_full(full: &str, scrub: bool) -> String {
    match split(full, scrub) {
        (Some(space), name) => format!("{space}.{name}"),
        (None, name) => name,
    }
}

/// `scrub.invalid.names`: [`escaped`], and what a name may begin with.
pub(super) fn scrubbed(name: &str, scrub: bool) -> String {
    if !scrub {
        return name.to_owned();
    }
    let out = escaped(name);
    // whether a prefix is needed is asked before the underscores are there
    let starts_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if starts_well { out } else { format!("x{out}") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_scrubbed_as_confluent_scrubs_them() {
        for (name, scrubbed_name) in
            [("a-b", "a_b"), ("1st", "x1st"), ("größe", "gr_C3_B6_C3_9Fe"), ("a b", "a_b"), ("$x", "x_24x"), ("", "x")]
        {
            assert_eq!(scrubbed(name, true), scrubbed_name);
        }
        assert_eq!(scrubbed("a-b", false), "a-b");
    }

    #[test]
    fn bad_names_are_named() {
        assert_eq!(fault("a-b").unwrap(), "Illegal character in: a-b");
        assert_eq!(fault("1").unwrap(), "Illegal initial character: 1");
        assert_eq!(fault("größe"), None);
    }
}
