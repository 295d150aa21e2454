#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{ClientConnection, RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion, version};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::*;
use crate::files::FileRoots;

/// The certificates of the tests as a granted root.
fn files() -> FileRoots {
    FileRoots::parse("tests/certificates:ro", Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name)
}

fn file(name: &str) -> Option<Pem> {
    Some(Pem::File(path(name)))
}

fn settings(wish: TlsWish, roots: Option<&str>) -> TlsSettings {
    TlsSettings { wish, roots: roots.and_then(file), ..TlsSettings::default() }
}

/// Shows a certificate with whatever key.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

struct Server {
    certificate: &'static str,
    key: &'static str,
    wants_client: bool,
    version: &'static SupportedProtocolVersion,
}

const SERVER: Server =
    Server { certificate: "server.pem", key: "server.key", wants_client: false, version: &version::TLS13 };

impl Server {
    fn config(&self) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(&[self.version]);
        let builder = builder.unwrap();
        let builder = if self.wants_client {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(path("authority.pem")).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider)).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::from_pem_file(path(self.key)).unwrap();
        let key = provider.key_provider.load_private_key(key).unwrap();
        let certificate = CertificateDer::from_pem_file(path(self.certificate)).unwrap();
        builder.with_cert_resolver(Arc::new(Shown(Arc::new(CertifiedKey::new(vec![certificate], key)))))
    }
}

/// A handshake without a wire, and a byte each way.
fn meet(settings: &TlsSettings, host: &str, server: &Server) -> Result<(), String> {
    let config = settings.client_config(&files()).map_err(|error| error.to_string())?.expect("TLS is wanted");
    let mut client = ClientConnection::new(config, server_name(host).unwrap()).unwrap();
    let mut server = ServerConnection::new(Arc::new(server.config())).unwrap();
    while client.is_handshaking() || server.is_handshaking() || client.wants_write() || server.wants_write() {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        let mut rest = wire.as_slice();
        while !rest.is_empty() {
            server.read_tls(&mut rest).unwrap();
            server.process_new_packets().map_err(|error| format!("server: {error}"))?;
        }
        wire = Vec::new();
        server.write_tls(&mut wire).unwrap();
        let mut rest = wire.as_slice();
        while !rest.is_empty() {
            client.read_tls(&mut rest).unwrap();
            client.process_new_packets().map_err(|error| format!("client: {error}"))?;
        }
    }
    Ok(())
}

#[test]
fn each_wish_verifies_what_it_says_and_no_less() {
    use TlsWish::{Allow, Prefer, Require, VerifyCa, VerifyFull};
    let (right, wrong) = ("db.example.com", "other.example.com");
    for (wish, roots, host, accepted) in [
        (Allow, None, wrong, true),
        (Prefer, None, wrong, true),
        (Require, None, wrong, true),
        (VerifyCa, Some("authority.pem"), right, true),
        (VerifyCa, Some("authority.pem"), wrong, true),
        (VerifyCa, Some("other.pem"), right, false),
        (VerifyCa, None, right, false),
        (VerifyFull, Some("authority.pem"), right, true),
        (VerifyFull, Some("authority.pem"), "192.0.2.1", true),
        (VerifyFull, Some("authority.pem"), wrong, false),
        (VerifyFull, Some("authority.pem"), "192.0.2.2", false),
        (VerifyFull, Some("other.pem"), right, false),
        (VerifyFull, None, right, false),
    ] {
        for version in [&version::TLS13, &version::TLS12] {
            let result = meet(&settings(wish, roots), host, &Server { version, ..SERVER });
            assert_eq!(result.is_ok(), accepted, "{wish:?} {roots:?} {host}: {result:?}");
        }
    }
}

#[test]
fn a_server_without_the_key_of_its_certificate_is_refused_even_where_anyone_is_believed() {
    for wish in [TlsWish::Allow, TlsWish::Prefer, TlsWish::Require, TlsWish::VerifyCa, TlsWish::VerifyFull] {
        for version in [&version::TLS13, &version::TLS12] {
            let thief = Server { key: "own.key", version, ..SERVER };
            let error = meet(&settings(wish, Some("authority.pem")), "db.example.com", &thief).unwrap_err();
            assert!(error.contains("BadSignature"), "{wish:?}: {error}");
        }
    }
}

#[test]
fn a_certificate_of_the_first_version_does_where_anyone_is_believed_and_nowhere_else() {
    for version in [&version::TLS13, &version::TLS12] {
        let old = Server { certificate: "old.pem", key: "old.key", version, ..SERVER };
        let result = meet(&settings(TlsWish::Require, None), "db.example.com", &old);
        assert!(result.is_ok(), "{result:?}");
        assert!(meet(&settings(TlsWish::VerifyCa, Some("authority.pem")), "db.example.com", &old).is_err());
        let thief = Server { key: "own.key", ..old };
        let error = meet(&settings(TlsWish::Require, None), "db.example.com", &thief).unwrap_err();
        assert!(error.contains("BadSignature"), "{error}");
    }
}

