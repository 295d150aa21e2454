use super::*;

const USER: (&str, &str) = ("connection.user", "alice");

/// Every scheme with a server.
const SERVERS: [&str; 3] = ["jdbc:postgresql://db/x", "jdbc:mysql://db/x", "jdbc:mariadb://db/x"];

#[test]
fn nothing_of_a_password_shows_in_any_message_or_dump() {
    let others = [USER, ("connection.password", "geheim")];
    for url in [
        "jdbc:mysql://root:ge/heim@db/x",
        "jdbc:mysql://root:ge?heim@db/x",
        "jdbc:mysql://root:ge?x=heim@db/x",
        "jdbc:mysql://root:ge#heim/x",
        "jdbc:mysql://root:geheim/x",
        "jdbc:mysql://root:geheim,db/x",
        "jdbc:mysql://root:geh%zzeim@db/x",
        "jdbc:postgresql://root:geheim@db/x",
        "jdbc:postgresql://db/x?password=geheim%",
        "jdbc:postgresql://db/x?password=a&heim@b=1",
        "jdbc:postgresql://db/x?password=geheim%00",
        "jdbc:postgresql://db/x?password=geheim&password=geheim",
        "jdbc:postgresql://db/x?sslpassword=geheim",
        "jdbc:oracle:thin:geheim/geheim@db",
        "jdbc:geheimgeheimgeheimgeheim://x",
        "geheim://root:geheim@db",
        "geheim",
    ] {
        let text = error(url, &others);
        assert!(!text.contains("heim"), "{url}: {text}");
    }
    for url in ["jdbc:mysql://root:geheim@db/x", "jdbc:postgresql://db/x?password=geheim", "jdbc:postgresql:x"] {
        let dump = format!("{:?}", read(url, &others).unwrap());
        assert!(!dump.contains("geheim") && dump.contains("[hidden]"), "{dump}");
    }
}

#[test]
fn nul_is_refused_wherever_it_stands() {
    for url in [
        "jdbc:postgresql://db/x%00y",
        "jdbc:postgresql://db/x?user=a%00b",
        "jdbc:postgresql://db/x?ApplicationName=a%00b",
        "jdbc:postgresql://db/x?pass%00word=a",
        "jdbc:postgresql://d%00b/x",
        "jdbc:postgresql://db/x\0y",
        "jdbc:mysql://a%00b:c@db/x",
        "jdbc:mysql://a:c%00@db/x",
        "jdbc:mysql://db/x%00",
        "jdbc:sqlite:/x\0.db",
        "jdbc:sqlite:/x?date_string_format=%00",
    ] {
        let text = error(url, &[USER]);
        assert!(text.contains("NUL") || text.contains("control") || text.contains("is none"), "{url}: {text}");
    }
    for name in ["connection.user", "connection.password"] {
        assert!(error("jdbc:mysql://db/x", &[(name, "a\0b")]).contains(name), "{name}");
    }
}

#[test]
fn a_database_s_name_brings_no_parameters_along() {
    let name = "x%3Fsslmode=disable%26user=root%23";
    let settings = postgres(&format!("jdbc:postgresql://db/{name}"), &[USER]);
    assert_eq!(settings.database, "x?sslmode=disable&user=root#");
    assert_eq!((settings.user.as_str(), settings.tls.wish), ("alice", crate::sql::tls::TlsWish::Prefer));
    let settings = mysql("jdbc:mysql://db/x%3FuseSSL=false", &[USER]);
    assert_eq!(settings.database.as_deref(), Some("x?useSSL=false"));
    assert_eq!(settings.tls.wish, crate::sql::tls::TlsWish::Prefer);
    let settings = postgres("jdbc:postgresql://db/x?user=a%26sslmode%3Ddisable", &[]);
    assert_eq!(settings.user, "a&sslmode=disable");
    assert_eq!(settings.tls.wish, crate::sql::tls::TlsWish::Prefer);
}

#[test]
fn a_parameter_is_given_once() {
    for url in [
        "jdbc:postgresql://db/x?sslmode=verify-full&sslmode=disable",
        "jdbc:postgresql://db/x?sslmode=verify-full&sslMode=verify-full",
        "jdbc:postgresql://db/x?sslmode=verify-full&ssl%6dode=disable",
        "jdbc:mysql://db/x?connectionTimeZone=UTC&serverTimezone=Europe/Zurich",
        "jdbc:sqlite:/x?busy_timeout=1&busy_timeout=2",
    ] {
        assert!(error(url, &[USER]).contains("is given twice"), "{url}");
    }
}

