use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::sql::tls::{Pem, TlsWish};

#[test]
fn hosts_ports_and_databases_are_read_as_the_drivers_read_them() {
    for (url, hosts, database) in [
        ("jdbc:mysql://db.example.com/orders", "db.example.com:3306", Some("orders")),
        ("jdbc:mariadb://db.example.com:3307/orders", "db.example.com:3307", Some("orders")),
        ("jdbc:mysql://db", "db:3306", None),
        ("jdbc:mysql://db/", "db:3306", None),
        ("jdbc:mysql://db?useSSL=false", "db:3306", None),
        ("jdbc:mysql:///orders", "localhost:3306", Some("orders")),
        ("jdbc:mysql://:3307/", "localhost:3307", None),
        ("jdbc:mysql://a,b:2,[::1]:3,[::2]/orders", "a:3306,b:2,::1:3,::2:3306", Some("orders")),
        ("jdbc:mysql://db/my%2Forders+x", "db:3306", Some("my/orders+x")),
    ] {
        let settings = mysql(url, &[]);
        assert_eq!((shown(&settings.hosts).as_str(), settings.database.as_deref()), (hosts, database), "{url}");
    }
}

#[test]
fn user_and_password_stand_before_the_host_in_parameters_or_in_properties() {
    let others = [("connection.user", "alice"), ("connection.password", "one")];
    for (url, user, password) in [
        ("jdbc:mysql://db/x", "alice", "one"),
        ("jdbc:mysql://db/x?user=bob&password=t%26wo%2B+", "bob", "t&wo++"),
        ("jdbc:mysql://bob:p%40ss%3Aword@db/x", "bob", "p@ss:word"),
        ("jdbc:mysql://bob:p@ss@db/x", "bob", "p@ss"),
        ("jdbc:mysql://bob@db/x", "bob", "one"),
        ("jdbc:mysql://:two@db/x", "alice", "two"),
        ("jdbc:mysql://bob:@db/x", "bob", ""),
        ("jdbc:mysql://bob:three@db/x?user=carol&password=four", "bob", "three"),
    ] {
        let settings = mysql(url, &others);
        assert_eq!((settings.user.as_str(), settings.password.unwrap().expose()), (user, password), "{url}");
    }
    let settings = mysql("jdbc:mysql://db/x", &[]);
    assert_eq!((settings.user.as_str(), settings.password), ("", None));
}

#[test]
fn the_defaults_are_those_of_the_driver_whose_url_it_is() {
    let settings = mysql("jdbc:mysql://db/x", &[]);
    assert_eq!((settings.scheme, settings.tls.wish), (Scheme::Mysql, TlsWish::Prefer));
    assert_eq!((settings.connect_timeout, settings.zero_dates), (None, ZeroDates::Refuse));
    assert!(settings.tiny_int_is_bit && settings.year_is_date && !settings.retrieve_public_key);
    let settings = mysql("jdbc:mariadb://db/x", &[]);
    assert_eq!((settings.scheme, settings.tls.wish), (Scheme::Mariadb, TlsWish::Disable));
    assert_eq!((settings.connect_timeout, settings.zero_dates), (Some(Duration::from_secs(30)), ZeroDates::Null));
}

#[test]
fn every_parameter_that_is_used_arrives() {
    let query = "connectTimeout=3000&socketTimeout=4000&serverTimezone=Europe/Zurich&zeroDateTimeBehavior=convertToNull\
                 &TINYINT1ISBIT=false&yearIsDateType=false&allowPublicKeyRetrieval=true";
    let settings = mysql(&format!("jdbc:mysql://db/x?{query}"), &[]);
    assert_eq!(settings.connect_timeout, Some(Duration::from_secs(3)));
    assert_eq!(settings.socket_timeout, Some(Duration::from_secs(4)));
    assert_eq!(settings.time_zone.as_deref(), Some("Europe/Zurich"));
    assert_eq!(settings.zero_dates, ZeroDates::Null);
    assert!(!settings.tiny_int_is_bit && !settings.year_is_date && settings.retrieve_public_key);
}

