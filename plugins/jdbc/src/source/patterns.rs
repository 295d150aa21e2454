//! Regular expressions for names of tables, and what is said of the tables that match.

use regex_lite::Regex;
use watertight_sdk::{Config, ConfigKey, Failure, Result};

use super::settings::list;

/// Expressions of which one has to match a whole name.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Vec<Regex>);

/// Columns by expressions for tables.
#[derive(Clone, Debug, Default)]
pub struct Mapping(Vec<(Regex, Vec<String>)>);

impl Patterns {
    /// Those of a list.
    pub fn new(key: &ConfigKey, config: &Config) -> Result<Self> {
        list(config, key).iter().map(|text| whole(key, text)).collect::<Result<_>>().map(Self)
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Does one match?
    pub fn matches(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(name))
    }
}

impl Mapping {
    /// `REGEX:COLUMN` or `REGEX:[COLUMN|COLUMN]`, separated by commas.
    pub fn new(key: &ConfigKey, config: &Config) -> Result<Self> {
        let entry = |text: &String| {
            let wrong = |reason: &str| Failure::invalid_value(key.name(), text, reason);
            // The last colon: an expression may have its own, as in (?:a|b).
            let (pattern, columns) =
                text.rsplit_once(':').ok_or_else(|| wrong("an entry is REGEX:COLUMN or REGEX:[COLUMN|COLUMN]"))?;
            let columns = columns.trim();
            let inside = columns.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(columns);
            let columns: Vec<String> =
                inside.split('|').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
            if columns.is_empty() {
                return Err(wrong("no column stands behind the colon"));
            }
            Ok((whole(key, pattern.trim())?, columns))
        };
        list(config, key).iter().map(entry).collect::<Result<_>>().map(Self)
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Columns of the first entry that matches.
    pub fn columns(&self, table: &str) -> Option<&[String]> {
        self.0.iter().find(|(pattern, _)| pattern.is_match(table)).map(|(_, columns)| columns.as_slice())
    }
}

fn whole(key: &ConfigKey, text: &str) -> Result<Regex> {
    Regex::new(&format!("^(?:{text})$"))
        .map_err(|error| Failure::invalid_value(key.name(), text, &format!("Not a regular expression: {error}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::keys::{INCLUDE, TIMESTAMP_MAPPING};
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names_only() {
        let config: Config = [("table.include.list", "public\\.ord.*, shop\\.(a|b)")].into_iter().collect();
        let patterns = Patterns::new(&INCLUDE, &config).unwrap();
        assert!(patterns.matches("public.orders") && patterns.matches("shop.b"));
        assert!(!patterns.matches("my.public.orders") && !patterns.matches("shop.bc"));
    }

    #[test]
    fn columns_are_found_by_table() {
        let config: Config =
            [("timestamp.columns.mapping", "public\\.a:[changed|created],(?:x|y):at")].into_iter().collect();
        let mapping = Mapping::new(&TIMESTAMP_MAPPING, &config).unwrap();
        assert_eq!(mapping.columns("public.a"), Some(&["changed".to_owned(), "created".to_owned()][..]));
        assert_eq!(mapping.columns("y"), Some(&["at".to_owned()][..]));
        assert_eq!(mapping.columns("z"), None);
    }

    #[test]
    fn what_is_no_expression_is_said_with_its_key() {
        let message = |value: &str| {
            let config: Config = [("timestamp.columns.mapping", value)].into_iter().collect();
            Mapping::new(&TIMESTAMP_MAPPING, &config).unwrap_err().message
        };
        assert!(message("a").contains("for configuration timestamp.columns.mapping: an entry is REGEX:COLUMN"));
        assert!(message("a:[]").contains("no column"));
        assert!(message("(a:b").contains("Not a regular expression"));
    }
}
