//! Java properties files, written: enough escaping that any value survives.

use std::fmt::Write as _;
use std::path::Path;

/// Settings in the order given; setting a key again replaces its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties(Vec<(String, String)>);

impl Properties {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        self.set(key, value);
        self
    }

    /// Without one.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.0.retain(|(k, _)| k != key);
        self
    }

    /// Sets one.
    pub fn set(&mut self, key: &str, value: impl std::fmt::Display) {
        let value = value.to_string();
        match self.0.iter_mut().find(|(k, _)| k == key) {
            Some(entry) => entry.1 = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// All, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// As a JSON object of strings, which is how REST wants a connector's settings.
    pub fn to_json(&self) -> serde_json::Value {
        self.0.iter().map(|(k, v)| (k.clone(), serde_json::Value::from(v.as_str()))).collect()
    }

    /// As text.
    pub fn to_text(&self) -> String {
        self.0.iter().fold(String::new(), |mut text, (key, value)| {
            let _ = writeln!(text, "{key}={}", escape(value));
            text
        })
    }

    /// Into a file.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        std::fs::write(path, self.to_text())
    }
}

fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for (i, c) in value.chars().enumerate() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' ' if i == 0 => out.push_str("\\ "),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Properties;

    #[test]
    fn a_key_set_again_keeps_its_place_and_values_are_escaped() {
        let p = Properties::new().with("a", 1).with("b", " x\\y\nz").with("a", 2);
        assert_eq!(p.to_text(), "a=2\nb=\\ x\\\\y\\nz\n");
        assert_eq!(p.without("a").get("a"), None);
    }
}