#[test]
fn a_server_s_own_certificate_may_be_what_is_believed() {
    let own = Server { certificate: "own.pem", key: "own.key", ..SERVER };
    assert!(meet(&settings(TlsWish::VerifyFull, Some("own.pem")), "db.example.com", &own).is_ok());
    assert!(meet(&settings(TlsWish::VerifyFull, Some("own.pem")), "other.example.com", &own).is_err());
    assert!(meet(&settings(TlsWish::VerifyCa, Some("own.pem")), "other.example.com", &own).is_ok());
    assert!(meet(&settings(TlsWish::VerifyCa, Some("authority.pem")), "db.example.com", &own).is_err());
    assert!(meet(&settings(TlsWish::VerifyCa, Some("own.pem")), "db.example.com", &SERVER).is_err());
}

#[test]
fn a_client_s_certificate_is_shown_with_its_key_in_pem_or_der() {
    let demanding = Server { wants_client: true, ..SERVER };
    let with = |certificate: &str, key: &str| TlsSettings {
        certificate: file(certificate),
        key: file(key),
        ..settings(TlsWish::Require, None)
    };
    for (certificate, key) in
        [("client.pem", "client.key"), ("client.pem", "client.pk8"), ("client-both.pem", "client-both.pem")]
    {
        let result = meet(&with(certificate, key), "db.example.com", &demanding);
        assert!(result.is_ok(), "{certificate} {key}: {result:?}");
    }
    assert!(meet(&settings(TlsWish::Require, None), "db.example.com", &demanding).is_err());
    for (certificate, key, reason) in [
        ("client.pem", "client-encrypted.key", "a key with a password cannot be read"),
        ("client.pem", "server.key", "the client's certificate with its key cannot be used"),
        ("client.pem", "client.pem", "its key cannot be read"),
        ("client.key", "client.key", "holds no certificate in PEM"),
        ("client.pk8", "client.pk8", "holds no certificate in PEM"),
    ] {
        let error = meet(&with(certificate, key), "db.example.com", &demanding).unwrap_err();
        assert!(error.contains(reason), "{certificate} {key}: {error}");
    }
    let lone = TlsSettings { key: None, ..with("client.pem", "client.key") };
    assert!(lone.client_config(&files()).unwrap_err().to_string().contains("its key is not given"));
    let lone = TlsSettings { certificate: None, ..with("client.pem", "client.key") };
    assert!(lone.client_config(&files()).unwrap_err().to_string().contains("its certificate is not given"));
}

#[test]
fn authorities_may_stand_in_the_settings_themselves() {
    let text = std::fs::read_to_string(path("authority.pem")).unwrap();
    let settings = TlsSettings { wish: TlsWish::VerifyFull, roots: Some(Pem::Text(text)), ..TlsSettings::default() };
    assert!(meet(&settings, "db.example.com", &SERVER).is_ok());
    let settings = TlsSettings { roots: Some(Pem::Text("-----BEGIN CERTIFICATE-----".into())), ..settings };
    assert!(settings.client_config(&files()).is_err());
}

#[test]
fn no_tls_needs_no_configuration() {
    assert!(settings(TlsWish::Disable, None).client_config(&files()).unwrap().is_none());
}

#[test]
fn files_outside_of_the_roots_are_neither_read_nor_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().canonicalize().unwrap();
    std::fs::create_dir(base.join("granted")).unwrap();
    std::fs::copy(path("authority.pem"), base.join("secret.pem")).unwrap();
    std::os::unix::fs::symlink("../secret.pem", base.join("granted/link.pem")).unwrap();
    let files = FileRoots::parse("granted", &base).unwrap();
    let ask = |path: PathBuf| {
        let settings = TlsSettings { roots: Some(Pem::File(path)), ..settings(TlsWish::VerifyFull, None) };
        settings.client_config(&files).unwrap_err().to_string().replace("absent.pem", "secret.pem")
    };
    let there = ask(base.join("secret.pem"));
    assert!(there.contains("sandbox.fs.roots"), "{there}");
    assert_eq!(there, ask(base.join("absent.pem")));
    assert!(ask(base.join("granted/../secret.pem")).contains("'..'"));
    assert!(ask(base.join("granted/link.pem")).starts_with("Cannot read"));
    for wish in [TlsWish::Prefer, TlsWish::Require] {
        let settings = TlsSettings { roots: Some(Pem::File(base.join("secret.pem"))), ..settings(wish, None) };
        assert!(
            settings.client_config(&files).is_err(),
            "{wish:?}: a file that does not count is held against them, too"
        );
    }
}
