//! What goes wrong, in words that help and without a password in them.

use super::*;
use watertight_harness::postgres::Certificate;

fn no_password(fault: &Fault) {
    assert!(!format!("{fault:?}").contains("geheim") && !format!("{fault:?}").contains("Tr0ub4dor"), "{fault:?}");
}

async fn refused(server: &Postgres, settings: &[(&str, &str)]) -> Fault {
    let fault = open_with(server, &limits(), settings).await.err().expect("a connection where there should be none");
    no_password(&fault);
    fault
}

#[tokio::test]
async fn faults_name_the_setting_that_mends_them() {
    let Some(mut server) = server("faults") else { return };
    settings(&server).await;
    of_the_session(&server).await;
    deadlocks(&server).await;
    limited(&server).await;
    a_server_that_goes(&mut server).await;
}

async fn settings(server: &Postgres) {
    let fault = refused(server, &[("connection.password", "wrong, geheim")]).await;
    assert_eq!((fault.code.as_str(), fault.sqlstate.as_deref(), fault.retriable), ("config", Some("28P01"), false));
    assert!(fault.message.contains("connection.password"), "{}", fault.message);
    let url = server.url().replace("/shop", "/none");
    let fault = refused(server, &[("connection.url", &url)]).await;
    assert_eq!((fault.code.as_str(), fault.sqlstate.as_deref()), ("config", Some("3D000")));
    let fault = refused(server, &[("connection.sslmode", "require")]).await;
    assert_eq!((fault.code.as_str(), fault.retriable), ("config", false));
    assert!(fault.message.contains("connection.sslmode"), "{}", fault.message);
    let fault = refused(server, &[("connection.url", "jdbc:postgresql://127.0.0.1:1/shop")]).await;
    assert_eq!(fault.code, "denied");
    assert!(fault.message.contains("sandbox.net.allow: 127.0.0.1:1"), "{}", fault.message);
    let fault = refused(server, &[("connection.url", &format!("{}?targetServerType=secondary", server.url()))]).await;
    assert!(fault.retriable && fault.message.contains("targetServerType"), "{}", fault.message);
}

async fn of_the_session(server: &Postgres) {
    let settings = [
        ("connection.currentSchema", "a,public"),
        ("connection.ApplicationName", "it's"),
        ("connection.readOnly", "true"),
    ];
    let mut connection = open_with(server, &limits(), &settings).await.unwrap();
    let sql = "SELECT concat_ws('|', current_setting('search_path'), current_setting('application_name'), \
        current_setting('TimeZone'), current_setting('statement_timeout'))";
    assert_eq!(value(&mut connection, sql).await, text("a,public|it's|UTC|0"));
    let fault = run(&mut connection, "CREATE TABLE t ()").await.unwrap_err();
    assert_eq!(fault.sqlstate.as_deref(), Some("25006"));
    let fault = run(&mut connection, "SELECT 1 FROM nowhere").await.unwrap_err();
    assert_eq!(fault.message, "ERROR: relation \"nowhere\" does not exist");
    assert_eq!((fault.code.as_str(), fault.retriable, fault.lost), ("sql", false, false));
    assert!(connection.valid().await);
}

async fn deadlocks(server: &Postgres) {
    let (mut one, mut other) = (open(server).await, open(server).await);
    run(&mut one, "CREATE TABLE d AS SELECT n, 0 AS v FROM generate_series(1, 2) n").await.unwrap();
    one.begin(None, false).await.unwrap();
    other.begin(None, false).await.unwrap();
    run(&mut one, "UPDATE d SET v = 1 WHERE n = 1").await.unwrap();
    run(&mut other, "UPDATE d SET v = 2 WHERE n = 2").await.unwrap();
    let both = tokio::join!(
        run(&mut one, "UPDATE d SET v = 1 WHERE n = 2"),
        run(&mut other, "UPDATE d SET v = 2 WHERE n = 1"),
    );
    let fault = both.0.err().or(both.1.err()).expect("no deadlock");
    assert_eq!((fault.sqlstate.as_deref(), fault.retriable, fault.lost), (Some("40P01"), true, false));
}

