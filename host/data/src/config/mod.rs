//! Settings: what keys there are, how their text is read, what is wrong with it.
//!
//! `org.apache.kafka.common.config.ConfigDef`, with its messages, since clients show them to people and tests
//! compare them. A connector's own keys come from its metadata ([`ConfigKey::attributed`] reads the checks), the
//! keys that every connector has from [`connector`].

pub mod connector;
pub mod converter;
mod definition;
mod key;
mod parse;
mod registry;
pub mod topic_creation;
mod validator;

pub use definition::{ConfigDef, ConfigValue, Given, Settings};
pub use key::{ConfigKey, Importance, Kind, Width};
pub use parse::{Parsed, parse};
pub use validator::{Validator, full_match};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    fn said(key: ConfigKey, text: Option<&str>) -> (Option<String>, Vec<String>) {
        let props: IndexMap<String, String> = text.map(|text| ("k".to_owned(), text.to_owned())).into_iter().collect();
        let mut values = ConfigDef::new([key]).validate(&props);
        assert_eq!(values.len(), 1);
        let value = values.remove(0);
        (value.value, value.errors)
    }

    fn fine(kind: Kind, text: &str, shown: &str) {
        let (value, errors) = said(ConfigKey::optional("k", kind, Importance::Low), Some(text));
        assert_eq!((value.as_deref(), errors.as_slice()), (Some(shown), &[][..]), "{kind} {text:?}");
    }

    fn wrong(key: ConfigKey, text: &str, expected: &[&str]) {
        assert_eq!(said(key, Some(text)).1, expected, "{text:?}");
    }

    #[test]
    fn text_is_read_by_javas_rules() {
        for (kind, text, shown) in [
            (Kind::Boolean, " True ", "true"),
            (Kind::Boolean, "FALSE", "false"),
            (Kind::Int, " 7 ", "7"),
            (Kind::Int, "+3", "3"),
            (Kind::Short, "-32768", "-32768"),
            (Kind::Double, "1e3", "1000.0"),
            (Kind::Double, "1.5f", "1.5"),
            (Kind::Double, ".5", "0.5"),
            (Kind::Double, "5.", "5.0"),
            (Kind::Double, "NaN", "NaN"),
            (Kind::Double, "-Infinity", "-Infinity"),
            (Kind::List, " a , b ,c", "a,b,c"),
            (Kind::List, ",", ","),
            (Kind::List, "a,", "a,"),
            (Kind::List, " ", ""),
            (Kind::Password, "secret", "[hidden]"),
            (Kind::Class, " a.B ", "a.B"),
        ] {
            fine(kind, text, shown);
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_in_kafkas_words() {
        for (kind, text, message) in [
            (Kind::Boolean, "yes", "Invalid value yes for configuration k: Expected value to be either true or false"),
            (Kind::Int, "abc", "Invalid value abc for configuration k: Not a number of type INT"),
            (Kind::Int, "2147483648", "Invalid value 2147483648 for configuration k: Not a number of type INT"),
            (Kind::Int, "1_000", "Invalid value 1_000 for configuration k: Not a number of type INT"),
            (Kind::Short, "32768", "Invalid value 32768 for configuration k: Not a number of type SHORT"),
            (Kind::Long, "5L", "Invalid value 5L for configuration k: Not a number of type LONG"),
            (Kind::Double, "inf", "Invalid value inf for configuration k: Not a number of type DOUBLE"),
            (Kind::Double, "1e", "Invalid value 1e for configuration k: Not a number of type DOUBLE"),
        ] {
            wrong(ConfigKey::optional("k", kind, Importance::Low), text, &[message]);
        }
    }

    #[test]
    fn bounds_are_kept() {
        let key = || {
            ConfigKey::defaulted("k", Kind::Int, "5", Importance::Low).attributed([
                ("min", "1"),
                ("max", "10"),
                ("later", "unknown"),
            ])
        };
        wrong(key(), "0", &["Invalid value 0 for configuration k: Value must be at least 1"]);
        wrong(key(), "11", &["Invalid value 11 for configuration k: Value must be no more than 10"]);
        wrong(
            key(),
            "abc",
            &[
                "Invalid value abc for configuration k: Not a number of type INT",
                "Invalid value null for configuration k: Value must be non-null",
            ],
        );
        assert_eq!(said(key(), None), (Some("5".to_owned()), vec![]));
    }

    #[test]
    fn a_nullable_key_may_be_null_whatever_its_checks() {
        let key = ConfigKey::optional("k", Kind::Long, Importance::Low).attributed([
            ("min", "0"),
            ("one-of", "1"),
            ("non-empty", ""),
        ]);
        assert_eq!(said(key, None), (None, vec![]));
    }

    #[test]
    fn words_are_among_those_allowed() {
        let key = ConfigKey::defaulted("k", Kind::String, "a", Importance::Low);
        let one_of = || key.clone().attributed([("one-of", "a"), ("one-of", "b")]);
        wrong(one_of(), "A", &["Invalid value A for configuration k: String must be one of: a, b"]);
        wrong(one_of(), " b ", &[]);
        let ignoring = || key.clone().checked(Validator::one_of_ignoring_case(&["zeta", "b", "alpha"]));
        wrong(ignoring(), "Zeta", &[]);
        wrong(
            ignoring(),
            "c",
            &["Invalid value c for configuration k: String must be one of (case insensitive): ZETA, B, ALPHA"],
        );
        let list =
            || ConfigKey::defaulted("k", Kind::List, "a", Importance::Low).checked(Validator::one_of(&["a", "b"]));
        wrong(list(), "a,c", &["Invalid value c for configuration k: String must be one of: a, b"]);
        wrong(list(), "a,a", &["Configuration 'k' values must not be duplicated."]);
        wrong(list(), "a,,b", &["Configuration 'k' values must not be empty."]);
    }

    #[test]
    fn texts_may_have_to_be_something() {
        let key = ConfigKey::required("k", Kind::String, Importance::High);
        wrong(
            key.clone().attributed([("non-empty", "true")]),
            " ",
            &["Invalid value  for configuration k: String must be non-empty"],
        );
        let name = key.clone().checked(Validator::NonEmptyWithoutControlChars);
        wrong(name.clone(), "", &["Invalid value  for configuration k: String may not be empty"]);
        wrong(
            name,
            "a\u{1}b\u{1f}c\u{7f}\u{85}x\ty",
            &[
                "Invalid value a\u{1}b\u{1f}c\u{7f}\u{85}x\ty for configuration k: String may not contain control sequences but had the following ASCII chars: 1, 31, 127, 133, 9",
            ],
        );
        let pattern = key.attributed([("pattern", "[a-z]+|x1")]);
        wrong(pattern.clone(), "x1", &[]);
        wrong(pattern, "ab1", &["Invalid value ab1 for configuration k: String must match the pattern [a-z]+|x1"]);
    }

    #[test]
    fn a_missing_key_is_named() {
        let key = ConfigKey::required("topic", Kind::String, Importance::High);
        let message = "Missing required configuration \"topic\" which has no default value.";
        let def = ConfigDef::new([key]);
        assert_eq!(def.validate(&IndexMap::new())[0].errors, [message]);
        assert_eq!(def.parse(&IndexMap::new()).unwrap_err().message(), message);
    }

    #[test]
    fn a_dependent_nobody_defined_is_named() {
        let mut key = ConfigKey::defaulted("k", Kind::String, "x", Importance::Low);
        key.dependents.push("nowhere".to_owned());
        let values = ConfigDef::new([key]).validate(&IndexMap::new());
        assert_eq!(values[1].errors, ["nowhere is referred in the dependents, but not defined."]);
        assert!(!values[1].visible);
    }

    #[test]
    fn a_class_that_does_not_exist_is_named() {
        let def = ConfigDef::new([ConfigKey::optional("k", Kind::Class, Importance::Low)]);
        let props = IndexMap::from([("k".to_owned(), "no.Such".to_owned())]);
        let values = def.validate_with(&|key| props.get(key).into(), &|_| None);
        assert_eq!(values[0].errors, ["Invalid value no.Such for configuration k: Class no.Such could not be found."]);
        assert_eq!(values[0].value, None);
    }

    #[test]
    fn a_class_is_shown_by_its_full_name() {
        let def = ConfigDef::new([ConfigKey::optional("k", Kind::Class, Importance::Low)]);
        let values = def.validate_with(&|_| Given::Text(" Such "), &|class| Some(format!("some.{class}")));
        assert_eq!((values[0].value.as_deref(), values[0].errors.len()), (Some("some.Such"), 0));
    }

    #[test]
    fn null_is_not_the_default_and_not_missing() {
        let def = ConfigDef::new([
            ConfigKey::defaulted("n", Kind::Int, "5", Importance::Low).checked(Validator::at_least(1)),
            ConfigKey::required("s", Kind::String, Importance::Low).checked(Validator::NonEmptyWithoutControlChars),
            ConfigKey::defaulted("l", Kind::List, "", Importance::Low).checked(Validator::UniqueAliases),
            ConfigKey::optional("o", Kind::Long, Importance::Low).checked(Validator::at_least(1)),
        ]);
        let values = def.validate_with(&|_| Given::Null, &|_| None);
        let said: Vec<(Option<&str>, Vec<&str>)> = values
            .iter()
            .map(|value| (value.value.as_deref(), value.errors.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(
            said,
            [
                (None, vec!["Invalid value null for configuration n: Value must be non-null"]),
                (None, vec![]),
                (None, vec!["Invalid value null for configuration l: entry must be non null"]),
                (None, vec![]),
            ]
        );
    }

    #[test]
    fn parsed_settings_have_their_types() {
        let def = ConfigDef::new([
            ConfigKey::defaulted("n", Kind::Int, "5", Importance::Low),
            ConfigKey::defaulted("l", Kind::List, "a,b", Importance::Low),
            ConfigKey::defaulted("b", Kind::Boolean, "true", Importance::Low),
            ConfigKey::optional("s", Kind::String, Importance::Low),
        ]);
        let settings = def.parse(&IndexMap::from([("n".to_owned(), "6".to_owned())])).unwrap();
        assert_eq!(settings.integer("n"), Some(6));
        assert_eq!(settings.list("l"), Some(&["a".to_owned(), "b".to_owned()][..]));
        assert_eq!(settings.boolean("b"), Some(true));
        assert_eq!(settings.text("s"), None);
    }
}
