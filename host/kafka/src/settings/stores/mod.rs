//! Trust and key stores, read into memory as PEM.
//!
//! Users bring what Java reads: JKS, PKCS#12 and PEM, as files or inline. Everything that speaks TLS here reads
//! PEM. So the stores are opened in this process and handed on as text; a private key never touches the disk, and
//! no password goes further than this module.
//!
//! A file's type is seen from its content, as Java has done since version 9: most files called `.jks` are PKCS#12.
//! The declared type only tells PEM from the two others.

mod jks;
mod pem;
mod pkcs12;

use std::path::Path;

use super::SettingsError;

/// What a trust store and a key store hold, as PEM. No part of it is encrypted any more.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Pem {
    /// Certificates to trust; none where no trust store was named, which means the system's.
    pub ca: Option<String>,
    /// The certificate to show, followed by those that vouch for it.
    pub chain: Option<String>,
    /// Its private key.
    pub key: Option<String>,
}

impl std::fmt::Debug for Pem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pem")
            .field("ca", &self.ca.is_some())
            .field("chain", &self.chain.is_some())
            .field("key", &self.key.as_ref().map(|_| "[hidden]"))
            .finish()
    }
}

/// A private key with its certificates, or certificates alone: an entry of a store.
enum Entry {
    /// PKCS#8, and the chain with the key's own certificate first.
    Key { key: Vec<u8>, chain: Vec<Vec<u8>> },
    /// A certificate to trust.
    Trusted(Vec<u8>),
}

/// Why a store could not be read, without its name and without any secret.
#[derive(Debug, PartialEq, Eq)]
enum Trouble {
    /// The store's password is wrong.
    Password,
    /// There is no password and the store cannot be read without.
    NoPassword,
    /// The password of the private key is wrong.
    KeyPassword,
    /// The content is no good.
    Content(String),
}

/// One of the two stores: which keys describe it.
struct Names {
    prefix: String,
    which: &'static str,
}

impl Names {
    fn key(&self, part: &str) -> String {
        format!("{}ssl.{}.{part}", self.prefix, self.which)
    }

    fn invalid(&self, part: &str, value: &str, reason: impl Into<String>) -> SettingsError {
        SettingsError::Invalid { key: self.key(part), value: value.to_owned(), reason: reason.into() }
    }

    /// The error that names the key which mends it.
    fn failed(&self, trouble: Trouble, path: &str, kind: &str) -> SettingsError {
        let failed = format!("Failed to load SSL keystore {path} of type {kind}");
        match trouble {
            Trouble::Password => self.invalid("password", HIDDEN, format!("{failed}: keystore password was incorrect")),
            Trouble::NoPassword => {
                self.invalid("password", "null", format!("{failed}: its content is encrypted, and no password is set"))
            }
            Trouble::KeyPassword => SettingsError::Invalid {
                key: format!("{}ssl.key.password", self.prefix),
                value: HIDDEN.to_owned(),
                reason: format!("{failed}: the password of its private key is incorrect"),
            },
            Trouble::Content(reason) => self.invalid("location", path, format!("{failed}: {reason}")),
        }
    }
}

const HIDDEN: &str = "[hidden]";
const PEM: &str = "PEM";

/// Opens the trust store and the key store that Java's keys name: `PREFIXssl.truststore.location` and so on, where
/// the prefix is empty for Kafka clients. Stores that are not named are left out.
///
/// # Errors
/// A file that cannot be read, a wrong password, a wrong type, keys that contradict each other: the error names the
/// key, and never shows a password.
pub fn open<'a>(get: impl Fn(&str) -> Option<&'a str>, prefix: &str) -> Result<Pem, SettingsError> {
    let get = |key: &str| get(key).map(str::trim).filter(|value| !value.is_empty());
    let ca = trust_store(&get, &Names { prefix: prefix.to_owned(), which: "truststore" })?;
    let (chain, key) = key_store(&get, &Names { prefix: prefix.to_owned(), which: "keystore" })?.unzip();
    Ok(Pem { ca, chain, key })
}

fn trust_store<'a>(get: &impl Fn(&str) -> Option<&'a str>, names: &Names) -> Result<Option<String>, SettingsError> {
    let kind = get(&names.key("type")).unwrap_or("JKS");
    let (location, password) = (get(&names.key("location")), get(&names.key("password")));
    if let Some(text) = get(&names.key("certificates")) {
        inline_is_pem(names, kind, "SSL trust store certificates")?;
        if location.is_some() {
            let reason = "Both SSL trust store location and separate trust certificates are specified.";
            return Err(names.invalid("location", location.unwrap_or_default(), reason));
        }
        no_password(names, password, "SSL trust store password cannot be specified for PEM format.")?;
        let found = pem::certificates(text).map_err(|reason| names.invalid("certificates", HIDDEN, reason))?;
        return Ok(Some(pem::encode("CERTIFICATE", &found)));
    }
    let Some(location) = location else {
        no_password(names, password, "SSL trust store is not specified, but trust store password is specified.")?;
        return Ok(None);
    };
    let bytes = read(names, location)?;
    let found = if kind.eq_ignore_ascii_case(PEM) {
        no_password(names, password, "SSL trust store password cannot be specified for PEM format.")?;
        pem::file(&bytes)
            .and_then(pem::certificates)
            .map_err(|reason| names.failed(Trouble::Content(reason), location, kind))?
    } else {
        // As Java: certificates marked as trusted, and each key's own certificate.
        entries(names, kind, location, &bytes, password, None)?
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::Key { chain, .. } => chain.into_iter().next(),
                Entry::Trusted(certificate) => Some(certificate),
            })
            .collect()
    };
    if found.is_empty() {
        let reason = "the store holds no certificates to trust".to_owned();
        return Err(names.failed(Trouble::Content(reason), location, kind));
    }
    Ok(Some(pem::encode("CERTIFICATE", &found)))
}

