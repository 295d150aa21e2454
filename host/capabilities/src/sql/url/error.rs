//! What cannot be connected to, by the setting at fault.

/// A URL or property that cannot be used. Its text is fit for logs: it shows no part of a URL but the names of
/// parameters, and no value of a secret.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

impl SettingsError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}
