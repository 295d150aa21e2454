//! Workers that want to know who asks, and those behind TLS.

use watertight_cases::Scene;
use watertight_harness::{paths, ports, skips, wait};

use crate::person::Person;

const CLASS: &str = "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension";
const MODULE: &str = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule";

#[test]
fn who_asks_is_told_in_any_of_the_usual_ways() -> anyhow::Result<()> {
    let mut scene = Scene::new("people-users")?;
    if !scene.worker.is_ours() {
        // The genuine worker's users are the business of another case.
        return Ok(());
    }
    let me = Person::of(&scene);
    me.writes("users.properties", "ann=s:cret\n")?;
    let users = scene.dir.join("users.properties");
    let entry = format!("KafkaConnect {{\n  {MODULE} required\n  file=\"{}\";\n}};\n", users.display());
    me.writes("jaas.conf", &entry)?;
    let jaas = format!("-Djava.security.auth.login.config={}", scene.dir.join("jaas.conf").display());
    scene = scene.with("rest.extension.classes", CLASS);
    scene.worker = scene.worker.with_environment("KAFKA_OPTS", jaas);
    scene.worker.spawn()?;
    wait::until("the worker to answer", watertight_cases::SOON, || match me.says(&["connectors"]) {
        Ok(said) if said.code == Some(1) => Ok(()),
        other => Err(format!("{other:?}")),
    })?;
    me.says(&["connectors"])?.complains(1, "--user NAME:PASSWORD")?;
    me.says(&["connectors", "--user", "ann:wrong"])?.complains(1, "401")?;
    me.says(&["connectors", "--user", "ann"])?.complains(2, "WATERTIGHT_PASSWORD")?;
    me.says(&["connectors", "--user", "ann:s:cret"])?.done()?;
    let port = scene.worker.port();
    me.says(&["connectors", "--url", &format!("http://ann:s%3Acret@127.0.0.1:{port}")])?.done()?;
    let netrc = me.writes("netrc", "machine 127.0.0.1 login ann password s:cret\n")?;
    me.says(&["connectors", "--netrc-file", &netrc])?.done()?;
    me.with("WATERTIGHT_USER", "ann").with("WATERTIGHT_PASSWORD", "s:cret").says(&["connectors"])?.done()?;
    Ok(())
}

#[test]
fn a_worker_behind_tls_is_asked_when_both_sides_are_trusted() -> anyhow::Result<()> {
    let store = |name: &str| paths::root().join("host/kafka/tests/stores").join(name).display().to_string();
    let scene = Scene::new("people-tls")?;
    if !scene.worker.is_ours() {
        // Its server reads no PEM; how it shows itself is the business of another case, too.
        return Ok(());
    }
    let (key, certificate) = (scene.dir.join("key.pem"), scene.dir.join("me.pem"));
    let (key, certificate) = (key.display().to_string(), certificate.display().to_string());
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=me"])
        .args(["-keyout", &key, "-out", &certificate])
        .output();
    match made {
        Ok(output) if output.status.success() => {}
        other => return skips::skip("people-tls", &format!("openssl makes no certificate: {other:?}")),
    }
    let port = ports::free()?;
    let both = format!("http://127.0.0.1:{},https://localhost:{port}", scene.worker.port());
    let scene = scene
        .with("listeners", both)
        .with("listeners.https.ssl.keystore.location", store("server.p12"))
        .with("listeners.https.ssl.keystore.type", "PKCS12")
        .with("listeners.https.ssl.keystore.password", "store-secret-1")
        .with("listeners.https.ssl.truststore.location", &certificate)
        .with("listeners.https.ssl.truststore.type", "PEM")
        .with("listeners.https.ssl.client.auth", "required")
        .start()?;
    let url = format!("https://localhost:{port}");
    let me = Person::of(&scene).with("WATERTIGHT_URL", &url);
    let trust = store("trust.pem");
    me.says(&["connectors"])?.complains(6, "--cacert")?;
    let said = me.says(&["connectors", "--cacert", &trust])?;
    anyhow::ensure!(said.code == Some(6), "nobody shows who asks: {said:?}");
    me.says(&["connectors", "--cacert", &trust, "--cert", &certificate, "--key", &key])?.done()?;
    me.says(&["connectors", "--insecure", "--cert", &certificate, "--key", &key])?.done()?;
    me.says(&["connectors", "--cacert", "no-such"])?.complains(2, "no-such")?;
    me.says(&["connectors", "--cert", &certificate])?.complains(2, "--key")?;
    // Of somebody else.
    let other = store("client.pem");
    me.says(&["connectors", "--cert", &certificate, "--key", &other])?.complains(2, "private key cannot be used")?;
    me.says(&["connectors", "--cert", &certificate, "--key", &trust])?.complains(2, "private key cannot be used")?;
    Ok(())
}