#[test]
fn what_asks_for_classes_files_or_statements_is_refused_however_it_is_written() {
    for (server, query) in [
        (0, "socketFactory=java.io.FileOutputStream&socketFactoryArg=/etc/passwd"),
        (0, "sslfactory=org.springframework.context.support.ClassPathXmlApplicationContext"),
        (0, "SSLFACTORY=x"),
        (0, "loggerFile=/etc/passwd"),
        (0, "service=production"),
        (0, "authenticationPluginClassName=x"),
        (0, "sslhostnameverifier=x"),
        (0, "PGHOST=evil"),
        (0, "options=-c%20session_preload_libraries=evil"),
        (0, "socket%46actory=x"),
        (1, "allowLoadLocalInfile=true"),
        (1, "AllowLoadLocalInfile=TRUE"),
        (1, "allowLocalInfile=1"),
        (1, "allowUrlInLocalInfile=yes"),
        (1, "allowLoadLocalInfileInPath=/"),
        (1, "autoDeserialize=true"),
        (1, "allowMultiQueries=true"),
        (1, "sessionVariables=sql_mode=''"),
        (1, "queryInterceptors=com.mysql.cj.jdbc.interceptors.ServerStatusDiffInterceptor"),
        (1, "statementInterceptors=x"),
        (1, "propertiesTransform=x"),
        (1, "socketFactory=x"),
        (1, "serverRSAPublicKeyFile=/etc/passwd"),
        (1, "serverRsaPublicKeyFile=/etc/passwd"),
        (1, "localSocket=/run/x"),
        (1, "useConfigs=x"),
        (2, "allowLocalInfile=true"),
        (2, "initSql=DROP TABLE x"),
    ] {
        let text = error(&format!("{}?{query}", SERVERS[server]), &[USER]);
        assert!(text.contains("not supported") || text.contains("is supported"), "{query}: {text}");
        // And the same as a property of the connector.
        if !query.contains(['&', '%']) {
            let (name, value) = query.split_once('=').unwrap();
            let property = format!("connection.{name}");
            let text = error(SERVERS[server], &[USER, (&property, value)]);
            assert!(text.contains(&format!("configuration {property}")), "{text}");
        }
    }
    for query in ["allowLoadLocalInfile=false", "allowMultiQueries=No", "autoDeserialize="] {
        mysql(&format!("jdbc:mysql://db/x?{query}"), &[]);
    }
}

#[test]
fn an_unknown_parameter_is_named_and_the_known_ones_are_listed() {
    let text = error("jdbc:postgresql://db/x?sslmod=require", &[USER]);
    assert!(text.contains("parameter sslmod of connection.url") && text.contains("sslmode, ssl,"), "{text}");
    let text = error("jdbc:mysql://db/x", &[("connection.oracle.net.x", "1")]);
    assert!(text.contains("configuration connection.oracle.net.x is not known for MySQL"), "{text}");
    let text = error("jdbc:sqlite:/x?vfsname=unix", &[]);
    assert!(text.contains("not known for SQLite") && text.contains("busy_timeout"), "{text}");
}

#[test]
fn the_connector_s_own_settings_are_not_the_driver_s() {
    let others = [("connection.attempts", "3"), ("connection.backoff.ms", "10000"), ("mode", "bulk"), ("table", "x")];
    sqlite("jdbc:sqlite:/x", &others);
    assert!(error("jdbc:sqlite:/x", &[("connection.pool.size", "3")]).contains("connection.pool.size"));
    assert!(error("jdbc:sqlite:/x?attempts=3", &[]).contains("parameter attempts of connection.url"));
}

#[test]
fn too_long_and_too_many_is_refused() {
    assert!(error(&format!("jdbc:sqlite:/{}", "x".repeat(20_000)), &[]).contains("longer than 16384"));
    let hosts = vec!["h"; 17].join(",");
    assert!(error(&format!("jdbc:postgresql://{hosts}/x"), &[USER]).contains("more than 16 hosts"));
    assert_eq!(postgres(&format!("jdbc:postgresql://{}/x", vec!["h"; 16].join(",")), &[USER]).hosts.len(), 16);
}

#[test]
fn other_databases_get_a_list_of_those_that_are_supported() {
    for (url, name) in [
        ("jdbc:oracle:thin:@db:1521/x", "oracle"),
        ("jdbc:sqlserver://db:1433;databaseName=x", "sqlserver"),
        ("jdbc:db2://db/x", "db2"),
        ("jdbc:h2:mem:x", "h2"),
    ] {
        let text = error(url, &[]);
        assert!(text.contains(&format!("no driver for {name}.")), "{text}");
        assert!(text.contains("jdbc:sqlite:PATH") && text.contains("jdbc:mariadb://"), "{text}");
    }
    for url in ["postgresql://db/x", "jdbc", "jdbc:", "jdbc:mysql", "http://x", "jdbc:..:x", "ⓙdbc:sqlite:x", "jdb"] {
        assert!(error(url, &[]).contains("Supported are jdbc:sqlite:PATH"), "{url}");
    }
}

#[test]
fn spellings_of_addresses_that_only_a_resolver_understands_are_no_hosts() {
    for host in
        ["0x7f.1", "2130706433", "127.1", "0177.0.0.1", "127.0.0.1.", "[::ffff:0x7f.1]", "[fe80::1%25eth0]", "a%2eb"]
    {
        for server in SERVERS {
            let text = error(&server.replace("//db", &format!("//{host}")), &[USER]);
            assert!(text.contains("host 1"), "{host}: {text}");
        }
    }
}