#[test]
fn time_zones_are_names_or_the_drivers_words() {
    let zone = |value: &str| mysql("jdbc:mysql://db/x", &[("connection.connectionTimeZone", value)]).time_zone;
    assert_eq!(zone("LOCAL"), None);
    assert_eq!(zone("server").as_deref(), Some("SERVER"));
    assert_eq!(zone("+02:00").as_deref(), Some("+02:00"));
    assert_eq!(zone("Etc/GMT-5").as_deref(), Some("Etc/GMT-5"));
    for value in ["UTC'; DROP TABLE x", "../../etc/passwd", "a b"] {
        let text = error("jdbc:mysql://db/x", &[("connection.connectionTimeZone", value)]);
        assert!(text.contains("not the name of a time zone"), "{text}");
    }
}

#[test]
fn how_much_of_tls_is_wanted_is_what_each_driver_documents() {
    for (url, wish) in [
        ("jdbc:mysql://db/x?useSSL=false", TlsWish::Disable),
        ("jdbc:mysql://db/x?useSSL=false&requireSSL=true", TlsWish::Disable),
        ("jdbc:mysql://db/x?useSSL=true", TlsWish::Prefer),
        ("jdbc:mysql://db/x?useSSL=true&requireSSL=true", TlsWish::Require),
        ("jdbc:mysql://db/x?requireSSL=true", TlsWish::Require),
        ("jdbc:mysql://db/x?useSSL=true&verifyServerCertificate=true", TlsWish::VerifyCa),
        ("jdbc:mysql://db/x?sslMode=VERIFY_IDENTITY&useSSL=false", TlsWish::VerifyFull),
        ("jdbc:mysql://db/x?sslMode=required", TlsWish::Require),
        ("jdbc:mysql://db/x?sslMode=REQUIRED&serverSslCert=/ca.pem", TlsWish::VerifyCa),
        ("jdbc:mariadb://db/x?useSsl=true", TlsWish::VerifyFull),
        ("jdbc:mariadb://db/x?useSsl=true&trustServerCertificate=true", TlsWish::Require),
        ("jdbc:mariadb://db/x?useSsl=true&disableSslHostnameVerification=true", TlsWish::VerifyCa),
        ("jdbc:mariadb://db/x?verifyServerCertificate=true", TlsWish::VerifyCa),
        ("jdbc:mariadb://db/x?sslMode=trust", TlsWish::Require),
        ("jdbc:mariadb://db/x?sslMode=verify-full", TlsWish::VerifyFull),
    ] {
        assert_eq!(mysql(url, &[]).tls.wish, wish, "{url}");
    }
}

#[test]
fn certificates_are_pem_files_or_pem_itself() {
    let file = |path: &str| Some(Pem::File(PathBuf::from(path)));
    let tls = mysql(
        "jdbc:mysql://db/x?trustCertificateKeyStoreUrl=file:/ca.pem&trustCertificateKeyStoreType=PEM\
         &clientCertificateKeyStoreUrl=file:///c.pem",
        &[],
    )
    .tls;
    assert_eq!((tls.roots, tls.certificate, tls.key), (file("/ca.pem"), file("/c.pem"), file("/c.pem")));
    let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let tls = mysql("jdbc:mariadb://db/x", &[("connection.serverSslCert", pem)]).tls;
    assert_eq!(tls.roots, Some(Pem::Text(pem.into())));
    for query in [
        "trustCertificateKeyStoreUrl=http://evil/ca.pem",
        "trustCertificateKeyStoreUrl=file://evil/ca.pem",
        "serverSslCert=classpath:ca.pem",
        "serverSslCert=ca.pem",
        "trustCertificateKeyStoreType=JKS",
        "trustCertificateKeyStorePassword=geheim",
        "keyStoreType=PKCS12",
        "serverSslCert=/a&trustStore=/b",
    ] {
        let text = error(&format!("jdbc:mysql://db/x?{query}"), &[]);
        assert!(!text.contains("geheim") && !text.contains("evil"), "{text}");
    }
}

#[test]
fn other_ways_to_say_where_are_refused() {
    for url in [
        "jdbc:mysql:loadbalance://a,b/x",
        "jdbc:mysql:replication://a,b/x",
        "jdbc:mariadb:sequential://a,b/x",
        "jdbc:mysql+srv://a/x",
        "jdbc:mysql:x",
        "jdbc:mysql://address=(host=a)(port=1)/x",
        "jdbc:mysql://(host=a,port=1)/x",
        "jdbc:mysql://u:p@a,v:q@b/x",
        "jdbc:mysql://db:port/x",
        "jdbc:mysql://db:3306:3306/x",
    ] {
        assert!(error(url, &[]).starts_with("Invalid connection.url: "), "{url}");
    }
}
