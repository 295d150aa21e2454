//! What is too much in a config. Anybody may send one to be looked at, and some settings cost far more than their text:
//! each name of a transform becomes a dozen settings, a pattern becomes an automaton, and a password is looked for in
//! everything that is ever said. Kafka sets no bounds here; ours are far beyond what a connector is made of. A setting
//! beyond them is an error of that setting, and the rest of the config is looked at without it.

use crate::entities::ConfigMap;

/// Names in one list.
const NAMES: usize = 1000;
/// Bytes of a list of names, a pattern or a password: of keys and certificates there may be some dozens.
const BYTES: usize = 64 * 1024;
/// Settings that name what further settings are about.
const LISTS: [&str; 3] = ["transforms", "predicates", "topic.creation.groups"];
/// Settings that are patterns, by their prefix and how they end.
const PATTERNS: [(&str, &str); 5] = [
    ("topics.", "regex"),
    ("topic.creation.", ".include"),
    ("topic.creation.", ".exclude"),
    ("transforms.", ".regex"),
    ("predicates.", ".pattern"),
];

/// Settings that are not looked at, and why.
#[derive(Debug, Default, PartialEq)]
pub struct Excess(Vec<(String, String)>);

impl Excess {
    /// Takes out of a config what is too much in it.
    pub fn take_from(settings: &mut ConfigMap) -> Self {
        let mut excess = Self::default();
        for (key, value) in settings.iter_mut() {
            let is_list = LISTS.contains(&key.as_str());
            let names = value.bytes().filter(|byte| *byte == b',').count() + 1;
            if is_list && names > NAMES {
                excess.0.push((key.clone(), too_much(names, "names", key, NAMES)));
                value.clear();
            } else if value.len() > BYTES && (is_list || is_pattern(key)) {
                excess.0.push((key.clone(), too_much(value.len(), "bytes", key, BYTES)));
                // Not nothing: that would be a fault of another sort.
                *value = if is_list { String::new() } else { "x".to_owned() };
            }
        }
        excess
    }

    /// The same for its passwords.
    pub fn take_passwords(&mut self, keys: &[String], settings: &mut ConfigMap) {
        for key in keys {
            if let Some(value) = settings.get_mut(key).filter(|value| value.len() > BYTES) {
                self.0.push((key.clone(), too_much(value.len(), "bytes", key, BYTES)));
                *value = "x".to_owned();
            }
        }
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The settings, and what is said of each.
    pub(super) fn faults(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, message)| (key.as_str(), message.as_str()))
    }
}

fn is_pattern(key: &str) -> bool {
    PATTERNS.iter().any(|(prefix, end)| key.strip_prefix(prefix).is_some_and(|rest| rest.ends_with(end)))
}

fn too_much(count: usize, what: &str, key: &str, most: usize) -> String {
    format!("Invalid value of {count} {what} for configuration {key}: there may be {most} at most")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(key: &str, value: String) -> (Excess, String) {
        let mut settings = ConfigMap::from([(key.to_owned(), value)]);
        let excess = Excess::take_from(&mut settings);
        (excess, settings[key].clone())
    }

    #[test]
    fn lists_of_too_many_names_are_taken_out() {
        let names = |count: usize| vec!["a"; count].join(",");
        for key in LISTS {
            assert!(taken(key, names(1000)).0.is_empty());
            let (excess, left) = taken(key, names(40_000));
            let message = format!("Invalid value of 40000 names for configuration {key}: there may be 1000 at most");
            assert_eq!((excess, left), (Excess(vec![(key.to_owned(), message)]), String::new()));
        }
        assert!(taken("topics", names(40_000)).0.is_empty());
    }

    #[test]
    fn long_patterns_lists_and_passwords_are_taken_out() {
        for key in
            ["topics.regex", "topic.creation.g.include", "transforms.t.regex", "predicates.p.pattern", "transforms"]
        {
            assert!(taken(key, "a".repeat(64 * 1024)).0.is_empty());
            let (excess, left) = taken(key, "a".repeat(65_537));
            let message = format!("Invalid value of 65537 bytes for configuration {key}: there may be 65536 at most");
            assert_eq!((excess.faults().collect::<Vec<_>>(), left.len() < 2), (vec![(key, message.as_str())], true));
        }
        for key in ["topics", "transforms.t.schema", "topics.regex.other"] {
            assert!(taken(key, "a".repeat(100_000)).0.is_empty(), "{key}");
        }
        let mut settings = ConfigMap::from([("p".to_owned(), "s".repeat(100_000)), ("q".to_owned(), "s".to_owned())]);
        let mut excess = Excess::default();
        excess.take_passwords(&["p".to_owned(), "q".to_owned(), "r".to_owned()], &mut settings);
        assert_eq!((excess.0.len(), settings["p"].as_str(), settings["q"].as_str()), (1, "x", "s"));
    }
}
