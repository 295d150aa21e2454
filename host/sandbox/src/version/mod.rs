//! Versions of plugins, in the order that Kafka Connect has from Maven: `1.0-rc1 < 1.0 = 1 < 1.0.1 < 1.10`.
//!
//! Which of several versions of a class a connector gets is part of the contract with whoever wrote
//! `connector.plugin.version`, so the rules are Maven's to the letter, its oddities included. No crate of them is
//! looked after. Maven's form is a list within a list within a list; as each has at most one and at its end, it is a
//! row of sections here, and a version of a thousand dashes costs no stack.

mod range;

use std::cmp::Ordering;

pub use range::{InvalidRange, VersionRange};

/// Words that have a place in the order, from the smallest; the release itself is the empty one.
const QUALIFIERS: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
const RELEASE: usize = 5;

/// A version that can be compared. Equal are those that mean the same: `1`, `1.0`, `1.0-ga`.
#[derive(Debug, Clone)]
pub struct Version {
    text: String,
    /// The items of each list; the list that follows is the last item of the one before it.
    sections: Vec<Vec<Item>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    /// Digits without leading zeroes.
    Number(String),
    /// Its place among the qualifiers; unknown ones come last, by their letters.
    Word(usize, String),
}

impl Version {
    /// Reads a version. Every text is one.
    pub fn new(text: &str) -> Self {
        let lower = text.to_lowercase();
        let mut sections: Vec<Vec<Item>> = vec![Vec::new()];
        let mut number = false;
        let mut pending = String::new();
        for letter in lower.chars() {
            match letter {
                '.' | '-' => {
                    let item = if pending.is_empty() { Item::number("0") } else { Item::of(number, &pending) };
                    add(&mut sections, item);
                    pending.clear();
                    if letter == '-' {
                        sections.push(Vec::new());
                    }
                }
                digit if digit.is_ascii_digit() => {
                    if !number && !pending.is_empty() {
                        if sections.last().is_some_and(|section| !section.is_empty()) {
                            sections.push(Vec::new());
                        }
                        add(&mut sections, Item::word(&pending, true));
                        pending.clear();
                        sections.push(Vec::new());
                    }
                    number = true;
                    pending.push(digit);
                }
                other => {
                    if number && !pending.is_empty() {
                        add(&mut sections, Item::of(true, &pending));
                        pending.clear();
                        sections.push(Vec::new());
                    }
                    number = false;
                    pending.push(other);
                }
            }
        }
        if !pending.is_empty() {
            if !number && sections.last().is_some_and(|section| !section.is_empty()) {
                sections.push(Vec::new());
            }
            add(&mut sections, Item::of(number, &pending));
        }
        normalize(&mut sections);
        Self { text: text.to_owned(), sections }
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn add(sections: &mut [Vec<Item>], item: Item) {
    if let Some(last) = sections.last_mut() {
        last.push(item);
    }
}

/// Takes away what says nothing: zeroes and releases at the end of each section, and empty sections at the end.
fn normalize(sections: &mut Vec<Vec<Item>>) {
    for section in sections.iter_mut() {
        while section.last().is_some_and(|item| item.beside_nothing() == Ordering::Equal) {
            section.pop();
        }
    }
    while sections.len() > 1 && sections.last().is_some_and(Vec::is_empty) {
        sections.pop();
    }
}

impl Item {
    fn of(number: bool, text: &str) -> Self {
        if number { Self::number(text) } else { Self::word(text, false) }
    }

    fn number(digits: &str) -> Self {
        let stripped = digits.trim_start_matches('0');
        Self::Number(if stripped.is_empty() { "0" } else { stripped }.to_owned())
    }

    fn word(text: &str, before_digit: bool) -> Self {
        let text = match text {
            "a" if before_digit => "alpha",
            "b" if before_digit => "beta",
            "m" if before_digit => "milestone",
            "ga" | "final" | "release" => "",
            "cr" => "rc",
            other => other,
        };
        let rank = QUALIFIERS.iter().position(|known| *known == text).unwrap_or(QUALIFIERS.len());
        Self::Word(rank, text.to_owned())
    }

    /// How it compares with nothing at its place.
    fn beside_nothing(&self) -> Ordering {
        match self {
            Item::Number(digits) if digits == "0" => Ordering::Equal,
            Item::Number(_) => Ordering::Greater,
            Item::Word(rank, _) => rank.cmp(&RELEASE),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Item::Number(a), Item::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Item::Number(_), Item::Word(..)) => Ordering::Greater,
            (Item::Word(..), Item::Number(_)) => Ordering::Less,
            (Item::Word(rank, a), Item::Word(other, b)) => rank.cmp(other).then_with(|| a.cmp(b)),
        }
    }
}

/// How the rest of a version compares with nothing.
fn beside_nothing(sections: &[Vec<Item>]) -> Ordering {
    let items = sections.iter().flatten();
    items.map(Item::beside_nothing).find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
}

/// Compares two lists that begin at these sections.
fn compare(mut left: &[Vec<Item>], mut right: &[Vec<Item>]) -> Ordering {
    loop {
        let (Some((a, after_a)), Some((b, after_b))) = (left.split_first(), right.split_first()) else {
            return left.len().cmp(&right.len());
        };
        for (one, other) in a.iter().zip(b) {
            match one.compare(other) {
                Ordering::Equal => {}
                different => return different,
            }
        }
        // One has items where the other has its inner list, or nothing.
        let (more_a, more_b) = (a.get(b.len()..).unwrap_or(&[]), b.get(a.len()..).unwrap_or(&[]));
        if let Some(item) = more_a.first() {
            return if after_b.is_empty() { rest(more_a, after_a) } else { beside_list(item) };
        }
        if let Some(item) = more_b.first() {
            return if after_a.is_empty() { rest(more_b, after_b) } else { beside_list(item) }.reverse();
        }
        match (after_a.is_empty(), after_b.is_empty()) {
            (true, true) => return Ordering::Equal,
            (false, true) => return beside_nothing(after_a),
            (true, false) => return beside_nothing(after_b).reverse(),
            (false, false) => (left, right) = (after_a, after_b),
        }
    }
}

/// How items and the lists behind them compare with nothing.
fn rest(items: &[Item], after: &[Vec<Item>]) -> Ordering {
    let own = items.iter().map(Item::beside_nothing).find(|order| *order != Ordering::Equal);
    own.unwrap_or_else(|| beside_nothing(after))
}

/// A number is greater than a list, a word is smaller.
fn beside_list(item: &Item) -> Ordering {
    match item {
        Item::Number(_) => Ordering::Greater,
        Item::Word(..) => Ordering::Less,
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.sections, &other.sections)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stand_in_mavens_order() {
        let ordered = [
            "1-alpha2-snapshot",
            "1-alpha-2",
            "1-beta-2",
            "1-m11",
            "1-rc",
            "1-rc2",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-sp2",
            "1-abc",
            "1-def",
            "1-pom-1",
            "1-1-snapshot",
            "1-1",
            "1-2",
            "1-123",
            "1.0.1",
            "1.2",
            "1.10",
            "2",
            "11.a2",
            "11.rc",
            "11",
            "11.a",
            "11b",
        ];
        for pair in ordered.windows(2) {
            assert!(Version::new(pair[0]) < Version::new(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn what_means_the_same_is_equal() {
        for (one, other) in [
            ("1", "1.0"),
            ("1.0", "1.0.0"),
            ("1-0", "1.0"),
            ("1.0-0", "1.0"),
            ("1a1", "1-alpha-1"),
            ("1b2", "1-beta-2"),
            ("1m3", "1-milestone-3"),
            ("1X", "1x"),
            ("1GA", "1"),
            ("1RELEASE", "1"),
            ("1FINAL", "1"),
            ("1cr", "1rc"),
            ("01", "1"),
            ("0.0", ""),
        ] {
            assert_eq!(Version::new(one), Version::new(other), "{one} = {other}");
        }
    }

    #[test]
    fn a_version_of_dashes_and_one_of_digits_cost_no_stack() {
        let dashes = Version::new(&"-1".repeat(200_000));
        assert_eq!(dashes, dashes.clone());
        assert!(Version::new(&"9".repeat(100_000)) > Version::new("9"));
    }
}
