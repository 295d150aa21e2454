//! `sasl.` keys.

use std::sync::Arc;

use super::super::{SettingsError, jaas};
use super::{HAS_TLS, Hash, Map, Sasl, refused};
use crate::oauth::OAuth;

const KEYS: &[&str] = &["sasl.mechanism", "sasl.jaas.config", "sasl.login.class", "sasl.login.callback.handler.class"];

pub(super) fn handles(key: &str) -> bool {
    KEYS.contains(&key)
        || key == "java.security.auth.login.config"
        || key.starts_with("sasl.kerberos.")
        || key.starts_with("sasl.login.")
        || key.starts_with("sasl.oauthbearer.")
}

const MECHANISMS: &str = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER";

pub(super) fn read(java: &Map, warnings: &mut Vec<String>) -> Result<Sasl, SettingsError> {
    let given = java.get("sasl.mechanism").filter(|value| !value.is_empty());
    let mechanism = given.map_or("GSSAPI", String::as_str).to_ascii_uppercase();
    let hash = match mechanism.as_str() {
        "PLAIN" | "OAUTHBEARER" => None,
        "SCRAM-SHA-256" => Some(Hash::Sha256),
        "SCRAM-SHA-512" => Some(Hash::Sha512),
        "GSSAPI" => {
            let default = if given.is_none() { " (the default of sasl.mechanism)" } else { "" };
            return Err(refused(
                "sasl.mechanism",
                format!("GSSAPI{default}, which is Kerberos, is not available; use {MECHANISMS}"),
            ));
        }
        other => return Err(refused("sasl.mechanism", format!("{other} is not available; use {MECHANISMS}"))),
    };
    if mechanism != "PLAIN" && !HAS_TLS {
        return Err(refused(
            "sasl.mechanism",
            format!("{mechanism} needs a binary built with the cargo feature `tls` or `system-tls`"),
        ));
    }
    if java.get("java.security.auth.login.config").is_some_and(|value| !value.is_empty()) {
        let reason = "JAAS files are not read; give their entry in sasl.jaas.config";
        return Err(refused("java.security.auth.login.config", reason));
    }
    let oauth = mechanism == "OAUTHBEARER";
    for key in ["sasl.login.callback.handler.class", "sasl.login.class"] {
        if !(oauth && key == "sasl.login.callback.handler.class") && java.get(key).is_some_and(|v| !v.is_empty()) {
            return Err(refused(key, "it needs a JVM; give the credentials in sasl.jaas.config"));
        }
    }
    let Some(text) = java.get("sasl.jaas.config").filter(|text| !text.is_empty()) else {
        return Err(SettingsError::Missing("sasl.jaas.config"));
    };
    let invalid = |reason: String| SettingsError::Invalid {
        key: "sasl.jaas.config".to_owned(),
        value: "[hidden]".to_owned(),
        reason,
    };
    let entry = jaas::parse(text).map_err(invalid)?;
    let (wanted, module) = match entry.module.rsplit('.').next().unwrap_or_default() {
        "PlainLoginModule" => ("PLAIN", "PlainLoginModule"),
        "ScramLoginModule" => ("SCRAM", "ScramLoginModule"),
        "OAuthBearerLoginModule" => ("OAUTHBEARER", "OAuthBearerLoginModule"),
        "Krb5LoginModule" => {
            let reason = format!("Krb5LoginModule, which is Kerberos, is not available; use {MECHANISMS}");
            return Err(refused("sasl.jaas.config", reason));
        }
        other => {
            let reason = format!(
                "the login module {other} is not available; use PlainLoginModule, ScramLoginModule or OAuthBearerLoginModule"
            );
            return Err(refused("sasl.jaas.config", reason));
        }
    };
    if !mechanism.starts_with(wanted) {
        return Err(invalid(format!("{module} does not go with sasl.mechanism={mechanism}")));
    }
    if oauth {
        return OAuth::read(java, &entry, warnings).map(|oauth| Sasl::OAuth(Arc::new(oauth)));
    }
    if entry.option("tokenauth").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err(refused("sasl.jaas.config", "delegation tokens are not available; use a user name and a password"));
    }
    let (Some(user), Some(password)) = (entry.option("username"), entry.option("password")) else {
        return Err(invalid("username and password are expected".to_owned()));
    };
    let (user, password) = (user.to_owned(), password.to_owned());
    Ok(match hash {
        None => Sasl::Plain { user, password },
        Some(hash) => Sasl::Scram { hash, user, password },
    })
}
