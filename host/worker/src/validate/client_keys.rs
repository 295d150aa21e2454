//! The settings of Kafka's clients, as their `ConfigDef`s of 4.3.1 list them; what each does is told in our words.

use std::collections::HashMap;
use std::sync::LazyLock;

use watertight_data::config::{ConfigKey, Importance, Kind};

/// One line a key: name, type, importance, clients, default (`!`: required, `-`: null, else behind a `=`), and what it
/// is. A key that clients have in different forms has several lines.
const KEYS: &str = include_str!("client_keys.txt");

/// A setting of a client (`producer`, `consumer`, `admin`), if Kafka knows it.
pub(super) fn find(client: &str, name: &str) -> Option<&'static ConfigKey> {
    static TABLE: LazyLock<HashMap<&str, HashMap<&str, ConfigKey>>> = LazyLock::new(|| {
        let mut table: HashMap<&str, HashMap<&str, ConfigKey>> = HashMap::new();
        for (clients, name, key) in KEYS.lines().filter_map(read) {
            for client in clients.split(',') {
                table.entry(client).or_default().insert(name, key.clone());
            }
        }
        table
    });
    TABLE.get(client)?.get(name)
}

fn read(line: &'static str) -> Option<(&'static str, &'static str, ConfigKey)> {
    let mut parts = line.splitn(6, '|');
    let mut next = || parts.next();
    let (name, kind, importance) = (next()?, Kind::from_word(next()?)?, Importance::from_word(next()?)?);
    let (clients, default, documentation) = (next()?, next()?, next()?);
    let key = match (default, default.strip_prefix('=')) {
        (_, Some(default)) => ConfigKey::defaulted(name, kind, default, importance),
        ("!", None) => ConfigKey::required(name, kind, importance),
        _ => ConfigKey::optional(name, kind, importance),
    };
    Some((clients, name, key.documented(documentation)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_key() {
        for line in KEYS.lines() {
            let (clients, _, key) = read(line).unwrap_or_else(|| panic!("{line}"));
            assert!(clients.split(',').all(|client| ["producer", "consumer", "admin"].contains(&client)), "{line}");
            assert!(!key.documentation.is_empty() && key.documentation.ends_with('.'), "{line}");
            assert!(["!", "-"].contains(&line.split('|').nth(4).unwrap()) || key.default.is_some(), "{line}");
        }
    }

    #[test]
    fn a_key_is_of_some_clients_and_not_of_others() {
        assert_eq!(find("producer", "linger.ms").unwrap().default.as_deref(), Some("5"));
        assert!(find("consumer", "linger.ms").is_none());
        let buffer = |client| find(client, "receive.buffer.bytes").unwrap().default.clone().unwrap();
        assert_eq!((buffer("producer"), buffer("admin")), ("32768".to_owned(), "65536".to_owned()));
        assert!(find("consumer", "key.deserializer").unwrap().required);
        assert_eq!(find("admin", "ssl.key.password").unwrap().kind, Kind::Password);
    }
}
