//! HTTPS: Kafka's `ssl.` settings of a listener, enforced by the OpenSSL that Kafka's clients use.
//!
//! As in Kafka, a listener's settings are those with the prefix `listeners.https.`; if there is not one of them, the
//! worker's own `ssl.` settings count. Never a mixture.

#[cfg(any(feature = "tls", feature = "system-tls"))]
mod acceptor;
#[cfg(any(feature = "tls", feature = "system-tls"))]
mod connector;
#[cfg(any(feature = "tls", feature = "system-tls"))]
mod context;
#[cfg(any(feature = "tls", feature = "system-tls"))]
mod names;
#[cfg(not(any(feature = "tls", feature = "system-tls")))]
mod none;
#[cfg(any(feature = "tls", feature = "system-tls"))]
mod settings;

#[cfg(any(feature = "tls", feature = "system-tls"))]
pub use acceptor::ServerTls;
#[cfg(any(feature = "tls", feature = "system-tls"))]
pub(crate) use connector::{ClientTls, Stream};
#[cfg(not(any(feature = "tls", feature = "system-tls")))]
pub use none::ServerTls;
#[cfg(not(any(feature = "tls", feature = "system-tls")))]
pub(crate) use none::{ClientTls, Stream};

/// Prefix of the settings of `listeners`.
pub const LISTENERS: &str = "listeners.https.";
/// Prefix of the settings of `admin.listeners`.
pub const ADMIN_LISTENERS: &str = "admin.listeners.https.";
