//! Basic authentication, as Kafka's extension does it.

use crate::{Refused, START, ask, refusal};
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use watertight_cases::{Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::wait;
use watertight_harness::worker::Make;

const CLASS: &str = "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension";
const MODULE: &str = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule";
const OPTION: &str = "-Djava.security.auth.login.config=";
/// `user:password`
const USER: &str = "authorization: Basic dXNlcjpwYXNzd29yZA==\r\n";
const OTHER_PASSWORD: &str = "authorization: Basic dXNlcjp3cm9uZw==\r\n";

/// A JAAS file and its users, in the folder of a case.
fn jaas(case: &str, users: &str) -> anyhow::Result<PathBuf> {
    let dir = watertight_harness::paths::target().join("tests").join("jaas").join(case);
    std::fs::create_dir_all(&dir)?;
    let (credentials, file) = (dir.join("credentials.properties"), dir.join("jaas.conf"));
    std::fs::write(&credentials, users)?;
    let entry = format!("KafkaConnect {{\n  {MODULE} required\n  file=\"{}\";\n}};\n", credentials.display());
    std::fs::write(&file, entry)?;
    Ok(file)
}

/// Starts the worker: `GET /` is no sign of it here, since it is refused.
fn start(scene: &mut Scene) -> anyhow::Result<()> {
    scene.worker.spawn()?;
    wait::until("the worker to answer", START, || match ask(scene, "GET /", "") {
        Ok(answer) if answer.status < 500 && answer.status != 404 => Ok(()),
        other => Err(format!("{other:?}")),
    })
}

fn users(kind: Kind, make: Make, case: &str) -> anyhow::Result<()> {
    let file = jaas(case, "user=password\nempty=\n")?;
    let option = format!("{OPTION}{}", file.display());
    let make = match make {
        Make::Genuine(peer) => Make::Genuine(peer.with_basic_auth()?.with_option(option.clone())),
        Make::Ours => Make::Ours,
    };
    let mut scene = Scene::on(kind, make, case)?.with("rest.extension.classes", CLASS);
    scene.worker = scene.worker.with_environment("KAFKA_OPTS", format!("-Xmx256m {option}"));
    start(&mut scene)?;

    for (headers, what) in
        [("", "nobody"), (OTHER_PASSWORD, "a wrong password"), ("authorization: Bearer x\r\n", "a token")]
    {
        for line in
            ["GET /", "GET /connectors", "GET /admin/loggers", "DELETE /connectors/a", "GET /connectors/a/tasks"]
        {
            let answer = ask(&scene, line, headers)?;
            anyhow::ensure!(answer.status == 401, "{what}, {line}: {answer:?}");
            anyhow::ensure!(answer.body == "User cannot access the resource.", "{answer:?}");
            anyhow::ensure!(answer.header("content-type") == Some("application/json"), "{answer:?}");
            anyhow::ensure!(answer.header("www-authenticate").is_none(), "{answer:?}");
        }
    }
    ask(&scene, "GET /", USER)?.expect(200)?;
    ask(&scene, "GET /", &USER.replace("Basic", "bAsIc"))?.expect(200)?;
    ask(&scene, "GET /", "authorization: Basic ZW1wdHk6\r\n")?.expect(200)?;
    // What is not there is not there for anybody.
    ask(&scene, "GET /nowhere", "")?.expect(404)?;
    ask(&scene, "DELETE /connectors", "")?.expect(405)?;
    ask(&scene, "GET /", "accept: text/html\r\n")?.expect(406)?;
    // Workers among themselves sign what they send; one that stands alone knows no such requests.
    let json = "content-type: application/json\r\ncontent-length: 0\r\n";
    for line in ["POST /connectors/a/tasks", "PUT /connectors/a/fence"] {
        let answer = ask(&scene, line, json)?;
        anyhow::ensure!(answer.status == 500 || answer.status == 400, "{line}: {answer:?}");
    }
    // The file is read once.
    jaas(case, "user=another\n")?;
    ask(&scene, "GET /", USER)?.expect(200)?;
    Ok(())
}

#[test]
fn only_users_get_in() -> anyhow::Result<()> {
    users(Kind::Embedded, Make::Ours, "users")
}

#[test]
fn only_users_get_into_the_genuine_worker() -> anyhow::Result<()> {
    let Some(peer) = genuine("only_users_get_into_the_genuine_worker")? else {
        return Ok(());
    };
    users(Kind::Embedded, Make::Genuine(peer), "users-genuine")
}

/// Some requests need no user. Their bodies must keep nobody out.
#[test]
fn strangers_that_send_slowly_keep_no_user_out() -> anyhow::Result<()> {
    let file = jaas("users-crowd", "user=password\n")?;
    let scene = Scene::new("users-crowd")?.with("rest.extension.classes", CLASS);
    let mut scene = scene.with("rest.auth.login.config", file.display()).with("rest.max.connections", 20);
    start(&mut scene)?;
    let mut strangers = Vec::new();
    for count in 1..=100 {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, scene.worker.port()))?;
        let head = "POST /connectors/x/tasks HTTP/1.1\r\nhost: w\r\ncontent-type: application/json\r\n";
        stream.write_all(format!("{head}content-length: 1000\r\n\r\n[").as_bytes())?;
        strangers.push(stream);
        if count % 20 == 0 {
            ask(&scene, "GET /connectors", USER)?.expect(200)?;
        }
    }
    Ok(())
}

