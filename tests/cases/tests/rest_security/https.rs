//! HTTPS listeners with the stores that Java users have.

use crate::{Refused, Settings, refusal};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};
use watertight_cases::{Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::worker::{FILE_SOURCE, Make};
use watertight_harness::{paths, ports};

const STORE: &str = "store-secret-1";
const KEY: &str = "key-secret-1";

/// Made by keytool and openssl: the scripts are beside them. The server has an identity that Kafka's clients are tested
/// with too.
fn store(name: &str) -> PathBuf {
    let own = paths::root().join("tests/cases/tests/rest_security/stores").join(name);
    if own.exists() { own } else { paths::root().join("host/kafka/tests/stores").join(name) }
}

fn certificates(name: &str) -> anyhow::Result<Vec<Certificate<'static>>> {
    let text = std::fs::read(store(name))?;
    Ok(parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect())
}

/// A client that trusts our root, and that shows who it is if it should.
fn client(shows_itself: bool) -> anyhow::Result<ureq::Agent> {
    let shown = match shows_itself {
        true => {
            let key = PrivateKey::from_pem(&std::fs::read(store("known.pem"))?)?;
            Some(ClientCert::new_with_certs(&certificates("known.pem")?, key))
        }
        false => None,
    };
    let roots = RootCerts::from(certificates("trust.pem")?.into_iter());
    let tls = TlsConfig::builder().root_certs(roots).client_cert(shown).build();
    let config = ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false);
    Ok(config.timeout_global(Some(Duration::from_secs(20))).build().new_agent())
}

/// The scene with an https listener beside the usual one.
fn listening(scene: Scene, settings: Settings<'_>) -> anyhow::Result<(Scene, String)> {
    let port = ports::free()?;
    let both = format!("http://127.0.0.1:{},https://localhost:{port}", scene.worker.port());
    let mut scene = scene.with("listeners", both);
    for (key, value) in settings {
        let is_path = key.ends_with("location");
        let value = if is_path { store(value).display().to_string() } else { (*value).to_owned() };
        scene = scene.with(&format!("listeners.https.{key}"), value);
    }
    Ok((scene, format!("https://localhost:{port}")))
}

/// The server's identity as Java has kept it since version 9, and as before.
const PKCS12: [(&str, &str); 3] =
    [("ssl.keystore.location", "server.p12"), ("ssl.keystore.type", "PKCS12"), ("ssl.keystore.password", STORE)];
const TRUST: [(&str, &str); 2] = [("ssl.truststore.location", "known.jks"), ("ssl.truststore.password", STORE)];

fn served(kind: Kind, make: Make, case: &str) -> anyhow::Result<()> {
    let scene = Scene::on(kind, make, case)?;
    let settings = [&PKCS12[..], &TRUST, &[("ssl.client.auth", "required")]].concat();
    let (scene, url) = listening(scene, &settings)?;
    let scene = scene.start()?;

    let known = client(true)?;
    let mut root = known.get(format!("{url}/")).call()?;
    let root: serde_json::Value = serde_json::from_str(&root.body_mut().read_to_string()?)?;
    anyhow::ensure!(root["version"].as_str().is_some_and(|version| version.starts_with("4.")), "{root}");

    let input = scene.input().display().to_string();
    let config = json!({"connector.class": FILE_SOURCE, "topic": "t", "file": input});
    let body = json!({"name": "s", "config": config}).to_string();
    let created = known.post(format!("{url}/connectors")).content_type("application/json").send(&body)?;
    let location = created.headers().get("location").and_then(|value| value.to_str().ok());
    anyhow::ensure!(created.status() == 201, "{created:?}");
    anyhow::ensure!(location == Some(&format!("{url}/connectors/s")), "{location:?}");
    let status = scene.worker.connect().status("s")?;
    let worker = format!("127.0.0.1:{}", scene.worker.port());
    anyhow::ensure!(status["connector"]["worker_id"] == worker, "http is advertised where there is any: {status}");

    let unknown = client(false)?.get(format!("{url}/")).call();
    anyhow::ensure!(unknown.is_err(), "a client that does not say who it is got {unknown:?}");
    Ok(())
}

#[test]
fn clients_that_show_who_they_are_are_served_over_https_and_no_others() -> anyhow::Result<()> {
    served(Kind::Embedded, Make::Ours, "https-served")
}

#[test]
fn the_same_clients_are_served_by_the_genuine_worker() -> anyhow::Result<()> {
    let Some(peer) = genuine("the_same_clients_are_served_by_the_genuine_worker")? else {
        return Ok(());
    };
    served(Kind::Embedded, Make::Genuine(peer), "https-served-genuine")
}

