//! HTTPS listeners: what they show, whom they let in, and what they refuse to start with.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use watertight_rest::tls::{ADMIN_LISTENERS, LISTENERS, ServerTls};
use watertight_rest::{Door, RestOptions, SocketOptions, router, serve_with};
use watertight_worker::entities::ConfigMap;
use watertight_worker::tls::TlsStream;

use crate::fake::FakeHerder;

pub struct Identity {
    certificate: X509,
    key: PKey<Private>,
}

impl Identity {
    /// Signed by itself, and good for `127.0.0.1`.
    pub fn new(name: &str) -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let mut subject = X509NameBuilder::new().unwrap();
        subject.append_entry_by_text("CN", name).unwrap();
        let subject = subject.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_subject_name(&subject).unwrap();
        builder.set_issuer_name(&subject).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
        let context = builder.x509v3_context(None, None);
        let address = SubjectAlternativeName::new().ip("127.0.0.1").build(&context).unwrap();
        builder.append_extension(address).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Identity { certificate: builder.build(), key }
    }

    pub fn chain(&self) -> String {
        String::from_utf8(self.certificate.to_pem().unwrap()).unwrap()
    }

    fn key(&self) -> String {
        String::from_utf8(self.key.private_key_to_pem_pkcs8().unwrap()).unwrap()
    }
}

pub fn settings(prefix: &str, server: &Identity, more: &[(&str, &str)]) -> ConfigMap {
    let (chain, key) = (server.chain(), server.key());
    let own = [("ssl.keystore.type", "PEM"), ("ssl.keystore.certificate.chain", &chain), ("ssl.keystore.key", &key)];
    own.iter().chain(more).map(|(key, value)| (format!("{prefix}{key}"), (*value).to_owned())).collect()
}

async fn start(settings: &ConfigMap) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = ServerTls::from_properties(settings, LISTENERS).unwrap();
    let options = SocketOptions { handshake_timeout: Duration::from_millis(300), ..SocketOptions::default() };
    let router = router(Arc::new(FakeHerder::default()), RestOptions::default());
    tokio::spawn(serve_with(Door::new(listener, Some(tls)), router, options, pending()));
    address
}

fn anybody() -> SslConnectorBuilder {
    let mut client = SslConnector::builder(SslMethod::tls_client()).unwrap();
    client.set_verify(SslVerifyMode::NONE);
    client
}

fn known_as(identity: &Identity) -> SslConnectorBuilder {
    let mut client = anybody();
    client.set_certificate(&identity.certificate).unwrap();
    client.set_private_key(&identity.key).unwrap();
    client
}

/// The answer, or the first thing that went wrong.
async fn ask(address: SocketAddr, client: SslConnectorBuilder, request: &str) -> Result<String, String> {
    let stream = TcpStream::connect(address).await.unwrap();
    let ssl = client.build().configure().unwrap().verify_hostname(false).into_ssl("localhost").unwrap();
    let mut stream = TlsStream::new(ssl, stream).unwrap();
    let talk = async {
        stream.connect().await.map_err(|error| error.to_string())?;
        stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.map_err(|error| error.to_string())?;
        Ok(text)
    };
    tokio::time::timeout(Duration::from_secs(10), talk).await.unwrap()
}

const ROOT: &str = "GET / HTTP/1.1\r\nhost: w:8443\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn requests_are_answered_and_a_new_connector_is_at_an_https_address() {
    let address = start(&settings(LISTENERS, &Identity::new("server"), &[])).await;
    assert!(ask(address, anybody(), ROOT).await.unwrap().starts_with("HTTP/1.1 200 OK"));
    let body = r#"{"name":"new","config":{"connector.class":"x"}}"#;
    let create = format!(
        "POST /connectors HTTP/1.1\r\nhost: w:8443\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = ask(address, anybody(), &create).await.unwrap();
    assert!(answer.contains("location: https://w:8443/connectors/"), "{answer}");
}

#[tokio::test]
async fn without_settings_of_their_own_listeners_have_the_workers() {
    let server = Identity::new("server");
    let address = start(&settings("", &server, &[])).await;
    assert!(ask(address, anybody(), ROOT).await.is_ok());
    let mut mixed = settings("", &server, &[]);
    mixed.insert("listeners.https.ssl.client.auth".to_owned(), "none".to_owned());
    let error = ServerTls::from_properties(&mixed, LISTENERS).unwrap_err().to_string();
    assert!(error.contains("configuration listeners.https.ssl.keystore.location"), "{error}");
}