/// Where no script of Kafka's starts the worker there is a setting.
#[test]
fn the_file_may_be_named_by_a_setting() -> anyhow::Result<()> {
    let file = jaas("users-setting", "user=password\n")?;
    let scene = Scene::new("users-setting")?.with("rest.extension.classes", CLASS);
    let mut scene = scene.with("rest.auth.login.config", file.display());
    start(&mut scene)?;
    anyhow::ensure!(ask(&scene, "GET /", "")?.status == 401);
    ask(&scene, "GET /", USER)?.expect(200)?;
    let log = scene.worker.log();
    anyhow::ensure!(!log.contains("password="), "{log}");
    Ok(())
}

/// Kafka answers 500 here, as if the worker were at fault.
#[test]
fn a_header_that_is_no_base64_names_nobody() -> anyhow::Result<()> {
    let file = jaas("users-garbage", "user=password\n")?;
    let scene = Scene::new("users-garbage")?.with("rest.extension.classes", CLASS);
    let mut scene = scene.with("rest.auth.login.config", file.display());
    start(&mut scene)?;
    let both = format!("{USER}{USER}");
    for headers in ["authorization: Basic !!!\r\n", "authorization: Basic  dXNlcjpwYXNzd29yZA==\r\n", &both] {
        anyhow::ensure!(ask(&scene, "GET /", headers)?.status == 401, "{headers}");
    }
    Ok(())
}

#[test]
fn a_worker_that_could_not_be_protected_does_not_start() -> anyhow::Result<()> {
    let ldap = jaas("users-ldap", "")?;
    std::fs::write(&ldap, "KafkaConnect { com.example.LdapLoginModule required; };")?;
    let ldap = ldap.display().to_string();
    let cases: [Refused<'_>; 4] = [
        (
            "unknown",
            &[("rest.extension.classes", "com.example.Mine")],
            "Failed to find any class that implements interface org.apache.kafka.connect.rest.ConnectRestExtension \
             and which name matches com.example.Mine",
        ),
        ("no-file", &[("rest.extension.classes", CLASS)], "set rest.auth.login.config=FILE"),
        (
            "ldap",
            &[("rest.extension.classes", CLASS), ("rest.auth.login.config", &ldap)],
            "the login module com.example.LdapLoginModule is not available",
        ),
        (
            "not-asked",
            &[("rest.auth.login.config", &ldap)],
            "rest.extension.classes does not ask for basic authentication",
        ),
    ];
    for (case, settings, told) in cases {
        let mut scene = Scene::new(&format!("users-{case}"))?;
        for (key, value) in settings {
            scene = scene.with(key, value);
        }
        let log = refusal(scene)?;
        anyhow::ensure!(log.contains(told), "{case}: {log}");
    }
    Ok(())
}
