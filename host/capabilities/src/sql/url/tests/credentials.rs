use super::*;

#[test]
fn what_holds_no_secret_is_left_as_it_is() {
    for url in [
        "",
        "jdbc:sqlite:/data/orders.db",
        "jdbc:sqlite:/data/a@b;c=d.db?foreign_keys=on",
        "jdbc:sqlite::memory:",
        "jdbc:postgresql:orders",
        "jdbc:postgresql://a:5432,[::1]:5433/orders?user=alice&sslmode=require&",
        "jdbc:postgresql://a/orders?user=alice@example.com",
        "jdbc:postgresql://a/orders?",
        "jdbc:mysql://a",
        "jdbc:mariadb://a:3306/",
        "jdbc:mysql://a/x?allowPublicKeyRetrieval=true&serverTimezone=Europe/Zurich",
        "jdbc:mariadb://a/x?serverSslCert=/ca.pem",
    ] {
        assert!(!has_credentials(url), "{url}: {}", without_credentials(url));
        assert_eq!(without_credentials(url), url);
    }
}

#[test]
fn secrets_are_taken_out_wherever_they_stand() {
    for (url, clear) in [
        ("jdbc:postgresql://a/x?user=u&password=p&ssl=true", "jdbc:postgresql://a/x?user=u&ssl=true"),
        ("jdbc:postgresql://a/x?password=p", "jdbc:postgresql://a/x"),
        ("jdbc:postgresql://a/x?PassWord=p@q/r;s", "jdbc:postgresql://a/x"),
        ("jdbc:postgresql://a/x?p%61ssword=p", "jdbc:postgresql://a/x"),
        ("jdbc:postgresql://a/x?sslpassword=p&ssl=true", "jdbc:postgresql://a/x?ssl=true"),
        ("jdbc:postgresql:x?password=p", "jdbc:postgresql:x"),
        ("jdbc:postgresql://u:p@a/x", "jdbc:postgresql://a/x"),
        ("jdbc:mysql://u:p@a:1,b/x", "jdbc:mysql://a:1,b/x"),
        ("jdbc:mysql://u:p@q@a/x?useSSL=false", "jdbc:mysql://a/x?useSSL=false"),
        ("jdbc:mysql://a/x?trustStorePassword=p&keyPassword=q", "jdbc:mysql://a/x"),
        ("jdbc:mysql://a/x?password1=p", "jdbc:mysql://a/x"),
        ("postgres://u:p@a/x", "postgres://a/x"),
        ("jdbc:sqlite:/x?password=p", "jdbc:sqlite:/x"),
    ] {
        assert!(has_credentials(url), "{url}");
        assert_eq!(without_credentials(url), clear);
        assert!(!has_credentials(clear), "{clear}");
    }
}

#[test]
fn of_what_nobody_understands_only_the_scheme_is_left() {
    for url in [
        "jdbc:mysql://root:gehe/im@a/x",
        "jdbc:mysql://root:gehe?im@a/x",
        "jdbc:mysql://root:gehe?im=1@a/x",
        "jdbc:mysql://root:geheim/x",
        "jdbc:mysql://root:geheim",
        "jdbc:mysql://(host=a,password=geheim)/x",
        "jdbc:mysql://address=(host=a)(password=geheim)/x",
        "jdbc:postgresql://a/x@geheim",
        "jdbc:postgresql://a/x&password=geheim",
        "jdbc:postgresql://a/x;password=geheim",
        "jdbc:postgresql://a/x?ssl=true;password=geheim",
        "jdbc:postgresql://a/x?ssl=true?password=geheim",
        "jdbc:postgresql://a/x?a b=geheim",
        "jdbc:postgresql:x password=geheim",
        "jdbc:oracle:thin:scott/geheim@a:1521/x",
        "jdbc:sqlserver://a:1433;user=u;password={geheim}",
        "jdbc:sqlite:/x?a&b c=geheim",
        "mysql://root:ge/geheim@a/x",
        "root:geheim@a",
        "password=geheim",
    ] {
        assert!(has_credentials(url), "{url}");
        let clear = without_credentials(url);
        assert!(!clear.contains("gehe") && !clear.contains("root") && clear.ends_with("..."), "{url}: {clear}");
    }
}

#[test]
fn text_without_sense_does_no_harm() {
    for url in [
        "jdbc:",
        "jdbc",
        "://",
        "//",
        "?",
        "&&&",
        "@",
        "jdbc:x:y:z",
        "é://é:é@é",
        "jdbc:é",
        "jdb\u{e9}:x",
        "%",
        "a?%ff=1",
    ] {
        let clear = without_credentials(url);
        assert!(clear.len() <= url.len() + 3, "{url}: {clear}");
    }
}
