//! Kafka's words.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::{Config, ConfigKey, Kind};

const SIZE: ConfigKey =
    ConfigKey::new("size", Kind::Int).default_value("10").attributes(&[("min", "1"), ("max", "99")]);
const TOPIC: ConfigKey = ConfigKey::new("topic", Kind::String).attributes(&[("non-empty", "")]);
const FLAG: ConfigKey = ConfigKey::new("flag", Kind::Boolean).default_value("false");
const NAMES: ConfigKey = ConfigKey::new("names", Kind::List).optional();

fn with(name: &str, value: &str) -> Config {
    [(name, value)].into_iter().collect()
}

#[test]
fn a_number_is_taken_from_the_setting_or_the_default() {
    assert_eq!(Config::default().int(&SIZE), Ok(10));
    assert_eq!(with("size", " 42 ").int(&SIZE), Ok(42));
}

#[test]
fn errors_are_kafkas() {
    let message = |config: Config| config.int(&SIZE).unwrap_err().message;
    assert_eq!(message(with("size", "many")), "Invalid value many for configuration size: Not a number of type INT");
    assert_eq!(message(with("size", "0")), "Invalid value 0 for configuration size: Value must be at least 1");
    assert_eq!(message(with("size", "100")), "Invalid value 100 for configuration size: Value must be no more than 99");
    assert_eq!(
        Config::default().string(&TOPIC).unwrap_err().message,
        "Missing required configuration \"topic\" which has no default value."
    );
    assert_eq!(
        with("topic", "").string(&TOPIC).unwrap_err().message,
        "Invalid value  for configuration topic: String must be non-empty"
    );
    assert_eq!(
        with("flag", "maybe").boolean(&FLAG).unwrap_err().message,
        "Invalid value maybe for configuration flag: Expected value to be either true or false"
    );
}

#[test]
fn booleans_and_lists_are_read_as_in_kafka() {
    assert_eq!(with("flag", "TRUE").boolean(&FLAG), Ok(true));
    assert_eq!(with("names", "a, b ,c").list(&NAMES), ["a", "b", "c"]);
    assert!(with("names", " ").list(&NAMES).is_empty());
    assert!(Config::default().list(&NAMES).is_empty());
}

#[test]
fn a_task_gets_the_configuration_with_its_own_changes() {
    let config = with("id", "0").with("id", "7").with("more", "x");
    assert_eq!((config.get("id"), config.settings().len()), (Some("7"), 2));
}
