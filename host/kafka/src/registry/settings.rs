//! `schema.registry.url` and everything that belongs to it.

use std::time::Duration;

use percent_encoding::percent_decode_str;

use super::auth::Credentials;
use crate::settings::SettingsError;
use crate::settings::stores::{self, Pem};

/// Where the registries are and how they are asked. Not `Debug`: it holds credentials.
#[derive(Clone, PartialEq)]
pub struct RegistrySettings {
    /// Without user information, without a slash at the end.
    pub(super) urls: Vec<String>,
    pub(super) credentials: Credentials,
    pub(super) stores: Pem,
    pub(super) proxy: Option<(String, u16)>,
    pub(super) retries: u32,
    pub(super) wait: Duration,
    pub(super) longest_wait: Duration,
    pub(super) connect: Duration,
    pub(super) read: Duration,
    pub(super) cache_size: usize,
}

const URL: &str = "schema.registry.url";

impl RegistrySettings {
    /// From a converter's settings, prefix removed. Reads the files of trust and key stores.
    ///
    /// # Errors
    /// When the address is missing or something cannot be used; the error names the key and shows no secret.
    pub fn parse<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, SettingsError> {
        let get = |key: &str| get(key).map(str::trim).filter(|value| !value.is_empty());
        let listed = get(URL).ok_or(SettingsError::Missing(URL))?;
        let mut urls = Vec::new();
        let mut user_info = None;
        for url in listed.split(',').map(str::trim).filter(|url| !url.is_empty()) {
            let (bare, user) = split_user_info(url)?;
            urls.push(bare);
            user_info = user_info.or(user);
        }
        if urls.is_empty() {
            return Err(SettingsError::Missing(URL));
        }
        let connect = number(&get, "http.connect.timeout.ms", 60_000)?;
        let read = number(&get, "http.read.timeout.ms", 60_000)?;
        Ok(Self {
            urls,
            credentials: Credentials::parse(&get, user_info)?,
            stores: stores::open(get, "schema.registry.")?,
            proxy: proxy(&get)?,
            retries: u32::try_from(number(&get, "max.retries", 3)?).unwrap_or(u32::MAX),
            wait: Duration::from_millis(number(&get, "retries.wait.ms", 1000)?),
            longest_wait: Duration::from_millis(number(&get, "retries.max.wait.ms", 20_000)?),
            connect: Duration::from_millis(connect),
            read: Duration::from_millis(read),
            cache_size: usize::try_from(number(&get, "max.schemas.per.subject", 1000)?).unwrap_or(usize::MAX),
        })
    }
}

/// A non-negative number.
pub(super) fn number<'a>(
    get: &impl Fn(&str) -> Option<&'a str>,
    key: &str,
    default: u64,
) -> Result<u64, SettingsError> {
    let Some(text) = get(key) else {
        return Ok(default);
    };
    let invalid = |reason: &str| SettingsError::Invalid {
        key: key.to_owned(),
        value: text.to_owned(),
        reason: reason.to_owned(),
    };
    match text.parse::<i32>() {
        Ok(number) => u64::try_from(number).map_err(|_| invalid("Value must be at least 0")),
        Err(_) => Err(invalid("Not a number of type INT")),
    }
}

fn proxy<'a>(get: &impl Fn(&str) -> Option<&'a str>) -> Result<Option<(String, u16)>, SettingsError> {
    let host = get("proxy.host");
    let port = number(get, "proxy.port", 0)?;
    match (host, port) {
        (None, _) => Ok(None),
        (Some(host), 1..=65535) => Ok(Some((host.to_owned(), port as u16))),
        (Some(_), port) => Err(SettingsError::Invalid {
            key: "proxy.port".to_owned(),
            value: port.to_string(),
            reason: "a proxy.host needs a port".to_owned(),
        }),
    }
}

/// The address without `user:password@`, and those.
fn split_user_info(url: &str) -> Result<(String, Option<(String, String)>), SettingsError> {
    let invalid = |reason: &str| {
        let shown = url.rsplit_once('@').map_or(url, |(_, rest)| rest);
        SettingsError::Invalid { key: URL.to_owned(), value: shown.to_owned(), reason: reason.to_owned() }
    };
    let (scheme, rest) = url.split_once("://").ok_or_else(|| invalid("must begin with http:// or https://"))?;
    if scheme != "http" && scheme != "https" {
        return Err(invalid("must begin with http:// or https://"));
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    if host.is_empty() {
        return Err(invalid("has no host"));
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = user.map(|user| {
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        (decoded(name), decoded(password))
    });
    let path = path.trim_end_matches('/');
    let slash = if path.is_empty() { "" } else { "/" };
    Ok((format!("{scheme}://{host}{slash}{path}"), user))
}
