//! What the settings of TLS say, each value understood or refused.

use watertight_worker::entities::ConfigMap;
use watertight_worker::tls::{Pem, SettingsError, open};

use super::names::{Suites, Versions};

/// Whether a client must show who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientAuth {
    None,
    Requested,
    Required,
}

/// What a server's settings and a client's have in common.
#[derive(Debug)]
pub(super) struct TlsSettings {
    /// The prefix that they have: empty where the worker's own settings count.
    pub(super) prefix: String,
    /// Who we are, and whom to believe; where no trust store is named, whom the key store trusts.
    pub(super) pem: Pem,
    pub(super) versions: Versions,
    pub(super) suites: Option<Suites>,
}

/// An HTTPS listener's settings.
#[derive(Debug)]
pub(super) struct ServerSettings {
    pub(super) chain: String,
    pub(super) key: String,
    pub(super) ca: String,
    pub(super) client_auth: ClientAuth,
}

/// Settings that choose among implementations inside a JVM, with the only values that change nothing here.
const JVM: &[(&str, &[&str])] = &[
    ("ssl.provider", &[]),
    ("ssl.secure.random.implementation", &[]),
    ("ssl.keymanager.algorithm", &["SunX509", "PKIX", "NewSunX509"]),
    ("ssl.trustmanager.algorithm", &["PKIX", "SunX509"]),
];

impl TlsSettings {
    pub(super) fn read(properties: &ConfigMap, own_prefix: &str) -> Result<Self, SettingsError> {
        let prefix = if properties.keys().any(|key| key.starts_with(own_prefix)) { own_prefix } else { "" };
        let get = |key: &str| get(properties, prefix, key);
        for (key, harmless) in JVM {
            if let Some(value) = get(key).filter(|value| !harmless.contains(value)) {
                let reason = format!("{value} is a part of a JVM, and there is none here; remove the setting");
                return Err(SettingsError::Refused { key: format!("{prefix}{key}"), reason });
            }
        }
        let invalid = |key: &str, value: &str, reason: &str| invalid(prefix, key, value, reason);
        // The name of a set of rules in Java; what is spoken, the enabled protocols say.
        if let Some(other) = get("ssl.protocol").filter(|name| !["TLS", "TLSv1.2", "TLSv1.3"].contains(name)) {
            return Err(invalid("ssl.protocol", other, "must be one of TLS, TLSv1.2, TLSv1.3"));
        }
        let enabled = get("ssl.enabled.protocols").unwrap_or("TLSv1.2,TLSv1.3");
        let versions = Versions::read(enabled).map_err(|reason| invalid("ssl.enabled.protocols", enabled, &reason))?;
        let suites = get("ssl.cipher.suites")
            .map(|list| Suites::read(list).map_err(|reason| invalid("ssl.cipher.suites", list, &reason)))
            .transpose()?;
        let versions = match &suites {
            Some(suites) => suites
                .speak(versions)
                .map_err(|reason| invalid("ssl.cipher.suites", get("ssl.cipher.suites").unwrap_or_default(), reason))?,
            None => versions,
        };
        Ok(TlsSettings { prefix: prefix.to_owned(), pem: stores(properties, prefix)?, versions, suites })
    }

    /// What only a server is asked for.
    pub(super) fn of_server(&self, properties: &ConfigMap, own_prefix: &str) -> Result<ServerSettings, SettingsError> {
        let client_auth = match get(properties, &self.prefix, "ssl.client.auth") {
            None | Some("none") => ClientAuth::None,
            Some("requested") => ClientAuth::Requested,
            Some("required") => ClientAuth::Required,
            Some(other) => {
                let reason = "String must be one of: required, requested, none";
                return Err(invalid(&self.prefix, "ssl.client.auth", other, reason));
            }
        };
        let Pem { ca: Some(ca), chain: Some(chain), key: Some(key) } = self.pem.clone() else {
            let reason = format!(
                "an https listener needs a certificate with its key: name a key store (JKS, PKCS12 or PEM) with \
                 {own_prefix}ssl.keystore.location"
            );
            return Err(invalid(&self.prefix, "ssl.keystore.location", "null", &reason));
        };
        Ok(ServerSettings { chain, key, ca, client_auth })
    }

    /// What only a client is asked for: whether a server must have the name by which it was found.
    pub(super) fn verifies_name(&self, properties: &ConfigMap) -> Result<bool, SettingsError> {
        const KEY: &str = "ssl.endpoint.identification.algorithm";
        // An empty value has a meaning of its own.
        match properties.get(&format!("{}{KEY}", self.prefix)).map(|value| value.trim()) {
            None => Ok(true),
            Some(word) if word.eq_ignore_ascii_case("https") => Ok(true),
            Some("") => Ok(false),
            Some(other) => Err(invalid(&self.prefix, KEY, other, "must be https, or empty for not looking at names")),
        }
    }
}

fn get<'a>(properties: &'a ConfigMap, prefix: &str, key: &str) -> Option<&'a str> {
    properties.get(&format!("{prefix}{key}")).map(|value| value.trim()).filter(|value| !value.is_empty())
}

fn invalid(prefix: &str, key: &str, value: &str, reason: &str) -> SettingsError {
    SettingsError::Invalid { key: format!("{prefix}{key}"), value: value.to_owned(), reason: reason.to_owned() }
}

/// The stores. Without a trust store the key store is one too, as in Jetty.
fn stores(properties: &ConfigMap, prefix: &str) -> Result<Pem, SettingsError> {
    let plain = |key: &str| properties.get(key).map(String::as_str).filter(|value| !value.trim().is_empty());
    let pem = open(plain, prefix)?;
    if pem.ca.is_some() || pem.chain.is_none() {
        return Ok(pem);
    }
    let inline = format!("{prefix}ssl.keystore.certificate.chain");
    if let Some(chain) = plain(&inline) {
        return Ok(Pem { ca: Some(chain.to_owned()), ..pem });
    }
    let as_trust = format!("{prefix}ssl.truststore.");
    let as_key = format!("{prefix}ssl.keystore.");
    let one = open(
        |key| {
            if key.starts_with(&as_key) {
                return None;
            }
            plain(&key.replacen(&as_trust, &as_key, 1))
        },
        prefix,
    )?;
    Ok(Pem { ca: one.ca, ..pem })
}
