//! Certificates and keys out of the files that settings name.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use super::{Pem, TlsError};
use crate::files::FileRoots;

/// More than any bundle of authorities has.
const LONGEST: usize = 4 * 1024 * 1024;

/// A certificate of our own, and its key.
pub struct Identity {
    /// The certificate, and those that link it to an authority.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

impl Pem {
    /// What it is called in messages.
    fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Text(_) => "the certificate in the settings".into(),
        }
    }

    fn bytes(&self, files: &FileRoots) -> Result<Zeroizing<Vec<u8>>, TlsError> {
        match self {
            Self::File(path) => Ok(Zeroizing::new(files.read(path, LONGEST)?)),
            Self::Text(text) => Ok(Zeroizing::new(text.clone().into_bytes())),
        }
    }

    /// All certificates in it; at least one.
    pub(super) fn certificates(&self, files: &FileRoots) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let bytes = self.bytes(files)?;
        let unfit = |reason: String| TlsError::Unfit { what: self.name(), reason };
        let all: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
            .collect::<Result<_, _>>()
            .map_err(|error| unfit(format!("its certificates cannot be read: {error}")))?;
        if all.is_empty() {
            return Err(unfit("it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)".into()));
        }
        Ok(all)
    }

    /// The first key in it, or all of it as a key in PKCS#8: PostgreSQL's JDBC driver reads nothing else.
    pub(super) fn key(&self, files: &FileRoots) -> Result<PrivateKeyDer<'static>, TlsError> {
        const MARK: &[u8] = b"-----BEGIN ";
        const ENCRYPTED: &[u8] = b"ENCRYPTED";
        let bytes = self.bytes(files)?;
        let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
        if !holds(MARK) {
            return Ok(PrivatePkcs8KeyDer::from(bytes.to_vec()).into());
        }
        PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| TlsError::Unfit {
            what: self.name(),
            reason: match holds(ENCRYPTED) {
                true => "a key with a password cannot be read; give one without".into(),
                false => format!("its key cannot be read: {error}"),
            },
        })
    }
}