async fn limited(server: &Postgres) {
    let limits = SqlLimits { statement: Duration::from_secs(1), ..limits() };
    let mut connection = open_with(server, &limits, &[]).await.unwrap();
    let fault = run(&mut connection, "SELECT pg_sleep(60)").await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.sqlstate.as_deref()), ("timeout", Some("57014")));
    // Rows have no end that the server sets: a guest may take its time between them.
    let sql = "SELECT n FROM generate_series(1, 3000) n".to_owned();
    let mut rows = connection.query(sql, Vec::new(), Vec::new()).await.unwrap();
    assert_eq!(rows.next(most(10)).await.unwrap().rows.len(), 10);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(to_the_end(&mut rows).await.unwrap().len(), 2_990);
    // But a server that says nothing for so long is given up.
    let mut rows = connection.query("SELECT pg_sleep(60)".into(), Vec::new(), Vec::new()).await.unwrap();
    let waited = loop {
        match rows.next(Portion { wait: Duration::from_millis(100), ..most(10) }).await {
            Ok(batch) => assert!(batch.rows.is_empty()),
            Err(fault) => break fault,
        }
    };
    assert_eq!(waited.code, "timeout");
    assert!(waited.message.contains("sandbox.sql.statement.ms = 1000"), "{}", waited.message);
    drop(rows);
    assert!(connection.valid().await);
}

async fn a_server_that_goes(server: &mut Postgres) {
    let (mut connection, mut reading) = (open(server).await, open(server).await);
    let mut rows = reading.query("SELECT generate_series(1, 100000000)".into(), Vec::new(), Vec::new()).await.unwrap();
    rows.next(most(10)).await.unwrap();
    let pid = value(&mut connection, "SELECT pg_backend_pid()").await;
    let ValueNode::Integer(pid) = pid else { panic!("{pid:?}") };
    server.administer(&format!("SELECT pg_terminate_backend({pid});")).unwrap();
    let fault = loop {
        if let Err(fault) = run(&mut connection, "SELECT 1").await {
            break fault;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((fault.code.as_str(), fault.lost, fault.retriable), ("unavailable", true, true));
    server.kill();
    let fault = to_the_end(&mut rows).await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.lost, fault.retriable), ("unavailable", true, true));
    assert!(!connection.valid().await);
    drop(rows);
    assert!(!reading.valid().await);
    let fault = refused(server, &[]).await;
    assert_eq!((fault.code.as_str(), fault.retriable), ("unavailable", true));
    server.restart().unwrap();
    let mut connection = open(server).await;
    assert_eq!(value(&mut connection, "SELECT 1").await, int(1));
}

#[tokio::test]
async fn a_server_with_tls_is_verified_as_far_as_is_asked() {
    let dir = paths::test_dir("postgres-tls").unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
    let certificate = Certificate { certificate: here.join("server.pem"), key: here.join("server.key"), clients: None };
    let Some(_) = skips::unless("postgres-tls", Programs::fetch()).unwrap() else { return };
    let server = Postgres::start_with_tls(&dir, &certificate).unwrap();
    let roots = FileRoots::parse(here.to_str().unwrap(), Path::new("/")).unwrap();
    let roots = Arc::new(roots);
    let net = Arc::new(NetPolicy::parse(&server.address()).unwrap());
    let authority = here.join("authority.pem").display().to_string();
    let other = here.join("other.pem").display().to_string();
    for (mode, roots_file, expected) in [
        ("disable", None, Err("connection.sslmode")),
        ("prefer", None, Ok("SCRAM with TLS")),
        ("require", None, Ok("")),
        ("verify-ca", Some(&authority), Ok("")),
        ("verify-ca", Some(&other), Err("connection.sslmode")),
        ("require", Some(&other), Err("connection.sslmode")),
    ] {
        let mut all = HashMap::from([
            ("connection.url".to_owned(), server.url()),
            ("connection.user".to_owned(), USER.to_owned()),
            ("connection.password".to_owned(), PASSWORD.to_owned()),
            ("connection.sslmode".to_owned(), mode.to_owned()),
        ]);
        all.extend(roots_file.map(|file| ("connection.sslrootcert".to_owned(), file.clone())));
        let databases = Databases::new(all, Arc::clone(&roots), Arc::clone(&net));
        match (databases.open("connection.", &limits()).await, expected) {
            (Ok(mut connection), Ok(_)) => {
                let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
                assert_eq!(value(&mut connection, sql).await, ValueNode::Boolean(true), "{mode}");
                // A statement is ended over TLS as well.
                let mut rows = connection.query("SELECT pg_sleep(3600)".into(), Vec::new(), Vec::new()).await.unwrap();
                let short = Portion { wait: Duration::from_millis(50), ..most(1) };
                assert!(rows.next(short).await.unwrap().rows.is_empty());
                rows.cancel().await;
                assert_eq!(value(&mut connection, "SELECT 1").await, int(1));
            }
            (Err(fault), Err(named)) => {
                no_password(&fault);
                assert_eq!(fault.code, "config", "{mode}: {}", fault.message);
                assert!(fault.message.contains(named), "{mode}: {}", fault.message);
            }
            (Ok(_), Err(_)) => panic!("{mode} connected"),
            (Err(fault), Ok(_)) => panic!("{mode}: {}", fault.message),
        }
    }
}
