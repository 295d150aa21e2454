use std::path::PathBuf;
use std::time::Duration;

use super::*;

#[test]
fn the_path_is_taken_as_it_stands() {
    for (url, path) in [
        ("jdbc:sqlite:/data/orders.db", "/data/orders.db"),
        ("jdbc:sqlite:orders.db", "orders.db"),
        ("jdbc:sqlite:/data/100%25.db", "/data/100%25.db"),
        ("jdbc:sqlite:/data/a%00b.db", "/data/a%00b.db"),
        ("jdbc:sqlite:/data/a@b;c=d&e.db", "/data/a@b;c=d&e.db"),
        ("jdbc:sqlite:/data/Ü ber.db?foreign_keys=on", "/data/Ü ber.db"),
        ("JDBC:SQLite:/Data/X.db", "/Data/X.db"),
    ] {
        assert_eq!(sqlite(url, &[]).place, Place::File(PathBuf::from(path)), "{url}");
    }
    for url in ["jdbc:sqlite:", "jdbc:sqlite::memory:", "jdbc:sqlite::MEMORY:?busy_timeout=1", "jdbc:sqlite:?"] {
        assert_eq!(sqlite(url, &[]).place, Place::Memory, "{url}");
    }
}

#[test]
fn uris_and_resources_are_refused() {
    for url in [
        "jdbc:sqlite:file:/data/x.db",
        "jdbc:sqlite:FILE:/data/x.db?mode=rwc",
        "jdbc:sqlite:file::memory:?cache=shared",
        "jdbc:sqlite::resource:http://evil/x.db",
        "jdbc:sqlite::memory:x",
    ] {
        assert!(error(url, &[]).starts_with("Invalid connection.url: "), "{url}");
    }
}

#[test]
fn every_parameter_that_is_used_arrives() {
    let url = "jdbc:sqlite:/x?foreign_keys=on&busy_timeout=7&journal_mode=wal&synchronous=1&date_class=text\
               &date_precision=seconds&date_string_format=yyyy&open_mode=1";
    let settings = sqlite(url, &[("connection.user", "nobody"), ("connection.password", "none")]);
    assert_eq!(settings.foreign_keys, Some(true));
    assert_eq!(settings.busy_timeout, Duration::from_millis(7));
    assert_eq!((settings.journal_mode.as_deref(), settings.synchronous.as_deref()), (Some("WAL"), Some("NORMAL")));
    assert_eq!((settings.date_class, settings.date_precision), (DateClass::Text, DatePrecision::Seconds));
    assert_eq!(settings.date_format, "yyyy");
    assert!(settings.read_only);
    let settings = sqlite("jdbc:sqlite:/x", &[]);
    assert_eq!((settings.busy_timeout, settings.foreign_keys), (Duration::from_secs(3), None));
    assert_eq!((settings.date_class, settings.date_precision), (DateClass::Integer, DatePrecision::Millis));
    assert!(!settings.read_only);
}

#[test]
fn pragmas_take_nothing_but_their_words() {
    for query in [
        "journal_mode=WAL;ATTACH 'x' AS y",
        "journal_mode=fast",
        "synchronous=4",
        "busy_timeout=1;",
        "open_mode=3",
        "open_mode=64",
        "foreign_keys=2",
        "temp_store=FILE",
        "load_extension=true",
        "enable_load_extension=1",
        "temp_store_directory=/tmp",
        "limit_attached=10",
        "key=geheim",
    ] {
        let text = error(&format!("jdbc:sqlite:/x?{query}"), &[]);
        let name = query.split('=').next().unwrap();
        assert!(text.contains(&format!("parameter {name} of connection.url")), "{query}: {text}");
        assert!(!text.contains("geheim") && !text.contains("ATTACH"), "{text}");
    }
}
