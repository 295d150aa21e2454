//! TLS and SASL keys: what protects a connection, and who we are on it.
//!
//! Read once into [`Security`], which is then written in librdkafka's words for the data clients and used as it is
//! by the raw-protocol module. So both trust, show and say the same.

mod sasl;
mod tls;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::SettingsError;
use crate::oauth::OAuth;

pub(crate) use tls::Tls;

type Map = BTreeMap<String, String>;

/// Whether this binary can speak TLS at all.
pub(crate) const HAS_TLS: bool = cfg!(any(feature = "tls", feature = "system-tls"));

/// How a connection is protected and authenticated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Security {
    pub(crate) tls: Option<Tls>,
    pub(crate) sasl: Option<Sasl>,
}

/// Who we are. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Sasl {
    Plain { user: String, password: String },
    Scram { hash: Hash, user: String, password: String },
    OAuth(Arc<OAuth>),
}

/// The hash of a SCRAM mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha512,
}

impl std::fmt::Debug for Sasl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.mechanism())
    }
}

impl Sasl {
    /// The mechanism's name on the wire.
    pub(crate) fn mechanism(&self) -> &'static str {
        match self {
            Self::Plain { .. } => "PLAIN",
            Self::Scram { hash: Hash::Sha256, .. } => "SCRAM-SHA-256",
            Self::Scram { hash: Hash::Sha512, .. } => "SCRAM-SHA-512",
            Self::OAuth(_) => "OAUTHBEARER",
        }
    }
}

/// Keys that [`Security::read`] looks at.
pub(super) fn handles(key: &str) -> bool {
    key == "security.protocol" || tls::KEYS.contains(&key) || sasl::handles(key)
}

impl Security {
    /// Reads Java's keys. Opens the stores they name.
    pub(crate) fn read(java: &Map, warnings: &mut Vec<String>) -> Result<Self, SettingsError> {
        let protocol = java.get("security.protocol").filter(|value| !value.is_empty());
        let protocol = protocol.map_or("PLAINTEXT", String::as_str).to_ascii_uppercase();
        let (tls, sasl) = match protocol.as_str() {
            "PLAINTEXT" => (false, false),
            "SSL" => (true, false),
            "SASL_PLAINTEXT" => (false, true),
            "SASL_SSL" => (true, true),
            _ => {
                return Err(SettingsError::Invalid {
                    key: "security.protocol".to_owned(),
                    value: protocol,
                    reason: "must be one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL".to_owned(),
                });
            }
        };
        if tls && !HAS_TLS {
            return Err(refused(
                "security.protocol",
                "this binary was built without TLS; build it with the cargo feature `tls` or `system-tls`",
            ));
        }
        Ok(Self {
            tls: tls.then(|| tls::read(java, warnings)).transpose()?,
            sasl: sasl.then(|| sasl::read(java, warnings)).transpose()?,
        })
    }

    /// The same in librdkafka's words.
    pub(super) fn write(&self, out: &mut Map) {
        let protocol = match (&self.tls, &self.sasl) {
            (None, None) => "PLAINTEXT",
            (Some(_), None) => "SSL",
            (None, Some(_)) => "SASL_PLAINTEXT",
            (Some(_), Some(_)) => "SASL_SSL",
        };
        out.insert("security.protocol".to_owned(), protocol.to_owned());
        if let Some(tls) = &self.tls {
            tls.write(out);
        }
        if let Some(sasl) = &self.sasl {
            out.insert("sasl.mechanism".to_owned(), sasl.mechanism().to_owned());
            match sasl {
                Sasl::Plain { user, password } | Sasl::Scram { user, password, .. } => {
                    out.insert("sasl.username".to_owned(), user.clone());
                    out.insert("sasl.password".to_owned(), password.clone());
                }
                // Its tokens are handed over when the client asks for them.
                Sasl::OAuth(_) => {}
            }
        }
    }

    /// Where tokens come from, if they are used.
    pub(crate) fn oauth(&self) -> Option<&Arc<OAuth>> {
        match &self.sasl {
            Some(Sasl::OAuth(oauth)) => Some(oauth),
            Some(Sasl::Plain { .. } | Sasl::Scram { .. }) | None => None,
        }
    }
}

fn refused(key: &str, reason: impl Into<String>) -> SettingsError {
    SettingsError::Refused { key: key.to_owned(), reason: reason.into() }
}
