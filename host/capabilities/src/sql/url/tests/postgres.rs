use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::sql::tls::{Pem, TlsWish};

const USER: (&str, &str) = ("connection.user", "alice");

#[test]
fn hosts_ports_and_databases_are_read_as_the_driver_reads_them() {
    for (url, hosts, database) in [
        ("jdbc:postgresql://db.example.com/orders", "db.example.com:5432", "orders"),
        ("jdbc:postgresql://db.example.com:6432/orders", "db.example.com:6432", "orders"),
        ("jdbc:postgresql://DB.example.com./orders", "db.example.com:5432", "orders"),
        ("jdbc:postgresql://a:1,b,c:3/orders", "a:1,b:5432,c:3", "orders"),
        ("jdbc:postgresql://10.0.0.1/orders", "10.0.0.1:5432", "orders"),
        ("jdbc:postgresql://[::1]/orders", "::1:5432", "orders"),
        ("jdbc:postgresql://[2001:db8::1]:6432,[::2]/orders", "2001:db8::1:6432,::2:5432", "orders"),
        ("jdbc:postgresql:orders", "localhost:5432", "orders"),
        ("jdbc:postgresql:", "localhost:5432", "alice"),
        ("jdbc:postgresql:/", "", ""),
        ("jdbc:postgresql://", "localhost:5432", "alice"),
        ("jdbc:postgresql:///", "localhost:5432", "alice"),
        ("jdbc:postgresql:///orders", "localhost:5432", "orders"),
        ("jdbc:postgresql://:6432/orders", "localhost:6432", "orders"),
        ("jdbc:postgresql://db/", "db:5432", "alice"),
        ("jdbc:postgresql://db/my%20orders", "db:5432", "my orders"),
        ("jdbc:postgresql://db/my+orders%2F1", "db:5432", "my orders/1"),
        ("JDBC:PostgreSQL://db/orders", "db:5432", "orders"),
        ("  jdbc:postgresql://db/orders\n", "db:5432", "orders"),
    ] {
        if hosts.is_empty() {
            assert!(error(url, &[USER]).contains("two slashes"), "{url}");
            continue;
        }
        let settings = postgres(url, &[USER]);
        assert_eq!((shown(&settings.hosts).as_str(), settings.database.as_str()), (hosts, database), "{url}");
    }
}

#[test]
fn the_url_goes_before_properties_of_the_same_name() {
    let others = [USER, ("connection.password", "one"), ("connection.sslmode", "disable")];
    let settings = postgres("jdbc:postgresql://db/x?user=bob&password=t%26wo+o&sslMode=require", &others);
    assert_eq!(settings.user, "bob");
    assert_eq!(settings.password.unwrap().expose(), "t&wo o");
    assert_eq!(settings.tls.wish, TlsWish::Require);
    let settings = postgres("jdbc:postgresql://db/x", &others);
    assert_eq!((settings.user.as_str(), settings.password.unwrap().expose()), ("alice", "one"));
    assert_eq!(settings.tls.wish, TlsWish::Disable);
}

#[test]
fn a_missing_user_and_a_missing_url_are_named() {
    assert_eq!(
        error("jdbc:postgresql://db/x", &[]),
        "Missing configuration \"connection.user\": PostgreSQL has no anonymous user."
    );
    for properties in [vec![], vec![("connection.url", " ")], vec![("other.url", "jdbc:sqlite:x")]] {
        let error = Settings::read(PREFIX, properties).unwrap_err().to_string();
        assert_eq!(error, "Missing required configuration \"connection.url\" which has no default value.");
    }
}

#[test]
fn the_driver_s_defaults_hold() {
    let settings = postgres("jdbc:postgresql://db/x", &[USER]);
    assert!(settings.password.is_none());
    assert_eq!(settings.tls.wish, TlsWish::Prefer);
    assert_eq!(settings.connect_timeout, Some(Duration::from_secs(10)));
    assert_eq!((settings.login_timeout, settings.socket_timeout), (None, None));
    assert_eq!(settings.target, Target::Any);
    assert!(!settings.read_only);
}

