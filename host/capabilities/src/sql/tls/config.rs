//! From settings to a client configuration.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};

use super::verify::{Trust, Verifier};
use super::{Identity, TlsSettings, TlsWish};
use crate::files::{FileError, FileRoots};

/// TLS that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not granted, or cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It can, but is not what it should be.
    #[error("{what} cannot be used for TLS: {reason}")]
    Unfit {
        /// The file, or what else.
        what: String,
        /// Why.
        reason: String,
    },
}

/// A host as TLS knows it.
///
/// # Errors
/// It is neither a name nor an address.
pub fn server_name(host: &str) -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(host.to_owned())
        .map_err(|error| TlsError::Unfit { what: "the name of the host".into(), reason: error.to_string() })
}

impl TlsSettings {
    /// What a TLS client needs; none if TLS is not wanted. Whether to fall back where the server has no TLS
    /// (`Allow`, `Prefer`) is for the driver to do.
    ///
    /// # Errors
    /// A file is not granted or not what it should be.
    pub fn client_config(&self, files: &FileRoots) -> Result<Option<Arc<ClientConfig>>, TlsError> {
        let trust = match self.wish {
            TlsWish::Disable => return Ok(None),
            TlsWish::Allow | TlsWish::Prefer | TlsWish::Require => {
                // They may not count, but a setting that is wrong is told all the same.
                self.authorities(files)?;
                Trust::Anyone
            }
            TlsWish::VerifyCa => self.trust(files, false)?,
            TlsWish::VerifyFull => self.trust(files, true)?,
        };
        let unfit =
            |error: rustls::Error| TlsError::Unfit { what: "the configuration".into(), reason: error.to_string() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier { trust, provider: Arc::clone(&provider) };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unfit)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let config = match self.identity(files)? {
            Some(identity) => builder.with_client_auth_cert(identity.chain, identity.key).map_err(|error| {
                TlsError::Unfit { what: "the client's certificate with its key".into(), reason: error.to_string() }
            })?,
            None => builder.with_no_client_auth(),
        };
        Ok(Some(Arc::new(config)))
    }

    /// The authorities that are named, for drivers that set TLS up themselves. None: the public ones.
    ///
    /// # Errors
    /// As above.
    pub fn authorities(&self, files: &FileRoots) -> Result<Option<Vec<CertificateDer<'static>>>, TlsError> {
        self.roots.as_ref().map(|roots| roots.certificates(files)).transpose()
    }

    /// Our own certificate and key.
    ///
    /// # Errors
    /// As above, or one is there without the other.
    pub fn identity(&self, files: &FileRoots) -> Result<Option<Identity>, TlsError> {
        let lone = |what: &str, other: &str| {
            Err(TlsError::Unfit { what: format!("the client's {what}"), reason: format!("its {other} is not given") })
        };
        match (&self.certificate, &self.key) {
            (None, None) => Ok(None),
            (Some(chain), Some(key)) => Ok(Some(Identity { chain: chain.certificates(files)?, key: key.key(files)? })),
            (Some(_), None) => lone("certificate", "key"),
            (None, Some(_)) => lone("key", "certificate"),
        }
    }

    fn trust(&self, files: &FileRoots, names: bool) -> Result<Trust, TlsError> {
        let given = self.authorities(files)?;
        let mut anchors = RootCertStore::empty();
        match &given {
            None => anchors.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(given) => {
                for certificate in given {
                    anchors.add(certificate.clone()).map_err(|error| TlsError::Unfit {
                        what: "an authority's certificate".into(),
                        reason: error.to_string(),
                    })?;
                }
            }
        }
        Ok(Trust::Authorities { anchors, given: given.unwrap_or_default(), names })
    }
}
