//! A worker that was built without TLS refuses to listen with it, and to ask others that do.

use tokio::net::TcpStream;
use watertight_worker::entities::ConfigMap;
use watertight_worker::tls::SettingsError;

/// There is none.
#[derive(Debug, Clone)]
pub struct ServerTls(std::convert::Infallible);

impl ServerTls {
    /// Always refuses.
    ///
    /// # Errors
    /// Always.
    pub fn from_properties(_properties: &ConfigMap, _prefix: &str) -> Result<Self, SettingsError> {
        Err(SettingsError::Refused {
            key: "listeners".to_owned(),
            reason: "this worker was built without TLS; listen on http, or build it with the cargo feature `tls`"
                .to_owned(),
        })
    }

    pub(crate) async fn accept(&self, _stream: TcpStream) -> Result<TcpStream, String> {
        match self.0 {}
    }
}

/// There is none either.
pub(crate) struct ClientTls(std::convert::Infallible);

/// Never encrypted.
pub(crate) type Stream = TcpStream;

impl ClientTls {
    pub(crate) fn from_properties(_properties: &ConfigMap) -> Result<Self, SettingsError> {
        Err(SettingsError::Refused {
            key: "listeners".to_owned(),
            reason:
                "the other worker listens on https, and this worker was built without TLS; build it with the cargo \
                     feature `tls`"
                    .to_owned(),
        })
    }

    pub(crate) async fn connect(&self, _host: &str, _stream: TcpStream) -> Result<Stream, String> {
        match self.0 {}
    }
}
