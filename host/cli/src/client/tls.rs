//! Whom to trust and what to show when the worker's address begins with https.

use std::path::Path;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use crate::args::Worker;
use crate::failure::Failure;

/// Without `--cacert`, the system's authorities.
pub(super) fn config(options: &Worker) -> Result<TlsConfig, Failure> {
    let roots = match &options.cacert {
        Some(file) => Some(certificates(file)?),
        None => openssl_probe::probe().cert_file.and_then(|file| certificates(&file).ok()),
    };
    let shown = match (&options.cert, &options.key) {
        (Some(chain), Some(key)) => {
            let unusable = |why: &dyn std::fmt::Display| {
                Failure::Usage(format!("{}: its private key cannot be used: {why}", key.display()))
            };
            let pem = read(key)?;
            let chain = certificates(chain)?;
            let tried = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| unusable(&error))?;
            try_out(&chain, tried).map_err(|error| unusable(&error))?;
            let read = PrivateKey::from_pem(&pem).map_err(|error| unusable(&error))?;
            Some(ClientCert::new_with_certs(&chain, read))
        }
        _ => None,
    };
    let config = TlsConfig::builder().client_cert(shown).disable_verification(options.insecure);
    Ok(match roots {
        Some(roots) => config.root_certs(RootCerts::from(roots.into_iter())),
        None => config.root_certs(RootCerts::WebPki),
    }
    .build())
}

/// ureq takes it for granted that they fit together, and panics when they do not.
fn try_out(chain: &[Certificate<'static>], key: PrivateKeyDer<'static>) -> Result<(), rustls::Error> {
    let chain = chain.iter().map(|certificate| CertificateDer::from(certificate.der().to_vec())).collect();
    let provider = rustls::crypto::ring::default_provider();
    rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_client_auth_cert(chain, key)
        .map(drop)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", file.display())))
}

fn certificates(file: &Path) -> Result<Vec<Certificate<'static>>, Failure> {
    let unusable = |why: String| Failure::Usage(format!("{}: {why}", file.display()));
    let found = parse_pem(&read(file)?)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
            Ok(_) => None,
            Err(error) => Some(Err(unusable(format!("its certificates cannot be read: {error}")))),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() {
        return Err(unusable("there is no certificate in it (PEM is wanted)".to_owned()));
    }
    Ok(found)
}
