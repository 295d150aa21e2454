//! Settings of the raw-protocol module, which is the admin client.

use std::time::Duration;

use super::keys::{self, Java};
use super::security::Security;
use super::{SettingsError, bootstrap};

/// What an [`Admin`](crate::Admin) is made from.
#[derive(Debug, Clone)]
pub struct AdminSettings {
    /// Addresses to begin with.
    pub(crate) bootstrap: Vec<String>,
    pub(crate) client_id: String,
    /// `request.timeout.ms`: for one request.
    pub(crate) request: Duration,
    /// `default.api.timeout.ms`: for a call with all its attempts.
    pub(crate) call: Duration,
    /// `retries`
    pub(crate) retries: u32,
    /// `retry.backoff.ms`, which doubles up to `retry.backoff.max.ms`.
    pub(crate) backoff: (Duration, Duration),
    /// `connections.max.idle.ms`; none for never.
    pub(crate) idle: Option<Duration>,
    pub(crate) security: Security,
    warnings: Vec<String>,
}

/// Reads Java's admin keys. `client_id` is used unless the user set `client.id`. Opens the stores they name.
///
/// # Errors
/// A key that is refused or a value that is no good; the error names the key.
pub fn admin_settings<K: AsRef<str>, V: AsRef<str>>(
    base: impl IntoIterator<Item = (K, V)>,
    client_id: &str,
) -> Result<AdminSettings, SettingsError> {
    let java = keys::java(base);
    let mut warnings = Vec::new();
    keys::admin_warnings(&java, &mut warnings)?;
    let servers = java.get("bootstrap.servers").ok_or(SettingsError::Missing("bootstrap.servers"))?;
    let millis = |key: &str, default: u64| millis(&java, key, default);
    let first = millis("retry.backoff.ms", 100)?;
    let idle = number(&java, "connections.max.idle.ms", i64::MIN, 300_000)?;
    let retries = number(&java, "retries", 0, i64::from(i32::MAX))?;
    let client_id = java.get("client.id").filter(|id| !id.is_empty()).map_or(client_id, String::as_str);
    Ok(AdminSettings {
        bootstrap: bootstrap(servers)?.split(',').map(str::to_owned).collect(),
        client_id: client_id.to_owned(),
        request: millis("request.timeout.ms", 30_000)?,
        call: millis("default.api.timeout.ms", 60_000)?,
        retries: u32::try_from(retries).unwrap_or(u32::MAX),
        backoff: (first, millis("retry.backoff.max.ms", 1_000)?.max(first)),
        idle: u64::try_from(idle).ok().map(Duration::from_millis),
        security: Security::read(&java, &mut warnings)?,
        warnings,
    })
}

impl AdminSettings {
    /// One line per key that was left out, or that means something else here.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The same with other limits for one request and for a call with all its attempts.
    #[must_use]
    pub fn with_timeouts(mut self, request: Duration, call: Duration) -> Self {
        self.request = request;
        self.call = call;
        self
    }
}

fn number(java: &Java, key: &str, least: i64, default: i64) -> Result<i64, SettingsError> {
    java.get(key).map_or(Ok(default), |value| keys::number(key, value, least, i64::MAX))
}

fn millis(java: &Java, key: &str, default: u64) -> Result<Duration, SettingsError> {
    let default = i64::try_from(default).unwrap_or(i64::MAX);
    let millis = number(java, key, 0, default)?.min(i64::from(i32::MAX));
    Ok(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
}
