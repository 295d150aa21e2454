//! TLS to a database server, as far as all drivers agree on it: how much is verified, by which certificates, and
//! which certificate of our own is shown. Files are read under granted roots only: they are named by a
//! connector's settings, and whoever writes those may not otherwise read the worker's files.

mod config;
mod key;
mod pem;
#[cfg(test)]
mod tests;
mod verify;

use std::path::PathBuf;

pub use config::{TlsError, server_name};
pub use pem::Identity;

/// How much of TLS is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TlsWish {
    /// None.
    #[default]
    Disable,
    /// Without, unless the server insists on it.
    Allow,
    /// With, unless the server has none.
    Prefer,
    /// With; whoever the server is.
    Require,
    /// With, and a certificate that a known authority signed.
    VerifyCa,
    /// And for the name that was connected to.
    VerifyFull,
}

impl TlsWish {
    /// Authorities that are named shall count: where the driver asks for TLS and would verify nothing all the same.
    #[must_use]
    pub fn with(self, roots: Option<&Pem>) -> Self {
        if self == Self::Require && roots.is_some() { Self::VerifyCa } else { self }
    }
}

/// A certificate or key, in PEM (keys also in DER).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pem {
    /// A file under a granted root.
    File(PathBuf),
    /// The text itself. Certificates only: a key is never part of a URL.
    Text(String),
}

/// All that makes a TLS configuration.
#[derive(Clone, Debug, Default)]
pub struct TlsSettings {
    /// How much.
    pub wish: TlsWish,
    /// Authorities to believe; the public ones where there are none.
    pub roots: Option<Pem>,
    /// Our own certificate, and what links it to an authority.
    pub certificate: Option<Pem>,
    /// Its key.
    pub key: Option<Pem>,
}
