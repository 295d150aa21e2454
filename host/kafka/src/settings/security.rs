//! TLS and SASL keys.
//!
//! librdkafka reads PEM; JKS is unknown to it, and PKCS#12 is good for the key store only. SASL
//! credentials come as one JAAS line in Java and as two keys here.

use std::collections::BTreeMap;

use super::{SettingsError, jaas};

type Map = BTreeMap<String, String>;

const KEYS: &[&str] = &[
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
    "sasl.jaas.config",
    "sasl.kerberos.service.name",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "java.security.auth.login.config",
];

pub(super) fn handles(key: &str) -> bool {
    KEYS.contains(&key)
        || key.starts_with("sasl.kerberos.")
        || key.starts_with("sasl.login.")
        || key.starts_with("sasl.oauthbearer.")
}

pub(super) fn translate(java: &Map, out: &mut Map, warnings: &mut Vec<String>) -> Result<(), SettingsError> {
    let protocol = java.get("security.protocol").map_or("PLAINTEXT", String::as_str);
    let protocol = protocol.to_ascii_uppercase();
    if !["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"].contains(&protocol.as_str()) {
        return Err(SettingsError::Invalid {
            key: "security.protocol".to_owned(),
            value: protocol,
            reason: "must be one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL".to_owned(),
        });
    }
    if protocol.contains("SSL") {
        tls(java, out, warnings)?;
    }
    if protocol.starts_with("SASL") {
        sasl(java, out)?;
    }
    Ok(())
}

fn refused(key: &str, reason: impl Into<String>) -> SettingsError {
    SettingsError::Refused { key: key.to_owned(), reason: reason.into() }
}

fn tls(java: &Map, out: &mut Map, warnings: &mut Vec<String>) -> Result<(), SettingsError> {
    if !cfg!(feature = "tls") {
        return Err(refused(
            "security.protocol",
            "this binary was built without TLS; build it with the cargo feature `tls`",
        ));
    }
    let get = |key: &str| java.get(key).map(String::as_str).filter(|v| !v.is_empty());
    if let Some(pem) = get("ssl.truststore.certificates") {
        out.insert("ssl.ca.pem".to_owned(), pem.to_owned());
    } else if let Some(path) = get("ssl.truststore.location") {
        pem_only("ssl.truststore.type", get("ssl.truststore.type"))?;
        out.insert("ssl.ca.location".to_owned(), path.to_owned());
    }
    if let (Some(chain), Some(key)) = (get("ssl.keystore.certificate.chain"), get("ssl.keystore.key")) {
        out.insert("ssl.certificate.pem".to_owned(), chain.to_owned());
        out.insert("ssl.key.pem".to_owned(), key.to_owned());
    } else if let Some(path) = get("ssl.keystore.location") {
        if get("ssl.keystore.type").is_some_and(|t| t.eq_ignore_ascii_case("PKCS12")) {
            out.insert("ssl.keystore.location".to_owned(), path.to_owned());
            if let Some(password) = get("ssl.keystore.password") {
                out.insert("ssl.keystore.password".to_owned(), password.to_owned());
            }
        } else {
            pem_only("ssl.keystore.type", get("ssl.keystore.type"))?;
            out.insert("ssl.certificate.location".to_owned(), path.to_owned());
            out.insert("ssl.key.location".to_owned(), path.to_owned());
        }
    }
    if let Some(password) = get("ssl.key.password") {
        out.insert("ssl.key.password".to_owned(), password.to_owned());
    }
    if let Some(algorithm) = java.get("ssl.endpoint.identification.algorithm") {
        let algorithm = if algorithm.is_empty() { "none" } else { algorithm.as_str() };
        out.insert("ssl.endpoint.identification.algorithm".to_owned(), algorithm.to_ascii_lowercase());
    }
    if get("ssl.cipher.suites").is_some() {
        warnings.push("ssl.cipher.suites is ignored: its names are Java's; OpenSSL's defaults are used".to_owned());
    }
    Ok(())
}

fn pem_only(key: &str, kind: Option<&str>) -> Result<(), SettingsError> {
    match kind {
        Some(kind) if kind.eq_ignore_ascii_case("PEM") => Ok(()),
        other => Err(refused(
            key,
            format!("{} stores cannot be read yet; convert the store to PEM and set {key}=PEM", other.unwrap_or("JKS")),
        )),
    }
}

fn sasl(java: &Map, out: &mut Map) -> Result<(), SettingsError> {
    let mechanism = java.get("sasl.mechanism").map_or("GSSAPI", String::as_str);
    match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" => {}
        other => {
            return Err(refused(
                "sasl.mechanism",
                format!("{other} is not available; use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"),
            ));
        }
    }
    for key in ["java.security.auth.login.config", "sasl.login.callback.handler.class", "sasl.login.class"] {
        if java.get(key).is_some_and(|v| !v.is_empty()) {
            return Err(refused(key, "it needs a JVM; give the credentials in sasl.jaas.config"));
        }
    }
    let Some(text) = java.get("sasl.jaas.config").filter(|t| !t.is_empty()) else {
        return Err(SettingsError::Missing("sasl.jaas.config"));
    };
    let entry = jaas::parse(text).map_err(|reason| SettingsError::Invalid {
        key: "sasl.jaas.config".to_owned(),
        value: "[hidden]".to_owned(),
        reason,
    })?;
    match entry.module.rsplit('.').next().unwrap_or_default() {
        "PlainLoginModule" | "ScramLoginModule" => {}
        other => {
            return Err(refused(
                "sasl.jaas.config",
                format!("{other} is not available; use PlainLoginModule or ScramLoginModule"),
            ));
        }
    }
    if entry.option("tokenauth").is_some_and(|v| v.eq_ignore_ascii_case("true")) {
        return Err(refused("sasl.jaas.config", "delegation tokens are not available; use a user name and a password"));
    }
    let (Some(user), Some(password)) = (entry.option("username"), entry.option("password")) else {
        return Err(SettingsError::Invalid {
            key: "sasl.jaas.config".to_owned(),
            value: "[hidden]".to_owned(),
            reason: "username and password are expected".to_owned(),
        });
    };
    out.insert("sasl.username".to_owned(), user.to_owned());
    out.insert("sasl.password".to_owned(), password.to_owned());
    Ok(())
}