#[test]
fn every_parameter_that_is_used_arrives() {
    let query = "connectTimeout=3&loginTimeout=4&socketTimeout=5&ApplicationName=w%20t&currentSchema=a,b\
                 &targetServerType=preferSlave&stringtype=unspecified&readOnly=true&sslmode=verify-full\
                 &sslrootcert=/certs/ca.pem&sslcert=/certs/c.pem&sslkey=file:///certs/k.pk8";
    let settings = postgres(&format!("jdbc:postgresql://db/x?{query}"), &[USER]);
    assert_eq!(settings.connect_timeout, Some(Duration::from_secs(3)));
    assert_eq!(settings.login_timeout, Some(Duration::from_secs(4)));
    assert_eq!(settings.socket_timeout, Some(Duration::from_secs(5)));
    assert_eq!(settings.application_name.as_deref(), Some("w t"));
    assert_eq!(settings.search_path.as_deref(), Some("a,b"));
    assert_eq!(settings.target, Target::PreferSecondary);
    assert!(settings.read_only);
    let file = |path: &str| Some(Pem::File(PathBuf::from(path)));
    assert_eq!(settings.tls.wish, TlsWish::VerifyFull);
    assert_eq!(settings.tls.roots, file("/certs/ca.pem"));
    assert_eq!((settings.tls.certificate, settings.tls.key), (file("/certs/c.pem"), file("/certs/k.pk8")));
    let settings = postgres("jdbc:postgresql://db/x?connectTimeout=0&socketTimeout=0", &[USER]);
    assert_eq!((settings.connect_timeout, settings.socket_timeout), (None, None));
}

#[test]
fn how_much_of_tls_is_wanted_is_what_the_driver_documents() {
    for (query, wish) in [
        ("", TlsWish::Prefer),
        ("ssl=true", TlsWish::VerifyFull),
        ("ssl", TlsWish::VerifyFull),
        ("ssl=", TlsWish::VerifyFull),
        ("ssl=false", TlsWish::Prefer),
        ("ssl=true&sslmode=require", TlsWish::Require),
        ("sslmode=allow", TlsWish::Allow),
        ("sslmode=REQUIRE", TlsWish::Require),
        ("sslmode=require&sslrootcert=/ca.pem", TlsWish::VerifyCa),
        ("sslmode=verify-ca", TlsWish::VerifyCa),
        ("sslmode=prefer&sslrootcert=/ca.pem", TlsWish::Prefer),
    ] {
        assert_eq!(postgres(&format!("jdbc:postgresql://db/x?{query}"), &[USER]).tls.wish, wish, "{query}");
    }
    for query in ["sslmode=verify_full", "sslmode=none", "ssl=maybe"] {
        assert!(error(&format!("jdbc:postgresql://db/x?{query}"), &[USER]).contains("parameter ssl"), "{query}");
    }
}

#[test]
fn of_options_only_the_search_path_is_taken() {
    let url = |options: &str| format!("jdbc:postgresql://db/x?options={options}");
    for (options, path) in [
        ("-c%20search_path=a,b", "a,b"),
        ("-csearch_path=a", "a"),
        ("--search_path=a", "a"),
        ("-c+search_path=%22My%22", "\"My\""),
    ] {
        assert_eq!(postgres(&url(options), &[USER]).search_path.as_deref(), Some(path), "{options}");
    }
    for options in [
        "-c%20statement_timeout=5",
        "-c%20search_path=a%20-c%20session_preload_libraries=x",
        "-c%20search_path=a%5C%20-c",
        "-c%20search_path=",
        "-c%20search_path_x=a",
        "search_path=a",
        "--config_file=/etc/passwd",
        "-c%20search_path=a%09-clocal_preload_libraries=x",
        "-c%20search_path=a&currentSchema=b",
    ] {
        assert!(error(&url(options), &[USER]).contains("options of connection.url"), "{options}");
    }
}

#[test]
fn a_url_that_the_driver_refuses_is_refused() {
    for (url, reason) in [
        ("jdbc:postgresql://db", "a '/' must end host and port"),
        ("jdbc:postgresql://db?ssl=true", "a '/' must end host and port"),
        ("jdbc:postgresql://db/a/b", "too many '/'"),
        ("jdbc:postgresql://db:0/x", "host 1 has a port"),
        ("jdbc:postgresql://a,db:99999/x", "host 2 has a port"),
        ("jdbc:postgresql://db:+5432/x", "host 1 has a port"),
        ("jdbc:postgresql://2001:db8::1/x", "host 1 is none"),
        ("jdbc:postgresql://bob:secret@db/x", "before the host"),
        ("jdbc:postgresql://db/x%", "the database has a '%'"),
        ("jdbc:postgresql://db/x%zz", "the database has a '%'"),
        ("jdbc:postgresql://db/%ff", "the database is not UTF-8"),
        ("jdbc:postgresql://db/x?connectTimeout=-1", "parameter connectTimeout of connection.url"),
        ("jdbc:postgresql://db/x?connectTimeout=1.5", "not a number of 0 or more"),
        ("jdbc:postgresql://db/x?connectTimeout=99999999999", "not a number of 0 or more"),
        ("jdbc:postgresql://db/x?targetServerType=leader", "none of any, primary"),
    ] {
        assert!(error(url, &[USER]).contains(reason), "{url}: {}", error(url, &[USER]));
    }
}