#[tokio::test]
async fn who_is_not_trusted_is_not_let_in_where_clients_must_be_known() {
    let (server, friend, stranger) = (Identity::new("server"), Identity::new("friend"), Identity::new("stranger"));
    let trusted = friend.chain();
    let trust =
        [("ssl.client.auth", "required"), ("ssl.truststore.type", "PEM"), ("ssl.truststore.certificates", &trusted)];
    let address = start(&settings(LISTENERS, &server, &trust)).await;
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let with = |mut client: SslConnectorBuilder| {
            client.set_max_proto_version(Some(version)).unwrap();
            client
        };
        let error = ask(address, with(anybody()), ROOT).await.unwrap_err();
        assert!(error.contains("alert"), "{error}");
        let error = ask(address, with(known_as(&stranger)), ROOT).await.unwrap_err();
        assert!(error.contains("alert"), "{error}");
        let answer = ask(address, with(known_as(&friend)), ROOT).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
}

#[tokio::test]
async fn who_is_only_asked_may_stay_silent_but_not_lie() {
    let (server, friend, stranger) = (Identity::new("server"), Identity::new("friend"), Identity::new("stranger"));
    let trusted = friend.chain();
    let trust =
        [("ssl.client.auth", "requested"), ("ssl.truststore.type", "PEM"), ("ssl.truststore.certificates", &trusted)];
    let address = start(&settings(LISTENERS, &server, &trust)).await;
    assert!(ask(address, anybody(), ROOT).await.is_ok());
    assert!(ask(address, known_as(&friend), ROOT).await.is_ok());
    assert!(ask(address, known_as(&stranger), ROOT).await.is_err());
}

#[tokio::test]
async fn without_a_trust_store_the_key_store_says_who_is_trusted() {
    let (server, stranger) = (Identity::new("server"), Identity::new("stranger"));
    let address = start(&settings(LISTENERS, &server, &[("ssl.client.auth", "required")])).await;
    assert!(ask(address, known_as(&server), ROOT).await.is_ok());
    assert!(ask(address, known_as(&stranger), ROOT).await.is_err());
}

#[tokio::test]
async fn only_enabled_versions_and_suites_are_spoken() {
    let server = Identity::new("server");
    let old = start(&settings(LISTENERS, &server, &[("ssl.enabled.protocols", "TLSv1.2")])).await;
    let mut client = anybody();
    client.set_min_proto_version(Some(SslVersion::TLS1_3)).unwrap();
    assert!(ask(old, client, ROOT).await.is_err());
    assert!(ask(old, anybody(), ROOT).await.is_ok());
    let suite = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
    let chosen = start(&settings(LISTENERS, &server, &[("ssl.cipher.suites", suite)])).await;
    let mut client = anybody();
    client.set_max_proto_version(Some(SslVersion::TLS1_2)).unwrap();
    client.set_cipher_list("ECDHE-RSA-AES128-GCM-SHA256").unwrap();
    assert!(ask(chosen, client, ROOT).await.is_err());
    assert!(ask(chosen, anybody(), ROOT).await.is_ok());
}

#[tokio::test]
async fn a_handshake_that_is_not_finished_holds_nobody_up_and_is_ended() {
    let address = start(&settings(LISTENERS, &Identity::new("server"), &[])).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut in_the_clear = TcpStream::connect(address).await.unwrap();
    in_the_clear.write_all(ROOT.as_bytes()).await.unwrap();
    let started = Instant::now();
    assert!(ask(address, anybody(), ROOT).await.is_ok());
    for stream in [&mut silent, &mut in_the_clear] {
        let mut text = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut text)).await.unwrap();
        assert!(!text.starts_with(b"HTTP"), "{text:?}");
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn settings_that_cannot_be_kept_are_refused_by_name() {
    let server = Identity::new("server");
    for (key, value, told) in [
        ("ssl.client.auth", "REQUIRED", "String must be one of: required, requested, none"),
        ("ssl.enabled.protocols", "TLSv1.1,TLSv1.2", "TLSv1.1 is broken"),
        ("ssl.cipher.suites", "TLS_BOGUS", "TLS_BOGUS is not a cipher suite"),
        ("ssl.provider", "BCFIPS", "BCFIPS is a part of a JVM"),
        ("ssl.protocol", "SSLv3", "must be one of TLS, TLSv1.2, TLSv1.3"),
        ("ssl.keystore.key", "", "private key is not specified"),
    ] {
        let error = ServerTls::from_properties(&settings(LISTENERS, &server, &[(key, value)]), LISTENERS);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(told) && error.contains(&format!("{LISTENERS}{key}")), "{key}: {error}");
    }
    let other = Identity::new("other").key();
    let error = ServerTls::from_properties(&settings(LISTENERS, &server, &[("ssl.keystore.key", &other)]), LISTENERS);
    assert!(error.unwrap_err().to_string().contains("ssl.keystore.location"));
    for prefix in [LISTENERS, ADMIN_LISTENERS] {
        let error = ServerTls::from_properties(&ConfigMap::new(), prefix).unwrap_err().to_string();
        assert!(error.contains(&format!("with {prefix}ssl.keystore.location")), "{error}");
    }
}
