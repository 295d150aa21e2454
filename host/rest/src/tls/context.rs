//! What both sides of a connection set up alike.

use openssl::error::ErrorStack;
use openssl::ssl::{SslContextBuilder, SslVersion};
use watertight_worker::tls::SettingsError;

use super::names::{Suites, Version, Versions};
use super::settings::TlsSettings;

/// Versions and cipher suites.
pub(super) fn speak(builder: &mut SslContextBuilder, settings: &TlsSettings) -> Result<(), SettingsError> {
    let unusable = |key: &str, error: &ErrorStack| unusable(&settings.prefix, key, error);
    versions(builder, settings.versions).map_err(|error| unusable("ssl.enabled.protocols", &error))?;
    if let Some(suites) = &settings.suites {
        choose(builder, suites).map_err(|error| unusable("ssl.cipher.suites", &error))?;
    }
    Ok(())
}

fn versions(builder: &mut SslContextBuilder, versions: Versions) -> Result<(), ErrorStack> {
    let own = |version: Version| match version {
        Version::Tls12 => SslVersion::TLS1_2,
        Version::Tls13 => SslVersion::TLS1_3,
    };
    builder.set_min_proto_version(Some(own(versions.oldest)))?;
    builder.set_max_proto_version(Some(own(versions.newest)))
}

fn choose(builder: &mut SslContextBuilder, suites: &Suites) -> Result<(), ErrorStack> {
    if !suites.older.is_empty() {
        builder.set_cipher_list(&suites.older.join(":"))?;
    }
    if !suites.newer.is_empty() {
        builder.set_ciphersuites(&suites.newer.join(":"))?;
    }
    Ok(())
}

/// The value is hidden, for it may be a key.
pub(super) fn unusable(prefix: &str, key: &str, error: &ErrorStack) -> SettingsError {
    SettingsError::Invalid { key: format!("{prefix}{key}"), value: "[hidden]".to_owned(), reason: first(error) }
}

pub(super) fn first(stack: &ErrorStack) -> String {
    stack.errors().first().and_then(|error| error.reason()).map_or_else(|| stack.to_string(), str::to_owned)
}
