//! The schema registry and the lake house, which this broker does not have.
//!
//! Both are optional at run time and never set, so the types here have no values: the compiler knows
//! that the engine's code for them cannot run, and two hundred crates need not be built for it.

use nisshi_sans_io::ErrorCode;
use nisshi_sans_io::record::inflated::Batch;
use url::Url;

pub mod lake;

/// What the absent parts could have answered.
#[derive(Clone, Debug)]
pub enum Error {
    /// An error that has a code in the protocol.
    Api(ErrorCode),
}

/// A schema registry; there is none.
#[derive(Clone, Copy, Debug)]
pub enum Registry {}

impl Registry {
    /// Would compare records with the topic's schema.
    ///
    /// # Errors
    ///
    /// Never, as it is never called.
    pub async fn validate(&self, _topic: &str, _batch: &Batch) -> Result<(), Error> {
        match *self {}
    }
}

/// The address without its password, for log lines.
#[must_use]
pub fn redact_url(url: &Url) -> Url {
    let mut shown = url.clone();
    if shown.password().is_some() {
        // Fails only for addresses that cannot have one.
        _ = shown.set_password(None);
    }
    shown
}
