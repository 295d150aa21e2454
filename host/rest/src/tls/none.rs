//! A worker that was built without TLS refuses to listen with it.

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
