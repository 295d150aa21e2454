use std::collections::HashSet;

use super::*;
use crate::sql::url::parameters::{Effect, TABLE};

#[test]
fn every_name_stands_once_and_every_entry_says_something() {
    for (driver, parameters) in TABLE {
        let mut seen = HashSet::new();
        for parameter in parameters {
            for name in [parameter.name].iter().chain(parameter.aliases) {
                assert!(seen.insert(name.to_ascii_lowercase()), "{driver}: {name} stands twice");
            }
            let text = match parameter.effect {
                Effect::Used(text) | Effect::Ignored(text) | Effect::Only(_, text) | Effect::Refused(text) => text,
            };
            assert!(!text.is_empty(), "{driver}: {}", parameter.name);
        }
    }
}

/// A fitting value for each parameter that is used, and one that does not fit, if there is one.
const PROBES: [(&str, &str, Option<&str>); 37] = [
    ("user", "u", None),
    ("password", "p", None),
    ("sslmode", "require", Some("x")),
    ("ssl", "true", Some("x")),
    ("sslrootcert", "/x", Some("x")),
    ("sslcert", "/x", Some("x")),
    ("sslkey", "/x", Some("x")),
    ("connectTimeout", "1", Some("x")),
    ("loginTimeout", "1", Some("x")),
    ("socketTimeout", "1", Some("x")),
    ("ApplicationName", "x", None),
    ("currentSchema", "x", None),
    ("options", "-csearch_path=x", Some("x")),
    ("targetServerType", "any", Some("x")),
    ("readOnly", "true", Some("x")),
    ("useSSL", "true", Some("x")),
    ("requireSSL", "true", Some("x")),
    ("verifyServerCertificate", "true", Some("x")),
    ("trustServerCertificate", "true", Some("x")),
    ("disableSslHostnameVerification", "true", Some("x")),
    ("serverSslCert", "/x", Some("x")),
    ("trustCertificateKeyStoreUrl", "/x", Some("x")),
    ("clientCertificateKeyStoreUrl", "/x", Some("x")),
    ("connectionTimeZone", "UTC", Some("?")),
    ("zeroDateTimeBehavior", "ROUND", Some("x")),
    ("tinyInt1isBit", "true", Some("x")),
    ("yearIsDateType", "true", Some("x")),
    ("allowPublicKeyRetrieval", "true", Some("x")),
    ("foreign_keys", "true", Some("x")),
    ("busy_timeout", "1", Some("x")),
    ("journal_mode", "WAL", Some("x")),
    ("synchronous", "FULL", Some("x")),
    ("date_class", "TEXT", Some("x")),
    ("date_precision", "SECONDS", Some("x")),
    ("date_string_format", "x", None),
    ("open_mode", "1", Some("x")),
    ("sslMode", "VERIFY_CA", Some("x")),
];

#[test]
fn what_is_said_to_be_used_is_read_by_the_driver_that_it_is_for() {
    let urls = ["jdbc:sqlite:/x", "jdbc:postgresql://db/x", "jdbc:mysql://db/x"];
    for ((driver, parameters), url) in TABLE.into_iter().zip(urls) {
        for parameter in parameters {
            let name = parameter.name;
            let property = format!("connection.{name}");
            let with = |value: &str| {
                let user = if name == "user" { ("other", "x") } else { ("connection.user", "u") };
                read(url, &[user, (&property, value)])
            };
            match parameter.effect {
                Effect::Used(_) => {
                    let probe = PROBES.iter().filter(|(probed, ..)| *probed == name);
                    let (_, good, bad) =
                        probe.clone().next().unwrap_or_else(|| panic!("{driver}: {name} has no probe"));
                    let good = if url.contains("mysql") && name == "sslMode" { "VERIFY_CA" } else { good };
                    assert!(with(good).is_ok(), "{driver} {name}={good}: {:?}", with(good));
                    if let Some(bad) = bad {
                        let text = with(bad).err().unwrap_or_else(|| panic!("{driver}: {name}={bad}")).to_string();
                        assert!(text.contains(&property), "{text}");
                    }
                }
                Effect::Ignored(_) => assert!(with("anything").is_ok(), "{driver} {name}"),
                Effect::Only(values, _) => {
                    for value in values {
                        assert!(with(value).is_ok(), "{driver} {name}={value}");
                    }
                    assert!(with("something else").is_err(), "{driver} {name}");
                }
                Effect::Refused(why) => assert!(with("").err().unwrap().to_string().contains(why), "{driver} {name}"),
            }
        }
    }
}
