//! `ssl.` keys.

use std::path::PathBuf;

use super::super::SettingsError;
use super::super::stores::{self, Pem};
use super::Map;

pub(super) const KEYS: &[&str] = &[
    "ssl.truststore.type",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.certificates",
    "ssl.keystore.type",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.key",
    "ssl.keystore.certificate.chain",
    "ssl.key.password",
    "ssl.cipher.suites",
    "ssl.endpoint.identification.algorithm",
];

/// How a connection is encrypted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tls {
    /// What to trust and what to show.
    pub(crate) pem: Pem,
    /// The system's authorities, where no trust store is named. Java has its own list; ours is the system's.
    pub(crate) system: Option<PathBuf>,
    /// Whether the broker's certificate must be for the name we connect to.
    pub(crate) verify_name: bool,
    /// OpenSSL's list of ciphers, when not its default.
    pub(crate) ciphers: Option<String>,
}

pub(super) fn read(java: &Map, warnings: &mut Vec<String>) -> Result<Tls, SettingsError> {
    let pem = stores::open(|key| java.get(key).map(String::as_str), "")?;
    let system = if pem.ca.is_none() { system() } else { None };
    if pem.ca.is_none() {
        match &system {
            Some(path) => tracing::info!("no ssl.truststore is set: trusting the authorities in {}", path.display()),
            None => warnings.push(
                "no ssl.truststore is set, and the system's list of authorities was not found: set ssl.truststore.location"
                    .to_owned(),
            ),
        }
    }
    let algorithm = "ssl.endpoint.identification.algorithm";
    let verify_name = match java.get(algorithm).map(|value| value.to_ascii_lowercase()).as_deref() {
        None | Some("https") => true,
        Some("") => false,
        Some(other) => {
            return Err(SettingsError::Invalid {
                key: algorithm.to_owned(),
                value: other.to_owned(),
                reason: "must be https, or empty for no check of the broker's name".to_owned(),
            });
        }
    };
    let suites = java.get("ssl.cipher.suites").map(String::as_str).unwrap_or_default();
    Ok(Tls { pem, system, verify_name, ciphers: ciphers(suites, warnings)? })
}

/// The system's file of authorities, else its directory.
pub(crate) fn system() -> Option<PathBuf> {
    let found = openssl_probe::probe();
    found.cert_file.or_else(|| found.cert_dir.into_iter().next())
}

impl Tls {
    pub(super) fn write(&self, out: &mut Map) {
        let mut set = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                out.insert(key.to_owned(), value);
            }
        };
        set("ssl.ca.pem", self.pem.ca.clone());
        set("ssl.ca.location", self.system.as_ref().map(|path| path.display().to_string()));
        set("ssl.certificate.pem", self.pem.chain.clone());
        set("ssl.key.pem", self.pem.key.clone());
        set("ssl.cipher.suites", self.ciphers.clone());
        let algorithm = if self.verify_name { "https" } else { "none" };
        set("ssl.endpoint.identification.algorithm", Some(algorithm.to_owned()));
    }
}

/// Java's names are those of the standards; OpenSSL has names of its own up to TLS 1.2, and switches for later
/// ones that librdkafka does not reach.
#[cfg(any(feature = "tls", feature = "system-tls"))]
fn ciphers(names: &str, warnings: &mut Vec<String>) -> Result<Option<String>, SettingsError> {
    const KEY: &str = "ssl.cipher.suites";
    let mut found = Vec::new();
    let mut any = false;
    let mut later = Vec::new();
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        any = true;
        match openssl::ssl::cipher_name(name) {
            "(NONE)" => {
                return Err(SettingsError::Invalid {
                    key: KEY.to_owned(),
                    value: name.to_owned(),
                    reason: "no such cipher suite is known".to_owned(),
                });
            }
            own if own.starts_with("TLS_") => later.push(name),
            own => found.push(own),
        }
    }
    if !any {
        return Ok(None);
    }
    if found.is_empty() {
        warnings.push(format!("{KEY}: suites of TLS 1.3 cannot be chosen one by one; all of them are allowed"));
        return Ok(None);
    }
    if later.is_empty() {
        warnings.push(format!("{KEY} holds for TLS 1.2 and older; suites of TLS 1.3 stay allowed"));
    }
    Ok(Some(found.join(":")))
}

#[cfg(not(any(feature = "tls", feature = "system-tls")))]
fn ciphers(_names: &str, _warnings: &mut Vec<String>) -> Result<Option<String>, SettingsError> {
    Ok(None)
}