/// The loggers behind TLS of their own, beside a listener in the clear.
fn administered(kind: Kind, make: Make, case: &str) -> anyhow::Result<()> {
    let port = ports::free()?;
    let url = format!("https://localhost:{port}");
    let mut scene = Scene::on(kind, make, case)?.with("admin.listeners", &url);
    for (key, value) in PKCS12.iter().chain(&TRUST).chain(&[("ssl.client.auth", "required")]) {
        let is_path = key.ends_with("location");
        let value = if is_path { store(value).display().to_string() } else { (*value).to_owned() };
        scene = scene.with(&format!("admin.listeners.https.{key}"), value);
    }
    let scene = scene.start()?;
    let known = client(true)?;
    let mut root = known.get(format!("{url}/admin/loggers/root")).call()?;
    let root: serde_json::Value = serde_json::from_str(&root.body_mut().read_to_string()?)?;
    anyhow::ensure!(root["level"].is_string(), "{root}");
    anyhow::ensure!(known.get(format!("{url}/connectors")).call()?.status() == 404);
    let unknown = client(false)?.get(format!("{url}/admin/loggers")).call();
    anyhow::ensure!(unknown.is_err(), "a client that does not say who it is got {unknown:?}");
    let http = scene.worker.connect().http;
    http.get("/admin/loggers")?.expect(404)?;
    http.get("/connectors")?.expect(200)?;
    Ok(())
}

#[test]
fn the_administrators_listener_has_tls_of_its_own() -> anyhow::Result<()> {
    administered(Kind::Embedded, Make::Ours, "https-admin")
}

#[test]
fn the_genuine_administrators_listener_has_it_too() -> anyhow::Result<()> {
    let Some(peer) = genuine("the_genuine_administrators_listener_has_it_too")? else {
        return Ok(());
    };
    administered(Kind::Embedded, Make::Genuine(peer), "https-admin-genuine")
}

#[test]
fn an_administrators_listener_without_what_it_needs_is_named() -> anyhow::Result<()> {
    let log = refusal(Scene::new("https-no-admin")?.with("admin.listeners", "https://localhost:0"))?;
    anyhow::ensure!(log.contains("with the settings admin.listeners.https.* cannot be served"), "{log}");
    anyhow::ensure!(log.contains("with admin.listeners.https.ssl.keystore.location"), "{log}");
    Ok(())
}

/// The client's identity serves as the server's here: it comes in every form.
#[test]
fn every_form_of_a_key_store_is_read() -> anyhow::Result<()> {
    let pem = std::fs::read_to_string(store("client.pem"))?.replace('\n', " ");
    let (key, chain) = pem.split_once("-----BEGIN CERTIFICATE").ok_or_else(|| anyhow::anyhow!("client.pem"))?;
    let chain = format!("-----BEGIN CERTIFICATE{chain}");
    let inline = [("ssl.keystore.type", "PEM"), ("ssl.keystore.certificate.chain", &chain), ("ssl.keystore.key", key)];
    let forms: [(&str, Settings<'_>); 4] = [
        (
            "jks",
            &[("ssl.keystore.location", "client.jks"), ("ssl.keystore.password", STORE), ("ssl.key.password", KEY)],
        ),
        ("pem", &[("ssl.keystore.location", "client.pem"), ("ssl.keystore.type", "PEM")]),
        (
            "sealed",
            &[
                ("ssl.keystore.location", "client-encrypted.pem"),
                ("ssl.keystore.type", "PEM"),
                ("ssl.key.password", KEY),
            ],
        ),
        ("inline", &inline),
    ];
    for (form, settings) in forms {
        let (scene, url) = listening(Scene::new(&format!("https-{form}"))?, settings)?;
        let _scene = scene.start()?;
        // It is trusted, but for no host.
        let tls = TlsConfig::builder().disable_verification(true).build();
        let client = ureq::Agent::config_builder().tls_config(tls).build().new_agent();
        let answer = client.get(format!("{url}/")).call()?;
        anyhow::ensure!(answer.status() == 200, "{form}: {answer:?}");
    }
    Ok(())
}

#[test]
fn https_without_what_it_needs_does_not_start() -> anyhow::Result<()> {
    let cases: [Refused<'_>; 4] = [
        ("none", &[], "configuration ssl.keystore.location: an https listener needs a certificate with its key"),
        ("password", &[("ssl.keystore.location", "client.jks"), ("ssl.keystore.password", "guessed")], "was incorrect"),
        (
            "auth",
            &[PKCS12[0], PKCS12[1], PKCS12[2], ("ssl.client.auth", "REQUIRED")],
            "Invalid value REQUIRED for configuration listeners.https.ssl.client.auth: String must be one of: required, requested, none",
        ),
        (
            "version",
            &[PKCS12[0], PKCS12[1], PKCS12[2], ("ssl.enabled.protocols", "TLSv1.1")],
            "listeners.https.ssl.enabled.protocols: TLSv1.1 is broken and not offered",
        ),
    ];
    for (case, settings, told) in cases {
        let (scene, _) = listening(Scene::new(&format!("https-no-{case}"))?, settings)?;
        let log = refusal(scene)?;
        anyhow::ensure!(log.contains(told) && !log.contains("guessed"), "{case}: {log}");
    }
    Ok(())
}
