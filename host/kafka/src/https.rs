//! Certificates and keys for the HTTP client: the Schema Registry's, and whoever else asks over HTTPS with it.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use ureq::tls::{Certificate, PemItem, PrivateKey, parse_pem};

/// All certificates in a PEM text, in their order; other things in it are passed over.
///
/// # Errors
/// What stands there in place of a certificate, for a person.
pub fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, String> {
    parse_pem(pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
            Ok(_) => None,
            Err(error) => Some(Err(format!("its certificates cannot be read: {error}"))),
        })
        .collect()
}

/// The key in a PEM text, if it fits its certificates. The client takes that for granted, and panics where it is not so.
///
/// # Errors
/// Why it cannot be used.
pub fn private_key(pem: &[u8], chain: &[Certificate<'static>]) -> Result<PrivateKey<'static>, String> {
    let tried = PrivateKeyDer::from_pem_slice(pem).map_err(|error| error.to_string())?;
    let chain = chain.iter().map(|certificate| CertificateDer::from(certificate.der().to_vec())).collect();
    let provider = rustls::crypto::ring::default_provider();
    rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder.with_root_certificates(rustls::RootCertStore::empty()).with_client_auth_cert(chain, tried)
        })
        .map_err(|error| error.to_string())?;
    PrivateKey::from_pem(pem).map_err(|error| error.to_string())
}