/// The chain and the key.
fn key_store<'a>(
    get: &impl Fn(&str) -> Option<&'a str>,
    names: &Names,
) -> Result<Option<(String, String)>, SettingsError> {
    let kind = get(&names.key("type")).unwrap_or("JKS");
    let (location, password) = (get(&names.key("location")), get(&names.key("password")));
    let key_password = get(&format!("{}ssl.key.password", names.prefix));
    const NO_PASSWORD: &str =
        "SSL key store password cannot be specified with PEM format, only key password may be specified.";
    match (get(&names.key("key")), get(&names.key("certificate.chain"))) {
        (Some(key), Some(chain)) => {
            inline_is_pem(names, kind, "SSL private key")?;
            if location.is_some() {
                let reason = "Both SSL key store location and separate private key are specified.";
                return Err(names.invalid("location", location.unwrap_or_default(), reason));
            }
            no_password(names, password, NO_PASSWORD)?;
            let chain =
                pem::certificates(chain).map_err(|reason| names.invalid("certificate.chain", HIDDEN, reason))?;
            let key = pem::private_key(key, key_password).map_err(|trouble| match trouble {
                Trouble::Content(reason) => names.invalid("key", HIDDEN, reason),
                other => names.failed(other, "in ssl.keystore.key", kind),
            })?;
            return Ok(Some((pem::encode("CERTIFICATE", &chain), key)));
        }
        (Some(_), None) => {
            let reason = "SSL private key is specified, but certificate chain is not specified.";
            return Err(names.invalid("certificate.chain", "null", reason));
        }
        (None, Some(_)) => {
            let reason = "SSL certificate chain is specified, but private key is not specified";
            return Err(names.invalid("key", "null", reason));
        }
        (None, None) => {}
    }
    let Some(location) = location else {
        no_password(names, password, "SSL key store is not specified, but key store password is specified.")?;
        return Ok(None);
    };
    let bytes = read(names, location)?;
    if kind.eq_ignore_ascii_case(PEM) {
        no_password(names, password, NO_PASSWORD)?;
        let failed = |trouble| names.failed(trouble, location, kind);
        let text = pem::file(&bytes).map_err(|reason| failed(Trouble::Content(reason)))?;
        let chain = pem::certificates(text).map_err(|reason| failed(Trouble::Content(reason)))?;
        let key = pem::private_key(text, key_password).map_err(failed)?;
        return Ok(Some((pem::encode("CERTIFICATE", &chain), key)));
    }
    let Some(password) = password else {
        let reason = "SSL key store is specified, but key store password is not specified.";
        return Err(names.invalid("password", "null", reason));
    };
    let found = entries(names, kind, location, &bytes, Some(password), Some(key_password.unwrap_or(password)))?;
    for entry in found {
        if let Entry::Key { key, chain } = entry {
            return Ok(Some((pem::encode("CERTIFICATE", &chain), pem::encode("PRIVATE KEY", &[key]))));
        }
    }
    Err(names.failed(Trouble::Content("the store holds no private key".to_owned()), location, kind))
}

fn read(names: &Names, location: &str) -> Result<Vec<u8>, SettingsError> {
    std::fs::read(Path::new(location))
        .map_err(|error| names.invalid("location", location, format!("the file cannot be read: {error}")))
}

fn no_password(names: &Names, password: Option<&str>, reason: &str) -> Result<(), SettingsError> {
    password.map_or(Ok(()), |_| Err(names.invalid("password", HIDDEN, reason)))
}

fn inline_is_pem(names: &Names, kind: &str, what: &str) -> Result<(), SettingsError> {
    if kind.eq_ignore_ascii_case(PEM) {
        return Ok(());
    }
    let reason = format!("{what} can be specified only for PEM; set {}=PEM", names.key("type"));
    Err(names.invalid("type", kind, reason))
}

/// Reads JKS or PKCS#12, whichever it is. Private keys are opened only where a password for them is given.
fn entries(
    names: &Names,
    kind: &str,
    location: &str,
    bytes: &[u8],
    password: Option<&str>,
    key_password: Option<&str>,
) -> Result<Vec<Entry>, SettingsError> {
    if !kind.eq_ignore_ascii_case("JKS") && !kind.eq_ignore_ascii_case("PKCS12") {
        return Err(names.invalid("type", kind, "must be one of JKS, PKCS12, PEM"));
    }
    let found = if bytes.starts_with(&jks::MAGIC) {
        jks::read(bytes, password, key_password)
    } else if bytes.first() == Some(&0x30) {
        pkcs12::read(bytes, password)
    } else if bytes.starts_with(&jks::JCEKS_MAGIC) {
        Err(Trouble::Content("it is a JCEKS store; convert it with keytool -importkeystore to PKCS12".to_owned()))
    } else if pem::file(bytes).is_ok_and(|text| text.contains("-----BEGIN")) {
        Err(Trouble::Content(format!("it is PEM text; set {}=PEM", names.key("type"))))
    } else {
        Err(Trouble::Content("it is neither JKS nor PKCS#12".to_owned()))
    };
    found.map_err(|trouble| names.failed(trouble, location, kind))
}

#[cfg(test)]
mod tests;
