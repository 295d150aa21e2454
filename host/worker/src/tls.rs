//! What REST needs of TLS, on either side of a connection. The stores that Java's keys name are opened where Kafka's clients are made; REST has
//! the same keys and the same stores, and reaches them through here.

pub use watertight_kafka::settings::SettingsError;
pub use watertight_kafka::settings::stores::{Pem, open};
#[cfg(any(feature = "tls", feature = "system-tls"))]
pub use watertight_kafka::tls_stream::{TlsStream, show};
